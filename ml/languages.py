"""Which language a text is written in."""

import unicodedata
from collections.abc import Collection
from functools import cache
from threading import Lock
from typing import Any

from ml.words import primary

FEWEST_LETTERS = 25
loading = Lock()


def detect(text: str, *, allowed: Collection[str], declared: str) -> str:
    """The one of the `allowed` languages that `text` is most likely in; codes of ISO 639-1, `pt-BR` counts as `pt`.

    A text of fewer than 25 letters (vowel signs count), and one that tells nothing, is in the `declared` language.
    Always the same answer for the same arguments; may be called by several threads.
    """
    if letters_of(text) < FEWEST_LETTERS:
        return declared
    with loading:
        likely = identifier()
    # Scores are independent of each other, so the best of the allowed is the best if only they were known.
    scores = dict(likely.rank(text))
    if len(set(scores.values())) == 1:
        return declared
    known = [language for language in sorted(allowed) if primary(language) in scores]
    return max(known, key=lambda language: scores[primary(language)], default=declared)


def letters_of(text: str) -> int:
    """Letters and the marks that Hindi, Thai and others write their vowels with."""
    return sum(unicodedata.category(character)[0] in "LM" for character in text)


@cache
def identifier() -> Any:
    """py3langid's own model. Never narrowed to some languages, which would change it for all threads."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
