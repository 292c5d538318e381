"""What goes with a text: one way for every page, panel and list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

from flask import current_app
from sqlalchemy import or_, select

from app.accounts.models import User, Viewer, user_topic
from app.accounts.queries import people_who_may_be_asked
from app.course.models import nugget_topic, resource_topic
from app.database import db, now
from app.forum.models import Post, post_needed_role, post_role, post_topic
from app.forum.queries import is_visible
from app.groups.models import Group
from app.groups.queries import visible_group_ids
from app.matching.encoding import encoding
from app.matching.models import IndexGeneration
from app.matching.store import vector_store
from app.matching.texts import (
    Candidate,
    Query,
    Quote,
    Sentences,
    by_kind,
    candidates,
    current_statistics,
    draft_query,
    person_query,
    sentences_of,
    stored_query,
)
from app.questions.models import Question
from app.search.queries import (
    FOUND_KINDS,
    Key,
    Kind,
    SearchFilters,
    SubjectRow,
    SubjectText,
    subject_rows,
    visible_keys,
)
from app.search.store import full_text
from ml.explaining import closest_sentences, shared_words
from ml.ranking import Match, Person, Text, rank_people, rank_texts
from ml.statistics import CorpusStatistics
from ml.words import stem_labels

IDEAS, QUESTIONS, PEOPLE, RESOURCES = 5, 3, 3, 3
CANDIDATES = 60
"""Of each kind, from meaning and again from words, before ranking."""
NEWEST = 200
"""How many of the newest posts are ranked for a person."""
WORDS_ASKED = 12
SPARE = 3
"""Ranked beyond what is shown, for viewers to whom one of the best is their own."""
EVIDENCE = 3
"""How many of a person's texts may show why they are suggested."""
KEPT_LISTS = 4000
STRENGTHS = ("close", "related", "worth a look")
RANK_DAMPING = 60
TEXT_KINDS: tuple[Kind, ...] = ("idea", "question", "answer", "nugget", "resource", "person")


@dataclass(frozen=True)
class Reason:
    """Why two texts match, in what a person can check."""

    mine: Quote | None = None
    theirs: Quote | None = None
    words: Sequence[str] = ()
    topics: Sequence[str] = ()
    brings: Mapping[str, str] = field(default_factory=dict)
    """Roles that one side needs and the other has: names by id."""
    is_same_country: bool = False


@dataclass(frozen=True)
class Found:
    """One match as a page shows it."""

    row: SubjectRow
    strength: str
    score: float
    parts: Mapping[str, float]
    reason: Reason


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
    stamp: Hashable = None
    """Equal stamps mean equal matches, so that a page may keep how it shows them; None where nothing is kept."""

    def without_own(self, viewer: Viewer) -> Matches:
        """For this viewer: nothing of their own, and no more than a page shows."""

        lists = (self.ideas, self.questions, self.people)
        has_own = any(found.row.author and found.row.author.id == viewer.id for each in lists for found in each)

        def others(found: Sequence[Found], limit: int) -> list[Found]:
            return [each for each in found if each.row.author is None or each.row.author.id != viewer.id][:limit]

        return replace(
            self,
            ideas=others(self.ideas, IDEAS),
            questions=others(self.questions, QUESTIONS),
            people=others(self.people, PEOPLE),
            stamp=(self.stamp, viewer.id if has_own else None) if self.stamp else None,
        )


@dataclass(frozen=True)
class ForYou:
    """What a person may want to see next."""

    ideas: Sequence[Found] = ()
    questions: Sequence[Found] = ()
    resources: Sequence[Found] = ()


def matches_of(viewer: Viewer, key: Key) -> Matches:
    """What goes with a post, nugget or resource that the viewer may see; kept until something matchable changes."""
    kept: dict[Any, Matches] = current_app.extensions.setdefault("kept_matches", {})
    generation, groups = _generation_and_groups(viewer)
    wanted = (key, generation, groups, viewer.is_moderator, encoding().name)
    if wanted not in kept:
        if len(kept) > KEPT_LISTS:
            kept.clear()
        kept[wanted] = replace(_find_matches(viewer, stored_query(key), groups), stamp=wanted)
    return kept[wanted].without_own(viewer)


def matches_for_draft(viewer: Viewer, draft: SubjectText) -> Matches:
    """What goes with a text that is being written. Nothing of it is kept."""
    _, groups = _generation_and_groups(viewer)
    return _find_matches(viewer, draft_query(draft), groups).without_own(viewer)


