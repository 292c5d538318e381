"""Everything can be done from the keyboard, and what has the focus can be seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageFor
from tests.browser.world import World

pytestmark = pytest.mark.browser
FOCUS = """() => {
  const element = document.activeElement, style = getComputedStyle(element), place = element.getBoundingClientRect();
  return {
    element: element.outerHTML.slice(0, 160),
    isPage: element === document.body,
    isSeen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
      && place.bottom > 0 && place.top < innerHeight && place.right > 0 && place.left < innerWidth,
  };
}"""


@pytest.mark.parametrize("name", ["idea", "question"])
def test_the_focus_is_seen_on_every_stop_and_never_stuck(name: str, world: World, page_for: PageFor) -> None:
    page = page_for(world.author)
    page.goto(world.paths[name])
    stops = _tab_through(page)
    assert [stop["element"] for stop in stops if not stop["isSeen"]] == []
    assert len(stops) > 30


def test_the_composer_can_be_left_with_the_tab_key(world: World, page_for: PageFor) -> None:
    page = page_for(world.author)
    page.goto("/ideas/new")
    stops = _tab_through(page)
    assert [stop["element"] for stop in stops if not stop["isSeen"]] == []
    assert "Publish" in "".join(stop["element"] for stop in stops)


def test_the_first_stop_skips_to_the_content(page: Page) -> None:
    page.goto("/ideas")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_an_idea_is_written_and_published_with_the_keyboard_alone(world: World, page_for: PageFor) -> None:
    page = page_for(world.author)
    page.goto("/")
    page.keyboard.press("c")
    page.wait_for_url("**/ideas/new")
    _tab_to(page, "Title")
    page.keyboard.type("A box for batteries beside the school gate")
    _tab_to(page, "The problem")
    page.keyboard.type("They are burned, and c, j and ? stay letters here.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("In Accra.")
    page.locator("#roles-0").focus()
    page.keyboard.press("Space")
    expect(page.locator("#roles-0")).to_be_checked()
    _tab_to(page, "Publish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A box for batteries beside the school gate")
    expect(page.get_by_role("region", name="Place and people")).to_contain_text("In Accra.")


def test_the_menu_opens_and_escape_closes_it(world: World, page_for: PageFor) -> None:
    page = page_for(world.author)
    page.goto("/about")
    menu = page.locator("details.menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Your desk")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Your desk")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_a_question_mark_opens_the_list_of_keys_and_escape_closes_it(page: Page) -> None:
    page.goto("/ideas")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_keys_walk_the_list_and_go_to_pages(page: Page) -> None:
    page.goto("/ideas")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".row-title a").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(".row-title a").first).to_be_focused()
    page.keyboard.press("o")
    page.wait_for_url("**/ideas/*/*")
    page.keyboard.press("u")
    page.wait_for_url("**/ideas")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/questions")


def test_a_slash_goes_to_the_search_box_where_keys_are_letters(page: Page) -> None:
    page.goto("/about")
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Search")
    expect(box).to_be_focused()
    page.keyboard.type("c?/gq")
    expect(box).to_have_value("c?/gq")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.url.endswith("/about")


def test_keys_do_nothing_once_switched_off(page: Page) -> None:
    page.goto("/about")
    page.keyboard.press("?")
    page.get_by_label("Use these keys on this device").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("searchbox", name="Search")).not_to_be_focused()


def _tab_through(page: Page) -> list[dict[str, object]]:
    """Every stop from the first to the end of the page; fails when the end does not come."""
    stops: list[dict[str, object]] = []
    for _ in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["isPage"]:
            return stops
        stops.append(stop)
    pytest.fail(f"the focus does not leave {stops[-1]['element']}")


def _tab_to(page: Page, name: str) -> None:
    for _ in range(200):
        page.keyboard.press("Tab")
        here = page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()")
        if here == name:
            return
    pytest.fail(f"the focus does not come to {name}")
