"""The course, module, nugget and resource pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.course.commands import CatalogueSize
from app.course.queries import (
    course_nuggets,
    course_resources,
    nugget_address,
    nugget_page,
    resource_address,
    resource_page,
)
from app.database import db
from tests.factories import make_person


def page_text(client: FlaskClient, path: str) -> str:
    """What a reader sees of a page, without its markup."""
    response = client.get(path)
    assert response.status_code == 200
    body = re.sub(r"<(script|svg)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_the_course_page_shows_the_promise_the_modules_and_the_three_ways(
    client: FlaskClient, catalogue: CatalogueSize
) -> None:
    seen = page_text(client, "/course")
    assert "leave with one project idea that others have tested" in seen
    assert "What e-waste is and why it matters Week 1 · 3.5 hours · 6 nuggets" in seen
    assert "Sound and inclusive recycling Week 7–8 · 7 hours · 8 nuggets" in seen
    assert "111 resources in the library" in seen
    for way in ("Full course", "Short route", "Just the community"):
        assert way in seen


def test_the_course_page_tells_the_challenge(client: FlaskClient, catalogue: CatalogueSize) -> None:
    seen = page_text(client, "/course")
    assert "Describe one project that would reduce e-waste" in seen
    assert "600 to 900 words" in seen
    assert "Every idea gets at least two reviews" in seen
    assert "Costs and income add up" in seen
    assert "A certificate of completion is issued" in seen
    assert "awards no academic credit" in seen


def test_a_module_page_shows_its_nuggets_its_step_and_the_modules_beside_it(
    client: FlaskClient, catalogue: CatalogueSize
) -> None:
    seen = page_text(client, "/course/modules/2")
    assert "Trace where devices go" in seen
    assert "Week 2–3 · 7 hours · 8 nuggets" in seen
    assert "Collection that people actually use" in seen
    assert "Draw the map of your problem" in seen
    assert "Data wiping & privacy" in seen
    assert "Previous: What e-waste is and why it matters" in seen
    assert "Next: People first" in seen


def test_the_first_module_has_none_before_it_and_the_last_none_after(
    client: FlaskClient, catalogue: CatalogueSize
) -> None:
    assert "Previous:" not in page_text(client, "/course/modules/1")
    assert "Next:" not in page_text(client, "/course/modules/5")


def test_a_nugget_page_shows_what_to_read_and_what_to_do(client: FlaskClient, catalogue: CatalogueSize) -> None:
    seen = page_text(client, "/course/nuggets/m2n5")
    assert "Nugget 5 of 8" in seen
    assert "Reading 30 min" in seen
    assert "Shops, schools, post-back bags" in seen
    assert "Compare two collection methods" in seen
    assert "Recycling vapes by post" in seen
    assert "Topics Collection systems Computers & phones Batteries" in seen


def test_the_way_through_the_nuggets_goes_on_in_the_next_module(client: FlaskClient, catalogue: CatalogueSize) -> None:
    page = client.get("/course/nuggets/m1n6").text
    assert 'href="/course/nuggets/m1n5" rel="prev"' in page
    assert 'href="/course/nuggets/m2n1" rel="next"' in page


def test_a_resource_page_says_whose_it_is_and_that_the_summary_is_ours(
    client: FlaskClient, catalogue: CatalogueSize
) -> None:
    seen = page_text(client, "/resources/who-digital-dumpsites")
    assert "World Health Organization · 2021" in seen
    assert "In our words WHO's first full report" in seen
    assert "Health worker" in seen
    assert "Children & pregnancy" in seen
    assert "العربية" in seen
    assert "How harm reaches the body" in seen


def test_a_resource_opens_elsewhere_without_a_handle_on_our_page(client: FlaskClient, catalogue: CatalogueSize) -> None:
    page = client.get("/resources/who-digital-dumpsites").text
    link = re.search(r'<a class="button primary"[^>]*>', page)
    assert link is not None
    assert 'rel="noopener"' in link[0]
    assert "Opens elsewhere: <bdi>saicmknowledge.org</bdi>" in page


def test_a_resource_for_all_says_everyone(client: FlaskClient, catalogue: CatalogueSize) -> None:
    assert "For Everyone" in page_text(client, "/resources/mooc-2016-page")


def test_what_is_not_in_the_catalogue_is_not_found(client: FlaskClient, catalogue: CatalogueSize) -> None:
    for path in (
        "/course/modules/6",
        "/course/modules/0",
        "/course/modules/99999999999",
        "/course/nuggets/m9n9",
        "/resources/no-such",
        "/resources/espr",
    ):
        assert client.get(path).status_code == 404, path


def test_before_the_catalogue_is_loaded_the_pages_say_so(client: FlaskClient) -> None:
    assert client.get("/course").status_code == 404
    assert "No resources yet" in page_text(client, "/resources")


def test_nothing_in_the_course_claims_academic_credit(client: FlaskClient, catalogue: CatalogueSize) -> None:
    texts = [page_text(client, path) for path in ("/course", *(f"/course/modules/{number}" for number in range(1, 6)))]
    texts += [f"{nugget.title} {nugget.summary} {nugget.activity}" for nugget in db.session.scalars(course_nuggets())]
    texts += [f"{resource.title} {resource.summary}" for resource in db.session.scalars(course_resources())]
    assert len(texts) == 6 + 36 + 111
    assert not [text for text in texts if "ECTS" in text]


def test_a_page_takes_few_queries(
    client_for: Callable[[User], FlaskClient], catalogue: CatalogueSize, count_queries: list[str]
) -> None:
    reader = client_for(make_person())
    for path in ("/course", "/course/modules/2", "/resources"):
        count_queries.clear()
        assert reader.get(path).status_code == 200
        assert len(count_queries) <= 8, path


def test_what_a_page_shows_of_the_catalogue_takes_few_queries(
    catalogue: CatalogueSize, count_queries: list[str]
) -> None:
    assert nugget_page("m2n5")
    assert resource_page("gem-2014")
    assert len([statement for statement in count_queries if statement.startswith("SELECT")]) <= 8


def test_a_page_names_its_own_address_and_ignores_what_it_does_not_know(
    client: FlaskClient, catalogue: CatalogueSize
) -> None:
    for path in ("/course", "/course/modules/2", "/course/nuggets/m2n5", "/resources", "/resources/gem-2014"):
        page = client.get(f"{path}?from=elsewhere").text
        assert f'<link rel="canonical" href="http://localhost{path}">' in page


def test_the_course_reads_from_right_to_left_with_its_own_texts_marked_as_english(
    client: FlaskClient, catalogue: CatalogueSize
) -> None:
    page = client.get("/course/nuggets/m2n5?lang=ar").text
    assert 'dir="rtl"' in page
    assert '<h1 id="title" lang="en" dir="auto">Collection that people actually use</h1>' in page


def test_addresses_are_those_of_the_pages(app: Flask) -> None:
    with app.test_request_context():
        assert nugget_address("m2n5") == app.url_for("course.show_nugget", key="m2n5")
        assert resource_address("gem-2014") == app.url_for("course.show_resource", key="gem-2014")
