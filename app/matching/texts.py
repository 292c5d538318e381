"""Texts as ranking sees them: loaded with their vectors, kept while they do not change."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from app.accounts.models import User
from app.codes import LANGUAGES
from app.database import db
from app.forum.models import Post
from app.groups.models import Group
from app.kept import kept
from app.matching.encoding import encoding
from app.matching.models import MatchableText, Passage
from app.matching.standing import Standing, known_to
from app.matching.store import KINDS
from app.questions.models import Answer
from app.search.queries import CONTENT_VERSION, Key, Kind, SubjectText, subject_texts
from ml.encoders import Vectors
from ml.features import Text
from ml.languages import detect
from ml.texts import plain_text, split_passages
from ml.words import stem_labels, terms

NO_ENCODER = ""
"""Stands in the place of an encoder's name where two texts are compared by words alone."""
KEPT_TEXTS = 6000
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
    """A subject that may match: its text as ranking sees it, and whose it is."""

    text: Text
    """Without vectors."""
    by_encoder: Mapping[str, Text]
    """The same with the vectors by each encoder that reads its language."""
    author_id: int | None
    labels: Sequence[str] = ()
    """How it writes each of its terms, in their order (which JSON keeps, and JSONB would not)."""
    digest: str = ""
    """Of the text that was embedded; empty while none was."""

    def written_terms(self) -> dict[str, str]:
        return dict(zip(self.text.terms, self.labels, strict=True))


def compared_by(query: Query, candidate: Candidate) -> str:
    """The preferred one of the encoders that read both, or NO_ENCODER."""
    return next((name for name in candidate.by_encoder if name in query.by_encoder), NO_ENCODER)


@dataclass(frozen=True)
class Query:
    """A text that asks what goes with it."""

    key: Key | None
    text: Text
    """Without vectors."""
    by_encoder: Mapping[str, Text]
    labels: Mapping[str, str]
    """How it writes its terms."""
    quotes: Sequence[Quote] = ()
    """Its sentences, aligned with those of `by_encoder`."""
    author_id: int | None = None
    is_embedded: bool = True
    kind: Kind = "person"
    is_published: bool = False
    """It stands on a page of its own, with what goes with it."""


def stored_query(standing: Standing, key: Key) -> Query:
    """A subject asks with its stored vectors; without any it asks with its words."""
    found = candidates(standing, [key]).get(key) or _candidate(SubjectText(key[0], key[1], title="", sections={}))
    quotes = quotes_of({key: found})[key]
    return Query(
        key,
        found.text,
        spoken_by(found, quotes),
        found.written_terms(),
        quotes,
        found.author_id,
        is_embedded=bool(found.digest),
        kind=key[0],
        is_published=True,
    )


def draft_query(draft: SubjectText) -> Query:
    """A text being written asks with vectors made now or, while the weights are being loaded, with its words."""
    passages = split_passages(draft.sections)
    sections = [passage.text for passage in passages if passage.level == "section"]
    sentences = [passage for passage in passages if passage.level == "sentence"]
    key, candidate = (draft.key if draft.id else None), _candidate(draft)
    labels = candidate.written_terms()
    if not encoding().is_warm:
        return Query(key, candidate.text, {}, labels, (), draft.author_id, is_embedded=not sections, kind=draft.kind)
    pieces = [*sections, *(sentence.text for sentence in sentences)]
    by_encoder = {}
    for encoder in encoding().encoders.reading(candidate.text.language):
        vectors = encoding().encode_kept(encoder, pieces)
        by_encoder[encoder.name] = replace(
            candidate.text, vectors=vectors[: len(sections)], sentences=vectors[len(sections) :]
        )
    quotes = [Quote(sentence.text, sentence.section, candidate.text.language) for sentence in sentences]
    return Query(key, candidate.text, by_encoder, labels, quotes, draft.author_id, kind=draft.kind)


