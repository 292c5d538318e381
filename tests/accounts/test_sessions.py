"""Sessions are rows: listed, ended, and never revived by an old cookie."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.accounts.commands import register
from app.accounts.models import UserSession
from app.accounts.queries import person_of_session
from app.database import db, now
from tests.factories import make_person

PASSWORD = "copper kettle maple river"
NEW_PASSWORD = "seven paper boats adrift"


@pytest.fixture
def ama(app):
    return register(name="ama", display_name="Ama Owusu", email=None, password=PASSWORD)


@pytest.fixture
def devices(app, ama):
    """Ama's phone and laptop."""
    both = app.test_client(), app.test_client()
    for device in both:
        assert device.post("/sign-in", data={"name": "ama", "password": PASSWORD}).status_code == 303
    return both


def is_signed_in(device) -> bool:
    return device.get("/me").status_code == 200


def cookie_of(device) -> str:
    return device.get_cookie("commons").value


def test_a_replayed_cookie_is_refused_after_sign_out(app, devices):
    phone, laptop = devices
    stolen = cookie_of(phone)
    phone.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("commons", stolen)
    assert not is_signed_in(thief)
    assert is_signed_in(laptop)


def test_the_cookie_changes_with_the_sign_in(app, ama):
    device = app.test_client()
    device.get("/sign-in")
    before = cookie_of(device)
    with device.session_transaction() as cookie:
        cookie["planted"] = "by another"
    device.post("/sign-in", data={"name": "ama", "password": PASSWORD})
    with device.session_transaction() as cookie:
        assert "planted" not in cookie
    assert cookie_of(device) != before


def test_signing_in_again_ends_what_this_device_had(app, devices):
    phone, _ = devices
    stolen = cookie_of(phone)
    phone.post("/sign-in", data={"name": "ama", "password": PASSWORD})
    thief = app.test_client()
    thief.set_cookie("commons", stolen)
    assert not is_signed_in(thief)
    assert is_signed_in(phone)


def test_the_database_holds_no_token_that_a_cookie_could_use(devices):
    with devices[0].session_transaction() as cookie:
        token = cookie["_user_id"]
    digests = db.session.scalars(select(UserSession.token_digest)).all()
    assert token not in digests
    assert all(person_of_session(digest) is None for digest in digests)


def test_a_changed_cookie_is_nobody(app, devices):
    value = cookie_of(devices[0])
    for broken in (value[:-2], value + "x", value.replace(".", "", 1), "", "x", "null", "." * 500):
        device = app.test_client()
        device.set_cookie("commons", broken)
        assert not is_signed_in(device)


def test_a_session_ends_after_thirty_days(devices):
    with time_machine.travel(now() + timedelta(days=29)):
        assert is_signed_in(devices[0])
    with time_machine.travel(now() + timedelta(days=30, minutes=1)):
        assert not is_signed_in(devices[0])


def test_expired_sessions_are_cleared_away_by_the_next_sign_in(devices):
    with time_machine.travel(now() + timedelta(days=31)):
        devices[0].post("/sign-in", data={"name": "ama", "password": PASSWORD})
    assert db.session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_a_person_sees_where_they_are_signed_in(devices):
    page = devices[0].get("/me/sessions").text
    assert page.count("This device") == 1
    assert page.count("Another device") == 1


def test_a_person_ends_one_other_session(devices):
    phone, laptop = devices
    address = re.search(r'action="(/me/sessions/[0-9a-f]{64}/closure)"', phone.get("/me/sessions").text)[1]
    assert phone.post(address).location == "/me/sessions"
    assert is_signed_in(phone)
    assert not is_signed_in(laptop)


def test_a_person_ends_all_other_sessions(devices):
    phone, laptop = devices
    assert phone.post("/me/sessions/closure").location == "/me/sessions"
    assert is_signed_in(phone)
    assert not is_signed_in(laptop)
    assert "End all others" not in phone.get("/me/sessions").text


def test_nobody_ends_the_session_of_someone_else(devices, client_for):
    digests = db.session.scalars(select(UserSession.token_digest)).all()
    stranger = client_for(make_person())
    for digest in digests:
        stranger.post(f"/me/sessions/{digest}/closure")
    stranger.post("/me/sessions/closure")
    assert all(is_signed_in(device) for device in devices)


def test_a_new_password_ends_the_other_sessions(app, devices):
    phone, laptop = devices
    stolen = cookie_of(phone)
    assert phone.post("/me/password", data={"present": PASSWORD, "new": NEW_PASSWORD}).location == "/me/sessions"
    assert is_signed_in(phone)
    assert not is_signed_in(laptop)
    thief = app.test_client()
    thief.set_cookie("commons", stolen)
    assert not is_signed_in(thief)


def test_only_the_new_password_opens_the_account(app, devices):
    devices[0].post("/me/password", data={"present": PASSWORD, "new": NEW_PASSWORD})
    other = app.test_client()
    assert other.post("/sign-in", data={"name": "ama", "password": PASSWORD}).status_code == 422
    assert other.post("/sign-in", data={"name": "ama", "password": NEW_PASSWORD}).status_code == 303


def test_a_new_password_needs_the_present_one(devices):
    answer = devices[0].post("/me/password", data={"present": "not it at all", "new": NEW_PASSWORD})
    assert answer.status_code == 422
    assert 'href="#present"' in answer.text
    assert all(is_signed_in(device) for device in devices)


def test_a_new_password_that_anybody_would_try_is_refused(devices):
    answer = devices[0].post("/me/password", data={"present": PASSWORD, "new": "password123"})
    assert answer.status_code == 422
    assert 'href="#new"' in answer.text


def test_password_managers_find_the_form(client):
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer.location) == (302, "/me/password")


@pytest.mark.parametrize("path", ["/me", "/me/sessions", "/me/password", "/welcome"])
def test_guests_are_asked_to_sign_in(client, path):
    assert client.get(path).location == f"/sign-in?next={path}"


@pytest.mark.parametrize(
    "path", ["/me", "/me/password", "/me/sessions/closure", "/me/sessions/x/closure", "/welcome", "/sign-out"]
)
def test_guests_change_nothing(client, path):
    assert client.post(path).status_code == 303
    assert client.post(path).location.startswith("/sign-in")
