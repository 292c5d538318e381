"""Keep what people know up to date; correct it, confirm it, endorse answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.expertise.models import Endorsement, FieldChoice, FieldExclusion, PersonField, Verification
from app.expertise.policy import can_endorse, can_remove_endorsement, can_verify, can_withdraw
from app.expertise.queries import LASTING, computed_fields, fields_of
from app.forum.models import CoAuthor, Post
from app.journal.commands import record
from app.questions.commands import hold_answer
from app.questions.models import Answer
from app.refusals import Conflict, NotThere, require
from app.search.events import subject_changed
from app.taxonomy.models import Topic
from app.taxonomy.queries import topics_named

AT_ONCE = 500
"""People whose fields are computed in one transaction."""


def refresh_fields(person_ids: Collection[int]) -> None:
    """Compute what these people know as of now, and keep it for lists; whoever knows other topics than before is
    announced."""
    with transaction():
        _hold(person_ids)
        before = fields_of(person_ids)
        known = {
            person_id: [each for each in fields if each.is_shown]
            for person_id, fields in computed_fields(person_ids).items()
        }
        rows = [
            {"person_id": person_id, "topic_id": each.topic.id, "weight": each.weight, "is_verified": each.is_verified}
            for person_id, fields in known.items()
            for each in fields
        ]
        db.session.execute(delete(PersonField).where(PersonField.person_id.in_(person_ids)))
        if rows:
            db.session.execute(insert(PersonField), rows)
        for person_id, fields in known.items():
            if before[person_id].keys() != {each.topic.id for each in fields}:
                subject_changed.send(kind="person", id=person_id)


def refresh_all_fields() -> None:
    """Evidence fades, a little each day."""
    ids = db.session.scalars(select(User.id).order_by(User.id)).all()
    for start in range(0, len(ids), AT_ONCE):
        refresh_fields(ids[start : start + AT_ONCE])


def refresh_fields_around(post_id: int) -> None:
    """Of whoever writes a post or ever did, and of all who answered it."""
    author = select(Post.author_id).where(Post.id == post_id)
    co_authors = select(CoAuthor.person_id).where(CoAuthor.idea_id == post_id)
    answerers = select(Answer.author_id).where(Answer.question_id == post_id)
    refresh_fields(db.session.scalars(author.union(co_authors, answerers)).all())


def add_field(topic: Topic, *, by: User, level: str) -> None:
    """A field that nothing speaks for yet, or one that the person deleted and takes back; `level` is one of LEVELS."""
    _choose("field_added", topic, by=by, choice="shown", level=level, times_lowered=0)


def hide_field(topic: Topic, *, by: User) -> None:
    """It is kept, but nobody sees it and it is used for nothing; nor is anyone told who confirmed it."""
    _choose("field_hidden", topic, by=by, choice="hidden")


def show_field(topic: Topic, *, by: User) -> None:
    _choose("field_shown", topic, by=by, choice="shown")


def delete_field(topic: Topic, *, by: User) -> None:
    """Not the person's field, whatever evidence comes, until they add it again."""
    _choose("field_deleted", topic, by=by, choice="deleted", level=None)


def set_level(topic: Topic, *, by: User, level: str | None) -> None:
    """How well the person knows it at least, by their own word; None leaves it to the evidence."""
    _choose("field_level_set", topic, by=by, level=level)


def lower_field(person: User, topic_ids: Collection[str]) -> bool:
    """The person sent back a question of these topics as not theirs: those of them that they know weigh half. Whether
    they know any."""
    with transaction():
        _hold([person.id])
        known = topics_named(fields_of([person.id])[person.id].keys() & set(topic_ids))
        for topic in known:
            times = _choice(topic, person).times_lowered
            _choose("field_lowered", topic, by=person, times_lowered=times + 1)
    return bool(known)


def raise_field(topic: Topic, *, by: User) -> None:
    """Questions that were sent back do not lower the field any more."""
    _choose("field_raised", topic, by=by, times_lowered=0)


def put_aside(topic: Topic, *, by: User, kind: str, subject_id: int) -> None:
    """A piece of evidence does not count. Raises NotThere when there is no such piece."""
    with transaction():
        _hold([by.id])
        known = (
            each for field in computed_fields([by.id])[by.id] if field.topic.id == topic.id for each in field.evidence
        )
        if kind in LASTING or (kind, subject_id) not in {(each.kind, each.subject_id) for each in known}:
            raise NotThere(_("There is no such evidence."))
        piece = (by.id, topic.id, kind, subject_id)
        if db.session.get(FieldExclusion, piece) is None:
            db.session.add(FieldExclusion(person_id=by.id, topic_id=topic.id, kind=kind, subject_id=subject_id))
            record("evidence_put_aside", by=by, person=by, note=topic.name)
            refresh_fields([by.id])


def count_again(topic: Topic, *, by: User, kind: str, subject_id: int) -> None:
    """A piece of evidence that was put aside counts; one that was not stays as it is."""
    with transaction():
        _hold([by.id])
        excluded = db.session.get(FieldExclusion, (by.id, topic.id, kind, subject_id))
        if excluded is not None:
            db.session.delete(excluded)
            record("evidence_counted_again", by=by, person=by, note=topic.name)
            refresh_fields([by.id])


