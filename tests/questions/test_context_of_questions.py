"""What makes a question answerable: where it happens, what was tried, which answer helps, until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import request

from app.database import db, now
from app.forum.queries import post_address
from app.matching.forms import draft_from
from app.questions.commands import revise_question
from app.questions.models import Question
from app.search.queries import subject_texts
from tests.factories import make_person, make_question
from tests.questions.test_asking import asked, only_question

CONTEXT = {
    "place": "The market of Kejetia, Kumasi",
    "tried": "The shop said *no*.",
    "wanted": "experience",
}


def in_days(days: int):
    return now().date() + timedelta(days=days)


def test_the_context_is_kept_and_shown(client_for):
    browser = client_for(make_person())
    assert browser.post("/questions", data=asked(**CONTEXT, needed_by=in_days(9).isoformat())).status_code == 303
    question = only_question()
    assert (question.place, question.wanted, question.needed_by) == (CONTEXT["place"], "experience", in_days(9))
    page = browser.get(post_address(question)).text
    for words in (CONTEXT["place"], "Ghana", "The shop said <em>no</em>.", "Someone who has done it", "Needed by"):
        assert words in page
    assert 'id="question-tried"' in page


def test_nothing_of_it_is_needed(client_for):
    browser = client_for(make_person())
    browser.post("/questions", data=asked())
    question = only_question()
    assert (question.place, question.tried, question.wanted, question.needed_by) == ("", "", "", None)
    page = browser.get(post_address(question)).text
    for words in ("Helps most", "Needed by", "What was tried"):
        assert words not in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("place", "x" * 121, "At most 120 characters"),
        ("tried", "x" * 4001, "At most 4000 characters"),
        ("wanted", "money", "Not a valid choice"),
        ("needed_by", "tomorrow", "Not a valid date"),
        ("needed_by", "2020-01-31", "This day has passed."),
    ],
)
def test_what_cannot_be_comes_back_with_what_was_typed(client_for, field, value, message):
    response = client_for(make_person()).post("/questions", data=asked(**{**CONTEXT, field: value}))
    assert response.status_code == 422
    assert message in response.text
    if field != "wanted":
        assert value in response.text
    assert "We keep **eleven** of them in dry sand." in response.text
    assert db.session.query(Question).count() == 0


def test_a_day_that_has_passed_since_stays_when_the_question_is_revised(client_for):
    question = make_question(needed_by=in_days(-30))
    browser, path = client_for(question.author), f"/questions/{question.id}/revisions"
    data = {"title": "Who takes swollen batteries in Tema?", "language": "en", "seen": 1}
    assert browser.post(path, data={**data, "needed_by": in_days(-31).isoformat()}).status_code == 422
    assert browser.post(path, data={**data, "needed_by": in_days(-30).isoformat()}).status_code == 303
    assert db.session.get(Question, question.id).needed_by == in_days(-30)


def test_the_form_of_a_revision_holds_it_and_the_revision_keeps_it(client_for):
    question = make_question(**CONTEXT, needed_by=in_days(5))
    browser = client_for(question.author)
    form = browser.get(f"/questions/{question.id}/edit").text
    assert f'value="{CONTEXT["place"]}"' in form
    assert f'value="{in_days(5).isoformat()}"' in form
    assert 'value="experience" checked' in form
    assert "The shop said *no*.</textarea>" in form
    revise_question(question, by=question.author, title=question.title, reason="", seen=1)
    assert (question.place, question.tried, question.wanted, question.needed_by) == ("", "", "", None)
    first = browser.get(f"/questions/{question.id}/revisions/1").text
    for words in (CONTEXT["place"], "The shop said <em>no</em>.", "Someone who has done it", in_days(5).isoformat()):
        assert words in first
    second = browser.get(f"/questions/{question.id}/revisions/2").text.split("The whole text of revision 2")[1]
    assert CONTEXT["place"] not in second


def test_what_was_tried_is_a_section_of_the_text_and_the_place_is_found_by_words(app):
    question = make_question(**CONTEXT)
    (text,) = subject_texts("question", [question.id])
    assert list(text.sections) == ["title", "body", "tried"]
    assert text.sections["tried"] == CONTEXT["tried"]
    assert "Kejetia" in text.extra_words


def test_a_draft_of_a_question_is_matched_by_what_was_tried(app):
    with app.test_request_context(method="POST", data={"kind": "question", "tried": "We asked at every shop."}):
        draft = draft_from(request.form, by=make_person())
    assert draft.sections == {"tried": "We asked at every shop."}


def test_the_same_form_sent_twice_is_one_question(client_for):
    browser = client_for(make_person())
    data = asked(**CONTEXT, needed_by=in_days(3).isoformat(), key="a-key-of-this-form")
    assert browser.post("/questions", data=data).location == browser.post("/questions", data=data).location
    assert db.session.query(Question).count() == 1
