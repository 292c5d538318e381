"""The list of questions: tabs, facets with counts, pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.database import db, now, transaction
from app.forum.commands import delete_post
from app.questions.commands import accept_answer
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question


def titles(page: str) -> list[str]:
    return re.findall(r'<h2 class="row-title"><a [^>]*>([^<]*)</a>', page)


def count_of(page: str, facet: str, value: str) -> int | None:
    """The number beside a check box."""
    box = re.search(rf'name="{facet}" value="{value}".*?<span class="count">(\d+)</span>', page, re.DOTALL)
    return int(box[1]) if box else None


def days_ago(days: float):
    return now() - timedelta(days=days)


def test_the_newest_question_comes_first(client):
    for days in (2, 1, 3):
        make_question(title=f"Who knows this for {days} days now?", published_at=days_ago(days))
    assert titles(client.get("/questions").text) == [f"Who knows this for {days} days now?" for days in (1, 2, 3)]


def test_rows_say_what_became_of_a_question(client):
    answered, discussed = make_question(), make_question()
    accept_answer(make_answer(answered), by=answered.author)
    make_answer(discussed)
    make_answer(discussed)
    make_question()
    page = client.get("/questions").text
    assert "Answered" in page
    assert "<b>2</b> answers" in page
    assert "No answer yet" in page


def test_the_unanswered_ones_have_a_tab(client):
    make_answer(make_question(title="Who answered this one first?"))
    make_question(title="Who can answer this one now?")
    page = client.get("/questions?sort=unanswered").text
    assert titles(page) == ["Who can answer this one now?"]
    assert 'href="/questions?sort=unanswered" aria-current="page"' in page
    assert "1 question<" in page


def test_the_active_tab_brings_back_what_is_talked_about(client):
    old = make_question(title="What was asked long ago here?", published_at=days_ago(9))
    make_question(title="What was asked only yesterday?", published_at=days_ago(1))
    assert titles(client.get("/questions?sort=active").text)[0] == "What was asked only yesterday?"
    make_answer(old)
    assert titles(client.get("/questions?sort=active").text)[0] == "What was asked long ago here?"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("role=recycler", "ab"),
        ("role=recycler&role=teacher", "abc"),
        ("topic=batteries", "ac"),
        ("role=recycler&topic=batteries", "a"),
        ("country=GH", "a"),
        ("language=es", "b"),
        ("country=GH&language=es", ""),
        ("role=nobody&colour=red", "abc"),
        ("country=&sort=strange", "abc"),
    ],
)
def test_facets_narrow_and_values_of_one_facet_widen(client, query, expected):
    make_question(title="a: who takes batteries?", roles=["recycler"], topics=["batteries"], country="GH")
    make_question(title="b: ¿quién paga el flete?", roles=["recycler"], topics=["finance"], language="es")
    make_question(title="c: who teaches about cells?", roles=["teacher"], topics=["batteries"])
    page = client.get(f"/questions?{query}").text
    assert "".join(sorted(title[0] for title in titles(page))) == expected
    assert f"{len(expected)} question" in page


def test_counts_respect_the_other_facets(client):
    make_question(roles=["recycler"], topics=["batteries"])
    make_question(roles=["recycler"], topics=["health"])
    make_question(roles=["teacher"], topics=["health"])
    make_answer(make_question(roles=["teacher"], topics=["health"]))
    page = client.get("/questions?topic=health").text
    assert (count_of(page, "role", "recycler"), count_of(page, "role", "teacher")) == (1, 2)
    assert (count_of(page, "topic", "batteries"), count_of(page, "topic", "health")) == (1, 3)
    page = client.get("/questions?topic=health&sort=unanswered").text
    assert count_of(page, "role", "teacher") == 1
    assert 'value="health" id="topic-health" checked' in page


def test_a_filter_can_be_taken_off_alone(client):
    make_question(roles=["recycler"], topics=["batteries"])
    page = client.get("/questions?role=recycler&topic=batteries&sort=unanswered").text
    assert 'href="/questions?sort=unanswered&amp;topic=batteries">Recycler' in page
    assert 'href="/questions?sort=unanswered">Clear filters' in page


def test_filters_without_result_say_so(client):
    make_question(topics=["batteries"], country="GH")
    page = client.get("/questions?topic=batteries&country=FR").text
    assert "No question has all of these" in page
    assert "Clear filters" in page


def test_an_empty_list_invites_to_ask(client):
    assert "Nobody has asked anything yet" in client.get("/questions").text
    make_answer()
    assert "Every question has an answer" in client.get("/questions?sort=unanswered").text


def test_what_cannot_be_seen_is_neither_listed_nor_counted(client, client_for):
    member = make_person()
    make_question(by=member, group=make_private_group(member), title="Who knows our private matter?", topics=["health"])
    gone = make_question(title="Who knows what was deleted?", topics=["health"])
    delete_post(gone, by=gone.author)
    hidden = make_question(title="Who knows what was hidden?", topics=["health"])
    with transaction():
        hidden.hidden_at = now()
    for browser in (client, client_for(make_person())):
        page = browser.get("/questions").text
        assert titles(page) == []
        assert count_of(page, "topic", "health") is None
        assert "0 questions" in page
    inside = client_for(member).get("/questions").text
    assert titles(inside) == ["Who knows our private matter?"]
    assert count_of(inside, "topic", "health") == 1
    assert titles(client_for(make_moderator()).get("/questions").text)[0] == "Who knows what was hidden?"


def test_long_lists_have_pages_and_filters_stay(client):
    asker = make_person()
    for _ in range(26):
        make_question(by=asker, topics=["health"])
    first = client.get("/questions?topic=health").text
    assert len(titles(first)) == 25
    assert 'href="/questions?topic=health&amp;page=2" rel="next"' in first
    assert len(titles(client.get("/questions?topic=health&page=2").text)) == 1


@pytest.mark.parametrize("number", ["0", "3", "abc", "-1", "9999", "%C2%B2"])
def test_a_page_that_cannot_be_is_not_found(client, number):
    make_question()
    assert client.get(f"/questions?page={number}").status_code == 404


def test_with_scripts_a_filter_brings_the_list_and_the_counts(client):
    make_question(topics=["health"])
    fragment = client.fragment("/questions?topic=health", "browse").text
    assert fragment.lstrip().startswith('<div class="with-facets" id="browse">')
    assert titles(fragment)
    assert "<h1" not in fragment


def test_the_list_takes_at_most_eight_queries(client_for, count_queries):
    for _ in range(4):
        make_answer(make_question(roles=["recycler"], topics=["health"], country="GH"))
    browser = client_for(make_person())
    db.session.rollback()
    count_queries.clear()
    browser.get("/questions?role=recycler&topic=health&country=GH&language=en&sort=active")
    assert len([each for each in count_queries if each.startswith("SELECT")]) <= 8
