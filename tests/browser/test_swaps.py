"""With scripts, parts of a page change in place, and the address says the same as without them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PageFor
from tests.browser.world import World
from tests.factories import make_person

pytestmark = pytest.mark.browser


def test_support_and_follow_change_in_place(world: World, page_for: PageFor) -> None:
    page = page_for(make_person().id)
    page.goto(world.paths["idea"])
    _mark(page)
    support = page.get_by_role("button", name="Support")
    supporters = int(support.locator(".count").inner_text())
    for count, pressed in ((supporters + 1, "true"), (supporters, "false")):
        support.click()
        expect(support).to_have_attribute("aria-pressed", pressed)
        expect(support.locator(".count")).to_have_text(str(count))
        expect(support).to_be_focused()
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "true")
    assert _is_marked(page)


def test_the_time_zone_of_the_device_is_chosen_at_a_press_and_saved_with_the_form(page_for: PageFor) -> None:
    page = page_for(make_person().id, timezone_id="Europe/Vienna")
    page.goto("/me/notices")
    button, zone = page.get_by_role("button", name="Use this device's: Europe/Vienna"), page.get_by_label("Time zone")
    button.click()
    expect(zone).to_have_value("Europe/Vienna")
    expect(zone).to_be_focused()
    expect(button).to_be_hidden()
    page.reload()
    expect(zone).to_have_value("UTC")


@pytest.mark.parametrize(
    ("path", "facet", "value"),
    [
        ("/ideas", "role", "citizen"),
        ("/questions", "topic", "batteries"),
        ("/people", "role", "teacher"),
        ("/resources", "type", "report"),
    ],
)
def test_a_filter_changes_the_list_and_the_address_as_it_would_without_scripts(
    path: str, facet: str, value: str, page: Page, page_for: PageFor
) -> None:
    page.goto(path)
    _mark(page)
    _box(page, facet, value).check()
    expect(page.locator(".active-filters")).to_be_visible()
    assert _is_marked(page)
    plain = page_for(java_script_enabled=False)
    plain.goto(path)
    _box(plain, facet, value).check()
    plain.get_by_role("button", name="Show", exact=True).click()
    expect(plain.locator(".active-filters")).to_be_visible()
    assert _asked(page) == _asked(plain)
    assert page.locator(".row-title").all_inner_texts() == plain.locator(".row-title").all_inner_texts()


def test_going_back_brings_the_list_before_the_filter(page: Page) -> None:
    page.goto("/ideas")
    titles = page.locator(".row-title").all_inner_texts()
    _box(page, "role", "citizen").check()
    expect(page.locator(".active-filters")).to_be_visible()
    page.go_back()
    expect(page.locator(".active-filters")).to_be_hidden()
    assert page.locator(".row-title").all_inner_texts() == titles


def test_a_reply_comes_into_the_thread_in_place(world: World, page_for: PageFor) -> None:
    page = page_for(make_person(display_name="Nia Otieno").id)
    page.goto(world.paths["idea"])
    _mark(page)
    page.locator(".comment summary", has_text="Reply").first.click()
    page.get_by_label("Your reply").first.fill("The watchman has one.")
    page.get_by_role("button", name="Post reply").first.click()
    expect(page.locator(".thread .thread .comment", has_text="The watchman has one.")).to_be_visible()
    assert _is_marked(page)


def test_what_is_said_of_an_answer_changes_in_place_and_keeps_what_is_typed(world: World, page_for: PageFor) -> None:
    page = page_for(world.author)
    page.goto(world.paths["question"])
    page.get_by_label("Your answer", exact=True).fill("Half of an answer")
    answer = page.locator(".answer").first
    button = answer.get_by_role("button", name="This helped me")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).to_be_focused()
    expect(answer.get_by_text("Helped 1 person")).to_be_hidden()
    answer.locator("summary", has_text="Comment").click()
    answer.get_by_label("Your comment", exact=True).fill("At the *blue* one.")
    answer.get_by_role("button", name="Preview").click()
    expect(answer.locator(".preview em")).to_have_text("blue")
    answer.get_by_role("button", name="Post comment").click()
    comment = answer.locator(".comment", has_text="At the blue one.")
    expect(comment).to_be_visible()
    comment.locator("summary", has_text="Delete").click()
    comment.get_by_role("button", name="Delete this comment").click()
    expect(comment).to_be_hidden()
    button.click()
    expect(answer.get_by_text("Helped 1 person")).to_be_visible()
    expect(page.get_by_label("Your answer", exact=True)).to_have_value("Half of an answer")


def test_a_refusal_is_said_on_the_page(world: World, page_for: PageFor, complaints: list[str]) -> None:
    page = page_for(make_person().id)
    page.goto(world.paths["idea"])
    page.route(
        "**/posts/*/support", lambda route: route.fulfill(status=403, content_type="text/plain", body="Not now.")
    )
    page.get_by_role("button", name="Support").click()
    expect(page.get_by_role("alert")).to_have_text("Not now.")
    complaints.clear()


def _box(page: Page, facet: str, value: str) -> Locator:
    return page.locator(f"input[name='{facet}'][value='{value}']")


def _mark(page: Page) -> None:
    """Leave a mark that only a page of its own takes away."""
    page.evaluate("window.isMarked = true")


def _is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.isMarked === true"))


def _asked(page: Page) -> tuple[str, list[tuple[str, str]]]:
    """The path, and what of its query says anything."""
    address = urlsplit(page.url)
    return address.path, sorted(parse_qsl(address.query))
