"""Texts as ranking sees them: loaded with their vectors, kept while they do not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from flask import current_app
from sqlalchemy import ColumnElement, and_, false, or_, select

from app.accounts.models import User
from app.database import VECTOR_DIMENSION, db
from app.forum.models import Post
from app.groups.models import Group
from app.matching.encoding import encoding
from app.matching.models import KeptStatistics, MatchableText, Passage
from app.questions.models import Answer
from app.search.queries import Key, Kind, SubjectText, subject_texts
from ml.encoders import Vectors
from ml.ranking import Text
from ml.statistics import CorpusStatistics
from ml.texts import plain_text, split_passages
from ml.words import terms

KEPT_TEXTS = 20000
KEPT_SENTENCES = 2000
OWN_TEXTS = 8
"""How many of a person's newest posts and answers speak for them."""


@dataclass(frozen=True)
class Quote:
    """A sentence and the section in which it stands."""

    text: str
    section: str
    language: str


@dataclass(frozen=True)
class Candidate:
    """A subject that may match: its text as ranking sees it, and its words."""

    text: Text
    words: str
    language: str
    author_id: int | None
    digest: str = ""
    """Of the text that was embedded; empty while none was."""


@dataclass(frozen=True)
class Sentences:
    """The sentences of one subject, aligned with their vectors (n, dimension)."""

    quotes: list[Quote] = field(default_factory=list)
    vectors: list[Vectors] = field(default_factory=list)

    def stacked(self) -> Vectors:
        return _stacked(self.vectors)


@dataclass(frozen=True)
class Query:
    """A text that asks what goes with it."""

    key: Key | None
    candidate: Candidate
    sentences: Sentences
    is_embedded: bool = True

    @property
    def text(self) -> Text:
        return self.candidate.text


def stored_query(key: Key) -> Query:
    """A subject asks with its stored vectors; without any it asks with its words."""
    candidate = candidates([key]).get(key) or _candidate(SubjectText(key[0], key[1], title="", sections={}), [])
    sentences = sentences_of({key: candidate})[key]
    return Query(key, candidate, sentences, is_embedded=bool(len(candidate.text.vectors)))


def draft_query(draft: SubjectText) -> Query:
    """A text being written asks with vectors made now or, while the weights are being loaded, with its words."""
    passages = split_passages(draft.sections)
    sections = [passage.text for passage in passages if passage.level == "section"]
    sentences = [passage for passage in passages if passage.level == "sentence"]
    if not encoding().is_warm:
        return Query(draft.key if draft.id else None, _candidate(draft, []), Sentences(), is_embedded=not sections)
    vectors = list(encoding().encode_kept([*sections, *(sentence.text for sentence in sentences)]))
    quotes = [Quote(sentence.text, sentence.section, draft.language) for sentence in sentences]
    candidate = _candidate(draft, vectors[: len(sections)])
    return Query(draft.key if draft.id else None, candidate, Sentences(quotes, vectors[len(sections) :]))


def person_query(person: User) -> Query:
    """A person asks with what they say they can help with and what they wrote lately."""
    keys: list[Key] = [("person", person.id), *newest_texts_of(person)]
    found = candidates(keys)
    vectors = [vector for key in keys if key in found for vector in found[key].text.vectors]
    counted: defaultdict[str, int] = defaultdict(int)
    for candidate in found.values():
        for term, count in candidate.text.terms.items():
            counted[term] += count
    text = Text(
        key=("person", person.id),
        vectors=_stacked(vectors),
        terms=counted,
        topics=frozenset(topic.id for topic in person.topics),
        roles=frozenset(role.id for role in person.roles),
        country=person.country,
    )
    words = " ".join(candidate.words for candidate in found.values())
    return Query(("person", person.id), Candidate(text, words, "en", person.id), Sentences())


def newest_texts_of(person: User) -> list[Key]:
    """Their newest public posts and answers: what is said in private is not used to know someone."""
    public = Post.group_id.in_(select(Group.id).where(Group.is_private.is_(False)))
    posts = select(Post.kind, Post.id).where(Post.author_id == person.id, Post.deleted_at.is_(None), public)
    answers = select(Answer.id).join(Post, Post.id == Answer.question_id)
    answers = answers.where(Answer.author_id == person.id, Answer.deleted_at.is_(None), public)
    newest_posts = db.session.execute(posts.order_by(Post.id.desc()).limit(OWN_TEXTS))
    newest_answers = db.session.scalars(answers.order_by(Answer.id.desc()).limit(OWN_TEXTS))
    return [(kind, post_id) for kind, post_id in newest_posts] + [("answer", answer_id) for answer_id in newest_answers]


