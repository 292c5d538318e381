"""Moderators see which ideas lack a role that nobody who can be asked would bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import now
from app.forum.commands import delete_post
from app.ideas.models import Idea
from app.matching.commands import embed_waiting
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question

ClientFor = Callable[[User], FlaskClient]


def lacking(**facts: Any) -> Idea:
    return make_idea(**{"title": "It lacks a recycler", "needed_roles": ["recycler"], "topics": ["batteries"], **facts})


def listed(client_for: ClientFor) -> str:
    answer = client_for(make_moderator()).get("/moderation/needs")
    assert answer.status_code == 200
    return answer.text


def recycler(**facts: Any) -> User:
    return make_person(**{"roles": ["recycler"], "asks_a_week": 3, **facts})


def test_an_idea_is_listed_until_somebody_can_be_asked(client_for: ClientFor) -> None:
    lacking()
    recycler(topics=["solar-panels"])
    recycler(topics=["batteries"], asks_a_week=0)
    recycler(topics=["batteries"], is_for_groups_only=True)
    make_person(topics=["batteries"], asks_a_week=3)
    page = listed(client_for)
    assert "It lacks a recycler" in page
    assert "Recycler &amp; dismantler" in page
    recycler(topics=["batteries"])
    assert "It lacks a recycler" not in listed(client_for)


def test_invented_people_cover_nothing(client_for: ClientFor) -> None:
    group = make_private_group(author := make_person(), fellow := recycler(kind="demo"))
    lacking(), lacking(by=author, group=group, title="It stays in the group")
    recycler(kind="demo", topics=["batteries"])
    page = listed(client_for)
    assert "It lacks a recycler" in page
    assert "It stays in the group" in page
    assert fellow.may_be_asked


def test_who_writes_on_the_topic_knows_it(client_for: ClientFor) -> None:
    lacking(), lacking(title="It is of lamps", topics=["displays-lamps"])
    make_idea(by=recycler(), topics=["batteries"])
    make_answer(make_question(topics=["displays-lamps"]), by=recycler())
    page = listed(client_for)
    assert "It lacks a recycler" not in page
    assert "It is of lamps" not in page


def test_the_author_does_not_cover_their_own_idea_and_without_a_topic_the_role_is_enough(client_for: ClientFor) -> None:
    author = recycler(topics=["batteries"], roles=["teacher"])
    lacking(by=author, needed_roles=["teacher", "recycler"], title="Of a teacher")
    lacking(topics=[], needed_roles=["ngo"], title="It says no topic")
    page = listed(client_for)
    assert "Of a teacher" in page
    assert "It says no topic" in page
    make_person(roles=["ngo"], asks_a_week=1)
    assert "It says no topic" not in listed(client_for)


def test_a_role_that_the_text_calls_for_counts(client_for: ClientFor) -> None:
    sections = {"problem": "Batteries burn in the bin.", "needs": "We look for a nurse or another health worker."}
    lacking(title="It calls for one", needed_roles=[], sections=sections)
    embed_waiting()
    assert "We look for a nurse or another health worker." in listed(client_for)


def test_an_idea_of_a_group_is_covered_by_its_members_alone(client_for: ClientFor) -> None:
    author, fellow = make_person(), make_person()
    recycler(topics=["batteries"])
    lacking(by=author, group=make_private_group(author, fellow), title="Of one class")
    known = make_person()
    lacking(by=known, group=make_private_group(known, recycler()), title="Of another class")
    page = listed(client_for)
    assert "Of one class" in page
    assert "Of another class" not in page


def test_what_is_gone_is_not_listed_and_the_oldest_comes_first(client_for: ClientFor) -> None:
    delete_post(lacking(title="A deleted one"), by=make_moderator())
    lacking(title="The younger one")
    lacking(title="The older one", published_at=now() - timedelta(days=3))
    page = listed(client_for)
    assert "A deleted one" not in page
    assert page.index("The older one") < page.index("The younger one")


def test_thirty_stand_on_a_page(client_for: ClientFor) -> None:
    author = make_person()
    for number in range(31):
        lacking(by=author, title=f"Idea number {number:02} that lacks one")
    page = listed(client_for)
    assert page.count("that lacks one</a>") == 30
    moderator = client_for(make_moderator())
    assert moderator.get("/moderation/needs?page=2").text.count("that lacks one</a>") == 1
    assert moderator.get("/moderation/needs?page=3").status_code == 404


def test_it_is_for_moderators_alone_and_linked_from_their_desk(client: FlaskClient, client_for: ClientFor) -> None:
    assert client.get("/moderation/needs").location.startswith("/sign-in")
    assert client_for(make_person()).get("/moderation/needs").status_code == 403
    assert 'href="/moderation/needs"' in client_for(make_moderator()).get("/moderation").text


def test_it_asks_the_same_for_many(client_for: ClientFor, count_queries: list[str]) -> None:
    moderator = client_for(make_moderator())

    def queries() -> int:
        for _ in range(3):
            lacking()
        moderator.get("/moderation/needs")
        count_queries.clear()
        moderator.get("/moderation/needs")
        return len(count_queries)

    assert queries() == queries()
