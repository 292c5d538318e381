"""What people send about questions."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SubmitField, ValidationError

from app.forms import Form, country_field, language_field, line, roles_field, text, topics_field
from app.forum.forms import NewPostForm, reason_field, seen_field, shortest_title
from app.forum.queries import Tags
from app.questions.models import Question


class QuestionForm(Form):
    """A question as it is asked or revised."""

    title = line(_l("Your question"), most=255, required=True)
    body = text(_l("What you know so far"), most=8000)
    roles = roles_field(_l("Who might answer"))
    topics = topics_field(_l("Topics"))
    country = country_field(_l("Country"))
    language = language_field(_l("Language you write in"))
    preview = SubmitField(_l("Preview"))

    def validate_title(self, field: Field) -> None:
        least = shortest_title(self.language.data)
        if len(field.data) < least:
            raise ValidationError(_("At least %(least)d characters: what, where, for what?", least=least))

    def facts(self) -> dict[str, Any]:
        """What the commands take."""
        names = ("title", "body", "roles", "topics", "country", "language")
        return {name: self[name].data for name in names}


class NewQuestionForm(QuestionForm, NewPostForm):
    """A question before it is published."""


class RevisionForm(QuestionForm):
    """A question and what its editor says of the change."""

    reason = reason_field()
    seen = seen_field()


class AnswerForm(Form):
    body = text(_l("Your answer"), most=8000, least=20, required=True)
    preview = SubmitField(_l("Preview"))


def revision_form(question: Question, tags: Tags) -> RevisionForm:
    """Filled with the question as it reads now."""
    written = {name: getattr(question, name) for name in ("title", "body", "country", "language")}
    return RevisionForm(formdata=None, data={**written, **tags.ids(), "seen": question.revision})
