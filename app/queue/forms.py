"""Whom a question is put to, and why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.forms import Form, line, text
from app.queue.models import LONGEST_LINE


class PutToForm(Form):
    """A person by their short name, and what to add for them."""

    name = line(_l("Short name of the person"), most=60, required=True)
    line = text(_l("A line for them"), most=LONGEST_LINE)
