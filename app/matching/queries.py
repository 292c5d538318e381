"""What goes with a text: one way for every page, panel and list."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, cast

from sqlalchemy import or_, select

from app.accounts.models import User, Viewer
from app.codes import LANGUAGES
from app.course.models import nugget_topic, resource_topic
from app.database import db, now
from app.feedback.forms import Place
from app.feedback.queries import Said, said_by
from app.forum.models import Post, post_role, post_topic
from app.forum.queries import is_visible
from app.kept import kept
from app.matching.encoding import encoding
from app.matching.found import Found, explained
from app.matching.standing import Standing, standing_of, visible_now, willing_people
from app.matching.statistics import Statistics, current_statistics
from app.matching.store import Near, Wanted, vector_store
from app.matching.texts import (
    NO_ENCODER,
    Candidate,
    Query,
    by_kind,
    candidates,
    compared_by,
    person_query,
    stored_query,
)
from app.questions.models import Question
from app.search.queries import FOUND_KINDS, Key, Kind
from app.search.store import full_text
from app.teams.queries import ideas_needing, needs_of
from ml.features import Text
from ml.ranking import Comparison, Match, Person, Side, compare_sides
from ml.weights import WeightSet

IDEAS, QUESTIONS, PEOPLE, RESOURCES = 5, 3, 3, 3
CANDIDATES = 60
"""Of each kind, from meaning and again from words, before ranking."""
NEWEST = 200
"""How many of the newest posts are ranked for a person."""
WORDS_ASKED = 12
TEXTS_READ = 2000
"""How many texts full text may weigh for one query."""
SPARE = 3
"""Ranked beyond what is shown, for viewers to whom one of the best is their own."""
MOST_PEOPLE = 500
"""Weighed for one query."""
EVIDENCE = 3
"""How many of a person's texts may show why they are suggested."""
KEPT_LISTS = 4000
STRENGTHS = ("close", "related", "worth a look")
TEXT_KINDS: tuple[Kind, ...] = ("idea", "question", "answer", "nugget", "resource", "person")


@dataclass(frozen=True)
class Matches:
    """What goes with one text. Empty lists mean that nothing is close enough."""

    ideas: Sequence[Found] = ()
    questions: Sequence[Found] = ()
    people: Sequence[Found] = ()
    resources: Sequence[Found] = ()
    is_basic: bool = False
    """Compared by words alone, because the encoder is not available."""
    is_catching_up: bool = False
    """The text has not been embedded yet."""
    unread_language: str | None = None
    """The language of the text, where no encoder reads it."""
    weights: str = ""
    """The name of those that put them in this order."""
    stamp: Hashable = None
    """Equal stamps mean equal matches, so that a page may keep how it shows them; None where nothing is kept."""

    def shown_to(
        self, viewer: Viewer, subject: Key, said: Said, *, most_ideas: int = IDEAS, most_questions: int = QUESTIONS
    ) -> Matches:
        """For this viewer: nothing of their own or that they do not want, and no more than a page shows."""

        def wanted(found: Sequence[Found], limit: int) -> list[Found]:
            return [each for each in found if not _is_unwanted(each, viewer, subject, said)][:limit]

        lists = (
            (self.ideas, most_ideas),
            (self.questions, most_questions),
            (self.people, PEOPLE),
            (self.resources, RESOURCES),
        )
        shown = [_in_place(wanted(found, limit), subject, said) for found, limit in lists]
        ideas, questions, people, resources = shown
        # Whoever is shown the first of everything, and said nothing of it, is shown the same as others.
        is_common = all(
            [found.row for found in each] == [found.row for found in some[:limit]]
            and not any(found.verdict for found in each)
            for each, (some, limit) in zip(shown, lists, strict=True)
        )
        whose = (viewer.is_signed_in, None if is_common else (viewer.id, said.mark()))
        stamp = (self.stamp, whose) if self.stamp else None
        return replace(self, ideas=ideas, questions=questions, people=people, resources=resources, stamp=stamp)

    @property
    def every(self) -> list[Found]:
        return [found for each in (self.ideas, self.people, self.resources, self.questions) for found in each]


@dataclass(frozen=True)
class ForYou:
    """What a person may want to see next."""

    ideas: Sequence[Found] = ()
    questions: Sequence[Found] = ()
    resources: Sequence[Found] = ()
    weights: str = ""
    """The name of those that put them in this order."""

    @property
    def every(self) -> list[Found]:
        return [*self.ideas, *self.questions, *self.resources]


