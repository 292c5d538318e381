"""While an idea is written, tags that may fit are offered beside it; a button ticks the box, and nothing else does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PageFor
from tests.browser.world import PROBLEM, World

pytestmark = pytest.mark.browser
TITLE = "Collect phone batteries at a school in Accra"


def test_a_suggested_topic_ticks_its_box_and_the_next_button_has_the_focus(world: World, page_for: PageFor) -> None:
    page = page_for(world.author)
    _write(page)
    expect(_button(page)).to_be_visible()
    expect(page.locator("[data-ticks]").nth(1)).to_be_visible()
    expect(_box(page)).not_to_be_checked()
    _button(page).focus()
    page.keyboard.press("Enter")
    expect(_box(page)).to_be_checked()
    expect(_button(page)).to_have_count(0)
    expect(page.locator("[data-ticks]:focus")).to_have_count(1)
    with page.expect_response("**/matches/draft"):
        pass
    expect(page.locator("[data-ticks]:focus")).to_have_count(1)
    expect(page).to_have_url("/ideas/new")
    expect(page.get_by_label("The problem", exact=True)).to_have_value(PROBLEM)


def test_whoever_is_at_a_tag_that_is_not_offered_any_more_keeps_a_place_in_the_panel(
    world: World, page_for: PageFor
) -> None:
    page = page_for(world.author)
    _write(page)
    _button(page).focus()
    page.route("**/matches/draft", lambda route: route.fulfill(body="<h2 tabindex='-1'>What meets your text</h2>"))
    page.get_by_label("The problem", exact=True).evaluate(
        "field => field.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    expect(page.get_by_role("heading", name="What meets your text")).to_be_focused()


def test_without_scripts_the_button_leads_back_to_the_text_with_the_topic_chosen(
    world: World, page_for: PageFor
) -> None:
    page = page_for(world.author, java_script_enabled=False)
    _write(page)
    page.get_by_role("button", name="See what is similar").click()
    _button(page).click()
    expect(_box(page)).to_be_checked()
    expect(page.get_by_label("The problem", exact=True)).to_have_value(PROBLEM)


def test_a_nugget_is_marked_as_read_in_place(page_for: PageFor, world: World) -> None:
    page = page_for(world.new)
    page.goto("/course/nuggets/m2n1")
    page.evaluate("window.isSamePage = true")
    page.get_by_role("button", name="I have read this").click()
    expect(page.get_by_text("You have read this")).to_be_visible()
    expect(page.get_by_role("button", name="Not read yet")).to_be_focused()
    assert page.evaluate("window.isSamePage")


def _write(page: Page) -> None:
    page.goto("/ideas/new")
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.get_by_label("The problem", exact=True).fill(PROBLEM)


def _button(page: Page) -> Locator:
    return page.get_by_role("button", name="Add topic: Batteries")


def _box(page: Page) -> Locator:
    return page.locator('input[name="topics"][value="batteries"]')
