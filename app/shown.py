"""How templates show moments, codes and texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from babel.lists import format_list
from flask import Flask
from flask_babel import (
    format_date,
    format_datetime,
    format_percent,
    format_timedelta,
    get_locale,
)
from markupsafe import Markup

from app.codes import country_name, language_name
from app.database import now
from app.markdown import plain_words, render_markdown
from app.pages import page_url


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        ago=ago,
        moment=moment,
        day=format_date,
        share=format_percent,
        country=country_name,
        language=language_name,
        markdown=render_markdown,
        words=plain_words,
        listed=listed,
        isolated=isolated,
    )
    app.jinja_env.globals.update(page_url=page_url, icons_address=f"{app.static_url_path}/icons.svg")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


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
