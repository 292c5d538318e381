"""Keep vectors equal to texts: embed what is new, remove what is gone, know the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Select, delete, func, insert, select, update

from app.database import VECTOR_DIMENSION, db, now, transaction
from app.matching.encoding import encoding
from app.matching.models import (
    ANYTHING,
    IndexGeneration,
    KeptStatistics,
    MatchableChange,
    MatchableText,
    Passage,
    kept_as,
)
from app.matching.texts import content_of
from app.search.queries import CONTENT_VERSION, Key, Kind, SubjectText, subject_ids, subject_texts
from ml.encoders import Vectors
from ml.statistics import CorpusStatistics, evenly
from ml.texts import Passage as PassageOfText
from ml.texts import split_passages, text_digest
from ml.words import terms

BATCH = 64
EMBEDDED_KINDS: tuple[Kind, ...] = ("idea", "question", "answer", "nugget", "resource", "person")
GROWTH_WORTH_COUNTING = 1.1
VECTORS_LOOKED_AT = 20_000
KEPT_CHANGES = 5000
"""A reader further behind forgets everything."""


def embed_subjects(kind: Kind, ids: Sequence[int]) -> None:
    """Bring the vectors of these subjects up to date. Raises nothing for texts that are gone: their vectors go too."""
    texts = {text.id: text for text in subject_texts(kind, ids)}
    name = encoding().encoder.name
    known = _known_digests(kind, ids, name)
    stale = [text for text in texts.values() if known.get(text.id) != text.digest]
    gone = [subject_id for subject_id in ids if subject_id not in texts and subject_id in known]
    if stale or gone:
        _replace_passages(kind, stale, gone)


def waiting_subjects() -> list[Key]:
    """Subjects whose vectors are missing, outdated or of another encoder, and gone ones that still have some."""
    name = encoding().name
    waiting: list[Key] = []
    for kind in EMBEDDED_KINDS:
        present = subject_ids(kind)
        known = _known_digests(kind, None, name)
        for ids in _batches(present, 500):
            waiting += [text.key for text in subject_texts(kind, ids) if known.get(text.id) != text.digest]
        waiting += [(kind, subject_id) for subject_id in known.keys() - set(present)]
    return waiting


def embed_waiting(progress: Callable[[int, int], None] = lambda _done, _total: None) -> int:
    """Embed everything that waits, in batches. `progress` is told how many are done, and of how many. Returns that."""
    waiting = waiting_subjects()
    done = 0
    for kind in EMBEDDED_KINDS:
        for ids in _batches([subject_id for of, subject_id in waiting if of == kind], BATCH):
            embed_subjects(kind, ids)
            done += len(ids)
            progress(done, len(waiting))
    refresh_statistics()
    return len(waiting)


def refresh_statistics() -> None:
    """Compute what is known of all public texts anew, once they have grown enough to matter."""
    name = encoding().encoder.name
    kept = db.session.get(KeptStatistics, kept_as(name))
    subjects = _public_passages(name).with_only_columns(Passage.subject_kind, Passage.subject_id).distinct()
    texts = db.session.scalar(select(func.count()).select_from(subjects.subquery())) or 0
    if kept and kept.texts <= texts <= kept.texts * GROWTH_WORTH_COUNTING:
        return
    content = _statistics(name).to_json()
    with transaction():
        db.session.merge(KeptStatistics(encoder=kept_as(name), content=content, texts=texts, computed_at=now()))
        move_generation()


def move_generation(changed: Sequence[Key] = (ANYTHING,)) -> None:
    """Say that these subjects can be matched otherwise than before.

    Earlier matches are not used again. Whoever changes something waits here for whoever did before, until the commit:
    so that numbers become visible in their order.
    """
    moved = update(IndexGeneration).values(number=IndexGeneration.number + 1).returning(IndexGeneration.number)
    number = db.session.execute(moved, execution_options={"synchronize_session": False}).scalar_one()
    rows = [{"generation": number, "subject_kind": kind, "subject_id": subject_id} for kind, subject_id in changed]
    db.session.execute(insert(MatchableChange), rows)


def forget_old_changes() -> None:
    """Keep the list of changes short."""
    with transaction(is_shown=False):
        newest = select(IndexGeneration.number).scalar_subquery()
        db.session.execute(delete(MatchableChange).where(MatchableChange.generation <= newest - KEPT_CHANGES))


def _replace_passages(kind: Kind, texts: Sequence[SubjectText], gone: Sequence[int]) -> None:
    """Encode outside the transaction, and only passages that were not encoded before; then replace all at once."""
    encoder = encoding().encoder
    split = {text.id: split_passages(text.sections) for text in texts}
    digests = {passage.text: text_digest(passage.text) for passages in split.values() for passage in passages}
    vectors = _kept_vectors(kind, [text.id for text in texts], encoder.name)
    unknown = [each for each, digest in digests.items() if digest not in vectors]
    if unknown:
        vectors |= dict(zip((digests[each] for each in unknown), encoder.encode(unknown), strict=True))
    contents = {text.id: content_of(text) for text in texts}
    replaced = [text.id for text in texts] + list(gone)
    with transaction():
        for table in (Passage, MatchableText):
            db.session.execute(delete(table).where(table.subject_kind == kind, table.subject_id.in_(replaced)))
        for text in texts:
            of_level = {
                level: [vectors[digests[each.text]] for each in split[text.id] if each.level == level]
                for level in ("section", "sentence")
            }
            matchable = {
                "subject_kind": kind,
                "subject_id": text.id,
                "digest": text.digest,
                "form": CONTENT_VERSION,
                "encoder": encoder.name,
                "content": contents[text.id],
                "vectors": _as_bytes(of_level["section"], np.float32),
                "sentence_vectors": _as_bytes(of_level["sentence"], np.float16),
            }
            db.session.execute(insert(MatchableText), matchable)
        rows = [
            {
                **_row(text, passage, digests, vectors),
                "encoder": encoder.name,
                "language": contents[text.id]["language"],
            }
            for text in texts
            for passage in split[text.id]
        ]
        if rows:
            db.session.execute(insert(Passage), rows)
        move_generation([(kind, subject_id) for subject_id in replaced])


def _as_bytes(vectors: Sequence[Vectors], dtype: type[np.floating[Any]]) -> bytes:
    return b"".join(np.ascontiguousarray(vector, dtype).tobytes() for vector in vectors)


def _row(
    text: SubjectText, passage: PassageOfText, digests: Mapping[str, str], vectors: Mapping[str, Vectors]
) -> dict[str, Any]:
    return {
        "subject_kind": text.kind,
        "subject_id": text.id,
        "group_id": None if text.is_public else text.group_id,
        "section": passage.section,
        "position": passage.position,
        "level": passage.level,
        "text": passage.text,
        "text_digest": digests[passage.text],
        "vector": vectors[digests[passage.text]],
    }


def _kept_vectors(kind: Kind, ids: Sequence[int], encoder: str) -> dict[str, Vectors]:
    found = select(Passage.text_digest, Passage.vector).where(
        Passage.subject_kind == kind, Passage.subject_id.in_(ids), Passage.encoder == encoder
    )
    return dict(db.session.execute(found).all())


def _known_digests(kind: Kind, ids: Sequence[int] | None, encoder: str) -> dict[int, str]:
    known = select(MatchableText.subject_id, MatchableText.digest, MatchableText.encoder).where(
        MatchableText.subject_kind == kind
    )
    if ids is not None:
        known = known.where(MatchableText.subject_id.in_(ids))
    return {
        subject_id: digest if made_by == encoder else "" for subject_id, digest, made_by in db.session.execute(known)
    }


def _public_passages(encoder: str, level: str = "section") -> Select[Any]:
    """Passages of what everyone may see: private texts may not influence what others are shown."""
    return select(Passage).where(Passage.encoder == encoder, Passage.level == level, Passage.group_id.is_(None))


def _statistics(encoder: str) -> CorpusStatistics:
    columns = (Passage.subject_kind, Passage.subject_id, Passage.text, Passage.language)
    documents: dict[Key, Counter[str]] = defaultdict(Counter)
    for kind, subject_id, text, language in db.session.execute(_public_passages(encoder).with_only_columns(*columns)):
        documents[kind, subject_id].update(terms(text, language))
    contents = db.session.execute(
        select(MatchableText.subject_kind, MatchableText.subject_id, MatchableText.content["topics"]).where(
            MatchableText.encoder == encoder
        )
    )
    return CorpusStatistics.of(
        _some_vectors(encoder, "section"),
        _some_vectors(encoder, "sentence"),
        documents.values(),
        topics=[topics for kind, subject_id, topics in contents if (kind, subject_id) in documents],
        encoder=encoder,
    )


def _some_vectors(encoder: str, level: str) -> Vectors:
    """Of public passages, from the first to the last, no more than are needed to know how they vary."""
    passages = _public_passages(encoder, level)
    ids = db.session.scalars(passages.with_only_columns(Passage.id).order_by(Passage.id)).all()
    chosen = evenly(np.array(ids, dtype=np.int64), VECTORS_LOOKED_AT).tolist()
    found = [
        vector
        for some in _batches(chosen, 500)
        for vector in db.session.scalars(select(Passage.vector).where(Passage.id.in_(some)).order_by(Passage.id))
    ]
    return np.stack(found) if found else np.zeros((0, VECTOR_DIMENSION), dtype=np.float32)


def _batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
