"""Beside the form ideas stand by what is the same: the problem, the approach, the place, the people."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.matching.commands import embed_waiting
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

ClientFor = Callable[[User], FlaskClient]
APPROACH = "Retired miners repair the pump of the village with parts of an old tractor."
SAME_APPROACH = "The retired miners repair an old tractor with parts of the village pump."
DRAFT = {"kind": "idea", "title": "Boxes for swollen batteries", "problem": PROBLEM}

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def filler(app: object) -> None:
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})


@pytest.fixture
def writer(client_for: ClientFor) -> FlaskClient:
    return client_for(make_person())


def panel_of(writer: FlaskClient, **fields: object) -> str:
    embed_waiting()
    return writer.fragment("/matches/draft", "similar", method="POST", data={**DRAFT, **fields}).text


def groups(writer: FlaskClient, **fields: object) -> dict[str, str]:
    """The sections of the panel by their headings."""
    parts = re.split(r"<section[^>]*><h2[^>]*>", panel_of(writer, **fields))[1:]
    return {re.sub(r"<svg.*?</svg>", "", part.split("</h2>")[0]).strip(): part for part in parts}


def test_an_idea_with_the_same_problem_stands_under_it(writer: FlaskClient) -> None:
    make_idea(title="Battery fire drill at school", sections={"problem": NEAR})
    assert "Battery fire drill at school" in groups(writer)["Same problem"]


def test_it_says_how_many_people_raised_the_problem_ideas_and_questions_alike(writer: FlaskClient) -> None:
    twice = make_person()
    for _ in range(2):
        make_idea(by=twice, title="Battery fire drill at school", sections={"problem": NEAR})
    make_question(title="What about swollen batteries?", body=NEAR)
    assert "2 people raised this problem before you." in panel_of(writer)


def test_a_problem_that_only_questions_raised_is_counted_too(writer: FlaskClient) -> None:
    make_question(title="What about swollen batteries?", body=NEAR)
    assert "1 person raised this problem before you." in panel_of(writer)


def test_beside_an_idea_that_is_edited_only_those_before_it_are_counted(client_for: ClientFor) -> None:
    make_idea(title="Battery fire drill at school", sections={"problem": NEAR})
    author = make_person()
    make_idea(by=author, title="My first battery box", sections={"problem": NEAR})
    own = make_idea(by=author, title="Boxes for swollen batteries", sections={"problem": PROBLEM})
    for number in range(2):
        make_idea(title=f"Later battery box {number}", sections={"problem": NEAR})
    for editor in (own.author, make_moderator()):
        assert "1 person raised this problem before you." in panel_of(client_for(editor), post_id=own.id)


def test_ones_own_ideas_and_private_ones_are_not_counted(client_for: ClientFor) -> None:
    member, own = make_person(), make_person()
    make_idea(title="Battery fire drill at school", sections={"problem": NEAR})
    make_idea(by=own, title="My own battery box", sections={"problem": NEAR})
    make_idea(by=member, group=make_private_group(member), title="Secret battery box", sections={"problem": NEAR})
    shown = panel_of(client_for(own))
    assert "1 person raised this problem before you." in shown
    assert "Secret" not in shown
    assert "2 people raised" in panel_of(client_for(member))


def test_another_problem_solved_in_the_same_way_stands_under_the_approach(writer: FlaskClient) -> None:
    make_idea(title="Water for the upper village", sections={"problem": "Wells are dry.", "approach": SAME_APPROACH})
    found = groups(writer, approach=APPROACH)
    assert "Water for the upper village" in found["Same approach"]
    assert "Same approach" not in groups(writer)


def test_an_idea_stands_once_and_says_what_else_is_the_same(writer: FlaskClient) -> None:
    facts = {"roles": ["teacher"], "country": "GH"}
    make_idea(title="Battery fire drill at school", sections={"problem": NEAR, "approach": SAME_APPROACH}, **facts)
    found = groups(writer, approach=APPROACH, **facts)
    assert "Also the same: approach, place, people" in found["Same problem"]
    assert not {"Same approach", "Same place", "Same people"} & found.keys()


def test_two_schools_are_no_same_place_and_two_in_a_country_are(writer: FlaskClient) -> None:
    place = "A secondary school with four hundred pupils beside the market."
    facts = {"country": "GH", "sections": {"problem": NEAR, "place": place}}
    make_idea(title="Battery fire drill at school", **facts)
    assert "place" not in re.findall("Also the same: (.*?)<", panel_of(writer, place=place, country="KE"))[0]
    assert "place" in re.findall("Also the same: (.*?)<", panel_of(writer, place=place, country="GH"))[0]


def test_a_title_stands_for_the_problem_until_there_is_one(writer: FlaskClient) -> None:
    make_idea(title="Battery fire drill at school", sections={"problem": NEAR})
    assert "Battery fire drill at school" in groups(writer, title=PROBLEM, problem="")["Same problem"]


def test_where_nothing_is_the_same_nothing_is_said_of_a_problem(writer: FlaskClient) -> None:
    found = groups(writer, title="Zeppelin xylophone quartet", problem="Nobody plays the xylophone well enough.")
    assert "Same problem" not in found
