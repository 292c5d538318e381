"""Whose text is hidden is told so, when, why and by whom; to everyone else the text does not exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db, transaction
from app.forum.commands import delete_post
from app.forum.models import Post
from app.forum.queries import post_address
from app.groups.models import Membership
from app.moderation.commands import hide_post, restore_post
from app.shown import moment
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User], FlaskClient]
REASON = "it advises to open batteries"


@pytest.fixture(params=[make_idea, make_question])
def hidden(request: pytest.FixtureRequest) -> Post:
    post: Post = request.param(title="Open every battery by hand")
    hide_post(post, by=make_moderator(display_name="Mei Tanaka", name="mei"), reason=REASON)
    return post


def test_the_author_reads_that_a_moderator_hid_it_when_why_and_whom_to_ask(client_for: ClientFor, hidden: Post) -> None:
    answer = client_for(hidden.author).get(post_address(hidden))
    assert answer.status_code == 403
    assert "<h1>Hidden by a moderator</h1>" in answer.text
    assert REASON in answer.text
    assert hidden.hidden_at is not None
    assert moment(hidden.hidden_at) in answer.text
    assert '<a href="/u/mei"><bdi>Mei Tanaka</bdi></a>' in answer.text


def test_the_author_is_told_the_same_wherever_the_post_was(client_for: ClientFor, hidden: Post) -> None:
    browser = client_for(hidden.author)
    for page in ("edit", "revisions", "deletion"):
        answer = browser.get(f"/{hidden.kind}s/{hidden.id}/{page}")
        assert (answer.status_code, REASON in answer.text) == (403, True)


def test_for_everyone_else_there_is_nothing(client: FlaskClient, client_for: ClientFor, hidden: Post) -> None:
    for browser in (client, client_for(make_person())):
        answer = browser.get(post_address(hidden))
        assert answer.status_code == 404
        for told in (hidden.title, REASON, "Mei Tanaka", "hid your text"):
            assert told not in answer.text


def test_the_author_finds_it_in_no_list(client_for: ClientFor, run_jobs: Callable[[], int], hidden: Post) -> None:
    browser = client_for(hidden.author)
    restore_post(hidden, by=make_moderator(), reason="it was mended")
    run_jobs()
    assert hidden.title in browser.get("/search?q=battery").text
    hide_post(hidden, by=make_moderator(), reason=REASON)
    for page in ("/ideas", "/questions", f"/u/{hidden.author.name}", "/search?q=battery"):
        assert hidden.title not in browser.get(page).text
    run_jobs()
    assert browser.get("/").text.count(hidden.title) == 1, "in the notice that it was hidden"


def test_the_latest_hiding_counts(client_for: ClientFor, hidden: Post) -> None:
    moderator = make_moderator()
    restore_post(hidden, by=moderator, reason="it was mended")
    hide_post(hidden, by=moderator, reason="it was changed back")
    page = client_for(hidden.author).get(post_address(hidden)).text
    assert "it was changed back" in page
    assert REASON not in page


def test_a_restored_post_is_read_again(client_for: ClientFor, hidden: Post) -> None:
    restore_post(hidden, by=make_moderator(), reason="it was mended")
    assert client_for(hidden.author).get(post_address(hidden)).status_code == 200


def test_an_author_who_left_the_group_is_told_nothing(client_for: ClientFor) -> None:
    author = make_person()
    group = make_private_group(author)
    post = make_idea(by=author, group=group)
    hide_post(post, by=make_moderator(), reason=REASON)
    assert client_for(author).get(post_address(post)).status_code == 403
    with transaction():
        db.session.delete(db.session.get_one(Membership, (author.id, group.id)))
    assert client_for(author).get(post_address(post)).status_code == 404


def test_what_a_moderator_hid_and_deleted_is_not_there(client_for: ClientFor, hidden: Post) -> None:
    delete_post(hidden, by=make_moderator())
    assert client_for(hidden.author).get(post_address(hidden)).status_code == 404


def test_a_comment_on_a_hidden_post_is_refused_and_its_text_given_back(client_for: ClientFor, hidden: Post) -> None:
    answer = client_for(hidden.author).post(f"/posts/{hidden.id}/comments", data={"body": "I see it otherwise."})
    assert answer.status_code == 403
    assert "I see it otherwise." in answer.text
