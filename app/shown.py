"""How templates show moments, codes and texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from babel.lists import format_list
from flask import Flask, g
from flask_babel import (
    format_date,
    format_datetime,
    format_percent,
    format_timedelta,
    get_locale,
)
from markupsafe import Markup

from app.accounts.queries import names_among
from app.codes import country_name, language_name
from app.database import now
from app.kept import kept
from app.markdown import mentioned_names, plain_words, render_markdown, with_mentions
from app.pages import page_url

MOST_NAMES = 10_000
"""That a process keeps of those in use."""


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        ago=ago,
        moment=moment,
        day=format_date,
        share=format_percent,
        country=country_name,
        language=language_name,
        markdown=markdown,
        words=plain_words,
        listed=listed,
        isolated=isolated,
    )
    app.jinja_env.globals.update(page_url=page_url, icons_address=f"{app.static_url_path}/icons.svg")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def markdown(text: str) -> Markup:
    """Safe HTML of a text, in which those who are named are linked; without a mention, no query."""
    names = mentioned_names(text)
    return with_mentions(render_markdown(text), _names_in_use(names)) if names else render_markdown(text)


def ago(then: datetime) -> str:
    """How long ago, in words: 3 hours ago."""
    return format_timedelta(then - now(), add_direction=True)


def listed(parts: Iterable[object]) -> str:
    """One after the other, as the reader's language separates them; HTML stays HTML if all of them are."""
    every = list(parts)
    text = str(format_list([str(part) for part in every], style="unit", locale=get_locale()))
    return Markup(text) if all(isinstance(part, Markup) for part in every) else text  # noqa: S704  (they are safe)


def isolated(text: str) -> Markup:
    """A name or title inside a sentence, with a direction of its own."""
    return Markup("<bdi>{}</bdi>").format(text)


def moment(then: datetime) -> str:
    """The full date and time in UTC."""
    return format_datetime(then, "d MMMM yyyy, HH:mm 'UTC'", rebase=False)


def _names_in_use(names: Collection[str]) -> set[str]:
    """Those of these names that somebody has. A process looks up each of them once, and what is nobody's name once a
    request: nobody gives a name up, but anybody may take one."""
    in_use, unused = kept("names", most=MOST_NAMES), g.setdefault("unused_names", set())
    unknown = {name for name in names if name not in unused and not in_use.get(name)}
    found = names_among(unknown) if unknown else set()
    for name in found:
        in_use.put(name, True)
    unused |= unknown - found
    return set(names) - unused