def person_query(standing: Standing, person: User) -> Query:
    """A person asks with what they say they can help with and what they wrote lately."""
    keys: list[Key] = [("person", person.id), *newest_texts_of(person)]
    found = candidates(standing, keys)
    spoken = [found[key] for key in keys if key in found]
    counted: Counter[str] = Counter()
    for candidate in spoken:
        counted.update(candidate.text.terms)
    text = Text(
        key=("person", person.id),
        terms=counted,
        topics=frozenset(topic.id for topic in person.topics),
        roles=frozenset(role.id for role in person.roles),
        country=person.country,
    )
    told = [(name, each.vectors) for some in spoken for name, each in some.by_encoder.items() if len(each.vectors)]
    read = Counter(name for name, _ in told)
    by_encoder = {
        name: replace(text, vectors=np.concatenate([vectors for by, vectors in told if by == name]))
        for name in read
        if read[name] == max(read.values())  # an encoder that reads only some of it would speak for half a person
    }
    labels = {term: label for each in spoken for term, label in each.written_terms().items()}
    return Query(("person", person.id), text, by_encoder, labels, author_id=person.id)


def newest_texts_of(person: User) -> list[Key]:
    """Their newest public posts and answers: what is said in private is not used to know someone."""
    public = Post.group_id.in_(select(Group.id).where(Group.is_private.is_(False)))
    present = and_(Post.deleted_at.is_(None), Post.hidden_at.is_(None), public)
    posts = select(Post.kind, Post.id).where(Post.author_id == person.id, present)
    answers = select(Answer.id).join(Post, Post.id == Answer.question_id)
    answers = answers.where(Answer.author_id == person.id, Answer.deleted_at.is_(None), Answer.hidden_at.is_(None))
    newest_posts = db.session.execute(posts.order_by(Post.id.desc()).limit(OWN_TEXTS))
    newest_answers = db.session.scalars(answers.where(present).order_by(Answer.id.desc()).limit(OWN_TEXTS))
    return [(kind, post_id) for kind, post_id in newest_posts] + [("answer", answer_id) for answer_id in newest_answers]


def candidates(standing: Standing, keys: Collection[Key]) -> dict[Key, Candidate]:
    """Those of these subjects that can be found. What did not change since it was last loaded is not loaded again."""
    kept_texts, digests = kept("texts", most=KEPT_TEXTS), _digests_now(standing, keys)
    places = {key: (standing.encoders, key, digest) for key, digest in digests.items()}
    found = {key: candidate for key, place in places.items() if (candidate := kept_texts.get(place))}
    for key, candidate in _load([key for key in digests if key not in found]).items():
        found[key] = candidate
        kept_texts.put((standing.encoders, key, candidate.digest), candidate)
    return found | _not_embedded([key for key in keys if key not in digests])


def content_of(subject: SubjectText) -> dict[str, Any]:
    """What is known of a text beside its vectors, as it is kept; `_kept_candidate` is the inverse.

    A text is in the language that it is written in, whatever was chosen in the form. A change to this, or to how terms
    are made, moves `search.queries.CONTENT_VERSION`.
    """
    words = "\n".join(plain_text(section) for section in subject.sections.values())
    language = detect(words, allowed=LANGUAGES, declared=subject.language)
    counts, labels = terms(words, language), stem_labels(words, language)
    return {
        "terms": counts,
        "labels": [labels[term] for term in counts],
        "title_terms": terms(subject.title, language) if subject.kind != "person" else {},
        "topics": sorted(subject.topics),
        "roles": sorted(subject.roles),
        "needed_roles": sorted(subject.needed_roles),
        "language": language,
        "country": subject.country,
        "written_at": subject.written_at.isoformat() if subject.written_at else None,
        "author_id": subject.author_id,
        "module": subject.module,
        "is_accepted": subject.is_accepted,
    }


