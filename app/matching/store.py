"""Nearest vectors: an exact scan in process on SQLite, pgvector on PostgreSQL; one contract, tested on both."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from flask import current_app
from numpy.typing import NDArray
from sqlalchemy import Float, Select, and_, func, select, text, union_all

from app.database import VECTOR_DIMENSION, db
from app.matching.models import Passage
from app.search.queries import Key, Kind
from ml.encoders import Vectors
from ml.indexes import HIDDEN, Index

KINDS: tuple[Kind, ...] = ("idea", "question", "answer", "nugget", "resource", "person")
EVERYONE = 0
"""Stands for the group of what everyone may see; real groups count from 1."""
LARGEST_TAIL = 4000
SHORT_FORM = ("basis", "leading")
"""What the index keeps beside the vectors."""
SECTIONS_EACH = 8
"""So many sections are looked at for each subject wanted, as a subject has several."""
QUERY_VECTORS = 12
"""A long text asks with its first sections only."""


@dataclass(frozen=True)
class Near:
    """A subject by its section that is nearest to any of the query's."""

    key: Key
    similarity: float


@dataclass(frozen=True)
class Wanted:
    """Which subjects may be found: of these kinds, with vectors by this encoder, `limit` of each kind."""

    encoder: str
    kinds: Sequence[Kind]
    groups: Collection[int]
    """Those whose texts may be found beside what is everyone's."""
    limit: int
    last: int
    """Id of the newest passage; what came after it need not be found."""


class VectorStore(Protocol):
    """Sections of everything embedded. The caller checks who may see what beyond groups."""

    def nearest(self, vectors: Vectors, wanted: Wanted) -> list[Near]:
        """The subjects of each kind whose sections are nearest to any of `vectors` (n, dimension), best first."""


def vector_store() -> VectorStore:
    if db.engine.dialect.name == "postgresql":
        return PgvectorStore()
    store: VectorStore | None = current_app.extensions.get("vector_store")
    if store is None:
        store = current_app.extensions.setdefault(
            "vector_store", ExactStore(current_app.config["COMMONS"].instance_dir)
        )
    return store


class PgvectorStore:
    """pgvector's HNSW index, asked for each kind and query vector, all in one statement."""

    def nearest(self, vectors: Vectors, wanted: Wanted) -> list[Near]:
        asked = [self._asked(vector, kind, wanted) for kind in wanted.kinds for vector in vectors[:QUERY_VECTORS]]
        if not asked:
            return []
        db.session.execute(text("SET LOCAL hnsw.ef_search = 200"))
        db.session.execute(text("SET LOCAL hnsw.iterative_scan = relaxed_order"))
        best: dict[Key, float] = {}
        for kind, subject_id, distance in db.session.execute(union_all(*(select(part.subquery()) for part in asked))):
            best[kind, subject_id] = max(best.get((kind, subject_id), HIDDEN), 1.0 - distance)
        return _best_of_each_kind(best, wanted.limit)

    def _asked(self, vector: Vectors, kind: Kind, wanted: Wanted) -> Select[Any]:
        distance = Passage.vector.op("<=>", return_type=Float)(vector).label("distance")
        may_see = Passage.group_id.is_(None) | Passage.group_id.in_(list(wanted.groups))
        return (
            select(Passage.subject_kind, Passage.subject_id, distance)
            .where(Passage.level == "section", Passage.encoder == wanted.encoder, Passage.subject_kind == kind, may_see)
            .order_by(distance)
            .limit(wanted.limit)
        )


@dataclass(frozen=True)
class Rows:
    """Aligned columns of section passages, kind after kind: row i of each is one passage."""

    ids: NDArray[np.int64]
    kinds: NDArray[np.int8]
    subjects: NDArray[np.int64]
    groups: NDArray[np.int64]
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.ids)


