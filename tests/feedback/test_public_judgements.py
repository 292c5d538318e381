"""Weights learn from judgements of what everyone may see, and of nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from app.accounts.models import User
from app.database import db, transaction
from app.feedback.models import Impression, Judgement
from app.feedback.queries import public_judgements
from app.forum.commands import delete_post
from tests.factories import judge, make_idea, make_person, make_private_group

pytestmark = pytest.mark.usefixtures("app")


def test_useful_and_known_are_relevant_another_topic_is_not_and_the_rest_says_nothing() -> None:
    subject, *matches = [make_idea() for _ in range(6)]
    verdicts = ["useful", "known", "wrong-topic", "wrong-language", "unsafe"]
    judge(subject, matches, verdicts=verdicts, people=1)
    told = public_judgements()
    assert {(each.subject, each.match, each.is_relevant) for each in told} == {
        (("idea", subject.id), ("idea", match.id), verdict != "wrong-topic")
        for match, verdict in zip(matches[:3], verdicts, strict=False)
    }
    assert len({each.person_id for each in told}) == 1
    assert {each.strength for each in told} == {"close"}


def test_private_and_deleted_texts_are_left_out_on_both_sides() -> None:
    member = make_person()
    group = make_private_group(member)
    public, other, gone = make_idea(), make_idea(), make_idea()
    secret = make_idea(by=member, group=group)
    for subject, match in ((public, other), (public, secret), (secret, other), (public, gone), (gone, other)):
        judge(subject, [match], verdicts=["useful"], people=1)
    delete_post(gone, by=gone.author)
    assert [(each.subject[1], each.match[1]) for each in public_judgements()] == [(public.id, other.id)]


def test_what_is_said_beside_a_draft_is_left_out() -> None:
    judge(make_idea(), [make_idea()], verdicts=["useful"], people=1)
    assert len(public_judgements()) == 1
    with transaction():
        for model in (Judgement, Impression):
            db.session.execute(update(model).values(subject_kind="draft", subject_id=0))
    assert public_judgements() == []


def test_ones_own_desk_counts_with_consent_to_be_listed_only() -> None:
    judge(make_idea(), [make_idea()], verdicts=["useful"], people=1)
    person = make_person(asks_a_week=3)
    with transaction():
        for model in (Judgement, Impression):
            db.session.execute(update(model).values(subject_kind="person", subject_id=person.id))
    assert [each.subject for each in public_judgements()] == [("person", person.id)]
    with transaction():
        db.session.execute(update(User).where(User.id == person.id).values(asks_a_week=0))
    assert public_judgements() == []


def test_what_a_person_was_not_shown_teaches_nothing() -> None:
    judge(make_idea(), [make_idea()], verdicts=["useful"], people=1)
    with transaction():
        db.session.execute(delete(Impression))
    assert public_judgements() == []
