"""Nothing that someone typed is lost: not with the tab, the connection, the server or the session."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Error, Locator, Page, expect
from sqlalchemy import delete, func, select

from app.accounts.models import UserSession
from app.database import db, transaction
from app.drafts.models import Draft
from app.drafts.queries import IS_UNSENT
from app.forum.commands import delete_post
from app.forum.models import Post
from app.forum.queries import post_address
from tests.browser.conftest import PageFor, _session_cookie
from tests.factories import make_answer, make_idea, make_person, make_question

pytestmark = pytest.mark.browser
TITLE = "Battery boxes behind the school of Ho"
PROBLEM = "Pupils throw phone batteries into the classroom bin."
SAVED = re.compile(r"^Draft saved \d")
AWAY = re.compile("^Not saved: no connection, trying again")
OUT = re.compile("^Not saved: you are signed out")

HURRY = """
const setTimer = window.setTimeout;
window.setTimeout = (act, wait = 0, ...facts) => setTimer(act, wait < 1000 ? wait : wait / 8, ...facts);
"""


@pytest.fixture
def page_for(page_for: PageFor) -> PageFor:
    """A browser in which whoever waits for seconds waits for an eighth of them: forms are saved after three."""

    def open_browser(person_id: int | None = None, **options: Any) -> Page:
        page = page_for(person_id, **options)
        page.context.add_init_script(HURRY)
        return page

    return open_browser


def status(page: Page, form: str = "#idea-form") -> Locator:
    return page.locator(f"{form} [data-says]")


def type_an_idea(page: Page, problem: str = PROBLEM) -> None:
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.get_by_label("The problem").fill(problem)


def continue_the_offer(page: Page) -> None:
    page.locator("[data-offers]").get_by_role("link", name=re.compile("^Continue")).first.click()


def expect_the_idea(page: Page, problem: str = PROBLEM) -> None:
    expect(page.get_by_label("Title", exact=True)).to_have_value(TITLE)
    expect(page.get_by_label("The problem")).to_have_value(problem)


def crash(page: Page) -> None:
    """Kill the process that shows the page, as a full memory would."""
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")


def sign_out_everywhere(person_id: int) -> None:
    with transaction(is_shown=False):
        db.session.execute(delete(UserSession).where(UserSession.user_id == person_id))


def sign_in(page: Page, site: Flask, person_id: int, base_url: str) -> None:
    page.context.add_cookies([{"name": "commons", "value": _session_cookie(site, person_id), "url": base_url}])


def drafts_of(person_id: int) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Draft.person_id == person_id, IS_UNSENT)) or 0


def test_the_text_of_a_killed_tab_is_there_when_the_form_is_opened_again(page_for: PageFor) -> None:
    page = page_for(make_person().id)
    page.goto("/ideas/new")
    type_an_idea(page)
    page.get_by_label("Teacher").first.check()
    page.locator("summary", has_text="What we would do").click()
    page.get_by_label("What we would do").fill("A box at each gate.")
    expect(status(page)).to_have_text(SAVED)
    expect(status(page)).to_have_role("status")
    crash(page)
    page = page.context.new_page()
    page.goto("/ideas/new")
    expect(page.locator("[data-offers] time")).to_have_text(re.compile(r"^from \d"))
    continue_the_offer(page)
    expect_the_idea(page)
    expect(page.get_by_label("What we would do")).to_have_value("A box at each gate.")
    expect(page.get_by_label("Teacher").first).to_be_checked()
    expect(status(page)).to_have_text(SAVED)


def test_what_was_typed_a_moment_before_the_tab_was_killed_is_there_too(page_for: PageFor) -> None:
    page = page_for(make_person().id)
    page.goto("/ideas/new")
    type_an_idea(page)
    expect(status(page)).to_have_text(SAVED)
    page.get_by_label("The problem").fill(f"{PROBLEM} And then they burn.")
    crash(page)
    page = page.context.new_page()
    page.goto("/ideas/new")
    continue_the_offer(page)
    expect_the_idea(page, f"{PROBLEM} And then they burn.")


def test_leaving_saves_at_once_and_another_device_finds_it(page_for: PageFor) -> None:
    person_id = make_person().id
    page = page_for(person_id)
    page.goto("/ideas/new")
    type_an_idea(page)
    page.goto("/about")
    other = page_for(person_id)
    other.goto("/drafts")
    expect(other.locator(".row-title")).to_have_text(TITLE)
    other.goto("/ideas/new")
    continue_the_offer(other)
    expect_the_idea(other)


def test_a_server_that_is_away_costs_no_text(page_for: PageFor, complaints: list[str]) -> None:
    person_id = make_person().id
    page = page_for(person_id)
    page.goto("/ideas/new")
    for path in ("**/drafts", "**/ideas"):
        page.route(path, lambda route: route.fulfill(status=503, body="Back in a moment"))
    type_an_idea(page)
    expect(status(page)).to_have_text(AWAY)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Back in a moment")).to_be_visible()
    page.unroute_all()
    assert drafts_of(person_id) == 0
    page.goto("/ideas/new")
    continue_the_offer(page)
    expect_the_idea(page)
    complaints.clear()


def test_saving_goes_on_when_the_connection_is_back(page_for: PageFor) -> None:
    page = page_for(make_person().id)
    page.goto("/ideas/new")
    page.route("**/drafts", lambda route: route.abort())
    type_an_idea(page)
    expect(status(page)).to_have_text(AWAY)
    page.unroute_all()
    expect(status(page)).to_have_text(SAVED)


def test_the_text_of_an_expired_session_is_offered_to_the_same_person_alone(
    site: Flask, base_url: str, page_for: PageFor, complaints: list[str]
) -> None:
    person_id, other_id = make_person().id, make_person().id
    page = page_for(person_id)
    page.goto("/ideas/new")
    sign_out_everywhere(person_id)
    type_an_idea(page)
    expect(status(page)).to_have_text(OUT)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Signed out in the meantime")).to_be_visible()
    expect(page.locator("textarea", has_text=PROBLEM)).to_be_visible()
    sign_in(page, site, other_id, base_url)
    page.goto("/ideas/new")
    page.goto("/drafts")
    expect(page.get_by_role("heading", name="No drafts")).to_be_visible()
    sign_in(page, site, person_id, base_url)
    page.goto("/ideas/new")
    continue_the_offer(page)
    expect_the_idea(page)
    assert drafts_of(other_id) == 0
    complaints.clear()


def test_a_form_goes_on_when_its_writer_signed_in_again_in_another_tab(
    site: Flask, base_url: str, page_for: PageFor, complaints: list[str]
) -> None:
    person_id = make_person().id
    page = page_for(person_id)
    page.goto("/ideas/new")
    sign_out_everywhere(person_id)
    type_an_idea(page)
    expect(page.locator("[data-draft]").get_by_role("link", name="Sign in in a new tab")).to_be_visible()
    page.get_by_role("button", name="Preview").first.click()
    expect(page.locator("#flashes")).to_contain_text("your text stays here")
    sign_in(page, site, person_id, base_url)
    expect(status(page)).to_have_text(SAVED)
    expect(page.locator("#flashes .notice")).to_have_count(0)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert drafts_of(person_id) == 0
    complaints.clear()


def test_an_older_tab_asks_before_its_text_takes_the_place_of_a_newer_one(
    page_for: PageFor, complaints: list[str]
) -> None:
    page = page_for(make_person().id)
    page.goto("/ideas/new")
    type_an_idea(page)
    expect(status(page)).to_have_text(SAVED)
    other = page.context.new_page()
    other.goto("/ideas/new")
    continue_the_offer(other)
    with other.expect_response("**/drafts"):
        other.get_by_label("The problem").fill("The second tab says more of it.")
    page.get_by_label("The problem").fill("The first tab goes on.")
    notice = page.locator("[data-draft] .notice")
    expect(notice).to_contain_text("a newer text, from another tab or device")
    notice.get_by_role("button", name="Save this text as the newest").click()
    expect(status(page)).to_have_text(SAVED)
    expect(notice).to_have_count(0)
    other.goto("/drafts")
    other.locator(".row-title a").first.click()
    expect(other.get_by_text("The first tab goes on.")).to_be_visible()
    other.get_by_role("link", name=re.compile("^Version")).first.click()
    expect(other.get_by_text("The second tab says more of it.")).to_be_visible()
    complaints.clear()


def test_what_is_published_is_offered_no_more(page_for: PageFor) -> None:
    person_id = make_person().id
    page = page_for(person_id)
    page.goto("/ideas/new")
    type_an_idea(page)
    page.get_by_label("Title", exact=True).fill("Short")
    expect(status(page)).to_have_text(SAVED)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("Title", exact=True).fill(TITLE)
    expect(status(page)).to_have_text(SAVED)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft '))") == []
    page.goto("/ideas/new")
    expect(page.locator("[data-offers] .notice")).to_have_count(0)
    assert drafts_of(person_id) == 0
    assert db.session.scalar(select(func.count()).where(Post.author_id == person_id)) == 1


def test_what_is_typed_on_after_it_was_published_elsewhere_is_a_draft_of_its_own(
    page_for: PageFor, complaints: list[str]
) -> None:
    person_id = make_person().id
    page, other = page_for(person_id), page_for(person_id)
    page.goto("/ideas/new")
    type_an_idea(page)
    expect(status(page)).to_have_text(SAVED)
    other.goto("/ideas/new")
    continue_the_offer(other)
    expect_the_idea(other)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    with other.expect_response(lambda answer: answer.url.endswith("/drafts") and answer.ok):
        other.get_by_label("The problem").fill("The other tab says more of it.")
    assert drafts_of(person_id) == 1
    other.get_by_role("button", name="Publish").click()
    expect(other.get_by_text("The other tab says more of it.")).to_be_visible()
    assert drafts_of(person_id) == 0
    complaints.clear()


def test_whoever_starts_afresh_keeps_the_draft(page_for: PageFor) -> None:
    person_id = make_person().id
    page = page_for(person_id)
    page.goto("/ideas/new")
    type_an_idea(page)
    expect(status(page)).to_have_text(SAVED)
    page.goto("/ideas/new")
    page.get_by_role("link", name="Leave it for now").click()
    expect(page.locator("[data-offers] .notice")).to_have_count(0)
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
    page.get_by_label("Title", exact=True).fill("Another idea altogether")
    expect(status(page)).to_have_text(SAVED)
    assert drafts_of(person_id) == 2


def test_answers_and_comments_are_kept_and_given_up_when_posted(page_for: PageFor) -> None:
    person_id = make_person().id
    question = make_question()
    make_answer(question)
    idea = make_idea()
    page = page_for(person_id)
    page.goto(post_address(question))
    page.get_by_label("Your answer", exact=True).fill("The depot at gate two takes them on Fridays.")
    expect(status(page, "#answers > form")).to_have_text(SAVED)
    page.reload()
    continue_the_offer(page)
    expect(page.get_by_label("Your answer", exact=True)).to_have_value("The depot at gate two takes them on Fridays.")
    page.get_by_role("button", name="Publish the answer").click()
    expect(page.locator(".answer")).to_have_count(2)
    expect(page.get_by_label("Your answer", exact=True)).to_have_value("")
    assert drafts_of(person_id) == 0
    page.goto(post_address(idea))
    page.get_by_label("Your comment").fill("I can empty them.")
    expect(status(page, "#comments > form")).to_have_text(SAVED)
    page.reload()
    continue_the_offer(page)
    expect(page.get_by_label("Your comment")).to_have_value("I can empty them.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".comment")).to_have_count(1)
    assert drafts_of(person_id) == 0
    page.reload()
    expect(page.locator("[data-offers] .notice")).to_have_count(0)


def test_a_comment_on_what_was_deleted_meanwhile_is_found_among_the_drafts(
    page_for: PageFor, complaints: list[str]
) -> None:
    idea = make_idea()
    page = page_for(make_person().id)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/drafts") else None)
    page.goto(post_address(idea))
    delete_post(idea, by=idea.author)
    page.get_by_label("Your comment").fill("I can empty the boxes every Friday.")
    expect(status(page, "#comments > form")).to_have_text(re.compile(r"^Draft saved \d.*not there any more"))
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("#flashes")).to_contain_text("deleted")
    page.wait_for_timeout(1000)
    assert len(asked) <= 3
    page.goto("/drafts")
    expect(page.get_by_text("I can empty the boxes every Friday.").first).to_be_visible()
    complaints.clear()


def test_without_scripts_a_button_saves_and_the_form_offers_the_draft(page_for: PageFor) -> None:
    page = page_for(make_person().id, java_script_enabled=False)
    page.goto("/ideas/new")
    type_an_idea(page)
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("Your draft is saved. Only you can read it.")).to_be_visible()
    expect_the_idea(page)
    page.goto("/ideas/new")
    continue_the_offer(page)
    expect_the_idea(page)
