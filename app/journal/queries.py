"""What happened to a post, as its history tells it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import TableClause, column, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.queries import Author
from app.database import db, now
from app.journal.models import JournalEntry

ANSWERS = TableClause("answer", column("id"), column("deleted_at"), column("hidden_at"))
"""Of a higher room; what is said of an answer comes and goes with it."""
TAKEN_BACK = ("answer_endorsed", "question_closed")
"""Actions whose note stands on the post's own page as long as they hold; it goes from there with them, and so here."""
SAID_BY_A_REVISION = ("idea_reverted", "question_reverted", "suggestion_accepted")
"""Actions that came with a revision, which tells the same in the history."""
ASKS = ("question_put_to", "team_invited", "reading_asked")
"""Actions that ask something of the person whom they concern."""
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Entry:
    """One change of state as a page shows it."""

    action: str
    note: str
    created_at: datetime
    by: Author | None
    person: Author | None


def history_of(post_id: int) -> list[Entry]:
    """What everyone who may see the post may read of it, newest first, without what is about an answer that was taken
    away and what revisions tell; one query."""
    actor, concerned = aliased(User), aliased(User)
    people = [column for user in (actor, concerned) for column in (user.id, user.name, user.display_name, user.kind)]
    is_there = (ANSWERS.c.deleted_at.is_(None), ANSWERS.c.hidden_at.is_(None))
    is_shown = exists().where(ANSWERS.c.id == JournalEntry.answer_id, *is_there)
    found = db.session.execute(
        select(JournalEntry.action, JournalEntry.note, JournalEntry.created_at, *people)
        .outerjoin(actor, actor.id == JournalEntry.by_id)
        .outerjoin(concerned, concerned.id == JournalEntry.person_id)
        .where(JournalEntry.post_id == post_id, JournalEntry.is_public, or_(JournalEntry.answer_id.is_(None), is_shown))
        .where(JournalEntry.action.not_in(SAID_BY_A_REVISION))
        .order_by(JournalEntry.id.desc())
    )
    return [
        Entry(action, "" if action in TAKEN_BACK else note, created_at, _author(names[:4]), _author(names[4:]))
        for action, note, created_at, *names in found
    ]


def _author(facts: list[object]) -> Author | None:
    return None if facts[0] is None else Author(*facts)  # type: ignore[arg-type]


def asked_this_week(person_ids: Collection[int]) -> dict[int, int]:
    """How often each of these was asked for something in the last seven days; every id has an entry. One query."""
    times = dict.fromkeys(person_ids, 0)
    if times:
        counted = select(JournalEntry.person_id, func.count()).where(
            JournalEntry.person_id.in_(times), JournalEntry.action.in_(ASKS), JournalEntry.created_at > now() - WEEK
        )
        for person_id, count in db.session.execute(counted.group_by(JournalEntry.person_id)):
            times[person_id or 0] = count
    return times


def next_room_at(person_id: int, asks_a_week: int) -> datetime | None:
    """When someone who was asked as often as they agreed to may be asked again; none when they may be now."""
    lately = select(JournalEntry.created_at).where(
        JournalEntry.person_id == person_id, JournalEntry.action.in_(ASKS), JournalEntry.created_at > now() - WEEK
    )
    newest = db.session.scalars(lately.order_by(JournalEntry.created_at.desc()).limit(asks_a_week)).all()
    return newest[-1] + WEEK if newest and len(newest) == asks_a_week else None
