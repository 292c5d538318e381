"""Who is with an idea, as far as the viewer may know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db
from app.ideas.models import Idea
from app.joining.models import Joining
from app.joining.policy import can_answer
from app.refusals import NotThere


@dataclass(frozen=True)
class JoiningRow:
    """One person and their state; the line is for the author and for themselves."""

    id: int
    line: str
    state: str
    asked_at: datetime
    person: Author


@dataclass(frozen=True)
class Joinings:
    """All of one idea that the viewer may see, the first who asked first."""

    joined: list[JoiningRow] = field(default_factory=list)
    requests: list[JoiningRow] = field(default_factory=list)
    """Those without an answer; for the author alone."""
    own: JoiningRow | None = None
    """The viewer's."""


def joinings_of(viewer: Viewer, idea: Idea) -> Joinings:
    """One query. `idea` is one that the viewer may see."""
    seen = or_(Joining.state == "joined", Joining.person_id == viewer.id)
    if can_answer(viewer, idea):
        seen = or_(seen, Joining.state == "asked")
    found = db.session.execute(
        select(Joining.id, Joining.line, Joining.state, Joining.asked_at)
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(User, User.id == Joining.person_id)
        .where(Joining.idea_id == idea.id, seen)
        .order_by(Joining.asked_at, Joining.id)
    )
    rows = [JoiningRow(id, line, state, asked_at, Author(*author)) for id, line, state, asked_at, *author in found]
    return Joinings(
        joined=[row for row in rows if row.state == "joined"],
        requests=[row for row in rows if row.state == "asked" and row.person.id != viewer.id],
        own=next((row for row in rows if row.person.id == viewer.id), None),
    )


def request_to(author: Viewer, idea: Idea, joining_id: int) -> Joining:
    """What someone asked of the idea's author. Raises NotThere for everyone else."""
    wanted = select(Joining).where(Joining.id == joining_id, Joining.idea_id == idea.id)
    joining = db.session.scalar(wanted) if can_answer(author, idea) else None
    if joining is None:
        raise NotThere("There is no such request.")
    return joining
