"""The panel beside the form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db
from app.forum.models import Post
from app.matching.models import Passage
from tests.factories import make_idea, make_person
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

pytestmark = pytest.mark.long

DRAFT = {"kind": "idea", "title": "Boxes for swollen batteries", "problem": PROBLEM}


@pytest.fixture(autouse=True)
def ideas(run_jobs: Callable[[], int]) -> None:
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})
    make_idea(title="Battery fire drill at school", sections={"problem": NEAR})
    run_jobs()


@pytest.fixture
def writer(client_for: Callable[[User], FlaskClient]) -> FlaskClient:
    return client_for(make_person())


def test_while_writing_the_near_ideas_appear_with_a_reason(writer: FlaskClient) -> None:
    panel = writer.fragment("/matches/draft", "similar", method="POST", data=DRAFT)
    assert panel.status_code == 200
    assert "<html" not in panel.text
    assert "Battery fire drill at school" in panel.text
    assert NEAR in panel.text


def test_with_the_panel_comes_how_much_is_in_it(writer: FlaskClient) -> None:
    panel = writer.fragment("/matches/draft", "similar", method="POST", data=DRAFT).text
    bar = panel[panel.index('id="meets"') :]
    assert 'hx-swap-oob="true"' in bar
    assert '<a href="#similar">' in bar
    assert "1 idea meets your text" in bar


@pytest.mark.parametrize("title", ["Bat", "Zeppelin xylophone quartet"])
def test_where_nothing_meets_a_text_nothing_is_counted(writer: FlaskClient, title: str) -> None:
    panel = writer.fragment("/matches/draft", "similar", method="POST", data={"kind": "idea", "title": title}).text
    bar = panel[panel.index('id="meets"') :]
    assert bar.startswith('id="meets" hx-swap-oob="true" hidden></p>')


@pytest.mark.parametrize("page", ["/ideas/new", "/questions/new"])
def test_before_anything_is_written_there_is_a_place_for_the_count(writer: FlaskClient, page: str) -> None:
    assert 'id="meets" hx-swap-oob="true" hidden></p>' in writer.get(page).text


def test_without_script_a_page_shows_the_same_and_leads_back_to_the_text(writer: FlaskClient) -> None:
    page = writer.post("/matches/draft", data=DRAFT)
    assert "Battery fire drill at school" in page.text
    assert f'value="{PROBLEM}"' in page.text


def test_a_question_being_written_is_matched_too(writer: FlaskClient) -> None:
    draft = {"kind": "question", "title": "Where do swollen phone batteries go?", "body": PROBLEM}
    assert "Battery fire drill at school" in writer.post("/matches/draft", data=draft).text


def test_a_few_characters_are_not_enough(writer: FlaskClient) -> None:
    panel = writer.fragment("/matches/draft", "similar", method="POST", data={"kind": "idea", "title": "Bat"})
    assert "Write a few words" in panel.text


@pytest.mark.parametrize("title", ["...........", "12345678901234", "🔋🔋🔋🔋🔋🔋🔋🔋🔋🔋🔋", "the and of to in it is"])
def test_text_without_a_telling_word_finds_nothing_and_breaks_nothing(writer: FlaskClient, title: str) -> None:
    assert writer.fragment("/matches/draft", "similar", method="POST", data={"title": title}).status_code == 200


def test_nothing_of_a_draft_is_kept(writer: FlaskClient) -> None:
    def rows() -> tuple[int | None, ...]:
        return tuple(db.session.scalar(select(func.count()).select_from(model)) for model in (Post, Passage))

    before = rows()
    writer.post("/matches/draft", data=DRAFT)
    assert rows() == before


def test_a_guest_is_asked_to_sign_in_and_keeps_the_text(client: FlaskClient) -> None:
    answer = client.post("/matches/draft", data=DRAFT)
    assert answer.status_code == 401
    assert DRAFT["problem"] in answer.text
