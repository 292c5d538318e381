"""What forms share: cleaned text and choices of tags. Forms check shape; truth is checked by commands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.codes import country_choices, language_choices
from app.taxonomy.queries import all_roles, all_topics

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\u202a-\u202e]")
MOST_TOPICS = 6
"""That a text may carry."""


class Form(FlaskForm):
    """A form whose hidden token is shown by the template."""


def clean(text: str | None) -> str:
    """As stored: NFC, line ends as \\n, no control or direction-overriding characters, no space at either end."""
    lines = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS.sub("", unicodedata.normalize("NFC", lines)).strip()


def line(label: Any, *, most: int, least: int = 0, required: bool = False, **options: Any) -> StringField:
    """A field of one line."""
    return StringField(label, filters=[clean], validators=_length(most, least, required), **options)


def text(label: Any, *, most: int, least: int = 0, required: bool = False, **options: Any) -> TextAreaField:
    """A field of many lines."""
    return TextAreaField(label, filters=[clean], validators=_length(most, least, required), **options)


class LinesField(TextAreaField):
    """A list, one entry on each line."""

    def __init__(self, label: Any, *, most: int, **options: Any) -> None:
        super().__init__(label, default=list, **options)
        self.most = most

    def _value(self) -> str:
        return "\n".join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = [line for line in map(str.strip, clean(valuelist[0]).split("\n")) if line]

    def pre_validate(self, _form: Any) -> None:
        if len(self.data or []) > self.most:
            raise ValidationError(_l("At most %(most)d lines, please.", most=self.most))


class TagsField(SelectMultipleField):
    """Any number of the tags that exist, as check boxes; `tags` are asked for when the form is shown or read."""

    def __init__(self, label: Any, *, tags: Callable[[], Sequence[Any]], most: int = 13, **options: Any) -> None:
        super().__init__(label, choices=lambda: [(tag.id, tag.name) for tag in tags()], **options)
        self.most = most

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if len(self.data or []) > self.most:
            raise ValidationError(_l("Choose at most %(most)d.", most=self.most))


def roles_field(label: Any, **options: Any) -> TagsField:
    return TagsField(label, tags=all_roles, **options)


def topics_field(label: Any, **options: Any) -> TagsField:
    return TagsField(label, tags=all_topics, most=MOST_TOPICS, **options)


def one_of(label: Any, names: Mapping[Any, Any], **options: Any) -> RadioField:
    """One of a few, by value with their names, as radio buttons."""
    return RadioField(label, choices=choices_of(names), **options)


def choices_of(names: Mapping[Any, Any]) -> list[SelectChoice]:
    """By value with their names."""
    return [SelectChoice(value, name) for value, name in names.items()]


def country_field(label: Any) -> SelectField:
    """A country's code, or None."""
    return SelectField(
        label,
        choices=lambda: [("", _l("Not said")), *country_choices()],
        filters=[lambda code: code or None],
        validators=[Optional()],
    )


def language_field(label: Any) -> SelectField:
    return SelectField(label, choices=language_choices, default="en")


def is_web_address(link: str) -> bool:
    """Whether a link is safe to show: http or https, with a host, no user name, no spaces."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    is_clear = len(link) <= 300 and not re.search(r"[\s\\<>\"]", link) and "@" not in parts.netloc
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_clear


def _length(most: int, least: int, required: bool) -> list[Any]:
    message = _l("Between %(least)d and %(most)d characters, please.", least=least, most=most) if least else None
    length = Length(min=least or -1, max=most, message=message or _l("At most %(most)d characters, please.", most=most))
    return [DataRequired(_l("This is needed.")) if required else Optional(), length]
