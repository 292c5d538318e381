"""Which notices are to be mailed to whom now, and what the mails say."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Select, String, cast, func, literal, select, union_all

from app.accounts.models import User
from app.database import db
from app.follows.models import Following, SavedSearch
from app.follows.queries import Muted, muted_among
from app.forum.models import Follow, Post
from app.journal.models import JournalEntry
from app.mail.commands import Letter, letter
from app.mail.models import Mail
from app.notices.models import AT_ONCE, DAILY, DEFAULT_MODES, KINDS, OFF, WEEKLY, MailChoice, Notice
from app.notices.queries import NoticeGroup, NoticeRow, notices_to
from app.notices.sentences import group_sentence
from app.refusals import NotThere
from app.taxonomy.models import Topic

AT_ONCE_MAIL, DIGEST = "notice", "digest"
"""Purposes of mails."""
CHOSEN, STOPPED, RESUMED = "mail_chosen", "mail_stopped", "mail_resumed"
"""In the journal; the notes of the last two are the modes before and after, by kind, as JSON."""
NOT_OLDER = timedelta(days=8)
"""What waited longer is no news."""
MOST_APART = 3
"""Mails at once at the same time; more become one."""
MOST_TOLD = 30
"""Groups of notices in one mail; of the others it says how many."""
SUBJECT_LENGTH = 150


@dataclass(frozen=True)
class NoticeMail:
    """One mail, and the notices it tells of."""

    rows: Sequence[NoticeRow]
    purpose: str
    letter: Letter
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Unsubscription:
    """What a link in a mail stops: kinds of notices, each with the mode in which it was mailed then."""

    person_id: int
    modes: Mapping[str, str]

    @property
    def is_of_digests(self) -> bool:
        return AT_ONCE not in self.modes.values()


def mail_choice(person_id: int) -> MailChoice:
    """What the person chose or, before they did, the default."""
    return db.session.get(MailChoice, person_id) or MailChoice.default(person_id)


def mail_choices(person_ids: Collection[int]) -> dict[int, MailChoice]:
    """Of each of these people, in one query."""
    chosen = db.session.scalars(select(MailChoice).where(MailChoice.person_id.in_(person_ids)))
    return {person_id: MailChoice.default(person_id) for person_id in person_ids} | {
        choice.person_id: choice for choice in chosen
    }


def people_to_mail(moment: datetime) -> list[int]:
    """Those for whom a notice is due now; two queries, whatever their number."""
    kinds = _unmailed(Notice.person_id, Notice.kind, func.min(Notice.created_at).label("made_at"), moment=moment)
    waiting = db.session.execute(kinds.group_by(Notice.person_id, Notice.kind).order_by(Notice.person_id)).all()
    people = {each.person_id for each in waiting}
    choices = {each.person_id: each for each in db.session.scalars(_choices_of_waiting(moment))} if people else {}
    due = []
    for person_id, kinds_of in groupby(waiting, key=lambda each: int(each.person_id)):
        choice = choices.get(person_id) or MailChoice.default(person_id)
        if any(choice.is_time_for(each.kind, made_at=each.made_at, moment=moment) for each in kinds_of):
            due.append(person_id)
    return due


def rows_to_mail(person: User, choice: MailChoice, moment: datetime) -> list[NoticeRow]:
    """Newest first: not mailed, not read and seen by the person, now."""
    ids = db.session.scalars(_unmailed(Notice.id, moment=moment).where(Notice.person_id == person.id)).all()
    rows = _wanted(person, ids) if ids else []
    return [row for row in rows if choice.is_time_for(row.kind, made_at=row.created_at, moment=moment)]


def mails_for(rows: Sequence[NoticeRow], choice: MailChoice) -> list[NoticeMail]:
    """One for each that is told at once, unless there are many, and one digest."""
    at_once = [row for row in rows if choice.mode_of(row.kind) == AT_ONCE]
    digest = [row for row in rows if choice.mode_of(row.kind) != AT_ONCE]
    apart = [[row] for row in at_once] if len(at_once) <= MOST_APART else [at_once]
    mails = [_mail(part, {row.kind: AT_ONCE for row in part}, choice) for part in apart if part]
    return [*mails, _mail(digest, modes_of_digests(choice), choice)] if digest else mails


def modes_of_digests(choice: MailChoice) -> dict[str, str]:
    return {kind: choice.mode_of(kind) for kind in KINDS if choice.mode_of(kind) in (DAILY, WEEKLY)}


def is_still_due(mail: Mail, moment: datetime) -> bool:
    """Whether the person still wants now, and may see, and has not read, all that a waiting mail tells of, and nothing
    of what it says has been changed or taken away."""
    ids = db.session.scalars(select(Notice.id).where(Notice.mail_id == mail.id)).all()
    notice = db.session.get(Notice, ids[0]) if ids else None
    person = db.session.get(User, notice.person_id) if notice else None
    if person is None or person.email != mail.to_address or person.email_confirmed_at is None:
        return False
    choice, rows = mail_choice(person.id), _wanted(person, ids)
    is_wanted = all(choice.mode_of(row.kind) != OFF for row in rows) and not choice.is_quiet(moment)
    return is_wanted and len(rows) == len(ids) and _says_the_same(mail, rows, choice)


def unsubscription_token(choice: MailChoice, modes: Mapping[str, str]) -> str:
    """It names the person by a random word that nothing else shows, and never expires."""
    return _unsubscriptions().dumps([choice.key, dict(modes)])


def unsubscription(token: str) -> Unsubscription:
    """Raises NotThere for what we did not write."""
    try:
        key, modes = _unsubscriptions().loads(token)
    except BadData:
        raise NotThere(_("This link is not complete. Copy all of it from the mail.")) from None
    person_id = db.session.scalar(select(MailChoice.person_id).where(MailChoice.key == key))
    if person_id is None:
        raise NotThere(_("The account that got this mail is gone."))
    return Unsubscription(person_id, {kind: mode for kind, mode in modes.items() if kind in DEFAULT_MODES})


def modes_to_stop(unsubscription: Unsubscription, choice: MailChoice) -> dict[str, str]:
    """How the kinds that the link stops come now. One in a digest stops also what comes in digests by now."""
    kinds = {**unsubscription.modes, **(modes_of_digests(choice) if unsubscription.is_of_digests else {})}
    return {kind: mode for kind in kinds if (mode := choice.chosen_mode_of(kind)) != OFF}


def modes_before(unsubscription: Unsubscription, choice: MailChoice) -> dict[str, str]:
    """How the kinds came that were stopped together with those of the link, and are off still; none of them once the
    person has chosen for themselves."""
    of_person = JournalEntry.person_id == choice.person_id, JournalEntry.action == STOPPED
    chosen = select(func.max(JournalEntry.id)).where(
        JournalEntry.by_id == choice.person_id, JournalEntry.action == CHOSEN
    )
    since = JournalEntry.id > func.coalesce(chosen.scalar_subquery(), 0)
    notes = select(JournalEntry.note).where(*of_person, since).order_by(JournalEntry.id.desc())
    for note in db.session.scalars(notes):
        modes = json.loads(note)
        if modes.keys() & unsubscription.modes.keys():
            return {kind: mode for kind, mode in modes.items() if choice.chosen_mode_of(kind) == OFF}
    return {}


def _wanted(person: User, ids: Collection[int]) -> list[NoticeRow]:
    """Of the notices with these ids, those that the person may see and has not read, without what they have muted or
    ceased to follow since."""
    rows = notices_to(person, ids=ids, is_unread=True)
    if not rows:
        return []
    followed, muted = _followed(person, rows), _muted(person, rows)
    return [
        row
        for row in rows
        if (row.kind == "moderation" or not _is_muted(row, muted))
        and (not row.reason.startswith("follows") or _follow(row) in followed)
    ]


def _follow(row: NoticeRow) -> tuple[str, str]:
    """Why a notice was made, as `_followed` names it."""
    is_by_post = row.reason in ("follows", "follows_person")
    return row.reason, str(row.post_id) if is_by_post else row.detail


def _followed(person: User, rows: Sequence[NoticeRow]) -> set[tuple[str, str]]:
    """What the person follows now of what these notices were made for, in at most one query."""
    posts = {row.post_id for row in rows if row.reason.startswith("follows")}
    if not posts:
        return set()
    authors = select(literal("follows_person"), cast(Post.id, String)).where(Post.id.in_(posts))
    topics = select(literal("follows_topic"), Topic.name).join(Following, Following.topic_id == Topic.id)
    searches = select(literal("follows_search"), SavedSearch.name).where(SavedSearch.person_id == person.id)
    every = union_all(
        select(literal("follows"), cast(Follow.post_id, String)).where(
            Follow.user_id == person.id, Follow.post_id.in_(posts)
        ),
        authors.join(Following, Following.user_id == Post.author_id).where(Following.person_id == person.id),
        topics.where(Following.person_id == person.id),
        searches.where(SavedSearch.is_told),
    )
    return {(reason, name) for reason, name in db.session.execute(every)}


def _muted(person: User, rows: Sequence[NoticeRow]) -> Muted:
    posts = {row.post_id for row in rows if row.post_id is not None}
    return muted_among(person, post_ids=posts, people={row.by.id for row in rows if row.by})


def _is_muted(row: NoticeRow, muted: Muted) -> bool:
    by_id = row.by.id if row.by else None
    return muted.has(post_id=row.post_id, by_id=by_id, is_followed_news=row.kind == "followed")


def _says_the_same(mail: Mail, rows: Sequence[NoticeRow], choice: MailChoice) -> bool:
    modes = modes_of_digests(choice) if mail.purpose == DIGEST else {row.kind: AT_ONCE for row in rows}
    now_said = _mail(rows, modes, choice).letter
    return (now_said.text, now_said.html) == (mail.text, mail.html)


def _unmailed(*columns: Any, moment: datetime) -> Select[Any]:
    """Of people whose address is confirmed."""
    is_new = Notice.mail_id.is_(None), Notice.read_at.is_(None), Notice.created_at > moment - NOT_OLDER
    is_reached = User.email.is_not(None), User.email_confirmed_at.is_not(None), User.kind == "member"
    return select(*columns).join(User, User.id == Notice.person_id).where(*is_new, *is_reached)


def _choices_of_waiting(moment: datetime) -> Select[MailChoice]:
    return select(MailChoice).where(MailChoice.person_id.in_(_unmailed(Notice.person_id, moment=moment)))


def _mail(rows: Sequence[NoticeRow], modes: Mapping[str, str], choice: MailChoice) -> NoticeMail:
    groups = _grouped(rows)
    purpose = AT_ONCE_MAIL if AT_ONCE in modes.values() else DIGEST
    unsubscribe = f"/unsubscribe/{unsubscription_token(choice, modes)}"
    said = letter(
        "notices/mail",
        subject=_subject(groups),
        groups=groups[:MOST_TOLD],
        others=len(groups[MOST_TOLD:]),
        unsubscribe=unsubscribe,
        is_digest=purpose == DIGEST,
        kinds=[KINDS[kind] for kind in modes],
    )
    return NoticeMail(rows, purpose, said, _headers(rows, modes, unsubscribe))


def _grouped(rows: Sequence[NoticeRow]) -> list[NoticeGroup]:
    """Those of one kind on one post together, where the newest of them stands."""
    groups: dict[tuple[str, int], list[NoticeRow]] = {}
    for row in rows:
        groups.setdefault((row.kind, row.post_id or -row.id), []).append(row)
    return [NoticeGroup(group, len(group)) for group in groups.values()]


def _subject(groups: Sequence[NoticeGroup]) -> str:
    newest = group_sentence(groups[0]).striptags()
    if len(newest) > SUBJECT_LENGTH:
        newest = f"{newest[:SUBJECT_LENGTH]}…"
    others = len(groups) - 1
    more = ngettext("%(newest)s, and %(num)s more", "%(newest)s, and %(num)s more", others, newest=newest)
    return str(more if others else newest)


def _headers(rows: Sequence[NoticeRow], modes: Mapping[str, str], unsubscribe: str) -> dict[str, str]:
    settings = current_app.config["COMMONS"]
    kinds, posts = sorted(modes), {row.post_id for row in rows}
    name = "digest" if AT_ONCE not in modes.values() else kinds[0] if len(kinds) == 1 else "notices"
    headers = {
        "List-Id": f"<{name.replace('_', '-')}.{settings.public_host}>",
        "List-Unsubscribe": f"<{settings.public_url}{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    if len(posts) == 1 and name != "digest" and (post_id := posts.pop()):
        thread = f"<post-{post_id}@{settings.public_host}>"
        headers |= {"In-Reply-To": thread, "References": thread}
    return headers


def _unsubscriptions() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="stop mails")
