"""Count what was shown, note the first feedback, ask people to read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, select, update

from app.accounts.models import User, Viewer
from app.attention.models import ASKED_FOR, FAIR_SHARE, Attention, Reader
from app.attention.queries import first_words_at
from app.database import db, insert_into, now, transaction, write_when_sent
from app.forum.commands import hold_post
from app.forum.queries import writes
from app.ideas.models import Idea
from app.journal.commands import record
from app.journal.queries import next_room_at
from app.kept import kept
from app.refusals import NotThere

KEPT_SHOWINGS = 4000


def begin_attention(idea: Idea) -> None:
    """From its publication on; once."""
    with transaction(is_shown=False):
        begun = insert_into(Attention).values(idea_id=idea.id, shown=0)
        db.session.execute(begun.on_conflict_do_nothing())


def count_shown(idea_ids: Collection[int], *, to: Viewer) -> None:
    """Count once the answer is sent that these new ideas stood in a list before a member.

    Nobody waits for it, and who they are is not stored. What this process counted for them today it does not count
    again.
    """
    day, known = now().date(), kept("showings", most=KEPT_SHOWINGS)
    fresh = [idea_id for idea_id in idea_ids if known.get((to.id, idea_id, day)) is None]
    if not to.is_signed_in or not fresh:
        return
    for idea_id in fresh:
        known.put((to.id, idea_id, day), True)
    counted = update(Attention).where(Attention.idea_id.in_(fresh), Attention.shown < FAIR_SHARE)
    write_when_sent(counted.values(shown=Attention.shown + 1), what="showings")


def note_feedback(idea_id: int, *, by: User) -> None:
    """Somebody said something about an idea. The first time counts, and whoever else was asked need not read it now."""
    with transaction():
        first = update(Attention).where(Attention.idea_id == idea_id, Attention.first_feedback_at.is_(None))
        db.session.execute(first.values(first_feedback_at=now()))
        _end(Reader.idea_id == idea_id, Reader.person_id == by.id, state="read")
        _end(Reader.idea_id == idea_id, state="over")


def renew_feedback(idea_id: int) -> None:
    """Words about an idea were taken away, or it or they came back. What stands now counts; without any, whoever was
    asked is asked still."""
    with transaction():
        first = first_words_at(idea_id)
        known = update(Attention).where(Attention.idea_id == idea_id)
        db.session.execute(known.values(first_feedback_at=first))
        if first is not None:
            _end(Reader.idea_id == idea_id, state="over")
        elif (idea := db.session.get(Idea, idea_id)) is not None and _waits(idea):
            _ask_still(idea_id)


def ask_readers(idea_id: int, person_ids: Sequence[int]) -> None:
    """Of these, whoever still has room this week, unless somebody said something about the idea meanwhile."""
    with transaction():
        hold_post(idea_id)
        idea = db.session.get(Idea, idea_id, populate_existing=True)
        if idea is None or not _waits(idea):
            return
        for person in _held(person_ids):
            if not person.may_be_asked or next_room_at(person.id, person.asks_a_week) is not None:
                continue
            if _was_asked(idea_id, person.id):
                continue
            db.session.add(Reader(idea_id=idea_id, person_id=person.id))
            record("reading_asked", by=None, post_id=idea_id, person=person)


def pass_reading(idea_id: int, *, by: User) -> None:
    """The person is not the one to read it; somebody else is asked. Raises NotThere when they are not asked now."""
    with transaction():
        hold_post(idea_id)
        if not _end(Reader.idea_id == idea_id, Reader.person_id == by.id, state="passed"):
            raise NotThere(_("You are not asked to read this idea any more."))
        record("reading_passed", by=by, post_id=idea_id)


def end_readings(idea_id: int) -> None:
    """The idea was taken away."""
    with transaction():
        _end(Reader.idea_id == idea_id, state="over")


def end_readings_of_authors(idea_id: int) -> None:
    """Who writes it by now is no reader."""
    with transaction():
        _end(Reader.idea_id == idea_id, writes(Reader.person_id, idea_id), state="over")


def let_readings_lapse() -> None:
    with transaction():
        for idea_id, person_id in _end(Reader.asked_at <= now() - ASKED_FOR, state="lapsed"):
            record("reading_lapsed", by=None, post_id=idea_id, person=db.session.get_one(User, person_id))


def _end(*asked: object, state: str) -> Sequence[Any]:
    """The (idea_id, person_id) of those that it ended."""
    open_ones = update(Reader).where(Reader.state == "asked", *asked)  # type: ignore[arg-type]
    ended = open_ones.values(state=state, ended_at=now()).returning(Reader.idea_id, Reader.person_id)
    return db.session.execute(ended, execution_options={"synchronize_session": False}).all()


def _ask_still(idea_id: int) -> None:
    over = update(Reader).where(Reader.idea_id == idea_id, Reader.state == "over", Reader.asked_at > now() - ASKED_FOR)
    again = over.where(~writes(Reader.person_id, idea_id)).values(state="asked", ended_at=None)
    db.session.execute(again, execution_options={"synchronize_session": False})


def _waits(idea: Idea) -> bool:
    attention = db.session.get(Attention, idea.id, populate_existing=True)
    is_there = idea.deleted_at is None and idea.hidden_at is None
    return is_there and attention is not None and attention.first_feedback_at is None


def _was_asked(idea_id: int, person_id: int) -> bool:
    asked = exists().where(Reader.idea_id == idea_id, Reader.person_id == person_id)
    return bool(db.session.scalar(select(asked)))


def _held(person_ids: Sequence[int]) -> list[User]:
    """Whoever asks someone waits for whoever asks them now, so that nobody is asked more often than they agreed to."""
    people = select(User).where(User.id.in_(person_ids)).order_by(User.id).with_for_update(key_share=True)
    found = {person.id: person for person in db.session.scalars(people.execution_options(populate_existing=True))}
    return [found[person_id] for person_id in person_ids if person_id in found]
