"""A form that is sent twice publishes once: a double click, a retry, the back button."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from app.database import db
from app.forum.commands import delete_post
from app.forum.models import Post
from app.groups.queries import challenge_group
from tests.factories import make_person, make_private_group

TITLE = "Battery boxes in every school of Accra"
AT_ONCE = 6
ROOMS = pytest.mark.parametrize("room", ["ideas", "questions"])


def a_form(browser: Any, room: str) -> dict[str, str]:
    """What the page's own form sends."""
    page = browser.get(f"/{room}/new").text
    key = re.search(r'name="key"[^>]* value="([^"]+)"', page)[1]  # type: ignore[index]
    texts = {"title": TITLE, "problem": "Pupils throw them into the bin.", "body": "Pupils throw them into the bin."}
    return {"key": key, "group": str(challenge_group().id), "language": "en", **texts}


def posts() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Post)) or 0


@ROOMS
def test_a_form_sent_again_leads_to_what_it_became(client_for, room):
    browser = client_for(make_person())
    form = a_form(browser, room)
    first, second = browser.post(f"/{room}", data=form), browser.post(f"/{room}", data=form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert posts() == 1


@ROOMS
def test_a_form_sent_many_times_at_once_publishes_once(app, client_for, room):
    browser = client_for(make_person())
    form = a_form(browser, room)
    cookie = browser.get_cookie("commons").value

    def send(_number: int) -> str:
        other = FlaskClient(app, app.response_class)
        other.set_cookie("commons", cookie)
        return other.post(f"/{room}", data=form).location

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(set(pool.map(send, range(AT_ONCE)))) == 1
    assert posts() == 1


@ROOMS
def test_a_new_text_in_an_old_form_is_not_lost(client_for, room):
    browser = client_for(make_person())
    form = a_form(browser, room)
    browser.post(f"/{room}", data=form)
    browser.post(f"/{room}", data={**form, "title": "Solder smoke in the courtyards of Tema"})
    assert posts() == 2


@ROOMS
def test_the_same_text_in_a_new_form_is_published(client_for, room):
    browser = client_for(make_person())
    for _ in range(2):
        browser.post(f"/{room}", data=a_form(browser, room))
    assert posts() == 2


@ROOMS
def test_the_same_text_in_another_group_is_published(client_for, room):
    person = make_person()
    group, browser = make_private_group(person), client_for(person)
    form = a_form(browser, room)
    for other in (form["group"], str(group.id)):
        browser.post(f"/{room}", data={**form, "group": other})
    assert posts() == 2


@ROOMS
def test_a_key_of_others_leads_nowhere(client_for, room):
    form = a_form(client_for(make_person()), room)
    places = {client_for(make_person()).post(f"/{room}", data=form).location for _ in range(2)}
    assert len(places) == posts() == 2


@ROOMS
def test_what_was_deleted_can_be_published_again(client_for, room):
    person = make_person()
    browser = client_for(person)
    form = a_form(browser, room)
    browser.post(f"/{room}", data=form)
    delete_post(db.session.scalars(select(Post)).one(), by=person)
    assert client_for(person).post(f"/{room}", data=form).status_code == 303
    assert posts() == 2


@ROOMS
def test_the_key_stays_in_a_form_that_comes_back(client_for, room):
    browser = client_for(make_person())
    form = a_form(browser, room)
    for changes in ({"title": "Short"}, {"preview": "1"}):
        assert f'value="{form["key"]}"' in browser.post(f"/{room}", data={**form, **changes}).text
    assert posts() == 0


@ROOMS
def test_a_limit_slows_new_posts_and_not_a_form_sent_again(app, client_for, room):
    slow = create_app(replace(app.config["COMMONS"], rate_limits=True))
    slow.config.update(WTF_CSRF_ENABLED=False)
    slow.test_client_class = app.test_client_class
    asked = client_for(make_person())
    browser = slow.test_client()
    browser.set_cookie("commons", asked.get_cookie("commons").value)
    form = a_form(browser, room)
    first, again = browser.post(f"/{room}", data=form), browser.post(f"/{room}", data=form)
    assert first.location == again.location
    assert browser.post(f"/{room}", data=a_form(browser, room)).status_code == 429
    assert slow.test_client().post(f"/{room}", data=form).status_code == 401
    with slow.app_context():
        db.engine.dispose()
