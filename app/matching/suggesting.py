"""Topics and roles that a text being written may carry. They are suggested and never applied by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from app.forms import MOST_TOPICS
from app.kept import kept
from app.matching.encoding import encoding
from app.matching.found import in_full
from app.matching.queries import Surroundings, ranked
from app.matching.standing import Standing
from app.search.queries import Key, Kind, SubjectText
from app.taxonomy.models import Role, Topic
from app.taxonomy.queries import all_roles, all_topics
from ml.encoders import Encoder
from ml.features import Text
from ml.statistics import CorpusStatistics
from ml.suggesting import Definition, Neighbour, suggested
from ml.words import terms

TOPICS, ROLES = 4, 3
TAGGED_KINDS: tuple[Kind, ...] = ("idea", "nugget", "resource")
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


def tags_for_draft(around: Surroundings, draft: SubjectText) -> SuggestedTags:
    """For an idea that is being written; nothing while the encoder's weights are being loaded."""
    if draft.kind != "idea" or not encoding().is_warm:
        return SuggestedTags()
    found = tags_for(around)
    room = max(0, MOST_TOPICS - len(draft.topics))
    return SuggestedTags(found.topics[:room], found.roles)


def tags_for(around: Surroundings) -> SuggestedTags:
    """The topics and roles that a text may carry beside those it has."""
    query, readers = around.query, encoding().encoders.reading(LANGUAGE)
    encoder = next((each for each in readers if each.name in query.by_encoder), None)
    if encoder is None:
        return SuggestedTags()
    own, near = around.statistics[encoder.name], _neighbours(around)
    sentences = query.by_encoder[encoder.name].sentences
    spoken = own.sentences(in_full(sentences)) if len(sentences) else in_full(sentences)

    def best(tags: Sequence[Topic] | Sequence[Role], place: str, limit: int) -> list[SuggestedTag]:
        names = {tag.id: tag.name for tag in tags}
        found = suggested(
            spoken,
            query.text.terms,
            defined(tags, encoder, own, around.standing),
            [Neighbour(evidence, getattr(text, place), is_idea) for evidence, text, is_idea in near],
            own,
            without=getattr(query.text, place),
            limit=limit,
        )
        return [SuggestedTag(each.tag, names[each.tag], each.reasons, each.ideas) for each in found]

    return SuggestedTags(best(all_topics(), "topics", TOPICS), best(all_roles(), "roles", ROLES))


def _neighbours(around: Surroundings) -> list[tuple[float, Text, bool]]:
    """What the nearest visible ideas and course pieces share with the text, and whether they are ideas."""
    matches = [
        match
        for kind in TAGGED_KINDS
        for match in ranked(around.compared, around.texts, kind, limit=NEIGHBOURS, cut=False)
    ]
    closest = sorted(matches, key=lambda match: (-match.evidence, str(match.key)))[:NEIGHBOURS]
    keyed = [(match.evidence, cast(Key, match.key)) for match in closest]
    return [(evidence, around.texts[key].text, key[0] == "idea") for evidence, key in keyed]


def defined(
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
