"""When ideas get attention, and how those without it are put to people."""

from __future__ import annotations

from datetime import timedelta

from app.attention.commands import (
    ask_readers,
    begin_attention,
    end_readings,
    end_readings_of_authors,
    let_readings_lapse,
    note_feedback,
    renew_feedback,
)
from app.attention.routing import chosen_readers
from app.database import db
from app.forum.events import post_authors_changed, post_deleted, post_hidden, post_published, post_restored
from app.forum.models import Post
from app.ideas.models import Idea
from app.jobs.commands import scheduled, task
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry

FEEDBACK = ("comment_posted", "request_made", "suggestion_made", "support_reason_given", "review_given")
"""Words about an idea; support alone says nothing that its author can use."""

CHANGING = (
    *("comment_deleted", "comment_hidden", "comment_restored", "suggestion_withdrawn", "suggestion_deleted"),
    *("support_withdrawn", "support_reason_removed", "review_removed", "review_deleted"),
)
"""After these other words stand there than before."""


@scheduled(every=timedelta(minutes=15))
@task
def find_readers() -> None:
    """Put each new idea that nobody said anything about to those who fit best; the longer it waits, to wider fits."""
    let_readings_lapse()
    for chosen in chosen_readers():
        ask_readers(chosen.idea_id, chosen.people)


@post_published.connect
def begin_when_published(post: Post) -> None:
    if isinstance(post, Idea):
        begin_attention(post)


@entry_recorded.connect
def note_words(entry: JournalEntry) -> None:
    is_said = entry.action in FEEDBACK or (entry.action == "support_given" and entry.note)
    idea = db.session.get(Idea, entry.post_id) if is_said else None
    if idea and entry.by and entry.by_id not in idea.author_ids:
        note_feedback(idea.id, by=entry.by)


@entry_recorded.connect
def renew_when_words_change(entry: JournalEntry) -> None:
    if entry.action in CHANGING and entry.post_id:
        renew_feedback(entry.post_id)


@post_restored.connect
def renew_when_restored(post: Post) -> None:
    renew_feedback(post.id)


@post_authors_changed.connect
def end_when_authors_change(post: Post) -> None:
    end_readings_of_authors(post.id)


@post_deleted.connect
@post_hidden.connect
def end_when_taken_away(post: Post) -> None:
    end_readings(post.id)
