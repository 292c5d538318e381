"""A form that comes back says why, takes the focus there and keeps what was typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageFor
from tests.browser.world import World

pytestmark = pytest.mark.browser
SUMMARY = ".error-summary"


def test_a_refused_idea_keeps_its_text_and_leads_to_the_field(world: World, page_for: PageFor) -> None:
    page = page_for(world.author)
    page.goto("/ideas/new")
    page.get_by_label("Title").fill("Short")
    page.get_by_label("The problem").fill("They are burned.")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(SUMMARY)).to_be_focused()
    expect(page).to_have_title("Error: Write an idea · E-waste Challenge Commons")
    expect(page.get_by_label("The problem")).to_have_value("They are burned.")
    page.locator(SUMMARY).get_by_role("link").first.click()
    expect(page.get_by_label("Title")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_accessible_description(re.compile("At least 15 characters"))


@pytest.mark.parametrize(
    ("path", "button", "title"),
    [
        ("/register", "Register", "Error: Register · E-waste Challenge Commons"),
        ("/sign-in", "Sign in", "Error: Sign in · E-waste Challenge Commons"),
    ],
)
def test_a_refused_account_form_takes_the_focus_to_what_is_wrong(
    path: str, button: str, title: str, page: Page
) -> None:
    page.goto(path)
    page.get_by_label("Short name").fill("kofi")
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    expect(page.locator(SUMMARY)).to_be_focused()
    expect(page).to_have_title(title)
    expect(page.get_by_label("Short name")).to_have_value("kofi")


def test_a_refused_comment_comes_back_in_its_place(world: World, page_for: PageFor) -> None:
    page = page_for(world.other)
    page.goto(world.paths["idea"])
    page.get_by_label("Your comment").fill("x" * 8001)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(SUMMARY)).to_be_focused()
    expect(page.get_by_label("Your comment")).to_have_value("x" * 8001)
    assert page.url.endswith(world.paths["idea"])


def test_a_shown_password_can_be_hidden_again(page: Page) -> None:
    page.goto("/register")
    field = page.get_by_label("Password", exact=True)
    field.fill("lantern gravel")
    page.get_by_role("button", name="Show").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide").click()
    expect(field).to_have_attribute("type", "password")
