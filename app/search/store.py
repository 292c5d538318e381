"""Full text: FTS5 on SQLite, tsvector on PostgreSQL; one contract, tested on both."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import bindparam, text

from app.database import db
from app.search.queries import FOUND_KINDS, Key, Kind

PG_CONFIGURATIONS = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "pt": "portuguese",
    "de": "german",
    "ar": "arabic",
    "ru": "russian",
}
PG_CONFIGURATIONS |= {"it": "italian", "nl": "dutch", "tr": "turkish", "hi": "hindi", "id": "indonesian"}
ROWS_EACH = 8
"""Row ids that FTS5 keeps for each subject number: one for each kind, and some to spare."""


@dataclass(frozen=True)
class Hit:
    """A subject found by words; a higher score is better, and compares within one answer only."""

    key: Key
    score: float


class FullText(Protocol):
    """What is in the index is everything that can be found. The caller checks who may see what beyond groups."""

    def put(self, kind: Kind, subject_id: int, *, title: str, body: str, language: str, group_id: int | None) -> None:
        """Add a document or replace it. `group_id` is None for what everyone may see."""

    def remove(self, kind: Kind, subject_id: int) -> None: ...

    def find(self, words: Sequence[str], *, kinds: Sequence[Kind], groups: Collection[int], limit: int) -> list[Hit]:
        """Documents in any language with any of these words, best first, at most `limit` of each kind.

        Equal scores come in one order.

        `groups` are those whose texts may be found beside what is everyone's.
        """

    def words_in(self, kind: Kind, subject_id: int, words: Collection[str]) -> set[str]:
        """Those of these words for which `find` would find this document; one query."""


def full_text() -> FullText:
    return PostgresqlFullText() if db.engine.dialect.name == "postgresql" else SqliteFullText()


class SqliteFullText:
    """FTS5. The row id is made of subject and kind, so that a document is replaced without a scan; the group is a word
    of its own column. Thus finding reads the index alone, whatever the length of the texts."""

    def put(
        self,
        kind: Kind,
        subject_id: int,
        *,
        title: str,
        body: str,
        language: str,  # noqa: ARG002  (FTS5 stems every language alike)
        group_id: int | None,
    ) -> None:
        self.remove(kind, subject_id)
        document = {"row": _row_id(kind, subject_id), "title": title, "body": body, "scope": _scope(group_id)}
        put = text("INSERT INTO search_index (rowid, title, body, scope) VALUES (:row, :title, :body, :scope)")
        db.session.execute(put, document)

    def remove(self, kind: Kind, subject_id: int) -> None:
        db.session.execute(text("DELETE FROM search_index WHERE rowid = :row"), {"row": _row_id(kind, subject_id)})

    def find(self, words: Sequence[str], *, kinds: Sequence[Kind], groups: Collection[int], limit: int) -> list[Hit]:
        places = [FOUND_KINDS.index(kind) for kind in kinds if kind in FOUND_KINDS]
        if not words or not places:
            return []
        scopes = [_scope(group) for group in (None, *groups)]
        wanted = f"{{title body}} : ({_any_of(words)}) AND scope : ({_any_of(scopes)})"
        limits = {"kinds": places, "each": ROWS_EACH, "limit": limit}
        rows = db.session.execute(_FIND_ON_SQLITE, {"words": wanted, **limits})
        return [Hit((FOUND_KINDS[row % ROWS_EACH], row // ROWS_EACH), score) for row, score in rows]

    def words_in(self, kind: Kind, subject_id: int, words: Collection[str]) -> set[str]:
        wanted = {f"{{title body}} : {_any_of([word])}": word for word in words}
        facts = {"wanted": json.dumps(list(wanted)), "row": _row_id(kind, subject_id)}
        return {wanted[each] for each in db.session.scalars(_WORDS_ON_SQLITE, facts)}


class PostgresqlFullText:
    """tsvector, in the text search configuration of each document's language, without accents as on SQLite.

    Words are looked for as each of these languages writes its stems: whoever reads English may search in Spanish.
    """

    def put(self, kind: Kind, subject_id: int, *, title: str, body: str, language: str, group_id: int | None) -> None:
        db.session.execute(
            text(
                "INSERT INTO search_index (kind, subject_id, group_id, document) VALUES (:kind, :id, :group, "
                "setweight(to_tsvector(CAST(:configuration AS regconfig), :title), 'A') "
                "|| to_tsvector(CAST(:configuration AS regconfig), :body)) "
                "ON CONFLICT (kind, subject_id) "
                "DO UPDATE SET group_id = excluded.group_id, document = excluded.document"
            ),
            {
                "kind": kind,
                "id": subject_id,
                "group": group_id,
                "title": _fold(title),
                "body": _fold(body),
                "configuration": _configuration(language),
            },
        )

    def remove(self, kind: Kind, subject_id: int) -> None:
        gone = text("DELETE FROM search_index WHERE kind = :kind AND subject_id = :id")
        db.session.execute(gone, {"kind": kind, "id": subject_id})

    def find(self, words: Sequence[str], *, kinds: Sequence[Kind], groups: Collection[int], limit: int) -> list[Hit]:
        if not words or not kinds:
            return []
        any_word = " || ".join(_as_query(f":word{at}") for at in range(len(words)))
        found = text(
            f"WITH wanted AS (SELECT {any_word} AS query), "  # noqa: S608  (only our own configurations and numbered parameters are put together)
            "hit AS (SELECT kind, subject_id, ts_rank(document, query) AS score FROM search_index, wanted "
            "WHERE document @@ query AND kind IN :kinds AND (group_id IS NULL OR group_id IN :groups)), "
            "placed AS (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY score DESC, subject_id) AS place "
            "FROM hit) SELECT kind, subject_id, score FROM placed WHERE place <= :limit "
            "ORDER BY score DESC, kind, subject_id"
        ).bindparams(bindparam("kinds", expanding=True), bindparam("groups", expanding=True))
        numbered = {f"word{at}": _fold(word) for at, word in enumerate(words)}
        limits = {"kinds": list(kinds), "groups": list(groups), "limit": limit}
        rows = db.session.execute(found, {**limits, **numbered})
        return [Hit((kind, subject_id), score) for kind, subject_id, score in rows]

    def words_in(self, kind: Kind, subject_id: int, words: Collection[str]) -> set[str]:
        wanted = {word: _fold(word) for word in words}
        folded = {"words": list(set(wanted.values())), "kind": kind, "id": subject_id}
        found = set(db.session.scalars(_WORDS_ON_POSTGRESQL, folded))
        return {word for word, fold in wanted.items() if fold in found}


def _as_query(word: str) -> str:
    """A word as each language writes its stem; `word` is an expression in SQL."""
    configurations = ["simple", *sorted(PG_CONFIGURATIONS.values())]
    return " || ".join(f"plainto_tsquery('{configuration}', {word})" for configuration in configurations)


_FIND_ON_SQLITE = text(
    "WITH hit AS MATERIALIZED (SELECT rowid AS document, -bm25(search_index, 3.0, 1.0, 0.0) AS score "
    "FROM search_index WHERE search_index MATCH :words), "
    "placed AS (SELECT *, row_number() OVER (PARTITION BY document % :each ORDER BY score DESC, document) "
    "AS place FROM hit WHERE document % :each IN :kinds) "
    "SELECT document, score FROM placed WHERE place <= :limit ORDER BY score DESC, document"
).bindparams(bindparam("kinds", expanding=True))


_WORDS_ON_SQLITE = text(
    "SELECT wanted.value FROM json_each(:wanted) AS wanted "
    "JOIN search_index ON search_index MATCH wanted.value AND search_index.rowid = :row"
)
_WORDS_ON_POSTGRESQL = text(
    "SELECT word FROM unnest(CAST(:words AS text[])) AS word, search_index "  # noqa: S608  (only our own configurations)
    f"WHERE kind = :kind AND subject_id = :id AND document @@ ({_as_query('word')})"
)


def _row_id(kind: Kind, subject_id: int) -> int:
    return subject_id * ROWS_EACH + FOUND_KINDS.index(kind)


def _scope(group_id: int | None) -> str:
    return f"group{group_id or 0}"


def _any_of(words: Sequence[str]) -> str:
    return " OR ".join('"{}"'.format(word.replace('"', '""')) for word in words)


def _fold(words: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", words) if not unicodedata.combining(letter))


def _configuration(language: str) -> str:
    return PG_CONFIGURATIONS.get(language, "simple")
