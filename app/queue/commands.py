"""Claim questions, ask people, hand on, pass, and let time do its part."""

from __future__ import annotations

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

from app.accounts.models import User
from app.accounts.queries import find_person
from app.database import db, now, transaction
from app.expertise.commands import lower_field
from app.forum.commands import hold_posts, hold_shown
from app.groups.queries import is_listed_to, is_member
from app.journal.commands import record
from app.journal.queries import next_room_at
from app.matching.queueing import STAFF, Asks
from app.questions.models import Question
from app.queue.models import CLAIMED_FOR, Ask, Claim, Escalation, Pass
from app.queue.policy import can_claim, can_put_to, is_waiting
from app.queue.queries import (
    MOST_CLAIMS,
    asks_to_take_up,
    asks_unheard,
    claims_over,
    had_it,
    has_answered,
    live_claim,
    live_claims_of,
    part_in,
    questions_to_lapse,
)
from app.refusals import Conflict, Unfit, require
from app.shown import moment

NEEDS_NOTHING = _l("This question needs no answer from you.")
CANNOT_HAND_ON = _l("Take the question first, or name a topic that you know in your profile.")


class CannotBeAsked(Unfit):
    """The person who is named cannot be asked about this question now."""


def claim_question(question: Question, *, by: User) -> Claim:
    """Be on a question for a day; others see it. Claimed again, the day stays as it is.

    Raises Conflict while someone else is on it, for whoever answered it, and for whoever is on as many as one person
    can be.
    """
    with transaction():
        hold_shown(question, by=by)
        _hold_person(by)
        require(can_claim(by, question), NEEDS_NOTHING)
        if has_answered(by, question):
            raise Conflict(_("You have answered this already."))
        present = live_claim(question.id)
        if present and present.person_id == by.id:
            return present
        if present:
            until = moment(present.until)
            raise Conflict(_("Someone else is on it until %(until)s. You can still answer.", until=until))
        if len(live_claims_of(by)) >= MOST_CLAIMS:
            raise Conflict(_("You are on %(most)d questions already. Answer or release one first.", most=MOST_CLAIMS))
        claim = Claim(question_id=question.id, person_id=by.id, until=now() + CLAIMED_FOR)
        db.session.add(claim)
        record("question_claimed", by=by, post_id=question.id, person=question.author)
    return claim


def release_question(question: Question, *, by: User) -> None:
    """Be on it no more; whoever is not on it changes nothing."""
    with transaction():
        hold_shown(question, by=by)
        if _end_claim(question.id, by.id, "released"):
            record("question_released", by=by, post_id=question.id, person=question.author)


def pass_question(question: Question, *, by: User) -> bool:
    """Not one's field: the question leaves one's queue, and its topics count for less from now on, once. Whether they
    know any of these, and so are asked less from now on."""
    with transaction():
        hold_shown(question, by=by)
        require(can_claim(by, question), NEEDS_NOTHING)
        _end_claim(question.id, by.id, "passed")
        _end_ask(question.id, by.id, "passed")
        if db.session.get(Pass, (question.id, by.id)) is not None:
            return False
        db.session.add(Pass(question_id=question.id, person_id=by.id))
        record("question_passed", by=by, post_id=question.id, person=question.author)
        return lower_field(by, topic_ids=[topic.id for topic in question.topics])


def put_to(question: Question, *, name: str, by: User, line: str = "") -> Ask:
    """Whoever asks the question puts it to a person. Raises CannotBeAsked for one who cannot be."""
    with transaction():
        hold_shown(question, by=by)
        require(can_put_to(by, question), _("Only the person who asks can do this, while the question is open."))
        return _ask(question, _askable(question, name, by=by), by=by, line=line)


def hand_on(question: Question, *, name: str, by: User, line: str = "") -> Ask:
    """Put it to someone who knows more, and be on it no more oneself. Raises as `put_to` does."""
    with transaction():
        hold_shown(question, by=by)
        require(can_claim(by, question) and part_in(by, question).can_hand_on, CANNOT_HAND_ON)
        ask = _ask(question, _askable(question, name, by=by), by=by, line=line)
        _end_claim(question.id, by.id, "handed-on")
        _end_ask(question.id, by.id, "handed-on")
        record("question_handed_on", by=by, post_id=question.id, person=question.author)
    return ask


def withdraw_ask(ask: Ask, *, by: User) -> None:
    """Whoever put the question to someone takes it back; an ask that has ended stays as it is."""
    require(ask.by_id == by.id)
    with transaction():
        hold_shown(ask.question, by=by)
        if _end_ask(ask.question_id, ask.person_id, "withdrawn"):
            record("ask_withdrawn", by=by, post_id=ask.question_id, person=ask.person)


def end_for_answer(question_id: int, *, by: User) -> None:
    """They answered: what waited for them waits no more."""
    _end_claim(question_id, by.id, "answered")
    _end_ask(question_id, by.id, "answered")


