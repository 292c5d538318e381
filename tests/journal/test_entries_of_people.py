"""What people agree to, and the groups that they join, is written down."""

from __future__ import annotations

from app.database import db
from app.groups.commands import appoint_tutor
from app.journal.models import JournalEntry
from tests.factories import make_person, make_private_group


def notes(action: str) -> list[str]:
    found = db.session.query(JournalEntry).filter_by(action=action).order_by(JournalEntry.id)
    return [entry.note for entry in found]


def test_consent_is_written_down_when_it_changes_and_only_then(client_for):
    browser = client_for(make_person(display_name="Ama"))
    for asks, about in (("0", "a"), ("3", "b"), ("3", "c"), ("0", "d")):
        browser.post("/me", data={"display_name": "Ama", "asks_a_week": asks, "about": about})
    browser.post("/welcome", data={"asks_a_week": "0", "is_for_groups_only": "y"})
    assert notes("consent_changed") == ["3 a week", "0 a week", "0 a week, groups only"]


def test_who_joins_a_group_or_looks_after_it_is_written_down_once(app):
    person = make_person()
    group = make_private_group(person, person)
    appoint_tutor(group, person=person)
    appoint_tutor(group, person=person)
    assert notes("group_joined")[1:] == [group.slug]
    assert notes("tutor_appointed") == [group.slug]
