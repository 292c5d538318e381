"""Topics and roles are suggested from the text beside the form, with a reason, and never applied by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db
from app.forum.models import post_role, post_topic
from app.matching.commands import embed_waiting
from app.matching.encoding import Encoding
from app.matching.suggesting import ROLES, TOPICS
from tests.factories import make_idea, make_person, make_private_group
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

DRAFT = {"kind": "idea", "title": "Boxes for swollen batteries", "problem": PROBLEM}
OFFERED = re.compile(r'name="(topics|roles)" value="([a-z_-]+)" data-ticks')


@pytest.fixture(autouse=True)
def ideas(app: Flask) -> None:
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})
    for number in range(2):
        facts = {"topics": ["batteries"], "roles": ["teacher"], "title": f"Battery fire drill at school {number}"}
        make_idea(sections={"problem": NEAR}, **facts)
    embed_waiting()


@pytest.fixture
def writer(client_for: Callable[[User], FlaskClient]) -> FlaskClient:
    return client_for(make_person())


def panel_for(writer: FlaskClient, **fields: object) -> str:
    return writer.fragment("/matches/draft", "similar", method="POST", data={**DRAFT, **fields}).text


def offered(panel: str) -> set[tuple[str, str]]:
    return set(OFFERED.findall(panel))


def test_what_close_ideas_carry_is_offered_with_the_reason(writer: FlaskClient) -> None:
    panel = panel_for(writer)
    assert {("topics", "batteries"), ("roles", "teacher")} <= offered(panel)
    assert "Add topic: Batteries" in panel
    assert "Add role: Teacher" in panel
    assert "2 close ideas carry it" in panel
    assert "your text names it" in panel


def test_there_are_few_of_them(writer: FlaskClient) -> None:
    fields = [field for field, _ in offered(panel_for(writer))]
    assert 0 < fields.count("topics") <= TOPICS
    assert 0 < fields.count("roles") <= ROLES


def test_what_the_form_has_already_is_not_offered(writer: FlaskClient) -> None:
    shown = offered(panel_for(writer, topics=["batteries"], roles=["teacher"]))
    assert not shown & {("topics", "batteries"), ("roles", "teacher")}


def test_no_topic_is_offered_beyond_six(writer: FlaskClient) -> None:
    six = ["climate", "education", "gender", "health", "children", "finance"]
    assert "topics" not in {field for field, _ in offered(panel_for(writer, topics=six))}


def test_a_text_on_another_subject_is_offered_nothing(writer: FlaskClient) -> None:
    assert offered(panel_for(writer, title="Zeppelin xylophone quartet", problem="Quartets of zeppelins.")) == set()


def test_without_scripts_a_button_leads_back_to_the_text_with_the_topic_chosen(writer: FlaskClient) -> None:
    page = writer.post("/matches/draft", data={**DRAFT, "back": "/ideas", "topics": ["education"]}).text
    form = page[page.index('<form id="back-to-text"') : page.index("</form>", page.index('id="back-to-text"'))]
    assert 'action="/ideas"' in form
    sent = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    button = re.search(r'<button[^>]*form="back-to-text" name="topics" value="batteries"', page)
    assert button
    fields: dict[str, list[str]] = {"topics": ["batteries"]}
    for name, value in sent:
        fields.setdefault(name, []).append(value)
    composer = writer.post("/ideas", data=fields).text
    for topic in ("batteries", "education"):
        assert re.search(rf'name="topics" value="{topic}" checked', composer)
    assert PROBLEM in composer


def test_nothing_is_applied_by_itself(writer: FlaskClient) -> None:
    panel_for(writer)
    composer = writer.post("/ideas", data={**DRAFT, "preview": "1", "language": "en"}).text
    assert not re.search(r'name="(?:topics|roles)" value="[^"]*" checked', composer)
    tags = [db.session.scalar(select(func.count()).select_from(table)) for table in (post_topic, post_role)]
    answer = writer.post("/ideas", data={**DRAFT, "language": "en", "group": "challenge"})
    assert answer.status_code in (303, 422)
    assert [db.session.scalar(select(func.count()).select_from(table)) for table in (post_topic, post_role)] == tags


def test_what_is_written_in_private_suggests_nothing_to_outsiders(
    writer: FlaskClient, client_for: Callable[[User], FlaskClient]
) -> None:
    member = make_person()
    group = make_private_group(member)
    for number in range(3):
        facts = {"topics": ["gender"], "title": f"Swollen batteries in our class {number}"}
        make_idea(by=member, group=group, sections={"problem": PROBLEM}, **facts)
    embed_waiting()
    assert ("topics", "gender") in offered(panel_for(client_for(member)))
    assert ("topics", "gender") not in offered(panel_for(writer))


def test_while_the_encoder_is_being_loaded_nothing_is_suggested(
    writer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Encoding, "is_warm", False)
    assert offered(panel_for(writer)) == set()


def test_a_question_is_not_told_which_tags_to_carry(writer: FlaskClient) -> None:
    assert offered(panel_for(writer, kind="question", body=PROBLEM)) == set()
