"""What authors say of a merge."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from wtforms import Field, RadioField, StringField, ValidationError
from wtforms.validators import Length

from app.forms import Form, choices_of, clean, text
from app.gate import LARGEST_ID
from app.ideas.models import Idea
from app.ideas.queries import IdeaLink, idea_links
from app.lineage.commands import why_not
from app.lineage.models import LONGEST_LINE
from app.lineage.queries import sources_of, visible_idea
from app.shown import isolated, listed
from app.web import viewer

NAMED = re.compile(r"(?:\S*/ideas/)?([0-9]{1,10})(?:[/?#]\S*)?")


class ProposalForm(Form):
    """Into which idea, one that it goes on from or another by its address or number, and why."""

    source = RadioField(_l("The idea that stays"), validate_choice=False)
    into = StringField(_l("The idea that stays"), filters=[clean], validators=[Length(max=500)])
    line = text(_l("Why the two are one"), most=LONGEST_LINE, required=True)

    def __init__(self, idea: Idea, **options: Any) -> None:
        super().__init__(**options)
        self.idea = idea
        sources = [source for source in sources_of(viewer(), idea) if not why_not(idea, source)]
        links = idea_links(viewer(), [source.id for source in sources])
        named = {str(source.id): _credited(links[source.id]) for source in sources}
        self.source.choices = choices_of({**named, "": _("Another idea")}) if named else []
        if named:
            self.into.label.text = _("Another idea")

    @cached_property
    def target(self) -> Idea | None:
        """The named idea, if the viewer may see it."""
        named = NAMED.fullmatch(self.into.data or self.source.data or "")
        number = int(named[1]) if named else 0
        return visible_idea(viewer(), number) if 0 < number <= LARGEST_ID else None

    def validate_into(self, _field: Field) -> None:
        if not self.into.data and not self.source.data:
            raise ValidationError(_("This is needed."))
        if self.target is None:
            raise ValidationError(_("There is no such idea."))
        if why := why_not(self.idea, self.target):
            raise ValidationError(why)
        if self.source.data and self.source.data != str(self.target.id):
            raise ValidationError(_("You chose another idea above. Which of the two stays?"))


def _credited(idea: IdeaLink) -> Markup:
    names = listed(isolated(author.display_name) for author in idea.authors)
    said = escape(_("%(title)s by %(name)s")) % {"title": isolated(idea.title), "name": names}
    return Markup("<span>{}</span>").format(said)


class ReplyForm(Form):
    """Why not, if one likes."""

    reply = text(_l("Why not"), most=LONGEST_LINE)