@dataclass(frozen=True)
class SearchResults:
    """One page of what a search found: by words or, above the cut, by meaning."""

    found: Sequence[Found]
    total: int
    counts: Mapping[Kind, int]
    """How many of each kind, whatever kind was chosen."""
    nearest: Sequence[Found]
    """What comes nearest in meaning, when nothing was found."""
    is_basic: bool


def search_everything(viewer: Viewer, asked: str, filters: SearchFilters, *, start: int, size: int) -> SearchResults:
    """Everything visible that shares words with what is asked or means nearly the same, best first."""
    query = draft_query(SubjectText("search", 0, title=asked, sections={"title": asked}))
    statistics, (_, groups) = current_statistics(), _generation_and_groups(viewer)
    words = _hits_by_words(query, groups)
    near = vector_store().nearest(
        query.text.vectors, encoder=encoding().name, kinds=FOUND_KINDS, groups=groups, limit=CANDIDATES
    )
    visible = candidates(visible_keys(viewer, {*words, *(each.key for each in near)}))
    texts = {key: candidate for key, candidate in visible.items() if _admits(filters, candidate)}
    by_meaning = _every_kind_ranked(query, texts, statistics, cut=False)
    close = {match.key for match in _every_kind_ranked(query, texts, statistics, cut=True)}
    found = [match for match in _fused(words, by_meaning) if match.key in close or match.key in words]
    chosen = [match for match in found if filters.kind in (None, cast(Key, match.key)[0])]
    nearest = [] if chosen else by_meaning[:IDEAS]
    shown, beside = _explain(viewer, query, texts, [chosen[start : start + size], nearest], {}, statistics)
    counts = Counter(cast(Key, match.key)[0] for match in found)
    return SearchResults(shown, len(chosen), counts, beside, is_basic=encoding().is_basic)


def _admits(filters: SearchFilters, candidate: Candidate) -> bool:
    roles = candidate.text.roles | candidate.text.needed_roles
    return filters.admit(language=candidate.language, topics=candidate.text.topics, roles=roles)


def _hits_by_words(query: Query, groups: frozenset[int]) -> list[Key]:
    """Best first, in the order of the full-text index."""
    labels = stem_labels(query.candidate.words, query.candidate.language)
    language = query.candidate.language
    hits = full_text().find(list(labels.values()), kinds=FOUND_KINDS, groups=groups, language=language, limit=NEWEST)
    return [hit.key for hit in hits]


def _every_kind_ranked(
    query: Query, texts: Mapping[Key, Candidate], statistics: CorpusStatistics, *, cut: bool
) -> list[Match]:
    ranked = [_ranked(query, texts, kind, statistics, limit=len(texts), cut=cut) for kind in FOUND_KINDS]
    return sorted((match for matches in ranked for match in matches), key=_best_first)


def _fused(words: Sequence[Key], by_meaning: Sequence[Match]) -> list[Match]:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, 2009) of the two orders."""
    places = {key: place for place, key in enumerate(words)}
    scores = {
        match.key: 1 / (RANK_DAMPING + place) + (1 / (RANK_DAMPING + places[key]) if key in places else 0.0)
        for place, match in enumerate(by_meaning)
        for key in [cast(Key, match.key)]
    }
    return sorted(by_meaning, key=lambda match: (-scores[match.key], str(match.key)))


def for_you(person: User) -> ForYou:
    """Ideas that need the person's roles, open questions in their fields, and what to read next."""
    query, statistics = person_query(person), current_statistics()
    return ForYou(
        ideas=_ranked_for(person, query, _ideas_needing(person), statistics, limit=IDEAS),
        questions=_ranked_for(person, query, _open_questions_for(person), statistics, limit=IDEAS),
        resources=_ranked_for(person, query, _course_pieces_for(person), statistics, limit=RESOURCES),
    )


def _find_matches(viewer: Viewer, query: Query, groups: frozenset[int]) -> Matches:
    statistics = current_statistics()
    texts = candidates(_visible_candidates(viewer, query, groups, statistics, kinds=TEXT_KINDS))
    ideas = _ranked(query, texts, "idea", statistics, limit=IDEAS + SPARE)
    questions = _ranked(query, texts, "question", statistics, limit=QUESTIONS + SPARE)
    pieces = _ranked(query, texts, "nugget", statistics, limit=RESOURCES)
    pieces += _ranked(query, texts, "resource", statistics, limit=RESOURCES)
    resources = sorted(pieces, key=_best_first)[:RESOURCES]
    statements = _statements(query, texts)
    people = _ranked_people(query, texts, statements, statistics)
    ranked = [
        sorted(each, key=_strongest_first) for each in (ideas, questions, [match for match, _ in people], resources)
    ]
    written = {match.key: keys for match, keys in people}
    explained = _explain(viewer, query, {**texts, **statements}, ranked, written, statistics)
    near_ideas, near_questions, near_people, near_resources = explained
    return Matches(
        ideas=near_ideas,
        questions=near_questions,
        people=near_people,
        resources=near_resources,
        is_basic=encoding().is_basic,
        is_catching_up=not query.is_embedded,
    )


