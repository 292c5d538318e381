"""Delete an idea: only its author or a moderator, after a question, and for good."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db
from app.forum.events import post_deleted
from tests.factories import make_idea, make_moderator, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]


def test_the_author_is_asked_first(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    page = client_for(author).get(f"/ideas/{idea.id}/deletion")
    assert page.status_code == 200
    assert "Delete this idea?" in page.text
    assert idea.deleted_at is None


def test_a_deleted_idea_is_gone_from_everywhere(client: FlaskClient, client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author, roles=["teacher"])
    path, title = f"/ideas/{idea.id}/{idea.slug}", idea.title
    assert title in client.get("/ideas").text
    response = client_for(author).post(f"/ideas/{idea.id}/deletion")
    assert (response.status_code, response.location) == (303, "/ideas")
    for gone in (path, f"/ideas/{idea.id}", f"/ideas/{idea.id}/revisions", f"/ideas/{idea.id}/revisions/1"):
        assert client.get(gone).status_code == 410
    assert client_for(author).get(f"/ideas/{idea.id}/edit").status_code == 410
    page = client.get("/ideas").text
    assert title not in page
    assert "Teacher" not in page


def test_a_deletion_is_announced(client_for: ClientFor) -> None:
    author = make_person()
    idea_id = make_idea(by=author).id
    announced = []

    def note(post: object) -> None:
        announced.append(post.id)  # type: ignore[attr-defined]

    with post_deleted.connected_to(note):
        client_for(author).post(f"/ideas/{idea_id}/deletion")
    assert announced == [idea_id]


def test_others_may_not_delete(client: FlaskClient, client_for: ClientFor) -> None:
    idea, stranger = make_idea(), make_person()
    assert client_for(stranger).get(f"/ideas/{idea.id}/deletion").status_code == 403
    assert client_for(stranger).post(f"/ideas/{idea.id}/deletion").status_code == 403
    assert client.post(f"/ideas/{idea.id}/deletion").location.startswith("/sign-in")
    db.session.refresh(idea)
    assert idea.deleted_at is None


def test_a_moderator_may_delete(client_for: ClientFor) -> None:
    assert client_for(make_moderator()).post(f"/ideas/{make_idea().id}/deletion").status_code == 303


def test_that_a_private_idea_was_deleted_is_private_too(client: FlaskClient, client_for: ClientFor) -> None:
    member = make_person()
    idea = make_idea(by=member, group=make_private_group(member))
    client_for(member).post(f"/ideas/{idea.id}/deletion")
    assert client.get(f"/ideas/{idea.id}").status_code == 404
    assert client_for(member).get(f"/ideas/{idea.id}").status_code == 410