def matches_of(viewer: Viewer, key: Key, standing: Standing | None = None) -> Matches:
    """What goes with a post, nugget or resource that the viewer may see; kept until something matchable changes."""
    kept_matches, standing = kept("matches", most=KEPT_LISTS), standing or standing_of(viewer)
    wanted = (key, standing)
    matches: Matches | None = kept_matches.get(wanted)
    if matches is None:
        around = look_around(viewer, standing, stored_query(standing, key))
        ideas = ranked(around.compared, around.texts, "idea", limit=IDEAS + SPARE)
        matches = replace(matches_in(around, ideas), stamp=wanted)
        kept_matches.put(wanted, matches)
    return matches.shown_to(viewer, key, said_to(standing, viewer))


def said_to(standing: Standing, viewer: Viewer) -> Said:
    return said_by(viewer) if standing.has_judged else Said()


def _is_unwanted(found: Found, viewer: Viewer, subject: Key, said: Said) -> bool:
    is_own = found.row.author is not None and found.row.author.id == viewer.id
    return is_own or said.hides(subject, found.row.key, found.language)


def _in_place(shown: Sequence[Found], subject: Key, said: Said) -> list[Found]:
    return [
        replace(
            found,
            place=Place(subject, found.row.key, rank, found.language),
            verdict=said.beside.get((subject, found.row.key)),
        )
        for rank, found in enumerate(shown, start=1)
    ]


