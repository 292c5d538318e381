"""What someone says who asks to join an idea."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.forms import Form, text
from app.joining.models import LONGEST_LINE


class JoiningForm(Form):
    """A line on what one would bring."""

    line = text(_l("What I would bring"), most=LONGEST_LINE, required=True)
