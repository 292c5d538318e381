"""What a person is shown on their own desk, and why: nothing is claimed that was not compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.matching.commands import embed_waiting
from tests.factories import make_idea, make_person, make_question
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

ClientFor = Callable[[User], FlaskClient]
CLAIMS = ("Alike in meaning", "Worth a look", "Related", "Close", "Both speak of")


@pytest.fixture(autouse=True)
def other_ideas(run_jobs: Callable[[], int]) -> None:
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})


def test_someone_who_only_stated_a_role_is_told_that_it_is_needed_and_nothing_else(
    client_for: ClientFor, run_jobs: Callable[[], int]
) -> None:
    make_idea(title="A kiosk that needs a recycler", needed_roles=["recycler"])
    run_jobs()
    shown = for_you(client_for(make_person(roles=["recycler"])))
    assert "A kiosk that needs a recycler" in shown
    assert "Needs your role: Recycler" in shown
    assert [claim for claim in CLAIMS if claim in shown] == []


def test_an_idea_whose_text_calls_for_ones_role_says_so(client_for: ClientFor) -> None:
    sections = {"problem": "Nobody opens the kiosk.", "needs": "We look for a recycler within an hour."}
    make_idea(title="A kiosk that calls for one", sections=sections)
    embed_waiting()
    shown = for_you(client_for(make_person(roles=["recycler"])))
    assert "A kiosk that calls for one" in shown
    assert "Needs your role: Recycler" in shown


def test_a_question_put_to_ones_role_says_so(client_for: ClientFor, run_jobs: Callable[[], int]) -> None:
    make_question(title="Where do cracked tubes go?", roles=["recycler"])
    run_jobs()
    shown = for_you(client_for(make_person(roles=["recycler"])))
    assert "Asks your role: Recycler" in shown
    assert [claim for claim in CLAIMS if claim in shown] == []


def test_a_question_on_ones_topic_says_which(client_for: ClientFor, run_jobs: Callable[[], int]) -> None:
    make_question(title="Where do cracked tubes go?", topics=["batteries"])
    run_jobs()
    shown = for_you(client_for(make_person(topics=["batteries"])))
    assert "Same topic: Batteries" in shown
    assert [claim for claim in CLAIMS if claim in shown] == []


def test_what_meets_ones_own_texts_says_in_what(client_for: ClientFor, run_jobs: Callable[[], int]) -> None:
    person = make_person(roles=["recycler"])
    make_idea(by=person, title="Safe boxes for swollen batteries", sections={"problem": PROBLEM})
    make_idea(title="Battery fire drill at school", sections={"problem": NEAR}, needed_roles=["recycler"])
    run_jobs()
    shown = for_you(client_for(person))
    assert "Needs your role: Recycler &amp; dismantler; both speak of" in shown
    assert any(strength in shown for strength in ("Close", "Related", "Worth a look"))


def for_you(browser: FlaskClient) -> str:
    """The lists of a desk, without their headings."""
    desk = browser.get("/").text
    return desk[desk.index("for-you-ideas") : desk.index("followed-title")]


def test_someone_who_says_nothing_of_themselves_is_matched_by_what_they_write(client_for: ClientFor) -> None:
    person = make_person(roles=["recycler"])
    make_idea(title="A kiosk that needs a recycler", needed_roles=["recycler"])
    embed_waiting()
    make_idea(by=person, sections={"problem": PROBLEM})
    embed_waiting()
    assert "A kiosk that needs a recycler" in for_you(client_for(person))
