"""Keep vectors equal to texts: embed what is new, remove what is gone, know the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, not_, or_, select, true, update

from app.accounts.models import Guest, User
from app.database import Model, db, now, transaction
from app.matching.embedding import embedded
from app.matching.encoding import Encoding, adopt, encoding, use
from app.matching.models import (
    ANYTHING,
    IndexGeneration,
    KeptStatistics,
    MatchableChange,
    MatchableText,
    Passage,
    kept_as,
)
from app.matching.standing import standing_of
from app.matching.statistics import as_content
from app.matching.store import vector_store
from app.matching.teams import called_roles
from app.search.queries import Key, Kind, SubjectText, subject_ids, subject_texts
from app.teams.commands import keep_called_roles
from app.teams.models import NeedsReading
from ml.encoder_sets import EncoderSet
from ml.encoders import Encoder, EncoderUnavailable, Vectors
from ml.statistics import CorpusStatistics, evenly
from ml.words import terms

BATCH = 64
EMBEDDED_KINDS: tuple[Kind, ...] = ("idea", "question", "answer", "nugget", "resource", "person")
GROWTH_WORTH_COUNTING = 1.1
VECTORS_LOOKED_AT = 20_000
KEPT_CHANGES = 5000
"""A reader further behind forgets everything."""


def embed_subjects(kind: Kind, ids: Sequence[int], encoders: EncoderSet | None = None) -> None:
    """Bring the vectors of these subjects by these encoders, or those in use, up to date. Raises nothing for texts that
    are gone: their vectors go too."""
    chosen = encoders or _encoding_in_use().encoders
    texts = {text.id: text for text in subject_texts(kind, ids)}
    known = _known_digests(kind, ids, chosen)
    stale = [text for text in texts.values() if known.get(text.id) != text.digest]
    gone = [subject_id for subject_id in ids if subject_id not in texts and subject_id in known]
    if stale or gone:
        _replace_passages(kind, stale, gone, chosen)


def waiting_subjects(encoders: EncoderSet | None = None) -> list[Key]:
    """Subjects whose vectors are missing, outdated or of other encoders, and gone ones that still have some."""
    chosen = encoders or _encoding_in_use().known
    waiting: list[Key] = []
    for kind in EMBEDDED_KINDS:
        present = subject_ids(kind)
        known = _known_digests(kind, None, chosen)
        for ids in _batches(present, 500):
            waiting += [text.key for text in subject_texts(kind, ids) if known.get(text.id) != text.digest]
        waiting += [(kind, subject_id) for subject_id in known.keys() - set(present)]
    return waiting


def embed_waiting(
    progress: Callable[[int, int], None] = lambda _done, _total: None, encoders: EncoderSet | None = None
) -> int:
    """Embed everything that waits, in batches. `progress` is told how many are done, and of how many. Returns that."""
    chosen = encoders or _encoding_in_use().encoders
    waiting = waiting_subjects(chosen)
    done = 0
    for kind in EMBEDDED_KINDS:
        for ids in _batches([subject_id for of, subject_id in waiting if of == kind], BATCH):
            embed_subjects(kind, ids, chosen)
            done += len(ids)
            progress(done, len(waiting))
    refresh_statistics(chosen)
    read_needs(ideas_to_read())
    return len(waiting)


def ideas_to_read() -> list[int]:
    """Ideas whose needs were not read since their text was embedded last."""
    texts = select(MatchableText.subject_id).where(
        MatchableText.subject_kind == "idea", MatchableText.encoders == _encoding_in_use().name
    )
    unread = texts.outerjoin(NeedsReading, NeedsReading.idea_id == MatchableText.subject_id).where(
        or_(NeedsReading.digest.is_(None), NeedsReading.digest != MatchableText.digest)
    )
    return list(db.session.scalars(unread.order_by(MatchableText.subject_id)))


def read_needs(idea_ids: Sequence[int]) -> None:
    """Find out which roles these ideas call for in what they say they need."""
    standing = standing_of(Guest())
    for ids in _batches(idea_ids, BATCH):
        for idea_id, (digest, sentences) in called_roles(standing, ids).items():
            keep_called_roles(idea_id, digest=digest, sentences=sentences)


def reembed(chosen: Encoding, progress: Callable[[int, int], None] = lambda _done, _total: None) -> int:
    """Embed everything with these encoders, and match by them once nothing waits for them.

    Until then texts are matched by the vectors that are there. What was done stays done when it is interrupted. Returns
    how many texts were embedded. Raises EncoderUnavailable when one of the encoders cannot be loaded.
    """
    if missing := [each.name for each in chosen.wanted.encoders if each not in chosen.encoders.encoders]:
        raise EncoderUnavailable(f"{missing[0]} cannot be loaded; texts are matched as before")
    count = 0
    while some := embed_waiting(progress, chosen.wanted):  # others go on writing meanwhile
        count += some
    with transaction():
        _match_by(chosen)
        for table, is_theirs in _kept_by(chosen.wanted).items():
            db.session.execute(delete(table).where(~is_theirs))
        move_generation()
    use(chosen)
    return count


def refresh_statistics(encoders: EncoderSet | None = None) -> None:
    """Compute what is known of all public texts anew, once they have grown enough to matter."""
    chosen = encoders or _encoding_in_use().encoders
    kept = db.session.get(KeptStatistics, kept_as(chosen.name))
    names = [encoder.name for encoder in chosen.encoders]
    subjects = _public_passages(names).with_only_columns(Passage.subject_kind, Passage.subject_id).distinct()
    texts = db.session.scalar(select(func.count()).select_from(subjects.subquery())) or 0
    if kept and kept.texts <= texts <= kept.texts * GROWTH_WORTH_COUNTING:
        return
    content = _statistics(chosen)
    with transaction():
        db.session.merge(KeptStatistics(encoder=kept_as(chosen.name), content=content, texts=texts, computed_at=now()))
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


def _encoding_in_use() -> Encoding:
    """By which texts are matched. The first text that is embedded settles which this is."""
    adopt(db.session.scalar(select(IndexGeneration.encoders)))
    return encoding()


def _match_by(chosen: Encoding) -> None:
    """From now on, in every process. Within a transaction."""
    specs = [asdict(spec) for spec in chosen.specs]
    db.session.execute(update(IndexGeneration).values(encoders=specs))
    vector_store().prepare(chosen.wanted.encoders)


def _replace_passages(kind: Kind, texts: Sequence[SubjectText], gone: Sequence[int], encoders: EncoderSet) -> None:
    """Encode outside the transaction; then replace all at once."""
    passages, matchable = embedded(kind, texts, encoders)
    replaced = [text.id for text in texts] + list(gone)
    with transaction():
        _forget(kind, replaced, _kept_by(encoders))
        _forget(kind, gone, {Passage: true(), MatchableText: true()})
        for table, rows in ((Passage, passages), (MatchableText, matchable)):
            if rows:
                db.session.execute(insert(table), rows)
        if db.session.scalar(select(IndexGeneration.encoders)) is None:
            _match_by(encoding())
        move_generation([(kind, subject_id) for subject_id in replaced])


def _forget(kind: Kind, ids: Sequence[int], where: Mapping[type[Model], ColumnElement[bool]]) -> None:
    """What is kept of these subjects, where that holds."""
    for table in (Passage, MatchableText):
        db.session.execute(delete(table).where(table.subject_kind == kind, table.subject_id.in_(ids), where[table]))


def _kept_by(encoders: EncoderSet) -> dict[type[Model], ColumnElement[bool]]:
    """What is kept for these encoders."""
    return {
        Passage: Passage.encoder.in_([encoder.name for encoder in encoders.encoders]),
        MatchableText: MatchableText.encoders == encoders.name,
        KeptStatistics: KeptStatistics.encoder == kept_as(encoders.name),
    }


def _known_digests(kind: Kind, ids: Sequence[int] | None, encoders: EncoderSet) -> dict[int, str]:
    """Of the texts that are kept for these encoders, and empty ones for those that are kept for others."""
    known = select(MatchableText.subject_id, MatchableText.digest, MatchableText.encoders)
    known = known.where(MatchableText.subject_kind == kind)
    if ids is not None:
        known = known.where(MatchableText.subject_id.in_(ids))
    found: dict[int, str] = {}
    for subject_id, digest, kept_for in db.session.execute(known):
        if kept_for == encoders.name:
            found[subject_id] = digest
        else:
            found.setdefault(subject_id, "")
    return found


def _public_passages(encoders: Sequence[str], level: str = "section") -> Select[Any]:
    """Passages of what everyone may see: private texts may not influence what others are shown."""
    reserved = and_(
        Passage.subject_kind == "person", Passage.subject_id.in_(select(User.id).where(User.is_for_groups_only))
    )
    public = select(Passage).where(Passage.level == level, Passage.group_id.is_(None), not_(reserved))
    return public.where(Passage.encoder.in_(encoders))


def _statistics(encoders: EncoderSet) -> str:
    """The same words for each encoder, beside how its own vectors vary."""
    names = [encoder.name for encoder in encoders.encoders]
    columns = (Passage.subject_kind, Passage.subject_id, Passage.text, Passage.language, Passage.encoder)
    documents: dict[Key, Counter[str]] = defaultdict(Counter)
    counted_by: dict[Key, str] = {}
    for kind, subject_id, text, language, name in db.session.execute(
        _public_passages(names).with_only_columns(*columns)
    ):
        if counted_by.setdefault((kind, subject_id), name) == name:  # once, whoever else read it
            documents[kind, subject_id].update(terms(text, language))
    contents = db.session.execute(
        select(MatchableText.subject_kind, MatchableText.subject_id, MatchableText.content["topics"]).where(
            MatchableText.encoders == encoders.name
        )
    )
    topics = [topics for kind, subject_id, topics in contents if (kind, subject_id) in documents]
    every = [
        CorpusStatistics.of(
            _some_vectors(encoder, "section"),
            _some_vectors(encoder, "sentence"),
            documents.values(),
            topics=topics,
            encoder=encoder.name,
            languages=encoder.languages,
        )
        for encoder in encoders.encoders
    ]
    return as_content(every)


def _some_vectors(encoder: Encoder, level: str) -> Vectors:
    """Of public passages, from the first to the last, no more than are needed to know how they vary."""
    passages = _public_passages([encoder.name], level)
    ids = db.session.scalars(passages.with_only_columns(Passage.id).order_by(Passage.id)).all()
    chosen = evenly(np.array(ids, dtype=np.int64), VECTORS_LOOKED_AT).tolist()
    found = [
        vector
        for some in _batches(chosen, 500)
        for vector in db.session.scalars(select(Passage.vector).where(Passage.id.in_(some)).order_by(Passage.id))
    ]
    return np.stack(found) if found else np.zeros((0, encoder.dimension), dtype=np.float32)


def _batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
