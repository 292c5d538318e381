"""Which requests a revision seems to answer: what is asked, beside what the revision says that the text did not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.codes import LANGUAGES
from app.diffs import difference
from app.matching.encoding import encoding
from ml.cuts import answer_cut
from ml.encoders import Encoder
from ml.languages import detect
from ml.texts import WORDS_PER_SENTENCE, plain_text, split_sentences, word_count
from ml.words import terms

FEWEST_ADDED = 2
"""Words that a sentence must say anew, and the share of its characters: less is mended spelling."""
LEAST_ADDED = 0.2
MOST_SENTENCES = 60
"""Of a section, and of what is asked, that are compared."""


@dataclass(frozen=True)
class Asked:
    """What someone asks, in Markdown, and the sections of an idea where an answer would stand."""

    key: int
    text: str
    sections: Collection[str]


@dataclass(frozen=True)
class Added:
    """A sentence as it reads now, and those of its words that are new."""

    sentence: str
    words: str


def answered_by(
    asked: Sequence[Asked], before: Mapping[str, str], after: Mapping[str, str], *, language: str
) -> set[int]:
    """The keys of what is likely answered where the sections of a text in this language changed from `before` to
    `after`.

    By meaning where one encoder reads both languages and its weights are there, by new words that both say otherwise.
    Measured in NOTES.md: a guess that somebody confirms.
    """
    added = {name: additions(before.get(name, ""), text) for name, text in after.items()}
    found = set()
    for each in asked:
        places = [name for name in each.sections if added.get(name)]
        if places and _meets(each.text, places, added, before, language):
            found.add(each.key)
    return found


def additions(before: str, after: str) -> list[Added]:
    """The sentences of a text, of Markdown both, that say something which it did not say before."""
    pieces = difference(plain_text(before), plain_text(after)).later
    text = "".join(piece.text for piece in pieces)
    is_new = [piece.kind == "added" for piece in pieces for _ in piece.text]
    found, at = [], 0
    for sentence in split_sentences(text):
        start = text.index(sentence, at)
        at = start + len(sentence)
        new = [letter if fresh else " " for letter, fresh in zip(sentence, is_new[start:at], strict=True)]
        words = " ".join("".join(new).split())
        if word_count(words) >= FEWEST_ADDED and len(words) >= LEAST_ADDED * len(sentence):
            found.append(Added(sentence, words))
    return found[:MOST_SENTENCES]


def _meets(
    text: str, places: Sequence[str], added: Mapping[str, Sequence[Added]], before: Mapping[str, str], language: str
) -> bool:
    words = plain_text(text)
    own = detect(words, allowed=LANGUAGES, declared=language)
    encoder = _reading(own, language)
    if encoder is None:
        return any(_shares_words(words, own, added[name], before.get(name, ""), language) for name in places)
    sentences = [each.sentence for name in places for each in added[name]]
    pieces = [words, *(piece for piece in split_sentences(words) if word_count(piece) >= WORDS_PER_SENTENCE)]
    return _nearest(encoder, pieces[:MOST_SENTENCES], sentences) >= answer_cut(encoder.name)


def _reading(one: str, other: str) -> Encoder | None:
    """The preferred encoder that reads both languages; none where texts are compared by words alone."""
    if not encoding().is_warm or encoding().is_basic:
        return None
    both = encoding().encoders.reading(other)
    return next((encoder for encoder in encoding().encoders.reading(one) if encoder in both), None)


def _nearest(encoder: Encoder, asked: Sequence[str], said: Sequence[str]) -> float:
    """The cosine of the two sentences that come nearest."""
    ours, theirs = (encoding().encode_kept(encoder, pieces) for pieces in (_worded(asked), _worded(said)))
    return float((ours @ theirs.T).max()) if len(ours) and len(theirs) else 0.0


def _worded(pieces: Sequence[str]) -> list[str]:
    """Without a word nothing can be encoded."""
    return [piece for piece in pieces if word_count(piece)]


def _shares_words(asked: str, own: str, added: Sequence[Added], before: str, language: str) -> bool:
    """Whether the section says a word of what is asked that it did not say before."""
    said: Any = terms(" ".join(each.words for each in added), language).keys()
    return bool((said - terms(plain_text(before), language).keys()) & terms(asked, own).keys())
