"""Follow topics and people from the pages that show them, and nobody is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.follows.models import Following
from app.forum.commands import follow as follow_post
from app.forum.commands import unfollow as unfollow_post
from app.journal.models import JournalEntry
from tests.factories import make_idea, make_person, make_question

ClientFor = Callable[[User], FlaskClient]


def actions_of(person: User) -> list[tuple[str, str]]:
    """What was written down of what they did, with its note."""
    entries = select(JournalEntry).where(JournalEntry.by_id == person.id).order_by(JournalEntry.id)
    found = db.session.scalars(entries).all()
    assert not [entry for entry in found if entry.person_id or entry.is_public]
    return [(entry.action, entry.note) for entry in found]


@pytest.mark.parametrize("path", ["/ideas", "/questions", "/people"])
def test_a_topic_is_followed_where_it_narrows_a_list_alone(client_for: ClientFor, path: str) -> None:
    make_idea(topics=["batteries", "repair-reuse"])
    make_question(topics=["batteries", "repair-reuse"])
    for knows in ("batteries", "repair-reuse"):
        make_person(asks_a_week=1, topics=[knows])
    person = make_person()
    client = client_for(person)
    here = f"{path}?topic=batteries"
    assert 'id="follow-topic-button" type="submit" aria-pressed="false"' in client.get(here).text
    assert "/topics/batteries/follow" not in client.get(path).text
    assert "/topics/" not in client.get(f"{path}?topic=batteries&topic=repair-reuse").text
    for _ in range(2):
        assert client.post("/topics/batteries/follow", data={"next": here}).location == here
    assert [each.topic_id for each in db.session.scalars(select(Following))] == ["batteries"]
    db.session.rollback()
    client.post("/topics/batteries/follow/withdrawal", data={"next": here})
    client.post("/topics/batteries/follow/withdrawal", data={"next": here})
    assert db.session.scalars(select(Following)).all() == []
    assert actions_of(person)[-2:] == [("topic_followed", "batteries"), ("topic_unfollowed", "batteries")]


def test_htmx_gets_the_list_with_the_button_pressed(client_for: ClientFor) -> None:
    make_idea(topics=["batteries"])
    facts = {"method": "POST", "follow_redirects": True, "data": {"next": "/ideas?topic=batteries"}}
    fragment = client_for(make_person()).fragment("/topics/batteries/follow", "browse", **facts).text  # type: ignore[attr-defined]
    assert fragment.lstrip().startswith('<div class="with-facets" id="browse">')
    assert 'id="follow-topic-button" type="submit" aria-pressed="true"' in fragment
    assert 'action="/topics/batteries/follow/withdrawal"' in fragment


def test_a_person_is_followed_on_their_page(client_for: ClientFor) -> None:
    person, other = make_person(), make_person(kind="demo")
    client, page = client_for(person), f"/u/{other.name}"
    assert 'id="follow-button" type="submit" aria-pressed="false"' in client.get(page).text
    facts = {"method": "POST", "follow_redirects": True, "data": {"next": page}}
    fragment = client.fragment(f"{page}/follow", "follow", **facts).text  # type: ignore[attr-defined]
    assert fragment.lstrip().startswith('<div class="actions" id="follow">')
    assert 'id="follow-button" type="submit" aria-pressed="true"' in fragment
    assert client.post(f"{page}/follow/withdrawal", data={"next": page}).location == page
    assert 'id="follow-button" type="submit" aria-pressed="false"' in client.get(page).text
    assert actions_of(person)[-2:] == [("person_followed", other.name), ("person_unfollowed", other.name)]


def test_nobody_follows_themselves_or_an_imported_author(client_for: ClientFor) -> None:
    person, imported = make_person(), make_person(kind="imported")
    client = client_for(person)
    for other in (person, imported):
        assert client.post(f"/u/{other.name}/follow").status_code == 403
        assert client.post(f"/u/{other.name}/mute").status_code == 403
        assert 'id="follow-button"' not in client.get(f"/u/{other.name}").text
    assert db.session.scalars(select(Following)).all() == []


def test_whether_someone_is_followed_is_shown_to_nobody_else(client: FlaskClient, client_for: ClientFor) -> None:
    person, other, third = make_person(), make_person(), make_person()
    before = {name: client_for(each).get(f"/u/{other.name}").text for name, each in {"o": other, "t": third}.items()}
    client_for(person).post(f"/u/{other.name}/follow")
    client_for(person).post(f"/u/{other.name}/mute")
    for name, each in {"o": other, "t": third}.items():
        assert client_for(each).get(f"/u/{other.name}").text.count("pressed") == before[name].count("pressed")
        assert 'aria-pressed="true"' not in client_for(each).get(f"/u/{other.name}").text.split("<footer")[0]
    assert 'aria-pressed="true"' not in client.get(f"/u/{other.name}").text.split("<footer")[0]


@pytest.mark.parametrize("room", ["topics/batteries", "u/{name}"])
@pytest.mark.parametrize("path", ["follow", "follow/withdrawal", "mute", "mute/withdrawal"])
def test_guests_are_asked_to_sign_in(client: FlaskClient, room: str, path: str) -> None:
    address = f"/{room.format(name=make_person().name)}/{path}"
    assert client.post(address).location.startswith("/sign-in")
    assert client.get(address).status_code in (404, 405)


@pytest.mark.parametrize("room", ["topics/nothing", "u/nobody", "topics/%20"])
def test_what_is_not_there_is_not_followed(client_for: ClientFor, room: str) -> None:
    assert client_for(make_person()).post(f"/{room}/follow").status_code == 404


def test_a_button_leads_nowhere_else(client_for: ClientFor) -> None:
    client = client_for(make_person())
    assert client.post("/topics/batteries/follow", data={"next": "//elsewhere.example"}).location == "/"


def test_following_a_post_is_written_down_but_not_that_of_ones_own(app) -> None:
    person = make_person()
    make_question(by=person)
    idea = make_idea()
    for act in (follow_post, follow_post, unfollow_post, unfollow_post):
        act(idea, by=person)
    done = [action for action, _ in actions_of(person) if "follow" in action]
    assert done == ["post_followed", "post_unfollowed"]


def test_following_leaves_the_pages_of_guests_as_they_are_kept(client_for: ClientFor) -> None:
    from app.database import change_number

    client, idea = client_for(make_person()), make_idea()
    before = change_number()
    db.session.rollback()
    for path in ("topics/batteries/follow", f"posts/{idea.id}/follow", f"posts/{idea.id}/mute"):
        client.post(f"/{path}")
    assert change_number() == before
