"""Topics and roles that a text being written may carry. They are suggested and never applied by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from app.accounts.models import Viewer
from app.kept import kept
from app.matching.encoding import encoding
from app.matching.found import in_full
from app.matching.queries import compared_with, nearest, ranked
from app.matching.standing import Standing, standing_of, visible_now
from app.matching.statistics import Statistics, current_statistics
from app.matching.texts import Query, candidates, draft_query
from app.search.queries import Key, Kind, SubjectText
from app.taxonomy.models import Role, Topic
from app.taxonomy.queries import all_roles, all_topics
from ml.encoders import Encoder
from ml.features import Text
from ml.statistics import CorpusStatistics
from ml.suggesting import Definition, Neighbour, suggested
from ml.words import terms

TOPICS, ROLES = 4, 3
MOST_TOPICS = 6
"""That an idea may carry."""
TAGGED_KINDS: tuple[Kind, ...] = ("idea", "nugget", "resource")
LOOKED_AT = 40
"""Of each kind, by meaning."""
NEIGHBOURS = 20
LANGUAGE = "en"
"""In which topics and roles are defined."""
KEPT_DEFINITIONS = 8


@dataclass(frozen=True)
class SuggestedTag:
    """A topic or role, and why."""

    id: str
    name: str
    reasons: Sequence[str]
    """Of `definition`, `carried` and `words`."""
    ideas: int
    """How many close ideas that the viewer may see carry it."""


@dataclass(frozen=True)
class SuggestedTags:
    topics: Sequence[SuggestedTag] = ()
    roles: Sequence[SuggestedTag] = ()

    def __bool__(self) -> bool:
        return bool(self.topics or self.roles)


def tags_for_draft(viewer: Viewer, draft: SubjectText) -> SuggestedTags:
    """For an idea that is being written; nothing while the encoder's weights are being loaded."""
    if draft.kind != "idea" or not encoding().is_warm:
        return SuggestedTags()
    found = tags_for(viewer, standing_of(viewer), draft_query(draft))
    room = max(0, MOST_TOPICS - len(draft.topics))
    return SuggestedTags(found.topics[:room], found.roles)


def tags_for(viewer: Viewer, standing: Standing, query: Query) -> SuggestedTags:
    """The topics and roles that a text may carry beside those it has."""
    readers = encoding().encoders.reading(LANGUAGE)
    encoder = next((each for each in readers if each.name in query.by_encoder), None)
    if encoder is None:
        return SuggestedTags()
    statistics = current_statistics(standing)
    own, near = statistics[encoder.name], _neighbours(viewer, standing, query, statistics)
    sentences = query.by_encoder[encoder.name].sentences
    spoken = own.sentences(in_full(sentences)) if len(sentences) else in_full(sentences)

    def best(tags: Sequence[Topic] | Sequence[Role], place: str, limit: int) -> list[SuggestedTag]:
        names = {tag.id: tag.name for tag in tags}
        found = suggested(
            spoken,
            query.text.terms,
            _defined(tags, encoder, own, standing),
            [Neighbour(evidence, getattr(text, place), is_idea) for evidence, text, is_idea in near],
            own,
            without=getattr(query.text, place),
            limit=limit,
        )
        return [SuggestedTag(each.tag, names[each.tag], each.reasons, each.ideas) for each in found]

    return SuggestedTags(best(all_topics(), "topics", TOPICS), best(all_roles(), "roles", ROLES))


def _neighbours(
    viewer: Viewer, standing: Standing, query: Query, statistics: Statistics
) -> list[tuple[float, Text, bool]]:
    """What the nearest visible ideas and course pieces share with the text, and whether they are ideas."""
    near = nearest(standing, query, kinds=TAGGED_KINDS, limit=LOOKED_AT)
    keys = visible_now(viewer, standing, {each.key for each in near} - {query.key})
    texts = candidates(standing, sorted(keys))
    compared = compared_with(query, texts, statistics, standing.weights)
    matches = [match for kind in TAGGED_KINDS for match in ranked(compared, texts, kind, limit=NEIGHBOURS, cut=False)]
    closest = sorted(matches, key=lambda match: (-match.evidence, str(match.key)))[:NEIGHBOURS]
    keyed = [(match.evidence, cast(Key, match.key)) for match in closest]
    return [(evidence, texts[key].text, key[0] == "idea") for evidence, key in keyed]


def _defined(
    tags: Sequence[Topic] | Sequence[Role], encoder: Encoder, statistics: CorpusStatistics, standing: Standing
) -> list[Definition]:
    """The tags as they are compared; kept while they read the same."""
    every: list[Topic | Role] = list(tags)
    told = {tag.id: ". ".join(filter(None, (tag.name, tag.definition, _synonyms(tag)))) for tag in every}
    kept_definitions = kept("definitions", most=KEPT_DEFINITIONS)
    wanted = (encoder.name, standing.statistics_at, tuple(told.items()))
    definitions: list[Definition] | None = kept_definitions.get(wanted)
    if definitions is None:
        vectors = statistics.sentences(encoding().encode_kept(encoder, list(told.values()))) if told else ()
        definitions = [
            Definition(tag.id, vector, frozenset(terms(f"{tag.name} {_synonyms(tag)}", LANGUAGE)))
            for tag, vector in zip(every, vectors, strict=True)
        ]
        kept_definitions.put(wanted, definitions)
    return definitions


def _synonyms(tag: Topic | Role) -> str:
    return ", ".join(tag.synonyms) if isinstance(tag, Topic) else ""
