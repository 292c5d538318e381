"""What can be found has changed: one event for every kind of change below."""

from __future__ import annotations

from typing import Any

from blinker import signal
from sqlalchemy import select

from app.accounts.events import person_registered, profile_changed
from app.accounts.models import User
from app.course.events import catalogue_loaded
from app.course.models import Nugget, Resource
from app.database import db
from app.forum.events import (
    post_authors_changed,
    post_deleted,
    post_hidden,
    post_published,
    post_restored,
    post_revised,
)
from app.forum.models import Post
from app.groups.events import group_joined
from app.groups.models import Group
from app.questions.events import (
    answer_accepted,
    answer_deleted,
    answer_hidden,
    answer_posted,
    answer_restored,
    answer_revised,
    answer_unaccepted,
)
from app.questions.models import Answer

subject_changed = signal("subject_changed")
"""Sent with `kind` and `id` inside the transaction that changed, added or removed the subject."""


def announce_post(post: Post) -> None:
    """With its answers: they come and go with their question."""
    subject_changed.send(kind=post.kind, id=post.id)
    if post.kind == "question":
        for answer_id in db.session.scalars(select(Answer.id).where(Answer.question_id == post.id)):
            subject_changed.send(kind="answer", id=answer_id)


def announce_answer(answer: Answer) -> None:
    subject_changed.send(kind="answer", id=answer.id)
    subject_changed.send(kind="question", id=answer.question_id)


def announce_person(person: User) -> None:
    subject_changed.send(kind="person", id=person.id)


def announce_newcomer(person: User, *, group: Group) -> None:  # noqa: ARG001
    announce_person(person)


def announce_catalogue(_sender: Any) -> None:
    for kind, model in (("nugget", Nugget), ("resource", Resource)):
        for subject_id in db.session.scalars(select(model.id)):
            subject_changed.send(kind=kind, id=subject_id)


for changed in (post_published, post_revised, post_authors_changed, post_deleted, post_hidden, post_restored):
    changed.connect(announce_post)
for changed in (
    answer_posted,
    answer_revised,
    answer_accepted,
    answer_unaccepted,
    answer_deleted,
    answer_hidden,
    answer_restored,
):
    changed.connect(announce_answer)
for changed in (person_registered, profile_changed):
    changed.connect(announce_person)
group_joined.connect(announce_newcomer)
catalogue_loaded.connect(announce_catalogue)
