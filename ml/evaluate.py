"""Measures the product's own ranking on a judged set, beside simple rankings, in one run.

    python -m ml.evaluate related DIR --run FILE [--older-only]
    python -m ml.evaluate experts DIR --run FILE

Prints one JSON object; writes the product's ranking as a TREC run file.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ml.baselines import Bm25, Scores, TfIdf, cosines, mixture
from ml.encoders import Encoder, HashingEncoder, MiniLM, Vectors, has_word
from ml.features import Text
from ml.judged import Document, JudgedSet, is_surely_earlier, read_judged_set
from ml.measures import mean_measures
from ml.ranking import Match, Person, rank_people, rank_texts
from ml.statistics import CorpusStatistics, evenly
from ml.texts import split_passages
from ml.words import terms

PRODUCT = "commons"
DEPTH = 1000
# A group with fewer texts than this is described by the statistics of the whole set.
OWN_STATISTICS = 50
MOST_SENTENCES = 20_000

Ranked = list[tuple[str, float]]
Rankings = dict[str, Ranked]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    judged = read_judged_set(options.folder).limited(older_only=options.older_only)
    library = Library.of(judged, ENCODERS[options.encoder]())
    evaluate = evaluate_experts if options.task == "experts" else evaluate_related
    systems = evaluate(judged, library, older_only=options.older_only)
    write_run(options.run, systems[PRODUCT])
    print(json.dumps(report(options, judged, library, systems), indent=2))


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ml.evaluate", description=__doc__.split("\n")[0])
    parser.add_argument("task", choices=["related", "experts"])
    parser.add_argument("folder", type=Path, help="holds corpus.jsonl, queries.jsonl, qrels.tsv")
    parser.add_argument("--run", type=Path, required=True, help="where the TREC run file goes")
    parser.add_argument("--older-only", action="store_true", help="candidates with an earlier metadata.created only")
    parser.add_argument("--encoder", choices=sorted(ENCODERS), default="minilm")
    return parser.parse_args(arguments)


ENCODERS: Mapping[str, Callable[[], Encoder]] = {"minilm": MiniLM, "hashing": HashingEncoder}


def evaluate_related(judged: JudgedSet, library: "Library", *, older_only: bool) -> dict[str, Rankings]:
    """Rankings of texts by system and query."""
    systems: dict[str, Rankings] = {}
    for query in tqdm(judged.queries.values(), desc="queries", file=sys.stderr):
        candidates = judged.candidates(query, older_only=older_only)
        field = library.field(query.group)
        keys = [candidate.key for candidate in candidates]
        wanted, texts = library.text(query), [library.text(candidate) for candidate in candidates]
        rank = partial(rank_texts, statistics=field.statistics, kind="idea", limit=DEPTH, cut=False)
        note(systems, PRODUCT, query, as_ranked(rank(wanted, texts)))
        note(systems, f"{PRODUCT}, text only", query, as_ranked(rank(bare(wanted), [bare(text) for text in texts])))
        note_baselines(systems, field, library, query, keys)
    return systems


def evaluate_experts(judged: JudgedSet, library: "Library", *, older_only: bool) -> dict[str, Rankings]:
    """Rankings of people by system and query; a person is the posts.jsonl of theirs, or else their document."""
    systems: dict[str, Rankings] = {}
    for query in tqdm(judged.queries.values(), desc="queries", file=sys.stderr):
        candidates = judged.candidates(query, older_only=older_only)
        field = library.field(query.group)
        keys = [candidate.key for candidate in candidates]
        rank = partial(rank_people, statistics=field.statistics, limit=DEPTH, cut=False)
        people = [library.person(candidate, judged) for candidate in candidates]
        note(systems, f"{PRODUCT}, posts only", query, as_ranked(rank(library.text(query), people)))
        put_up = [library.with_own_ideas(person, query, judged) for person in people]
        note(systems, PRODUCT, query, as_ranked(rank(library.text(query), put_up)))
        note_baselines(systems, field, library, query, keys)
        activity = [candidate.activity or len(judged.posts.get(candidate.key, ())) for candidate in candidates]
        note(systems, "activity only", query, by_score(keys, np.array(activity, dtype=float)))
    return systems


def bare(text: Text) -> Text:
    """The text alone, without whatever else is known of it."""
    return replace(text, written_at=None, author=None, phase=None, topics=frozenset())


@dataclass(frozen=True)
class Field:
    """The texts of one group, or of the whole set: what they are like and how the simple systems score them."""

    rows: Mapping[str, int]
    statistics: CorpusStatistics
    bm25: Bm25
    tf_idf: TfIdf
    plain: Vectors


class Library:
    """Every text of a judged set, encoded once."""

    def __init__(self, judged: JudgedSet, vectors: Mapping[str, Vectors], encoder: Encoder) -> None:
        self.encoder = encoder
        self._documents = list(judged.documents.values())
        self._written = judged.all_posts() or self._documents
        self._vectors = vectors
        self._nothing = np.zeros((0, encoder.dimension), dtype=np.float32)
        self._texts: dict[str, Text] = {}
        self._people: dict[str, Person] = {}
        self._ideas: defaultdict[str, list[Document]] = defaultdict(list)
        self._fields: dict[str | None, Field] = {}

    @classmethod
    def of(cls, judged: JudgedSet, encoder: Encoder) -> "Library":
        documents = [*judged.documents.values(), *judged.queries.values(), *judged.all_posts()]
        wanted = {piece for document in documents for piece in [document.whole, *chain(*pieces(document))]}
        return cls(judged, encoded(sorted(filter(has_word, wanted)), encoder), encoder)

    def text(self, document: Document) -> Text:
        """What the ranking sees of a document."""
        if document.key + document.whole not in self._texts:
            sections, sentences = pieces(document)
            self._texts[document.key + document.whole] = Text(
                key=document.key,
                vectors=self.stacked(sections),
                sentences=self.stacked(sentences),
                terms=terms(document.whole, document.language),
                title_terms=terms(document.title, document.language),
                language=document.language,
                written_at=document.created,
                author=document.author,
                phase=document.phase,
                topics=document.topics,
            )
        return self._texts[document.key + document.whole]

    def person(self, document: Document, judged: JudgedSet) -> Person:
        if document.key not in self._people:
            texts = [self.text(text) for text in judged.posts.get(document.key) or [document]]
            self._people[document.key] = Person(document.key, texts)
        return self._people[document.key]

    def with_own_ideas(self, person: Person, query: Document, judged: JudgedSet) -> Person:
        """With the ideas that the person put up before this one: earlier queries tell whose they are."""
        earlier = [idea for idea in self._ideas_of(judged)[str(person.key)] if is_surely_earlier(idea, query)]
        return replace(person, texts=[*person.texts, *map(self.text, earlier)]) if earlier else person

    def _ideas_of(self, judged: JudgedSet) -> Mapping[str, list[Document]]:
        if not self._ideas:
            for idea in judged.queries.values():
                for author in idea.excluded:
                    self._ideas[author].append(idea)
        return self._ideas

    def field(self, group: str | None) -> Field:
        """The field a query is ranked in."""
        if group not in self._fields:
            self._fields[group] = self._field(group)
        return self._fields[group]

    def plain(self, text: str) -> Vectors:
        """The vector of a whole text, zero for one without words."""
        return self._vectors.get(text, np.zeros(self.encoder.dimension, dtype=np.float32))

    def stacked(self, texts: Iterable[str]) -> Vectors:
        rows = [self._vectors[text] for text in texts]
        return np.stack(rows) if rows else self._nothing

    def _field(self, group: str | None) -> Field:
        documents = within(self._documents, group)
        written = within(self._written, group)
        known = [self.text(one) for one in (written if len(written) >= OWN_STATISTICS else self._written)]
        sections = np.concatenate([self._nothing, *(text.vectors for text in known)])
        sentences = np.concatenate([self._nothing, *(text.sentences for text in known)])
        wholes = [document.whole for document in documents]
        return Field(
            rows={document.key: row for row, document in enumerate(documents)},
            statistics=CorpusStatistics.of(
                sections,
                evenly(sentences, MOST_SENTENCES),
                [text.terms for text in known],
                topics=[text.topics for text in known],
                encoder=self.encoder.name,
                languages=self.encoder.languages,
            ),
            bm25=Bm25([self.text(document).terms for document in documents]),
            tf_idf=TfIdf(wholes),
            plain=np.array([self.plain(whole) for whole in wholes]).reshape(len(wholes), self.encoder.dimension),
        )


def within(documents: Iterable[Document], group: str | None) -> list[Document]:
    return [document for document in documents if group is None or document.group == group]


def pieces(document: Document) -> tuple[list[str], list[str]]:
    """The section passages of a document, the title's first, and its sentences."""
    passages = split_passages({"title": document.title, "text": document.text})
    return tuple([piece.text for piece in passages if piece.level == level] for level in ("section", "sentence"))  # type: ignore[return-value]


