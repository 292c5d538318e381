"""Mute a post, a topic or a person, and hear nothing of it, whatever is followed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.follows.commands import follow, mute
from app.follows.models import Mute
from app.follows.queries import counts_of, followers_of_new, muting
from app.forum.commands import follow as follow_post
from app.forum.commands import post_comment
from app.forum.models import Follow
from app.forum.queries import post_address
from app.journal.models import JournalEntry
from app.lineage.commands import accept_merge, propose_merge
from app.taxonomy.queries import topics_named
from tests.factories import make_idea, make_person, make_private_group, make_question

ClientFor = Callable[[User], FlaskClient]


@pytest.mark.parametrize("make", [make_idea, make_question])
def test_a_post_is_muted_on_its_page_even_ones_own(client_for: ClientFor, make: Callable[..., object]) -> None:
    person = make_person()
    post = make(by=person)
    client, page = client_for(person), post_address(post)  # type: ignore[arg-type]
    assert 'id="mute-button" type="submit" aria-pressed="false"' in client.get(page).text
    for _ in range(2):
        muted = client.post(f"/posts/{post.id}/mute", data={"next": page}, follow_redirects=True).text  # type: ignore[attr-defined]
    assert "Muted: you hear nothing of it, and follow it no more." in muted
    assert 'id="mute-button" type="submit" aria-pressed="true"' in muted
    assert 'id="follow-button" type="submit" aria-pressed="false"' in muted
    assert muting([person.id], post_id=post.id, by_id=None) == {person.id}  # type: ignore[attr-defined]
    db.session.rollback()
    assert client.post(f"/posts/{post.id}/mute/withdrawal", data={"next": page}).location == page  # type: ignore[attr-defined]
    assert db.session.scalars(select(Mute)).all() == []
    done = select(JournalEntry.action, JournalEntry.post_id).where(JournalEntry.action.in_(("muted", "unmuted")))
    assert sorted(db.session.execute(done).all()) == [("muted", post.id), ("unmuted", post.id)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["post", "topic", "person"])
def test_to_mute_ends_to_follow_and_the_other_way_round(app, kind: str) -> None:
    person, (topic,) = make_person(), topics_named(["batteries"])
    subject, act = {"post": (make_idea(), follow_post), "topic": (topic, follow), "person": (make_person(), follow)}[
        kind
    ]
    for _ in range(2):
        act(subject, by=person)
        mute(subject, by=person)
    counts = counts_of(person)
    assert (counts["posts"] + counts["topics"] + counts["people"], counts["muted"]) == (0, 1)
    act(subject, by=person)
    counts = counts_of(person)
    assert (counts["posts"] + counts["topics"] + counts["people"], counts["muted"]) == (1, 0)
    done = select(JournalEntry.action).where(JournalEntry.by_id == person.id).order_by(JournalEntry.id)
    assert db.session.scalars(done).all()[1:4] == [f"{kind}_followed", f"{kind}_unfollowed", "muted"]


def test_whoever_mutes_an_idea_does_not_come_to_follow_it_by_what_happens_there(app) -> None:
    idea, into, person = make_idea(), make_idea(), make_person()
    follow_post(idea, by=person)
    mute(into, by=person)
    post_comment(into, by=person, body="One word, and then no more.")
    merge = propose_merge(idea, into=into, by=idea.author, line="They say the same.")
    accept_merge(merge, by=into.author)
    assert db.session.get(Follow, (into.id, person.id)) is None
    assert muting([person.id], post_id=into.id, by_id=None) == {person.id}


def test_guests_and_strangers_cannot_mute(client: FlaskClient, client_for: ClientFor) -> None:
    member = make_person()
    private = make_idea(by=member, group=make_private_group(member))
    assert client.post(f"/posts/{private.id}/mute").location.startswith("/sign-in")
    assert 'id="mute"' not in client.get(post_address(make_idea())).text
    for wrong in (f"/posts/{private.id}", "/posts/0", "/posts/99999999999999999999", "/posts/x"):
        assert client_for(make_person()).post(f"{wrong}/mute").status_code == 404
    assert client_for(member).post(f"/posts/{private.id}/mute").status_code == 303


def test_nothing_that_a_muted_person_does_reaches_one(app) -> None:
    person, loud = make_person(), make_person()
    mute(loud, by=person)
    for topic in topics_named(["batteries"]):
        follow(topic, by=person)
    assert followers_of_new(make_idea(by=loud, topics=["batteries"])) == {}
    assert muting([person.id, loud.id], post_id=make_idea().id, by_id=loud.id) == {person.id}
    follow(loud, by=person)
    assert followers_of_new(make_idea(by=loud)) == {person.id: ("follows_person", loud.display_name)}


def test_what_a_muted_person_wrote_stays_to_be_read(client_for: ClientFor) -> None:
    idea, loud, person = make_idea(), make_person(), make_person()
    post_comment(idea, by=loud, body="I have a box to spare.")
    mute(loud, by=person)
    assert "I have a box to spare." in client_for(person).get(post_address(idea)).text


def test_a_muted_topic_keeps_away_what_is_followed_and_nothing_else(app) -> None:
    (batteries,) = topics_named(["batteries"])
    person, author = make_person(), make_person()
    follow(author, by=person)
    mute(batteries, by=person)
    idea = make_idea(by=author, topics=["batteries", "repair-reuse"])
    assert followers_of_new(idea) == {}
    assert muting([person.id], post_id=idea.id, by_id=author.id) == set()
    assert muting([person.id], post_id=idea.id, by_id=author.id, is_followed_news=True) == {person.id}
    assert followers_of_new(make_idea(by=author, topics=["repair-reuse"])) != {}


def test_nobody_is_muting_where_nobody_is_asked_of(app, count_queries: list[str]) -> None:
    idea = make_idea()
    number = idea.id
    count_queries.clear()
    assert muting([], post_id=number, by_id=None) == set()
    assert count_queries == []
    muting(range(500), post_id=number, by_id=1, is_followed_news=True)
    assert len(count_queries) <= 2


def test_a_muted_post_is_not_on_the_desk(client_for: ClientFor) -> None:
    person, idea = make_person(), make_idea(title="A kiosk that takes cables")
    follow_post(idea, by=person)
    mute(idea, by=person)
    desk = client_for(person).get("/").text
    assert idea.title not in desk[desk.index("followed-title") : desk.index("new-title")]
