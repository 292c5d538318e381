"""The first page for guests, the desk of those who have signed in, and help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import delete_post, follow, post_comment, unfollow
from app.groups.models import Membership
from app.moderation.commands import feature_idea, hide_post
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question

ClientFor = Callable[[User], FlaskClient]


def test_a_guest_sees_what_this_is_what_to_do_and_real_ideas(client: FlaskClient) -> None:
    idea, question = make_idea(title="Boxes for batteries in Kumasi"), make_question(title="Who pays for the boxes?")
    page = client.get("/").text
    assert "into a project others have tested" in page
    for link in ("/ideas", "/ideas/new", "/questions"):
        assert f'href="{link}' in page
    assert idea.title in page
    assert question.title in page


def test_an_answered_question_does_not_wait_for_an_answer(client: FlaskClient) -> None:
    question = make_question(title="Who pays for the boxes?")
    make_answer(question)
    assert question.title not in client.get("/").text


def test_a_featured_idea_is_shown_with_its_reason(client: FlaskClient) -> None:
    feature_idea(make_idea(), by=make_moderator(), reason="it says what failed.")
    assert "because it says what failed." in client.get("/").text


def test_the_first_page_of_an_empty_site_says_so(client: FlaskClient) -> None:
    assert "Yours can be the first" in client.get("/").text


def test_the_desk_shows_ideas_that_need_the_persons_role_and_questions_in_their_field(
    client_for: ClientFor, run_jobs: Callable[[], int]
) -> None:
    make_idea(title="Kiosk that needs a recycler", needed_roles=["recycler"])
    make_question(title="How hot may batteries get?", topics=["batteries"])
    person = make_person(roles=["recycler"], topics=["batteries"])
    run_jobs()
    desk = client_for(person).get("/").text
    assert "Your desk" in desk
    wanted = desk[desk.index("for-you-ideas") : desk.index("New ideas")]
    assert "Kiosk that needs a recycler" in wanted
    assert "Needs your role" in wanted
    assert "How hot may batteries get?" in wanted


def test_a_desk_without_a_profile_says_how_to_fill_it(client_for: ClientFor) -> None:
    assert "Complete your profile" in client_for(make_person()).get("/").text


def test_private_ideas_are_on_the_desks_of_members_alone(
    client: FlaskClient, client_for: ClientFor, run_jobs: Callable[[], int]
) -> None:
    member, other = make_person(roles=["recycler"]), make_person(roles=["recycler"])
    author = make_person()
    make_idea(by=author, group=make_private_group(member, author), title="Our class kiosk", needed_roles=["recycler"])
    run_jobs()
    assert "Our class kiosk" in client_for(member).get("/").text
    assert "Our class kiosk" not in client_for(other).get("/").text
    assert "Our class kiosk" not in client.get("/").text


def test_the_desk_lists_what_the_person_follows_where_something_happened_last_first(client_for: ClientFor) -> None:
    person = make_person()
    idea, question = make_idea(title="A kiosk that takes cables"), make_question(title="Who weighs the boxes?")
    for post in (idea, question):
        follow(post, by=person)
    make_idea(title="An idea that nobody follows")
    post_comment(idea, by=make_person(), body="Which cables?", created_at=now() + timedelta(minutes=5))
    shown = followed_on(client_for(person))
    assert shown.index(idea.title) < shown.index(question.title)
    assert "An idea that nobody follows" not in shown
    unfollow(idea, by=person)
    assert idea.title not in followed_on(client_for(person))


def test_the_desk_lists_at_most_eight_followed_posts(client_for: ClientFor) -> None:
    person = make_person()
    for _ in range(9):
        follow(make_idea(), by=person)
    assert followed_on(client_for(person)).count("<li") == 8


@pytest.mark.parametrize("role", ["person", "moderator"])
def test_what_is_hidden_or_deleted_is_no_longer_among_the_followed(client_for: ClientFor, role: str) -> None:
    person, moderator = make_person(is_moderator=role == "moderator"), make_moderator()
    hidden, deleted = make_idea(title="A hidden kiosk"), make_idea(title="A deleted kiosk")
    for post in (hidden, deleted):
        follow(post, by=person)
    hide_post(hidden, by=moderator, reason="unsafe advice")
    delete_post(deleted, by=deleted.author)
    shown = followed_on(client_for(person))
    assert "kiosk" not in shown
    assert "Nothing yet" in shown


def test_what_is_in_a_group_that_the_person_left_is_no_longer_among_the_followed(client_for: ClientFor) -> None:
    person, author = make_person(), make_person()
    group = make_private_group(person, author)
    idea = make_idea(by=author, group=group, title="Our class kiosk")
    follow(idea, by=person)
    assert "Our class kiosk" in followed_on(client_for(person))
    with transaction():
        db.session.delete(db.session.get_one(Membership, (person.id, group.id)))
    assert "Our class kiosk" not in followed_on(client_for(person))


def test_what_a_person_follows_is_on_no_page_but_their_desk(client: FlaskClient, client_for: ClientFor) -> None:
    person = make_person()
    follow(make_idea(title="A kiosk that takes cables"), by=person)
    assert "A kiosk that takes cables" not in followed_on(client_for(make_person()))
    for browser in (client, client_for(person)):
        assert "A kiosk that takes cables" not in browser.get(f"/u/{person.name}").text


def followed_on(browser: FlaskClient) -> str:
    """The list "You follow" of a desk."""
    desk = browser.get("/").text
    return desk[desk.index("followed-title") : desk.index("new-title")]


def test_the_pages_take_few_queries(
    client: FlaskClient, client_for: ClientFor, count_queries: list[str], run_jobs: Callable[[], int]
) -> None:
    make_idea(needed_roles=["recycler"])
    run_jobs()
    for language in ("en", "ar"):  # what is kept of a whole page is kept for its language
        count_queries.clear()
        client.get("/", headers={"Accept-Language": language})
    assert len([each for each in count_queries if not each.startswith(("BEGIN", "SET"))]) <= 8


def test_help_says_how_matches_are_made(client: FlaskClient) -> None:
    assert "How matches are made" in client.get("/about").text


def test_the_desk_puts_texts_that_the_person_reads_first(client_for: ClientFor, run_jobs: Callable[[], int]) -> None:
    problem = {"problem": "Los vecinos traen pilas viejas al kiosco y nadie las recoge después."}
    spanish = {"title": "Kiosco que necesita un reciclador", "sections": problem, "language": "es"}
    make_idea(**spanish, needed_roles=["recycler"], topics=["batteries"])
    make_idea(title="Kiosk that needs a recycler", needed_roles=["recycler"])
    person = make_person(roles=["recycler"], topics=["batteries"], languages=["en"])
    run_jobs()
    desk = client_for(person).get("/").text
    wanted = desk[desk.index("for-you-ideas") : desk.index("New ideas")]
    assert wanted.index("Kiosk that needs a recycler") < wanted.index("Kiosco que necesita un reciclador")
