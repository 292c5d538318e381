"""Support a post once, follow it, and take both back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db
from app.forum.commands import support
from app.forum.models import Follow, Post, Support
from app.forum.queries import post_address
from tests.factories import make_idea, make_person, make_private_group, make_question

ClientFor = Callable[[User], FlaskClient]


def supporters(post: Post) -> tuple[int, int]:
    """As counted with the post, and as counted by rows."""
    db.session.refresh(post)
    return post.support_count, db.session.scalar(select(func.count()).where(Support.post_id == post.id)) or 0


def test_a_person_supports_an_idea_once(client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_person())
    for _ in range(3):
        response = client.post(f"/posts/{idea.id}/support")
        assert (response.status_code, response.location) == (303, post_address(idea))
    assert supporters(idea) == (1, 1)
    client_for(make_person()).post(f"/posts/{idea.id}/support")
    assert supporters(idea) == (2, 2)


def test_support_can_be_taken_back(client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_person())
    client.post(f"/posts/{idea.id}/support")
    for _ in range(2):
        assert client.post(f"/posts/{idea.id}/support/withdrawal").status_code == 303
    assert supporters(idea) == (0, 0)


def test_nobody_supports_their_own_idea(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    assert client_for(author).post(f"/posts/{idea.id}/support").status_code == 403
    support(idea, by=make_person())
    page = client_for(author).get(post_address(idea)).text
    assert "1 person supports this" in page
    assert f'action="/posts/{idea.id}/support"' not in page


def test_what_has_no_supporter_yet_leaves_no_gap_on_its_authors_page(client_for: ClientFor) -> None:
    idea = make_idea()
    assert '<div id="support" hidden>' in client_for(idea.author).get(post_address(idea)).text
    assert '<div id="support">' in client_for(make_person()).get(post_address(idea)).text


def test_the_button_shows_what_was_chosen(client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_person())
    assert 'data-key="l" aria-pressed="false"' in client.get(post_address(idea)).text
    client.post(f"/posts/{idea.id}/support")
    page = client.get(post_address(idea)).text
    assert 'data-key="l" aria-pressed="true"' in page
    assert f'action="/posts/{idea.id}/support/withdrawal"' in page


def test_htmx_gets_the_button_alone(client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_person())
    for name in ("support", "follow"):
        fragment = client.fragment(f"/posts/{idea.id}/{name}", name, method="POST", follow_redirects=True).text  # type: ignore[attr-defined]
        assert fragment.lstrip().startswith(f'<div id="{name}">')
        assert 'aria-pressed="true"' in fragment
        assert "<h1" not in fragment


def test_a_person_follows_and_no_longer(client_for: ClientFor) -> None:
    question, person = make_question(), make_person()
    client = client_for(person)
    for _ in range(2):
        assert client.post(f"/posts/{question.id}/follow").location == post_address(question)
    assert db.session.get(Follow, (question.id, person.id)) is not None
    assert 'id="follow-button" type="submit" aria-pressed="true"' in client.get(post_address(question)).text
    client.post(f"/posts/{question.id}/follow/withdrawal")
    db.session.rollback()
    assert db.session.get(Follow, (question.id, person.id)) is None


@pytest.mark.parametrize("path", ["support", "support/withdrawal", "follow", "follow/withdrawal"])
def test_guests_are_asked_to_sign_in_and_strangers_find_nothing(
    client: FlaskClient, client_for: ClientFor, path: str
) -> None:
    idea, member = make_idea(), make_person()
    private = make_idea(by=member, group=make_private_group(member))
    assert client.post(f"/posts/{idea.id}/{path}").location.startswith("/sign-in")
    assert client_for(make_person()).post(f"/posts/{private.id}/{path}").status_code == 404
    assert client.get(f"/posts/{idea.id}/{path}").status_code == 405


def test_the_number_of_supporters_is_shown_in_the_list(client: FlaskClient) -> None:
    idea = make_idea()
    for _ in range(3):
        support(idea, by=make_person())
    assert '<span class="visually-hidden">Support: </span>3</span>' in client.get("/ideas").text
