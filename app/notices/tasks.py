"""Whoever is to hear of something hears of it soon after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.database import now
from app.follows.events import search_renamed
from app.follows.models import SavedSearch
from app.jobs.commands import scheduled, task
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry
from app.notices.commands import mail_person, rename_search, tell_of
from app.notices.events import notices_made
from app.notices.mails import mail_choices, people_to_mail
from app.notices.models import AT_ONCE, Notice
from app.notices.rules import RULES


@task
def tell(entry_id: int) -> None:
    """Tell of one entry of the journal."""
    tell_of(entry_id)


@entry_recorded.connect
def tell_when_recorded(entry: JournalEntry) -> None:
    """What invented people and authors of imported texts did is no news."""
    if entry.action in RULES and (entry.by is None or entry.by.can_sign_in):
        tell.later(entry_id=entry.id)


@search_renamed.connect
def rename_when_renamed(search: SavedSearch, *, before: str) -> None:
    rename_search(search, before=before)


@task
def mail(person_id: int) -> None:
    """What is due to one person now."""
    mail_person(person_id)


@notices_made.connect
def mail_when_told(notices: Sequence[Notice]) -> None:
    """What is not mailed at once, `mail_everybody` looks for."""
    choices = mail_choices({notice.person_id for notice in notices})
    for notice in notices:
        if choices[notice.person_id].mode_of(notice.kind) == AT_ONCE:
            mail.later(person_id=notice.person_id)


@scheduled(every=timedelta(minutes=10))
@task
def mail_everybody() -> None:
    """Digests whose hour has come, and what waited for quiet hours to end."""
    for person_id in people_to_mail(now()):
        mail.later(person_id=person_id)
