"""Nearest vectors: an exact scan in process on SQLite, pgvector on PostgreSQL; one contract, tested on both."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from flask import current_app
from numpy.typing import NDArray
from sqlalchemy import BindParameter, ColumnElement, Float, Select, and_, bindparam, cast, func, select, text, union_all

from app.codes import LANGUAGES
from app.database import db
from app.matching.models import Passage
from app.search.queries import Key, Kind
from ml.encoders import Encoder, Vectors
from ml.indexes import HIDDEN, Index

KINDS: tuple[Kind, ...] = ("idea", "question", "answer", "nugget", "resource", "person")
EVERYONE = 0
"""Stands for the group of what everyone may see; real groups count from 1."""
INDEX = "ix_passage_nearest_"
PLACES_EACH = 100
"""More than there are languages."""
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
    """Which subjects may be found: of these kinds and languages, with vectors by this encoder, `limit` of each kind."""

    encoder: str
    languages: Collection[str]
    """Those of the texts that may be found."""
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

    def prepare(self, encoders: Iterable[Encoder]) -> None:
        """Be ready for vectors by these encoders, and forget what was there for others. Within a transaction."""


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
        distance = _of_dimension(len(vector)).op("<=>", return_type=Float)(vector).label("distance")
        may_see = Passage.group_id.is_(None) | Passage.group_id.in_(list(wanted.groups))
        return (
            select(Passage.subject_kind, Passage.subject_id, distance)
            .where(_is_section_by(wanted.encoder), Passage.language.in_(list(wanted.languages)))
            .where(Passage.subject_kind == kind, may_see)
            .order_by(distance)
            .limit(wanted.limit)
        )

    def prepare(self, encoders: Iterable[Encoder]) -> None:
        """One index for the sections of each encoder, as vectors of two dimensions cannot stand in one."""
        wanted = {_index_name(encoder): encoder for encoder in encoders}
        present = set(db.session.scalars(text("SELECT indexname FROM pg_indexes WHERE tablename = 'passage'")))
        for name in present - wanted.keys():
            if name.startswith(INDEX):
                db.session.execute(text(f'DROP INDEX "{name}"'))
        for name in wanted.keys() - present:
            encoder = wanted[name]
            made = (
                f'CREATE INDEX "{name}" ON passage USING hnsw ((vector::vector({encoder.dimension})) vector_cosine_ops)'
            )
            db.session.execute(text(f"{made} WHERE level = 'section' AND encoder = '{encoder.name}'"))


def _index_name(encoder: Encoder) -> str:
    return INDEX + hashlib.sha256(encoder.name.encode()).hexdigest()[:12]


def _of_dimension(dimension: int) -> Any:
    from pgvector.sqlalchemy import VECTOR

    return cast(Passage.vector, VECTOR(dimension))


def _is_section_by(encoder: str) -> ColumnElement[bool]:
    """Written out, as PostgreSQL chooses a partial index only for values that it sees."""
    level: BindParameter[str] = bindparam(None, "section", literal_execute=True)
    name: BindParameter[str] = bindparam(None, encoder, literal_execute=True)
    return and_(Passage.level == level, Passage.encoder == name)


@dataclass(frozen=True)
class Rows:
    """Aligned columns of section passages by one encoder, place after place: row i of each is one passage."""

    ids: NDArray[np.int64]
    places: NDArray[np.int32]
    """Of what kind, and in what language: see `_place`."""
    subjects: NDArray[np.int64]
    groups: NDArray[np.int64]
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def spans(self) -> dict[int, slice]:
        """Where the rows of each place stand."""
        places, starts, counts = np.unique(self.places, return_index=True, return_counts=True)
        ends = starts + counts
        return {
            place: slice(start, end)
            for place, start, end in zip(places.tolist(), starts.tolist(), ends.tolist(), strict=True)
        }


class ExactStore:
    """For each encoder a matrix of all sections: memory-mapped files that the processes share, and the rows since.

    Rows of texts that were edited or deleted stay until the files are made anew: they can only propose a subject, and
    what is shown is ranked by the vectors in the database.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "vectors"
        self._scans: dict[str, Scan] = {}

    def nearest(self, vectors: Vectors, wanted: Wanted) -> list[Near]:
        asked = np.ascontiguousarray(vectors[:QUERY_VECTORS], dtype=np.float32)
        if not len(asked):
            return []
        scan = self._scans.setdefault(wanted.encoder, Scan(wanted.encoder, self._folder))
        best: dict[Key, float] = {}
        for rows, index in scan.present(wanted.last):
            for kind, span in _spans(rows, wanted):
                is_hidden = ~np.isin(rows.groups[span], [EVERYONE, *wanted.groups])
                found, similarities = index.nearest(
                    asked, span, wanted=wanted.limit * SECTIONS_EACH, is_hidden=is_hidden
                )
                for subject, similarity in _best_of_each(rows.subjects[found], similarities):
                    if similarity > HIDDEN:
                        best[kind, subject] = max(best.get((kind, subject), HIDDEN), similarity)
        return _best_of_each_kind(best, wanted.limit)

    def prepare(self, encoders: Iterable[Encoder]) -> None:
        names = {encoder.name for encoder in encoders}
        self._scans = {name: scan for name, scan in self._scans.items() if name in names}
        for file in self._folder.glob("*.npy"):
            if file.name.split("@")[0] not in names:
                file.unlink(missing_ok=True)


