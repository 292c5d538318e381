"""What a moderator says with a decision."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import AnyOf

from app.forms import Form, text

ACTIONS = ("feature", "unfeature", "hide", "restore")


class DecisionForm(Form):
    """An action, named by the button that was pressed, and the reason for it."""

    action = HiddenField(validators=[AnyOf(ACTIONS, message=_l("Choose what to do."))])
    reason = text(_l("Reason, shown in the public log"), least=5, most=300, required=True)
