"""What the Commons is for: write an idea, see what goes with it before publishing, publish, talk with the others."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PageFor

pytestmark = pytest.mark.browser
TITLE = "Collect phone batteries at a school in Accra"
PROBLEM = "Pupils throw phone batteries into the bin, and the caretaker burns it behind the school on Fridays."
APPROACH = "A locked box at the gate, weighed every week, and a collector who comes when it is full."
COMPANY = ("Ideas that meet this", "People who know this", "From the course and library")


def test_a_newcomer_sees_the_company_of_an_idea_while_writing_it_and_publishes_it(page: Page) -> None:
    _register(page, "journey-with-scripts")
    page.get_by_role("main").get_by_role("link", name="Write an idea").click()
    panel = page.get_by_role("complementary", name="What meets your text")
    expect(panel).to_contain_text("Write a few words")
    page.get_by_label("Title").press_sequentially(TITLE)
    for heading in COMPANY:
        _expect_reasons(panel.get_by_role("region", name=heading))
    assert page.url.endswith("/ideas/new")
    _fill_the_rest(page)
    page.get_by_role("button", name="Publish").click()
    _expect_published(page)
    _expect_company_once_the_worker_ran(page)
    _talk_about_another_idea(page)
    _revise(page)


def test_the_same_journey_works_without_scripts(page_for: PageFor) -> None:
    page = page_for(java_script_enabled=False)
    _register(page, "journey-without-scripts")
    page.get_by_role("main").get_by_role("link", name="Write an idea").click()
    page.get_by_label("Title").fill(TITLE)
    _fill_the_rest(page)
    page.get_by_role("button", name="See what is similar").click()
    for heading in COMPANY:
        _expect_reasons(page.get_by_role("region", name=heading))
    page.get_by_role("button", name="Back to my text").first.click()
    expect(page.get_by_label("Title")).to_have_value(TITLE)
    expect(page.get_by_label("The problem")).to_have_value(PROBLEM)
    expect(page.get_by_label("What we would do")).to_have_value(APPROACH)
    expect(_choice(page, "Who is still needed", "Recycler")).to_be_checked()
    expect(page.get_by_label("Country")).to_have_value("GH")
    page.get_by_role("button", name="Publish").click()
    _expect_published(page)
    _expect_company_once_the_worker_ran(page)
    _talk_about_another_idea(page)
    _revise(page)


def _register(page: Page, name: str) -> None:
    page.goto("/register")
    page.get_by_label("Name that others see").fill("Kofi Asante")
    page.get_by_label("Short name").fill(name)
    page.get_by_label("Password", exact=True).fill("lantern gravel otter seven")
    page.get_by_role("main").get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name="Welcome, Kofi Asante")).to_be_visible()
    _choice(page, "What are you?", "Teacher").check()
    _choice(page, "Topics you know or care about", "Batteries").check()
    page.get_by_label("Country").select_option("Ghana")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Your desk")).to_be_visible()


def _fill_the_rest(page: Page) -> None:
    page.get_by_label("The problem").fill(PROBLEM)
    page.locator("summary", has_text="What we would do").click()
    page.get_by_label("What we would do").fill(APPROACH)
    _choice(page, "Who is still needed", "Recycler").check()
    expect(page.get_by_label("Country")).to_have_value("GH")


def _expect_published(page: Page) -> None:
    expect(page.get_by_role("status")).to_contain_text("Your idea is published.")
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    expect(page.get_by_role("region", name="What we would do")).to_contain_text(APPROACH)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Ideas").click()
    page.get_by_role("main").get_by_role("link", name=TITLE).first.click()


def _expect_company_once_the_worker_ran(page: Page) -> None:
    """New texts are matched within ten seconds."""
    company = page.get_by_role("complementary", name="What goes with this idea")
    for _ in range(20):
        if company.get_by_role("region", name=COMPANY[0]).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    for heading in COMPANY:
        _expect_reasons(company.get_by_role("region", name=heading))


def _talk_about_another_idea(page: Page) -> None:
    own_address = page.url
    page.get_by_role("region", name=COMPANY[0]).get_by_role("listitem").first.get_by_role("link").first.click()
    support, follow = page.get_by_role("button", name="Support"), page.get_by_role("button", name="Follow")
    supporters = int(support.locator(".count").inner_text())
    support.click()
    expect(support).to_have_attribute("aria-pressed", "true")
    expect(support.locator(".count")).to_have_text(str(supporters + 1))
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Your comment").fill("Who **empties** the box in the holidays?")
    page.get_by_role("button", name="Post comment").click()
    comment = page.locator(".comment", has_text="Kofi Asante").last
    expect(comment.locator("strong")).to_have_text("empties")
    expect(page.get_by_label("Your comment")).to_have_value("")
    page.goto(own_address)


def _revise(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("The problem").fill(f"{PROBLEM} The smoke drifts into the classrooms.")
    page.get_by_label("What you changed").fill("Say where the smoke goes")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Your changes are saved.")
    page.get_by_role("link", name="2 revisions").click()
    expect(page.get_by_text("Say where the smoke goes")).to_be_visible()
    page.get_by_role("link", name="Revision 1").click()
    expect(page.get_by_role("main")).to_contain_text(PROBLEM)
    expect(page.get_by_role("main")).not_to_contain_text("The smoke drifts")


def _expect_reasons(list_of_matches: Locator) -> None:
    expect(list_of_matches.locator(".match-title").first).to_be_visible()
    for reason in list_of_matches.locator(".match-reason").all():
        expect(reason).not_to_be_empty()


def _choice(page: Page, legend: str, label: str) -> Locator:
    return page.get_by_role("group", name=legend).get_by_label(label)
