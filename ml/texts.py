"""Texts in pieces: plain words out of Markdown, sentences, and the passages that get vectors."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import islice
from typing import Literal

from ml.words import UNSPACED, language_lists

WORDS_PER_PASSAGE = 180
WORDS_PER_SENTENCE = 4
SENTENCES_PER_SECTION = 60

BEFORE_A_NUMBER = frozenset({"no", "nos", "n", "p", "nr", "art", "fig", "vol", "№"})
BOUNDARY = re.compile(r"""(?:[.!?…۔।]+["'»”’)\]]*(?=\s)|[。！？؟]+["'»”’）」』\]]*)\s*""")
BULLET = re.compile(r"^\s*(?:[-*•◦▪‣·–]\s+)+")
BLOCKS = {
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "table",
    "tr",
    "hr",
    "br",
}


@dataclass(frozen=True)
class Passage:
    """A piece of a text that gets a vector; `position` counts from 0 within its section and level."""

    section: str
    position: int
    level: Literal["section", "sentence"]
    text: str


def plain_text(markdown: str) -> str:
    """The readable words of a Markdown text, a line for each block; links keep their text, pictures and markup go."""
    import cmarkgfm

    reader = BlockReader()
    reader.feed(cmarkgfm.github_flavored_markdown_to_html(markdown))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def split_sentences(text: str) -> list[str]:
    """Sentences in order, in any of the languages served; every line and list item is at least one of its own."""
    return [sentence for line in text.splitlines() for sentence in sentences_of_line(BULLET.sub("", line))]


def split_passages(sections: Mapping[str, str]) -> list[Passage]:
    """Markdown by section name -> passages, the title's first; those without a word are left out.

    A section gives section passages of about 180 words, and its first sentences of at least four words. The title is
    a section and a sentence, however short.
    """
    ordered = sorted(sections, key=lambda name: name != "title")
    return [passage for name in ordered for passage in passages_of_section(name, plain_text(sections[name]))]


def text_digest(text: str) -> str:
    """sha256 in hex of the NFC-normalised text."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode("utf-8")).hexdigest()


class BlockReader(HTMLParser):
    """Collects the text of rendered Markdown, with a line break around each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._preformatted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._preformatted = self._preformatted or tag == "pre"
        self.pieces.append("\n" if tag in BLOCKS else " " if tag in {"td", "th"} else "")

    def handle_endtag(self, tag: str) -> None:
        self._preformatted = self._preformatted and tag != "pre"
        self.pieces.append("\n" if tag in BLOCKS else "")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data if self._preformatted else data.replace("\n", " "))


def sentences_of_line(line: str) -> Iterator[str]:
    start = 0
    for found in BOUNDARY.finditer(line):
        if ends_sentence(line, start, found):
            yield from stripped(line[start : found.end()])
            start = found.end()
    yield from stripped(line[start:])


def stripped(text: str) -> Iterator[str]:
    if text := text.strip():
        yield text


def ends_sentence(line: str, start: int, found: re.Match[str]) -> bool:
    """Whether the stop found ends a sentence, and not an abbreviation, an initial, an ordinal or a pause."""
    stop, following = found.group().strip(), line[found.end() : found.end() + 1]
    if not following or stop[0] in "!?。！？؟۔।":
        return True
    if stop.startswith(("..", "…")):
        return not following.islower()
    before = line[start : found.start()].rsplit(maxsplit=1)[-1:]
    word = before[0].lstrip("(\"'«“‘[").casefold() if before else ""
    if word in BEFORE_A_NUMBER and following.isdigit():
        return False
    if word == "etc":
        return following.isupper()
    is_initial = len(word) == 1 and word.isalpha()
    return not (word in abbreviations() or is_initial or (word.isdigit() and len(word) < 3))


@cache
def abbreviations() -> frozenset[str]:
    return frozenset(language_lists()["abbreviations"].split())


def passages_of_section(section: str, text: str) -> Iterator[Passage]:
    if section == "title":
        text = " ".join(text.split())
    kept = (piece for piece in pieces_of(text) if word_count(piece))
    for position, piece in enumerate(kept):
        yield Passage(section, position, "section", piece)
    for position, sentence in islice(long_sentences(section, text), SENTENCES_PER_SECTION):
        yield Passage(section, position, "sentence", sentence)


def long_sentences(section: str, text: str) -> Iterator[tuple[int, str]]:
    """(place among all sentences of the section, sentence) for those that say enough to be matched."""
    sentences = [text] if section == "title" else split_sentences(text)
    for position, sentence in enumerate(sentences):
        if word_count(sentence) >= (1 if section == "title" else WORDS_PER_SENTENCE):
            yield position, sentence


def pieces_of(text: str) -> Iterator[str]:
    """The text in pieces of about 180 words, of nearly equal length, cut at sentence ends where there are any."""
    total = word_count(text)
    if total <= WORDS_PER_PASSAGE:
        yield text
        return
    target = total / -(-total // WORDS_PER_PASSAGE)
    held: list[str] = []
    for sentence in short_sentences(text):
        held.append(sentence)
        if sum(map(word_count, held)) >= target:
            yield " ".join(held)
            held = []
    if held:
        yield " ".join(held)


def short_sentences(text: str) -> Iterator[str]:
    """Sentences, those longer than a passage cut by their words."""
    for sentence in split_sentences(text):
        if word_count(sentence) <= WORDS_PER_PASSAGE:
            yield sentence
        else:
            yield from cut_by_words(sentence)


def cut_by_words(sentence: str) -> Iterator[str]:
    words = sentence.split()
    if len(words) < 2:
        words = [sentence[at : at + WORDS_PER_PASSAGE] for at in range(0, len(sentence), WORDS_PER_PASSAGE)]
        yield from words
        return
    for at in range(0, len(words), WORDS_PER_PASSAGE):
        yield " ".join(words[at : at + WORDS_PER_PASSAGE])


def word_count(text: str) -> int:
    """Words; where they are written without spaces, two characters count as one."""
    unspaced = len(re.findall(rf"[{UNSPACED}]", text))
    return len(re.findall(rf"[^\W_{UNSPACED}]+", text)) + -(-unspaced // 2)
