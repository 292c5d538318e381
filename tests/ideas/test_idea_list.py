"""Browse ideas: facets and their counts, sorts, pages; nothing that the reader may not know of."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Guest, User
from app.database import db, now, transaction
from app.forum.commands import post_comment, support
from app.forum.events import post_hidden, post_restored
from app.ideas.commands import revise_idea
from app.ideas.models import Idea, ListingStamp
from app.ideas.queries import Filters, facets_of, tag_names
from tests.factories import make_idea, make_moderator, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]


def titles(page: str) -> list[str]:
    return re.findall(r'class="row-title"><a [^>]*>([^<]*)</a>', page)


def count_of(page: str, facet: str, value: str) -> int | None:
    found = re.search(rf'id="{facet}-{value}"[^>]*>.*?<span class="count">(\d+)</span>', page)
    return int(found[1]) if found else None


def set_hidden(idea: Idea, *, hidden: bool) -> None:
    with transaction():
        idea.hidden_at = now() if hidden else None
        (post_hidden if hidden else post_restored).send(idea)


def test_an_empty_list_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/ideas").text
    assert "Nobody has written an idea yet" in page
    assert 'href="/ideas/new"' in page


def test_a_row_shows_what_an_idea_is_about(client: FlaskClient) -> None:
    author = make_person(display_name="Ama Owusu", kind="demo")
    idea = make_idea(
        by=author,
        stage="ready",
        language="fr",
        roles=["teacher", "student"],
        needed_roles=["recycler"],
        topics=["batteries"],
    )
    page = client.get("/ideas").text
    assert f'href="/ideas/{idea.id}/{idea.slug}"' in page
    for words in ("Ama Owusu", "Ready", "Français", "Teacher", "+1", "Batteries", idea.gist, "badge demo"):
        assert words in page


def test_the_newest_come_first(client: FlaskClient) -> None:
    for days in (3, 1, 2):
        make_idea(title=f"An idea {days} days old", published_at=now() - timedelta(days=days))
    assert titles(client.get("/ideas").text) == [f"An idea {days} days old" for days in (1, 2, 3)]


def test_a_comment_makes_an_idea_active(client: FlaskClient) -> None:
    old = make_idea(title="An old idea with talk", published_at=now() - timedelta(days=9))
    make_idea(title="A new idea without any", published_at=now() - timedelta(days=1))
    post_comment(old, by=make_person(), body="Still needed.")
    assert titles(client.get("/ideas?sort=active").text)[0] == "An old idea with talk"


def test_the_most_supported_come_first(client: FlaskClient) -> None:
    loved = make_idea(title="The idea that all support", published_at=now() - timedelta(days=9))
    make_idea(title="The idea that nobody knows")
    support(loved, by=make_person())
    assert titles(client.get("/ideas?sort=supported").text)[0] == "The idea that all support"


def test_ideas_that_need_readers_are_recent_and_quiet(client: FlaskClient) -> None:
    talked = make_idea(title="Yesterday and talked about", published_at=now() - timedelta(days=1))
    post_comment(talked, by=make_person(), body="Good.")
    make_idea(title="Last month and quiet so far", published_at=now() - timedelta(days=30))
    make_idea(title="Last week and quiet so far", published_at=now() - timedelta(days=7))
    make_idea(title="Last year and quiet for ever", published_at=now() - timedelta(days=300))
    page = client.get("/ideas?sort=needs-readers").text
    wanted = ["Last week and quiet so far", "Last month and quiet so far", "Yesterday and talked about"]
    assert titles(page) == wanted
    assert "3 ideas" in page
    assert "fewest comments and supporters" in page


@pytest.fixture
def three_ideas(app: Flask) -> None:
    one = {"roles": ["teacher"], "needed_roles": ["recycler"], "topics": ["batteries"], "country": "GH"}
    two = {
        "roles": ["teacher", "student"],
        "needed_roles": ["official"],
        "topics": ["batteries", "health"],
        "country": "KE",
    }
    make_idea(title="Idea one of the three", **one)
    make_idea(title="Idea two of the three", stage="ready", **two)
    make_idea(title="Idea three of the three", roles=["recycler"], topics=["health"], language="es", country="GH")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("role=student", {"two"}),
        ("role=student&role=recycler", {"two", "three"}),
        ("needs=recycler", {"one"}),
        ("topic=health", {"two", "three"}),
        ("topic=health&country=GH", {"three"}),
        ("stage=ready", {"two"}),
        ("language=es", {"three"}),
        ("country=GH&country=KE", {"one", "two", "three"}),
        ("role=teacher&topic=health&needs=official&stage=ready&country=KE&language=en", {"two"}),
    ],
)
def test_filters_narrow_the_list(three_ideas: None, client: FlaskClient, query: str, found: set[str]) -> None:
    assert {title.split()[1] for title in titles(client.get(f"/ideas?{query}").text)} == found


def test_counts_respect_the_other_filters(three_ideas: None, client: FlaskClient) -> None:
    everything = client.get("/ideas").text
    assert [count_of(everything, "role", role) for role in ("teacher", "student", "recycler")] == [2, 1, 1]
    assert [count_of(everything, "country", code) for code in ("GH", "KE")] == [2, 1]
    in_ghana = client.get("/ideas?country=GH").text
    assert [count_of(in_ghana, "role", role) for role in ("teacher", "recycler", "student")] == [1, 1, None]
    assert [count_of(in_ghana, "country", code) for code in ("GH", "KE")] == [2, 1]
    assert count_of(in_ghana, "topic", "batteries") == 1
    assert count_of(in_ghana, "stage", "ready") is None
    assert count_of(in_ghana, "needs", "recycler") == 1


def test_a_filter_that_hides_all_says_how_to_go_on(three_ideas: None, client: FlaskClient) -> None:
    page = client.get("/ideas?role=student&language=es").text
    assert "No idea has all of these" in page
    assert "Clear filters" in page
    assert count_of(page, "role", "student") == 0


def test_what_does_not_exist_is_ignored(three_ideas: None, client: FlaskClient) -> None:
    page = client.get("/ideas?role=emperor&topic=&sort=random&stage=draft&country=XX&language=tlh&colour=red").text
    assert len(titles(page)) == 3
    assert '<link rel="canonical" href="http://localhost/ideas">' in page


def test_a_chosen_filter_can_be_taken_off(three_ideas: None, client: FlaskClient) -> None:
    page = client.get("/ideas?role=student&role=teacher&sort=active").text
    assert 'href="/ideas?sort=active&amp;role=teacher"' in page
    assert 'href="/ideas?sort=active">Clear filters' in page
    assert 'name="sort" value="active"' in page


def test_the_canonical_address_leaves_out_what_goes_without_saying(three_ideas: None, client: FlaskClient) -> None:
    page = client.get("/ideas?page=1&sort=new&role=teacher&utm_source=x").text
    assert '<link rel="canonical" href="http://localhost/ideas?role=teacher">' in page
    assert '<link rel="alternate" type="application/atom+xml" href="/ideas/feed.atom?role=teacher"' in page


def test_long_lists_have_pages(client: FlaskClient) -> None:
    author = make_person()
    for number in range(27):
        make_idea(
            by=author, title=f"Idea number {number:02} of many", published_at=now() - timedelta(days=20, minutes=number)
        )
    first, second = client.get("/ideas").text, client.get("/ideas?page=2").text
    assert (len(titles(first)), len(titles(second))) == (25, 2)
    assert '<link rel="next" href="/ideas?page=2">' in first
    assert '<link rel="prev" href="/ideas">' in second
    assert '<link rel="canonical" href="http://localhost/ideas?page=2">' in second
    assert "27 ideas" in second


@pytest.mark.parametrize("number", ["0", "3", "abc", "9999", "-1", "1.5", ""])
def test_a_page_that_cannot_be_is_not_found(client: FlaskClient, number: str) -> None:
    make_idea()
    assert client.get(f"/ideas?page={number}").status_code == 404


def test_htmx_gets_the_list_alone(three_ideas: None, client: FlaskClient) -> None:
    fragment = client.fragment("/ideas?role=student", "browse").text  # type: ignore[attr-defined]
    assert titles(fragment) == ["Idea two of the three"]
    assert fragment.lstrip().startswith('<div class="with-facets" id="browse">')
    assert "<html" not in fragment


def test_a_private_group_is_neither_listed_nor_counted(client: FlaskClient, client_for: ClientFor) -> None:
    member, stranger = make_person(), make_person()
    group = make_private_group(member)
    make_idea(title="An idea for everyone to see", roles=["teacher"], country="GH")
    private = {"roles": ["teacher", "student"], "needed_roles": ["official"], "topics": ["health"], "country": "FR"}
    make_idea(by=member, group=group, title="An idea for us alone", language="fr", stage="ready", **private)
    for reader in (client, client_for(stranger)):
        page = reader.get("/ideas").text
        assert titles(page) == ["An idea for everyone to see"]
        assert "1 idea<" in page
        assert count_of(page, "role", "teacher") == 1
        hidden = [
            ("role", "student"),
            ("needs", "official"),
            ("topic", "health"),
            ("country", "FR"),
            ("language", "fr"),
        ]
        assert [count_of(page, *each) for each in [*hidden, ("stage", "ready")]] == [None] * 6
    page = client_for(member).get("/ideas").text
    assert "An idea for us alone" in titles(page)
    assert group.name in page
    assert count_of(page, "role", "teacher") == 2


def test_a_hidden_idea_is_listed_for_moderators_alone(client: FlaskClient, client_for: ClientFor) -> None:
    moderator = make_moderator()
    idea = make_idea(roles=["teacher"])
    assert "1 idea<" in client.get("/ideas").text
    set_hidden(idea, hidden=True)
    assert "Nobody has written an idea yet" in client.get("/ideas").text
    assert count_of(client.get("/ideas").text, "role", "teacher") is None
    assert titles(client_for(moderator).get("/ideas").text) == [idea.title]
    set_hidden(idea, hidden=False)
    assert "1 idea<" in client.get("/ideas").text


def test_kept_counts_follow_every_change(client: FlaskClient) -> None:
    author = make_person()
    idea = make_idea(by=author, roles=["teacher"], country="GH")
    assert count_of(client.get("/ideas").text, "role", "teacher") == 1
    make_idea(roles=["teacher"])
    assert count_of(client.get("/ideas").text, "role", "teacher") == 2
    facts = {"title": idea.title, "sections": idea.sections, "topics": [], "language": "en"}
    revise_idea(idea, by=author, roles=["student"], needed_roles=[], country=None, reason="", seen=1, **facts)
    page = client.get("/ideas").text
    assert [count_of(page, "role", role) for role in ("teacher", "student")] == [1, 1]
    assert count_of(page, "country", "GH") is None


def test_counts_are_kept_only_while_nothing_changes(app: Flask, count_queries: list[str]) -> None:
    make_idea(roles=["teacher"])
    names = tag_names()
    first = facets_of(Guest(), Filters(), names)
    count_queries.clear()
    assert facets_of(Guest(), Filters(), names) == first
    assert len(count_queries) == 1
    stamp = db.session.get_one(ListingStamp, 1).stamp
    make_idea()
    db.session.expire_all()
    assert db.session.get_one(ListingStamp, 1).stamp != stamp


def test_a_list_sends_few_queries(client_for: ClientFor, count_queries: list[str]) -> None:
    for _ in range(5):
        make_idea(roles=["teacher"], needed_roles=["recycler"], topics=["batteries"], country="GH")
    client = client_for(make_person())
    count_queries.clear()
    client.get("/ideas?role=teacher&topic=batteries&country=GH&sort=active")
    assert len(count_queries) <= 9, count_queries


def test_a_page_that_is_not_there_offers_the_most_supported_ideas(client: FlaskClient, client_for: ClientFor) -> None:
    member = make_person()
    liked, hidden = make_idea(title="The idea that all support"), make_idea(title="The idea that was hidden")
    make_idea(by=member, group=make_private_group(member), title="The idea of a private group")
    quiet = [make_idea(title=f"A quiet idea of number {number}") for number in range(5)]
    for post in (liked, hidden):
        support(post, by=make_person())
    set_hidden(hidden, hidden=True)
    page = client.get("/nothing").text
    assert f'<a href="/ideas/{liked.id}/{liked.slug}" dir="auto">The idea that all support</a>' in page
    assert page.count("A quiet idea") == 4
    assert quiet[-1].title in page
    for unseen in ("was hidden", "private group"):
        assert unseen not in page
    assert "was hidden" not in client_for(make_moderator()).get("/nothing").text
    assert "The idea that all support" not in client.get("/sign-out").text
