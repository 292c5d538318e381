"""One page of all that a person follows, mutes and keeps, for that person alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db, transaction
from app.follows.commands import follow, mute, save_search
from app.forum.commands import delete_post
from app.forum.commands import follow as follow_post
from app.groups.models import Membership
from app.moderation.commands import hide_post
from app.search.queries import SearchFilters
from app.taxonomy.queries import topics_named
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question

ClientFor = Callable[[User], FlaskClient]
TABS = ["posts", "topics", "people", "searches", "muted"]


def shown(browser: FlaskClient, show: str = "posts", **arguments: int) -> str:
    """The list of one tab."""
    response = browser.get("/me/follows", query_string={"show": show, **arguments})
    assert response.status_code == 200
    page: str = response.text
    return page[page.index('id="follows"') : page.index("</main>")]


def test_it_lists_everything_with_its_buttons(client_for: ClientFor) -> None:
    person, other = make_person(), make_person(display_name="Amara Okafor")
    idea, question = make_idea(title="A kiosk that takes cables"), make_question(title="Who weighs the boxes?")
    (topic,) = topics_named(["batteries"])
    for post in (idea, question):
        follow_post(post, by=person)
    for subject in (topic, other):
        follow(subject, by=person)
    muted_idea, (muted_topic,) = make_idea(title="Carts for cables"), topics_named(["repair-reuse"])
    for subject in (muted_idea, muted_topic):
        mute(subject, by=person)
    save_search(by=person, name="Near me", asked="kiosk", filters=SearchFilters(topic="batteries"), is_told=True)
    client = client_for(person)
    posts = shown(client)
    assert idea.title in posts
    assert question.title in posts
    assert f'action="/posts/{idea.id}/follow/withdrawal"' in posts
    assert f'action="/posts/{idea.id}/mute"' in posts
    assert 'action="/topics/batteries/follow/withdrawal"' in shown(client, "topics")
    assert "Amara Okafor" in shown(client, "people")
    searches = shown(client, "searches")
    assert 'href="/search?q=kiosk&amp;topic=batteries"' in searches
    assert f"</bdi> · {topic.name}" in searches
    muted = shown(client, "muted")
    assert 'action="/topics/repair-reuse/mute/withdrawal"' in muted
    assert f'action="/posts/{muted_idea.id}/follow"' in muted
    assert f'action="/posts/{muted_idea.id}/mute/withdrawal"' in muted
    assert "Amara Okafor" not in muted
    assert [f"{count}</span>" in posts for count in (2, 1)] == [True, True]


@pytest.mark.parametrize("show", TABS)
def test_each_empty_tab_says_what_to_do(client_for: ClientFor, show: str) -> None:
    assert "Press “" in shown(client_for(make_person()), show).replace("press", "Press")


def test_a_row_goes_when_it_is_no_longer_followed(client_for: ClientFor) -> None:
    person, idea = make_person(), make_idea(title="A kiosk that takes cables")
    follow_post(idea, by=person)
    client = client_for(person)
    facts = {"method": "POST", "follow_redirects": True, "data": {"next": "/me/follows?show=posts"}}
    fragment = client.fragment(f"/posts/{idea.id}/follow/withdrawal", "follows", **facts).text  # type: ignore[attr-defined]
    assert fragment.lstrip().startswith('<div class="stack" id="follows">')
    assert idea.title not in fragment
    assert client.post(f"/posts/{idea.id}/follow", data={"next": "/me/follows"}).location == "/me/follows"


def test_long_lists_have_pages_and_no_page_is_left_empty(client_for: ClientFor) -> None:
    person = make_person()
    for _ in range(26):
        follow_post(make_idea(), by=person)
    client = client_for(person)
    assert shown(client).count("<li class") == 25
    second = shown(client, page=2)
    assert second.count("<li class") == 1
    assert 'name="next" value="/me/follows?show=posts"' in second
    assert client.get("/me/follows?page=3").status_code == 404


def test_nobody_else_sees_it(client: FlaskClient, client_for: ClientFor) -> None:
    person, idea = make_person(), make_idea(title="A kiosk that takes cables")
    follow_post(idea, by=person)
    mute(make_idea(title=idea.title), by=person)
    assert client.get("/me/follows").location.startswith("/sign-in")
    for show in TABS:
        assert idea.title not in shown(client_for(make_person()), show)


@pytest.mark.parametrize("show", ["posts", "muted"])
def test_what_one_may_not_see_any_more_is_neither_listed_nor_counted(client_for: ClientFor, show: str) -> None:
    person, author, moderator = make_person(), make_person(), make_moderator()
    group = make_private_group(person, author)
    hidden, deleted, private = make_idea(), make_idea(), make_idea(by=author, group=group)
    for post in (hidden, deleted, private):
        (mute if show == "muted" else follow_post)(post, by=person)
    client = client_for(person)
    assert shown(client, show).count("<li class") == 3
    hide_post(hidden, by=moderator, reason="Unsafe.")
    delete_post(deleted, by=deleted.author)
    with transaction():
        db.session.delete(db.session.get_one(Membership, (person.id, group.id)))
    page = shown(client, show)
    assert page.count("<li class") == 0
    assert ">3</span>" not in page


@pytest.mark.parametrize("show", TABS)
def test_the_page_asks_few_questions(client_for: ClientFor, count_queries: list[str], show: str) -> None:
    person = make_person()
    for number in range(8):
        other = make_person()
        follow_post(make_idea(), by=person)
        mute(make_idea(), by=person)
        follow(other, by=person)
        save_search(by=person, name="x", asked=f"kiosk {number}", filters=SearchFilters(), is_told=False)
    client = client_for(person)
    count_queries.clear()
    shown(client, show)
    assert len([each for each in count_queries if each.startswith("SELECT")]) <= 6


def test_the_desk_and_the_menu_lead_to_it(client_for: ClientFor) -> None:
    desk = client_for(make_person()).get("/").text
    assert 'href="/me/follows">All that you follow' in desk
    assert 'href="/me/follows">What you follow' in desk
    assert client_for(make_person()).get("/me").text.count('href="/me/follows"') == 2
