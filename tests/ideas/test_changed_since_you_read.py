"""Who writes or follows a post is shown what changed since they read it."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.commands import follow, unfollow
from app.forum.models import Reading
from app.forum.queries import post_address
from app.questions.commands import revise_question
from tests.factories import make_idea, make_person, make_question, revise

ClientFor = Callable[[User], FlaskClient]


def read(client: FlaskClient, path: str) -> str:
    """The page, read to its end: what was read is written down then."""
    answer = client.get(path)
    text = answer.text
    answer.close()
    return text


def readings() -> list[tuple[int, int, int]]:
    db.session.expire_all()
    return [(row.post_id, row.person_id, row.revision) for row in db.session.scalars(select(Reading))]


def test_a_follower_is_led_to_what_changed(client_for: ClientFor) -> None:
    idea, reader = make_idea(sections={"problem": "Two fires"}), make_person()
    follow(idea, by=reader)
    client = client_for(reader)
    assert "Changed since you read" not in read(client, post_address(idea))
    assert readings() == [(idea.id, reader.id, 1)]
    revise(idea, sections={"problem": "Three fires", "costs": "310 cedis"})
    page = read(client, post_address(idea))
    assert "Changed since you read: 2 sections." in page
    assert f'href="/ideas/{idea.id}/revisions/2?against=1"' in page
    assert (idea.id, reader.id, 2) in readings()
    assert "Changed since you read" not in read(client, post_address(idea))


def test_several_saves_are_told_as_one_change(client_for: ClientFor) -> None:
    idea, reader = make_idea(sections={"problem": "Two fires"}), make_person()
    follow(idea, by=reader)
    read(client_for(reader), post_address(idea))
    for count in ("Three", "Four"):
        revise(idea, sections={"problem": f"{count} fires"})
    page = read(client_for(reader), post_address(idea))
    assert "Changed since you read: 1 section." in page
    assert "revisions/3?against=1" in page


def test_whoever_saved_it_has_read_it(client_for: ClientFor) -> None:
    idea = make_idea(sections={"problem": "Two fires"})
    author = client_for(idea.author)
    read(author, post_address(idea))
    revise(idea, sections={"problem": "Three fires"})
    assert "Changed since you read" not in read(author, post_address(idea))


def test_nothing_is_written_down_of_those_who_do_not_follow(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea()
    read(client, post_address(idea))
    read(client_for(make_person()), post_address(idea))
    assert readings() == []


def test_whoever_follows_no_more_is_forgotten(client_for: ClientFor) -> None:
    idea, reader = make_idea(), make_person()
    follow(idea, by=reader)
    read(client_for(reader), post_address(idea))
    unfollow(idea, by=reader)
    assert readings() == []


def test_a_piece_of_the_page_is_not_the_page(client_for: ClientFor) -> None:
    idea, reader = make_idea(), make_person()
    follow(idea, by=reader)
    revise(idea, title="Three fires")
    client_for(reader).fragment(post_address(idea), "comments").close()  # type: ignore[attr-defined]
    assert (idea.id, reader.id, 1) in readings()


def test_whoever_follows_has_read_what_the_button_stands_on(client_for: ClientFor) -> None:
    idea, reader = make_idea(sections={"problem": "Two fires"}), make_person()
    client = client_for(reader)
    pressed = {"method": "POST", "follow_redirects": True}
    client.fragment(f"/posts/{idea.id}/follow", "follow", **pressed).close()  # type: ignore[attr-defined]
    revise(idea, sections={"problem": "Three fires"})
    assert "Changed since you read: 1 section." in read(client, post_address(idea))


def test_the_desk_marks_what_changed(client_for: ClientFor) -> None:
    idea, reader = make_idea(sections={"problem": "Two fires"}), make_person()
    follow(idea, by=reader)
    client = client_for(reader)
    read(client, post_address(idea))
    assert "changed</span>" not in read(client, "/")
    revise(idea, sections={"problem": "Three fires"})
    assert "changed</span>" in read(client, "/")
    read(client, post_address(idea))
    assert "changed</span>" not in read(client, "/")


def test_it_holds_for_questions_too(client_for: ClientFor) -> None:
    question, reader = make_question(title="Who collects old phones?", body="In Accra"), make_person()
    follow(question, by=reader)
    read(client_for(reader), post_address(question))
    revise_question(question, by=question.author, reason="", seen=1, title=question.title, body="In Tema")
    page = read(client_for(reader), post_address(question))
    assert "Changed since you read: 1 section." in page
    assert f"/questions/{question.id}/revisions/2?against=1" in page
