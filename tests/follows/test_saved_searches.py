"""Keep a search with its filters under a name, be told of what it finds, or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.follows.commands import save_search
from app.follows.models import MOST_SEARCHES, SavedSearch
from app.journal.models import JournalEntry
from app.search.queries import SearchFilters
from tests.factories import make_idea, make_person

ClientFor = Callable[[User], FlaskClient]


def searches() -> list[tuple[str, str, str, bool]]:
    found = select(SavedSearch.name, SavedSearch.asked, SavedSearch.topic, SavedSearch.is_told)
    rows = [tuple(row) for row in db.session.execute(found.order_by(SavedSearch.id))]
    db.session.rollback()
    return rows


def test_a_search_is_saved_under_a_name_and_found_again(client_for: ClientFor) -> None:
    make_idea(title="A kiosk that takes cables")
    client = client_for(make_person())
    results = client.get("/search?q=kiosk&topic=batteries").text
    assert 'href="/me/searches/new?q=kiosk&amp;topic=batteries"' in results
    form = client.get("/me/searches/new?q=kiosk&topic=batteries").text
    assert 'value="kiosk"' in form
    assert 'value="batteries"' in form
    sent = {"q": "kiosk", "topic": "batteries", "name": "Kiosks near me"}
    response = client.post("/me/searches", data=sent)
    assert (response.status_code, response.location) == (303, "/search?q=kiosk&topic=batteries")
    assert searches() == [("Kiosks near me", "kiosk", "batteries", False)]
    assert "Saved as <bdi>Kiosks near me</bdi>" in client.get(response.location).text
    assert "Saved as" not in client.get("/search?q=kiosk").text


def test_one_press_tells_of_new_results_and_another_ends_it(client_for: ClientFor) -> None:
    person = make_person()
    client, page = client_for(person), "/search?q=kiosk"
    facts = {"method": "POST", "follow_redirects": True}
    saved = client.fragment("/me/searches", "saving", data={"q": "kiosk", "is_told": "y"}, **facts).text  # type: ignore[attr-defined]
    assert saved.lstrip().startswith('<div class="actions" id="saving">')
    assert 'id="tell-button" type="submit" aria-pressed="true"' in saved
    assert searches() == [("kiosk", "kiosk", "", True)]
    path = f"/me/searches/{db.session.scalar(select(SavedSearch.id))}"
    db.session.rollback()
    for _ in range(2):
        assert client.post(f"{path}/alert/withdrawal", data={"next": page}).location == page
    assert searches() == [("kiosk", "kiosk", "", False)]
    client.post(f"{path}/alert", data={"next": page})
    client.post(f"{path}/deletion", data={"next": page})
    assert searches() == []
    actions = select(JournalEntry.action).where(JournalEntry.by_id == person.id).order_by(JournalEntry.id)
    assert db.session.scalars(actions).all()[-5:] == ["search_saved", "unmuted", "muted", "unmuted", "search_removed"]


def test_saving_a_search_again_gives_it_another_name(client_for: ClientFor) -> None:
    client = client_for(make_person())
    for name in ("First", "Second"):
        client.post("/me/searches", data={"q": "kiosk", "name": name})
    assert searches() == [("Second", "kiosk", "", False)]


@pytest.mark.parametrize(
    "wrong",
    [{"q": ""}, {"q": "  "}, {"q": "x" * 201}, {"q": "kiosk", "name": "x" * 81}, {"q": "kiosk", "topic": "x" * 101}],
)
def test_a_form_that_is_wrong_comes_back_with_what_was_typed(client_for: ClientFor, wrong: dict[str, str]) -> None:
    response = client_for(make_person()).post("/me/searches", data={"name": "Kept", **wrong})
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert f'value="{wrong.get("name", "Kept")}"' in response.text
    assert searches() == []


def test_there_is_room_for_thirty(client_for: ClientFor) -> None:
    person = make_person()
    for number in range(MOST_SEARCHES):
        save_search(by=person, name="x", asked=f"kiosk {number}", filters=SearchFilters(), is_told=False)
    client = client_for(person)
    refused = client.post("/me/searches", data={"q": "one more"})
    assert refused.status_code == 409
    assert "30 searches" in refused.text
    assert client.post("/me/searches", data={"q": "kiosk 3", "name": "Renamed"}).status_code == 303
    assert client_for(make_person()).post("/me/searches", data={"q": "one more"}).status_code == 303


@pytest.mark.parametrize("path", ["alert", "alert/withdrawal", "deletion"])
def test_a_search_is_for_whoever_keeps_it(client: FlaskClient, client_for: ClientFor, path: str) -> None:
    owner = make_person()
    search = save_search(by=owner, name="Mine", asked="kiosk", filters=SearchFilters(), is_told=True)
    address = f"/me/searches/{search.id}/{path}"
    assert client.post(address).location.startswith("/sign-in")
    assert client_for(make_person()).post(address).status_code == 404
    assert searches() == [("Mine", "kiosk", "", True)]
    assert "Saved as" not in client_for(make_person()).get("/search?q=kiosk").text
    assert "Saved as" not in client.get("/search?q=kiosk").text


def test_guests_are_led_to_the_form_when_they_have_signed_in(client: FlaskClient) -> None:
    assert client.get("/me/searches/new?q=kiosk").location == "/sign-in?next=/me/searches/new?q%3Dkiosk"
    assert "/me/searches/new?q=kiosk" in client.get("/search?q=kiosk").text


def test_of_people_and_of_the_course_a_search_tells_nothing(client_for: ClientFor) -> None:
    client = client_for(make_person())
    assert "tell-button" not in client.get("/search?q=kiosk&kind=person").text
    assert "tell-button" in client.get("/search?q=kiosk&kind=idea").text
    assert "is_told" not in client.get("/me/searches/new?q=kiosk&kind=nugget").text