def candidates(keys: Collection[Key]) -> dict[Key, Candidate]:
    """Those of these subjects that can be found. What did not change since it was last loaded is not loaded again."""
    kept: dict[tuple[Key, str], Candidate] = current_app.extensions.setdefault("kept_texts", {})
    if len(kept) > KEPT_TEXTS:
        kept.clear()
    digests = _digests(keys)
    missing = [key for key in keys if (key, digests.get(key, "")) not in kept]
    loaded = {key: replace(found, digest=digests.get(key, "")) for key, found in _load(missing).items()}
    kept |= {(key, digests[key]): candidate for key, candidate in loaded.items() if key in digests}
    present = {key: kept[key, digests[key]] for key in keys if key in digests and (key, digests[key]) in kept}
    return present | loaded


def sentences_of(found: Mapping[Key, Candidate]) -> defaultdict[Key, Sentences]:
    """The sentences of these candidates; kept, like the candidates, while their digest stays."""
    kept: dict[tuple[Key, str], Sentences] = current_app.extensions.setdefault("kept_sentences", {})
    if len(kept) > KEPT_SENTENCES:
        kept.clear()
    wanted = {key: (key, candidate.digest) for key, candidate in found.items()}
    loaded = _load_sentences([key for key in wanted if wanted[key] not in kept])
    kept |= {wanted[key]: sentences for key, sentences in loaded.items() if wanted[key][1]}
    present = {key: kept[place] for key, place in wanted.items() if place in kept}
    return defaultdict(Sentences, present | loaded)


def _load_sentences(keys: Collection[Key]) -> dict[Key, Sentences]:
    found = {key: Sentences() for key in keys}
    if not found:
        return found
    columns = (
        Passage.subject_kind,
        Passage.subject_id,
        Passage.text,
        Passage.section,
        Passage.language,
        Passage.vector,
    )
    rows = select(*columns).where(_is_one_of(Passage, keys), Passage.level == "sentence").order_by(Passage.id)
    for kind, subject_id, text, section, language, vector in db.session.execute(rows):
        found[kind, subject_id].quotes.append(Quote(text, section, language))
        found[kind, subject_id].vectors.append(vector)
    return found


def by_kind(keys: Iterable[Key]) -> dict[Kind, list[int]]:
    ids: defaultdict[Kind, list[int]] = defaultdict(list)
    for kind, subject_id in keys:
        ids[kind].append(subject_id)
    return ids


def current_statistics() -> CorpusStatistics:
    """What is known of all public texts, as last computed."""
    name = encoding().name
    computed_at = db.session.scalar(select(KeptStatistics.computed_at).where(KeptStatistics.encoder == name))
    if computed_at is None:
        return CorpusStatistics.empty(VECTOR_DIMENSION, name)
    kept = current_app.extensions.get("kept_statistics")
    if kept is None or kept[0] != (name, computed_at):
        content = db.session.get_one(KeptStatistics, name).content
        kept = ((name, computed_at), CorpusStatistics.from_json(content))
        current_app.extensions["kept_statistics"] = kept
    return kept[1]


def _digests(keys: Collection[Key]) -> dict[Key, str]:
    columns = (MatchableText.subject_kind, MatchableText.subject_id, MatchableText.digest)
    rows = db.session.execute(select(*columns).where(_is_one_of(MatchableText, keys)))
    return {(kind, subject_id): digest for kind, subject_id, digest in rows}


def _load(keys: Collection[Key]) -> dict[Key, Candidate]:
    if not keys:
        return {}
    vectors: defaultdict[Key, list[Vectors]] = defaultdict(list)
    columns = (Passage.subject_kind, Passage.subject_id, Passage.vector)
    rows = select(*columns).where(_is_one_of(Passage, keys), Passage.level == "section").order_by(Passage.id)
    for kind, subject_id, vector in db.session.execute(rows):
        vectors[kind, subject_id].append(vector)
    texts = (text for kind, ids in by_kind(keys).items() for text in subject_texts(kind, ids))
    return {text.key: _candidate(text, vectors[text.key]) for text in texts}


def _candidate(subject: SubjectText, vectors: Sequence[Vectors]) -> Candidate:
    words = "\n".join(plain_text(section) for section in subject.sections.values())
    text = Text(
        key=subject.key,
        vectors=_stacked(vectors),
        terms=terms(words, subject.language),
        title_terms=terms(subject.title, subject.language) if subject.kind != "person" else {},
        topics=subject.topics,
        roles=subject.roles,
        needed_roles=subject.needed_roles,
        language=subject.language,
        country=subject.country,
        written_at=subject.written_at,
    )
    return Candidate(text, words, subject.language, subject.author_id)


def _is_one_of(table: type[Passage] | type[MatchableText], keys: Iterable[Key]) -> ColumnElement[bool]:
    """Rows of these subjects by the encoder in use."""
    kinds = [and_(table.subject_kind == kind, table.subject_id.in_(ids)) for kind, ids in by_kind(keys).items()]
    return and_(table.encoder == encoding().name, or_(false(), *kinds))


def _stacked(vectors: Sequence[Vectors]) -> Vectors:
    return np.stack(vectors) if len(vectors) else np.zeros((0, VECTOR_DIMENSION), dtype=np.float32)
