"""Why a match is one, unfolded: what its score is made of, and two sentences that lead to where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.course.commands import load_catalogue
from app.forum.queries import post_address
from app.groups.commands import join_group
from app.ideas.models import SECTIONS
from app.matching.queries import matches_of
from app.matching.reasons import Reason, anchor_of, line_of, part_name, section_name
from app.moderation.commands import hide_answer
from app.search.queries import Key
from app.search.rows import SubjectRow, subject_rows
from ml.weights import shipped_weights
from tests.factories import (
    make_answer,
    make_idea,
    make_moderator,
    make_person,
    make_private_group,
    make_question,
)
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM, announce, battery_idea, near_idea

pytestmark = pytest.mark.long

ClientFor = Callable[[User], FlaskClient]
RunJobs = Callable[[], int]
SAID = "Swollen phone batteries go into sand, never into the classroom bin, or they catch fire."


@pytest.fixture(autouse=True)
def some_other_ideas(run_jobs: RunJobs) -> None:
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})


def matches_in(page: str) -> dict[str, str]:
    """The matches of a page as HTML, by their titles."""
    found = {}
    for match in re.findall(r'<li class="match".*?</li>\s*(?=<li class="match"|</ol>)', page, re.DOTALL):
        title = re.search(r'<h3 class="match-title"><a [^>]*>(.*?)</a>', match, re.DOTALL)
        assert title
        found[unescape(re.sub("<[^>]+>", "", title[1]))] = match
    return found


def shares(match: str) -> dict[str, int]:
    parts = re.findall(r"<li class=\"tone-\d\">([^<]+) <b>(\d+)%</b>", match)
    return {unescape(name): int(percent) for name, percent in parts}


def quoted(match: str) -> dict[str, str]:
    """Sentences, and where their links lead."""
    found = re.findall(r"<blockquote[^>]*><p>([^<]*)</p><footer[^>]*><a href=\"([^\"]*)\"", match, re.DOTALL)
    return {unescape(sentence): address for sentence, address in found}


def assert_stands_there(browser: FlaskClient, address: str, sentence: str, *, page: str = "") -> None:
    """The link leads to an element of the page, and the sentence is in it or comes next."""
    path, _, anchor = address.partition("#")
    answer = browser.get(path or page, follow_redirects=True)
    assert answer.status_code == 200
    _before, found, after = answer.text.partition(f' id="{anchor}"')
    assert found, f"{address} has no such element"
    assert f' id="{anchor}"' not in after, f"{address} has several such elements"
    assert sentence in unescape(after)


def test_a_match_unfolds_to_the_parts_of_its_score_in_percents_that_add_up(
    client: FlaskClient, run_jobs: RunJobs
) -> None:
    idea, near = battery_idea(country="GH"), near_idea(country="GH")
    run_jobs()
    match = matches_in(client.get(post_address(idea)).text)[near.title]
    parts = shares(match)
    assert {"Meaning as a whole", "Shared words", "Same country"} <= set(parts)
    assert sum(parts.values()) == 100
    assert list(parts.values()) == sorted(parts.values(), reverse=True)
    widths = [int(width) for width in re.findall(r'<rect class="tone-\d" x="\d+%" width="(\d+)%"', match)]
    assert widths == list(parts.values())
    assert "<details open" not in match


def test_the_parts_add_up_to_the_score(run_jobs: RunJobs) -> None:
    idea, _near = battery_idea(), near_idea()
    run_jobs()
    found = matches_of(make_person(), ("idea", idea.id)).ideas[0]
    assert sum(part.adds for part in found.reason.parts) == pytest.approx(found.score, abs=1e-6)


def test_both_quotes_lead_to_the_sections_that_they_are_of(client: FlaskClient, run_jobs: RunJobs) -> None:
    idea, near = battery_idea(), near_idea()
    run_jobs()
    match = matches_in(client.get(post_address(idea)).text)[near.title]
    links = quoted(match)
    assert set(links) == {PROBLEM, NEAR}
    assert links[PROBLEM] == "#problem-title"
    assert_stands_there(client, links[PROBLEM], PROBLEM, page=post_address(idea))
    assert links[NEAR] == f"{post_address(near)}#problem-title"
    assert_stands_there(client, links[NEAR], NEAR)
    assert "This page · The problem" in match


def test_quotes_of_a_question_lead_to_its_text_from_both_sides(client_for: ClientFor, run_jobs: RunJobs) -> None:
    """Also where the form for an answer stands on its page."""
    idea, question = battery_idea(), make_question(title="What should a school do?", body=NEAR)
    run_jobs()
    browser = client_for(make_person())
    links = quoted(matches_in(browser.get(post_address(idea)).text)[question.title])
    assert_stands_there(browser, links[NEAR], NEAR)
    page = post_address(question)
    assert_stands_there(browser, quoted(matches_in(browser.get(page).text)[idea.title])[NEAR], NEAR, page=page)


def test_a_title_that_meets_leads_to_the_title(client: FlaskClient, run_jobs: RunJobs) -> None:
    idea, near = battery_idea(), near_idea(title=NEAR, sections={"problem": "See above, please."})
    run_jobs()
    links = quoted(matches_in(client.get(post_address(idea)).text)[near.title])
    assert links[NEAR] == f"{post_address(near)}#title"
    assert_stands_there(client, links[NEAR], NEAR)


def test_a_person_who_answered_is_quoted_with_the_way_to_the_answer(client: FlaskClient, run_jobs: RunJobs) -> None:
    idea = battery_idea()
    answer = make_answer(by=make_person(asks_a_week=3, display_name="Ama Mensah"), body=SAID)
    run_jobs()
    match = matches_in(client.get(post_address(idea)).text)["Ama Mensah"]
    assert quoted(match)[SAID] == f"/answers/{answer.id}#answer-{answer.id}"
    assert_stands_there(client, quoted(match)[SAID], SAID)
    assert "What they wrote" in shares(match)
    assert sum(shares(match).values()) == 100


def test_a_person_who_states_what_they_can_do_is_quoted_from_their_page(client: FlaskClient, run_jobs: RunJobs) -> None:
    idea = battery_idea()
    announce(make_person(asks_a_week=3, display_name="Kofi Boateng", offers=NEAR))
    run_jobs()
    match = matches_in(client.get(post_address(idea)).text)["Kofi Boateng"]
    assert quoted(match)[NEAR].endswith("#offers-title")
    assert_stands_there(client, quoted(match)[NEAR], NEAR)
    assert "What they say they can do" in shares(match)


def test_the_address_of_an_answer_leads_there_and_is_none_for_whoever_may_not_see_it(
    client: FlaskClient, client_for: ClientFor, run_jobs: RunJobs
) -> None:
    answer, hidden = make_answer(body=SAID), make_answer()
    hide_answer(hidden, by=make_moderator(), reason="Off the subject")
    member = make_person()
    private = make_answer(make_question(by=member, group=make_private_group(member)), by=member)
    led = client.get(f"/answers/{answer.id}")
    assert (led.status_code, led.location) == (302, f"{post_address(answer.question)}#answer-{answer.id}")
    assert client.get(f"/answers/{hidden.id}").status_code == 404
    assert client.get(f"/answers/{private.id}").status_code == 404
    assert client_for(member).get(f"/answers/{private.id}").status_code == 302


def test_quotes_of_the_course_and_the_library_lead_to_where_they_stand(client: FlaskClient, run_jobs: RunJobs) -> None:
    load_catalogue()
    idea = make_idea(
        title="Safe boxes for swollen batteries",
        sections={"problem": "Lithium batteries catch fire when they are crushed, and nobody stores them safely."},
    )
    run_jobs()
    quotes = [each.reason.theirs for each in matches_of(make_person(), ("idea", idea.id)).resources]
    assert any(quotes)
    for quote in filter(None, quotes):
        assert_stands_there(client, quote.address or "", quote.text)
    pieces: list[Key] = [("nugget", 1), ("resource", 1)]
    for key, row in subject_rows(make_person(), pieces).items():
        page = client.get(row.address).text
        for section in ("title", "summary", "activity")[: 3 if key[0] == "nugget" else 2]:
            assert f' id="{anchor_of(key, section)}"' in page


def test_a_match_by_role_alone_unfolds_to_its_parts_and_claims_nothing_of_the_texts(
    client_for: ClientFor, run_jobs: RunJobs
) -> None:
    make_idea(title="A kiosk that needs a recycler", needed_roles=["recycler"])
    run_jobs()
    match = matches_in(client_for(make_person(roles=["recycler"])).get("/").text)["A kiosk that needs a recycler"]
    assert "Needs your role: Recycler" in match
    assert "Why this is here" in match
    assert "The texts themselves share too little to speak of" in match
    assert "blockquote" not in match
    assert sum(shares(match).values()) == 100


def test_while_writing_quotes_of_the_own_text_name_the_section_and_lead_nowhere(
    client_for: ClientFor, run_jobs: RunJobs
) -> None:
    near = near_idea()
    run_jobs()
    draft = {"kind": "idea", "title": "Boxes for swollen batteries", "problem": PROBLEM}
    match = matches_in(client_for(make_person()).post("/matches/draft", data=draft).text)[near.title]
    assert set(quoted(match)) == {NEAR}
    assert "Your text · The problem" in match
    assert sum(shares(match).values()) == 100


def test_topics_and_roles_in_common_are_named(client: FlaskClient, run_jobs: RunJobs) -> None:
    idea = battery_idea(topics=["batteries"], needed_roles=["recycler"])
    near = near_idea(topics=["batteries"], roles=["recycler"])
    run_jobs()
    match = matches_in(client.get(post_address(idea)).text)[near.title]
    assert re.search(r"<dt>Shared topics</dt><dd>Batteries</dd>", match)
    assert re.search(r"<dt>Roles in common</dt>.*Recycler", match)
    assert {"Topics", "Roles"} <= set(shares(match))


def test_an_explanation_names_nothing_that_the_viewer_may_not_see(
    client_for: ClientFor, client: FlaskClient, run_jobs: RunJobs
) -> None:
    """A member sees what a colleague wrote in their group; a stranger sees the colleague for what is public alone."""
    idea, colleague = (
        battery_idea(),
        make_person(asks_a_week=3, display_name="Ama Mensah", offers="I repair kettles."),
    )
    make_answer(by=colleague, body=SAID)
    secret = "Swollen phone batteries in the classroom bin catch fire in our secret laboratory."
    private = near_idea(
        by=colleague, group=make_private_group(colleague), title="Laboratory", sections={"problem": secret}
    )
    member = make_person()
    join_group(private.group, person=member)
    run_jobs()
    for browser in (client, client_for(make_person())):
        page = browser.get(post_address(idea)).text
        assert "Ama Mensah" in matches_in(page)
        assert "laboratory" not in page.lower()
        assert f"/ideas/{private.id}" not in page
    shown = client_for(member).get(post_address(idea)).text
    assert secret in shown


def test_the_bar_begins_at_the_right_where_the_page_is_read_from_there(client: FlaskClient, run_jobs: RunJobs) -> None:
    idea = battery_idea()
    near_idea()
    run_jobs()
    bars = {}
    for language in ("en", "ar"):
        page = client.get(post_address(idea), headers={"Accept-Language": language}).text
        first = re.search(r'<rect class="tone-1" x="(\d+)%" width="(\d+)%"', page)
        assert first
        bars[language] = (int(first[1]), int(first[2]))
    assert bars["en"][0] == 0
    assert sum(bars["ar"]) == 100


def test_every_part_and_section_has_a_name() -> None:
    for kind, weights in shipped_weights().parts.items():
        assert all(part_name(name, kind) for name in (*weights, "author", "phase", "other"))
    sections = {"question": ["body"], "nugget": ["summary", "activity"], "resource": ["summary"], "answer": ["answer"]}
    sections |= {"person": ["offers", "about"], "idea": [each.key for each in SECTIONS]}
    for kind, some in sections.items():
        for section in (*some, "title"):
            assert section_name(section)
            assert anchor_of((kind, 1), section)


ROWS = {kind: SubjectRow(kind, 1, "/", "A title", "", "en", country="GH") for kind in ("idea", "question", "person")}


@pytest.mark.parametrize(
    ("kind", "reason", "line"),
    [
        ("idea", Reason(brings={"a": "Teacher"}), "Needs your role: Teacher"),
        ("question", Reason(brings={"a": "Teacher"}), "Asks your role: Teacher"),
        (
            "person",
            Reason(brings={"a": "Teacher"}, words=["box"]),
            "Brings a role this needs: Teacher; writes about box",
        ),
        ("idea", Reason(words=["box", "sand"], topics=["Fees"]), "Both speak of box, sand; same topic: Fees"),
        ("idea", Reason(is_same_country=True), "Also in Ghana"),
        ("idea", Reason(is_alike=True), "Alike in meaning as a whole"),
        ("idea", Reason(), ""),
    ],
)
def test_the_line_is_plain_text_and_says_the_most_telling_fact_first(kind: str, reason: Reason, line: str) -> None:
    assert line_of(ROWS[kind], reason) == line
