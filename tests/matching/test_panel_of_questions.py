"""Beside a question being written stand those asked already, answered ones first."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db
from app.matching.commands import embed_waiting
from app.questions.commands import accept_answer, close_question
from app.questions.models import Question
from tests.factories import make_answer, make_idea, make_person, make_private_group, make_question
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

ClientFor = Callable[[User], FlaskClient]
DRAFT = {"kind": "question", "title": "Where do swollen phone batteries go?", "body": PROBLEM}

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def asked_before(app: object) -> None:
    """One that waits and is nearest, one with an answer, one with an accepted answer."""
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})
    make_question(title="Where do swollen phone batteries go?", body=PROBLEM)
    make_answer(make_question(title="What about swollen batteries, answered?", body=NEAR))
    accepted = make_question(title="What about swollen batteries, accepted?", body=NEAR)
    accept_answer(make_answer(accepted), by=accepted.author)
    embed_waiting()


def panel(browser: FlaskClient, **changes: str) -> str:
    return browser.fragment("/matches/draft", "similar", method="POST", data={**DRAFT, **changes}).text


def questions_in(page: str) -> list[str]:
    """Each entry of the list of questions."""
    section = page[page.index('aria-labelledby="related-questions"') :]
    return re.findall(r'<li class="match".*?</h3>', section[: section.index("</section>")], re.DOTALL)


def test_accepted_ones_come_first_then_answered_ones_then_those_that_wait(client_for: ClientFor) -> None:
    accepted, answered, waiting = questions_in(panel(client_for(make_person())))
    assert "accepted?" in accepted
    assert "</svg>Answered</span>" in accepted
    assert "answered?" in answered
    assert "1 answer</span>" in answered
    assert "Where do swollen phone batteries go?" in waiting
    assert "Answered" not in waiting


def test_closed_ones_say_so_and_come_last(client_for: ClientFor) -> None:
    accepted = db.session.query(Question).filter(Question.accepted_answer_id.is_not(None)).one()
    close_question(accepted, by=accepted.author, closing="outdated")
    *others, last = questions_in(panel(client_for(make_person())))
    assert "accepted?" in last
    assert "Question, closed" in last
    assert not any("Question, closed" in each for each in others)


def test_they_stand_before_everything_else(client_for: ClientFor) -> None:
    make_idea(title="Battery fire drill at school", sections={"problem": NEAR})
    embed_waiting()
    shown = panel(client_for(make_person()))
    assert shown.index("Asked already") < shown.index("Battery fire drill at school")


def test_beside_an_idea_the_nearest_question_comes_first(client_for: ClientFor) -> None:
    shown = panel(client_for(make_person()), kind="idea", problem=PROBLEM)
    assert "Where do swollen phone batteries go?" in questions_in(shown)[0]
    assert "Asked already" not in shown
    assert "Answered</span>" not in shown


def test_what_a_private_group_asks_is_shown_to_its_members_alone(client_for: ClientFor) -> None:
    member, reader = make_person(), make_person()
    group = make_private_group(member, reader)
    make_question(by=member, group=group, title="What does our group ask?", body=PROBLEM)
    embed_waiting()
    assert "What does our group ask?" not in panel(client_for(make_person()))
    assert "What does our group ask?" in panel(client_for(reader))


def test_who_writes_in_another_language_than_the_chosen_one_is_told(client_for: ClientFor) -> None:
    browser = client_for(make_person())
    body = "Nous avons douze batteries gonflées dans un carton et personne ne veut les prendre. Où les porter ?"
    assert "This reads like French" in panel(browser, title="Où vont les batteries ?", body=body, language="en")
    assert "This reads like" not in panel(browser, title="Où vont les batteries ?", body=body, language="fr")
    assert "This reads like" not in panel(browser, title="Kwame Nkrumah batteries", body="", language="en")
