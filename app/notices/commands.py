"""Tell people of what happened, in the app and by mail, mark what they have read, and keep what they want mailed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, delete, func, inspect, select, update

from app.accounts.models import User
from app.accounts.policy import can_edit_profile
from app.database import db, insert_into, now, transaction
from app.follows.models import SavedSearch
from app.forum.models import Post
from app.journal.commands import record
from app.journal.models import JournalEntry
from app.mail.commands import queue_mail, wanted_if
from app.mail.queries import mail_named
from app.notices.events import notices_made
from app.notices.mails import (
    AT_ONCE_MAIL,
    CHOSEN,
    DIGEST,
    RESUMED,
    STOPPED,
    Unsubscription,
    is_still_due,
    mail_choice,
    mails_for,
    modes_before,
    modes_to_stop,
    rows_to_mail,
)
from app.notices.models import AT_ONCE, DAILY, OFF, MailChoice, Notice
from app.notices.queries import to_be_told, told_less_nearly
from app.refusals import require


def tell_of(entry_id: int) -> None:
    """Make the notices of one entry; those that are there already are left alone, but for what it says more nearly."""
    with transaction(is_shown=False):
        entry = db.session.get(JournalEntry, entry_id)
        if entry is None:
            return
        where = {"entry_id": entry.id, "post_id": entry.post_id, "comment_id": entry.comment_id, "created_at": now()}
        rows = [{"person_id": person_id, **vars(cause), **where} for person_id, cause in _told(entry).items()]
        if not rows:
            return
        new = insert_into(Notice).on_conflict_do_nothing(index_elements=["person_id", "entry_id"])
        made = db.session.scalars(new.returning(Notice), rows).all()
        if entry.person_id in {notice.person_id for notice in made}:
            db.session.execute(delete(Notice).where(Notice.id.in_(told_less_nearly(entry))))
        notices_made.send(made)


def mark_read(notice: Notice, *, by: User) -> None:
    """And what came before it, of the same kind and on the same post."""
    _mark(Notice.id <= notice.id, Notice.kind == notice.kind, _subject() == (notice.post_id or -notice.id), by=by)


def mark_seen(notice_ids: Collection[int], *, by: User) -> None:
    """Those whose matter a page showed."""
    _mark(Notice.id.in_(notice_ids), by=by)


def mark_all_read(*, by: User, until: int) -> None:
    """Up to the newest that was shown: what came since stays unread."""
    _mark(Notice.id <= until, by=by)


def rename_search(search: SavedSearch, *, before: str) -> None:
    """Notices name the search that they were made for, so that what it brought goes when it goes."""
    made = update(Notice).where(Notice.person_id == search.person_id, Notice.reason == "follows_search")
    with transaction(is_shown=False):
        db.session.execute(made.where(Notice.detail == before).values(detail=search.name))


def _told(entry: JournalEntry) -> dict[int, object]:
    """Whoever tells of the same post waits, so that nobody is named to the same person twice."""
    held = select(Post).where(Post.id == entry.post_id).with_for_update(of=Post)
    return {**to_be_told(entry, db.session.scalar(held) if entry.post_id else None)}


def _mark(*which: ColumnElement[bool], by: User) -> None:
    unread = update(Notice).where(Notice.person_id == by.id, Notice.read_at.is_(None), *which)
    with transaction(is_shown=False):
        db.session.execute(unread.values(read_at=now()), execution_options={"synchronize_session": False})


def _subject() -> ColumnElement[int]:
    return func.coalesce(Notice.post_id, -Notice.id)


# Mails


def mail_person(person_id: int) -> None:
    """Queue what is due to one person now. A notice keeps which mail tells of it, so that none does so twice."""
    person, moment = db.session.get_one(User, person_id), now()
    if not rows_to_mail(person, mail_choice(person_id), moment):
        return
    with transaction(is_shown=False):
        choice = _held_choice(person_id)
        rows = rows_to_mail(person, choice, moment)
        for each in mails_for(rows, choice):
            assert person.email is not None
            mail = queue_mail(each.letter, to=person.email, purpose=each.purpose, headers=each.headers)
            told = update(Notice).where(Notice.id.in_([row.id for row in each.rows]))
            db.session.execute(told.values(mail_id=mail.id), execution_options={"synchronize_session": False})
        if any(choice.mode_of(row.kind) != AT_ONCE for row in rows):
            choice.digested_for = choice.digest_before(moment, DAILY)


@wanted_if(AT_ONCE_MAIL)
@wanted_if(DIGEST)
def keep_mail(mail_id: int) -> bool:
    """Whether a mail that waits may still be sent as it is; if not, its notices wait for another, with what is left."""
    mail = mail_named(mail_id)
    if is_still_due(mail, now()):
        return True
    with transaction(is_shown=False):
        of_mail = Notice.mail_id == mail_id
        if mail.purpose == DIGEST:
            people = select(Notice.person_id).where(of_mail)
            db.session.execute(update(MailChoice).where(MailChoice.person_id.in_(people)).values(digested_for=None))
        db.session.execute(update(Notice).where(of_mail).values(mail_id=None))
    return False


def choose_mail(
    person: User,
    *,
    by: User,
    modes: Mapping[str, str],
    is_off: bool,
    time_zone: str,
    quiet_from: int | None,
    quiet_until: int | None,
    digest_hour: int,
    digest_weekday: int,
) -> None:
    require(can_edit_profile(by, person))
    with transaction(is_shown=False):
        choice = _held_choice(person.id)
        choice.set_modes(modes)
        choice.is_off, choice.time_zone = is_off, time_zone
        choice.quiet_from, choice.quiet_until = quiet_from, quiet_until
        choice.digest_hour, choice.digest_weekday = digest_hour, digest_weekday
        record(CHOSEN, by=by)


def stop_mail(unsubscription: Unsubscription) -> None:
    """By whoever holds a mail. The journal keeps how it came before."""
    with transaction(is_shown=False):
        choice = _held_choice(unsubscription.person_id)
        before = modes_to_stop(unsubscription, choice)
        _set_modes(choice, dict.fromkeys(before, OFF), action=STOPPED, told=before)


def resume_mail(unsubscription: Unsubscription) -> None:
    """As it was before it was stopped, and nothing beside."""
    with transaction(is_shown=False):
        choice = _held_choice(unsubscription.person_id)
        before = modes_before(unsubscription, choice)
        _set_modes(choice, before, action=RESUMED, told=before)


def _set_modes(choice: MailChoice, modes: Mapping[str, str], *, action: str, told: Mapping[str, str]) -> None:
    if modes:
        choice.set_modes(modes)
        record(action, by=None, person=db.session.get_one(User, choice.person_id), note=json.dumps(told))


def _held_choice(person_id: int) -> MailChoice:
    """The person's own, made from the default if need be, while nobody else changes it or mails them."""
    default = MailChoice.default(person_id)
    facts = {column.key: getattr(default, column.key) for column in inspect(MailChoice).columns}
    db.session.execute(insert_into(MailChoice).values(facts).on_conflict_do_nothing(index_elements=["person_id"]))
    own = select(MailChoice).where(MailChoice.person_id == person_id).with_for_update()
    return db.session.scalars(own.execution_options(populate_existing=True)).one()