class Scan:
    """The sections by one encoder, in this process."""

    def __init__(self, encoder: str, folder: Path) -> None:
        self._encoder = encoder
        self._folder = folder
        self._lock = threading.Lock()
        self._base = self._tail = _scannable(_no_rows())
        self._seen_at: int | None = None
        self._mapped_at = 0

    def present(self, last: int) -> tuple[tuple[Rows, Index], tuple[Rows, Index]]:
        """The rows as of now. Only the first request after a change reads what is new."""
        with self._lock:
            if last < self._mapped_at:
                self._base = self._tail = _scannable(_no_rows())
                self._seen_at, self._mapped_at = None, 0
            if self._seen_at is None:
                self._base, self._seen_at, self._mapped_at = self._mapped(last), last, last
            elif last > self._seen_at:
                self._tail = _scannable(_joined(self._tail[0], _read_rows(self._encoder, self._seen_at, last)))
                self._seen_at = last
                if len(self._tail[0]) > LARGEST_TAIL:
                    self._base, self._tail, self._mapped_at = self._mapped(last), _scannable(_no_rows()), last
            return self._base, self._tail

    def _mapped(self, last: int) -> tuple[Rows, Index]:
        """The files of all rows up to `last`, made when they are missing. The count tells a restored database apart."""
        is_present = and_(Passage.level == "section", Passage.encoder == self._encoder)
        count = db.session.scalar(select(func.count()).select_from(Passage).where(is_present))
        names = (*Rows.__dataclass_fields__, *SHORT_FORM)
        files = {name: self._folder / f"{self._encoder}@{last}-{count}-{name}.npy" for name in names}
        if not all(file.exists() for file in files.values()):
            self._write(*_scannable(_read_rows(self._encoder, 0, last)), files)
        try:
            mapped = {name: np.load(file, mmap_mode="r") for name, file in files.items()}
        except FileNotFoundError:  # another process, which saw newer rows, tidied up
            return _scannable(_read_rows(self._encoder, 0, last))
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
            if old.name.startswith(f"{self._encoder}@") and old not in files.values():
                old.unlink(missing_ok=True)


def _scannable(rows: Rows) -> tuple[Rows, Index]:
    return rows, Index.of(rows.vectors)


def _read_rows(encoder: str, after: int, last: int) -> Rows:
    columns = (Passage.subject_kind, Passage.language, Passage.subject_id, Passage.group_id, Passage.vector)
    found = db.session.execute(
        select(Passage.id, *columns)
        .where(Passage.id > after, Passage.id <= last, Passage.level == "section", Passage.encoder == encoder)
        .order_by(Passage.id)
    ).all()
    if not found:
        return _no_rows()
    return _by_place(
        ids=np.array([row.id for row in found], dtype=np.int64),
        places=np.array([_place(row.subject_kind, row.language) for row in found], dtype=np.int32),
        subjects=np.array([row.subject_id for row in found], dtype=np.int64),
        groups=np.array([row.group_id or EVERYONE for row in found], dtype=np.int64),
        vectors=np.stack([row.vector for row in found]).astype(np.float32),
    )


def _no_rows() -> Rows:
    nothing = np.zeros(0, dtype=np.int64)
    return Rows(nothing, nothing.astype(np.int32), nothing, nothing, np.zeros((0, 0), dtype=np.float32))


def _joined(first: Rows, second: Rows) -> Rows:
    if not len(first) or not len(second):
        return first if len(first) else second
    names = Rows.__dataclass_fields__
    return _by_place(**{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names})


def _by_place(**columns: NDArray[Any]) -> Rows:
    order = np.argsort(columns["places"], kind="stable")
    return Rows(**{name: values[order] for name, values in columns.items()})


def _place(kind: Kind, language: str) -> int:
    """Texts of one kind and language stand together, so that only those are looked at which may be found."""
    number = LANGUAGES.index(language) if language in LANGUAGES else len(LANGUAGES)
    return KINDS.index(kind) * PLACES_EACH + number


def _spans(rows: Rows, wanted: Wanted) -> Iterator[tuple[Kind, slice]]:
    """Where the rows of each kind stand in each of the languages."""
    for kind in wanted.kinds:
        for language in wanted.languages:
            if span := rows.spans.get(_place(kind, language)):
                yield kind, span


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
