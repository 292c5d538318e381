"""Who hears of a new post, and because of what: only who may see it, and each once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.accounts.models import User
from app.database import db
from app.follows.commands import follow, save_search
from app.follows.queries import followers_of_new
from app.forum.commands import delete_post
from app.moderation.commands import hide_post
from app.search.queries import SearchFilters
from app.taxonomy.queries import topics_named
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question


def follow_topic(topic_id: str, *, by: User) -> None:
    follow(topics_named([topic_id])[0], by=by)


def keep(asked: str, *, by: User, name: str = "mine", is_told: bool = True, **filters: str) -> None:
    save_search(by=by, name=name, asked=asked, filters=SearchFilters(**filters), is_told=is_told)


def test_followers_of_the_author_of_a_topic_and_of_a_search_hear_of_it(app) -> None:
    author, fan, reader, searcher, other = (make_person() for _ in range(5))
    follow(author, by=fan)
    follow_topic("batteries", by=reader)
    keep("kiosks", by=searcher, name="Kiosks near me")
    follow(fan, by=other)
    follow_topic("repair-reuse", by=other)
    keep("fridges", by=other)
    idea = make_idea(by=author, title="A kiosk that takes cables", topics=["batteries"])
    topic = topics_named(["batteries"])[0].name
    assert followers_of_new(idea) == {
        fan.id: ("follows_person", author.display_name),
        reader.id: ("follows_topic", topic),
        searcher.id: ("follows_search", "Kiosks near me"),
    }


def test_each_hears_once_for_the_nearest_reason(app) -> None:
    author, person = make_person(), make_person()
    for topic in ("batteries", "repair-reuse"):
        follow_topic(topic, by=person)
    keep("kiosk", by=person)
    idea = make_idea(by=author, title="A kiosk that takes cables", topics=["batteries", "repair-reuse"])
    first = min(topics_named(["batteries", "repair-reuse"]), key=lambda topic: topic.position)
    assert followers_of_new(idea) == {person.id: ("follows_topic", first.name)}
    follow(author, by=person)
    assert followers_of_new(idea)[person.id][0] == "follows_person"


def test_the_author_hears_nothing_of_their_own_post(app) -> None:
    author = make_person()
    follow_topic("batteries", by=author)
    keep("kiosk", by=author)
    assert followers_of_new(make_idea(by=author, title="A kiosk that takes cables", topics=["batteries"])) == {}


@pytest.mark.parametrize("reason", ["person", "topic", "search"])
def test_of_a_private_post_only_those_hear_who_may_see_it(app, reason: str) -> None:
    author, member, stranger, moderator = make_person(), make_person(), make_person(), make_moderator()
    for person in (member, stranger, moderator):
        if reason == "person":
            follow(author, by=person)
        elif reason == "topic":
            follow_topic("batteries", by=person)
        else:
            keep("kiosk", by=person)
    group = make_private_group(author, member)
    idea = make_idea(by=author, group=group, title="A kiosk that takes cables", topics=["batteries"])
    assert set(followers_of_new(idea)) == {member.id, moderator.id}


@pytest.mark.parametrize("is_hidden", [True, False])
def test_what_was_taken_away_meanwhile_is_no_news(app, is_hidden: bool) -> None:
    person, moderator, idea = make_person(), make_moderator(), make_idea(topics=["batteries"])
    for each in (person, moderator):
        follow(idea.author, by=each)
        follow_topic("batteries", by=each)
        keep("battery", by=each)
    if is_hidden:
        hide_post(idea, by=moderator, reason="Unsafe.")
    else:
        delete_post(idea, by=idea.author)
    assert followers_of_new(idea) == {}


@pytest.mark.parametrize(
    ("asked", "filters", "is_found"),
    [
        ("kiosk", {}, True),
        ("KIOSKS for cables", {}, True),
        ("kiosk fridge", {}, False),
        ("kiosk", {"kind": "idea"}, True),
        ("kiosk", {"kind": "question"}, False),
        ("kiosk", {"topic": "batteries"}, True),
        ("kiosk", {"topic": "repair-reuse"}, False),
        ("kiosk", {"role": "recycler"}, True),
        ("kiosk", {"role": "teacher"}, True),
        ("kiosk", {"role": "student"}, False),
        ("kiosk", {"language": "en"}, True),
        ("kiosk", {"language": "es"}, False),
        ("cab", {}, False),
        ('"quoted" OR AND NOT *', {}, False),
    ],
)
def test_a_search_finds_a_post_that_has_all_of_its_words_and_fits_its_filters(
    app, asked: str, filters: dict[str, str], is_found: bool
) -> None:
    person = make_person()
    keep(asked, by=person, **filters)
    tags = {"topics": ["batteries"], "roles": ["recycler"], "needed_roles": ["teacher"]}
    idea = make_idea(title="A kiosk that takes cables", **tags)
    assert (person.id in followers_of_new(idea)) is is_found


def test_a_search_finds_a_question_by_its_text(app) -> None:
    person = make_person()
    keep("lamps mercury", by=person)
    question = make_question(title="Who takes broken lamps?", body="They hold mercury, I read.")
    assert set(followers_of_new(question)) == {person.id}


def test_a_search_that_is_muted_or_only_kept_tells_nothing(app) -> None:
    person = make_person()
    keep("kiosk", by=person, is_told=False)
    assert followers_of_new(make_idea(title="A kiosk that takes cables")) == {}


@pytest.mark.parametrize("kept_by", [1, 200])
def test_however_many_searches_are_kept_few_questions_are_asked(app, count_queries: list[str], kept_by: int) -> None:
    for number in range(kept_by):
        keep(f"kiosk number{number}", by=make_person())
    finder = make_person()
    keep("kiosk cables", by=finder)
    idea = make_idea(title="A kiosk that takes cables")
    db.session.refresh(idea)
    count_queries.clear()
    assert set(followers_of_new(idea)) == {finder.id}
    assert len([each for each in count_queries if not each.startswith(("BEGIN", "SET"))]) <= 20


def test_followers_are_found_before_the_worker_put_the_post_into_the_index(app, run_jobs: Callable[[], int]) -> None:
    person = make_person()
    keep("kiosk", by=person)
    idea = make_idea(title="A kiosk that takes cables")
    before = followers_of_new(idea)
    run_jobs()
    assert followers_of_new(idea) == before == {person.id: ("follows_search", "mine")}
