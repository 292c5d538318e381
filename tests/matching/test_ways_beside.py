"""In the panel beside the form: join, build on, differ, carry on; each choice stands in one place."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.teams.commands import accept_joining, ask_to_join, decline_joining, leave_idea
from tests.factories import make_idea, make_person, make_private_group
from tests.matching.test_composer import DRAFT
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

pytestmark = pytest.mark.long

ClientFor = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def near(run_jobs: Callable[[], int]) -> Idea:
    """The one idea that meets the draft."""
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})
    idea = make_idea(title="Battery fire drill at school", sections={"problem": NEAR})
    run_jobs()
    return idea


@pytest.fixture
def writer(client_for: ClientFor) -> FlaskClient:
    return client_for(make_person())


def panel(writer: FlaskClient, **typed: str) -> str:
    return str(writer.fragment("/matches/draft", "similar", method="POST", data={**DRAFT, **typed}).text)


def fields(html: str, name: str) -> list[str]:
    """The controls of a name that a browser would send, each as its tag."""
    tags = re.findall(rf'<(?:input|textarea)[^>]* name="{name}"[^>]*>(?:[^<]*</textarea>)?', html)
    return [tag for tag in tags if 'type="radio"' not in tag or " checked" in tag]


def test_each_idea_that_meets_the_text_has_four_ways_on(writer: FlaskClient, near: Idea) -> None:
    html = panel(writer)
    assert re.search(rf'<a class="way" href="/ideas/{near.id}/join" target="_blank" rel="noopener">Join it', html)
    for words in ("Build on it", "Differ", "Carry on"):
        assert words in html
    (way,), (line,) = fields(html, f"way-{near.id}"), fields(html, f"differs-{near.id}")
    assert 'value=""' in way
    assert 'form="idea-form"' in way
    assert 'form="idea-form"' in line


def test_what_was_chosen_in_the_panel_stays_in_it(writer: FlaskClient, near: Idea) -> None:
    html = panel(writer, **{f"way-{near.id}": "differs", f"differs-{near.id}": "In grams"})
    (way,), (line,) = fields(html, f"way-{near.id}"), fields(html, f"differs-{near.id}")
    assert 'value="differs"' in way
    assert ">In grams</textarea>" in line
    assert "ways-rows" not in html


def test_what_stands_in_the_form_is_not_sent_by_the_panel_too(writer: FlaskClient, near: Idea) -> None:
    html = panel(writer, **{f"way-{near.id}": "builds-on", "in-form": str(near.id)})
    assert fields(html, f"way-{near.id}") == []
    assert fields(html, f"differs-{near.id}") == []
    assert '<a href="#ways">' in html
    assert "ways-rows" not in html


@pytest.mark.parametrize("title", ["Zeppelin xylophone quartet", "Bat"])
def test_a_choice_whose_idea_is_shown_no_more_moves_into_the_form(writer: FlaskClient, near: Idea, title: str) -> None:
    html = panel(writer, title=title, problem="", **{f"way-{near.id}": "builds-on"})
    moved = html[html.index('<ul id="ways-rows" hx-swap-oob="beforeend">') :]
    (way,) = fields(moved, f"way-{near.id}")
    assert 'value="builds-on"' in way
    assert "form=" not in way
    assert f'name="in-form" value="{near.id}"' in moved
    assert 'id="ways-rows"' in writer.get("/ideas/new").text
    assert "ways-rows" not in panel(writer, title=title, problem="", **{f"way-{near.id}": ""})


def test_one_cannot_learn_of_an_idea_by_choosing_it(writer: FlaskClient) -> None:
    member = make_person()
    secret = make_idea(by=member, group=make_private_group(member), title="The secret of the class")
    typed = {f"way-{secret.id}": "builds-on"}
    assert "The secret of the class" not in panel(writer, **typed)
    assert "The secret of the class" not in writer.post("/matches/draft", data={**DRAFT, **typed}).text


def test_without_scripts_the_choice_is_made_on_the_page_and_carried_back(writer: FlaskClient, near: Idea) -> None:
    other = make_idea()
    typed = {f"way-{near.id}": "builds-on", f"way-{other.id}": "differs", f"differs-{other.id}": "In grams"}
    html = writer.post("/matches/draft", data={**DRAFT, **typed, "in-form": str(near.id), "back": "/ideas"}).text
    (way,), (line,) = fields(html, f"way-{near.id}"), fields(html, f"differs-{near.id}")
    for control in (way, line):
        assert 'form="back-to-text"' in control
    assert 'value="builds-on"' in way
    (carried,), (its_line,) = fields(html, f"way-{other.id}"), fields(html, f"differs-{other.id}")
    assert 'type="hidden"' in carried
    assert 'value="In grams"' in its_line
    assert fields(html, "in-form") == []
    back = writer.post("/ideas", data={**DRAFT, **typed, "preview": "1"}).text
    assert len(fields(back, f"way-{near.id}")) == 1
    assert len(fields(back, f"way-{other.id}")) == 1


def test_beside_a_question_there_are_no_ways(writer: FlaskClient, near: Idea) -> None:
    question = {"kind": "question", "title": "Where do swollen phone batteries go?", "body": PROBLEM}
    typed = {**question, f"way-{near.id}": "builds-on"}
    html = writer.fragment("/matches/draft", "similar", method="POST", data=typed).text
    assert "Battery fire drill at school" in html
    assert "Build on it" not in html
    assert "ways-rows" not in html


def test_beside_a_published_idea_there_are_no_ways(
    writer: FlaskClient, near: Idea, run_jobs: Callable[[], int]
) -> None:
    idea = make_idea(title="Boxes for swollen batteries", sections={"problem": PROBLEM})
    run_jobs()
    page = writer.get(post_address(idea)).text
    assert re.search(rf'<h3 class="match-title"><a href="{post_address(near)}"', page)
    assert "Build on it" not in page


def test_beside_an_older_idea_one_does_not_choose_a_later_one(client_for: ClientFor, near: Idea) -> None:
    older = make_idea(title=DRAFT["title"], sections={"problem": PROBLEM}, published_at=now() - timedelta(days=9))
    later = make_idea(title=DRAFT["title"], sections={"problem": PROBLEM})
    for idea, has_ways in ((older, False), (later, True)):
        html = panel(client_for(idea.author), post_id=str(idea.id))
        assert "Battery fire drill at school" in html
        assert (len(fields(html, f"way-{near.id}")), len(fields(html, f"differs-{near.id}"))) == (has_ways, has_ways)


@pytest.mark.parametrize("kind", ["imported", "demo"])
def test_an_idea_whose_author_is_not_here_to_answer_is_built_on_but_not_joined(
    writer: FlaskClient, near: Idea, kind: str
) -> None:
    with transaction():
        db.session.get_one(User, near.author_id).kind = kind
    html = panel(writer)
    assert "Build on it" in html
    assert "Join it" not in html


@pytest.mark.parametrize("answer", [accept_joining, decline_joining, None])
def test_who_asked_to_join_is_not_asked_again_to_join_it(
    client_for: ClientFor, near: Idea, answer: Callable[..., None] | None
) -> None:
    person = make_person()
    joining = ask_to_join(near, by=person, line="I have a key.")
    assert "Join it" in panel(client_for(make_person()))
    if answer:
        answer(joining, by=near.author)
    assert "Join it" not in panel(client_for(person))
    leave_idea(near.id, by=person)
    assert ("Join it" in panel(client_for(person))) == (answer is not decline_joining)