def encoded(texts: Sequence[str], encoder: Encoder) -> dict[str, Vectors]:
    """Text -> vector, longest texts first so that the progress bar never promises too much."""
    ordered = sorted(texts, key=len, reverse=True)
    vectors: dict[str, Vectors] = {}
    with tqdm(total=len(ordered), desc="texts encoded", file=sys.stderr) as progress:
        for at in range(0, len(ordered), 64):
            some = ordered[at : at + 64]
            vectors.update(zip(some, encoder.encode(some), strict=True))
            progress.update(len(some))
    return vectors


def note_baselines(
    systems: dict[str, Rankings], field: Field, library: Library, query: Document, keys: Sequence[str]
) -> None:
    rows = [field.rows[key] for key in keys]
    words = field.bm25.scores(library.text(query).terms)[rows]
    plain = cosines(library.plain(query.whole), field.plain)[rows]
    note(systems, "BM25", query, by_score(keys, words))
    note(systems, "TF-IDF", query, by_score(keys, field.tf_idf.scores(query.whole)[rows]))
    note(systems, f"plain {library.encoder.name}", query, by_score(keys, plain))
    note(systems, "0.7 plain + 0.3 BM25", query, by_score(keys, mixture(plain, words)))


def note(systems: dict[str, Rankings], system: str, query: Document, ranked: Ranked) -> None:
    systems.setdefault(system, {})[query.key] = ranked


