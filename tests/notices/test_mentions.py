"""`@name` in a text leads to that person, who is told once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.models import User
from app.forum.commands import post_comment
from app.forum.queries import post_address
from app.jobs.commands import run_all_jobs
from app.markdown import MOST_MENTIONS, mentioned_names, render_markdown, with_mentions
from app.notices.queries import notices_to
from app.questions.commands import revise_answer
from app.reviews.commands import give_review
from app.reviews.models import CRITERIA
from tests.factories import make_answer, make_idea, make_person, make_question, revise

LINK = re.compile(r'<a class="mention" dir="ltr" href="/u/([a-z0-9-]+)">(@[A-Za-z0-9-]+)</a>')


def named(person: User) -> list[str]:
    run_all_jobs()
    return [row.action for row in notices_to(person) if row.kind == "mentions"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ama knows", ["ama"]),
        ("Ask @Ama, @kofi-2 (@mei) and @ama again.", ["ama", "kofi-2", "mei"]),
        ("*@ama* and **@kofi**", ["ama", "kofi"]),
        ("`@ama` is code", []),
        ("```\n@ama\n```", []),
        ("[write to @ama](https://example.org)", []),
        ("ama@kofi.example and me@ama", []),
        ("https://example.org/@ama", []),
        ("@ama_x or @ama/kofi", []),
        ("&amp;@ama", ["ama"]),
        ("@ama's box, @kofi: yes", ["ama", "kofi"]),
        (" ".join(f"@person-{n}" for n in range(20)), [f"person-{n}" for n in range(MOST_MENTIONS)]),
    ],
)
def test_whom_a_text_names(text: str, names: list[str]) -> None:
    assert mentioned_names(text) == names


@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(
                ["@ama", " @Ama ", "`", "```\n", "[", '](https://x.org "a>@ama")', "<a href='@ama'>", "\n\n", "* "]
            ),
        ),
        max_size=12,
    ).map("".join)
)
def test_links_to_people_alter_nothing_else(text: str) -> None:
    rendered = render_markdown(text)
    linked = with_mentions(rendered, {"ama"})
    assert LINK.sub(r"\2", linked) == rendered
    assert {name for name, _ in LINK.findall(linked)} <= {"ama"}
    assert ("ama" in mentioned_names(text)) == bool(LINK.search(linked))


def test_names_that_somebody_has_are_links_and_others_are_not(client: FlaskClient) -> None:
    make_person(name="kofi")
    idea = make_idea(sections={"problem": "Ask @Kofi, not @nobody-here."})
    page = client.get(post_address(idea)).text
    assert '<a class="mention" dir="ltr" href="/u/kofi">@Kofi</a>, not @nobody-here.' in page


def test_a_name_is_a_link_as_soon_as_somebody_has_it(client: FlaskClient) -> None:
    idea = make_idea(sections={"problem": "Ask @kofi."})
    assert "mention" not in client.get(post_address(idea)).text
    make_person(name="kofi")
    assert 'href="/u/kofi"' in client.get(post_address(idea)).text


def test_known_names_cost_no_query_and_unknown_ones_are_asked_for_together(
    client: FlaskClient, client_for: Callable[[User], FlaskClient], count_queries: list[str]
) -> None:
    make_person(name="kofi")
    idea, reader = make_idea(sections={"problem": "@kofi @nobody-1 @nobody-2"}), make_person()
    post_comment(idea, by=make_person(), body="@kofi @nobody-1 @nobody-2")
    browser = client_for(reader)
    for _ in range(2):
        count_queries.clear()
        browser.get(post_address(idea))
    assert len([query for query in count_queries if "user.name IN" in query.replace('"', "")]) == 1


def test_each_kind_of_text_names_people(app) -> None:
    person = make_person(name="kofi")
    idea, question = make_idea(sections={"problem": "@kofi"}), make_question(body="Hm.", tried="I asked @kofi")
    post_comment(idea, by=make_person(), body="@kofi")
    make_answer(question, body="@kofi knows")
    assert sorted(named(person)) == ["answer_posted", "comment_posted", "idea_published", "question_asked"]


def test_whoever_is_named_is_told_once_per_text_and_a_new_name_alone_by_an_edit(app) -> None:
    kofi, mei = make_person(name="kofi"), make_person(name="mei")
    idea = make_idea(sections={"problem": "@kofi knows."})
    assert (named(kofi), named(mei)) == (["idea_published"], [])
    revise(idea, sections={"problem": "@kofi and @mei know."})
    revise(idea, sections={"problem": "@kofi and @mei know it."})
    assert (named(kofi), named(mei)) == (["idea_published"], ["idea_revised"])
    answer = make_answer(body="@kofi says so.")
    run_all_jobs()
    revise_answer(answer, by=answer.author, body="@kofi and @mei say so.", sources=[], reason="", seen=1)
    assert (named(kofi), named(mei)) == (["answer_posted", "idea_published"], ["answer_revised", "idea_revised"])


def test_whom_a_review_names_is_told_once_and_led_there(app) -> None:
    kofi, mei, reviewer = make_person(name="kofi"), make_person(name="mei"), make_person()
    idea = make_idea(sections={"problem": "@kofi knows."})
    facts = {"by": reviewer, "marks": {CRITERIA[0].key: 2}, "strength": ""}
    give_review(idea, change="Ask @kofi about it.", **facts)
    assert named(kofi) == ["review_given", "idea_published"]
    assert notices_to(kofi)[0].address == f"/ideas/{idea.id}/reviews"
    give_review(idea, change="Ask @kofi or @mei about it.", **facts)
    revise(idea, sections={"problem": "@kofi and @mei know."})
    assert (named(kofi), named(mei)) == (["review_given", "idea_published"], ["idea_revised", "review_revised"])


def test_to_be_named_goes_before_other_reasons(app) -> None:
    idea = make_idea()
    post_comment(idea, by=make_person(), body=f"@{idea.author.name} what now?")
    run_all_jobs()
    assert [(row.kind, row.reason) for row in notices_to(idea.author)] == [("mentions", "named")]


def test_who_names_themselves_is_not_told(app) -> None:
    person = make_person(name="kofi")
    make_idea(by=person, sections={"problem": "@kofi writes this."})
    assert named(person) == []
