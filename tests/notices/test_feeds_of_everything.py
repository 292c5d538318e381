"""Feeds of lists, topics, posts, people, searches and the log: what guests may read, in the form that RFC 4287 asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.atom import LENGTH
from app.course.models import Resource
from app.database import db, transaction
from app.forum.commands import delete_comment, delete_post, post_comment
from app.forum.models import Post
from app.forum.queries import post_address
from app.moderation.commands import feature_idea, hide_answer, hide_comment, hide_post
from app.questions.commands import delete_answer, revise_answer
from tests.factories import (
    make_answer,
    make_idea,
    make_moderator,
    make_person,
    make_private_group,
    make_question,
    revise,
)
from tests.notices.test_feeds import ATOM, NAUGHTY, entries, words

ClientFor = Callable[[User], FlaskClient]


def titles(client: FlaskClient, path: str) -> list[str]:
    return [words(entry, "title") for entry in entries(client, path)]


def summaries(client: FlaskClient, path: str) -> list[str]:
    return [words(entry, "summary") for entry in entries(client, path)]


def make_resource(**facts: Any) -> None:
    number = db.session.scalar(select(func.count(Resource.id))) or 0
    plain = {"title": "A guide", "publisher": "A school", "summary": "Where cables go.", "year": 2024, "type": "guide"}
    with transaction():
        place = {"key": f"guide-{number}", "position": number, "url": "https://example.org", "module_number": 1}
        db.session.add(Resource(**place, nugget_kind="read", languages=["en"], **{**plain, **facts}))


def feed_of(post: Post) -> str:
    return f"/{post.kind}s/{post.id}/feed.atom"


def require_valid(client: FlaskClient, path: str) -> ElementTree.Element:
    """What RFC 4287 demands of a feed and of its entries, as far as their elements say."""
    response = client.get(path)
    assert response.status_code == 200, path
    assert response.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.data)
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    every = feed.findall("atom:entry", ATOM)
    for element in (feed, *every):
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"atom:{name}", ATOM)
            assert found.text
        assert words(element, "id").startswith("tag:127.0.0.1,2026:")
        for moment in (*element.findall("atom:updated", ATOM), *element.findall("atom:published", ATOM)):
            assert datetime.fromisoformat(moment.text or "").tzinfo is not None
            assert "T" in (moment.text or "")
        alternates = [link for link in element.findall("atom:link", ATOM) if link.get("rel") == "alternate"]
        assert len(alternates) == 1
        assert alternates[0].get("href", "").startswith("http://")
    for entry in every:
        (author,) = entry.findall("atom:author", ATOM)
        assert author.findtext("atom:name", "", ATOM)
        assert len(entry.findall("atom:summary", ATOM)) == 1
    ids = [words(entry, "id") for entry in every]
    assert len(set(ids)) == len(ids)
    (own,) = [link.get("href", "") for link in feed.findall("atom:link", ATOM) if link.get("rel") == "self"]
    assert client.get(own.removeprefix("http://127.0.0.1:8000")).status_code == 200
    return feed


@pytest.fixture
def everything(app, run_jobs: Callable[[], int]) -> list[str]:
    """Something in each kind of feed, with whatever people write in it; the feeds."""
    text = " ".join(NAUGHTY)
    author = make_person(name="ama", display_name=text)
    idea = make_idea(by=author, title=f"kiosk {text}", sections={"problem": text}, topics=["batteries"])
    question = make_question(by=author, title=f"kiosk {text}", body=text, topics=["batteries"])
    answer = make_answer(question, by=author, body=text)
    for post in (idea, question):
        post_comment(post, by=author, body=text)
    post_comment(question, by=author, body=text, answer_id=answer.id)
    revise(idea, reason=text, topics=["batteries"])
    feature_idea(idea, by=make_moderator(), reason=text)
    make_resource(title=text, publisher=text, summary=text)
    run_jobs()
    return [
        "/ideas/feed.atom?topic=batteries",
        "/questions/feed.atom?topic=batteries&sort=unaccepted",
        "/topics/batteries/feed.atom",
        feed_of(idea),
        feed_of(question),
        "/u/ama/feed.atom",
        "/search/feed.atom?q=kiosk",
        "/moderation/log/feed.atom",
        "/featured/feed.atom",
        "/resources/feed.atom",
    ]


def test_every_feed_is_valid_whatever_people_write(client: FlaskClient, everything: list[str]) -> None:
    for path in everything:
        assert require_valid(client, path).findall("atom:entry", ATOM), path


def test_the_feed_of_resources_holds_the_newest_of_the_catalogue_and_is_found_there(client: FlaskClient) -> None:
    for number in range(LENGTH + 1):
        make_resource(title=f"Guide {number}", year=2024 if number else None)
    assert titles(client, "/resources/feed.atom") == [f"Guide {number}" for number in range(LENGTH, 0, -1)]
    assert 'type="application/atom+xml"' in (page := client.get("/resources").text)
    assert page.count('href="/resources/feed.atom"') == 2


def test_every_feed_is_sent_once(client: FlaskClient, everything: list[str]) -> None:
    for path in everything:
        first = client.get(path)
        assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304, path
        assert "Last-Modified" not in first.headers


def test_a_feed_takes_the_filters_of_its_list(client: FlaskClient) -> None:
    make_idea(title="Boxes for batteries", topics=["batteries"], roles=["teacher"], stage="ready", country="GH")
    make_idea(title="Boxes for lamps", topics=["displays-lamps"], roles=["student"])
    for chosen in ("topic=batteries", "role=teacher", "stage=ready", "country=GH", "topic=batteries&role=student"):
        expected = [] if "student" in chosen else ["Boxes for batteries"]
        assert titles(client, f"/ideas/feed.atom?{chosen}") == expected
    assert len(titles(client, "/ideas/feed.atom?topic=nothing&page=2&role=")) == 2
    make_answer(make_question(title="Who answers this?", topics=["batteries"]))
    make_question(title="Does nobody answer this?")
    assert titles(client, "/questions/feed.atom?sort=unanswered") == ["Does nobody answer this?"]
    assert titles(client, "/questions/feed.atom?topic=batteries") == ["Who answers this?"]


def test_the_order_of_the_list_does_not_change_its_feed(client: FlaskClient) -> None:
    older, newer = make_idea(title="The older one"), make_idea(title="The newer one")
    post_comment(older, by=newer.author, body="Which cables?")
    feed = require_valid(client, "/ideas/feed.atom?sort=active")
    assert [words(entry, "title") for entry in feed.findall("atom:entry", ATOM)] == ["The newer one", "The older one"]
    assert words(feed, "id") == "tag:127.0.0.1,2026:/ideas/feed.atom"


def test_a_filtered_feed_is_named_by_its_filters_whatever_their_order(client: FlaskClient) -> None:
    make_idea(topics=["batteries"], roles=["teacher"])
    one, other = (
        require_valid(client, f"/ideas/feed.atom?{chosen}")
        for chosen in ("topic=batteries&role=teacher&sort=new", "page=3&role=teacher&topic=batteries")
    )
    assert words(one, "id") == words(other, "id") != words(require_valid(client, "/ideas/feed.atom"), "id")
    assert "Batteries" in words(one, "title")
    assert "Teacher" in words(one, "title")


def test_a_topic_has_a_feed_of_both_kinds(client: FlaskClient) -> None:
    make_idea(title="Boxes for batteries", topics=["batteries"])
    make_question(title="Who takes batteries?", topics=["batteries"])
    make_idea(title="Boxes for lamps")
    assert titles(client, "/topics/batteries/feed.atom") == ["Who takes batteries?", "Boxes for batteries"]
    assert client.get("/topics/nothing/feed.atom").status_code == 404


def test_the_feed_of_an_idea_tells_of_its_revisions_and_comments(client: FlaskClient) -> None:
    idea = make_idea(title="Boxes for batteries", sections={"problem": "They burn."})
    comment = post_comment(idea, by=make_person(display_name="Amara"), body="**Which** boxes?")
    revise(idea, title="Boxes for all batteries", reason="Added the big ones")
    found = entries(client, feed_of(idea))
    assert [(words(each, "title"), words(each, "summary")) for each in found] == [
        ("Revision 2: Boxes for all batteries", "Added the big ones"),
        ("Comment on: Boxes for all batteries", "Which boxes?"),
        ("Boxes for batteries", "They burn."),
    ]
    links = [each.find("atom:link", ATOM).get("href") for each in found]  # type: ignore[union-attr]
    assert [urljoin(link or "", "#").rsplit("/ideas/")[1].rstrip("#") for link in links] == [
        f"{idea.id}/revisions/2",
        *[f"{idea.id}/{idea.slug}"] * 2,
    ]
    assert (links[1] or "").endswith(f"#comment-{comment.id}")
    assert found[1].findtext("atom:author/atom:name", "", ATOM) == "Amara"


def test_the_feed_of_a_question_tells_of_its_answers_and_their_comments(client: FlaskClient) -> None:
    question = make_question(title="Who takes lamps?", body="I asked.")
    answer = make_answer(question, body="The depot does.")
    post_comment(question, by=make_person(), body="On which day?", answer_id=answer.id)
    assert summaries(client, feed_of(question)) == ["On which day?", "The depot does.", "I asked."]
    before = words(entries(client, feed_of(question))[1], "updated")
    revise_answer(answer, by=answer.author, body="The depot at gate 3 does.", sources=[], reason="", seen=1)
    newest = entries(client, feed_of(question))[0]
    assert words(newest, "summary") == "The depot at gate 3 does."
    assert words(newest, "updated") > before


def test_what_was_taken_away_is_in_no_feed_of_its_post(client: FlaskClient) -> None:
    question, moderator = make_question(body="I asked."), make_moderator()
    hidden, deleted, kept = (make_answer(question, body=text) for text in ("Burn it.", "Sorry.", "The depot."))
    post_comment(question, by=make_person(), body="Really?", answer_id=hidden.id)
    said = [post_comment(question, by=make_person(), body=text) for text in ("Rude.", "Gone.", "Thanks.")]
    hide_answer(hidden, by=moderator, reason="Unsafe.")
    delete_answer(deleted, by=deleted.author)
    hide_comment(said[0], by=moderator, reason="Rude.")
    delete_comment(said[1], by=said[1].author)
    assert summaries(client, feed_of(question)) == ["Thanks.", kept.body, "I asked."]


@pytest.mark.parametrize("make", [make_idea, make_question])
def test_what_a_guest_may_not_see_has_no_feed(
    client: FlaskClient, client_for: ClientFor, make: Callable[..., Post]
) -> None:
    member, moderator = make_person(), make_moderator()
    private = make(by=member, group=make_private_group(member), topics=["batteries"], title="Our private kiosk")
    hidden, deleted = make(topics=["batteries"], title="A hidden kiosk"), make(by=member, title="A deleted kiosk")
    hide_post(hidden, by=moderator, reason="Unsafe.")
    delete_post(deleted, by=member)
    for browser in (client, client_for(member), client_for(moderator)):
        assert [browser.get(feed_of(post)).status_code for post in (private, hidden, deleted)] == [404, 404, 410]
        for path in ("/topics/batteries/feed.atom", f"/u/{member.name}/feed.atom", "/search/feed.atom?q=kiosk"):
            assert titles(browser, path) == []
    assert 'application/atom+xml"' not in client_for(member).get(post_address(private)).text
    assert 'application/atom+xml"' not in client_for(moderator).get(post_address(hidden)).text


def test_a_feed_is_that_of_the_right_kind(client: FlaskClient) -> None:
    idea = make_idea()
    assert client.get(f"/questions/{idea.id}/feed.atom").status_code == 404
    assert client.get("/ideas/999999/feed.atom").status_code == 404


def test_a_person_has_a_feed_of_their_public_posts(client: FlaskClient) -> None:
    person = make_person(name="ama")
    make_idea(title="Boxes for batteries", by=person)
    make_question(title="Who takes batteries?", by=person)
    make_idea(title="By another")
    assert titles(client, "/u/ama/feed.atom") == ["Who takes batteries?", "Boxes for batteries"]
    assert client.get("/u/AMA/feed.atom").location == "/u/ama/feed.atom"
    assert client.get("/u/nobody/feed.atom").status_code == 404


def test_a_search_has_a_feed_of_the_newest_that_it_finds(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    make_idea(title="A kiosk for cables", topics=["batteries"])
    make_person(display_name="Kiosk keeper", asks_a_week=1, offers="I keep a kiosk.")
    make_question(title="Where is the next kiosk?")
    run_jobs()
    assert titles(client, "/search/feed.atom?q=kiosk") == ["Where is the next kiosk?", "A kiosk for cables"]
    assert titles(client, "/search/feed.atom?q=kiosk&topic=batteries") == ["A kiosk for cables"]
    assert titles(client, "/search/feed.atom?q=kiosk&kind=question") == ["Where is the next kiosk?"]
    for nothing in ("", "?q=", "?q=%20"):
        assert client.get(f"/search/feed.atom{nothing}").status_code == 404


def test_the_log_of_moderators_has_a_feed_that_names_nothing_hidden(client: FlaskClient, client_for: ClientFor) -> None:
    member, moderator = make_person(), make_moderator()
    feature_idea(make_idea(title="Weigh every box"), by=moderator, reason="it says what failed.")
    hide_post(make_question(title="How to burn cables?"), by=moderator, reason="Unsafe.")
    private = make_idea(by=member, group=make_private_group(member), title="Our class kiosk")
    hide_post(private, by=moderator, reason="Private reason.")
    for browser in (client, client_for(member), client_for(moderator)):
        assert titles(browser, "/moderation/log/feed.atom") == ["Hid a question", "Featured an idea: Weigh every box"]
        assert summaries(browser, "/moderation/log/feed.atom") == ["Unsafe.", "Because it says what failed."]


@pytest.mark.parametrize(
    ("page", "feeds"),
    [
        ("/", ["/ideas/feed.atom", "/questions/feed.atom", "/featured/feed.atom"]),
        ("/ideas", ["/ideas/feed.atom"]),
        (
            "/ideas?topic=batteries&sort=active&page=1",
            ["/ideas/feed.atom?topic=batteries", "/topics/batteries/feed.atom"],
        ),
        ("/questions?sort=unanswered", ["/questions/feed.atom?sort=unanswered"]),
        ("/featured", ["/featured/feed.atom"]),
        ("/moderation/log", ["/moderation/log/feed.atom"]),
        ("/u/ama", ["/u/ama/feed.atom"]),
        ("/search?q=kiosk&topic=batteries", ["/search/feed.atom?q=kiosk&amp;topic=batteries"]),
        ("/search", []),
        ("/search?q=kiosk&kind=person", []),
        ("/people", []),
    ],
)
def test_a_page_names_its_feeds(client: FlaskClient, page: str, feeds: list[str]) -> None:
    make_idea(by=make_person(name="ama"), topics=["batteries"])
    text = client.get(page).text
    found = [
        line.split('href="')[1].split('"')[0] for line in text.splitlines() if 'type="application/atom+xml"' in line
    ]
    assert found == feeds
    for feed in feeds[:1]:
        assert f'href="{feed}"' in text[text.index("<main") :]
        assert client.get(feed.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("make", [make_idea, make_question])
def test_the_page_of_a_post_names_its_feed(client: FlaskClient, make: Callable[..., Post]) -> None:
    post = make(title="Boxes <b>for</b> “all” & more batteries")
    text = client.get(post_address(post)).text
    assert f'<link rel="alternate" type="application/atom+xml" href="{feed_of(post)}"' in text
    assert f'href="{feed_of(post)}"' in text[text.index("<main") :]


def test_a_choice_of_filters_brings_the_link_to_its_feed(client: FlaskClient) -> None:
    make_idea(topics=["batteries"])
    fragment = client.fragment("/ideas?topic=batteries", "browse").text  # type: ignore[attr-defined]
    assert 'href="/ideas/feed.atom?topic=batteries"' in fragment


def test_feeds_ask_few_questions(client: FlaskClient, count_queries: list[str]) -> None:
    person = make_person(name="ama")
    for _ in range(3):
        question = make_question(by=person, topics=["batteries"])
        make_idea(by=person, topics=["batteries"])
    for _ in range(5):
        post_comment(question, by=make_person(), body="Which?", answer_id=make_answer(question).id)
    paths = [
        feed_of(question),
        "/u/ama/feed.atom",
        "/topics/batteries/feed.atom",
        "/questions/feed.atom?topic=batteries",
    ]
    for path in paths:
        count_queries.clear()
        client.get(path)
        assert len([statement for statement in count_queries if statement.startswith("SELECT")]) <= 6, path
