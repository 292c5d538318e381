"""What an answer rests on: lines that are typed with it, and links that are safe to follow."""

from __future__ import annotations

import pytest

from app.database import db
from app.questions.models import Answer
from tests.factories import make_answer, make_person, make_question

BODY = "A carrier with a *permit* may bring them."
ADDRESS = "https://www.who.int/news-room/fact-sheets/detail/electronic-waste-(e-waste)"


def post(browser, question, sources):
    return browser.post(f"/questions/{question.id}/answers", data={"body": BODY, "sources": sources})


def test_sources_are_kept_one_a_line_and_shown_under_the_answer(client_for, client):
    question = make_question()
    typed = f"{ADDRESS}\r\n\r\n  I did it myself at the depot.  \r\n"
    assert post(client_for(make_person()), question, typed).status_code == 303
    assert db.session.query(Answer).one().sources == [ADDRESS, "I did it myself at the depot."]
    page = client.get(f"/questions/{question.id}/{question.slug}").text
    assert f'<li dir="auto"><a href="{ADDRESS}" rel="nofollow ugc noopener">{ADDRESS}</a></li>' in page
    assert '<li dir="auto">I did it myself at the depot.</li>' in page


def test_an_answer_needs_no_source(client_for, client):
    question = make_question()
    client_for(make_person()).post(f"/questions/{question.id}/answers", data={"body": BODY})
    assert db.session.query(Answer).one().sources == []
    assert 'class="sources"' not in client.get(f"/questions/{question.id}/{question.slug}").text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("https://who.int/ see page 3", "https://who.int/ see page 3 is not a web address."),
        ("HTTP://ama@example.org", "HTTP://ama@example.org is not a web address."),
        ("http://", "http:// is not a web address."),
        ("x" * 301, "At most 300 characters on each line"),
        ("\n".join("abcdef"), "At most 5 lines"),
    ],
)
def test_sources_of_the_wrong_shape_come_back_with_what_was_typed(client_for, typed, message):
    response = post(client_for(make_person()), make_question(), typed)
    assert response.status_code == 422
    assert message in response.text
    assert f"{typed}</textarea>" in response.text
    assert 'href="#sources"' in response.text
    assert db.session.query(Answer).count() == 0


@pytest.mark.parametrize("line", ["javascript:alert(1)", "<script>alert(1)</script>", "www.example.org", "ftp://a.org"])
def test_a_line_that_is_no_web_address_is_never_a_link(client_for, client, line):
    question = make_question()
    post(client_for(make_person()), question, line)
    page = client.get(f"/questions/{question.id}/{question.slug}").text
    assert "nofollow ugc" not in page
    assert "<script>alert" not in page
    assert 'class="sources"' in page


def test_what_a_command_stored_is_a_link_only_if_it_is_safe(client):
    answer = make_answer(sources=["javascript:alert(1)"])
    page = client.get(f"/questions/{answer.question_id}/{answer.question.slug}").text
    assert 'href="javascript' not in page
