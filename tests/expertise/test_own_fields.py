"""A person sees what is said of their fields, and has the last word."""

from __future__ import annotations

import re

import pytest

from app.accounts.models import Guest
from app.database import db
from app.expertise.commands import lower_field, verify_field
from app.expertise.queries import fields_of, own_fields, strength_of, topic_of
from app.journal.models import JournalEntry
from app.matching.standing import standing_of, willing_people
from app.questions.commands import accept_answer
from app.search.rows import subject_rows
from app.teams.queries import uncovered_ideas
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question


@pytest.fixture
def ama(app, run_jobs):
    """She knows batteries by an accepted answer and names finance on her profile."""
    person = make_person(name="ama", display_name="Ama", roles=["recycler"], topics=["finance"], asks_a_week=3)
    answer = make_answer(make_question(title="Which tin holds a swollen battery?", topics=["batteries"]), by=person)
    accept_answer(answer, by=answer.question.author)
    run_jobs()
    return person


@pytest.fixture
def browser(client_for, ama):
    return client_for(ama)


def weights(person) -> dict[str, float]:
    return fields_of([person.id])[person.id]


def actions(person) -> list[str]:
    found = db.session.query(JournalEntry).filter_by(person_id=person.id).order_by(JournalEntry.id)
    return [entry.action for entry in found if not entry.is_public]


def test_the_page_shows_each_field_with_its_evidence(browser, ama):
    page = browser.get("/me/fields").text
    assert "Which tin holds a swollen battery?" in page
    assert re.search(r'href="/questions/\d+/which-tin-holds-a-swollen-battery#answer-\d+"', page)
    assert "Named on the profile" in page
    assert "Together 1.00, which makes 0.63 of 1." in page
    assert "Knows some of it" in page
    assert "a topic named on your profile 0.3, a confirmation 1.2." in page
    levels = re.search(r'<select id="level-batteries".*?</select>', page, re.DOTALL)
    assert re.findall(r'value="([^"]*)"', levels[0]) == ["", "well", "very well"]


def test_guests_are_asked_to_sign_in(client):
    assert client.get("/me/fields").status_code == 303
    assert client.post("/me/fields/batteries/hiding").status_code == 303


def test_a_hidden_field_is_nowhere_but_here(browser, client, ama):
    assert browser.post("/me/fields/batteries/hiding").status_code == 303
    assert list(weights(ama)) == ["finance"]
    assert "swollen battery" not in client.get("/u/ama").text.split('id="posts"')[0]
    assert "Ama" not in client.get("/people?topic=batteries").text
    assert "Nobody sees this field" in browser.get("/me/fields").text
    assert browser.post("/me/fields/batteries/hiding/withdrawal").status_code == 303
    assert set(weights(ama)) == {"batteries", "finance"}
    assert actions(ama) == ["field_hidden", "field_shown"]


@pytest.mark.parametrize("choice", ["hiding", "deletion"])
def test_a_topic_of_the_profile_that_is_hidden_or_deleted_is_nowhere_and_asks_nobody(
    browser, client, ama, run_jobs, choice
):
    idea = make_idea(title="Loans for repair shops", topics=["finance"], needed_roles=["recycler"])
    run_jobs()
    assert "/ideas?topic=finance" in client.get("/u/ama").text
    assert "finance" in willing_people(standing_of(Guest()))[ama.id]
    assert "finance" in subject_rows(Guest(), [("person", ama.id)])["person", ama.id].topics
    assert "Ama" in client.get("/search?q=ama&topic=finance").text.partition("<main")[2]
    assert uncovered_ideas(Guest(), limit=9, offset=0).total == 0
    browser.post(f"/me/fields/finance/{choice}")
    run_jobs()
    assert "/ideas?topic=finance" not in client.get("/u/ama").text
    assert "/ideas?topic=finance" in browser.get("/u/ama").text
    assert "finance" not in willing_people(standing_of(Guest()))[ama.id]
    assert subject_rows(Guest(), [("person", ama.id)])["person", ama.id].topics.keys() == {"batteries"}
    assert "Ama" not in client.get("/search?q=ama&topic=finance").text.partition("<main")[2]
    assert list(uncovered_ideas(Guest(), limit=9, offset=0).needs) == [idea.id]


def test_a_deleted_field_stays_away_until_it_is_added(browser, client, ama, run_jobs):
    browser.post("/me/fields/batteries/deletion")
    answer = make_answer(make_question(topics=["batteries"]), by=ama)
    accept_answer(answer, by=answer.question.author)
    run_jobs()
    assert list(weights(ama)) == ["finance"]
    page = browser.get("/me/fields").text
    assert "Not your fields" in page
    assert "swollen" not in page
    browser.post("/me/fields", data={"topic": "batteries", "level": "very well"})
    assert weights(ama)["batteries"] == pytest.approx(0.9)
    assert actions(ama) == ["field_deleted", "field_added"]


