"""See how a text will look before it is sent."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from app.accounts.models import User
from tests.factories import make_person

ClientFor = Callable[[User], FlaskClient]


def test_markdown_is_shown_as_it_will_be(client_for: ClientFor) -> None:
    response = client_for(make_person()).post("/preview", data={"body": "Use **sand**, not water."})
    assert response.status_code == 200
    assert "Use <strong>sand</strong>, not water." in response.text
    assert "<html" not in response.text


def test_hostile_markdown_is_harmless(client_for: ClientFor) -> None:
    body = "<script>alert(1)</script> [x](javascript:alert(1)) <b hx-get='/x'>y</b>"
    text = client_for(make_person()).post("/preview", data={"body": body}).text
    assert "<script" not in text
    assert "javascript:" not in text
    assert "hx-get" not in text


def test_an_empty_field_says_so(client_for: ClientFor) -> None:
    assert "Nothing to show yet" in client_for(make_person()).post("/preview", data={}).text


def test_a_guest_is_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.post("/preview", data={"body": "x"}).location.startswith("/sign-in")
