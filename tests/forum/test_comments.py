"""Comment on a post, reply, delete one's own comment."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import delete_comment, post_comment
from app.forum.events import comment_deleted, comment_posted
from app.forum.models import Comment, Post
from app.forum.queries import comment_thread, post_address
from app.journal.models import JournalEntry
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question

ClientFor = Callable[[User], FlaskClient]


def comments_path(post: Post) -> str:
    return f"/posts/{post.id}/comments"


@pytest.mark.parametrize("make_post", [make_idea, make_question])
def test_a_comment_is_shown_under_its_post(
    client_for: ClientFor, client: FlaskClient, make_post: Callable[[], Post]
) -> None:
    post, person = make_post(), make_person(display_name="Efua Boateng", roles=["recycler"])
    response = client_for(person).post(comments_path(post), data={"body": "Use a lid that **vents**."})
    comment = db.session.scalars(select(Comment)).one()
    assert (response.status_code, response.location) == (303, f"{post_address(post)}#comment-{comment.id}")
    page = client.get(post_address(post)).text
    assert f'id="comment-{comment.id}"' in page
    for words in ("Use a lid that <strong>vents</strong>.", "Efua Boateng", "Recycler &amp; dismantler"):
        assert words in page
    db.session.refresh(post)
    assert post.comment_count == 1


def test_a_comment_is_announced_and_makes_the_post_active(client_for: ClientFor) -> None:
    idea = make_idea()
    before, announced = idea.active_at, []

    def note(comment: Comment) -> None:
        announced.append(comment.body)

    with comment_posted.connected_to(note):
        client_for(make_person()).post(comments_path(idea), data={"body": "Good."})
    db.session.refresh(idea)
    assert announced == ["Good."]
    assert idea.active_at > before


def test_a_guest_is_asked_to_sign_in(client: FlaskClient) -> None:
    idea = make_idea()
    assert client.post(comments_path(idea), data={"body": "Good."}).location.startswith("/sign-in")
    page = client.get(post_address(idea)).text
    assert "Sign in to comment" in page
    assert "<textarea" not in page


def test_htmx_gets_the_thread_with_the_new_comment(client_for: ClientFor) -> None:
    idea = make_idea()
    fragment = client_for(make_person()).fragment(  # type: ignore[attr-defined]
        comments_path(idea), "comments", method="POST", data={"body": "Good."}, follow_redirects=True
    )
    assert fragment.text.lstrip().startswith('<section class="section" id="comments"')
    assert "<p>Good.</p>" in fragment.text
    assert "<h1" not in fragment.text


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 8001])
def test_a_wrong_comment_comes_back_with_what_was_typed(client_for: ClientFor, body: str) -> None:
    idea = make_idea()
    response = client_for(make_person()).post(comments_path(idea), data={"body": body})
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert 'href="#new-comment"' in response.text
    assert body.strip() in response.text
    assert db.session.scalar(select(Comment)) is None


def test_a_wrong_reply_comes_back_where_it_was_written(client_for: ClientFor) -> None:
    idea = make_idea()
    comment = post_comment(idea, by=make_person(), body="First.")
    data = {"body": "y" * 8001, "parent": str(comment.id)}
    fragment = client_for(make_person()).fragment(comments_path(idea), "comments", method="POST", data=data)  # type: ignore[attr-defined]
    assert fragment.status_code == 422
    assert f'href="#reply-to-{comment.id}"' in fragment.text
    assert "<details open>" in fragment.text
    assert fragment.text.count("y" * 8001) == 1
    assert "<html" not in fragment.text


def test_without_script_a_preview_shows_the_comment_and_saves_nothing(client_for: ClientFor) -> None:
    idea = make_idea()
    data = {"body": "Use **sand**.", "preview": "1"}
    response = client_for(make_person()).post(comments_path(idea), data=data)
    assert response.status_code == 200
    assert "Use <strong>sand</strong>." in response.text
    assert "Use **sand**.</textarea>" in response.text
    assert db.session.scalar(select(Comment)) is None


def test_a_reply_hangs_on_what_it_answers(client_for: ClientFor) -> None:
    idea = make_idea()
    first = post_comment(idea, by=make_person(), body="Which licence?")
    post_comment(idea, by=make_person(), body="Another remark.")
    client_for(make_person()).post(comments_path(idea), data={"body": "Class B.", "parent": str(first.id)})
    thread = comment_thread(make_person(), idea.id)
    assert [(row.body, [reply.body for reply in row.replies]) for row in thread] == [
        ("Which licence?", ["Class B."]),
        ("Another remark.", []),
    ]


def test_a_reply_stays_with_its_post(client_for: ClientFor) -> None:
    elsewhere = post_comment(make_idea(), by=make_person(), body="Elsewhere.")
    idea = make_idea()
    client = client_for(make_person())
    for parent in (elsewhere.id, 4711):
        data = {"body": "Lost.", "parent": str(parent)}
        assert client.post(comments_path(idea), data=data).status_code == 404
    assert client.post(comments_path(idea), data={"body": "Lost.", "parent": str(2**40)}).status_code == 422


def test_deep_replies_do_not_move_ever_further_in(app: Flask) -> None:
    rows = 40

    def depth(row: object) -> int:
        return 1 + max((depth(reply) for reply in row.replies), default=0)  # type: ignore[attr-defined]

    idea, person = make_idea(), make_person()
    comment = None
    for number in range(rows):
        comment = post_comment(idea, by=person, body=f"Reply {number}", parent=comment)
    thread = comment_thread(person, idea.id)
    assert len(thread) == 1
    assert depth(thread[0]) == 4
    assert len(thread[0].replies[0].replies[0].replies) == rows - 3


def test_nobody_comments_on_what_they_cannot_see(client_for: ClientFor) -> None:
    member, stranger = make_person(), make_person()
    private = make_idea(by=member, group=make_private_group(member))
    assert client_for(stranger).post(comments_path(private), data={"body": "Hello"}).status_code == 404
    hidden = make_idea()
    with transaction():
        hidden.hidden_at = now()
    assert client_for(stranger).post(comments_path(hidden), data={"body": "Hello"}).status_code == 404
    gone = make_idea()
    with transaction():
        gone.deleted_at = now()
    assert client_for(stranger).post(comments_path(gone), data={"body": "Hello"}).status_code == 410
    assert client_for(stranger).post("/posts/4711/comments", data={"body": "Hello"}).status_code == 404


def test_a_person_deletes_their_own_comment(client_for: ClientFor, client: FlaskClient) -> None:
    idea, person = make_idea(), make_person()
    comment = post_comment(idea, by=person, body="A hasty word.")
    announced = []

    def note(deleted: Comment) -> None:
        announced.append(deleted.id)

    with comment_deleted.connected_to(note):
        response = client_for(person).post(f"/comments/{comment.id}/deletion")
    assert (response.status_code, response.location) == (303, f"{post_address(idea)}#comments")
    assert "A hasty word." not in client.get(post_address(idea)).text
    db.session.refresh(idea)
    assert idea.comment_count == 0
    assert announced == [comment.id]
    delete_comment(comment, by=person)
    assert db.session.query(JournalEntry).filter_by(action="comment_deleted").count() == 1
    assert client_for(person).post(f"/comments/{comment.id}/deletion").status_code == 404


def test_others_may_not_delete_it(client_for: ClientFor, client: FlaskClient) -> None:
    idea = make_idea()
    comment = post_comment(idea, by=make_person(), body="Stays.")
    path = f"/comments/{comment.id}/deletion"
    assert client_for(make_person()).post(path).status_code == 403
    assert client.post(path).location.startswith("/sign-in")
    assert path not in client_for(make_person()).get(post_address(idea)).text
    assert path in client_for(make_moderator()).get(post_address(idea)).text
    assert client_for(make_moderator()).post(path).status_code == 303


def test_a_deleted_comment_keeps_its_place_while_it_has_replies(client_for: ClientFor, client: FlaskClient) -> None:
    idea, person = make_idea(), make_person()
    first = post_comment(idea, by=person, body="The first word.")
    reply = post_comment(idea, by=make_person(), body="The reply.", parent=first)
    delete_comment(first, by=person)
    page = client.get(post_address(idea)).text
    assert "This comment was deleted." in page
    assert "The first word." not in page
    assert "The reply." in page
    delete_comment(reply, by=reply.author)
    assert "This comment was deleted." not in client.get(post_address(idea)).text


def test_a_hidden_comment_is_seen_by_moderators_alone(client_for: ClientFor, client: FlaskClient) -> None:
    idea = make_idea()
    comment = post_comment(idea, by=make_person(), body="Burn the cables at night.")
    with transaction():
        comment.hidden_at = now()
    assert "Burn the cables" not in client.get(post_address(idea)).text
    page = client_for(make_moderator()).get(post_address(idea)).text
    assert "Burn the cables" in page
    assert "Hidden" in page


def test_a_moderator_can_delete_a_hidden_comment(client_for: ClientFor) -> None:
    comment = post_comment(make_idea(), by=make_person(), body="Buy cheap phones here.")
    with transaction():
        comment.hidden_at = now()
    assert client_for(comment.author).post(f"/comments/{comment.id}/deletion").status_code == 404
    assert client_for(make_moderator()).post(f"/comments/{comment.id}/deletion").status_code == 303
    db.session.refresh(comment)
    assert comment.deleted_at is not None
