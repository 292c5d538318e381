"""What someone says who asks to join an idea, who invites to one, or who says no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import Optional

from app.forms import Form, clean, text
from app.ideas.models import Idea
from app.taxonomy.queries import all_roles
from app.teams.commands import Invitation
from app.teams.models import LONGEST_LINE
from app.teams.queries import Invitee, invitees


def role_field(label: Any, *, otherwise: Any) -> SelectField:
    """A role's id, or None, which stands for all of the person's."""
    return SelectField(
        label,
        choices=lambda: [("", otherwise), *((role.id, role.name) for role in all_roles())],
        filters=[lambda role: role or None],
        validators=[Optional()],
    )


class JoiningForm(Form):
    """A line on what one would bring, and in which role."""

    role = role_field(_l("The role I would bring"), otherwise=_l("All of my roles"))
    line = text(_l("What I would bring"), most=LONGEST_LINE, required=True)


class RefusalForm(Form):
    """A line to the author, if one likes."""

    reply = text(_l("A line to the author"), most=LONGEST_LINE)


class InvitationForm(Form):
    """A role and a line for each person that the author means to invite, who come with the request by short name."""

    people: Sequence[Invitee] = ()

    def fields_of(self, invitee: Invitee) -> dict[str, Any]:
        """Those of one person: `is_wanted`, `role` and `line`."""
        return {name: self[f"{name}_{invitee.name}"] for name in ("is_wanted", "role", "line")}

    @property
    def hindered(self) -> list[Invitee]:
        return [each for each in self.people if each.hindrance]

    @property
    def ready(self) -> list[Invitee]:
        return [each for each in self.people if not each.hindrance]

    def validate(self, **options: Any) -> bool:
        is_sound: bool = super().validate(**options)
        for each in self.hindered:
            self.form_errors.append(f"{each.shown}: {each.hindrance}")
        if not self.invitations():
            self.form_errors.append(_l("Choose somebody to invite."))
        return is_sound and not self.form_errors

    def invitations(self) -> list[Invitation]:
        chosen = [(each, self.fields_of(each)) for each in self.ready]
        return [
            Invitation(each.name, fields["role"].data, fields["line"].data)
            for each, fields in chosen
            if fields["is_wanted"].data
        ]


def invitation_form(idea: Idea, typed: Any, **options: Any) -> InvitationForm:
    """For the people whom `person` names in what was sent, with the roles that `role` names beside them."""
    people = invitees(idea, [clean(name) for name in typed.getlist("person")])
    roles = dict(zip(typed.getlist("person"), typed.getlist("role"), strict=False))
    fields: dict[str, Any] = {"people": people}
    for each in people:
        fields[f"is_wanted_{each.name}"] = BooleanField(_l("Invite"), default=True)
        fields[f"role_{each.name}"] = role_field(_l("The role they would bring"), otherwise=_l("All of their roles"))
        fields[f"line_{each.name}"] = text(_l("Your line to them"), most=LONGEST_LINE)
    return type("InvitationForm", (InvitationForm,), fields)(
        data={f"role_{each.name}": roles.get(each.name) for each in people}, **options
    )
