"""Colours that people choose, print, little motion."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageFor
from tests.browser.world import World

pytestmark = pytest.mark.browser


def test_chosen_colours_stay_and_come_with_the_page_itself(page: Page) -> None:
    page.goto("/about")
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    document = page.reload()
    assert document is not None
    assert 'data-theme="dark"' in document.text()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_colours_can_be_chosen_without_scripts(page_for: PageFor) -> None:
    page = page_for(java_script_enabled=False)
    page.goto("/ideas?role=teacher")
    page.get_by_role("button", name="Light").click()
    assert page.url.endswith("/ideas?role=teacher")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_print_shows_the_text_and_hides_what_can_only_be_clicked(world: World, page: Page) -> None:
    page.goto(world.paths["idea"])
    page.emulate_media(media="print")
    for hidden in (".site-nav", ".site-search", ".site-footer", ".subject .actions", ".skip-links"):
        expect(page.locator(hidden)).to_be_hidden()
    for shown in ("h1", "#problem-title", ".comment >> nth=0"):
        expect(page.locator(shown)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("preference", [{"reduced_motion": "no-preference"}, {"forced_colors": "active"}])
def test_a_page_works_whatever_the_device_prefers(preference: dict[str, str], world: World, page_for: PageFor) -> None:
    page = page_for(world.other, **preference)
    page.goto(world.paths["idea"])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Follow")).to_be_visible()


def test_nothing_moves_for_those_who_asked_for_that(page: Page) -> None:
    page.goto("/ideas")
    durations = "[...document.querySelectorAll('*')].map((each) => getComputedStyle(each).transitionDuration)"
    assert set(page.evaluate(durations)) == {"0s"}


@pytest.mark.parametrize("path", ["/ideas", "/questions"])
def test_twelve_rows_of_a_list_stand_above_the_fold(path: str, page: Page) -> None:
    page.goto(path)
    places = page.evaluate("[...document.querySelectorAll('.row')].map((row) => row.getBoundingClientRect().toJSON())")
    assert max(place["height"] for place in places) <= 64
    assert sum(place["bottom"] <= 800 for place in places) >= 12
