"""Read an idea: its address, its text, who may see it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from app import web
from app.accounts.models import User
from app.database import now, transaction
from app.forum.commands import post_comment
from app.forum.events import post_hidden
from app.ideas.models import Idea
from tests.factories import make_idea, make_moderator, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]
SCRIPT = "<script>alert(1)</script>"


def address(idea: Idea) -> str:
    return f"/ideas/{idea.id}/{idea.slug}"


def hide(idea: Idea) -> None:
    with transaction():
        idea.hidden_at = now()
        post_hidden.send(idea)


def test_an_idea_is_read_with_all_that_belongs_to_it(client: FlaskClient) -> None:
    idea = make_idea(
        by=make_person(display_name="Ama Owusu"),
        title="Battery boxes in every school of Accra",
        sections={"problem": "Fires in **bins**.", "costs": "One box costs 310 cedis."},
        roles=["teacher"],
        needed_roles=["recycler"],
        topics=["batteries"],
        country="GH",
    )
    page = client.get(address(idea)).text
    for words in ("Battery boxes in every school of Accra", "Ama Owusu", "Ghana", "<strong>bins</strong>", "310 cedis"):
        assert words in page
    for words in ("Teacher &amp; trainer", "Recycler &amp; dismantler", "Batteries", "Costs and who pays"):
        assert words in page
    assert "Place and people" not in page


@pytest.mark.parametrize("ending", ["", "/wrong", "/BATTERY"])
def test_every_other_address_leads_to_the_canonical_one(client: FlaskClient, ending: str) -> None:
    idea = make_idea()
    response = client.get(f"/ideas/{idea.id}{ending}")
    assert (response.status_code, response.location) == (301, address(idea))


def test_a_title_that_names_one_of_the_pages_is_still_readable(client: FlaskClient) -> None:
    idea = make_idea(title="Revisions")
    assert client.get(f"/ideas/{idea.id}").location == f"/ideas/{idea.id}/revisions-"
    assert "throw phone batteries" in client.get(f"/ideas/{idea.id}/revisions-").text


def test_there_is_nothing_at_an_unknown_number(client: FlaskClient) -> None:
    assert client.get("/ideas/4711/lamps").status_code == 404
    assert client.get(f"/ideas/{2**31}").status_code == 404


def test_what_is_shared_elsewhere_says_what_it_is(client: FlaskClient) -> None:
    idea = make_idea(title="Lamps & mercury at the pharmacy", sections={"problem": "Broken lamps smell of nothing."})
    page = client.get(address(idea)).text
    assert f'<link rel="canonical" href="http://localhost{address(idea)}">' in page
    assert '<meta property="og:title" content="Lamps &amp; mercury at the pharmacy">' in page
    assert '<meta property="og:description" content="Broken lamps smell of nothing.">' in page
    found = re.search(r'<script type="application/ld\+json" nonce="([^"]+)">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert json.loads(found[2])["headline"] == "Lamps & mercury at the pharmacy"


def test_the_nonce_of_the_page_is_the_one_in_its_policy(client: FlaskClient) -> None:
    response = client.get(address(make_idea()))
    found = re.search(r'ld\+json" nonce="([^"]+)"', response.text)
    assert found is not None
    assert f"'nonce-{found[1]}'" in response.headers["Content-Security-Policy"]


def test_hostile_text_is_shown_as_text(client: FlaskClient, client_for: ClientFor) -> None:
    sections = {"problem": f"{SCRIPT} [x](javascript:alert(1)) <img src=x onerror=alert(1)>", "needs": SCRIPT}
    author = make_person(display_name=SCRIPT)
    idea = make_idea(by=author, title=f"{SCRIPT} in the title", sections=sections)
    post_comment(idea, by=author, body=SCRIPT)
    pages = [client.get(path).text for path in (address(idea), "/ideas", f"/ideas/{idea.id}/revisions/1")]
    pages.append(client_for(author).get(f"/ideas/{idea.id}/edit").text)
    for page in pages:
        assert SCRIPT not in page
        assert 'href="javascript' not in page
        assert "<img" not in page


def test_the_author_is_offered_the_missing_sections_and_nobody_else_is(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    link = f'href="/ideas/{idea.id}/edit?section=evidence#evidence-part"'
    assert link in client_for(author).get(address(idea)).text
    assert link not in client_for(make_person()).get(address(idea)).text


def test_only_the_author_and_moderators_are_offered_to_edit(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    edit = f'href="/ideas/{idea.id}/edit"'
    assert edit in client_for(author).get(address(idea)).text
    assert edit in client_for(make_moderator()).get(address(idea)).text
    assert edit not in client_for(make_person()).get(address(idea)).text


def test_why_an_idea_is_featured_is_said(client: FlaskClient) -> None:
    idea = make_idea()
    with transaction():
        idea.featured_at, idea.featured_reason = now(), "it counts what it collects."
    page = client.get(address(idea)).text
    assert "Featured because" in page
    assert "it counts what it collects." in page


def test_an_imported_idea_names_its_source(client: FlaskClient) -> None:
    author = make_person(kind="imported")
    idea = make_idea(by=author, source="set:1", source_url="https://challenges.example.org/ideas/1")
    page = client.get(address(idea)).text
    assert '<a href="https://challenges.example.org/ideas/1" rel="nofollow noopener">challenges.example.org</a>' in page


@pytest.mark.parametrize("source_url", ["javascript:alert(1)", "http://[", "file:///etc/passwd"])
def test_a_source_that_is_no_web_page_is_not_linked(client: FlaskClient, source_url: str) -> None:
    idea = make_idea(by=make_person(kind="imported"), source="set:1", source_url=source_url)
    page = client.get(address(idea)).text
    assert 'href="javascript' not in page
    assert 'href="file' not in page


def test_what_a_demo_member_wrote_is_marked(client: FlaskClient) -> None:
    assert "badge demo" in client.get(address(make_idea(by=make_person(kind="demo")))).text
    assert "badge demo" not in client.get(address(make_idea())).text


def test_an_old_idea_keeps_its_date(client: FlaskClient) -> None:
    idea = make_idea(published_at=datetime(2014, 5, 6, 7, 8, tzinfo=UTC))
    assert "6 May 2014" in client.get(address(idea)).text


def test_a_text_in_another_language_says_so(client: FlaskClient) -> None:
    page = client.get(address(make_idea(title="Pilas fuera del aula", language="es"))).text
    assert '<h1 id="title" dir="auto" lang="es">Pilas fuera del aula</h1>' in page
    assert "Español" in page


def test_the_idea_of_a_private_group_is_seen_by_its_members_alone(client: FlaskClient, client_for: ClientFor) -> None:
    member, fellow, stranger = make_person(), make_person(), make_person()
    group = make_private_group(member, fellow)
    idea = make_idea(by=member, group=group)
    page = client_for(fellow).get(address(idea))
    assert page.status_code == 200
    assert group.name in page.text
    assert client.get(address(idea)).status_code == 404
    for path in (address(idea), f"/ideas/{idea.id}", f"/ideas/{idea.id}/revisions", f"/ideas/{idea.id}/revisions/1"):
        assert client_for(stranger).get(path).status_code == 404


def test_a_hidden_idea_is_seen_by_moderators_alone(client: FlaskClient, client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    hide(idea)
    assert client.get(address(idea)).status_code == 404
    assert client_for(author).get(address(idea)).status_code == 403
    seen = client_for(make_moderator()).get(address(idea))
    assert seen.status_code == 200
    assert "only moderators see this idea" in seen.text


def test_a_page_sends_few_queries_of_its_own(
    client_for: ClientFor, count_queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "_additions", {"ideas/show.html": [lambda _context: {"matches": None}]})
    reader = make_person()
    idea = make_idea(roles=["teacher"], needed_roles=["recycler"], topics=["batteries"])
    for number in range(5):
        post_comment(idea, by=make_person(roles=["student"]), body=f"Remark {number}")
    client, path = client_for(reader), address(idea)
    count_queries.clear()
    assert client.get(path).status_code == 200
    assert len([query for query in count_queries if query.startswith("SELECT")]) <= 8, count_queries