def as_ranked(matches: Iterable[Match]) -> Ranked:
    return [(str(match.key), match.score) for match in matches]


def by_score(keys: Sequence[str], scores: Scores) -> Ranked:
    ordered = sorted(range(len(keys)), key=lambda row: (-scores[row], keys[row]))
    return [(keys[row], float(scores[row])) for row in ordered[:DEPTH]]


def write_run(path: Path, rankings: Rankings) -> None:
    """TREC format: query Q0 document rank score system."""
    with path.open("w", encoding="utf-8") as file:
        for query, ranked in rankings.items():
            for rank, (key, score) in enumerate(ranked, start=1):
                file.write(f"{query} Q0 {key} {rank} {score:.6f} {PRODUCT}\n")


def report(
    options: argparse.Namespace, judged: JudgedSet, library: Library, systems: dict[str, Rankings]
) -> dict[str, object]:
    measures = {
        system: mean_measures(
            {query: [key for key, _ in ranked] for query, ranked in rankings.items()}, judged.relevant
        )
        for system, rankings in systems.items()
    }
    return {
        "set": options.folder.resolve().name,
        "task": options.task,
        "older_only": options.older_only,
        "encoder": library.encoder.name,
        "documents": len(judged.documents),
        "queries": len(judged.queries),
        "systems": measures,
    }


if __name__ == "__main__":
    main()
