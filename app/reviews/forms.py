"""What a reviewer sends."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, IntegerField, RadioField, ValidationError
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from app.forms import Form, one_of, text
from app.gate import LARGEST_ID
from app.ideas.models import Idea
from app.reviews.models import CRITERIA, LEVELS, LONGEST_REMARK, Criterion, Review

CANNOT_SAY = 0


def mark_field(criterion: Criterion) -> RadioField:
    levels = {CANNOT_SAY: _l("I cannot say"), **LEVELS}
    return one_of(criterion.label, levels, coerce=int, default=CANNOT_SAY, description=criterion.question)


class ReviewForm(Form):
    """How far each thing is, what is strongest, and what to change next."""

    problem = mark_field(CRITERIA[0])
    approach = mark_field(CRITERIA[1])
    evidence = mark_field(CRITERIA[2])
    safety = mark_field(CRITERIA[3])
    feasibility = mark_field(CRITERIA[4])
    strength = text(_l("What is strongest"), most=LONGEST_REMARK, required=True)
    change = text(_l("One thing to change next"), most=LONGEST_REMARK, required=True)
    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, LARGEST_ID)])

    @property
    def marks(self) -> dict[str, int]:
        """What the reviewer can say."""
        return {each.key: level for each in CRITERIA if (level := self[each.key].data)}

    def validate_problem(self, _field: Field) -> None:
        if not self.marks:
            raise ValidationError(_("Say of at least one thing how far it is."))


def review_form(idea: Idea, review: Review | None, begun: MultiDict[str, str] | None = None) -> ReviewForm:
    """Filled with what the person said before, or had `begun` to write; of the idea as it reads now."""
    said: dict[str, Any] = {"seen": idea.revision}
    if review:
        said |= {**review.marks, "strength": review.strength, "change": review.change}
    return ReviewForm(formdata=begun, data=said)
