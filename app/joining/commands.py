"""Ask to join an idea, answer, leave."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.models import Post
from app.ideas.models import Idea
from app.joining.events import joining_accepted, joining_asked, joining_declined, joining_left
from app.joining.models import Joining
from app.joining.policy import can_answer, can_join
from app.refusals import Conflict, require


def ask_to_join(idea: Idea, *, by: User, line: str) -> Joining:
    """`line` says what the person would bring; asked again before an answer, the new line counts.

    Raises Conflict for whoever is with the idea already or was declined.
    """
    require(can_join(by, idea), _("Nobody can be asked to let you join this idea."))
    with transaction(is_shown=False):
        joining = _joining(idea, by) or Joining(idea_id=idea.id, person_id=by.id, state="left")
        if joining.state == "joined":
            raise Conflict(_("You are with this idea already."))
        if joining.state == "declined":
            raise Conflict(_("The author has declined. You can still comment on the idea, or build on it."))
        is_new, joining.line = joining.state != "asked", line
        if is_new:
            joining.state, joining.asked_at, joining.answered_at = "asked", now(), None
            db.session.add(joining)
            db.session.flush()
            joining_asked.send(joining)
    return joining


def accept_joining(joining: Joining, *, by: User) -> None:
    """The person is named on the idea's page. Raises Conflict when nothing is asked any more."""
    _answer(joining, "joined", by=by)


def decline_joining(joining: Joining, *, by: User) -> None:
    """Raises Conflict when nothing is asked any more."""
    _answer(joining, "declined", by=by)


def leave_idea(idea: Idea, *, by: User) -> None:
    """Take a request back, or be with the idea no more; whoever is neither changes nothing."""
    with transaction():
        joining = _joining(idea, by)
        if joining is not None and joining.state in ("asked", "joined"):
            joining.state = "left"
            joining_left.send(joining)


def _answer(joining: Joining, state: str, *, by: User) -> None:
    require(can_answer(by, joining.idea))
    with transaction():
        _hold(joining.idea_id)
        db.session.refresh(joining)
        if joining.state != "asked":
            raise Conflict(_("This request has been answered or taken back in the meantime."))
        joining.state, joining.answered_at = state, now()
        (joining_accepted if state == "joined" else joining_declined).send(joining)


def _joining(idea: Idea, person: User) -> Joining | None:
    """As it is now, while nobody else changes it."""
    _hold(idea.id)
    own = select(Joining).where(Joining.idea_id == idea.id, Joining.person_id == person.id)
    return db.session.scalar(own.execution_options(populate_existing=True))


def _hold(idea_id: int) -> None:
    """Let others who ask, answer or leave at the same idea wait, and see what was done before."""
    db.session.execute(select(Post.id).where(Post.id == idea_id).with_for_update())
