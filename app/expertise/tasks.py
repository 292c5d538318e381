"""What people know follows what happens to their texts."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.events import person_registered, profile_changed
from app.accounts.models import User
from app.expertise.commands import refresh_all_fields, refresh_fields, refresh_fields_around
from app.expertise.queries import questions_endorsed_by
from app.forum.events import (
    post_authors_changed,
    post_deleted,
    post_hidden,
    post_published,
    post_restored,
    post_revised,
)
from app.forum.models import Post
from app.jobs.commands import scheduled, task
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry
from app.questions.events import answer_accepted, answer_deleted, answer_hidden, answer_restored, answer_unaccepted
from app.questions.models import Answer


@task
def refresh(post_id: int) -> None:
    """Compute anew what those know who wrote a post or answered it."""
    refresh_fields_around(post_id)


@scheduled(every=timedelta(days=1))
@task
def refresh_all() -> None:
    refresh_all_fields()


@person_registered.connect
@profile_changed.connect
def refresh_person(person: User) -> None:
    """At once, so that nobody looks in vain for what they have just said."""
    refresh_fields([person.id])


@post_published.connect
@post_revised.connect
@post_authors_changed.connect
@post_deleted.connect
@post_hidden.connect
@post_restored.connect
def refresh_around_post(post: Post) -> None:
    refresh.later(post_id=post.id)


@answer_accepted.connect
@answer_unaccepted.connect
@answer_deleted.connect
@answer_hidden.connect
@answer_restored.connect
def refresh_around_answer(answer: Answer) -> None:
    refresh.later(post_id=answer.question_id)


@entry_recorded.connect
def refresh_when_recorded(entry: JournalEntry) -> None:
    """That an answer was endorsed, or helped someone, or that whoever endorses is verified, is announced by the journal
    alone."""
    if entry.answer_id is not None and entry.post_id is not None:
        refresh.later(post_id=entry.post_id)
    if entry.action in ("field_verified", "verification_withdrawn") and entry.person_id is not None:
        for question_id in questions_endorsed_by(entry.person_id):
            refresh.later(post_id=question_id)
