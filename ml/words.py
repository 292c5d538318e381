"""Words of a text: folded, without stop words, stemmed by language."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

STEMMERS = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "pt": "portuguese",
    "ru": "russian",
}
# People write these with and without their accents, which their stemmers take for different words.
OFTEN_UNACCENTED = frozenset({"es", "pt"})
# Scripts written without spaces: Han, kana, Thai, Lao, Khmer, Myanmar.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{UNSPACED}]+|\b[eE]-\w+|[^\W_{UNSPACED}]+")
IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
stemming = Lock()


def terms(text: str, language: str = "en") -> Counter[str]:
    """How often each term occurs: folded, stemmed, without stop words and numbers; bigrams where no spaces are."""
    return Counter(dict(counted_terms(text, primary(language))))


def stem_labels(text: str, language: str = "en") -> dict[str, str]:
    """Each term of `text` -> the form in which the text first writes it, without a capital if it is ever so written."""
    return dict(first_labels(text, primary(language)))


def numbers_of(terms: Collection[str]) -> Numbers:
    """A number for each term of a stored text, the same for as long as the process lives; (n,)."""
    return np.fromiter((term_numbers[term] for term in terms), dtype=np.int64, count=len(terms))


def known_numbers(terms: Iterable[str]) -> Numbers:
    """Of those terms that have a number. What people ask gets none: it is theirs, and there is no end of it."""
    return np.array([number for term in terms if (number := term_numbers.get(term)) is not None], dtype=np.int64)


def numbered_terms() -> int:
    """How many terms have a number; all numbers are smaller."""
    return len(term_numbers)


class TermNumbers(dict[str, int]):
    """Gives each new term the next number. Threads may share it."""

    def __init__(self) -> None:
        self._numbering = Lock()

    def __missing__(self, term: str) -> int:
        with self._numbering:
            return self.setdefault(term, len(self))


term_numbers = TermNumbers()


def fold(text: str) -> str:
    """Without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def all_stop_words() -> frozenset[str]:
    """The folded stop words of every language known here."""
    return frozenset().union(*(stop_words(language) for language in language_lists()["stop_words"]))


def is_empty(term: str, language: str = "en") -> bool:
    """Whether a term of this language, as `terms` gives it, tells a reader nothing of what a text is about."""
    return term in empty_terms(primary(language))


@lru_cache(maxsize=8192)
def counted_terms(text: str, language: str) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(stem for stem, _ in stems(text, language)).items())


@lru_cache(maxsize=8192)
def first_labels(text: str, language: str) -> tuple[tuple[str, str], ...]:
    labels: dict[str, str] = {}
    for stem, written in stems(text, language):
        if written.islower() and not labels.get(stem, "a").islower():
            labels[stem] = written  # a capital at the start of a sentence is not the word's own
        labels.setdefault(stem, written)
    return tuple(labels.items())


def stems(text: str, language: str) -> Iterator[tuple[str, str]]:
    """(stem, as written) in the order of the text."""
    for written in WORD.findall(unicodedata.normalize("NFC", text)):
        if IS_UNSPACED.match(written):
            yield from ((piece, piece) for piece in bigrams(written))
        elif stem := stem_of(written.casefold(), language):
            yield stem, written


def bigrams(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


@lru_cache(maxsize=65536)
def stem_of(word: str, language: str) -> str:
    """The folded stem, or an empty string for a stop word, a number or a single letter."""
    word = word.replace("-", "")
    if len(word) < 2 or word.isdigit() or fold(word) in stop_words(language):
        return ""
    if language not in STEMMERS:
        return fold(word)
    # A stemmer keeps the word it works on in itself, so two threads must not share it.
    with stemming:
        return fold(stemmer(language).stemWord(fold(word) if language in OFTEN_UNACCENTED else word))


@cache
def stemmer(language: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(STEMMERS[language])


@cache
def stop_words(language: str) -> frozenset[str]:
    return frozenset(fold(word) for word in language_lists()["stop_words"].get(language, "").split())


@cache
def empty_terms(language: str) -> frozenset[str]:
    """Unlike stop words they count in ranking, where they weigh little because they are common."""
    return frozenset(stem_of(word, language) for word in language_lists()["empty_words"].get(language, "").split())


@cache
def language_lists() -> dict[str, Any]:
    """What is known of each language's words, as languages.json has it."""
    lists: dict[str, Any] = json.loads(Path(__file__).with_name("languages.json").read_text("utf-8"))
    return lists


@lru_cache(maxsize=256)
def primary(language: str) -> str:
    """`pt-BR` -> `pt`."""
    return re.split(r"[-_]", language.lower(), maxsplit=1)[0]
