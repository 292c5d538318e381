"""Move an idea from stage to stage: what each asks for, who may, the log, and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import delete_comment, post_comment
from app.forum.queries import post_address
from app.ideas.commands import add_co_author
from app.ideas.models import Idea
from app.jobs.commands import run_all_jobs
from app.journal.models import JournalEntry
from app.refusals import Conflict, NotAllowed, Refusal, Unfit
from app.requests.commands import answer_request, reopen_request, request_with
from app.stages.commands import move_idea, take_back_move
from app.stages.models import Move, move_in
from app.stages.queries import has_date, last_move
from app.teams.queries import ideas_needing, uncovered_ideas
from tests.factories import (
    make_answer,
    make_idea,
    make_moderator,
    make_person,
    make_private_group,
    make_question,
    revise,
)

ClientFor = Callable[[User], FlaskClient]
PLAN = {"problem": "Bins burn.", "approach": "Sand boxes.", "next_step": "Ask the head on 3 March."}


def move(idea: Idea, to: str, reason: str = "Because.", *, by: User | None = None) -> None:
    last = last_move(idea.id)
    move_idea(idea, by=by or idea.author, to=to, reason=reason, seen=last.id if last else 0)


def logged(idea: Idea) -> list[str]:
    found = db.session.query(JournalEntry).filter_by(action="stage_changed", post_id=idea.id)
    return [entry.note for entry in found.order_by(JournalEntry.id)]


def sent(to: str, reason: str = "", seen: int = 0) -> dict[str, Any]:
    return {"stage": to, "reason": reason, "seen": str(seen)}


def test_an_author_moves_an_idea_along_the_whole_path(client_for: ClientFor) -> None:
    idea = make_idea(sections=PLAN)
    client = client_for(idea.author)
    for stage, reason in (
        ("refining", "The sand."),
        ("ready", ""),
        ("submitted", "I build the first."),
        ("archived", "Done."),
    ):
        last = last_move(idea.id)
        response = client.post(f"/ideas/{idea.id}/stage", data=sent(stage, reason, last.id if last else 0))
        assert (response.status_code, response.location) == (303, f"/ideas/{idea.id}/stage")
        db.session.refresh(idea)
        assert idea.stage == stage
    assert logged(idea) == [
        "published -> refining: The sand.",
        "refining -> ready: ",
        "ready -> submitted: I build the first.",
        "submitted -> archived: Done.",
    ]


def test_the_page_says_what_each_stage_means_and_asks_for(client: FlaskClient) -> None:
    idea = make_idea(sections=PLAN)
    page = client.get(f"/ideas/{idea.id}/stage").text
    for words in ("Draft", "New", "Refining", "Ready", "Submitted", "Featured", "Archived", "Somebody could start"):
        assert words in page
    assert page.count('class="checklist"') == 5, "all but a draft and the archive, which ask for nothing"
    assert "The next step is said" in page
    assert re.search(r'The impact is said\s*<span class="muted">\(recommended\)</span>', page)
    assert "Move it here" not in page
    assert "/edit?section" not in page


def test_the_author_finds_the_way_to_what_is_missing(client_for: ClientFor) -> None:
    idea = make_idea()
    page = client_for(idea.author).get(f"/ideas/{idea.id}/stage").text
    assert f'href="/ideas/{idea.id}/edit?section=approach#approach-part"' in page
    assert f'href="/ideas/{idea.id}/edit?section=needed_roles#needed_roles"' in page
    assert "(needed first)" in page


def test_only_a_move_that_nothing_hinders_is_offered(client_for: ClientFor) -> None:
    idea = make_idea(sections={"problem": "Bins burn."})
    client, path = client_for(idea.author), f"/ideas/{idea.id}/stage"
    page = client.get(path).text
    assert [stage for stage in ("refining", "ready", "submitted", "archived") if f'value="{stage}"' in page] == [
        "refining",
        "archived",
    ]
    assert page.count("when nothing that is needed is missing") == 2
    revise(idea, sections=PLAN)
    move(idea, "ready", "")
    move(idea, "refining")
    assert "/stage/reversal" in client.get(path).text
    revise(idea, sections={"problem": "Bins burn."})
    assert "/stage/reversal" not in client.get(path).text


def test_what_is_needed_refuses_the_move_and_names_it(client_for: ClientFor) -> None:
    idea = make_idea()
    response = client_for(idea.author).post(f"/ideas/{idea.id}/stage", data=sent("ready", "It is *done*"))
    assert response.status_code == 422
    assert "Ready asks for this first: What you would do is said, The next step is said." in response.text
    assert 'value="It is *done*"' in response.text
    assert 'href="#stage-ready"' in response.text
    with pytest.raises(Unfit):
        move(idea, "ready")
    assert logged(idea) == []


def test_what_is_only_wished_for_does_not_hinder(app: Flask) -> None:
    idea = make_idea(sections={**PLAN, "next_step": "Ask the head."})
    move(idea, "ready", "")
    assert idea.stage == "ready"


def test_nothing_is_submitted_that_was_never_ready(client_for: ClientFor) -> None:
    idea = make_idea(sections=PLAN)
    client = client_for(idea.author)
    assert "It was ready before" in client.post(f"/ideas/{idea.id}/stage", data=sent("submitted", "I will")).text
    move(idea, "ready", "")
    move(idea, "published", "Start over.")
    move(idea, "submitted", "I build the first box.")
    assert idea.stage == "submitted"


@pytest.mark.parametrize("stage", ["refining", "archived"])
def test_a_line_is_asked_for(client_for: ClientFor, stage: str) -> None:
    idea = make_idea()
    response = client_for(idea.author).post(f"/ideas/{idea.id}/stage", data=sent(stage))
    assert response.status_code == 422
    assert f'href="#reason-{stage}"' in response.text
    assert "One line is needed." in response.text
    with pytest.raises(Unfit):
        move(idea, stage, "")


def test_going_back_needs_a_reason_too(app: Flask) -> None:
    idea = make_idea(sections=PLAN, stage="submitted")
    with pytest.raises(Unfit):
        move(idea, "ready", "")
    move(idea, "ready", "The costs were wrong.")
    assert idea.stage == "ready"


@pytest.mark.parametrize("data", [sent("featured", "Me"), sent("draft", "Me"), sent("", "x"), {"stage": "refining"}])
def test_a_wrong_form_comes_back(client_for: ClientFor, data: dict[str, str]) -> None:
    idea = make_idea()
    assert client_for(idea.author).post(f"/ideas/{idea.id}/stage", data=data).status_code == 422
    assert client_for(idea.author).post(f"/ideas/{idea.id}/stage", data=sent("refining", "x" * 301)).status_code == 422


def test_strangers_see_and_do_not_move(client: FlaskClient, client_for: ClientFor) -> None:
    idea, stranger = make_idea(), make_person()
    assert client_for(stranger).get(f"/ideas/{idea.id}/stage").status_code == 200
    assert client_for(stranger).post(f"/ideas/{idea.id}/stage", data=sent("refining", "x")).status_code == 403
    assert client_for(stranger).post(f"/ideas/{idea.id}/stage/reversal", data={"seen": "0"}).status_code == 404
    assert client.post(f"/ideas/{idea.id}/stage", data=sent("refining", "x")).location.startswith("/sign-in")
    move(idea, "refining")
    with pytest.raises(NotAllowed):
        take_back_move(idea, by=stranger, seen=last_move(idea.id).id)  # type: ignore[union-attr]


def test_the_stage_of_a_private_idea_is_private(client: FlaskClient, client_for: ClientFor) -> None:
    member = make_person()
    idea = make_idea(by=member, group=make_private_group(member))
    for browser in (client, client_for(make_person())):
        assert browser.get(f"/ideas/{idea.id}/stage").status_code == 404
    assert client_for(make_person()).post(f"/ideas/{idea.id}/stage", data=sent("refining", "x")).status_code == 404


def test_a_moderator_archives_and_takes_out_of_the_archive_and_no_more(client_for: ClientFor) -> None:
    idea, moderator = make_idea(sections=PLAN), make_moderator()
    client = client_for(moderator)
    assert client.post(f"/ideas/{idea.id}/stage", data=sent("refining", "x")).status_code == 403
    assert client.post(f"/ideas/{idea.id}/stage", data=sent("archived", "Its author left.")).status_code == 303
    entry = db.session.query(JournalEntry).filter_by(action="stage_changed").one()
    assert (entry.by_id, entry.person_id, entry.is_public) == (moderator.id, idea.author_id, True)
    move(idea, "published", "Back again.", by=moderator)
    assert idea.stage == "published"


def test_the_last_move_can_be_taken_back(client_for: ClientFor) -> None:
    idea = make_idea(sections=PLAN)
    move(idea, "ready", "")
    client, last = client_for(idea.author), last_move(idea.id)
    assert last is not None
    assert "Undo" in client.get(f"/ideas/{idea.id}/stage").text
    response = client.post(f"/ideas/{idea.id}/stage/reversal", data={"seen": str(last.id)})
    assert response.status_code == 303
    db.session.refresh(idea)
    assert (idea.stage, logged(idea)[-1]) == ("published", "ready -> published: ")
    assert client.post(f"/ideas/{idea.id}/stage/reversal", data={"seen": str(last.id)}).status_code == 409
    assert client.post(f"/ideas/{idea.id}/stage/reversal", data={}).status_code == 303


def test_a_move_is_not_taken_back_to_a_stage_whose_criteria_are_lost(client_for: ClientFor) -> None:
    idea = make_idea(sections=PLAN)
    client, path = client_for(idea.author), f"/ideas/{idea.id}/stage"
    move(idea, "ready", "")
    assert "does not have any more" not in client.get(path).text
    move(idea, "refining")
    revise(idea, sections={"problem": "Bins burn."})
    last = last_move(idea.id)
    assert last is not None
    answer = client.post(f"{path}/reversal", data={"seen": str(last.id)})
    assert (answer.status_code, "Ready asks for this first: " in answer.text) == (422, True)
    db.session.refresh(idea)
    assert idea.stage == "refining"


def test_the_page_says_that_the_present_stage_asks_for_what_is_lost(client: FlaskClient) -> None:
    idea = make_idea(sections=PLAN)
    move(idea, "ready", "")
    revise(idea, sections={"problem": "Bins burn.", "approach": "Sand boxes."})
    page = client.get(f"/ideas/{idea.id}/stage").text
    assert "does not have any more what its stage asks for: The next step is said." in page


def test_a_moderator_takes_out_of_the_archive_only_to_where_it_was(client_for: ClientFor) -> None:
    idea, moderator = make_idea(sections=PLAN), make_moderator()
    move(idea, "refining")
    move(idea, "archived", by=moderator)
    page = client_for(moderator).get(f"/ideas/{idea.id}/stage").text
    assert 'value="refining"' in page
    assert 'value="ready"' not in page
    with pytest.raises(NotAllowed):
        move(idea, "ready", by=moderator)
    move(idea, "refining", by=moderator)
    assert idea.stage == "refining"


def test_whoever_moves_second_is_told(client_for: ClientFor) -> None:
    idea = make_idea(sections=PLAN)
    move(idea, "archived", "Enough.", by=make_moderator(display_name="Mo Derator"))
    response = client_for(idea.author).post(f"/ideas/{idea.id}/stage", data=sent("refining", "I go on", seen=0))
    assert response.status_code == 409
    assert "Mo Derator moved this idea meanwhile" in response.text
    assert idea.stage == "archived"


def test_of_several_moves_at_once_one_is_made(app: Flask) -> None:
    idea = make_idea(sections=PLAN)
    idea_id, outcomes, at_once = idea.id, [], Barrier(4)

    def try_to(stage: str) -> None:
        with app.app_context():
            own = db.session.get_one(Idea, idea_id)
            author = own.author
            at_once.wait()
            try:
                move_idea(own, by=author, to=stage, reason="Now", seen=0)
                outcomes.append(stage)
            except Refusal as refusal:
                outcomes.append(type(refusal))

    threads = [Thread(target=try_to, args=(stage,)) for stage in ("refining", "ready", "archived", "refining")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert outcomes.count(Conflict) == 3
    assert [move_in(note).after for note in logged(idea)] == [each for each in outcomes if each is not Conflict]  # type: ignore[union-attr]


def test_the_history_tells_of_a_move_in_words(client: FlaskClient) -> None:
    idea = make_idea(by=make_person(display_name="Ama Owusu"), sections=PLAN)
    move(idea, "refining", "The sand, as Bo asked")
    for path in ("revisions", "stage"):
        page = client.get(f"/ideas/{idea.id}/{path}").text
        assert "<bdi>Ama Owusu</bdi> moved it from New to Refining" in page
        assert "The sand, as Bo asked" in page
        assert "->" not in page


def test_a_line_is_text_and_nothing_else(client: FlaskClient) -> None:
    idea = make_idea()
    move(idea, "refining", "<b>x</b> -> ready: y")
    page = client.get(f"/ideas/{idea.id}/stage").text
    assert "&lt;b&gt;x&lt;/b&gt; -&gt; ready: y" in page
    assert move_in(logged(idea)[0]) == Move("published", "refining", "<b>x</b> -> ready: y")
    assert move_in("something else") is None


def test_what_others_gave_counts_as_far_as_all_may_know_of_it(client_for: ClientFor) -> None:
    idea, member = make_idea(sections=PLAN), make_person()
    client = client_for(idea.author)

    def is_met(stage: str, words: str) -> bool:
        part = client.get(f"/ideas/{idea.id}/stage").text.split(f'id="stage-{stage}"')[1].split("</ul>")[0]
        item = next(each for each in part.split("<li")[1:] if words in each)
        return 'class="asked met"' in item

    helper = make_person()
    add_co_author(idea, person=helper)
    for writer in idea.authors:
        post_comment(idea, by=writer, body="I go first.")
        make_question(by=writer, about=f"idea-{idea.id}")
    make_question(by=member, group=make_private_group(member), about=f"idea-{idea.id}")
    assert not is_met("refining", "Somebody else commented")
    question = make_question(about=f"idea-{idea.id}")
    assert is_met("refining", "Somebody else commented")
    assert not is_met("ready", "Two comments of others")
    make_answer(question)
    assert is_met("ready", "Two comments of others")


@pytest.mark.parametrize(
    ("text", "language", "is_dated"),
    [
        ("Ask the head on 3 March.", "en", True),
        ("We may march on.", "en", False),
        ("Hablar en marzo.", "es", True),
        ("Am 3.4. beginnen", "de", True),
        ("2027-03-01", "en", True),
        ("By 3/4", "en", True),
        ("Spend 2.5 kg in 3-4 boxes", "en", False),
        ("في مارس", "ar", True),
        ("3月に", "ja", True),
        ("On Friday, then", "en", True),
        ("", "xx", False),
    ],
)
def test_a_date_is_found_in_figures_and_in_words(app: Flask, text: str, language: str, is_dated: bool) -> None:
    assert has_date(text, language) is is_dated


def test_an_archived_idea_can_be_read_and_says_so(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea()
    move(idea, "archived", "No place was found.")
    page = client.get(post_address(idea)).text
    assert "Archived: nobody works on this idea now." in page
    assert "No place was found." in page
    assert "Take it up again" in client_for(idea.author).get(post_address(idea)).text


def test_archived_ideas_are_listed_to_those_who_ask(client: FlaskClient) -> None:
    kept, gone = make_idea(title="An idea that goes on", topics=["batteries"]), make_idea(title="An idea put aside")
    assert "An idea put aside" in client.get("/ideas").text
    move(gone, "archived")
    for query in ("", "?sort=needs-readers", "?sort=supported", "?stage=published"):
        page = client.get(f"/ideas{query}").text
        assert "An idea that goes on" in page
        assert "An idea put aside" not in page
        assert "1 idea</span>" in page
        assert 'id="stage-archived"' in page
    page = client.get("/ideas?stage=archived").text
    assert "An idea put aside" in page
    assert "An idea that goes on" not in page
    assert "An idea put aside" not in client.get("/").text
    assert "An idea put aside" not in client.get("/nothing").text
    assert kept.stage == "published"


def test_searches_and_matches_say_that_an_idea_is_archived(client: FlaskClient) -> None:
    idea = make_idea(title="Wormery for circuit boards")
    run_all_jobs()
    assert "Idea, archived" not in client.get("/search?q=wormery").text
    move(idea, "archived")
    page = client.get("/search?q=wormery").text
    assert "Wormery for circuit boards" in page
    assert "Idea, archived" in page


def test_archived_ideas_need_nobody(app: Flask) -> None:
    recycler = make_person(roles=["recycler"])
    idea = make_idea(needed_roles=["recycler"], topics=["batteries"])
    assert idea.id in set(db.session.scalars(ideas_needing(recycler)))
    assert [row.id for row in uncovered_ideas(make_moderator(), limit=9, offset=0).rows] == [idea.id]
    move(idea, "archived")
    assert set(db.session.scalars(ideas_needing(recycler))) == set()
    assert uncovered_ideas(make_moderator(), limit=9, offset=0).rows == []


def test_counts_follow_a_move(client: FlaskClient) -> None:
    idea = make_idea(sections=PLAN)
    assert 'id="stage-published"' in client.get("/ideas").text
    move(idea, "ready", "")
    page = client.get("/ideas").text
    assert 'id="stage-ready"' in page
    assert 'id="stage-published"' not in page


def test_a_featured_idea_wears_both_badges(client: FlaskClient) -> None:
    idea = make_idea()
    with transaction():
        idea.featured_at, idea.featured_reason = now(), "it counts."
    page = client.get(post_address(idea)).text
    assert 'data-stage="featured"' in page
    assert f'href="/ideas/{idea.id}/stage"' in page
    assert "it counts." in client.get(f"/ideas/{idea.id}/stage").text


def test_editing_leaves_the_stage_where_it_is(client_for: ClientFor) -> None:
    idea = make_idea(sections=PLAN)
    move(idea, "ready", "")
    page = client_for(idea.author).get(f"/ideas/{idea.id}/edit").text
    assert 'name="stage"' not in page
    data = {"title": idea.title, "problem": "Bins burn often.", "language": "en", "seen": "1", "stage": "archived"}
    assert client_for(idea.author).post(f"/ideas/{idea.id}/revisions", data=data).status_code == 303
    db.session.refresh(idea)
    assert idea.stage == "ready"


def test_the_page_of_stages_sends_few_queries(client_for: ClientFor, count_queries: list[str]) -> None:
    idea = make_idea(sections=PLAN)
    for stage in ("refining", "ready", "refining", "archived"):
        move(idea, stage)
    client = client_for(idea.author)
    count_queries.clear()
    client.get(f"/ideas/{idea.id}/stage")
    assert len(count_queries) <= 8, count_queries


def test_a_request_that_a_revision_answered_counts_as_feedback(client_for: ClientFor) -> None:
    idea, asker = make_idea(sections=PLAN), make_person()
    request = request_with(
        post_comment(idea, by=asker, body="Which source says so?"), by=asker, section="evidence", kind="evidence"
    )
    said = "a request that was worked in <span"
    missing, done = f'{said} class="muted">(recommended)', f'{said} class="visually-hidden">(done)'
    browser = client_for(idea.author)
    assert missing in browser.get(f"/ideas/{idea.id}/stage").text
    revise(idea, sections={**PLAN, "evidence": "Weighed in 2025."})
    answer_request(request, by=idea.author, revision=2)
    assert done in browser.get(f"/ideas/{idea.id}/stage").text
    reopen_request(request, by=idea.author)
    assert missing in browser.get(f"/ideas/{idea.id}/stage").text
    answer_request(request, by=idea.author, revision=2)
    delete_comment(request.comment, by=asker)
    assert missing in browser.get(f"/ideas/{idea.id}/stage").text
