"""What people send about ideas."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, SubmitField, TextAreaField, ValidationError

from app.forms import Form, country_field, language_field, line, roles_field, text, topics_field
from app.forum.forms import NewPostForm, reason_field, seen_field, shortest_title
from app.forum.queries import Tags
from app.ideas.models import SECTIONS, STAGE_NAMES, Idea


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
        least = shortest_title(self.language.data)
        if len(field.data) < least:
            raise ValidationError(_("At least %(least)d characters: what would you tell a neighbour?", least=least))

    def sections(self) -> dict[str, str]:
        """The written sections by key, in order."""
        return {section.key: written for section in SECTIONS if (written := self[section.key].data)}

    def facts(self) -> dict[str, Any]:
        """What the commands take."""
        names = ("title", "roles", "needed_roles", "topics", "country", "language")
        return {"sections": self.sections(), **{name: self[name].data for name in names}}


class NewIdeaForm(IdeaForm, NewPostForm):
    """An idea before it is published."""


class RevisionForm(IdeaForm):
    """An idea and what its editor says of the change."""

    stage = SelectField(_l("Stage"), choices=lambda: list(STAGE_NAMES.items()))
    reason = reason_field()
    seen = seen_field()


def revision_form(idea: Idea, tags: Tags) -> RevisionForm:
    """Filled with the idea as it reads now."""
    written = {name: getattr(idea, name) for name in ("title", "country", "language", "stage")}
    return RevisionForm(formdata=None, data={**written, **idea.sections, **tags.ids(), "seen": idea.revision})
