"""What someone suggests, and what its authors say to it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SubmitField, ValidationError

from app.diffs import Difference, difference
from app.forms import Form, line, text
from app.forum.forms import seen_field, shortest_title
from app.groups.queries import groups_to_write_in
from app.ideas.forms import NewIdeaForm
from app.ideas.models import PARTS, Idea
from app.suggestions.models import LIMITS, LONGEST_REASON, LONGEST_REPLY, NEEDED, Suggestion, taken_into
from app.suggestions.queries import text_of
from app.web import viewer


class WordingForm(Form):
    """One part of an idea in other words, and which revision they are based on."""

    idea: Idea
    part: str
    seen = seen_field()

    @property
    def base(self) -> str:
        """How the part read at the revision that was seen."""
        return text_of(self.idea, self.part, number=self.seen.data)

    @property
    def difference(self) -> Difference:
        return difference(self.base, self["text"].data or "")

    def validate_text(self, field: Field) -> None:
        least = shortest_title(self.idea.language)
        if self.part == "title" and len(field.data) < least:
            raise ValidationError(_("At least %(least)d characters, please.", least=least))

    def validate(self, **options: Any) -> bool:
        """An empty text, which has the part go, is no fault of its field; that it changes nothing is one."""
        is_sound: bool = super().validate(**options)
        if is_sound and self["text"].data == self.base:
            self["text"].errors = [_("This is how it reads already. Change something.")]
            return False
        return is_sound


class SuggestionForm(WordingForm):
    """Another wording, and why."""

    section = HiddenField()
    reason = line(_l("Why"), most=LONGEST_REASON, required=True)
    preview = SubmitField(_l("Preview"))


class AcceptanceForm(WordingForm):
    """What an author made of a suggestion and of the text as it reads now."""


class RejectionForm(Form):
    """Why an author keeps the text as it is."""

    reply = line(_l("Why not"), most=LONGEST_REPLY, required=True)


class OwnIdeaForm(NewIdeaForm):
    """An idea of the proposer's own, which goes on from the idea that the suggestion was for."""

    def __init__(self, source: Idea, **options: Any) -> None:
        self.source = source
        super().__init__(groups_to_write_in(viewer()), **options)

    def validate_group(self, field: Field) -> None:
        if self.source.group.is_private and field.data != self.source.group_id:
            raise ValidationError(_("The copy of an idea in a private group stays in that group."))


def suggestion_form(idea: Idea, part: str, **options: Any) -> SuggestionForm:
    """For one part of an idea: what was sent, or how it reads now."""
    return _for_part(SuggestionForm, idea, part, begins_with=text_of(idea, part), **options)


def acceptance_form(idea: Idea, suggestion: Suggestion) -> AcceptanceForm:
    """What was sent, or the part with the suggestion in it; as it reads now, where that takes a hand."""
    present = text_of(idea, suggestion.part)
    together = taken_into(present, part=suggestion.part, base=suggestion.base, text=suggestion.text)
    return _for_part(AcceptanceForm, idea, suggestion.part, begins_with=present if together is None else together)


def _for_part(kind: Any, idea: Idea, part: str, *, begins_with: str, **options: Any) -> Any:
    is_needed = part in NEEDED
    written = (line if part == "title" else text)(PARTS[part], most=LIMITS[part], least=is_needed, required=is_needed)
    made = type(kind.__name__, (kind,), {"idea": idea, "part": part, "text": written})
    return made(data={"text": begins_with, "seen": idea.revision, "section": part}, **options)
