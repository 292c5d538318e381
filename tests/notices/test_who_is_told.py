"""Each change of state is told to those who have to do with it, once, and to nobody else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import ROOT
from app.accounts.models import User
from app.database import db, now, transaction
from app.drafts.commands import delete_draft, save_draft, share_draft, unshare_draft
from app.drafts.forms import TypedDraft
from app.drafts.models import Place
from app.expertise.commands import verify_field
from app.follows.commands import follow as follow_other
from app.follows.commands import mute
from app.forum.commands import (
    delete_comment,
    delete_post,
    follow,
    give_reason,
    post_comment,
    remove_reason,
    support,
    unfollow,
    withdraw_support,
)
from app.forum.queries import post_address
from app.groups.commands import appoint_tutor
from app.groups.models import Membership
from app.groups.queries import challenge_group
from app.ideas.commands import add_co_author
from app.ideas.models import BUILDS_ON, DIFFERS, Way
from app.jobs.commands import run_all_jobs
from app.journal.commands import record
from app.journal.models import JournalEntry
from app.lineage.commands import propose_merge
from app.moderation.commands import feature_idea, hide_answer, hide_comment, hide_post, restore_post
from app.notices.commands import mark_all_read, tell_of
from app.notices.events import notices_made
from app.notices.models import KINDS, Notice
from app.notices.queries import NoticeRow, notices_to, unread_of
from app.notices.rules import NAMING, OPEN_NOTES, REVISING, RULES, TELLS_NOBODY
from app.notices.sentences import REASONS, SENTENCES, reason_sentence, sentence
from app.questions.commands import (
    accept_answer,
    ask_comment,
    close_question,
    comment_on_answer,
    have_too,
    revise_question,
    turn_into_comment,
)
from app.queue.commands import claim_question, put_to, withdraw_ask
from app.queue.tasks import route_questions
from app.requests.commands import (
    answer_request,
    ask_for_change,
    decline_request,
    reopen_request,
    request_with,
    withdraw_request,
)
from app.requests.models import ChangeRequest
from app.reviews.commands import give_review, remove_review
from app.reviews.models import CRITERIA
from app.stages.commands import move_idea
from app.suggestions.commands import (
    accept_suggestion,
    delete_suggestion,
    make_own_idea,
    reject_suggestion,
    suggest_edit,
    withdraw_suggestion,
)
from app.taxonomy.models import Topic
from app.teams.commands import accept_joining, ask_to_join
from tests.factories import (
    make_answer,
    make_idea,
    make_moderator,
    make_person,
    make_private_group,
    make_question,
    revise,
)


def told(person: User) -> list[NoticeRow]:
    """What the person reads after all is told, newest first."""
    run_all_jobs()
    return notices_to(person)


def facts(person: User) -> list[tuple[str, str, str]]:
    return [(row.kind, row.action, row.reason) for row in told(person)]


def actions_in(file: Path) -> Iterator[str]:
    """Patterns of the actions that a module records: they are the first argument of a function that is named like it,
    or of one that has a parameter `action` itself, or a variable `action`."""
    tree = ast.parse(file.read_text("utf-8"))
    functions = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "action" in {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "action" for target in node.targets):
            yield from _patterns(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in functions | {"record"}:
            named = [each.value for each in node.keywords if each.arg == "action"]
            for argument in named or node.args[:1]:
                yield from _patterns(argument)


def _patterns(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from (*_patterns(value.body), *_patterns(value.orelse))
    elif isinstance(value, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "[a-z]+" for part in value.values)
    elif isinstance(value, ast.Constant):
        yield str(value.value)


def test_each_action_that_is_recorded_tells_somebody_or_nobody() -> None:
    files = [file for file in (ROOT / "app").rglob("*.py") if "import record" in file.read_text("utf-8")]
    recorded = {pattern for file in files for pattern in actions_in(file)} - {"hide", "restore", "feature", "unfeature"}
    known = RULES.keys() | TELLS_NOBODY
    assert len(recorded) > 50
    assert {pattern for pattern in recorded if not any(re.fullmatch(pattern, action) for action in known)} == set()


def test_each_rule_has_its_kind_and_its_sentence() -> None:
    assert RULES.keys() == SENTENCES.keys()
    assert RULES.keys() & TELLS_NOBODY == set()
    assert (NAMING | OPEN_NOTES | REVISING) - RULES.keys() == set()
    assert {rule.kind for rules in RULES.values() for rule in rules} | {"mentions"} == set(KINDS)
    assert {rule.reason for rules in RULES.values() for rule in rules} - {""} <= REASONS.keys()


def test_whoever_asks_hears_of_answers_and_followers_of_changes(app) -> None:
    question, follower = make_question(), make_person()
    follow(question, by=follower)
    answer = make_answer(question, body="The depot takes **phones** on Fridays.")
    (row,) = told(question.author)
    assert (row.kind, row.reason, row.by.name) == ("answers", "asked", answer.author.name)
    assert row.address == f"{post_address(question)}#answer-{answer.id}"
    assert row.note == "The depot takes phones on Fridays."
    assert sentence(row).striptags() == f"{answer.author.display_name} answered “{question.title}”"
    assert reason_sentence(row) == "You get this because you asked this question."
    (row,) = told(follower)
    assert (row.kind, row.reason) == ("changes", "follows")
    assert reason_sentence(row) == "You get this because you follow this question."
    assert told(answer.author) == []


def test_comments_are_told_to_the_author_the_one_replied_to_and_followers(app) -> None:
    idea, first, second = make_idea(), make_person(), make_person()
    comment = post_comment(idea, by=first, body="Ask the fire service.")
    reply = post_comment(idea, by=second, body="They say no.", parent=comment)
    assert facts(first) == [("comments", "comment_posted", "replied")]
    rows = told(idea.author)
    assert [row.reason for row in rows] == ["follows", "author"]
    assert [row.address for row in rows] == [f"{post_address(idea)}#comment-{each.id}" for each in (reply, comment)]


def test_a_comment_on_an_answer_is_told_to_whoever_gave_it(app) -> None:
    answer = make_answer()
    comment_on_answer(answer, by=make_person(), body="On which Fridays?")
    assert facts(answer.author) == [("comments", "comment_posted", "answered")]


def test_a_revision_is_told_to_followers_with_its_reason_and_shows_what_changed(app) -> None:
    idea, follower = make_idea(), make_person()
    follow(idea, by=follower)
    revise(idea, country="GH", reason="numbers of 2026")
    (row,) = told(follower)
    assert (row.kind, row.action, row.note) == ("changes", "idea_revised", "numbers of 2026")
    assert row.address == f"/ideas/{idea.id}/revisions/2"
    revise(idea, title="Battery boxes with lids")
    assert [each.address for each in told(follower)] == [f"/ideas/{idea.id}/revisions/{n}" for n in (3, 2)]
    assert told(idea.author) == []


def test_whose_request_is_answered_is_led_to_the_revision(app) -> None:
    idea, asker = make_idea(), make_person()
    with transaction():
        revise(idea, country="GH")
        record("request_answered", by=idea.author, post_id=idea.id, person=asker)
    (row,) = told(asker)
    assert (row.kind, row.address) == ("collaboration", f"/ideas/{idea.id}/revisions/2")
    assert "See what changed" in sentence(row)


def test_whose_words_were_taken_over_hears_that_alone(app) -> None:
    idea, proposer, follower = make_idea(), make_person(), make_person()
    for person in (proposer, follower):
        follow(idea, by=person)
    accept_suggestion(
        suggest_edit(idea, by=proposer, part="title", text="Boxes with lids", reason="Rain.", seen=1), by=idea.author
    )
    assert facts(proposer) == [("collaboration", "suggestion_accepted", "concerned")]
    assert facts(follower) == [("changes", "idea_revised", "follows")]
    revise(idea, title="Boxes with big lids")
    assert [row.action for row in told(proposer)] == ["idea_revised", "suggestion_accepted"]


@pytest.mark.parametrize("has_read", [False, True])
def test_that_a_request_is_answered_takes_the_place_of_the_change_that_did_so(app, has_read: bool) -> None:
    idea, asker = make_idea(), make_person()
    follow(idea, by=asker)
    comment = ask_for_change(idea, by=asker, body="Says who?", section=None, kind="evidence")
    revise(idea, title="Boxes with lids")
    revise(idea, title="Boxes with big lids")
    assert [row.action for row in told(asker)] == ["idea_revised", "idea_revised"]
    if has_read:
        mark_all_read(by=asker, until=told(asker)[0].id)
    answer_request(db.session.get_one(ChangeRequest, comment.id), by=idea.author, revision=3)
    changes = ["idea_revised", "idea_revised"] if has_read else ["idea_revised"]
    assert [row.action for row in told(asker)] == ["request_answered", *changes]
    assert told(asker)[1].address == f"/ideas/{idea.id}/revisions/{len(changes) + 1}"


def test_whose_idea_is_copied_hears_that_alone(app) -> None:
    source, author = make_idea(), make_person()
    follow_other(author, by=source.author)
    idea = make_idea(by=author, fork_of=source.id)
    (row,) = told(source.author)
    assert (row.action, row.address) == ("idea_forked", post_address(idea))


def test_whose_idea_others_go_on_from_hears_that_alone(app) -> None:
    source, author = make_idea(), make_person()
    follow_other(author, by=source.author)
    idea = make_idea(by=author, ways=[Way(source.id, BUILDS_ON)])
    (row,) = told(source.author)
    assert (row.action, row.reason, row.address) == ("idea_built_on", "own_idea", post_address(idea))
    revise(idea, ways=[Way(source.id, DIFFERS, "No boxes.")])
    assert [each.id for each in told(source.author)] == [row.id]
    make_idea(by=source.author, ways=[Way(source.id, BUILDS_ON)])
    assert [each.id for each in told(source.author)] == [row.id]


def test_who_goes_on_from_an_idea_in_a_group_is_told_to_nobody_outside(app) -> None:
    source, author = make_idea(), make_person()
    group = make_private_group(author)
    make_idea(by=author, group=group, ways=[Way(source.id, BUILDS_ON)])
    make_question(by=author, group=group, about=f"idea-{source.id}")
    assert told(source.author) == []
    assert db.session.query(Notice).count() == 0


def test_a_question_about_an_idea_is_told_to_its_author_alone_as_that(app) -> None:
    idea, asker = make_idea(), make_person()
    follow_other(asker, by=idea.author)
    question = make_question(by=asker, about=f"idea-{idea.id}")
    (row,) = told(idea.author)
    assert (row.kind, row.action, row.address) == ("comments", "question_about_asked", post_address(question))
    assert reason_sentence(row) == "You get this because it is about an idea of yours."
    make_question(by=idea.author, about=f"idea-{idea.id}")
    assert len(told(idea.author)) == 1


def test_an_idea_out_of_a_suggestion_is_told_once_and_opens_that_idea(app) -> None:
    source, proposer = make_idea(), make_person()
    follow_other(proposer, by=source.author)
    made = suggest_edit(source, by=proposer, part="title", text="Boxes with lids", reason="Rain.", seen=1)
    facts = {"title": "Our own boxes", "sections": {"problem": "Rain."}, "ways": [Way(source.id, BUILDS_ON)]}
    own = make_own_idea(made, by=proposer, sent_as=None, group=challenge_group(), **facts)
    row, before = told(source.author)
    assert (row.action, row.address, before.action) == ("suggestion_became_idea", post_address(own), "suggestion_made")


def test_questions_that_close_and_people_who_join_are_told_to_followers(app) -> None:
    question, idea, follower = make_question(), make_idea(), make_person()
    follow(question, by=follower)
    follow(idea, by=follower)
    close_question(question, by=question.author, closing="solved", note="all clear")
    joiner = make_person()
    accept_joining(ask_to_join(idea, by=joiner, line="I know schools."), by=idea.author)
    assert facts(follower) == [("changes", "team_joined", "follows"), ("changes", "question_closed", "follows")]
    assert facts(joiner) == [("collaboration", "team_joined", "team")]
    assert [(row.kind, row.note) for row in told(idea.author)] == [("collaboration", "I know schools.")]


def test_a_comment_that_asks_for_a_change_is_told_as_that_alone(app) -> None:
    idea, follower, asker = make_idea(), make_person(), make_person()
    follow(idea, by=follower)
    body = f"Where is the *source* of this number, @{idea.author.name}?"
    comment = ask_for_change(idea, by=asker, body=body, section=None, kind="evidence")
    (row,) = told(idea.author)
    assert (row.kind, row.action, row.reason) == ("collaboration", "request_made", "author")
    assert row.note == f"Where is the source of this number, @{idea.author.name}?"
    assert row.address.endswith(f"#comment-{comment.id}")
    assert facts(follower) == [("comments", "comment_posted", "follows")]
    decline_request(db.session.get_one(ChangeRequest, comment.id), by=idea.author, reason="It is in the costs.")
    (row,) = told(asker)
    assert (row.action, row.note) == ("request_declined", "It is in the costs.")
    assert row.address.endswith(f"#comment-{comment.id}")
    reopen_request(db.session.get_one(ChangeRequest, comment.id), by=idea.author)
    row = told(asker)[0]
    assert row.address.endswith(f"#comment-{comment.id}")
    assert sentence(row).striptags() == f"{idea.author.display_name} opened again what you asked of “{idea.title}”"
    hide_comment(comment, by=make_moderator(), reason="advertising")
    assert told(idea.author) == []
    assert [row.action for row in told(asker)] == ["comment_hidden"]


def test_a_request_that_a_moderator_made_a_question_was_not_taken_back_by_anyone(app) -> None:
    idea, moderator = make_idea(), make_moderator(display_name="Kofi Mensah")
    comment = ask_for_change(idea, by=make_person(), body="Says who?", section=None, kind="evidence")
    ask_comment(comment, by=moderator, title="Who says that boxes burn?", body="Says who?")
    row = told(idea.author)[0]
    assert (row.action, row.address) == ("request_became_question", f"{post_address(idea)}#comment-{comment.id}")
    assert sentence(row).striptags() == f"What was asked of “{idea.title}” became a question of its own"


def test_whoever_a_request_replies_to_still_hears_of_the_reply(app) -> None:
    idea, first, asker = make_idea(), make_person(), make_person()
    comment = post_comment(idea, by=first, body="It costs 20 cedis.")
    with transaction():
        reply = post_comment(idea, by=asker, body="Says who?", parent=comment)
        request_with(reply, by=asker, section=None, kind="evidence")
    assert facts(first) == [("comments", "comment_posted", "replied")]
    assert facts(idea.author) == [
        ("collaboration", "request_made", "author"),
        ("comments", "comment_posted", "author"),
    ]


@pytest.mark.parametrize("way", ["unshared", "deleted"])
def test_a_shared_draft_is_opened_by_its_code_as_long_as_it_is_shared(app, way: str) -> None:
    writer, reader, other = make_person(), make_person(), make_person()
    fields = [["title", "Boxes with lids"]]
    draft = save_draft(TypedDraft(place=Place("idea"), key="one-key", seen=0, tab="", fields=fields), by=writer)
    share_draft(draft, [reader, other], by=writer)
    (row,) = told(reader)
    assert (row.address, row.note) == (f"/drafts/{draft.token}", "Boxes with lids")
    if way == "unshared":
        unshare_draft(draft, reader, by=writer)
        assert [(each.action, each.address) for each in told(reader)] == [("draft_unshared", "/drafts")]
        assert len(told(other)) == 1
    else:
        delete_draft(draft, by=writer)
        assert (told(reader), unread_of(reader)) == ([], [])


def test_a_question_that_became_a_comment_is_read_there(app) -> None:
    idea = make_idea()
    question = make_question(about=f"idea-{idea.id}")
    comment = turn_into_comment(question, by=make_moderator())
    (row,) = told(question.author)
    assert (row.action, row.reason) == ("question_became_comment", "wrote")
    assert row.address == f"{post_address(idea)}#comment-{comment.id}"


def test_what_is_said_to_one_person_is_not_told_to_followers(app) -> None:
    idea, follower = make_idea(), make_person()
    follow(idea, by=follower)
    with transaction():
        record("co_author_joined", by=make_person(), post_id=idea.id, person=idea.author, note="between us")
    assert [row.note for row in told(idea.author)] == ["between us"]
    assert [row.note for row in told(follower)] == [""]


def test_thanks_are_told_once_and_taken_back_in_silence(app) -> None:
    idea, answer, reader, co_author = make_idea(), make_answer(), make_person(), make_person()
    add_co_author(idea, person=co_author)
    support(idea, by=reader)
    accept_answer(answer, by=answer.question.author)
    have_too(answer.question, by=reader)
    withdraw_support(idea, by=reader)
    for person in (idea.author, co_author):
        assert facts(person) == [("thanks", "support_given", "author")]
    assert facts(answer.author) == [("thanks", "answer_accepted", "answered")]
    assert facts(answer.question.author)[0] == ("thanks", "question_asked_too", "asked")


def test_all_who_write_an_idea_hear_what_they_may_decide_and_what_moderators_did(app) -> None:
    idea, fellow, reader, moderator = make_idea(), make_person(), make_person(), make_moderator()
    add_co_author(idea, person=fellow)
    unfollow(idea, by=fellow)
    made = suggest_edit(idea, by=reader, part="title", text="Boxes with lids", reason="Rain.", seen=1)
    withdraw_suggestion(made, by=reader)
    comment = ask_for_change(idea, by=reader, body="Says who?", section=None, kind="evidence")
    request = db.session.get_one(ChangeRequest, comment.id)
    decline_request(request, by=fellow, reason="It is said above.")
    reopen_request(request, by=reader)
    withdraw_request(request, by=reader)
    give_review(idea, by=reader, marks={CRITERIA[0].key: 2}, strength="", change="")
    feature_idea(idea, by=moderator, reason="it weighs what it collects")
    done = ["suggestion_made", "suggestion_withdrawn", "request_made", "request_reopened", "request_withdrawn"]
    for person in (fellow, idea.author):
        rows = told(person)
        assert [row.action for row in reversed(rows)] == [*done, "review_given", "idea_featured"]
        assert {row.reason for row in rows} == {"author"}
    hide_post(idea, by=moderator, reason="unsafe")
    assert ("moderation", "idea_hidden", "author") in facts(fellow)
    assert told(fellow)[0].note == "unsafe"
    restore_post(idea, by=moderator, reason="mended")
    assert told(fellow)[0].action == "idea_restored"
    assert [row.action for row in told(reader)] == ["request_declined"]


def test_all_who_write_an_idea_hear_what_others_make_of_it(app) -> None:
    idea, fellow, other = make_idea(), make_person(), make_person()
    add_co_author(idea, person=fellow)
    follow_other(other, by=fellow)
    make_idea(by=other, ways=[Way(idea.id, BUILDS_ON)])
    make_idea(by=other, fork_of=idea.id)
    make_question(by=other, about=f"idea-{idea.id}")
    made = ["question_about_asked", "idea_forked", "idea_built_on"]
    for person in (fellow, idea.author):
        assert [(row.action, row.reason) for row in told(person)] == [(action, "own_idea") for action in made]
    make_idea(by=fellow, ways=[Way(idea.id, BUILDS_ON)])
    assert len(told(fellow)) == 3
    assert len(told(idea.author)) == 4


@pytest.mark.parametrize("who", ["author", "moderator"])
def test_all_who_write_an_idea_hear_that_it_was_deleted_and_by_whom(app, who: str) -> None:
    idea, fellow = make_idea(title="Boxes"), make_person()
    add_co_author(idea, person=fellow)
    delete_post(idea, by=idea.author if who == "author" else make_moderator())
    (row,) = told(fellow)
    by = idea.author.display_name if who == "author" else "A moderator"
    assert str(sentence(row).striptags()).endswith("deleted “Boxes”")
    assert by in sentence(row)
    assert (row.kind, bool(told(idea.author))) == ("moderation", who == "moderator")


def test_a_reason_for_support_is_read_as_long_as_it_stands(app) -> None:
    idea, reader, moderator = make_idea(), make_person(), make_moderator()
    support(idea, by=reader, reason="Bins burn.")
    assert [row.note for row in told(idea.author)] == ["Bins burn."]
    give_reason(idea, by=reader, reason="Buy my pills.")
    assert [row.note for row in told(idea.author)] == ["Buy my pills."]
    remove_reason(idea, supporter_id=reader.id, by=moderator)
    assert [row.note for row in told(idea.author)] == [""]
    assert [(row.action, row.note) for row in told(reader)] == [("support_reason_removed", "Buy my pills.")]


def test_who_takes_a_reason_for_support_back_does_so_in_silence(app) -> None:
    idea, reader = make_idea(), make_person()
    support(idea, by=reader, reason="Bins burn.")
    remove_reason(idea, supporter_id=reader.id, by=reader)
    assert [(row.action, row.note) for row in told(idea.author)] == [("support_given", "")]
    assert told(reader) == []


def test_what_a_moderator_deleted_of_a_suggestion_is_not_read_in_notices(app) -> None:
    idea, proposer, moderator = make_idea(), make_person(), make_moderator()
    made = suggest_edit(idea, by=proposer, part="title", text="Boxes with lids", reason="Rain.", seen=1)
    reject_suggestion(made, by=idea.author, reply="Lids are stolen.")
    assert [row.note for row in told(idea.author)] == ["Rain."]
    assert [row.note for row in told(proposer)] == ["Lids are stolen."]
    assert told(proposer)[0].address == f"/ideas/{idea.id}/suggestions/{made.id}"
    delete_suggestion(made, by=moderator, reason="Names a pupil")
    assert [row.note for row in told(idea.author)] == [""]
    assert [row.note for row in told(proposer)] == ["Names a pupil", ""]


def test_a_confirmed_field_leads_to_ones_own_page(app) -> None:
    person, topic = make_person(), db.session.get_one(Topic, "batteries")
    verify_field(person, topic, by=make_moderator(), note="runs the depot")
    (row,) = told(person)
    assert (row.kind, row.address, row.post_title) == ("thanks", f"/u/{person.name}", "")
    assert row.note == f"{topic.name}: runs the depot"


def test_a_question_put_to_someone_says_who_asks_or_why_it_came(app) -> None:
    question, expert = make_question(), make_person(topics=["batteries"], asks_a_week=3)
    put_to(question, name=expert.name, by=question.author, line="You run the depot.")
    (row,) = told(expert)
    assert (row.kind, row.reason, row.note) == ("asks", "chosen", "You run the depot.")
    with transaction():
        record("question_put_to", by=None, post_id=question.id, person=expert)
    assert "nobody has answered" in sentence(told(expert)[0])
    claim_question(question, by=expert)
    assert facts(question.author) == [("answers", "question_claimed", "asked")]


def test_a_question_that_was_put_to_someone_and_taken_back_is_no_notice(app) -> None:
    question, expert, other = make_question(), make_person(asks_a_week=3), make_person(asks_a_week=3)
    ask = put_to(question, name=expert.name, by=question.author)
    put_to(question, name=other.name, by=question.author)
    assert len(told(expert)) == 1
    withdraw_ask(ask, by=question.author)
    assert (told(expert), len(told(other))) == ([], 1)


def test_moderators_and_the_tutor_hear_of_what_nobody_answers_once_a_day(client_for) -> None:
    member, tutor, moderator, elsewhere = make_person(), make_person(), make_moderator(), make_person()
    group = make_private_group(member)
    appoint_tutor(group, person=tutor)
    appoint_tutor(make_private_group(), person=elsewhere)
    for _ in range(2):
        make_question(by=member, group=group)
    run_all_jobs()
    route_questions()
    for person in (tutor, moderator):
        (row,) = (row for row in told(person) if row.kind == "asks")
        assert (row.kind, row.action, row.reason, row.address) == ("asks", "question_left_to_staff", "staff", "/queue")
    assert "asks" not in {row.kind for person in (member, elsewhere) for row in told(person)}
    assert client_for(tutor).get("/queue").status_code == 200
    assert [row.read_at is None for row in told(tutor) if row.kind == "asks"] == [False]
    with transaction():
        db.session.query(Notice).update({"created_at": now() - timedelta(days=2)})
    third = make_question(by=member, group=group)
    run_all_jobs()
    route_questions()
    assert told(tutor)[0].post_id == third.id


def test_new_posts_are_told_to_those_who_follow_the_topic_or_the_person(app) -> None:
    author, fan, reader = make_person(), make_person(), make_person()
    follow_other(author, by=fan)
    follow_other(db.session.get_one(Topic, "batteries"), by=reader)
    make_idea(by=author, topics=["batteries"])
    assert facts(fan) == [("followed", "idea_published", "follows_person")]
    (row,) = told(reader)
    assert (row.reason, reason_sentence(row)) == (
        "follows_topic",
        "You get this because you follow the topic <bdi>Batteries</bdi>.",
    )


def test_nobody_is_told_what_they_did_themselves(app) -> None:
    idea = make_idea()
    post_comment(idea, by=idea.author, body="A first word.")
    revise(idea, country="GH")
    delete_comment(post_comment(idea, by=idea.author, body="A second one."), by=idea.author)
    assert told(idea.author) == []


def test_invented_and_imported_people_are_not_told(app) -> None:
    idea = make_idea(by=make_person(kind="demo"))
    post_comment(idea, by=make_person(), body="Is this real?")
    assert told(idea.author) == []
    assert db.session.query(Notice).count() == 0


def test_who_muted_it_is_not_told_but_hears_what_a_moderator_did(app) -> None:
    idea, loud = make_idea(), make_person()
    mute(idea, by=idea.author)
    post_comment(idea, by=loud, body="A word.")
    assert told(idea.author) == []
    hide_post(idea, by=make_moderator(), reason="unsafe")
    assert facts(idea.author) == [("moderation", "idea_hidden", "author")]


def test_muting_something_else_keeps_what_has_no_actor_or_no_post(app) -> None:
    person, question = make_person(), make_question()
    mute(make_idea(), by=person)
    mute(db.session.get_one(Topic, "batteries"), by=person)
    mute(make_person(), by=person)
    with transaction():
        record("question_put_to", by=None, post_id=question.id, person=person)
        record("tutor_appointed", by=make_moderator(), person=person)
        record("tutor_appointed", by=None, person=person)
    assert [row.action for row in told(person)] == ["tutor_appointed", "tutor_appointed", "question_put_to"]


def test_what_a_private_group_does_is_told_to_its_members_alone(app) -> None:
    author, member, stranger = make_person(), make_person(), make_person()
    idea = make_idea(by=author, group=make_private_group(author, member))
    for person in (member, stranger):
        follow(idea, by=person)
    post_comment(idea, by=author, body=f"@{stranger.name} and @{member.name} see this.")
    assert facts(member) == [("mentions", "comment_posted", "named")]
    assert told(stranger) == []
    assert db.session.query(Notice).filter_by(person_id=stranger.id).count() == 0


def test_who_left_a_private_group_reads_no_more_of_it(app) -> None:
    author, member = make_person(), make_person()
    idea = make_idea(by=author, group=make_private_group(author, member))
    follow(idea, by=member)
    post_comment(idea, by=author, body="Between us.")
    assert len(told(member)) == len(unread_of(member)) == 1
    with transaction():
        db.session.query(Membership).filter_by(user_id=member.id, group_id=idea.group_id).delete()
    assert notices_to(member) == []
    assert not unread_of(member)


@pytest.mark.parametrize("way", ["hidden", "deleted"])
def test_what_was_taken_away_is_told_no_more(app, way: str) -> None:
    idea, moderator = make_idea(), make_moderator()
    comment = post_comment(idea, by=make_person(), body="Buy my phones!")
    answer = make_answer()
    assert len(told(idea.author)) == len(told(answer.question.author)) == 1
    if way == "hidden":
        hide_comment(comment, by=moderator, reason="advertising")
        hide_answer(answer, by=moderator, reason="unsafe")
    else:
        delete_comment(comment, by=comment.author)
        hide_answer(answer, by=moderator, reason="unsafe")
    for person in (idea.author, answer.question.author):
        assert (told(person), unread_of(person)) == ([], [])


@pytest.mark.parametrize("who", ["author", "follower", "moderator"])
def test_of_a_hidden_post_its_author_alone_hears_that_it_is_hidden(app, who: str) -> None:
    idea, follower, moderator = make_idea(), make_person(), make_moderator()
    for person in (follower, moderator):
        follow(idea, by=person)
    post_comment(idea, by=make_person(), body="A word.")
    run_all_jobs()
    hide_post(idea, by=make_moderator(), reason="unsafe")
    person = {"author": idea.author, "follower": follower, "moderator": moderator}[who]
    assert [row.action for row in told(person)] == (["idea_hidden"] if who == "author" else [])
    restore_post(idea, by=make_moderator(), reason="mended")
    assert "comment_posted" in [row.action for row in told(person)]


def test_of_a_deleted_text_its_author_hears_who_took_it_away(app) -> None:
    moderator, idea, answer = make_moderator(), make_idea(), make_answer()
    comment = post_comment(make_idea(), by=idea.author, body="A word.")
    delete_post(idea, by=moderator)
    delete_comment(comment, by=moderator)
    hide_answer(answer, by=moderator, reason="burns")
    assert facts(idea.author) == [
        ("moderation", "comment_deleted", "wrote"),
        ("moderation", "post_deleted", "author"),
    ]
    (row,) = told(answer.author)
    assert (row.action, row.note, row.address) == ("answer_hidden", "burns", post_address(answer.question))


def test_whose_review_a_moderator_deleted_hears_that(app) -> None:
    idea, reviewer = make_idea(title="Boxes"), make_person()
    review = give_review(idea, by=reviewer, marks={CRITERIA[0].key: 2}, strength="x", change="y")
    remove_review(review, by=make_moderator(), reason="It insults.")
    (row,) = told(reviewer)
    assert (row.kind, sentence(row).striptags()) == ("moderation", "A moderator removed your review of “Boxes”")


def test_a_new_tutor_reads_which_group_is_theirs(app) -> None:
    tutor = make_person()
    group = make_private_group(tutor)
    appoint_tutor(group, person=tutor)
    (row,) = told(tutor)
    assert group.name in sentence(row)


def test_telling_followers_costs_few_queries_however_many_they_are(app, count_queries) -> None:
    def queries(followers: int) -> int:
        idea = make_idea()
        for _ in range(followers):
            follow(idea, by=make_person())
        run_all_jobs()
        post_comment(idea, by=make_person(), body="A word.")
        count_queries.clear()
        run_all_jobs()
        return len(count_queries)

    few = queries(2)
    assert queries(12) == few


def test_a_featured_idea_is_told_with_the_reason(app) -> None:
    idea = make_idea()
    feature_idea(idea, by=make_moderator(), reason="it weighs what it collects")
    assert [(row.kind, row.note) for row in told(idea.author)] == [("moderation", "it weighs what it collects")]


def test_telling_twice_makes_one_notice_and_announces_it_once(app) -> None:
    idea, made = make_idea(), []

    def note(notices: Sequence[Notice]) -> None:
        made.extend((notice.person_id, notice.kind) for notice in notices)

    notices_made.connect(note)
    post_comment(idea, by=make_person(), body="A word.")
    entry = db.session.query(JournalEntry).filter_by(action="comment_posted").one()
    for _ in range(2):
        tell_of(entry.id)
    assert (len(told(idea.author)), made) == (1, [(idea.author_id, "comments")])


def test_a_question_that_was_revised_by_a_moderator_is_told_to_whoever_asked(app) -> None:
    question = make_question()
    revise_question(question, by=make_moderator(), reason="a typo", seen=1, title="Who takes old phones in Tema?")
    assert [(row.kind, row.reason, row.note) for row in told(question.author)] == [("changes", "asked", "a typo")]


def test_however_many_tell_of_an_entry_at_once_it_is_told_once(app: Flask) -> None:
    idea, named = make_idea(), make_person()
    post_comment(idea, by=make_person(), body=f"@{named.name} knows.")
    entry_id = db.session.query(JournalEntry).filter_by(action="comment_posted").one().id
    db.session.commit()
    made = []

    def note(notices: Sequence[Notice]) -> None:
        made.extend(notice.person_id for notice in notices)

    def tell_of_it(_number: int) -> None:
        with app.app_context():
            tell_of(entry_id)

    notices_made.connect(note)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tell_of_it, range(8)))
    assert sorted(made) == sorted([idea.author_id, named.id])
    assert db.session.query(Notice).count() == 2


def test_followers_read_to_which_stage_an_idea_came_and_why(app) -> None:
    idea, follower = make_idea(), make_person()
    follow(idea, by=follower)
    post_comment(idea, by=make_person(), body="Which gate?")
    move_idea(idea, by=idea.author, to="refining", seen=0, reason="The gate is being asked for")
    row = told(follower)[0]
    assert "to the stage: Refining" in sentence(row).striptags()
    assert row.note == "The gate is being asked for"


def test_what_invented_people_and_imported_authors_do_is_no_news(app) -> None:
    idea = make_idea()
    for kind in ("demo", "imported"):
        post_comment(idea, by=make_person(kind=kind), body="Which gate?")
    assert told(idea.author) == []


def test_a_proposal_to_merge_leads_to_its_page_and_names_the_other_idea_unless_that_is_hidden(app) -> None:
    idea, into = make_idea(title="Boxes at the school gate"), make_idea(title="Boxes at every school gate")
    earlier = make_idea()
    propose_merge(earlier, into=into, by=earlier.author, line="So do we.")
    merge = propose_merge(idea, into=into, by=idea.author, line="They say the same.")
    row = told(into.author)[0]
    assert row.address == f"/ideas/{into.id}/merges/{merge.id}"
    said = "would like “Boxes at the school gate” to become one with “Boxes at every school gate”"
    assert said in sentence(row).striptags()
    hide_post(idea, by=make_moderator(), reason="advertising")
    row = told(into.author)[0]
    assert "Boxes at the school gate" not in sentence(row).striptags()
    assert row.address == post_address(into)
