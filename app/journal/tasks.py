"""What happens to people in the rooms below, which cannot write down what they do themselves."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.events import profile_changed
from app.accounts.models import User
from app.database import db
from app.groups.events import group_joined, tutor_appointed
from app.groups.models import Group
from app.journal.commands import record
from app.journal.models import JournalEntry

NO_CONSENT = "0 a week"


@group_joined.connect
def record_joining(person: User, *, group: Group) -> None:
    record("group_joined", by=person, note=group.slug)


@tutor_appointed.connect
def record_tutor(person: User, *, group: Group) -> None:
    record("tutor_appointed", by=None, person=person, note=group.slug)


@profile_changed.connect
def record_consent(person: User) -> None:
    """Only what differs from what they said last."""
    said = f"{person.asks_a_week} a week" + (", groups only" if person.is_for_groups_only else "")
    before = select(JournalEntry.note).where(JournalEntry.by_id == person.id, JournalEntry.action == "consent_changed")
    if said != (db.session.scalar(before.order_by(JournalEntry.id.desc()).limit(1)) or NO_CONSENT):
        record("consent_changed", by=person, note=said)