def quotes_of(found: Mapping[Key, Candidate]) -> defaultdict[Key, Sequence[Quote]]:
    """The sentences of these candidates, aligned with their vectors; kept, like the candidates, while their digest
    stays. None of a text that was embedded anew since the candidate was looked up: see `spoken_by`."""
    kept_quotes, name = kept("quotes", most=KEPT_SENTENCES), encoding().name
    places = {key: (name, key, candidate.digest) for key, candidate in found.items() if candidate.by_encoder}
    present = {key: quotes for key, place in places.items() if (quotes := kept_quotes.get(place)) is not None}
    loaded = _load_quotes({key: found[key] for key in places if key not in present})
    for key, quotes in loaded.items():
        kept_quotes.put(places[key], quotes)
    return defaultdict(tuple, present | loaded)


def spoken_by(candidate: Candidate, quotes: Sequence[Quote]) -> Mapping[str, Text]:
    """The text by each encoder, without sentences where these are not theirs."""
    return {
        name: text if len(text.sentences) == len(quotes) else replace(text, sentences=text.sentences[:0])
        for name, text in candidate.by_encoder.items()
    }


def _load_quotes(texts: Mapping[Key, Candidate]) -> dict[Key, list[Quote]]:
    """Of each of these its sentences as they stand beside the vectors by its first encoder; of those with another
    digest meanwhile none."""
    found: dict[Key, list[Quote]] = {
        key: [] for key, text in texts.items() if not any(len(each.sentences) for each in text.by_encoder.values())
    }
    if not texts:
        return found
    first = {key: next(iter(text.by_encoder)) for key, text in texts.items()}
    facts = {"by": sorted(set(first.values())), **_these(texts)}
    for kind, subject_id, digest, encoder, *quote in db.session.execute(_SENTENCES, facts):
        key = (kind, subject_id)
        if first[key] == encoder and texts[key].digest == digest:
            found.setdefault(key, []).append(Quote(*quote))
    return found


def by_kind(keys: Iterable[Key]) -> dict[Kind, list[int]]:
    ids: defaultdict[Kind, list[int]] = defaultdict(list)
    for kind, subject_id in keys:
        ids[kind].append(subject_id)
    return ids


def _digests_now(standing: Standing, keys: Collection[Key]) -> dict[Key, str]:
    """Of those of these subjects that are embedded."""
    known = known_to(standing)
    present = {key: digest for key in keys if (digest := known.digests.get(key)) is not None}
    if unknown := [key for key in keys if key not in present]:
        found = _digests(unknown)
        looked_up = {key: found.get(key, "") for key in unknown}
        known.learn(standing, known.digests, looked_up)
        present |= looked_up
    return {key: digest for key, digest in present.items() if digest}


def _digests(keys: Collection[Key]) -> dict[Key, str]:
    rows = db.session.execute(_DIGESTS, _these(keys))
    return {(kind, subject_id): digest for kind, subject_id, digest in rows}


def _load(keys: Collection[Key]) -> dict[Key, Candidate]:
    if not keys:
        return {}
    return {
        (kind, subject_id): _kept_candidate((kind, subject_id), content, digest, vectors, sentence_vectors)
        for kind, subject_id, digest, content, vectors, sentence_vectors in db.session.execute(_CONTENTS, _these(keys))
    }


def _not_embedded(keys: Collection[Key]) -> dict[Key, Candidate]:
    """Candidates by their words, of what was written a moment ago."""
    texts = (text for kind, ids in by_kind(keys).items() for text in subject_texts(kind, ids))
    return {text.key: _candidate(text) for text in texts}


def _candidate(subject: SubjectText) -> Candidate:
    """Without vectors."""
    return _kept_candidate(subject.key, content_of(subject), "")


def packed(by_encoder: Mapping[str, tuple[Vectors, Vectors]]) -> tuple[list[list[Any]], bytes, bytes]:
    """Vectors of sections and of sentences (n, dimension) by encoder -> which there are, and their bytes.

    Sentences at half precision: enough to compare them, half the room. `_unpacked` is the inverse.
    """
    layout = [
        [name, sections.shape[1], len(sections), len(sentences)] for name, (sections, sentences) in by_encoder.items()
    ]
    pairs = by_encoder.values()
    return (
        layout,
        b"".join(np.ascontiguousarray(sections, np.float32).tobytes() for sections, _ in pairs),
        b"".join(np.ascontiguousarray(sentences, np.float16).tobytes() for _, sentences in pairs),
    )


