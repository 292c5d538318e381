"""Feature ideas; hide and restore posts, comments and answers. Each decision is logged with its reason, for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import count_comments
from app.forum.events import post_hidden, post_restored
from app.forum.models import Comment, Post
from app.ideas.models import Idea
from app.journal.commands import record
from app.moderation.models import ModerationAction, Subject, kind_of, post_of
from app.moderation.policy import can_moderate
from app.moderation.queries import was_hidden_as_accepted
from app.questions.commands import count_answers, mark_accepted, unaccept
from app.questions.events import answer_hidden, answer_restored
from app.questions.models import Answer
from app.refusals import Conflict, require

DONE = {"feature": "featured", "unfeature": "unfeatured", "hide": "hidden", "restore": "restored"}


def decide(subject: Subject, *, action: str, by: User, reason: str) -> None:
    """Do what a moderator chose. Raises Conflict for an action that does not fit the subject."""
    decision = _DECISIONS.get((kind_of(subject), action))
    if decision is None:
        raise Conflict("This cannot be done here.")
    decision(subject, by=by, reason=reason)


def feature_idea(idea: Idea, *, by: User, reason: str, featured_at: datetime | None = None) -> None:
    """Show an idea to everyone as good work, "because ..."; again, to change the reason.

    Raises Conflict if not everyone may see it.
    """
    require(can_moderate(by))
    with transaction():
        _hold(idea)
        if idea.group.is_private or idea.hidden_at is not None or idea.deleted_at is not None:
            raise Conflict("Only an idea that everyone may see can be featured.")
        idea.featured_at, idea.featured_reason = featured_at or now(), reason
        _log("feature", idea, by=by, reason=reason, created_at=featured_at)


def unfeature_idea(idea: Idea, *, by: User, reason: str) -> None:
    require(can_moderate(by))
    with transaction():
        _hold(idea)
        if idea.featured_at is None:
            raise Conflict("This idea is not featured.")
        idea.featured_at = idea.featured_reason = None
        _log("unfeature", idea, by=by, reason=reason)


def hide_post(post: Post, *, by: User, reason: str) -> None:
    require(can_moderate(by))
    with transaction():
        _hide(post, by=by, reason=reason)
        post_hidden.send(post)


def restore_post(post: Post, *, by: User, reason: str) -> None:
    require(can_moderate(by))
    with transaction():
        _restore(post, by=by, reason=reason)
        post_restored.send(post)


def hide_comment(comment: Comment, *, by: User, reason: str) -> None:
    require(can_moderate(by))
    with transaction():
        _hide(comment, by=by, reason=reason)
        count_comments(comment.post_id)


def restore_comment(comment: Comment, *, by: User, reason: str) -> None:
    require(can_moderate(by))
    with transaction():
        _restore(comment, by=by, reason=reason)
        count_comments(comment.post_id)


def hide_answer(answer: Answer, *, by: User, reason: str) -> None:
    """A hidden answer is no longer the accepted one, until it is restored."""
    require(can_moderate(by))
    with transaction():
        _hide(answer, by=by, reason=reason)
        unaccept(answer, by=by)
        count_answers(answer.question)
        answer_hidden.send(answer)


def restore_answer(answer: Answer, *, by: User, reason: str) -> None:
    """If it was the accepted one, it is so again, unless another is by now."""
    require(can_moderate(by))
    with transaction():
        _restore(answer, by=by, reason=reason)
        if answer.question.accepted_answer_id is None and was_hidden_as_accepted(answer):
            mark_accepted(answer)
            question_id, person = answer.question_id, answer.author
            record(
                "answer_accepted_again", by=by, post_id=question_id, answer_id=answer.id, person=person, is_public=True
            )
        count_answers(answer.question)
        answer_restored.send(answer)


def _hide(subject: Subject, *, by: User, reason: str) -> None:
    _hold(subject)
    if subject.hidden_at is not None:
        raise Conflict("This is hidden already.")
    subject.hidden_at = now()
    _log("hide", subject, by=by, reason=reason)
    db.session.flush()


def _restore(subject: Subject, *, by: User, reason: str) -> None:
    _hold(subject)
    if subject.hidden_at is None:
        raise Conflict("This is not hidden.")
    subject.hidden_at = None
    _log("restore", subject, by=by, reason=reason)
    db.session.flush()


def _hold(subject: Subject) -> None:
    """Let others who decide or count on the same post wait, and see what they did before."""
    db.session.refresh(post_of(subject), with_for_update=True)
    db.session.refresh(subject)


def _log(action: str, subject: Subject, *, by: User, reason: str, created_at: datetime | None = None) -> None:
    post = post_of(subject)
    db.session.add(
        ModerationAction(
            action=action,
            subject_kind=kind_of(subject),
            subject_id=subject.id,
            subject_title=post.title,
            group_id=post.group_id,
            reason=reason,
            moderator_id=by.id,
            created_at=created_at or now(),
        )
    )
    _record(f"{kind_of(subject)}_{DONE[action]}", subject, by=by, note=reason)


def _record(action: str, subject: Subject, *, by: User, note: str) -> None:
    answer_id = subject.answer_id if isinstance(subject, Comment) else None
    record(
        action,
        by=by,
        post_id=post_of(subject).id,
        answer_id=subject.id if isinstance(subject, Answer) else answer_id,
        comment_id=subject.id if isinstance(subject, Comment) else None,
        person=subject.author,
        note=note,
    )


_DECISIONS: dict[tuple[str, str], Callable[..., None]] = {
    ("idea", "feature"): feature_idea,
    ("idea", "unfeature"): unfeature_idea,
    ("idea", "hide"): hide_post,
    ("idea", "restore"): restore_post,
    ("question", "hide"): hide_post,
    ("question", "restore"): restore_post,
    ("comment", "hide"): hide_comment,
    ("comment", "restore"): restore_comment,
    ("answer", "hide"): hide_answer,
    ("answer", "restore"): restore_answer,
}