def _visible_candidates(
    viewer: Viewer, query: Query, groups: frozenset[int], statistics: CorpusStatistics, *, kinds: Sequence[Kind]
) -> set[Key]:
    """Subjects near in meaning, and subjects that share telling words; limited to what the viewer may see."""
    near = vector_store().nearest(
        query.text.vectors, encoder=encoding().name, kinds=kinds, groups=groups, limit=CANDIDATES
    )
    asked = _telling_words(query, statistics)
    keys = {each.key for each in near}
    for group in (("idea",), ("question",), ("nugget", "resource"), ("person",)):
        found = [kind for kind in group if kind in kinds]
        language = query.candidate.language
        keys |= {
            hit.key for hit in full_text().find(asked, kinds=found, groups=groups, language=language, limit=CANDIDATES)
        }
    keys.discard(query.key)
    return visible_keys(viewer, keys)


def _telling_words(query: Query, statistics: CorpusStatistics) -> list[str]:
    """The rarest terms of a text, as it writes them: a search for its common words would be slow and tell nothing."""
    labels = stem_labels(query.candidate.words, query.candidate.language)
    rarest = sorted(labels, key=lambda term: (-statistics.rarity(term), term))
    return [labels[term] for term in rarest[:WORDS_ASKED]]


def _ranked(
    query: Query,
    texts: Mapping[Key, Candidate],
    kind: Kind,
    statistics: CorpusStatistics,
    *,
    limit: int,
    cut: bool = True,
) -> list[Match]:
    of_kind = [texts[key].text for key in sorted(texts) if key[0] == kind]
    return rank_texts(query.text, of_kind, statistics, kind=_weights_kind(kind), limit=limit, cut=cut, now=now())


def _ranked_people(
    query: Query, texts: Mapping[Key, Candidate], statements: Mapping[Key, Candidate], statistics: CorpusStatistics
) -> list[tuple[Match, list[Key]]]:
    """Willing people by what they say they know and by their near texts; with the nearest of these texts."""
    written: dict[int, list[Text]] = {}
    for key in sorted(texts):
        if key[0] in ("idea", "question", "answer") and (author := texts[key].author_id) is not None:
            written.setdefault(author, []).append(texts[key].text)
    people = [
        Person(
            key=key,
            texts=written.get(key[1], []),
            statement=statement.text if len(statement.text.vectors) else None,
            topics=statement.text.topics,
            roles=statement.text.roles,
        )
        for key, statement in sorted(statements.items())
    ]
    ranked = rank_people(query.text, people, statistics, limit=PEOPLE + SPARE, now=now())
    nearest = partial(rank_texts, query.text, statistics=statistics, kind="idea", limit=EVIDENCE, cut=False)
    return [
        (match, [cast(Key, near.key) for near in nearest(written.get(cast(Key, match.key)[1], []))]) for match in ranked
    ]


def _statements(query: Query, texts: Mapping[Key, Candidate]) -> dict[Key, Candidate]:
    """What the people say who agreed to be asked and wrote one of these texts, were found, or name a topic."""
    authors = {candidate.author_id for candidate in texts.values() if candidate.author_id is not None}
    return candidates([("person", person_id) for person_id in _may_be_asked(authors, query)])


def _may_be_asked(people: Collection[int], query: Query) -> set[int]:
    """Of these people and those who name a topic of the query, the ones who agreed to be asked; never the author."""
    names_topic = User.id.in_(select(user_topic.c.user_id).where(user_topic.c.topic_id.in_(query.text.topics)))
    consenting = people_who_may_be_asked().with_only_columns(User.id).order_by(None)
    found = consenting.where(or_(User.id.in_(people), names_topic), User.id != (query.candidate.author_id or 0))
    return set(db.session.scalars(found.order_by(User.id).limit(500)))


