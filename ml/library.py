"""Every text of a judged set as the ranking sees it, and the fields that its texts are ranked in."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from tqdm import tqdm

from ml.baselines import Bm25, TfIdf
from ml.encoders import Encoder, Vectors, has_word, unit_rows
from ml.features import Text
from ml.judged import Document, JudgedSet, is_surely_earlier
from ml.ranking import Person
from ml.statistics import CorpusStatistics, evenly
from ml.texts import split_passages
from ml.words import terms

# A group with fewer texts than this is described by the statistics of the whole set.
OWN_STATISTICS = 50
MOST_SENTENCES = 20_000


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

    def plain_of_posts(self, person: Document, judged: JudgedSet) -> Vectors:
        """The direction of the mean of a person's posts, (dimension,); that of their document where there are none."""
        return unit_rows(np.sum([self.plain(post.whole) for post in judged.posts.get(person.key) or [person]], axis=0))

    def stacked(self, texts: Iterable[str]) -> Vectors:
        rows = [self._vectors[text] for text in texts]
        return np.stack(rows) if rows else self._nothing

    def _field(self, group: str | None) -> Field:
        documents = within(self._documents, group)
        written = within(self._written, group)
        wholes = [document.whole for document in documents]
        return Field(
            rows={document.key: row for row, document in enumerate(documents)},
            statistics=self._statistics_of(written) if len(written) >= OWN_STATISTICS else self._statistics_of_all,
            bm25=Bm25([self.text(document).terms for document in documents]),
            tf_idf=TfIdf(wholes),
            plain=np.array([self.plain(whole) for whole in wholes]).reshape(len(wholes), self.encoder.dimension),
        )

    @cached_property
    def _statistics_of_all(self) -> CorpusStatistics:
        return self._statistics_of(self._written)

    def _statistics_of(self, written: Iterable[Document]) -> CorpusStatistics:
        known = [self.text(one) for one in written]
        sections = np.concatenate([self._nothing, *(text.vectors for text in known)])
        sentences = np.concatenate([self._nothing, *(text.sentences for text in known)])
        return CorpusStatistics.of(
            sections,
            evenly(sentences, MOST_SENTENCES),
            [text.terms for text in known],
            topics=[text.topics for text in known],
            encoder=self.encoder.name,
            languages=self.encoder.languages,
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
