"""What people send about questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, IntegerField, SelectField, SubmitField, ValidationError
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from app.codes import COUNTRIES, LANGUAGES
from app.forms import Form, country_field, language_field, line, roles_field, text, topics_field
from app.forum.queries import Tags
from app.gate import LARGEST_ID
from app.groups.models import Group
from app.questions.models import Question
from app.questions.queries import SORTS, Filters

SHORTEST_TITLE = 15
SHORTEST_TITLE_WITHOUT_SPACES = 6
WRITTEN_WITHOUT_SPACES = ("ja", "zh")


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
        dense = self.language.data in WRITTEN_WITHOUT_SPACES
        least = SHORTEST_TITLE_WITHOUT_SPACES if dense else SHORTEST_TITLE
        if len(field.data) < least:
            raise ValidationError(_("At least %(least)d characters: what, where, for what?", least=least))

    def facts(self) -> dict[str, Any]:
        """What the commands take."""
        names = ("title", "body", "roles", "topics", "country", "language")
        return {name: self[name].data for name in names}


class NewQuestionForm(QuestionForm):
    """Asks for the group when the person may write in several."""

    group = SelectField(_l("Group"), coerce=int)

    def __init__(self, groups: Sequence[Group], **options: Any) -> None:
        super().__init__(**options)
        self.groups = {group.id: group for group in groups}
        self.group.choices = [(group.id, group.name) for group in groups]
        if self.group.data is None:
            self.group.data = next(iter(self.groups), None)


class RevisionForm(QuestionForm):
    """Says which revision the editor saw, so that nobody's work is lost."""

    reason = line(_l("What you changed"), most=200)
    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, LARGEST_ID)])


class AnswerForm(Form):
    body = text(_l("Your answer"), most=8000, least=20, required=True)


def revision_form(question: Question, tags: Tags) -> RevisionForm:
    """Filled with the question as it reads now."""
    written = {name: getattr(question, name) for name in ("title", "body", "country", "language")}
    chosen = {"roles": [role.id for role in tags.roles], "topics": [topic.id for topic in tags.topics]}
    return RevisionForm(formdata=None, data={**written, **chosen, "seen": question.revision})


def filters_in(arguments: MultiDict[str, str], names: Mapping[str, Mapping[str, str]]) -> Filters:
    """What an address asks for, and nothing that does not exist. `names` as from `tag_names`."""
    known = {**names, "country": COUNTRIES, "language": LANGUAGES}
    wanted = {facet: dict.fromkeys(arguments.getlist(facet)) for facet in known}
    chosen = {facet: tuple(value for value in values if value in known[facet]) for facet, values in wanted.items()}
    sort = arguments.get("sort", SORTS[0])
    return Filters(sort if sort in SORTS else SORTS[0], {facet: values for facet, values in chosen.items() if values})
