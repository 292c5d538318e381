"""Ask to join an idea, invite to it, answer, leave, take someone off, hand the lead on; and keep which roles its text
calls for.

Whoever is with an idea is its co-author.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update

from app.accounts.models import User
from app.accounts.queries import short_name
from app.database import db, now, transaction
from app.forum.commands import hold_post, hold_shown
from app.ideas.commands import add_co_author, end_co_authorship, hand_on
from app.ideas.models import Idea
from app.journal.commands import record
from app.refusals import Conflict, NotThere, require
from app.teams.models import OPEN_STATES, CalledRole, Joining, NeedsReading
from app.teams.policy import can_answer, can_join
from app.teams.queries import Invitee, invitees, is_lead_offered, sees, waiting_at_merged


def ask_to_join(idea: Idea, *, by: User, line: str, role: str | None = None) -> Joining:
    """`line` says what the person would bring; asked again before an answer, the new line counts. Who is invited joins.

    Raises Conflict for whoever is with the idea already, was declined or was taken off.
    """
    require(can_join(by, idea.author), _("Nobody can be asked to let you join this idea."))
    with transaction(is_shown=False):
        joining = _joining(idea.id, by) or Joining(idea_id=idea.id, person_id=by.id, state="left")
        if joining.state == "joined":
            raise Conflict(_("You are with this idea already."))
        if joining.state == "declined":
            raise Conflict(_("The author has declined. You can still comment on the idea, or build on it."))
        if joining.state == "removed":
            raise Conflict(_("The author has taken you off this idea. You can still comment on it, or build on it."))
        before, joining.line, joining.role_id = joining.state, line, role
        if before == "invited":
            _join(joining, by=by)
        elif before != "asked":
            joining.state, joining.is_invited, joining.asked_at, joining.answered_at = "asked", False, now(), None
            db.session.add(joining)
            record("team_asked", by=by, post_id=idea.id, person=idea.author, note=line)
    return joining


@dataclass(frozen=True)
class Invitation:
    """Whom an author invites, by short name; the role they would bring, if it is said; and a line to them."""

    name: str
    role: str | None = None
    line: str = ""


def invite(idea: Idea, invitations: Sequence[Invitation], *, by: User) -> list[Joining]:
    """All of them or none. Who has asked to join is accepted. Raises Conflict when one of them cannot be invited."""
    wanted = {short_name(each.name): each for each in invitations}
    with transaction():
        _hold_to_answer(idea, by=by)
        _hold_people(wanted)
        found = invitees(idea, list(wanted))
        if hindrance := next((each.hindrance for each in found if each.hindrance), None):
            raise Conflict(hindrance)
        return [_invite(idea, each, wanted[each.name], by=by) for each in found]


def accept_invitation(idea: Idea, *, by: User) -> None:
    """The person is its co-author from now on. Raises Conflict when it was taken back."""
    with transaction():
        _join(_own_invitation(idea, by), by=by)


def refuse_invitation(idea: Idea, *, by: User, reply: str) -> None:
    """The author alone reads `reply`. Raises Conflict when the invitation was taken back."""
    with transaction():
        joining = _own_invitation(idea, by)
        joining.state, joining.reply, joining.answered_at = "refused", reply, now()
        record("team_declined", by=by, post_id=idea.id, person=idea.author, note=reply)


def withdraw_invitation(joining: Joining, *, by: User) -> None:
    """Raises Conflict when it was answered."""
    _decide(joining, "withdrawn", by=by, on="invited", action="team_invitation_withdrawn")


def accept_joining(joining: Joining, *, by: User) -> None:
    """The person is its co-author from now on. Raises Conflict when nothing is asked any more, or when they do not see
    the idea."""
    with transaction():
        _hold_to_answer(joining.idea, by=by)
        _still(joining, "asked")
        if not sees(joining.person, joining.idea):
            raise Conflict(_("They cannot see this idea any more, so they cannot work on it."))
        _join(joining, by=by)


def decline_joining(joining: Joining, *, by: User) -> None:
    """Raises Conflict when nothing is asked any more."""
    _decide(joining, "declined", by=by, on="asked", action="team_declined")


def remove_joining(joining: Joining, *, by: User) -> None:
    """The person writes it no more and cannot ask again. Raises Conflict when they are not with the idea any more."""
    with transaction():
        _decide(joining, "removed", by=by, on="joined", action="team_removed")
        end_co_authorship(joining.idea, person=joining.person)


def ask_to_lead(joining: Joining, *, by: User) -> None:
    """A co-author, who answers. Raises what `hold_shown` says, and Conflict when they are with the idea no more, when
    they do not see it, or when somebody is asked already."""
    with transaction(is_shown=False):
        _hold_to_answer(joining.idea, by=by)
        hold_shown(joining.idea, by=by)
        _still(joining, "joined")
        if not sees(joining.person, joining.idea):
            raise Conflict(_("They cannot see this idea any more, so they cannot lead it."))
        if is_lead_offered(joining.idea_id):
            raise Conflict(_("Somebody is asked to lead this idea already. Take that back first."))
        joining.lead_asked_at = now()
        record("lead_offered", by=by, post_id=joining.idea_id, person=joining.person)


def withdraw_lead(joining: Joining, *, by: User) -> None:
    """Raises Conflict when it was answered."""
    with transaction(is_shown=False):
        _hold_to_answer(joining.idea, by=by)
        _still_asked_to_lead(joining)
        joining.lead_asked_at = None
        record("lead_offer_withdrawn", by=by, post_id=joining.idea_id, person=joining.person)


def decline_lead(idea: Idea, *, by: User) -> None:
    """The person stays its co-author. Raises Conflict when they are not asked any more."""
    with transaction(is_shown=False):
        _own_offer(idea, by).lead_asked_at = None
        record("lead_declined", by=by, post_id=idea.id, person=idea.author)


def accept_lead(idea: Idea, *, by: User) -> None:
    """The person leads it, and whoever did so is its co-author. Raises Conflict when they are not asked any more."""
    with transaction():
        own, former = _own_offer(idea, by), idea.author
        hand_on(idea, to=by)
        own.state, own.lead_asked_at, own.answered_at = "leads", None, now()
        theirs = _joining(idea.id, former) or Joining(idea_id=idea.id, person_id=former.id, line="")
        theirs.state, theirs.answered_at = "joined", None
        db.session.add(theirs)
        _forget_lines(idea.id)
        record("lead_handed_on", by=by, post_id=idea.id, person=former, is_public=True)


def leave_idea(idea_id: int, *, by: User) -> None:
    """Take a request back, pass an invitation by, or be with the idea no more, seen or not; whoever has nothing to do
    with it changes nothing."""
    with transaction():
        joining = _joining(idea_id, by)
        if joining is None or joining.state not in OPEN_STATES:
            return
        author = joining.idea.author
        if joining.state == "joined":
            end_co_authorship(joining.idea, person=by)
            record("team_left", by=by, post_id=idea_id, person=author, is_public=True)
        else:
            action = "team_request_withdrawn" if joining.state == "asked" else "team_declined"
            record(action, by=by, post_id=idea_id, person=author)
        joining.state, joining.answered_at = "refused" if joining.state == "invited" else "left", now()
        joining.lead_asked_at = None


def keep_called_roles(idea_id: int, *, digest: str, sentences: Mapping[str, str]) -> None:
    """Replace what an idea's text, as embedded under this digest, calls for: roles, each with the sentence."""
    with transaction():
        hold_post(idea_id)
        db.session.execute(delete(CalledRole).where(CalledRole.idea_id == idea_id))
        if rows := [{"idea_id": idea_id, "role_id": role, "sentence": said} for role, said in sentences.items()]:
            db.session.execute(insert(CalledRole), rows)
        db.session.merge(NeedsReading(idea_id=idea_id, digest=digest))


