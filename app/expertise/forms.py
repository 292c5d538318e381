"""What a reader asks of the directory, and what people say of fields and answers."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.codes import COUNTRIES
from app.expertise.models import LONGEST_NOTE
from app.expertise.queries import Narrowing
from app.forms import Form, choices_of, line, text
from app.gate import LARGEST_ID
from app.taxonomy.queries import all_topics

LEVEL_NAMES = {"some": _l("Some of it"), "well": _l("Well"), "very well": _l("Very well")}


def topic_field() -> SelectField:
    """None is chosen beforehand."""
    return SelectField(
        _l("Topic"),
        choices=lambda: [("", _("Choose a topic")), *((topic.id, topic.name) for topic in all_topics())],
        validators=[InputRequired(_l("Choose a topic."))],
    )


class FieldForm(Form):
    """A field that someone adds to what they know."""

    topic = topic_field()
    level = SelectField(
        _l("How well you know it"),
        choices=choices_of(LEVEL_NAMES),
        default="well",
    )


class LevelForm(Form):
    """How well someone knows a field, by their own word or by the evidence."""

    level = SelectField(
        _l("Level"),
        choices=choices_of({"": _l("As the evidence says"), **LEVEL_NAMES}),
        filters=[lambda level: level or None],
        validators=[Optional()],
    )


class EvidenceForm(Form):
    """Names a piece of evidence."""

    kind = line("", most=20, required=True)
    subject = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_ID)])


class VerificationForm(Form):
    """That someone knows a field, and how the moderator or tutor knows it."""

    topic = topic_field()
    note = text(_l("How you know"), most=LONGEST_NOTE, required=True)


class ReasonForm(Form):
    """Why an answer is endorsed, or a confirmation withdrawn."""

    reason = text(_l("Reason"), most=LONGEST_NOTE, required=True)


def narrowing_in(arguments: MultiDict[str, str]) -> Narrowing:
    """What an address asks of the directory; what it cannot mean is left out."""
    country, language = arguments.get("country", ""), arguments.get("language", "")
    return Narrowing(
        roles=_values(arguments, "role"),
        topics=_values(arguments, "topic"),
        country=country if country in COUNTRIES else "",
        language=language if re.fullmatch("[a-z]{2,3}", language) else "",
    )


def _values(arguments: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(sorted({value for value in arguments.getlist(name) if re.fullmatch("[a-z0-9_-]{1,60}", value)}))
