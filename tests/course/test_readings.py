"""A person may say that they have read a nugget; only they see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from app.accounts.models import User
from app.course.models import NuggetReading
from app.database import db, transaction
from tests.factories import make_person

ClientFor = Callable[[User], FlaskClient]
NUGGET = "/course/nuggets/m2n1"
pytestmark = pytest.mark.usefixtures("catalogue")


def readings() -> int:
    return db.session.scalar(select(func.count()).select_from(NuggetReading)) or 0


def test_a_person_marks_a_nugget_as_read_and_takes_it_back(client_for: ClientFor) -> None:
    client = client_for(make_person())
    assert "I have read this" in client.get(NUGGET).text
    answer = client.post(f"{NUGGET}/reading")
    assert answer.status_code == 303
    assert answer.location == f"{NUGGET}#reading"
    assert "You have read this" in client.get(NUGGET).text
    assert client.post(f"{NUGGET}/reading/withdrawal").status_code == 303
    assert "I have read this" in client.get(NUGGET).text
    assert readings() == 0


def test_saying_it_twice_is_saying_it_once(client_for: ClientFor) -> None:
    client = client_for(make_person())
    for _ in range(2):
        assert client.post(f"{NUGGET}/reading").status_code == 303
    assert readings() == 1


def test_the_button_alone_is_sent_to_htmx(client_for: ClientFor) -> None:
    client = client_for(make_person())
    client.post(f"{NUGGET}/reading")
    part = client.fragment(NUGGET, "reading").text
    assert part.count('id="reading"') == 1
    assert "You have read this" in part
    assert "<html" not in part


def test_a_module_marks_what_was_read(client_for: ClientFor) -> None:
    client = client_for(make_person())
    assert 'class="badge read"' not in client.get("/course/modules/2").text
    client.post(f"{NUGGET}/reading")
    assert client.get("/course/modules/2").text.count('class="badge read"') == 1
    assert 'class="badge read"' not in client.get("/course/modules/1").text


def test_nobody_else_sees_it(client: FlaskClient, client_for: ClientFor) -> None:
    client_for(make_person()).post(f"{NUGGET}/reading")
    for other in (client, client_for(make_person())):
        assert "You have read this" not in other.get(NUGGET).text
        assert 'class="badge read"' not in other.get("/course/modules/2").text


def test_a_guest_is_offered_no_button_and_asked_to_sign_in(client: FlaskClient) -> None:
    assert "I have read this" not in client.get(NUGGET).text
    for answer in (client.post(f"{NUGGET}/reading"), client.post(f"{NUGGET}/reading/withdrawal")):
        assert answer.status_code == 303
        assert "next=" in answer.location
    assert readings() == 0


def test_a_nugget_that_is_not_there_cannot_be_read(client_for: ClientFor) -> None:
    client = client_for(make_person())
    assert client.post("/course/nuggets/m9n9/reading").status_code == 404
    assert client.post("/course/nuggets/m9n9/reading/withdrawal").status_code == 404


def test_what_a_person_read_goes_with_them(client_for: ClientFor) -> None:
    person = make_person()
    client_for(person).post(f"{NUGGET}/reading")
    assert readings() == 1
    with transaction():
        db.session.execute(delete(User).where(User.id == person.id))
    assert readings() == 0
