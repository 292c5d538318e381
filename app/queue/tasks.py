"""What happens to questions by itself: people are asked, days end, and what waited ends with the question."""

from __future__ import annotations

from datetime import timedelta

from app.database import db
from app.forum.events import post_deleted, post_hidden, post_restored
from app.forum.models import Post
from app.jobs.commands import scheduled, task
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry
from app.questions.events import answer_accepted, answer_deleted, answer_hidden, answer_posted, answer_unaccepted
from app.questions.models import Answer, Question
from app.queue.commands import ask_chosen, begin_anew, end_all, end_for_answer, let_lapse
from app.queue.routing import chosen_by_routing


@scheduled(every=timedelta(minutes=10))
@task
def route_questions() -> None:
    """Put each question that nobody answered to those who fit best; the longer it waits, to wider fits."""
    let_lapse()
    for chosen in chosen_by_routing():
        ask_chosen(chosen)


@answer_posted.connect
def end_when_answered(answer: Answer) -> None:
    end_for_answer(answer.question_id, by=answer.author)


@answer_accepted.connect
def end_when_helped(answer: Answer) -> None:
    end_all(answer.question_id)


@post_deleted.connect
@post_hidden.connect
def end_when_taken_away(post: Post) -> None:
    end_all(post.id)


@post_restored.connect
def look_again_when_restored(post: Post) -> None:
    if isinstance(post, Question):
        begin_anew(post)


@answer_unaccepted.connect
@answer_deleted.connect
@answer_hidden.connect
def look_again_without_answer(answer: Answer) -> None:
    begin_anew(answer.question)


@entry_recorded.connect
def follow_closing(entry: JournalEntry) -> None:
    """That a question was closed or opened again is announced by the journal alone."""
    if entry.post_id is not None and entry.action == "question_closed":
        end_all(entry.post_id)
    if entry.post_id is not None and entry.action == "question_reopened":
        begin_anew(db.session.get_one(Question, entry.post_id))
