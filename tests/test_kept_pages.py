"""Pages that are kept for guests: never older than the last change, never somebody else's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import kept_pages
from app.accounts.models import User
from app.database import db
from app.forum.commands import delete_post, post_comment
from app.moderation.commands import hide_post
from tests.factories import make_idea, make_moderator, make_person


def nonce_in(page: str) -> str:
    found = re.search(r'"inlineScriptNonce":"([^"]+)"', page)
    assert found
    return found.group(1)


def test_a_page_that_nobody_changed_is_shown_to_the_next_guest_with_one_query(
    client: FlaskClient, app: Flask, count_queries: list[str]
) -> None:
    page = f"/ideas/{make_idea(title='Boxes for batteries').id}/boxes-for-batteries"
    first = client.get(page)
    count_queries.clear()
    second = app.test_client().get(page)
    assert [statement.split()[0] for statement in count_queries] == ["BEGIN", "SELECT"]
    assert "Boxes for batteries" in second.text
    assert len(second.text) == len(first.text)


def test_each_look_has_a_nonce_of_its_own_and_the_header_names_it(client: FlaskClient) -> None:
    looks = [client.get("/ideas") for _ in range(2)]
    nonces = [nonce_in(look.text) for look in looks]
    assert len(set(nonces)) == 2
    for nonce, look in zip(nonces, looks, strict=True):
        assert f"'nonce-{nonce}'" in look.headers["Content-Security-Policy"]


def test_the_form_token_is_that_of_whoever_looks(client: FlaskClient, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client.get("/about")
        other = app.test_client()
        token = re.search(r'name="csrf-token" content="([^"]+)"', other.get("/about").text)
        assert token
        form = {"csrf_token": token.group(1), "theme": "dark"}
        assert other.post("/theme", data=form).status_code == 303
        assert app.test_client().post("/theme", data=form).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_whatever_is_written_is_seen_by_the_next_guest(client: FlaskClient) -> None:
    idea = make_idea(title="Boxes for batteries")
    page = f"/ideas/{idea.id}/boxes-for-batteries"
    assert "Sand helps against fire" not in client.get(page).text
    post_comment(idea, by=make_person(), body="Sand helps against fire.")
    assert "Sand helps against fire" in client.get(page).text


@pytest.mark.parametrize("take_away", [delete_post, hide_post])
def test_what_is_deleted_or_hidden_is_gone_at_once(client: FlaskClient, take_away: Callable[..., object]) -> None:
    idea = make_idea(title="Boxes for batteries")
    page = f"/ideas/{idea.id}/boxes-for-batteries"
    assert client.get(page).status_code == 200
    assert "Boxes for batteries" in client.get("/ideas").text
    reason = {"reason": "Not about e-waste."} if take_away is hide_post else {}
    take_away(idea, by=make_moderator(), **reason)
    assert client.get(page).status_code in (404, 410)
    assert "Boxes for batteries" not in client.get("/ideas").text


def test_a_page_is_kept_for_its_language_and_its_colours(client: FlaskClient) -> None:
    client.get("/about")
    assert 'dir="rtl"' in client.get("/about?lang=ar").text
    client.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in client.get("/about").text
    client.delete_cookie("theme")
    assert 'data-theme="auto"' in client.get("/about").text


def test_the_page_of_someone_who_signed_in_is_nobody_elses(
    client: FlaskClient, client_for: Callable[[User], FlaskClient]
) -> None:
    person = make_person(display_name="Akosua Mensah")
    assert "Akosua Mensah" in client_for(person).get("/about").text
    assert "Akosua Mensah" not in client.get("/about").text
    assert "Akosua Mensah" in client_for(person).get("/about").text


def test_a_message_to_one_guest_is_shown_to_nobody_else(client: FlaskClient, app: Flask) -> None:
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("success", "You signed out.")]
    assert "You signed out." in client.get("/about").text
    assert "You signed out." not in app.test_client().get("/about").text


def test_after_a_minute_a_page_is_made_anew(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, count_queries: list[str]
) -> None:
    client.get("/ideas")
    clock = kept_pages.time.monotonic() + kept_pages.LONGEST_SECONDS + 1
    monkeypatch.setattr(kept_pages.time, "monotonic", lambda: clock)
    count_queries.clear()
    client.get("/ideas")
    assert len(count_queries) > 1


def test_few_pages_are_kept_and_the_oldest_goes_first(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_pages, "MOST_PAGES", 2)
    for path in ("/about", "/ideas", "/about", "/questions"):
        client.get(path)
    db.session.rollback()
    assert [key[1] for key in app.extensions["kept_pages"]] == ["/about?", "/questions?"]