def end_all(question_id: int) -> None:
    """The question needs nobody any more: it was closed, helped or taken away."""
    with transaction():
        on_it = (Claim.question_id == question_id, Claim.ending.is_(None))
        db.session.execute(update(Claim).where(*on_it).values(ending="over"))
        asked = (Ask.question_id == question_id, Ask.state == "asked")
        db.session.execute(update(Ask).where(*asked).values(state="over", ended_at=now()))


def begin_anew(question: Question) -> None:
    """The question needs somebody again: whoever had been asked when it was over is so once more, for as long as was
    left to them, and people are looked for from the first stage on."""
    with transaction():
        db.session.execute(delete(Escalation).where(Escalation.question_id == question.id))
        if is_waiting(question):
            for ask in asks_to_take_up(question):
                ask.asked_at += now() - (ask.ended_at or now())
                ask.state, ask.ended_at = "asked", None


def ask_chosen(chosen: Asks) -> None:
    """Put a question to whom routing chose, and keep how far it has come; what changed meanwhile is left out."""
    with transaction():
        question = db.session.get_one(Question, chosen.question)
        hold_posts(question)
        if not is_waiting(question) or question.answer_count or live_claim(question.id):
            return
        _escalate(question, chosen.stage)
        people = select(User).where(User.id.in_(chosen.people)).order_by(User.id)  # always held in this order
        for person in db.session.scalars(people).all():
            _hold_person(person)
            if _has_room(person) and not had_it(person, question):
                _ask(question, person, by=None, line="")


def let_lapse() -> None:
    """End the claims whose day is over and the asks that nobody heard for a week."""
    for question in questions_to_lapse():
        _let_lapse_of(question)


def _let_lapse_of(question: Question) -> None:
    with transaction():
        hold_posts(question)
        for claim in claims_over(question):
            claim.ending = "lapsed"
            record("claim_lapsed", by=None, post_id=question.id, person=claim.person)
        for ask in asks_unheard(question):
            ask.state, ask.ended_at = "lapsed", now()
            record("ask_lapsed", by=None, post_id=question.id, person=ask.person)


def _askable(question: Question, name: str, *, by: User) -> User:
    """The person of this name, if they agreed to be asked by such as `by` and may see the question. Raises
    CannotBeAsked, with the same words whether or not there is such a person; also when they were asked already,
    passed, answered, or have no room this week."""
    person = find_person(name)
    if person is not None:
        _hold_person(person)
    if person is None or not _may_be_asked(question, person, by=by):
        raise CannotBeAsked(_("Nobody of this name can be asked about this question."))
    if had_it(person, question):
        raise CannotBeAsked(_("They have been asked about this question already, or have answered it."))
    if room_at := next_room_at(person.id, person.asks_a_week):
        day = format_date(room_at, "d MMMM")
        raise CannotBeAsked(
            _("They have been asked as often as they agreed to this week. Try again on %(day)s.", day=day)
        )
    return person


def _may_be_asked(question: Question, person: User, *, by: User) -> bool:
    is_listed = db.session.scalar(select(User.id).where(User.id == person.id, is_listed_to(by))) is not None
    sees_it = not question.group.is_private or is_member(person, question.group_id)
    return is_listed and sees_it and person.can_sign_in and person.id not in (by.id, question.author_id)


def _has_room(person: User) -> bool:
    return person.may_be_asked and next_room_at(person.id, person.asks_a_week) is None


def _ask(question: Question, person: User, *, by: User | None, line: str) -> Ask:
    ask = Ask(question_id=question.id, person_id=person.id, by_id=by.id if by else None, line=line)
    db.session.add(ask)
    record("question_put_to", by=by, post_id=question.id, person=person, note=line)
    return ask


def _end_claim(question_id: int, person_id: int, ending: str) -> bool:
    claim = live_claim(question_id)
    if claim is None or claim.person_id != person_id:
        return False
    claim.ending = ending
    return True


def _end_ask(question_id: int, person_id: int, state: str) -> bool:
    own = (Ask.question_id == question_id, Ask.person_id == person_id, Ask.state == "asked")
    ended = update(Ask).where(*own).values(state=state, ended_at=now()).returning(Ask.id)
    return db.session.execute(ended).first() is not None


def _escalate(question: Question, stage: int) -> None:
    present = db.session.get(Escalation, question.id, populate_existing=True)
    if present is None:
        present = Escalation(question_id=question.id, stage=0)
        db.session.add(present)
    present.looked_at = now()
    if present.stage < stage:
        present.stage, present.reached_at = stage, now()
        action = "question_escalated" if stage < STAFF else "question_left_to_staff"
        record(action, by=None, post_id=question.id, person=question.author, note=str(stage))


def _hold_person(person: User) -> None:
    """Whoever asks someone waits for whoever asks them now, so that nobody is asked more often than they agreed to."""
    db.session.execute(select(User.id).where(User.id == person.id).with_for_update(key_share=True))
    db.session.refresh(person)
