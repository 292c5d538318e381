"""The resource library: its filters, their counts, its pages."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from app.course.commands import CONTENT
from app.course.forms import FACETS
from app.course.queries import library

pytestmark = pytest.mark.usefixtures("catalogue")
FACTS = {"type": "type", "module": "module", "topic": "topics", "role": "roles", "language": "languages"}


@cache
def confirmed() -> list[dict[str, Any]]:
    """The resources of the content file that the library holds."""
    return [
        resource
        for resource in yaml.safe_load((CONTENT / "resources.yaml").read_text())["resources"]
        if resource["confirmed"] == "yes"
    ]


def fits(resource: dict[str, Any], chosen: dict[str, list[str]]) -> bool:
    for facet, wanted in chosen.items():
        held = resource[FACTS[facet]]
        held = [str(value) for value in (held if isinstance(held, list) else [held])]
        if not set(wanted) & set(held) and held != ["all"]:
            return False
    return True


def titles(page: str) -> list[str]:
    return re.findall(r'class="row-title"><a href="/resources/([^"]+)"', page)


def test_the_library_lists_all_resources_in_pages_and_in_one_order(client: FlaskClient) -> None:
    listed = [key for number in range(1, 6) for key in titles(client.get(f"/resources?page={number}").text)]
    assert listed == [resource["id"] for resource in confirmed()]


def test_filters_leave_what_has_one_value_of_each(client: FlaskClient) -> None:
    for chosen in (
        {"type": ["video"]},
        {"module": ["3"]},
        {"topic": ["batteries"]},
        {"role": ["health_worker"]},
        {"language": ["es"]},
        {"type": ["report", "guide"], "module": ["2", "4"]},
        {"role": ["teacher"], "topic": ["health"], "language": ["fr"]},
    ):
        page = client.get("/resources", query_string=chosen).text
        expected = [resource["id"] for resource in confirmed() if fits(resource, chosen)]
        assert titles(page) == expected[:25]
        assert f"{len(expected)} resource" in page


def test_a_resource_for_everyone_is_found_under_every_role(client: FlaskClient) -> None:
    assert "mooc-2016-page" in titles(client.get("/resources?role=buyer").text)


def test_each_count_is_what_a_click_on_it_would_leave_beside_the_other_filters() -> None:
    chosen = {"role": ["teacher"], "module": ["1", "2"]}
    facets = library(chosen, facets=FACETS).facets
    for facet in FACETS:
        others = {name: values for name, values in chosen.items() if name != facet}
        for option in facets[facet]:
            expected = sum(fits(resource, {**others, facet: [option.value]}) for resource in confirmed())
            assert (facet, option.value, option.count) == (facet, option.value, expected)


def test_a_facet_offers_all_its_values_the_commonest_first_and_modules_in_their_order() -> None:
    facets = library({}, facets=FACETS).facets
    assert [option.value for option in facets["module"]] == ["1", "2", "3", "4", "5"]
    assert len(facets["type"]) == 9
    assert len(facets["role"]) == 13
    for facet in ("type", "topic", "role", "language"):
        counts = [option.count for option in facets[facet]]
        assert counts == sorted(counts, reverse=True)


def test_a_chosen_filter_can_be_taken_away_and_the_others_stay(client: FlaskClient) -> None:
    page = client.get("/resources?role=teacher&topic=health&topic=children").text
    assert 'href="/resources?topic=children&amp;role=teacher"' in page
    assert 'href="/resources?topic=children&amp;topic=health"' in page
    assert 'value="teacher" id="role-teacher" checked' in page


def test_pages_keep_the_filters_in_their_address(client: FlaskClient) -> None:
    page = client.get("/resources?module=2").text
    assert 'href="/resources?module=2&amp;page=2" rel="next"' in page


def test_the_order_of_filters_in_the_address_does_not_matter(client: FlaskClient) -> None:
    one = client.get("/resources?type=guide&module=2&type=report").text
    other = client.get("/resources?module=2&type=report&type=guide").text
    assert titles(one) == titles(other)
    assert re.findall('rel="canonical".*', one) == re.findall('rel="canonical".*', other)


def test_filters_that_leave_nothing_say_so_and_can_be_cleared(client: FlaskClient) -> None:
    page = client.get("/resources?type=podcast&topic=health").text
    assert "No resource fits all these filters" in page
    assert 'class="button primary" href="/resources"' in page


def test_a_value_that_nothing_has_leaves_nothing_and_is_shown_as_text(client: FlaskClient) -> None:
    response = client.get("/resources?topic=<script>alert(1)</script>")
    assert response.status_code == 200
    assert titles(response.text) == []
    assert "<script>alert" not in response.text


def test_a_page_that_cannot_be_is_not_found(client: FlaskClient) -> None:
    for number in ("0", "-1", "abc", "6", "9999", "1.5", "²"):
        assert client.get("/resources", query_string={"page": number}).status_code == 404, number


def test_a_change_of_filter_brings_the_list_and_the_filters_alone(client: Any) -> None:
    fragment = client.fragment("/resources?type=video", target="browse")
    assert fragment.status_code == 200
    assert fragment.text.strip().startswith('<div class="with-facets" id="browse">')
    assert "<html" not in fragment.text
    assert titles(fragment.text)


def test_the_library_takes_few_queries_whatever_is_chosen(client: FlaskClient, count_queries: list[str]) -> None:
    count_queries.clear()
    client.get("/resources?role=teacher&topic=health&type=report&language=en&module=3")
    assert len(count_queries) <= 8
