"""Sets of texts with human judgements: corpus.jsonl, queries.jsonl, qrels.tsv (and posts.jsonl, candidates.tsv)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Document:
    """A text of the set; `activity` is how much a person contributed, where the document is a person.

    `author`, `phase` and `topics` are told of some sets only.
    """

    key: str
    title: str
    text: str
    group: str | None
    created: datetime | None
    language: str
    excluded: frozenset[str]
    activity: float
    author: str | None = None
    phase: str | None = None
    topics: frozenset[str] = frozenset()

    @property
    def whole(self) -> str:
        """Title and text as one."""
        return ". ".join(part for part in (self.title.rstrip(". "), self.text) if part)


@dataclass(frozen=True)
class JudgedSet:
    """`relevant` holds, for each query, the gain of each relevant document; `posts` the texts of each person; `listed`
    the only documents that may be ranked for a query, where a set says which."""

    documents: Mapping[str, Document]
    queries: Mapping[str, Document]
    relevant: Mapping[str, Mapping[str, float]]
    posts: Mapping[str, list[Document]]
    listed: Mapping[str, frozenset[str]]

    def all_posts(self) -> list[Document]:
        return [post for posts in self.posts.values() for post in posts]

    def limited(self, *, older_only: bool) -> "JudgedSet":
        """With only the judgements of documents that may be ranked, and only the queries that keep one."""
        relevant = {key: self._reachable(query, older_only) for key, query in self.queries.items()}
        queries = {key: query for key, query in self.queries.items() if relevant[key]}
        return replace(self, queries=queries, relevant=relevant)

    def _reachable(self, query: Document, older_only: bool) -> dict[str, float]:
        gains = self.relevant[query.key]
        known = self._listed(query)
        return {each.key: gains[each.key] for each in known if each.key in gains and may_rank(each, query, older_only)}

    def candidates(self, query: Document, *, older_only: bool) -> list[Document]:
        """What may be ranked for a query: its group, without itself and what it excludes, earlier only if asked."""
        return [document for document in self._listed(query) if may_rank(document, query, older_only)]

    def _listed(self, query: Document) -> Iterable[Document]:
        if query.key not in self.listed:
            return self.documents.values()
        return [self.documents[key] for key in sorted(self.listed[query.key]) if key in self.documents]


def may_rank(document: Document, query: Document, older_only: bool) -> bool:
    if document.key == query.key or document.key in query.excluded:
        return False
    if query.group is not None and document.group != query.group:
        return False
    return not older_only or is_earlier(document, query)


def is_earlier(document: Document, query: Document) -> bool:
    """Unknown moments do not exclude."""
    return document.created is None or query.created is None or document.created < query.created


def is_surely_earlier(document: Document, query: Document) -> bool:
    return document.created is not None and query.created is not None and document.created < query.created


def read_judged_set(folder: Path, *, listed_only: bool = False) -> JudgedSet:
    """Reads a folder; queries without a judgement are left out. With `listed_only` what candidates.tsv names for a
    query is ranked and nothing else. Raises OSError, ValueError."""
    documents = {document.key: document for document in map(document_of, lines_of(folder / "corpus.jsonl"))}
    relevant = read_judgements(folder / "qrels.tsv")
    listed = read_candidates(folder / "candidates.tsv") if listed_only else {}
    queries = {}
    for line in lines_of(folder / "queries.jsonl"):
        query = with_title(document_of(line), line, documents)
        if relevant.get(query.key):
            queries[query.key] = query
    return JudgedSet(documents, queries, relevant, read_posts(folder / "posts.jsonl"), listed)


def read_judgements(path: Path) -> dict[str, dict[str, float]]:
    relevant: dict[str, dict[str, float]] = defaultdict(dict)
    for line in path.read_text("utf-8").splitlines():
        query, document, score = ([*line.split("\t"), "1", "1"])[:3]
        if is_number(score) and float(score) > 0:
            relevant[query][document] = float(score)
    return relevant


def read_candidates(path: Path) -> dict[str, frozenset[str]]:
    listed: dict[str, set[str]] = defaultdict(set)
    for line in path.read_text("utf-8").splitlines()[1:]:
        query, document, *_ = line.split("\t")
        listed[query].add(document)
    return {query: frozenset(documents) for query, documents in listed.items()}


def read_posts(path: Path) -> dict[str, list[Document]]:
    posts: dict[str, list[Document]] = defaultdict(list)
    if path.exists():
        for line in lines_of(path):
            posts[str(line.get("user"))].append(document_of(line))
    return posts


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Raises ValueError, with the number of the line, for what is no JSON object with an `_id`."""
    found = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                told = json.loads(line)
                if not isinstance(told, dict) or "_id" not in told:
                    raise ValueError(f"{path.name}, line {number}: not a JSON object with an _id")
                found.append(told)
    return found


def document_of(line: Mapping[str, Any]) -> Document:
    about = line.get("metadata") or {}
    return Document(
        key=str(line["_id"]),
        title=str(line.get("title") or ""),
        text=str(line.get("text") or ""),
        group=None if about.get("group") is None else str(about["group"]),
        created=moment_of(about.get("created", line.get("created"))),
        language=str(about.get("language") or about.get("lang") or "en"),
        excluded=keys_of(about.get("exclude")),
        activity=float(about["n_contrib"]) if is_number(about.get("n_contrib")) else 0.0,
        author=None if about.get("author") is None else str(about["author"]),
        phase=None if about.get("type") is None else str(about["type"]),
        topics=keys_of(about.get("themes")),
    )


def with_title(query: Document, line: Mapping[str, Any], documents: Mapping[str, Document]) -> Document:
    """The query with the title found in its metadata or in the corpus, and its text without that title."""
    about = line.get("metadata") or {}
    known = documents.get(query.key)
    title = query.title or str(about.get("subject") or about.get("title") or (known.title if known else ""))
    text = query.text
    if title and text.startswith(title):
        text = text[len(title) :].lstrip(" .")
    return replace(query, title=title, text=text)


def keys_of(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})


def moment_of(value: Any) -> datetime | None:
    """A moment from seconds since 1970 or an ISO date; None for anything else."""
    try:
        if is_number(value):
            return datetime.fromtimestamp(float(value), UTC)
        moment = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
