"""Ask to join an idea, answer, leave, take someone off."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.models import Post
from app.ideas.models import Idea
from app.joining.models import OPEN_STATES, Joining
from app.joining.policy import can_answer, can_join
from app.refusals import Conflict, require


def ask_to_join(idea: Idea, *, by: User, line: str) -> Joining:
    """`line` says what the person would bring; asked again before an answer, the new line counts.

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
        is_new, joining.line = joining.state != "asked", line
        if is_new:
            joining.state, joining.asked_at, joining.answered_at = "asked", now(), None
            db.session.add(joining)
    return joining


def accept_joining(joining: Joining, *, by: User) -> None:
    """The person is named on the idea's page. Raises Conflict when nothing is asked any more."""
    _decide(joining, "joined", by=by, on="asked")


def decline_joining(joining: Joining, *, by: User) -> None:
    """Raises Conflict when nothing is asked any more."""
    _decide(joining, "declined", by=by, on="asked")


def remove_joining(joining: Joining, *, by: User) -> None:
    """The person is named no more and cannot ask again. Raises Conflict when they are not with the idea any more."""
    _decide(joining, "removed", by=by, on="joined")


def leave_idea(idea_id: int, *, by: User) -> None:
    """Take a request back, or be with the idea no more, seen or not; whoever is neither changes nothing."""
    with transaction():
        joining = _joining(idea_id, by)
        if joining is not None and joining.state in OPEN_STATES:
            joining.state = "left"


def _decide(joining: Joining, state: str, *, by: User, on: str) -> None:
    require(can_answer(by, joining.idea))
    with transaction():
        _hold(joining.idea_id)
        db.session.refresh(joining)
        if joining.state != on:
            raise Conflict(_("This was answered or taken back in the meantime."))
        joining.state, joining.answered_at = state, now()


def _joining(idea_id: int, person: User) -> Joining | None:
    """As it is now, while nobody else changes it."""
    _hold(idea_id)
    own = select(Joining).where(Joining.idea_id == idea_id, Joining.person_id == person.id)
    return db.session.scalar(own.execution_options(populate_existing=True))


def _hold(idea_id: int) -> None:
    """Let others who ask, answer or leave at the same idea wait, and see what was done before."""
    db.session.execute(select(Post.id).where(Post.id == idea_id).with_for_update())
