"""What people send about questions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, Field, StringField, SubmitField, ValidationError
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from app.database import now
from app.forms import (
    Form,
    LinesField,
    clean,
    country_field,
    is_web_address,
    language_field,
    line,
    one_of,
    roles_field,
    text,
    topics_field,
)
from app.forum.forms import NewPostForm, reason_field, seen_field, shortest_title
from app.forum.queries import Tags
from app.questions.models import WANTED, Answer, Question
from app.questions.queries import is_local_address

CLOSINGS = {
    "elsewhere": _l("It is answered elsewhere"),
    "solved": _l("It is solved"),
    "outdated": _l("It does not matter any more"),
}
CONTEXT = ("place", "tried", "wanted", "needed_by")
WRITTEN = ("title", "body", "country", "language", *CONTEXT)
MOST_SOURCES = 5
LONGEST_SOURCE = 300
"""Characters."""


class QuestionForm(Form):
    """A question as it is asked or revised."""

    title = line(_l("Your question"), most=255, required=True)
    body = text(_l("What you know so far"), most=8000)
    roles = roles_field(_l("Who might answer"))
    topics = topics_field(_l("Topics"))
    wanted = one_of(_l("What kind of answer helps"), WANTED, default="")
    tried = text(_l("What you tried or read"), most=4000)
    place = line(_l("Where it happens"), most=120)
    country = country_field(_l("Country"))
    needed_by = DateField(_l("Needed by"), validators=[Optional()])
    language = language_field(_l("Language you write in"))
    preview = SubmitField(_l("Preview"))

    needed_before: date | None = None
    """What was said before, and may have passed since."""

    def validate_title(self, field: Field) -> None:
        least = shortest_title(self.language.data)
        if len(field.data) < least:
            raise ValidationError(_("At least %(least)d characters: what, where, for what?", least=least))

    def validate_needed_by(self, field: Field) -> None:
        if field.data and field.data != self.needed_before and field.data < earliest_today():
            raise ValidationError(_("This day has passed."))

    def facts(self) -> dict[str, Any]:
        """What the commands take."""
        return {name: self[name].data for name in (*WRITTEN, "roles", "topics")}


class NewQuestionForm(QuestionForm, NewPostForm):
    """A question before it is published; `about` names what it is about, as "idea-7"."""

    about = StringField(_l("About"), widget=HiddenInput(), filters=[clean], validators=[Optional(), Length(max=20)])

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "about": self.about.data or ""}


class RevisionForm(QuestionForm):
    """A question and what its editor says of the change."""

    keep_about = BooleanField(_l("Keep this link"), default=True)
    reason = reason_field()
    seen = seen_field()


class ClosureForm(Form):
    """Why a question takes no more answers."""

    closing = one_of(_l("Why"), CLOSINGS)
    elsewhere = StringField(_l("Where it is answered"), filters=[clean], validators=[Length(max=300)])
    note = line(_l("A note"), most=300)

    def validate_elsewhere(self, field: Field) -> None:
        """A page of this site may be pasted with the site's name."""
        field.data = field.data.removeprefix(request.host_url.rstrip("/"))
        if self.closing.data != "elsewhere":
            return
        if not is_local_address(field.data) and not is_web_address(field.data):
            raise ValidationError(_("Give the address of a question or answer here, or one that begins with https://"))

    def facts(self) -> dict[str, Any]:
        """What the command takes."""
        return {name: self[name].data for name in ("closing", "elsewhere", "note")}


class SourcesField(LinesField):
    """Web addresses, or lines in one's own words."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        for source in self.data or []:
            if source.lower().startswith(("http://", "https://")) and not is_web_address(source):
                message = _l("%(source)s is not a web address. Words go on a line of their own.", source=source[:60])
                raise ValidationError(message)
            if len(source) > LONGEST_SOURCE:
                raise ValidationError(_l("At most %(most)d characters on each line, please.", most=LONGEST_SOURCE))


class AnswerForm(Form):
    """An answer as it is posted or revised."""

    body = text(_l("Your answer"), most=8000, least=20, required=True)
    sources = SourcesField(_l("Sources"), most=MOST_SOURCES)
    preview = SubmitField(_l("Preview"))


class AnswerRevisionForm(AnswerForm):
    """An answer and what its editor says of the change."""

    reason = reason_field()
    seen = seen_field()


def revision_form(question: Question, tags: Tags, begun: MultiDict[str, str] | None = None) -> RevisionForm:
    """Filled with the question as it reads now, or with what the editor had `begun` to write."""
    written = {name: getattr(question, name) for name in WRITTEN}
    return RevisionForm(formdata=begun, data={**written, **tags.ids(), "seen": question.revision})


def sent_revision(question: Question) -> RevisionForm:
    """As the editor sent it."""
    form = RevisionForm()
    form.needed_before = question.needed_by
    return form


def earliest_today() -> date:
    """Today where the day begins last: nowhere has it passed."""
    return (now() - timedelta(hours=12)).date()


def answer_revision_form(answer: Answer, begun: MultiDict[str, str] | None = None) -> AnswerRevisionForm:
    """Filled with the answer as it reads now, or with what the editor had `begun` to write."""
    return AnswerRevisionForm(
        formdata=begun, data={"body": answer.body, "sources": answer.sources, "seen": answer.revision}
    )