def verify_field(
    person: User, topic: Topic, *, by: User, note: str, created_at: datetime | None = None
) -> Verification:
    """Confirm in public that a person knows a field. Raises Conflict when someone has, or the person does not want
    it."""
    require(can_verify(by, person))
    with transaction():
        _hold([person.id])
        if _choice(topic, person).choice != "shown":
            raise Conflict(_("They do not want to be named for this topic."))
        present = select(Verification.id).where(
            Verification.person_id == person.id,
            Verification.topic_id == topic.id,
            Verification.withdrawn_at.is_(None),
        )
        if db.session.scalar(present) is not None:
            raise Conflict(_("This is confirmed already."))
        verification = Verification(person_id=person.id, topic_id=topic.id, by_id=by.id, note=note)
        verification.created_at = created_at or now()
        db.session.add(verification)
        record("field_verified", by=by, person=person, note=f"{topic.name}: {note}", is_public=True)
        refresh_fields([person.id])
    return verification


def withdraw_verification(verification: Verification, *, by: User, reason: str) -> None:
    """Raises Conflict when someone has."""
    require(can_withdraw(by, verification), _("Only moderators and whoever confirmed it can withdraw this."))
    person, topic = verification.person, verification.topic
    with transaction():
        _hold([person.id])
        db.session.refresh(verification)
        if verification.withdrawn_at is not None:
            raise Conflict(_("This was withdrawn in the meantime."))
        verification.withdrawn_at, verification.withdrawn_by_id = now(), by.id
        record("verification_withdrawn", by=by, person=person, note=f"{topic.name}: {reason}", is_public=True)
        refresh_fields([person.id])


def endorse_answer(answer: Answer, *, by: User, reason: str, created_at: datetime | None = None) -> Endorsement:
    """Stand for an answer, with a reason that everyone reads. Raises Conflict when the person does already, or the
    answer was taken away."""
    require(
        can_endorse(by, answer), _("You can endorse the answers of others in a field that someone confirmed of you.")
    )
    with transaction():
        hold_answer(answer, by=by)
        if answer.hidden_at is not None:
            raise Conflict(_("This answer is no longer shown."))
        if _endorsement(answer, by) is not None:
            raise Conflict(_("You have endorsed this answer already."))
        endorsement = Endorsement(answer_id=answer.id, person_id=by.id, revision=answer.revision, reason=reason)
        endorsement.created_at = created_at or now()
        db.session.add(endorsement)
        _record_endorsement("answer_endorsed", answer, by=by, note=reason)
    return endorsement


def withdraw_endorsement(answer: Answer, *, by: User) -> None:
    """Whoever has not endorsed it changes nothing."""
    with transaction():
        hold_answer(answer, by=by)
        endorsement = _endorsement(answer, by)
        if endorsement is not None:
            db.session.delete(endorsement)
            _record_endorsement("endorsement_withdrawn", answer, by=by)


def remove_endorsement(answer: Answer, *, endorser_id: int, by: User) -> None:
    """The journal keeps what was said, for moderators. Where nothing is said, nothing changes."""
    require(can_remove_endorsement(by, endorser_id))
    with transaction():
        hold_answer(answer, by=by)
        endorser = db.session.get(User, endorser_id)
        endorsement = _endorsement(answer, endorser) if endorser else None
        if endorsement is not None:
            db.session.delete(endorsement)
            said, question_id = endorsement.reason, answer.question_id
            record("endorsement_removed", by=by, post_id=question_id, answer_id=answer.id, person=endorser, note=said)


def _choose(action: str, topic: Topic, *, by: User, **said: Any) -> None:
    with transaction():
        _hold([by.id])
        choice = _choice(topic, by)
        for name, value in said.items():
            setattr(choice, name, value)
        db.session.add(choice)
        record(action, by=by, person=by, note=topic.name)
        refresh_fields([by.id])


def _choice(topic: Topic, person: User) -> FieldChoice:
    """What the person says of the field now; a new one says nothing."""
    found = db.session.get(FieldChoice, (person.id, topic.id), populate_existing=True)
    return found or FieldChoice(person_id=person.id, topic_id=topic.id, choice="shown", times_lowered=0)


def _endorsement(answer: Answer, person: User) -> Endorsement | None:
    return db.session.scalar(
        select(Endorsement).where(Endorsement.answer_id == answer.id, Endorsement.person_id == person.id)
    )


def _record_endorsement(action: str, answer: Answer, *, by: User, note: str = "") -> None:
    where = {"post_id": answer.question_id, "answer_id": answer.id}
    record(action, by=by, **where, person=answer.author, note=note, is_public=True)


def _hold(person_ids: Collection[int]) -> None:
    """Whoever computes or changes the fields of these people waits for whoever does so now, and reads what that one
    wrote."""
    held = select(User.id).where(User.id.in_(person_ids)).order_by(User.id)
    db.session.execute(held.with_for_update(key_share=True))
