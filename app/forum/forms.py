"""What people send about any post, and what the forms of ideas and questions share."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.accounts.models import User
from app.codes import COUNTRIES, LANGUAGES
from app.forms import Form, clean, line, text
from app.forum.facets import DEFAULT_SORT, Filters
from app.forum.models import LONGEST_REASON
from app.gate import LARGEST_ID
from app.groups.models import Group

SHORTEST_TITLE = 15
SHORTEST_TITLE_WITHOUT_SPACES = 6
WRITTEN_WITHOUT_SPACES = ("ja", "zh")
SUGGESTED_REASONS = {
    "problem": _l("I have this problem too"),
    "use": _l("I would use it"),
    "help": _l("I can help"),
}


class CommentForm(Form):
    """A comment, a reply to the comment `parent`, or a comment on an answer.

    A page holds several: each text has an id of its own.
    """

    body = text(_l("Your comment"), most=8000, least=1, required=True)
    parent = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(1, LARGEST_ID)])
    preview = SubmitField(_l("Preview"))

    def __init__(self, *, answer_id: int | None = None, **options: Any) -> None:
        self.answer_id = answer_id
        super().__init__(**options)

    def process(self, *arguments: object, **options: object) -> None:
        super().process(*arguments, **options)
        if self.answer_id:
            self.body.id = f"comment-on-answer-{self.answer_id}"
        else:
            self.body.id = f"reply-to-{self.parent.data}" if self.parent.data else "new-comment"


class ReasonForm(Form):
    """Why someone supports a post: one of SUGGESTED_REASONS, named by its button, or a line of their own."""

    suggestion = SelectField(choices=lambda: [("", ""), *SUGGESTED_REASONS.items()], default="")
    reason = line(_l("Why do you support it?"), most=LONGEST_REASON)

    @property
    def said(self) -> str:
        return str(SUGGESTED_REASONS.get(self.suggestion.data, self.reason.data))


class NewPostForm(Form):
    """Asks for the group when the person may write in several; `key` tells this form from every other one."""

    group = SelectField(_l("Group"), coerce=int)
    key = StringField(
        widget=HiddenInput(),
        filters=[clean],
        default=lambda: secrets.token_urlsafe(16),
        validators=[Length(max=64)],
    )

    def __init__(self, groups: Sequence[Group], **options: Any) -> None:
        super().__init__(**options)
        self.groups = {group.id: group for group in groups}
        self.group.choices = [(group.id, group.name) for group in groups]
        if self.group.data is None:
            self.group.data = next(iter(self.groups), None)

    def facts(self) -> dict[str, Any]:
        """What the commands take."""
        raise NotImplementedError

    def sent_as(self, by: User) -> str | None:
        """The same each time that this very form is sent with the same text; None for a form without a key."""
        if not self.key.data:
            return None
        sent = repr((by.id, self.key.data, self.group.data, sorted(self.facts().items())))
        return hashlib.sha256(sent.encode()).hexdigest()


def reason_field() -> StringField:
    return line(_l("What you changed"), most=200)


def seen_field() -> IntegerField:
    """The revision that the editor saw, so that nobody's work is lost."""
    return IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, LARGEST_ID)])


def public_reason() -> TextAreaField:
    """Why a moderator decides something."""
    return text(_l("Reason, shown in the public log"), least=5, most=300, required=True)


class RemovalForm(Form):
    """Why a moderator takes away for good what somebody wrote."""

    reason = public_reason()


class RestorationForm(Form):
    """That the text of an older revision comes back."""

    reason = line(_l("Why it comes back"), most=200)
    seen = seen_field()

    def facts(self) -> dict[str, Any]:
        """What the commands take."""
        return {"reason": self.reason.data or "", "seen": self.seen.data}


def shortest_title(language: str | None) -> int:
    """The least characters of a title in this language."""
    return SHORTEST_TITLE_WITHOUT_SPACES if language in WRITTEN_WITHOUT_SPACES else SHORTEST_TITLE


def filters_in(
    arguments: MultiDict[str, str], names: Mapping[str, Collection[str]], *, sorts: Collection[str]
) -> Filters:
    """What an address asks for, and nothing that does not exist. `names` are the values that each facet has."""
    known = {**names, "country": COUNTRIES, "language": LANGUAGES}
    wanted = {facet: dict.fromkeys(arguments.getlist(facet)) for facet in known}
    chosen = {facet: tuple(value for value in values if value in known[facet]) for facet, values in wanted.items()}
    sort = arguments.get("sort", DEFAULT_SORT)
    return Filters(
        sort=sort if sort in sorts else DEFAULT_SORT,
        chosen={facet: values for facet, values in chosen.items() if values},
    )
