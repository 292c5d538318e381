"""The directory lists those who agreed to be asked, and nobody else."""

from __future__ import annotations

import re

import pytest

from tests.factories import make_person


def listed(page) -> list[str]:
    return re.findall(r'<h2 class="row-title"><a href="/u/([^"]+)">', page.text)


@pytest.fixture
def community(app):
    """Four who may be asked, and three who did not agree or are nobody."""
    make_person(
        name="ama",
        display_name="ama",
        asks_a_week=3,
        roles=["teacher"],
        topics=["batteries"],
        country="GH",
        languages=["en", "fr"],
    )
    make_person(
        name="ben",
        display_name="Ben",
        asks_a_week=3,
        roles=["recycler", "teacher"],
        topics=["finance"],
        country="GH",
    )
    make_person(
        name="cai",
        display_name="Cai",
        asks_a_week=3,
        roles=["recycler"],
        topics=["batteries"],
        country="CN",
        languages=["zh"],
    )
    make_person(name="dua", display_name="Dua", asks_a_week=3, kind="demo", country="TR", languages=["tr", "en"])
    make_person(name="eve", display_name="Eve", roles=["teacher"], country="GH")
    make_person(name="fay", display_name="Fay", kind="demo")
    make_person(name="gus", display_name="Gus", kind="imported", asks_a_week=3, country="GH")


def test_only_people_who_agreed_are_listed_by_name(client, community):
    assert listed(client.get("/people")) == ["ama", "ben", "cai", "dua"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("role=teacher", ["ama", "ben"]),
        ("role=teacher&role=recycler", ["ama", "ben", "cai"]),
        ("topic=batteries", ["ama", "cai"]),
        ("country=GH", ["ama", "ben"]),
        ("language=en", ["ama", "ben", "dua"]),
        ("language=zh", ["cai"]),
        ("role=recycler&topic=batteries&country=CN&language=zh", ["cai"]),
        ("role=teacher&country=CN", []),
        ("role=emperor", []),
        ("country=XX&language=%25&role=&topic=%27--&unknown=1", ["ama", "ben", "cai", "dua"]),
    ],
)
def test_filters_of_one_kind_widen_and_kinds_narrow(client, community, query, names):
    assert listed(client.get(f"/people?{query}")) == names


def test_counts_say_what_each_choice_would_give(client, community):
    page = client.get("/people?role=teacher").text
    assert re.search(r'value="teacher" id="role-teacher" checked>.*?<span class="count">2<', page)
    assert re.search(r'value="recycler" id="role-recycler">.*?<span class="count">2<', page)
    assert re.search(r'value="batteries" id="topic-batteries">.*?<span class="count">1<', page)
    assert "Ghana (2)" in page
    assert "China" not in page
    assert "English (2)" in page
    assert "French (1)" in page


def test_each_filter_can_be_taken_off(client, community):
    page = client.get("/people?role=teacher&role=recycler&country=GH").text
    assert 'href="/people?role=recycler&amp;country=GH"' in page
    assert 'href="/people?role=recycler&amp;role=teacher"' in page
    assert '<a href="/people">Clear filters</a>' in page


def test_a_list_that_filters_emptied_says_so(client, community):
    assert "Nobody fits all of these" in client.get("/people?role=teacher&country=CN").text


def test_an_empty_directory_says_what_to_do(client):
    assert "Nobody has agreed to be asked yet" in client.get("/people").text


def test_htmx_gets_the_list_alone(client, community):
    fragment = client.fragment("/people?role=teacher", "browse").text
    assert "<html" not in fragment
    assert 'id="browse"' in fragment
    assert "Ben" in fragment


def test_long_lists_come_in_pages(client):
    for number in range(27):
        make_person(name=f"p-{number:02}", display_name=f"P {number:02}", asks_a_week=3, roles=["teacher"])
    first, second = client.get("/people?role=teacher"), client.get("/people?role=teacher&page=2")
    assert len(listed(first)) == 25
    assert listed(second) == ["p-25", "p-26"]
    assert '<link rel="next" href="/people?role=teacher&amp;page=2">' in first.text
    assert '<link rel="prev" href="/people?role=teacher">' in second.text
    assert "27 people" in second.text
    assert client.get("/people?page=3").status_code == 404


def test_the_directory_takes_at_most_eleven_queries(client_for, community, count_queries):
    browser = client_for(make_person())
    for path in ("/people", "/people?role=teacher&topic=batteries&country=GH&language=fr"):
        count_queries.clear()
        assert browser.get(path).status_code == 200
        assert len(count_queries) <= 11, count_queries


def test_addresses_and_organisations_of_others_stay_unsaid(client):
    make_person(name="ama", asks_a_week=3, email="ama@example.org")
    assert "example.org" not in client.get("/people").text
