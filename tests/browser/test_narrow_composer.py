"""On a phone the panel of matches stands far below the fields: a bar at the foot of the screen says what is in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PageFor
from tests.browser.world import World

pytestmark = pytest.mark.browser
TITLE = "Collect phone batteries at a school in Accra"
PHONE = {"width": 375, "height": 667}
COVERED = """() => {
  const field = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector("#meets").getBoundingClientRect();
  return document.activeElement !== document.body && !document.activeElement.closest("#meets")
    && bar.top < innerHeight && field.top >= bar.top - 1 && field.bottom <= bar.bottom + 1;
}"""


def test_while_writing_a_bar_says_what_meets_the_text_and_leads_there(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for)
    expect(_bar(page)).to_be_in_viewport(ratio=1)
    expect(_bar(page)).to_contain_text("meet your text")
    _bar(page).get_by_role("link").click()
    expect(page.locator("#similar h2").first).to_be_in_viewport()


def test_the_bar_follows_the_text(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for)
    page.get_by_label("Title", exact=True).fill("")
    expect(_bar(page)).to_be_hidden()
    page.get_by_label("Title", exact=True).fill(TITLE)
    expect(_bar(page)).to_be_visible()


def test_a_question_being_written_has_the_bar_too(world: World, page_for: PageFor) -> None:
    page = page_for(world.author, viewport=PHONE)
    page.goto("/questions/new")
    page.get_by_label("Your question", exact=True).press_sequentially(TITLE)
    expect(_bar(page)).to_be_in_viewport(ratio=1)


def test_on_a_wide_screen_the_panel_is_beside_the_text_and_there_is_no_bar(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for, width=1280)
    expect(page.locator("#similar .match").first).to_be_in_viewport()
    expect(_bar(page)).to_be_hidden()


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_the_bar_never_covers_what_has_the_focus(world: World, page_for: PageFor, locale: str) -> None:
    page = _writing(world, page_for, width=320, locale=locale)
    covered = []
    for _ in range(90):
        page.keyboard.press("Tab")
        if page.evaluate(COVERED):
            covered.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert covered == []
    for _ in range(90):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(COVERED):
            covered.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert covered == []


def test_a_field_at_the_foot_of_the_screen_is_not_covered_when_the_bar_comes(world: World, page_for: PageFor) -> None:
    page = page_for(world.author, viewport=PHONE)
    page.goto("/ideas/new")
    title = page.get_by_label("Title", exact=True)
    title.focus()
    page.set_viewport_size({**PHONE, "height": int(_bottom(title)) + 2})
    title.press_sequentially(TITLE)
    expect(_bar(page)).to_be_visible()
    expect(title).to_be_focused()
    assert _bottom(title) <= _top(_bar(page))


def test_the_line_being_written_stays_above_the_bar(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for)
    problem = page.get_by_label("The problem", exact=True)
    problem.click()
    for line in range(14):
        page.keyboard.type(f"Line {line}")
        page.keyboard.press("Enter")
    assert _bottom(problem) - 32 <= _top(_bar(page))


def test_the_bar_is_not_printed(world: World, page_for: PageFor) -> None:
    page = _writing(world, page_for)
    page.emulate_media(media="print")
    expect(_bar(page)).to_be_hidden()


def test_without_scripts_there_is_the_button_and_no_bar(world: World, page_for: PageFor) -> None:
    page = page_for(world.author, viewport=PHONE, java_script_enabled=False)
    page.goto("/ideas/new")
    page.get_by_label("Title", exact=True).fill(TITLE)
    expect(_bar(page)).to_be_hidden()
    page.get_by_role("button", name="See what is similar").click()
    expect(page.locator("#similar .match").first).to_be_visible()
    expect(_bar(page)).to_be_hidden()


def _writing(world: World, page_for: PageFor, *, width: int = PHONE["width"], locale: str = "en") -> Page:
    page = page_for(world.author, viewport={**PHONE, "width": width}, locale=locale)
    page.goto("/ideas/new")
    page.locator("#title").press_sequentially(TITLE)
    expect(page.locator("#similar .match").first).to_be_attached()
    return page


def _bar(page: Page) -> Locator:
    return page.locator("#meets")


def _top(element: Locator) -> float:
    return float(element.evaluate("element => element.getBoundingClientRect().top"))


def _bottom(element: Locator) -> float:
    return float(element.evaluate("element => element.getBoundingClientRect().bottom"))