def test_the_level_that_a_person_sets_counts_where_the_evidence_says_less(browser, client, ama):
    browser.post("/me/fields/batteries/level", data={"level": "very well"})
    assert weights(ama)["batteries"] == pytest.approx(0.9)
    assert "0.90 by your own word; the evidence says 0.63." in browser.get("/me/fields").text
    assert "Knows very well" in client.get("/u/ama").text
    assert "By their own word." in client.get("/u/ama").text
    browser.post("/me/fields/batteries/level", data={"level": "some"})
    assert weights(ama)["batteries"] == pytest.approx(0.632, abs=0.001)
    assert "By their own word." not in client.get("/u/ama").text
    browser.post("/me/fields/batteries/level", data={"level": ""})
    assert weights(ama)["batteries"] == pytest.approx(0.632, abs=0.001)
    assert browser.post("/me/fields/batteries/level", data={"level": "genius"}).status_code == 400


def test_a_field_without_evidence_is_the_persons_own_word(browser, client, ama):
    assert browser.post("/me/fields", data={"topic": "climate", "level": "well"}).status_code == 303
    assert weights(ama)["climate"] == pytest.approx(0.65)
    assert "By their own word." in client.get("/u/ama").text


def test_an_invalid_addition_comes_back(browser):
    answer = browser.post("/me/fields", data={"topic": "alchemy", "level": "well"})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert browser.post("/me/fields/alchemy/hiding").status_code == 404


def test_evidence_can_be_put_aside_and_counted_again(browser, client, ama):
    piece = next(each for each in own_fields(ama) if each.topic.id == "batteries").evidence[0]
    data = {"kind": piece.kind, "subject": piece.subject_id}
    assert browser.post("/me/fields/batteries/exclusions", data=data).status_code == 303
    assert list(weights(ama)) == ["finance"]
    assert "put aside by you" in browser.get("/me/fields").text
    assert "Batteries" not in client.get("/u/ama").text.split('id="posts"')[0]
    browser.post("/me/fields/batteries/exclusions/withdrawal", data=data)
    assert "batteries" in weights(ama)
    assert actions(ama) == ["evidence_put_aside", "evidence_counted_again"]


def test_only_evidence_that_is_there_can_be_put_aside(browser, ama):
    for data in ({"kind": "accepted", "subject": 987}, {"kind": "stated", "subject": ama.id}):
        assert browser.post("/me/fields/batteries/exclusions", data=data).status_code == 404
    assert browser.post("/me/fields/batteries/exclusions", data={"kind": "accepted"}).status_code == 400


def test_questions_sent_back_halve_a_field_until_the_person_forgets_them(browser, ama):
    whole = weights(ama)["batteries"]
    lower_field(ama, ["batteries", "climate"])
    lower_field(ama, ["batteries"])
    assert weights(ama)["batteries"] == pytest.approx(whole / 4)
    assert "climate" not in weights(ama)
    assert "You said 2 times that a question was not of your field" in browser.get("/me/fields").text
    for _ in range(6):
        lower_field(ama, ["batteries"])
    assert weights(ama)["batteries"] == pytest.approx(whole * 0.05)
    browser.post("/me/fields/batteries/lowering/withdrawal")
    assert weights(ama)["batteries"] == pytest.approx(whole)


def test_whoever_does_not_want_to_be_verified_hides_the_field(browser, client, ama):
    verify_field(ama, topic_of("batteries"), by=make_moderator(), note="Has run a depot.")
    page = browser.get("/me/fields").text
    assert "Decline and hide" in page
    assert "Has run a depot." in page
    browser.post("/me/fields/batteries/hiding")
    assert "Has run a depot." not in client.get("/u/ama").text
    assert "Has run a depot." in browser.get("/me/fields").text


def test_someone_who_did_nothing_yet_reads_what_to_do(client_for):
    assert "Nothing yet" in client_for(make_person()).get("/me/fields").text


def test_the_page_takes_at_most_seven_queries_however_much_there_is(browser, ama, run_jobs, count_queries):
    for topic in ("health", "climate", "education"):
        make_idea(by=ama, topics=[topic])
        verify_field(ama, topic_of(topic), by=make_moderator(), note="Knows it.")
    run_jobs()
    count_queries.clear()
    assert browser.get("/me/fields").status_code == 200
    assert len(count_queries) <= 7, count_queries


def test_strangers_read_a_field_and_its_evidence_and_nothing_of_a_private_group(client, client_for, ama, run_jobs):
    ben = make_person()
    group = make_private_group(ama, ben)
    secret = make_answer(
        make_question(by=ben, group=group, title="The secret lid of vault nine", topics=["health"]), by=ama
    )
    accept_answer(secret, by=ben)
    run_jobs()
    for reader in (client, client_for(make_person()), client_for(ben), client_for(make_moderator())):
        known = reader.get("/u/ama").text.split('id="fields"')[1].split('id="posts"')[0]
        assert "Which tin holds a swollen battery?" in known
        assert "secret lid" not in known
        assert "Health" not in known
    assert weights(ama)["finance"] == pytest.approx(strength_of([0.3]))


def test_nobody_reads_the_fields_of_whoever_did_not_agree(client, client_for, ama):
    ama.asks_a_week = 0
    db.session.commit()
    for reader in (client, client_for(make_person()), client_for(make_moderator())):
        assert "swollen battery" not in reader.get("/u/ama").text.split('id="posts"')[0]
    assert "swollen battery" in client_for(ama).get("/u/ama").text.split('id="posts"')[0]