def _ranked_for(
    person: User, query: Query, keys: Sequence[Key], statistics: CorpusStatistics, *, limit: int
) -> Sequence[Found]:
    texts = candidates(keys)
    ranked = [
        match
        for kind in by_kind(keys)
        for match in _ranked(query, texts, kind, statistics, limit=len(texts), cut=False)
    ]

    def readable_first(match: Match) -> tuple[bool, float, str]:
        return texts[cast(Key, match.key)].language not in person.languages, *_best_first(match)

    (found,) = _explain(person, query, texts, [sorted(ranked, key=readable_first)[:limit]], {}, statistics)
    return found


def _ideas_needing(person: User) -> list[Key]:
    roles = [role.id for role in person.roles]
    needed = select(post_needed_role.c.post_id).where(post_needed_role.c.role_id.in_(roles))
    return _newest_posts(person, Post.kind == "idea", Post.id.in_(needed))


def _open_questions_for(person: User) -> list[Key]:
    """Without an accepted answer, on one of the person's topics or put to one of their roles."""
    on_topic = select(post_topic.c.post_id).where(post_topic.c.topic_id.in_([topic.id for topic in person.topics]))
    to_role = select(post_role.c.post_id).where(post_role.c.role_id.in_([role.id for role in person.roles]))
    is_open = Post.id.in_(select(Question.__table__.c.id).where(Question.__table__.c.accepted_answer_id.is_(None)))
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


def _explain(
    viewer: Viewer,
    query: Query,
    texts: Mapping[Key, Candidate],
    lists: Sequence[Sequence[Match]],
    written: Mapping[Any, Sequence[Key]],
    statistics: CorpusStatistics,
) -> list[list[Found]]:
    """Each match with its row and its reason. A person is explained by their statement and by what they wrote."""
    keys = [cast(Key, match.key) for matches in lists for match in matches]
    rows = subject_rows(viewer, keys)
    speaking = {key: [key, *written.get(key, [])] for key in keys}
    sentences = sentences_of({each: texts[each] for some in speaking.values() for each in some if each in texts})
    return [
        [
            Found(
                row=rows[match.key],
                strength=match.strength,
                score=match.score,
                parts=match.parts,
                reason=_reason(query, rows[match.key], speaking[match.key], texts, sentences, statistics),
            )
            for match in matches
            if match.key in rows
        ]
        for matches in lists
    ]


def _reason(
    query: Query,
    row: SubjectRow,
    speaking: Sequence[Key],
    texts: Mapping[Key, Candidate],
    sentences: Mapping[Key, Sentences],
    statistics: CorpusStatistics,
) -> Reason:
    said = [
        (quote, vector)
        for key in speaking
        for quote, vector in zip(sentences[key].quotes, sentences[key].vectors, strict=True)
        if not (key[0] == "answer" and quote.section == "title")  # the words of whoever asked
    ]
    theirs = Sentences([quote for quote, _ in said], [vector for _, vector in said])
    pair = closest_sentences(query.sentences.stacked(), theirs.stacked(), statistics)
    words = " ".join(texts[key].words for key in speaking if key in texts)
    brings = {role: name for role, name in row.roles.items() if role in query.text.needed_roles}
    asks_for = {role: name for role, name in row.needed_roles.items() if role in query.text.roles}
    is_person = query.key is not None and query.key[0] == "person"
    return Reason(
        mine=query.sentences.quotes[pair.mine] if pair else None,
        theirs=theirs.quotes[pair.theirs] if pair else None,
        words=shared_words(query.candidate.words, words, statistics, language=query.candidate.language),
        topics=[name for topic, name in row.topics.items() if topic in query.text.topics],
        brings=brings if row.kind == "person" else asks_for if is_person else {},
        is_same_country=row.country is not None and row.country == query.text.country,
    )


def _generation_and_groups(viewer: Viewer) -> tuple[int, frozenset[int]]:
    number = select(IndexGeneration.number).where(IndexGeneration.id == 1).scalar_subquery()
    rows = db.session.execute(select(Group.id, number).where(Group.id.in_(visible_group_ids(viewer)))).all()
    return (rows[0][1] or 0 if rows else 0), frozenset(group_id for group_id, _ in rows)


def _weights_kind(kind: Kind) -> Any:
    """An answer is weighed like a question; a person, found by a search for their words, like a resource."""
    return {"answer": "question", "person": "resource"}.get(kind, kind)


def _strongest_first(match: Match) -> tuple[int, float, str]:
    """As a reader expects: no list says "worth a look" above "close"."""
    return STRENGTHS.index(match.strength), *_best_first(match)


def _best_first(match: Match) -> tuple[float, str]:
    return -match.score, str(match.key)
