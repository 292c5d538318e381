"""The tabs of the list: which questions stand in which, for whom, with what counts."""

from __future__ import annotations

import pytest

from app.expertise.commands import add_field
from app.questions.commands import accept_answer, close_question, have_too
from app.taxonomy.queries import topics_named
from tests.factories import make_answer, make_person, make_private_group, make_question
from tests.questions.test_question_list import count_of, titles


def tab(browser, sort: str) -> list[str]:
    return sorted(title[0] for title in titles(browser.get(f"/questions?sort={sort}").text))


@pytest.fixture
def reader(app):
    return make_person(topics=["batteries"])


@pytest.fixture
def questions(reader):
    """One in each state; `f` is asked by the reader, who has `b` too."""
    accepted = make_question(title="a: accepted, who takes them?", topics=["batteries"])
    accept_answer(make_answer(accepted), by=accepted.author)
    answered = make_question(title="b: answered, who takes them?", topics=["batteries"])
    make_answer(answered)
    make_question(title="c: open, who takes these?", topics=["batteries"])
    make_question(title="d: open, on another topic?", topics=["health"])
    closed = make_question(title="e: closed, who takes them?", topics=["batteries"])
    close_question(closed, by=closed.author, closing="solved")
    make_question(title="f: my own, who takes them?", by=reader, topics=["health"])
    closed_answered = make_question(title="g: closed with an answer?", topics=["batteries"])
    make_answer(closed_answered)
    close_question(closed_answered, by=closed_answered.author, closing="solved")
    have_too(answered, by=reader)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("new", "abcdefg"),
        ("active", "abcdefg"),
        ("unanswered", "cdf"),
        ("unaccepted", "b"),
        ("fields", "abc"),
        ("mine", "bf"),
    ],
)
@pytest.mark.usefixtures("questions")
def test_each_tab_has_its_questions(client_for, reader, sort, expected):
    browser = client_for(reader)
    assert "".join(tab(browser, sort)) == expected
    assert f'href="/questions{"" if sort == "new" else f"?sort={sort}"}" aria-current="page"' in (
        browser.get(f"/questions?sort={sort}").text
    )


@pytest.mark.usefixtures("questions")
def test_counts_follow_the_tab(client_for, reader):
    browser = client_for(reader)
    page = browser.get("/questions?sort=mine").text
    assert (count_of(page, "topic", "batteries"), count_of(page, "topic", "health")) == (1, 1)
    page = browser.get("/questions?sort=unaccepted").text
    assert (count_of(page, "topic", "batteries"), count_of(page, "topic", "health")) == (1, None)
    assert "1 question<" in page


@pytest.mark.usefixtures("questions")
def test_a_guest_has_no_tabs_of_their_own(client):
    page = client.get("/questions?sort=fields").text
    for name in ("In my fields", "Mine"):
        assert name not in page
    assert "Unaccepted" in page
    assert 'href="/questions" aria-current="page">Newest' in page
    assert len(titles(page)) == len(titles(client.get("/questions?sort=mine").text)) == 7


@pytest.mark.usefixtures("questions")
def test_a_closed_question_says_so_in_the_list(client):
    assert client.get("/questions").text.count("</svg>Closed</p>") == 2


def test_ones_fields_list_what_one_could_answer(client_for, reader):
    make_question(title="Asked by the reader?", by=reader, topics=["batteries"])
    make_answer(make_question(title="Answered by the reader?", topics=["batteries"]), by=reader)
    make_question(title="Waits for the reader?", topics=["batteries"])
    assert titles(client_for(reader).get("/questions?sort=fields").text) == ["Waits for the reader?"]


def test_whoever_has_no_fields_is_told_to_add_some(client_for):
    make_question(topics=["batteries"])
    page = client_for(make_person()).get("/questions?sort=fields").text
    assert "You have no fields yet" in page
    assert 'href="/me/fields">Add your fields' in page


@pytest.mark.parametrize(
    ("sort", "words"),
    [
        ("fields", "No open question in your fields"),
        ("mine", "No question is yours yet"),
        ("unaccepted", "No answer waits to be accepted"),
        ("unanswered", "Every question has an answer"),
    ],
)
def test_an_empty_tab_says_why(client_for, reader, sort, words):
    assert words in client_for(reader).get(f"/questions?sort={sort}").text


def test_what_a_private_group_asks_is_in_no_tab_of_a_stranger(client_for, reader):
    member = make_person()
    make_question(by=member, group=make_private_group(member), topics=["batteries"], title="p: our private matter?")
    for sort in ("new", "unanswered", "unaccepted", "fields", "mine", "active"):
        assert tab(client_for(reader), sort) == []


@pytest.mark.usefixtures("questions")
@pytest.mark.parametrize("sort", ["fields", "mine"])
def test_a_tab_takes_at_most_eight_queries(client_for, reader, count_queries, sort):
    browser = client_for(reader)
    browser.get("/questions")
    count_queries.clear()
    browser.get(f"/questions?sort={sort}")
    assert len([each for each in count_queries if each.startswith("SELECT")]) <= 8


def test_whoever_has_fields_without_choosing_topics_is_not_told_to_add_some(client_for):
    person = make_person()
    add_field(topics_named(["batteries"])[0], by=person, level="well")
    page = client_for(person).get("/questions?sort=fields").text
    assert "No open question in your fields" in page
    assert "You have no fields yet" not in page
