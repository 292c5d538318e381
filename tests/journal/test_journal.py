"""What happened is written down once, announced, and told on the page of a post's history."""

from __future__ import annotations

import pytest

from app.database import db, transaction
from app.expertise.commands import endorse_answer, verify_field, withdraw_endorsement
from app.journal.commands import record
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry
from app.moderation.commands import hide_answer
from app.questions.commands import close_question, reopen_question
from app.taxonomy.queries import topics_named
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_question


def test_an_entry_is_announced_in_the_transaction_that_makes_it(app):
    idea, person, heard = make_idea(), make_person(), []
    with entry_recorded.connected_to(lambda entry: heard.append((entry.action, entry.by_id, entry.post_id))):
        record("idea_praised", by=person, post_id=idea.id)
    assert heard == [("idea_praised", person.id, idea.id)]


def test_what_is_undone_was_never_written_down(app):
    idea, person = make_idea(), make_person()

    def praise_and_fail() -> None:
        with transaction():
            record("idea_praised", by=person, post_id=idea.id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        praise_and_fail()
    assert db.session.query(JournalEntry).filter_by(action="idea_praised").count() == 0


def test_the_history_of_a_post_tells_what_is_public_alone(client):
    idea, person = make_idea(), make_person(display_name="Amara")
    record("idea_praised", by=person, post_id=idea.id, note="A fine box.", is_public=True)
    record("idea_doubted", by=person, post_id=idea.id, note="Between us.")
    page = client.get(f"/ideas/{idea.id}/revisions").text
    assert "A fine box." in page
    assert "Between us." not in page


@pytest.mark.parametrize("taken_away", [True, False])
def test_of_an_answer_that_was_taken_away_nothing_is_told(client, taken_away):
    answer = make_answer()
    record(
        "answer_praised", by=make_person(), post_id=answer.question_id, answer_id=answer.id, is_public=True, note="So."
    )
    if taken_away:
        hide_answer(answer, by=make_moderator(), reason="Unsafe.")
    assert ("So." in client.get(f"/questions/{answer.question_id}/revisions").text) is not taken_away


def test_reasons_that_can_be_taken_back_are_not_kept_in_the_history(client):
    answer, expert, moderator = make_answer(make_question(topics=["batteries"])), make_person(), make_moderator()
    verify_field(expert, topics_named(["batteries"])[0], by=moderator, note="Runs the depot.")
    endorse_answer(answer, by=expert, reason="I brought mine there myself.")
    close_question(answer.question, by=moderator, closing="solved", note="Nothing to add to it.")
    withdraw_endorsement(answer, by=expert)
    reopen_question(answer.question, by=moderator)
    page = client.get(f"/questions/{answer.question_id}/revisions").text
    assert "endorsed the answer of" in page
    assert "closed the question" in page
    assert "I brought mine there myself." not in page
    assert "Nothing to add to it." not in page
