"""Atom feeds: valid whatever people write, for guests' eyes only, cheap to ask again."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import transaction
from app.forum.commands import delete_post
from app.moderation.commands import feature_idea, hide_post
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question

ClientFor = Callable[[User], FlaskClient]
ATOM = {"atom": "http://www.w3.org/2005/Atom"}
FEEDS = ["/ideas/feed.atom", "/questions/feed.atom", "/featured/feed.atom"]
NAUGHTY = [
    "]]><script>alert(1)</script>",
    "&lt;b&gt; & <b>'\"",
    "\x0b\x0c\x1b vertical, form feed, escape",
    "\ufffe\uffff no characters",
    "‮ right to left ‭",
    "🏳️‍🌈 and 𝒳 beyond the first plane",
    "{{ 7 * 7 }} {% raw %}",
    "Ω≈ç√∫˜µ≤≥÷ 田中さんにあげて الإطلاق",
]


def entries(client: FlaskClient, path: str) -> list[ElementTree.Element]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.content_type == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.data).findall("atom:entry", ATOM)


def words(entry: ElementTree.Element, name: str) -> str:
    return entry.findtext(f"atom:{name}", "", ATOM)


def test_the_ideas_feed_tells_of_each_idea_newest_first(client: FlaskClient) -> None:
    make_idea(title="The earlier idea")
    idea = make_idea(
        title="The later idea", by=make_person(display_name="Ama Owusu"), language="es", topics=["batteries"]
    )
    make_question(title="Not an idea")
    newest, older = entries(client, "/ideas/feed.atom")
    assert (words(newest, "title"), words(older, "title")) == ("The later idea", "The earlier idea")
    assert newest.findtext("atom:author/atom:name", "", ATOM) == "Ama Owusu"
    assert newest.get("{http://www.w3.org/XML/1998/namespace}lang") == "es"
    assert words(newest, "id") == f"tag:127.0.0.1,2026:idea/{idea.id}"
    assert words(newest, "summary") == idea.gist
    assert words(newest, "published") == idea.published_at.isoformat()
    link, topic = newest.find("atom:link", ATOM), newest.find("atom:category", ATOM)
    assert link is not None
    assert link.get("href", "").endswith(f"/ideas/{idea.id}/{idea.slug}")
    assert topic is not None
    assert topic.get("term") == "batteries"


def test_the_questions_feed_holds_questions(client: FlaskClient) -> None:
    make_idea()
    make_question(title="Who takes old lamps?")
    assert [words(entry, "title") for entry in entries(client, "/questions/feed.atom")] == ["Who takes old lamps?"]


def test_the_featured_feed_says_why(client: FlaskClient) -> None:
    make_idea()
    feature_idea(make_idea(title="Weigh every box"), by=make_moderator(), reason="it says what failed.")
    (entry,) = entries(client, "/featured/feed.atom")
    assert words(entry, "title") == "Weigh every box"
    assert words(entry, "summary").startswith("Featured because it says what failed. ")


@pytest.mark.parametrize("path", FEEDS)
def test_an_empty_feed_is_a_feed(client: FlaskClient, path: str) -> None:
    assert entries(client, path) == []


@pytest.mark.parametrize("text", NAUGHTY)
def test_whatever_people_write_the_feed_is_valid(client: FlaskClient, text: str) -> None:
    idea = make_idea(title=text, sections={"problem": text}, by=make_person(display_name=text))
    feature_idea(idea, by=make_moderator(), reason=text)
    with transaction():
        idea.gist = text
    for path in ("/ideas/feed.atom", "/featured/feed.atom"):
        (entry,) = entries(client, path)
        visible = "".join(character for character in text if character >= " " and character not in "\ufffe\uffff")
        assert words(entry, "title") == visible
        assert visible in words(entry, "summary")


@pytest.mark.parametrize("path", ["/ideas/feed.atom", "/featured/feed.atom"])
def test_a_feed_holds_only_what_a_guest_may_see(client: FlaskClient, client_for: ClientFor, path: str) -> None:
    member, moderator = make_person(), make_moderator()
    make_idea(by=member, group=make_private_group(member))
    hidden, deleted, seen = make_idea(), make_idea(), make_idea(title="The only one to see")
    for idea in (hidden, deleted, seen):
        feature_idea(idea, by=moderator, reason="it says what failed")
    hide_post(hidden, by=moderator, reason="unsafe")
    delete_post(deleted, by=deleted.author)
    for browser in (client, client_for(member), client_for(moderator)):
        assert [words(entry, "title") for entry in entries(browser, path)] == ["The only one to see"]


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_that_did_not_change_is_not_sent_again(client: FlaskClient, path: str) -> None:
    make_question()
    idea = make_idea()
    feature_idea(idea, by=make_moderator(), reason="it says what failed")
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    make_question()
    feature_idea(make_idea(), by=make_moderator(), reason="it says what failed")
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_reader_that_knows_a_date_alone_is_told_when_an_entry_was_hidden(client: FlaskClient) -> None:
    make_idea(title="The older one")
    newest = make_idea(title="The newest one")
    asked = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert "The newest one" in client.get("/ideas/feed.atom", headers=asked).text
    hide_post(newest, by=make_moderator(), reason="unsafe")
    assert [words(entry, "title") for entry in entries(client, "/ideas/feed.atom")] == ["The older one"]
    assert client.get("/ideas/feed.atom", headers=asked).status_code == 200


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_asks_few_questions(client: FlaskClient, count_queries: list[str], path: str) -> None:
    for _ in range(3):
        make_question()
        feature_idea(make_idea(), by=make_moderator(), reason="it says what failed")
    count_queries.clear()
    client.get(path)
    assert len([statement for statement in count_queries if statement.startswith("SELECT")]) <= 4
