"""Every page state can be used by everyone: with a screen reader, in the dark, on a narrow screen, right to left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PageFor
from tests.browser.states import STATES, State
from tests.browser.world import World

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
SAMPLED = (
    *("first page", "desk", "ideas", "idea", "composer, with matches", "question", "question, its own"),
    *("course", "resources", "person", "search"),
)
SAMPLE = [state for state in STATES if state.name in SAMPLED and state.visitor != "new"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DEPENDING_ON_COLOURS = ("color-contrast", "link-in-text-block")
HEIGHT = 800


@pytest.mark.parametrize("state", STATES, ids=str)
def test_a_page_has_no_barrier_in_light_and_in_dark_and_fits_a_narrow_screen(
    state: State, world: World, page_for: PageFor
) -> None:
    """One visit for all of it: to come to a state takes longer than to look at it. Some have one chief button at most,
    and are looked at for barriers on the narrow screen too."""
    page = _page_in(state, world, page_for, color_scheme="light")
    assert _barriers(page) == []
    assert _ids_standing_twice(page) == []
    if state in SAMPLE:
        assert page.locator("main .button.primary").filter(visible=True).count() <= 1
    page.emulate_media(color_scheme="dark")
    assert _barriers(page, DEPENDING_ON_COLOURS) == []
    page.set_viewport_size({"width": 320, "height": HEIGHT})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert _sticking_out(page) == []
    if state in SAMPLE:
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")  # nothing stands over a button there
        assert _barriers(page) == []


@pytest.mark.parametrize("state", SAMPLE, ids=str)
def test_a_page_reads_from_right_to_left_in_arabic(state: State, world: World, page_for: PageFor) -> None:
    page = _page_in(state, world, page_for, locale="ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert _sticking_out(page) == []
    assert _barriers(page) == []


def _page_in(state: State, world: World, page_for: PageFor, **options: Any) -> Page:
    page = page_for(getattr(world, state.visitor) if state.visitor else None, **options)
    state.reach(page, world)
    return page


def _ids_standing_twice(page: Page) -> list[str]:
    ids = Counter(page.locator("[id]").evaluate_all("elements => elements.map((element) => element.id)"))
    assert "main" in ids
    return [each for each, number in ids.items() if number > 1]


def _barriers(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds with these rules, or with all of WCAG 2.2 A and AA and best practices: the rule, where, why."""
    if page.evaluate("window.axe === undefined"):
        page.evaluate(f"() => {{ {AXE} }}")
    violations = page.evaluate(
        """([tags, rules]) => axe.run({
          resultTypes: ["violations"],
          runOnly: rules.length ? rules
            : axe.getRules(tags).filter((rule) => !rule.tags.includes("deprecated")).map((rule) => rule.ruleId),
        }).then((found) => found.violations)""",
        [TAGS, list(rules)],
    )
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]


def _sticking_out(page: Page) -> list[str]:
    """Visible elements that reach beyond the sides of the screen, save those that some box cuts or scrolls."""
    return page.evaluate(
        """() => {
          const cuts = ({overflowX, clipPath}) => overflowX !== "visible" || clipPath !== "none";
          const isCut = (element) => element !== document.body
            && (cuts(getComputedStyle(element)) || isCut(element.parentElement));
          const isBeyond = ({left, right}) => left < -0.5 || right > document.documentElement.clientWidth + 0.5;
          return [...document.body.querySelectorAll("*")]
            .filter((element) => element.checkVisibility() && isBeyond(element.getBoundingClientRect()))
            .filter((element) => !isCut(element))
            .map((element) => element.outerHTML.slice(0, 160));
        }"""
    )
