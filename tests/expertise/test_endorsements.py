"""Those who know a field, or look after a group, stand for answers with their name and a reason."""

from __future__ import annotations

import pytest

from app.database import db
from app.expertise.commands import endorse_answer, verify_field, withdraw_verification
from app.expertise.models import Endorsement, Verification
from app.expertise.queries import fields_of, strength_of, topic_of
from app.forum.queries import post_address
from app.groups.commands import appoint_tutor
from app.journal.models import JournalEntry
from app.moderation.commands import hide_answer
from app.questions.commands import revise_answer
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question

REASON = {"reason": "We have stored them like this for nine years."}


@pytest.fixture
def expert(app):
    person = make_person(name="eli", display_name="Eli", asks_a_week=1)
    verify_field(person, topic_of("batteries"), by=make_moderator(), note="Runs a depot.")
    return person


@pytest.fixture
def answer(app):
    return make_answer(make_question(topics=["batteries", "health"]))


def path_of(answer, end: str = "") -> str:
    return f"/answers/{answer.id}/endorsements{end}"


def page_of(client, answer) -> str:
    return client.get(post_address(answer.question)).text


def test_a_verified_expert_endorses_and_everyone_reads_why(client, client_for, expert, answer, run_jobs):
    browser = client_for(expert)
    assert "Endorse this answer" in page_of(browser, answer)
    response = browser.post(path_of(answer), data=REASON)
    assert response.status_code == 303
    assert response.location.endswith(f"#answer-{answer.id}")
    page = page_of(client, answer)
    assert "Endorsed by" in page
    assert "(verified in Batteries)" in page
    assert REASON["reason"] in page
    assert "Endorse this answer" not in page_of(browser, answer)
    run_jobs()
    known = fields_of([answer.author_id])[answer.author_id]
    assert known == pytest.approx({"batteries": strength_of([0.9]), "health": strength_of([0.9])}, abs=0.001)


def test_moderators_and_tutors_of_the_group_endorse_too(client_for):
    tutor, member = make_person(), make_person()
    group = make_private_group(member)
    appoint_tutor(group, person=tutor)
    answer = make_answer(make_question(by=member, group=group, topics=["batteries"]))
    for person, word in ((tutor, "(tutor)"), (make_moderator(), "(moderator)")):
        assert client_for(person).post(path_of(answer), data=REASON).status_code == 303
        assert word in page_of(client_for(member), answer)


def test_nobody_else_does(client, client_for, expert, answer):
    elsewhere = make_answer(make_question(topics=["finance"]))
    own = make_answer(answer.question, by=expert)
    for person, wanted in ((make_person(), answer), (expert, elsewhere), (expert, own), (answer.author, answer)):
        browser = client_for(person)
        assert browser.post(path_of(wanted), data=REASON).status_code == 403
        assert f'action="{path_of(wanted)}"' not in page_of(browser, wanted)
    assert client.post(path_of(answer), data=REASON).status_code in (303, 401)
    assert db.session.query(Endorsement).count() == 0


def test_an_endorsement_in_a_private_group_is_for_its_members_and_no_evidence(client, client_for, expert, run_jobs):
    member = make_person()
    group = make_private_group(member)
    answer = make_answer(make_question(by=member, group=group, topics=["batteries"]))
    assert client_for(expert).post(path_of(answer), data=REASON).status_code == 404
    client_for(make_moderator()).post(path_of(answer), data=REASON)
    run_jobs()
    assert client.get(post_address(answer.question)).status_code == 404
    assert REASON["reason"] in page_of(client_for(member), answer)
    assert fields_of([answer.author_id]) == {answer.author_id: {}}


def test_an_answer_is_endorsed_once_and_while_it_is_shown(client_for, expert, answer):
    browser = client_for(expert)
    browser.post(path_of(answer), data=REASON)
    assert browser.post(path_of(answer), data=REASON).status_code == 409
    moderator = make_moderator()
    hide_answer(answer, by=moderator, reason="Wrong")
    assert browser.post(path_of(answer), data=REASON).status_code == 404
    assert client_for(moderator).post(path_of(answer), data=REASON).status_code == 409


