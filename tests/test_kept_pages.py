"""Pages that are kept for guests: never older than the last change, never somebody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import kept_pages
from app.accounts.models import User
from app.database import change_number, db, transaction
from app.forum.commands import delete_post, post_comment
from app.jobs.commands import enqueue
from app.kept import Kept
from app.kept_pages import KeptPage
from app.moderation.commands import hide_post
from app.taxonomy.models import Topic
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
    assert [each for each in count_queries if not each.startswith("BEGIN")] == ["SELECT change.number \nFROM change"]
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
    assert 'dir="rtl"' in client.get("/about", headers={"Accept-Language": "ar"}).text
    assert 'dir="ltr"' in client.get("/about", headers={"Accept-Language": "en"}).text
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
    count_queries.clear()
    client.get("/ideas")
    assert len([each for each in count_queries if not each.startswith("BEGIN")]) == 1
    clock = kept_pages.time.monotonic() + kept_pages.LONGEST_SECONDS + 1
    monkeypatch.setattr(kept_pages.time, "monotonic", lambda: clock)
    count_queries.clear()
    client.get("/ideas")
    assert len([each for each in count_queries if not each.startswith("BEGIN")]) > 1


def test_signing_in_and_running_jobs_leave_the_pages_and_a_write_among_them_does_not(app: Flask) -> None:
    before = change_number()
    with transaction(is_shown=False):
        enqueue("matching.reconcile", {})
    assert change_number() == before
    with transaction(is_shown=False):
        enqueue("matching.count_words", {})
        rename_topic()
    assert change_number() == before + 1


def rename_topic() -> None:
    with transaction():
        db.session.get_one(Topic, "batteries").name = "All batteries"


def test_a_token_that_someone_writes_into_a_text_is_not_filled_in_for_others() -> None:
    body = '<meta content="T1"> <a href="https://evil.example/?t=T1">more</a> T1'
    page = KeptPage(1, 0.0, body.encode(), [], nonce="N1", token="T1")
    shown = page.body_for(nonce="N2", token="T2").decode()
    assert shown == '<meta content="T2"> <a href="https://evil.example/?t=T1">more</a> T1'


def test_few_pages_are_kept_and_the_oldest_goes_first() -> None:
    pages = Kept(2)
    for number, path in enumerate(("/about", "/ideas")):
        pages.put(path, number)
    assert pages.get("/about") == 0
    pages.put("/questions", 2)
    assert [pages.get(path) for path in ("/about", "/ideas", "/questions")] == [0, None, 2]


def test_many_threads_share_what_is_kept() -> None:
    numbers = Kept(10)

    def work(start: int) -> set[int]:
        for number in range(start, start + 2000):
            numbers.put(number % 40, number % 40)
        return {number - found for number in range(40) if (found := numbers.get(number)) is not None}

    with ThreadPoolExecutor(8) as threads:
        assert set().union(*threads.map(work, range(8))) == {0}
