"""Which language a text is written in."""

import unicodedata
from collections.abc import Collection
from functools import cache
from threading import Lock
from typing import Any

from ml.words import fold, language_lists, primary, stop_words

FEWEST_LETTERS = 25
# What the names of letters begin with -> the languages here that are written in them, the likeliest first.
SCRIPTS = {
    "ARABIC": ("ar", "ur"),
    "CJK": ("zh", "ja"),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "CYRILLIC": ("ru",),
    "DEVANAGARI": ("hi",),
    "BENGALI": ("bn",),
}
loading = Lock()


def detect(text: str, *, allowed: Collection[str], declared: str) -> str:
    """The one of the `allowed` languages that `text` is most likely in; codes of ISO 639-1, `pt-BR` counts as `pt`.

    A text of fewer than 25 letters (vowel signs count), and one that tells nothing, is in the `declared` language.
    Always the same answer for the same arguments; may be called by several threads.
    """
    if letters_of(text) < FEWEST_LETTERS:
        return declared
    return most_likely(text, allowed) or declared


def most_likely(text: str, allowed: Collection[str]) -> str | None:
    """The best of the allowed languages; None when the text tells nothing."""
    with loading:
        likely = identifier()
    # Scores are independent of each other, so the best of the allowed is the best if only they were known.
    scores = dict(likely.rank(text))
    if len(set(scores.values())) == 1:
        return None
    known = [language for language in sorted(allowed) if primary(language) in scores]
    return max(known, key=lambda language: scores[primary(language)], default=None)


def language_of_few_words(text: str, *, otherwise: str) -> str:
    """The language of a search: by its script where that tells, else that of most stop words in it; in the language
    `otherwise` where that has as many."""
    letters = [character for character in text if character.isalpha()]
    for script, written_in in SCRIPTS.items():
        if sum(unicodedata.name(letter, "").startswith(script) for letter in letters) * 2 > len(letters):
            return otherwise if primary(otherwise) in written_in else written_in[0]
    words = fold(text).split()
    known = {
        language: sum(word in stop_words(language) for word in words) for language in language_lists()["stop_words"]
    }
    most = max(known.values())
    if known.get(primary(otherwise), 0) == most:
        return otherwise
    return most_likely(text, [language for language, count in known.items() if count == most]) or otherwise


def letters_of(text: str) -> int:
    """Letters and the marks that Hindi, Thai and others write their vowels with."""
    return sum(unicodedata.category(character)[0] in "LM" for character in text)


@cache
def identifier() -> Any:
    """py3langid's own model. Never narrowed to some languages, which would change it for all threads."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