def for_you(person: User) -> ForYou:
    """Ideas that need the person's roles, open questions in their fields, and what to read next."""
    standing = standing_of(person)
    query = person_query(standing, person)
    return ForYou(
        ideas=needing(person, _ranked_for(person, standing, query, ideas_needing_roles_of(person), limit=IDEAS)),
        questions=_ranked_for(person, standing, query, _open_questions_for(person), limit=IDEAS),
        resources=_ranked_for(person, standing, query, _course_pieces_for(person), limit=RESOURCES),
        weights=standing.weights.name,
    )


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What was compared with a text for one viewer, once for all lists."""

    viewer: Viewer
    standing: Standing
    query: Query
    texts: Mapping[Key, Candidate]
    statements: Mapping[Key, Candidate]
    """What the people say who may be named."""
    compared: Comparison
    statistics: Statistics


def look_around(viewer: Viewer, standing: Standing, query: Query) -> Surroundings:
    """Of what the viewer may see."""
    statistics = current_statistics(standing)
    texts = texts_beside(viewer, standing, query, statistics)
    statements = _statements(standing, query, texts)
    compared = compared_with(query, {**texts, **statements}, statistics, standing.weights)
    return Surroundings(viewer, standing, query, texts, statements, compared, statistics)


def matches_in(around: Surroundings, ideas: Sequence[Match]) -> Matches:
    """These ideas and the best of everything else, explained."""
    query, texts, compared = around.query, around.texts, around.compared
    questions = ranked(compared, texts, "question", limit=QUESTIONS + SPARE)
    pieces = ranked(compared, texts, "nugget", limit=RESOURCES) + ranked(compared, texts, "resource", limit=RESOURCES)
    resources = sorted(pieces, key=best_first)[:RESOURCES]
    people = _ranked_people(compared, texts, around.statements)
    lists = [sorted(each, key=_strongest_first) for each in (ideas, questions, list(people.values()), resources)]
    near_ideas, near_questions, near_people, near_resources = explained(
        around.viewer,
        around.standing,
        query,
        {**texts, **around.statements},
        lists=lists,
        written=nearest_texts(compared, texts, people),
        statistics=around.statistics,
    )
    return Matches(
        ideas=near_ideas,
        questions=near_questions,
        people=near_people,
        resources=near_resources,
        is_basic=encoding().is_basic,
        is_catching_up=not query.is_embedded,
        weights=around.standing.weights.name,
        unread_language=None if encoding().known.reading(query.text.language) else query.text.language,
    )


def texts_beside(
    viewer: Viewer, standing: Standing, query: Query, statistics: Statistics, *, limit: int = CANDIDATES
) -> dict[Key, Candidate]:
    """Texts near in meaning, and texts that share telling words, so many of each; of what the viewer may see."""
    near = nearest(standing, query, kinds=TEXT_KINDS, limit=limit)
    asked = _telling_words(query, statistics)
    hits = full_text().find(asked, kinds=FOUND_KINDS, groups=standing.groups, limit=limit)
    keys = {each.key for each in near} | {hit.key for hit in hits}
    return candidates(standing, visible_now(viewer, standing, keys - {query.key}))


def nearest(standing: Standing, query: Query, *, kinds: Sequence[Kind], limit: int) -> list[Near]:
    """Subjects of each kind that are near in meaning, those in each language by the encoder that compares them."""
    found = []
    for name, languages in _languages_by_encoder(query).items():
        wanted = Wanted(name, languages, kinds, standing.groups, limit, standing.last_passage)
        found += vector_store().nearest(query.by_encoder[name].vectors, wanted)
    return found


def _languages_by_encoder(query: Query) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for language in LANGUAGES:
        readers = (encoder.name for encoder in encoding().known.reading(language))
        if name := next((name for name in readers if name in query.by_encoder), None):
            chosen.setdefault(name, []).append(language)
    return chosen


def _telling_words(query: Query, statistics: Statistics) -> list[str]:
    """The rarest terms of a text, as it writes them, and no more than together stand in so many texts: a search for
    common words would be slow and tell nothing."""
    labels = query.labels
    words = statistics[NO_ENCODER]
    rarest = sorted(labels, key=lambda term: (-words.rarity(term), term))[:WORDS_ASKED]
    found_in = accumulate(words.document_frequency.get(term, 0) for term in rarest)
    return [
        labels[term] for term, texts in zip(rarest, found_in, strict=True) if texts <= TEXTS_READ or term == rarest[0]
    ]


def compared_with(
    query: Query, texts: Mapping[Key, Candidate], statistics: Statistics, weights: WeightSet
) -> Comparison:
    """Each text is compared by the first encoder that read it and the query; by words alone where none did."""
    by_encoder: dict[str, list[Text]] = {NO_ENCODER: []}
    for key in sorted(texts):
        name = compared_by(query, texts[key])
        by_encoder.setdefault(name, []).append(texts[key].by_encoder.get(name, texts[key].text))
    sides = [Side(query.by_encoder.get(name, query.text), some, statistics[name]) for name, some in by_encoder.items()]
    return compare_sides(sides, now=now(), weights=weights)


def ranked(
    compared: Comparison, texts: Mapping[Key, Candidate], kind: Kind, *, limit: int, cut: bool = True
) -> list[Match]:
    """Those of these texts, all of them compared, that are of a kind."""
    of_kind = [text for key, text in compared.by_key.items() if key in texts and key[0] == kind]
    return compared.among(of_kind).ranked(kind=weights_kind(kind), limit=limit, cut=cut)


def _ranked_people(
    compared: Comparison, texts: Mapping[Key, Candidate], statements: Mapping[Key, Candidate]
) -> dict[Key, Match]:
    """Willing people, best first, by what they say they know and by their near texts."""
    people = people_beside(compared, texts, statements)
    return {cast(Key, match.key): match for match in compared.ranked_people(people, limit=PEOPLE + SPARE)}


def people_beside(
    compared: Comparison, texts: Mapping[Key, Candidate], statements: Mapping[Key, Candidate]
) -> list[Person]:
    """Those who make these statements, as they are compared; all of it is among what was compared."""
    written = _written(compared, texts)
    return [
        Person(
            key=key,
            texts=written.get(key[1], []),
            statement=compared.by_key[key] if statement.text.terms else None,
            topics=statement.text.topics,
            roles=statement.text.roles,
        )
        for key, statement in sorted(statements.items())
    ]


def nearest_texts(
    compared: Comparison, texts: Mapping[Key, Candidate], people: Collection[Key]
) -> dict[Key, list[Key]]:
    """Which of their texts show best why these people are suggested."""
    written = _written(compared, texts)
    return {
        key: [cast(Key, text.key) for text in compared.most_on_subject(written.get(key[1], []))[:EVIDENCE]]
        for key in people
    }


def _written(compared: Comparison, texts: Mapping[Key, Candidate]) -> dict[int, list[Text]]:
    """Ideas and answers by their author: to ask is not to know."""
    written: dict[int, list[Text]] = {}
    for key in sorted(texts):
        if key[0] in ("idea", "answer") and (author := texts[key].author_id) is not None:
            written.setdefault(author, []).append(compared.by_key[key])
    return written


def _statements(standing: Standing, query: Query, texts: Mapping[Key, Candidate]) -> dict[Key, Candidate]:
    """What the people say who agreed to be asked and wrote one of these texts, were found, or name a topic."""
    authors = {candidate.author_id for candidate in texts.values() if candidate.author_id is not None}
    return candidates(standing, [("person", person_id) for person_id in _may_be_asked(standing, authors, query)])


def _may_be_asked(standing: Standing, people: Collection[int], query: Query) -> list[int]:
    """Of these people and those who name a topic of the query, the ones who agreed to be asked; never the author."""
    willing = willing_people(standing)
    asked = [person_id for person_id, topics in willing.items() if person_id in people or topics & query.text.topics]
    return sorted(person_id for person_id in asked if person_id != query.author_id)[:MOST_PEOPLE]


def _ranked_for(person: User, standing: Standing, query: Query, keys: Sequence[Key], *, limit: int) -> Sequence[Found]:
    texts, statistics = candidates(standing, keys), current_statistics(standing)
    compared = compared_with(query, texts, statistics, standing.weights)
    every = [match for kind in by_kind(keys) for match in ranked(compared, texts, kind, limit=len(texts), cut=False)]

    def readable_first(match: Match) -> tuple[bool, float, str]:
        return texts[cast(Key, match.key)].text.language not in person.languages, *best_first(match)

    said, subject = said_to(standing, person), ("person", person.id)
    wanted = [
        match
        for match in every
        if not said.hides(subject, cast(Key, match.key), texts[cast(Key, match.key)].text.language)
    ]
    chosen = sorted(wanted, key=readable_first)[:limit]
    (found,) = explained(person, standing, query, texts, lists=[chosen], written={}, statistics=statistics)
    return _in_place(found, subject, said)


def ideas_needing_roles_of(person: User) -> list[Key]:
    return _newest_posts(person, Post.kind == "idea", Post.id.in_(ideas_needing(person)))


def needing(person: User, ideas: Sequence[Found]) -> list[Found]:
    """The reasons name what these ideas lack by now of the person's roles, whether declared or called for."""
    needs, own = needs_of([found.row.id for found in ideas]), {role.id for role in person.roles}
    brings = [{need.role.id: need.role.name for need in needs[found.row.id] if need.role.id in own} for found in ideas]
    return [
        replace(found, reason=replace(found.reason, brings=some)) for found, some in zip(ideas, brings, strict=True)
    ]


