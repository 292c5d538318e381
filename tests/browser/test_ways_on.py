"""Beside the form, someone chooses how to go on from ideas that meet theirs; the choice is published with the text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PageFor
from tests.browser.world import PROBLEM, World

pytestmark = pytest.mark.browser
TITLE = "Collect phone batteries at a school in Accra"
LINE = "Ours are weighed in front of the class."
HOW = "How yours differs, in one line"


def test_what_is_chosen_beside_the_form_is_published_with_it(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for)
    first, second = _title(page, 0), _title(page, 1)
    _way(page, first, "Build on it").check()
    _way(page, second, "Differ").check()
    _match(page, second).get_by_label(HOW).fill(LINE)
    with page.expect_response("**/matches/draft"):
        page.get_by_label("The problem", exact=True).fill(PROBLEM)
    expect(_way(page, first, "Build on it")).to_be_checked()
    expect(_match(page, second).get_by_label(HOW)).to_have_value(LINE)
    page.get_by_role("button", name="Publish", exact=True).click()
    _expect_lineage(page, first, second)


def test_a_panel_that_was_made_before_a_choice_shows_the_choice(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for)
    problem = page.get_by_label("The problem", exact=True)
    with page.expect_response("**/matches/draft") as made_before:
        problem.fill(PROBLEM)
    late = f'{made_before.value.text()}<p id="late"></p>'
    page.route("**/matches/draft", lambda route: route.fulfill(content_type="text/html", body=late))
    title = _title(page, 0)
    _way(page, title, "Differ").check()
    _match(page, title).get_by_label(HOW).fill(LINE)
    problem.fill(f"{PROBLEM} It burns.")
    expect(page.locator("#late")).to_be_attached()
    expect(_way(page, title, "Differ")).to_be_checked()
    expect(_match(page, title).get_by_label(HOW)).to_have_value(LINE)


def test_without_scripts_the_same_choice_comes_back_with_the_text(world: World, page_for: PageFor) -> None:
    page = page_for(world.author, java_script_enabled=False)
    page.goto("/ideas/new")
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.get_by_label("The problem", exact=True).fill(PROBLEM)
    page.get_by_role("button", name="See what is similar").click()
    first, second = _title(page, 0), _title(page, 1)
    _way(page, first, "Build on it").check()
    _way(page, second, "Differ").check()
    _match(page, second).get_by_label(HOW).fill(LINE)
    page.get_by_role("button", name="Back to my text").last.click()
    form = page.get_by_role("group", name="Where this comes from")
    expect(form.get_by_role("link", name=first)).to_be_visible()
    expect(form.get_by_label(HOW).locator("visible=true")).to_have_value(LINE)
    page.get_by_role("button", name="Publish", exact=True).click()
    _expect_lineage(page, first, second)


def test_the_line_is_asked_for_only_where_one_differs(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for)
    title = _title(page, 0)
    line = _match(page, title).get_by_label(HOW)
    expect(line).to_be_hidden()
    _way(page, title, "Carry on").focus()
    page.keyboard.press("ArrowLeft")
    expect(_way(page, title, "Differ")).to_be_checked()
    expect(line).to_be_visible()
    page.keyboard.press("Tab")
    expect(line).to_be_focused()
    page.keyboard.type("Ours are weighed.")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/ideas/new$"))  # nothing is sent
    expect(line).to_be_focused()


def test_a_choice_on_a_narrow_screen_leaves_the_page_where_it_is(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for, viewport={"width": 375, "height": 800})
    title = _title(page, 1)
    way = _way(page, title, "Differ")
    way.scroll_into_view_if_needed()
    before = way.bounding_box()
    with page.expect_response("**/matches/draft"):
        way.check()
    page.wait_for_timeout(500)
    after = _way(page, title, "Differ").bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) < 200


def test_a_choice_moves_into_the_form_when_its_idea_is_shown_no_more(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for)
    title = _title(page, 0)
    form = page.get_by_role("group", name="Where this comes from")
    expect(form).to_be_hidden()
    _way(page, title, "Differ").check()
    _match(page, title).get_by_label(HOW).fill(LINE)
    page.get_by_label("Title", exact=True).fill("Zeppelin xylophone quartet")
    expect(form.get_by_role("link", name=title)).to_be_visible()
    expect(form.get_by_label(HOW)).to_have_value(LINE)
    page.get_by_label("Title", exact=True).fill(TITLE)
    expect(_match(page, title).get_by_role("link", name="Your choice for this idea is in your form")).to_be_visible()
    assert page.locator("#idea-form").evaluate("form => new FormData(form).getAll('in-form').length") == 1


def test_what_is_typed_while_the_panel_is_on_its_way_is_not_lost(
    world: World, page_for: PageFor, complaints: list[str]
) -> None:
    page = _writing(world, page_for)
    title = _title(page, 0)
    _way(page, title, "Differ").check()
    page.route("**/matches/draft", lambda _route: None)  # the answer never comes
    with page.expect_request("**/matches/draft"):
        page.get_by_label("Title", exact=True).fill(f"{TITLE} every Friday")
    with page.expect_event("requestfailed"):
        _match(page, title).get_by_label(HOW).press_sequentially(LINE)
    expect(_match(page, title).get_by_label(HOW)).to_have_value(LINE)
    complaints.clear()  # that a request was given up is said on the console


def _writing(world: World, page_for: PageFor, **options: Any) -> Page:
    page = page_for(world.author, **options)
    page.goto("/ideas/new")
    page.get_by_label("Title", exact=True).fill(TITLE)
    expect(page.locator("#similar .ways").nth(1)).to_be_visible()
    return page


def _title(page: Page, number: int) -> str:
    return page.locator("#similar .match:has(.ways) .match-title a").nth(number).inner_text()


def _match(page: Page, title: str) -> Locator:
    link = page.locator(".match-title").get_by_role("link", name=title, exact=True)
    return page.locator("#similar .match").filter(has=link)


def _way(page: Page, title: str, name: str) -> Locator:
    return _match(page, title).get_by_role("radio", name=name)


def _expect_lineage(page: Page, base: str, other: str) -> None:
    lineage = page.locator(".lineage")
    expect(lineage.locator("div", has_text="Builds on").get_by_role("link", name=base)).to_be_visible()
    differs = lineage.locator("div", has_text="Differs from")
    expect(differs.get_by_role("link", name=other)).to_be_visible()
    expect(differs).to_contain_text(LINE)
