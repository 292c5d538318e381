"""What someone says who moves an idea."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, IntegerField, ValidationError
from wtforms.validators import AnyOf, InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from app.forms import Form, line
from app.gate import LARGEST_ID
from app.ideas.models import STAGE_NAMES
from app.stages.commands import what_is_missing
from app.stages.models import ASIDE, LONGEST_REASON, PATH, Move
from app.stages.queries import Criteria, missing


class SeenForm(Form):
    """The last move that the person knows of."""

    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(0, LARGEST_ID)])


class MoveForm(SeenForm):
    """To which stage, named by the button, and why. The page holds one for each stage."""

    stage = HiddenField(_l("Stage"), validators=[AnyOf(STAGE_NAMES, message=_l("Choose a stage."))])
    reason = line("", most=LONGEST_REASON)

    def __init__(self, before: str, criteria: Criteria, **options: Any) -> None:
        self.before, self.criteria = before, criteria
        super().__init__(**options)
        if asked := next((stage for stage in (*PATH, ASIDE) if stage.key == self.stage.data), None):
            self.reason.label.text, self.reason.id = asked.asks, f"reason-{asked.key}"

    @property
    def move(self) -> Move:
        return Move(self.before, self.stage.data, self.reason.data)

    def validate_stage(self, field: Field) -> None:
        lacking = missing(self.criteria[field.data]) if field.data in STAGE_NAMES else []
        if lacking:
            self.stage.id = f"stage-{field.data}"  # where the summary leads
            raise ValidationError(what_is_missing(field.data, [each.text for each in lacking]))

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid: bool = super().validate(extra_validators)
        if self.stage.data in STAGE_NAMES and self.move.needs_reason and not self.reason.data:
            self.reason.errors = [_("One line is needed.")]
            return False
        return is_valid
