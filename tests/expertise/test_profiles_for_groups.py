"""A profile may be for members of one's private groups: for everyone else its text and its consent do not exist."""

from __future__ import annotations

import pytest

from app.expertise.commands import verify_field
from app.expertise.queries import topic_of
from app.forum.commands import post_comment
from app.forum.queries import post_address
from app.groups.commands import join_group
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question

OFFER = "I repair swollen laptop hinges on Saturdays."
FACTS = {"display_name": "Quiet Quinn", "country": "GH", "organisation": "Hinge House", "topics": ["repair-reuse"]}


@pytest.fixture
def quinn(app):
    return make_person(name="quinn", asks_a_week=3, is_for_groups_only=True, offers=OFFER, roles=["repairer"], **FACTS)


@pytest.mark.parametrize("path", ["/people", "/people?role=repairer", "/search?q=swollen+laptop+hinges"])
def test_outsiders_find_nobody(client, client_for, quinn, run_jobs, path):
    run_jobs()
    other = make_private_group(quinn)
    fellow, stranger = make_person(), make_person()
    join_group(other, person=fellow)
    assert "Quiet Quinn" not in client.get(path).text
    assert "Quiet Quinn" not in client_for(stranger).get(path).text
    assert "Quiet Quinn" in client_for(fellow).get(path).text


def test_outsiders_do_not_count_them_in_a_facet(client, quinn):
    make_person(asks_a_week=1, roles=["teacher"])
    page = client.get("/people").text
    assert "Teacher" in page
    assert "Repairer" not in page


def test_an_outsider_reads_the_name_alone(client, quinn):
    page = client.get("/u/quinn").text
    assert "Quiet Quinn" in page
    for told in (OFFER, "Hinge House", "Ghana", "Repairer"):
        assert told not in page


@pytest.mark.parametrize("make_post", [make_idea, make_question])
def test_beside_their_comment_outsiders_read_the_name_alone(client, client_for, quinn, make_post):
    post, fellow, stranger = make_post(), make_person(), make_person()
    join_group(make_private_group(quinn), person=fellow)
    post_comment(post, by=quinn, body="Mine swelled too.")
    for outsider in (client, client_for(stranger)):
        page = outsider.get(post_address(post)).text
        assert "Quiet Quinn" in page
        assert "#role-repairer" not in page.partition('id="comments"')[2]
    for insider in (fellow, quinn):
        assert "#role-repairer" in client_for(insider).get(post_address(post)).text.partition('id="comments"')[2]


def test_fellows_moderators_and_the_person_read_all_of_it(client_for, quinn):
    fellow = make_person()
    join_group(make_private_group(quinn), person=fellow)
    for reader in (fellow, make_moderator(), quinn):
        assert OFFER in client_for(reader).get("/u/quinn").text


def test_whoever_joins_the_group_finds_them_from_then_on(client_for, quinn, run_jobs):
    group, newcomer = make_private_group(quinn), make_person()
    run_jobs()
    browser = client_for(newcomer)
    assert "Quiet Quinn" not in browser.get("/people").text
    join_group(group, person=newcomer)
    assert "Quiet Quinn" in browser.get("/people").text


def test_the_open_group_is_nobodys_private_one(client_for, quinn):
    """Everyone belongs to it."""
    assert "Quiet Quinn" not in client_for(make_person()).get("/people").text


def test_outsiders_read_no_field_and_nothing_that_was_confirmed(client, client_for, quinn):
    fellow, stranger, moderator = make_person(), make_person(), make_moderator()
    join_group(make_private_group(quinn), person=fellow)
    verify_field(quinn, topic_of("repair-reuse"), by=moderator, note="Repairs hinges.")
    for outsider in (client, client_for(stranger)):
        page = outsider.get("/u/quinn").text
        assert "Knows about" not in page
        assert "Repairs hinges." not in page
        assert "Quiet Quinn" not in outsider.get("/people?topic=repair-reuse").text
        assert 'id="topic-repair-reuse"' not in outsider.get("/people").text
    for insider in (fellow, moderator, quinn):
        assert "Repairs hinges." in client_for(insider).get("/u/quinn").text