def set_aside_merged(target_id: int, *, by: User) -> None:
    """Requests and invitations that wait at ideas that this one, which is held, took in: nobody can answer them any
    more. They stay so when the merge is undone; everyone may ask and invite anew."""
    with transaction():
        for joining in waiting_at_merged(target_id):
            joining.state, joining.answered_at = "withdrawn", now()
            record("team_set_aside", by=by, post_id=target_id, person=joining.person)


def _invite(idea: Idea, invitee: Invitee, invitation: Invitation, *, by: User) -> Joining:
    assert invitee.person is not None
    joining = invitee.joining or Joining(idea_id=idea.id, person_id=invitee.person.id, line="")
    joining.role_id = invitation.role or (joining.role_id if invitee.has_asked else None)
    if invitee.has_asked:
        _join(joining, by=by)
        return joining
    joining.state, joining.is_invited, joining.asked_at, joining.answered_at = "invited", True, now(), None
    joining.invitation, joining.line, joining.reply = invitation.line, "", ""
    db.session.add(joining)
    record("team_invited", by=by, post_id=idea.id, person=invitee.person, note=invitation.line)
    return joining


def _join(joining: Joining, *, by: User) -> None:
    """By the author or by the person; whom it concerns is the other one."""
    joining.state, joining.answered_at = "joined", now()
    add_co_author(joining.idea, person=joining.person)
    other = joining.idea.author if by.id == joining.person_id else joining.person
    record("team_joined", by=by, post_id=joining.idea_id, person=other, is_public=True)