def _open_questions_for(person: User) -> list[Key]:
    """Not closed, without an accepted answer, on one of the person's topics or put to one of their roles."""
    on_topic = select(post_topic.c.post_id).where(post_topic.c.topic_id.in_([topic.id for topic in person.topics]))
    to_role = select(post_role.c.post_id).where(post_role.c.role_id.in_([role.id for role in person.roles]))
    question = Question.__table__.c
    waiting = select(question.id).where(question.accepted_answer_id.is_(None), question.closed_at.is_(None))
    is_open = Post.id.in_(waiting)
    return _newest_posts(person, Post.kind == "question", is_open, or_(Post.id.in_(on_topic), Post.id.in_(to_role)))


def _newest_posts(person: User, *conditions: Any) -> list[Key]:
    found = select(Post.kind, Post.id).where(is_visible(person), Post.hidden_at.is_(None), Post.author_id != person.id)
    newest = found.where(*conditions).order_by(Post.published_at.desc(), Post.id.desc()).limit(NEWEST)
    return [(kind, post_id) for kind, post_id in db.session.execute(newest)]


def _course_pieces_for(person: User) -> list[Key]:
    topics = [topic.id for topic in person.topics]
    nuggets = select(nugget_topic.c.nugget_id).where(nugget_topic.c.topic_id.in_(topics)).distinct()
    resources = select(resource_topic.c.resource_id).where(resource_topic.c.topic_id.in_(topics)).distinct()
    pieces: list[Key] = [("nugget", nugget_id) for nugget_id in db.session.scalars(nuggets)]
    return pieces + [("resource", resource_id) for resource_id in db.session.scalars(resources)]


def weights_kind(kind: Kind) -> Any:
    """An answer is weighed like a question; a person, found by a search for their words, like a resource."""
    return {"answer": "question", "person": "resource"}.get(kind, kind)


def _strongest_first(match: Match) -> tuple[int, float, str]:
    """As a reader expects: no list says "worth a look" above "close"."""
    return STRENGTHS.index(match.strength), *best_first(match)


def best_first(match: Match) -> tuple[float, str]:
    return -match.score, str(match.key)
