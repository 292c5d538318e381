"""Who is with an idea, as far as the viewer may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db, now
from app.forum.models import Post
from app.ideas.models import Idea
from app.ideas.queries import visible_ideas
from app.joining.models import OPEN_STATES, Joining
from app.joining.policy import can_answer, is_joining_offered
from app.refusals import NotThere

TOLD_FOR = timedelta(days=14)
"""So long someone reads on their desk what was answered."""
WORDS = 10


@dataclass(frozen=True)
class JoiningRow:
    """One person and their state; the line is for the author and for themselves, and empty for others."""

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
    is_own = Joining.person_id == viewer.id
    may_answer = can_answer(viewer, idea)
    states = ("joined", "asked") if may_answer else ("joined",)
    seen = or_(is_own, Joining.state.in_(states))
    line = Joining.line if may_answer else case((is_own, Joining.line), else_="")
    found = db.session.execute(
        select(Joining.id, line, Joining.state, Joining.asked_at)
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


@dataclass(frozen=True)
class Word:
    """What someone hears of joining: that a person asks to join their idea, or what the author said to them."""

    idea: Idea
    person: User
    """Who asks, or who answered."""
    state: str
    at: datetime


def words_for(person: User) -> list[Word]:
    """Requests that wait for this person's answer, and the answers of late to theirs; the newest first. One query."""
    waiting = and_(Idea.author_id == person.id, Joining.state == "asked", Joining.person_id != person.id)
    lately = Joining.answered_at >= now() - TOLD_FOR
    answered = and_(Joining.person_id == person.id, Joining.state.in_(("joined", "declined")), lately)
    found = (
        visible_ideas(person)
        .join(Joining, Joining.idea_id == Idea.id)
        .where(Post.hidden_at.is_(None), or_(waiting, answered))
        .order_by(func.coalesce(Joining.answered_at, Joining.asked_at).desc(), Joining.id.desc())
        .options(joinedload(Idea.author))
        .add_columns(Joining)
        .limit(WORDS)
    )
    return [
        Word(
            idea,
            joining.person if joining.state == "asked" else idea.author,
            joining.state,
            joining.answered_at or joining.asked_at,
        )
        for idea, joining in db.session.execute(found)
    ]


def ideas_to_join(viewer: Viewer, authors: Mapping[int, Author]) -> set[int]:
    """Those of these ideas, given by id with their authors, that the viewer is offered to join. One query."""
    if not authors:
        return set()
    asked = select(Joining.idea_id, Joining.state).where(Joining.idea_id.in_(authors.keys()))
    states = {row.idea_id: row.state for row in db.session.execute(asked.where(Joining.person_id == viewer.id))}
    return {each for each, author in authors.items() if is_joining_offered(viewer, author, states.get(each))}


def is_with_unseen(viewer: Viewer, idea_id: int) -> bool:
    """Whether the viewer is with an idea that they may not see any more, or has asked to be."""
    visible = visible_ideas(viewer).where(Idea.id == idea_id).with_only_columns(Idea.id)
    own = select(Joining.id).where(Joining.idea_id == idea_id, Joining.person_id == viewer.id)
    unseen = own.where(Joining.state.in_(OPEN_STATES), Joining.idea_id.not_in(visible))
    return viewer.is_signed_in and db.session.scalar(unseen) is not None


def request_to(author: Viewer, idea: Idea, joining_id: int) -> Joining:
    """What someone asked of the idea's author. Raises NotThere for everyone else."""
    wanted = select(Joining).where(Joining.id == joining_id, Joining.idea_id == idea.id)
    joining = db.session.scalar(wanted) if can_answer(author, idea) else None
    if joining is None:
        raise NotThere(_("There is no such request."))
    return joining


def joined_to(author: Viewer, idea: Idea, joining_id: int) -> Joining:
    """Someone who is with the idea, for its author. Raises NotThere for everyone else."""
    joining = request_to(author, idea, joining_id)
    if joining.state != "joined":
        raise NotThere(_("This person is not with the idea any more."))
    return joining