def _decide(joining: Joining, state: str, *, by: User, on: str, action: str) -> None:
    with transaction():
        _hold_to_answer(joining.idea, by=by)
        _still(joining, on)
        joining.state, joining.answered_at, joining.lead_asked_at = state, now(), None
        record(action, by=by, post_id=joining.idea_id, person=joining.person)


def _forget_lines(idea_id: int) -> None:
    """What was written to whoever led it, or by them, is for nobody else; who still asks may write to the new one."""
    db.session.flush()
    db.session.execute(update(Joining).where(Joining.idea_id == idea_id).values(line="", invitation="", reply=""))


def _still(joining: Joining, state: str) -> None:
    """Read it anew, while nobody else changes it. Raises Conflict when it is in another state by now."""
    hold_post(joining.idea_id)
    db.session.refresh(joining)
    if joining.state != state:
        raise Conflict(_("This was answered or taken back in the meantime."))


def _still_asked_to_lead(joining: Joining) -> None:
    """As `_still`."""
    _still(joining, "joined")
    if joining.lead_asked_at is None:
        raise Conflict(_("This was answered or taken back in the meantime."))


def _own_offer(idea: Idea, person: User) -> Joining:
    hold_shown(idea, by=person)
    joining = _joining(idea.id, person)
    if joining is None:
        raise NotThere(_("You are not asked to lead this idea."))
    _still_asked_to_lead(joining)
    return joining


def _own_invitation(idea: Idea, person: User) -> Joining:
    joining = _joining(idea.id, person)
    if joining is None or not joining.is_invited:
        raise NotThere(_("You have no open invitation to this idea."))
    _still(joining, "invited")
    return joining


def _joining(idea_id: int, person: User) -> Joining | None:
    """As it is now, while nobody else changes it."""
    hold_post(idea_id)
    own = select(Joining).where(Joining.idea_id == idea_id, Joining.person_id == person.id)
    return db.session.scalar(own.execution_options(populate_existing=True))


def _hold_to_answer(idea: Idea, *, by: User) -> None:
    """As `hold_post`, for whoever leads the idea: once held, it is handed on to nobody else."""
    hold_post(idea.id)
    db.session.refresh(idea)
    require(can_answer(by, idea), _("Only whoever leads an idea decides this."))


def _hold_people(names: Collection[str]) -> None:
    """Let others who ask the same people now wait, so that nobody is asked more often than they agreed to."""
    db.session.execute(select(User.id).where(User.name.in_(names)).order_by(User.id).with_for_update(key_share=True))