def _unpacked(layout: Sequence[Sequence[Any]], sections: bytes, sentences: bytes) -> Iterator[tuple[str, Any, Any]]:
    every, spoken = np.frombuffer(sections, np.float32), np.frombuffer(sentences, np.float16)
    for name, dimension, of_sections, of_sentences in layout:
        taken, told = of_sections * dimension, of_sentences * dimension
        yield name, every[:taken].reshape(-1, dimension), spoken[:told].reshape(-1, dimension)
        every, spoken = every[taken:], spoken[told:]


def _kept_candidate(
    key: Key, content: Mapping[str, Any], digest: str, vectors: bytes = b"", sentence_vectors: bytes = b""
) -> Candidate:
    labels = tuple(map(sys.intern, content["labels"]))
    text = _kept_text(key, content)
    by_encoder = {
        name: replace(text, vectors=sections, sentences=sentences)
        for name, sections, sentences in _unpacked(content.get("vectors", ()), vectors, sentence_vectors)
    }
    return Candidate(text, by_encoder, content["author_id"], labels, digest)


def _kept_text(key: Key, content: Mapping[str, Any]) -> Text:
    written_at = content["written_at"]
    return Text(
        key=key,
        terms=_interned(content["terms"]),
        title_terms=_interned(content["title_terms"]),
        topics=frozenset(content["topics"]),
        roles=frozenset(content["roles"]),
        needed_roles=frozenset(content["needed_roles"]),
        language=content["language"],
        country=content["country"],
        author=content["author_id"],
        module=content["module"],
        is_accepted=content["is_accepted"],
        written_at=datetime.fromisoformat(written_at) if written_at else None,
    )


def _interned(counts: Mapping[str, int]) -> dict[str, int]:
    """Thousands of texts share their terms."""
    return {sys.intern(term): count for term, count in counts.items()}


def _of_these(table: type[Passage] | type[MatchableText]) -> ColumnElement[bool]:
    """Rows of the subjects in the parameters that `_ids_of` makes."""
    kinds = [and_(table.subject_kind == kind, table.subject_id.in_(bindparam(kind, expanding=True))) for kind in KINDS]
    return or_(*kinds)


def _readable() -> ColumnElement[bool]:
    """Rows by the encoders in use, as this version of the program writes them."""
    is_by_these = MatchableText.encoders == bindparam("encoders")
    return and_(_of_these(MatchableText), is_by_these, MatchableText.form == CONTENT_VERSION)


def _these(keys: Iterable[Key]) -> dict[str, Any]:
    return {"encoders": encoding().name, **_ids_of(keys)}


def _ids_of(keys: Iterable[Key]) -> dict[str, list[int]]:
    ids = by_kind(keys)
    return {kind: ids.get(kind, []) for kind in KINDS}


# Built once, as building takes longer than running.
_DIGESTS = select(MatchableText.subject_kind, MatchableText.subject_id, MatchableText.digest).where(_readable())
_CONTENTS = _DIGESTS.add_columns(MatchableText.content, MatchableText.vectors, MatchableText.sentence_vectors)
_SENTENCES = (
    select(Passage.subject_kind, Passage.subject_id, MatchableText.digest, Passage.encoder)
    .add_columns(Passage.text, Passage.section, Passage.language)
    .join(
        MatchableText,
        and_(MatchableText.subject_kind == Passage.subject_kind, MatchableText.subject_id == Passage.subject_id),
    )
    .where(_of_these(Passage), MatchableText.encoders == bindparam("encoders"))
    .where(Passage.encoder.in_(bindparam("by", expanding=True)), Passage.level == "sentence")
    .order_by(Passage.id)
)
