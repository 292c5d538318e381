"""What someone says who asks for a change of an idea, and whoever decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, SelectMultipleField
from wtforms.validators import Optional, ValidationError

from app.forms import Form, choices_of, one_of, text
from app.forum.forms import CommentForm
from app.requests.models import KINDS, LONGEST_REPLY, SECTION_NAMES
from app.requests.queries import RequestRow, RevisionChoice


class RequestForm(Form):
    """What a comment asks for, and of which section; None stands for the whole idea."""

    section = SelectField(
        _l("Which part"),
        id="asked-section",
        choices=lambda: [("", _l("The whole idea")), *choices_of(SECTION_NAMES)],
        filters=[lambda section: section or None],
        validators=[Optional()],
    )
    kind = one_of(_l("What you ask for"), KINDS, id="asked-kind", validate_choice=False)

    def validate_kind(self, field: Field) -> None:
        if field.data not in KINDS:
            raise ValidationError(_l("Choose one."))

    @property
    def is_begun(self) -> bool:
        return bool(self.section.data or self.kind.data or self.errors)


class NewRequestForm(RequestForm, CommentForm):
    """A comment that asks."""


class AnsweredForm(Form):
    """By which revision it was answered and, if one likes, how."""

    revision = SelectField(_l("The revision that answers it"), coerce=int)
    reply = text(_l("A line to whoever asked"), most=LONGEST_REPLY)

    def __init__(self, choices: Sequence[RevisionChoice], **options: Any) -> None:
        super().__init__(**options)
        self.revision.choices = [(each.number, each.shown) for each in choices]


class DeclinedForm(Form):
    """Why not."""

    reason = text(_l("Why not"), most=LONGEST_REPLY, required=True)


class ProposalForm(Form):
    """For each open request whether a revision answers it, ticked where that is likely, and a line if one likes."""

    requests: Sequence[RequestRow] = ()

    def fields_of(self, request: RequestRow) -> dict[str, Any]:
        """`is_answered` and `reply` of one request."""
        return {name: self[f"{name}_{request.comment_id}"] for name in ("is_answered", "reply")}

    def replies(self) -> dict[int, str]:
        """The lines by the comment of each that is ticked."""
        ticked = [(each.comment_id, self.fields_of(each)) for each in self.requests]
        return {comment_id: fields["reply"].data for comment_id, fields in ticked if fields["is_answered"].data}


class ReopeningsForm(Form):
    """Which of these answered requests are open again, by their comments."""

    requests = SelectMultipleField(_l("Open again"), coerce=int, validate_choice=False)

    def __init__(self, rows: Sequence[RequestRow], **options: Any) -> None:
        super().__init__(**options)
        self.rows = rows

    def chosen(self) -> list[int]:
        """What was not decided otherwise meanwhile."""
        return [row.comment_id for row in self.rows if row.comment_id in (self.requests.data or ())]


def proposal_form(requests: Sequence[RequestRow], ticked: Collection[int] = (), **options: Any) -> ProposalForm:
    fields: dict[str, Any] = {"requests": requests}
    for each in requests:
        fields[f"is_answered_{each.comment_id}"] = BooleanField(
            _l("Answered by this revision"), default=each.comment_id in ticked
        )
        fields[f"reply_{each.comment_id}"] = text(_l("A line to whoever asked"), most=LONGEST_REPLY)
    form: ProposalForm = type("ProposalForm", (ProposalForm,), fields)(**options)
    return form
