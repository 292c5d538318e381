"""What a moderator says with a decision."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import AnyOf

from app.forms import Form
from app.forum.forms import public_reason

ACTIONS = ("feature", "unfeature", "hide", "restore")


class DecisionForm(Form):
    """An action, named by the button that was pressed, and the reason for it."""

    action = HiddenField(validators=[AnyOf(ACTIONS, message=_l("Choose what to do."))])
    reason = public_reason()
