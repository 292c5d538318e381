"""Moderators and tutors confirm in public what people know."""

from __future__ import annotations

import re

import pytest

from app.database import db
from app.expertise.commands import hide_field, verify_field
from app.expertise.models import Verification
from app.expertise.queries import fields_of, topic_of
from app.groups.commands import appoint_tutor, join_group
from app.groups.queries import challenge_group
from app.journal.models import JournalEntry
from app.refusals import Conflict
from tests.factories import make_moderator, make_person, make_private_group

NOTE = {"topic": "batteries", "note": "Has run the battery store of our depot since 2019."}
PATH = "/u/ama/verification"


@pytest.fixture
def ama(app):
    return make_person(name="ama", display_name="Ama", asks_a_week=3)


@pytest.fixture
def moderator(app):
    return make_moderator(name="mo", display_name="Mo")


def verification() -> Verification:
    return db.session.query(Verification).one()


def entries() -> list[tuple[str, str, bool]]:
    found = db.session.query(JournalEntry).order_by(JournalEntry.id)
    return [(each.action, each.note, each.is_public) for each in found if "verif" in each.action]


def test_a_moderator_confirms_a_field_for_everyone_to_read(client, client_for, ama, moderator):
    browser = client_for(moderator)
    assert "Confirm what <bdi>Ama</bdi> knows" in browser.get(PATH).text
    assert browser.post(PATH, data=NOTE).status_code == 303
    page = client.get("/u/ama").text
    assert "Verified" in page
    assert re.search(r'Confirmed by <a href="/u/mo"><bdi>Mo</bdi></a>', page)
    assert NOTE["note"] in page
    assert fields_of([ama.id])[ama.id]["batteries"] > 0.6
    assert entries() == [("field_verified", f"Batteries: {NOTE['note']}", True)]


def test_a_tutor_confirms_for_members_of_their_group_alone(client_for, ama):
    tutor, group = make_person(), make_private_group()
    appoint_tutor(group, person=tutor)
    browser = client_for(tutor)
    assert browser.get(PATH).status_code == 403
    assert browser.post(PATH, data=NOTE).status_code == 403
    assert "Confirm a field" not in browser.get("/u/ama").text
    join_group(group, person=ama)
    assert PATH in browser.get("/u/ama").text
    assert browser.post(PATH, data=NOTE).status_code == 303


def test_fellows_strangers_guests_and_the_person_cannot(client, client_for, ama):
    fellow = make_person()
    make_private_group(ama, fellow)
    for reader in (fellow, make_person(), ama, make_moderator(kind="imported")):
        path = f"/u/{reader.name}/verification" if reader.is_imported else PATH
        browser = client_for(make_moderator() if reader.is_imported else reader)
        assert browser.get(path).status_code == 403
        assert browser.post(path, data=NOTE).status_code == 403
    assert client.get(PATH).status_code == 303
    moderating = make_moderator(name="self")
    assert client_for(moderating).post("/u/self/verification", data=NOTE).status_code == 403
    assert db.session.query(Verification).count() == 0


def test_a_tutor_of_the_open_group_cannot_confirm_for_a_profile_that_is_closed_to_them(client_for):
    make_person(name="ama", asks_a_week=3, is_for_groups_only=True)
    tutor = make_person()
    appoint_tutor(challenge_group(), person=tutor)
    assert client_for(tutor).post(PATH, data=NOTE).status_code == 403


@pytest.mark.parametrize("wrong", [{"note": ""}, {"note": "x" * 301}, {"topic": "alchemy"}])
def test_an_invalid_confirmation_comes_back_as_it_was(client_for, ama, moderator, wrong):
    answer = client_for(moderator).post(PATH, data={**NOTE, **wrong})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert {**NOTE, **wrong}["note"] in answer.text


def test_a_field_is_confirmed_once_and_not_against_the_persons_wish(client_for, ama, moderator):
    browser = client_for(moderator)
    browser.post(PATH, data=NOTE)
    assert browser.post(PATH, data=NOTE).status_code == 409
    hide_field(topic_of("health"), by=ama)
    with pytest.raises(Conflict, match="do not want to be named"):
        verify_field(ama, topic_of("health"), by=moderator, note="Nurse.")


def test_it_is_withdrawn_with_a_reason_by_whoever_gave_it_or_a_moderator(client, client_for, ama):
    tutor, group = make_person(), make_private_group(ama)
    appoint_tutor(group, person=tutor)
    client_for(tutor).post(PATH, data=NOTE)
    path = f"/verifications/{verification().id}/withdrawal"
    assert path in client_for(tutor).get("/u/ama").text
    for stranger in (ama, make_person()):
        assert path not in client_for(stranger).get("/u/ama").text
        assert client_for(stranger).get(path).status_code == 404
        assert client_for(stranger).post(path, data={"reason": "No"}).status_code == 404
    browser = client_for(make_moderator())
    assert NOTE["note"] in browser.get(path).text
    assert browser.post(path, data={"reason": ""}).status_code == 422
    assert browser.post(path, data={"reason": "It was someone else."}).status_code == 303
    assert browser.post(path, data={"reason": "Again"}).status_code == 404
    assert "Verified" not in client.get("/u/ama").text
    assert fields_of([ama.id])[ama.id] == {}
    assert entries()[-1] == ("verification_withdrawn", "Batteries: It was someone else.", True)
    assert client_for(tutor).post(PATH, data=NOTE).status_code == 303


def test_verified_people_stand_first_in_the_directory_with_their_mark(client, moderator):
    for name in ("abe", "bea", "cid"):
        make_person(name=name, display_name=name.title(), asks_a_week=1, topics=["batteries", "health", "finance"])
    bea = make_person(name="zoe", display_name="Zoe", asks_a_week=1, topics=["climate", "education", "children"])
    verify_field(bea, topic_of("batteries"), by=moderator, note="Knows them.")
    page = client.get("/people?topic=batteries").text
    assert re.findall(r'<h2 class="row-title"><a href="/u/([^"]+)">', page) == ["zoe", "abe", "bea", "cid"]
    row = page.split('href="/u/zoe"')[1].split("</li>")[0]
    assert "Verified: </span>Batteries" in row
    assert row.count('class="field-mark') == 3


def test_a_person_page_with_fields_takes_at_most_thirteen_queries(client_for, ama, moderator, count_queries):
    for topic in ("batteries", "health", "climate"):
        verify_field(ama, topic_of(topic), by=moderator, note="Knows it.")
    browser = client_for(make_person())
    count_queries.clear()
    browser.get("/u/ama")
    assert len(count_queries) <= 13, count_queries
