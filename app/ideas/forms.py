"""What people send about ideas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, IntegerField, SelectField, SubmitField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from app.codes import COUNTRIES, LANGUAGES
from app.forms import Form, country_field, language_field, line, roles_field, text, topics_field
from app.forum.queries import Tags
from app.gate import LARGEST_ID
from app.groups.models import Group
from app.ideas.models import SECTIONS, STAGES, Idea
from app.ideas.queries import SORTS, Filters

SHORTEST_TITLE = 15
SHORTEST_TITLE_WITHOUT_SPACES = 6
WRITTEN_WITHOUT_SPACES = ("ja", "zh")
STAGE_LABELS = {"published": _l("New"), "refining": _l("Refining"), "ready": _l("Ready")}


def section_field(key: str, **options: Any) -> TextAreaField:
    section = next(section for section in SECTIONS if section.key == key)
    return text(section.label, most=section.limit, description=section.help, **options)


class IdeaForm(Form):
    """An idea as it is written or revised."""

    title = line(_l("Title"), most=255, required=True)
    problem = section_field("problem", least=1, required=True)
    place = section_field("place")
    approach = section_field("approach")
    evidence = section_field("evidence")
    impact = section_field("impact")
    costs = section_field("costs")
    needs = section_field("needs")
    next_step = section_field("next_step")
    roles = roles_field(_l("Whom it serves"))
    needed_roles = roles_field(_l("Who is still needed"))
    topics = topics_field(_l("Topics"))
    country = country_field(_l("Country"))
    language = language_field(_l("Language you write in"))
    preview = SubmitField(_l("Preview"))

    def validate_title(self, field: Field) -> None:
        dense = self.language.data in WRITTEN_WITHOUT_SPACES
        least = SHORTEST_TITLE_WITHOUT_SPACES if dense else SHORTEST_TITLE
        if len(field.data) < least:
            raise ValidationError(_("At least %(least)d characters: what would you tell a neighbour?", least=least))

    def sections(self) -> dict[str, str]:
        """The written sections by key, in order."""
        return {section.key: written for section in SECTIONS if (written := self[section.key].data)}

    def facts(self) -> dict[str, Any]:
        """What the commands take."""
        names = ("title", "roles", "needed_roles", "topics", "country", "language")
        return {"sections": self.sections(), **{name: self[name].data for name in names}}


class NewIdeaForm(IdeaForm):
    """Asks for the group when the person may write in several."""

    group = SelectField(_l("Group"), coerce=int)

    def __init__(self, groups: Sequence[Group], **options: Any) -> None:
        super().__init__(**options)
        self.groups = {group.id: group for group in groups}
        self.group.choices = [(group.id, group.name) for group in groups]
        if self.group.data is None:
            self.group.data = next(iter(self.groups), None)


class RevisionForm(IdeaForm):
    """Says which revision the editor saw, so that nobody's work is lost."""

    stage = SelectField(_l("Stage"), choices=[(stage, STAGE_LABELS[stage]) for stage in STAGES])
    reason = line(_l("What you changed"), most=200)
    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, LARGEST_ID)])


def revision_form(idea: Idea, tags: Tags) -> RevisionForm:
    """Filled with the idea as it reads now."""
    names = ("title", "country", "language", "stage")
    chosen = {
        "roles": [role.id for role in tags.roles],
        "needed_roles": [role.id for role in tags.needed_roles],
        "topics": [topic.id for topic in tags.topics],
    }
    written = {name: getattr(idea, name) for name in names}
    return RevisionForm(formdata=None, data={**written, **idea.sections, **chosen, "seen": idea.revision})


def filters_in(arguments: MultiDict[str, str], names: dict[str, dict[str, str]]) -> Filters:
    """What an address asks for, and nothing that does not exist. `names` as from `tag_names`."""
    known = {**names, "stage": STAGES, "country": COUNTRIES, "language": LANGUAGES}
    chosen = {}
    for facet, values in known.items():
        wanted = tuple(value for value in dict.fromkeys(arguments.getlist(facet)) if value in values)
        if wanted:
            chosen[facet] = wanted
    sort = arguments.get("sort", SORTS[0])
    return Filters(sort if sort in SORTS else SORTS[0], chosen)