@pytest.mark.parametrize("reason", ["", "x" * 301])
def test_an_endorsement_needs_a_short_reason(client_for, expert, answer, reason):
    response = client_for(expert).post(path_of(answer), data={"reason": reason})
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert reason in response.text


def test_whoever_endorsed_takes_it_back(client, client_for, expert, answer, run_jobs):
    browser = client_for(expert)
    browser.post(path_of(answer), data=REASON)
    run_jobs()
    assert path_of(answer, "/withdrawal") in page_of(browser, answer)
    assert path_of(answer, "/withdrawal") not in page_of(client, answer)
    assert client_for(make_moderator()).post(path_of(answer, "/withdrawal")).status_code == 303
    assert REASON["reason"] in page_of(client, answer)
    assert browser.post(path_of(answer, "/withdrawal")).status_code == 303
    assert REASON["reason"] not in page_of(client, answer)
    run_jobs()
    assert fields_of([answer.author_id]) == {answer.author_id: {}}
    found = db.session.query(JournalEntry).filter_by(answer_id=answer.id).order_by(JournalEntry.id)
    told = [(each.action, each.note, each.is_public) for each in found if "endors" in each.action]
    assert told == [("answer_endorsed", REASON["reason"], True), ("endorsement_withdrawn", "", True)]
    history = client.get(f"/questions/{answer.question_id}/revisions").text
    assert "<bdi>Eli</bdi> endorsed the answer of" in history


def test_a_moderator_takes_an_endorsement_away(client_for, expert, answer):
    endorse_answer(answer, by=expert, reason="Call me, I sell pills.")
    moderator, path = client_for(make_moderator()), path_of(answer, f"/{expert.id}/removal")
    assert path in page_of(moderator, answer)
    for person in (answer.author, expert):
        browser = client_for(person)
        assert path not in page_of(browser, answer)
        assert browser.post(path).status_code == 403
    assert moderator.post(path).status_code == 303
    assert "Call me, I sell pills." not in page_of(moderator, answer)
    removal = db.session.query(JournalEntry).filter_by(action="endorsement_removed").one()
    assert (removal.person_id, removal.note, removal.is_public) == (expert.id, "Call me, I sell pills.", False)


def test_an_endorsement_counts_as_long_as_whoever_gave_it_is_verified(expert, answer, run_jobs):
    moderator = make_moderator()
    endorse_answer(answer, by=expert, reason="True.")
    withdraw_verification(db.session.query(Verification).one(), by=moderator, reason="They do not run it.")
    run_jobs()
    assert fields_of([answer.author_id]) == {answer.author_id: {}}
    verify_field(expert, topic_of("health"), by=moderator, note="A nurse.")
    run_jobs()
    assert fields_of([answer.author_id])[answer.author_id].keys() == {"batteries", "health"}


def test_the_fragment_of_the_answers_has_them(client_for, expert, answer):
    browser = client_for(expert)
    browser.post(path_of(answer), data=REASON)
    fragment = browser.fragment(post_address(answer.question), "answers").text
    assert "<html" not in fragment
    assert REASON["reason"] in fragment


@pytest.mark.parametrize("change", [{"asks_a_week": 0}, {"is_for_groups_only": True}])
def test_that_someone_is_verified_is_for_those_who_may_read_their_profile(client, client_for, expert, answer, change):
    client_for(expert).post(path_of(answer), data=REASON)
    for name, value in change.items():
        setattr(expert, name, value)
    db.session.commit()
    page = page_of(client, answer)
    assert REASON["reason"] in page
    assert "verified in" not in page
    assert "(verified in Batteries)" in page_of(client_for(expert), answer)


def test_an_endorsement_of_what_was_revised_since_says_so(client, expert, answer):
    endorse_answer(answer, by=expert, reason=REASON["reason"])
    assert "for an earlier version" not in page_of(client, answer)
    revise_answer(
        answer, by=answer.author, body="Quite the opposite of it, from now on.", sources=[], reason="", seen=1
    )
    page = page_of(client, answer)
    assert f'href="/answers/{answer.id}/revisions/1"' in page
    assert "for an earlier version" in page
