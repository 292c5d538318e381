"""ISO codes of countries and languages, and their names in the reader's language."""

from __future__ import annotations

from functools import cache

from babel import Locale
from flask_babel import get_locale

LANGUAGES = (
    *("en", "es", "fr", "ar", "zh", "ru", "pt", "de", "it", "nl"),
    *("pl", "tr", "sw", "hi", "ur", "bn", "id", "vi", "ja", "ko"),
)
"""Languages that a text may be written in; the six of the United Nations first."""

COUNTRIES = tuple(
    code
    for code in map(str, Locale("en").territories)
    if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO")
)


def country_name(code: str | None) -> str:
    return _locale().territories.get(code or "", code or "")


def language_name(code: str) -> str:
    return _locale().languages.get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """(code, name) by name."""
    return list(_countries_by_name(_locale()))


def language_choices() -> list[tuple[str, str]]:
    return [(code, language_name(code)) for code in LANGUAGES]


def _locale() -> Locale:
    return get_locale() or Locale("en")


@cache
def _countries_by_name(locale: Locale) -> tuple[tuple[str, str], ...]:
    names = ((code, str(locale.territories.get(code, code))) for code in COUNTRIES)
    return tuple(sorted(names, key=lambda choice: choice[1]))