class ExactStore:
    """A matrix of all sections: memory-mapped files that the processes share, and the rows that came since.

    Rows of texts that were edited or deleted stay until the files are made anew: they can only propose a subject, and
    what is shown is ranked by the vectors in the database.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "vectors"
        self._lock = threading.Lock()
        self._encoder = ""
        self._base = self._tail = _scannable(_no_rows())
        self._seen_at: int | None = None
        self._mapped_at = 0

    def nearest(self, vectors: Vectors, wanted: Wanted) -> list[Near]:
        asked = np.ascontiguousarray(vectors[:QUERY_VECTORS], dtype=np.float32)
        if not len(asked):
            return []
        best: dict[Key, float] = {}
        for rows, index in self._present(wanted.encoder, wanted.last):
            is_hidden = ~np.isin(rows.groups, [EVERYONE, *wanted.groups])
            for kind in wanted.kinds if len(rows) else ():
                start, end = np.searchsorted(rows.kinds, [KINDS.index(kind), KINDS.index(kind) + 1])
                found, similarities = index.nearest(
                    asked, slice(start, end), wanted=wanted.limit * SECTIONS_EACH, is_hidden=is_hidden[start:end]
                )
                for subject, similarity in _best_of_each(rows.subjects[found], similarities):
                    if similarity > HIDDEN:
                        best[kind, subject] = max(best.get((kind, subject), HIDDEN), similarity)
        return _best_of_each_kind(best, wanted.limit)

    def _present(self, encoder: str, last: int) -> tuple[tuple[Rows, Index], tuple[Rows, Index]]:
        """The rows as of now. Only the first request after a change reads what is new."""
        with self._lock:
            if encoder != self._encoder or last < self._mapped_at:
                self._base = self._tail = _scannable(_no_rows())
                self._encoder, self._seen_at, self._mapped_at = encoder, None, 0
            if self._seen_at is None:
                self._base, self._seen_at, self._mapped_at = self._mapped(encoder, last), last, last
            elif last > self._seen_at:
                self._tail = _scannable(_joined(self._tail[0], _read_rows(encoder, self._seen_at, last)))
                self._seen_at = last
                if len(self._tail[0]) > LARGEST_TAIL:
                    self._base, self._tail, self._mapped_at = self._mapped(encoder, last), _scannable(_no_rows()), last
            return self._base, self._tail

    def _mapped(self, encoder: str, last: int) -> tuple[Rows, Index]:
        """The files of all rows up to `last`, made when they are missing. The count tells a restored database apart."""
        is_present = and_(Passage.level == "section", Passage.encoder == encoder)
        count = db.session.scalar(select(func.count()).select_from(Passage).where(is_present))
        names = (*Rows.__dataclass_fields__, *SHORT_FORM)
        files = {name: self._folder / f"{encoder}-{last}-{count}-{name}.npy" for name in names}
        if not all(file.exists() for file in files.values()):
            self._write(*_scannable(_read_rows(encoder, 0, last)), files)
        try:
            mapped = {name: np.load(file, mmap_mode="r") for name, file in files.items()}
        except FileNotFoundError:  # another process, which saw newer rows, tidied up
            return _scannable(_read_rows(encoder, 0, last))
        short = {name: mapped.pop(name) for name in SHORT_FORM}
        return Rows(**mapped), Index(mapped["vectors"], **short)

    def _write(self, rows: Rows, index: Index, files: dict[str, Path]) -> None:
        """Each file appears whole; older ones go, and stay readable where they are mapped."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, file in files.items():
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as part:
                np.save(part, getattr(index if name in SHORT_FORM else rows, name))
            os.replace(part.name, file)
        for old in self._folder.glob("*.npy"):
            if old not in files.values():
                old.unlink(missing_ok=True)


def _scannable(rows: Rows) -> tuple[Rows, Index]:
    return rows, Index.of(rows.vectors)


def _read_rows(encoder: str, after: int, last: int) -> Rows:
    found = db.session.execute(
        select(Passage.id, Passage.subject_kind, Passage.subject_id, Passage.group_id, Passage.vector)
        .where(Passage.id > after, Passage.id <= last, Passage.level == "section", Passage.encoder == encoder)
        .order_by(Passage.id)
    ).all()
    if not found:
        return _no_rows()
    return _by_kind(
        ids=np.array([row[0] for row in found], dtype=np.int64),
        kinds=np.array([KINDS.index(row[1]) for row in found], dtype=np.int8),
        subjects=np.array([row[2] for row in found], dtype=np.int64),
        groups=np.array([row[3] or EVERYONE for row in found], dtype=np.int64),
        vectors=np.stack([row[4] for row in found]).astype(np.float32),
    )


def _no_rows() -> Rows:
    nothing = np.zeros(0, dtype=np.int64)
    return Rows(nothing, nothing.astype(np.int8), nothing, nothing, np.zeros((0, VECTOR_DIMENSION), dtype=np.float32))


def _joined(first: Rows, second: Rows) -> Rows:
    names = Rows.__dataclass_fields__
    return _by_kind(**{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names})


def _by_kind(**columns: NDArray[Any]) -> Rows:
    order = np.argsort(columns["kinds"], kind="stable")
    return Rows(**{name: values[order] for name, values in columns.items()})


def _best_of_each(subjects: NDArray[np.int64], similarities: Vectors) -> Iterator[tuple[int, float]]:
    """Each subject once, with its largest similarity."""
    order = np.lexsort((-similarities, subjects))
    ordered = subjects[order]
    is_first = np.append(True, ordered[1:] != ordered[:-1]) if len(ordered) else order.astype(bool)
    firsts = order[is_first]
    return zip(subjects[firsts].tolist(), similarities[firsts].tolist(), strict=True)


def _best_of_each_kind(best: Mapping[Key, float], limit: int) -> list[Near]:
    """Best first, equal ones by their key."""
    by_kind: dict[Kind, list[tuple[float, Key]]] = {}
    for key, similarity in best.items():
        by_kind.setdefault(key[0], []).append((-similarity, key))
    taken = sorted(each for found in by_kind.values() for each in nsmallest(limit, found))
    return [Near(key, -similarity) for similarity, key in taken]
