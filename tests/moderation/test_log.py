"""The public log, the moderators' desk, the featured page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.models import User
from app.database import db, transaction
from app.forum.commands import delete_post, post_comment
from app.moderation.commands import feature_idea, hide_answer, hide_comment, hide_post, restore_post
from app.moderation.models import ModerationAction
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]


@pytest.mark.parametrize(
    "change",
    [
        update(ModerationAction).values(reason="something nicer"),
        delete(ModerationAction),
        text("UPDATE moderation_action SET moderator_id = moderator_id"),
    ],
    ids=["change", "delete", "raw"],
)
def test_the_database_refuses_to_change_the_log(client: FlaskClient, change: object) -> None:
    hide_post(make_idea(), by=make_moderator(), reason="unsafe advice")
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(change)  # type: ignore[call-overload]
    assert "unsafe advice" in client.get("/moderation/log").text


def test_the_log_names_what_was_featured_and_who_did_it(client: FlaskClient) -> None:
    idea = make_idea(title="Weigh every box on Fridays")
    feature_idea(idea, by=make_moderator(display_name="Mod Erator"), reason="it says what failed")
    page = client.get("/moderation/log").text
    for words in (
        "Featured an idea",
        f"/ideas/{idea.id}/{idea.slug}",
        "Weigh every box",
        "it says what failed",
        "Mod Erator",
    ):
        assert words in page


def test_the_log_does_not_name_what_is_hidden(client: FlaskClient, client_for: ClientFor) -> None:
    idea, moderator = make_idea(title="Shameful words"), make_moderator()
    comment = post_comment(idea, by=make_person(), body="Terrible remark")
    answer = make_answer(body="Terrible advice")
    hide_comment(comment, by=moderator, reason="insults someone")
    hide_answer(answer, by=moderator, reason="is dangerous")
    hide_post(idea, by=moderator, reason="breaks the rules")
    page = client.get("/moderation/log").text
    for words in (
        "Hid an idea",
        "Hid a comment",
        "Hid an answer",
        "insults someone",
        "is dangerous",
        "breaks the rules",
    ):
        assert words in page
    for words in ("Shameful words", "Terrible", answer.question.title):
        assert words not in page
    for_moderators = client_for(moderator).get("/moderation/log").text
    assert "Shameful words" in for_moderators
    assert answer.question.title in for_moderators
    restore_post(idea, by=moderator, reason="was edited since")
    assert "Shameful words" in client.get("/moderation/log").text


def test_the_log_does_not_name_what_was_deleted(client: FlaskClient) -> None:
    idea = make_idea(title="Weigh every box on Fridays")
    feature_idea(idea, by=make_moderator(), reason="it says what failed")
    delete_post(idea, by=idea.author)
    page = client.get("/moderation/log").text
    assert "it says what failed" in page
    assert "Weigh every box" not in page


def test_what_is_done_in_a_private_group_stays_there(client: FlaskClient, client_for: ClientFor) -> None:
    member = make_person()
    idea = make_idea(by=member, group=make_private_group(member))
    hide_post(idea, by=make_moderator(), reason="names a pupil")
    assert "names a pupil" not in client.get("/moderation/log").text
    assert "names a pupil" not in client_for(make_person()).get("/moderation/log").text
    assert "names a pupil" in client_for(member).get("/moderation/log").text
    assert "names a pupil" in client_for(make_moderator()).get("/moderation/log").text


def test_the_log_has_pages_newest_first(client: FlaskClient) -> None:
    idea, moderator = make_idea(), make_moderator()
    for number in range(26):
        feature_idea(idea, by=moderator, reason=f"reason number {number:02}")
    first, second = client.get("/moderation/log").text, client.get("/moderation/log?page=2").text
    assert first.index("reason number 25") < first.index("reason number 24")
    assert "reason number 00" in second
    assert "reason number 00" not in first
    assert client.get("/moderation/log?page=3").status_code == 404


def test_an_empty_log_says_so(client: FlaskClient) -> None:
    assert "Nothing was decided yet" in client.get("/moderation/log").text


def test_the_log_and_the_desk_ask_few_questions(client_for: ClientFor, count_queries: list[str]) -> None:
    moderator = make_moderator()
    for _ in range(3):
        answer = make_answer()
        feature_idea(make_idea(), by=moderator, reason="it says what failed")
        hide_comment(post_comment(answer.question, by=moderator, body="Hello"), by=moderator, reason="noise")
        hide_answer(answer, by=moderator, reason="is dangerous")
    browser = client_for(moderator)
    for page in ("/moderation/log", "/moderation", "/featured"):
        count_queries.clear()
        assert browser.get(page).status_code == 200
        assert len([statement for statement in count_queries if statement.startswith(("SELECT", "WITH"))]) <= 9, page


def test_the_desk_shows_what_is_hidden_now(client_for: ClientFor) -> None:
    moderator = make_moderator()
    idea, answer = make_idea(title="Shameful words"), make_answer(body="Terrible advice")
    comment = post_comment(make_idea(), by=make_person(), body="Terrible remark")
    hide_post(idea, by=moderator, reason="breaks the rules")
    hide_comment(comment, by=moderator, reason="insults someone")
    hide_answer(answer, by=moderator, reason="is dangerous")
    page = client_for(moderator).get("/moderation").text
    for words in ("Shameful words", "Terrible remark", "Terrible advice", "breaks the rules"):
        assert words in page
    for place in (f"posts/{idea.id}", f"comments/{comment.id}", f"answers/{answer.id}"):
        assert f"/moderation/{place}" in page


def test_the_desk_is_for_moderators(client: FlaskClient, client_for: ClientFor) -> None:
    assert client.get("/moderation").location.startswith("/sign-in")
    assert client_for(make_person()).get("/moderation").status_code == 403
    assert "Nothing is hidden." in client_for(make_moderator()).get("/moderation").text


def test_the_featured_page_is_newest_first_and_links_its_feed(client: FlaskClient) -> None:
    moderator = make_moderator()
    assert "Nothing is featured yet" in client.get("/featured").text
    for title in ("The earlier one", "The later one"):
        feature_idea(make_idea(title=title), by=moderator, reason="it says what failed")
    page = client.get("/featured").text
    assert page.index("The later one") < page.index("The earlier one")
    assert "/featured/feed.atom" in page
    assert client.get("/featured?page=2").status_code == 404
