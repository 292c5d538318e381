"""A match unfolds to why it is one: folded at first, drawn in the direction of reading, with ways to both texts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PageFor
from tests.browser.world import World

pytestmark = pytest.mark.browser
BOXES = "rects => rects.map(rect => rect.getBoundingClientRect()).map(({left, right}) => ({left, right}))"


def _explained(page: Page, world: World) -> Locator:
    """The first match of the idea with two sentences that meet, unfolded."""
    page.goto(world.paths["demo_idea"])
    expect(page.locator("#matches .made-of").filter(visible=True)).to_have_count(0)
    match = page.locator("#matches .match").filter(has=page.locator(".meeting blockquote")).first
    match.locator(".meeting > summary").click()
    return match


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_the_bar_starts_where_reading_starts_and_fills_its_width(world: World, page_for: PageFor, locale: str) -> None:
    match = _explained(page_for(locale=locale), world)
    bar = match.locator(".stack-bar")
    expect(bar).to_be_visible()
    (whole,), boxes = bar.evaluate_all(BOXES), bar.locator("rect").evaluate_all(BOXES)
    if locale == "ar":
        boxes = [{"left": -box["right"], "right": -box["left"]} for box in boxes]
        whole = {"left": -whole["right"], "right": -whole["left"]}
    ends = [whole["left"], *(box["right"] for box in boxes)]
    assert [box["left"] for box in boxes] == pytest.approx(ends[:-1], abs=0.5)
    assert ends[-1] == pytest.approx(whole["right"], abs=0.5)


def test_every_segment_is_named_with_its_share(world: World, page_for: PageFor) -> None:
    match = _explained(page_for(viewport={"width": 375, "height": 700}), world)
    parts = match.locator(".stack-parts li").all_inner_texts()
    shares = [int(re.findall(r"(\d+)%", part)[0]) for part in parts]
    assert len(parts) == match.locator(".stack-bar rect").count() > 2
    assert sum(shares) == 100
    assert all(re.match(r"[A-Z][a-z]+", part) for part in parts)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_quote_leads_to_where_it_stands(world: World, page_for: PageFor, scripts: bool) -> None:
    page = page_for(java_script_enabled=scripts)
    match = _explained(page, world)
    quote = match.locator("blockquote").last
    sentence = quote.locator("p").inner_text()
    quote.get_by_role("link").click()
    expect(page).not_to_have_url(re.compile(re.escape(world.paths["demo_idea"])))
    stands_at = page.locator(":target")
    expect(stands_at).to_be_in_viewport()
    expect(page.locator("main")).to_contain_text(sentence)
