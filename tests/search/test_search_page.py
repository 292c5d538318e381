"""The search page: words and meaning over what the viewer may see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.events import profile_changed
from app.accounts.models import User
from app.database import transaction
from app.forum.commands import delete_post
from app.moderation.commands import hide_post
from app.questions.commands import accept_answer, close_question, withdraw_acceptance
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question

BATTERIES = {"title": "Sand boxes for swollen batteries", "sections": {"problem": "Swollen batteries lie in drawers."}}


@pytest.fixture(autouse=True)
def other_texts(run_jobs: Callable[[], int]) -> None:
    for title in ("A fridge exchange in one district", "Lamp racks for the town hall", "Tender wording for laptops"):
        make_idea(title=title, sections={"problem": f"{title} has never been tried here."})


def test_an_idea_is_found_by_its_words(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    make_idea(**BATTERIES)
    run_jobs()
    assert "Sand boxes for swollen batteries" in client.get("/search?q=swollen+battery").text


def test_a_question_is_found_by_the_words_of_its_answer(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    make_answer(make_question(title="Where do old phones go?"), body="The Kaneshie depot takes them.")
    run_jobs()
    assert "Where do old phones go?" in client.get("/search?q=kaneshie").text


def test_a_person_who_agreed_to_be_asked_is_found_by_what_they_offer(
    client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    offers = "I measure refrigerant leaks."
    for person in (
        make_person(display_name="Abena Sarpong", offers=offers, asks_a_week=3),
        make_person(display_name="Silent Sam", offers=offers),
    ):
        with transaction():
            profile_changed.send(person)
    run_jobs()
    page = client.get("/search?q=refrigerant&kind=person").text
    assert "Abena Sarpong" in page
    assert "Silent Sam" not in page


def test_kinds_are_counted_and_can_be_chosen(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    make_idea(**BATTERIES)
    make_question(title="Who takes swollen batteries here?")
    run_jobs()
    page = client.get("/search?q=swollen+batteries&kind=question").text
    assert "Who takes swollen batteries here?" in page
    assert "Sand boxes for swollen batteries" not in page


def test_filters_narrow_what_is_found(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    make_idea(**BATTERIES, topics=["batteries"])
    make_idea(
        title="Swollen batteries and the law",
        sections={"problem": "Nobody says who is liable."},
        topics=["policy-legislation"],
    )
    run_jobs()
    page = client.get("/search?q=swollen&topic=batteries").text
    assert "Sand boxes" in page
    assert "and the law" not in page


def test_to_a_search_for_nonsense_nothing_is_near_and_asking_is_offered(
    client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    page = client.get("/search?q=zeppelin+xylophone").text
    assert "Nothing says" in page
    assert "or comes near it" in page
    assert "Nearest in meaning" not in page
    assert 'class="row-title"' not in page
    assert "/questions/new?title=zeppelin+xylophone" in page or "/questions/new?title=zeppelin%20xylophone" in page


def test_what_is_private_hidden_or_deleted_is_not_found_by_others(
    client: FlaskClient, client_for: Callable[..., FlaskClient], run_jobs: Callable[[], int]
) -> None:
    member, stranger = make_person(), make_person()
    group = make_private_group(member)
    make_idea(by=member, group=group, title="Secret kiosk for batteries", sections={"problem": "Only for us."})
    gone = make_idea(title="Deleted kiosk for batteries", sections={"problem": "It was here."})
    run_jobs()
    delete_post(gone, by=gone.author)
    for browser in (client, client_for(stranger)):
        page = browser.get("/search?q=kiosk+for+batteries").text
        assert "Secret kiosk" not in page
        assert "Deleted kiosk" not in page
    assert "Secret kiosk" in client_for(member).get("/search?q=kiosk+for+batteries").text


def test_an_empty_search_shows_the_form(client: FlaskClient) -> None:
    assert client.get("/search").status_code == 200


def test_a_page_that_cannot_be_is_not_found(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    run_jobs()
    assert client.get("/search?q=fridge&page=9").status_code == 404


def test_searching_takes_few_queries(
    client_for: Callable[[User], FlaskClient], count_queries: list[str], run_jobs: Callable[[], int]
) -> None:
    make_idea(**BATTERIES)
    make_question(title="Who takes swollen batteries here?")
    run_jobs()
    reader = client_for(make_person())
    reader.get("/search?q=batteries")
    count_queries.clear()
    reader.get("/search?q=batteries")
    assert len([each for each in count_queries if not each.startswith(("BEGIN", "SET"))]) <= 8


def test_what_is_hidden_is_gone_from_a_search_at_once_for_moderators_too(
    client: FlaskClient, client_for: Callable[[User], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    idea, moderator = make_idea(**BATTERIES), make_moderator()
    run_jobs()
    browsers = (client, client_for(moderator))
    for browser in browsers:
        assert BATTERIES["title"] in browser.get("/search?q=batteries").text
    hide_post(idea, by=moderator, reason="unsafe")
    for browser in browsers:
        assert f"/ideas/{idea.id}/" not in browser.get("/search?q=batteries").text


def test_who_takes_consent_back_is_not_found_any_more(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    person = make_person(display_name="Akosua Mensah", offers="I repair batteries.", asks_a_week=3)
    with transaction():
        profile_changed.send(person)
    run_jobs()
    assert "Akosua Mensah" in client.get("/search?q=batteries").text
    with transaction():
        person.asks_a_week = 0
        profile_changed.send(person)
    assert "Akosua Mensah" not in client.get("/search?q=batteries").text


def test_an_acceptance_that_is_withdrawn_is_gone_from_the_lists_of_others(
    client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    answer = make_answer(make_question(title="Who takes swollen batteries here?"), body="The shop takes them.")
    idea = make_idea(**BATTERIES)
    accept_answer(answer, by=answer.question.author)
    run_jobs()
    page = f"/ideas/{idea.id}/{idea.slug}"
    assert "Question, answered" in client.get(page).text
    withdraw_acceptance(answer, by=answer.question.author)
    assert "Question, answered" not in client.get(page).text


def test_a_closed_question_says_so(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    question = make_question(title="Where do the old phones of Kaneshie go?")
    close_question(question, by=question.author, closing="solved")
    run_jobs()
    assert "Question, closed" in client.get("/search?q=kaneshie").text
