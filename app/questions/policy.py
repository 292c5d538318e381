"""Who may do what to answers; questions are revised and deleted by the rule for every post."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.forum.models import Comment
from app.forum.policy import can_revise
from app.forum.queries import CommentRow
from app.questions.models import Answer, Question
from app.questions.queries import AnswerRow


def can_accept(viewer: Viewer, question: Question, answer: Answer | AnswerRow) -> bool:
    """Whoever asked, or a moderator in their place; nobody says of their own answer that it helped someone else."""
    in_their_place = viewer.is_moderator and viewer.id != answer.author_id
    return viewer.is_signed_in and (viewer.id == question.author_id or in_their_place)


def can_close(viewer: Viewer, question: Question) -> bool:
    """And reopen."""
    return can_revise(viewer, question)


def can_have_too(viewer: Viewer, question: Question) -> bool:
    """Everyone but whoever asked; a guest is asked to sign in first."""
    return viewer.id != question.author_id


def can_ask_comment(viewer: Viewer, comment: Comment | CommentRow) -> bool:
    """A comment becomes a question of its author's."""
    return viewer.is_signed_in and (viewer.id == comment.author_id or viewer.is_moderator)


def can_revise_answer(viewer: Viewer, answer: Answer | AnswerRow) -> bool:
    return viewer.is_signed_in and (viewer.id == answer.author_id or viewer.is_moderator)


def can_support_answer(viewer: Viewer, answer: Answer | AnswerRow) -> bool:
    """Everyone but its author; a guest is asked to sign in first."""
    return viewer.id != answer.author_id


def can_delete_answer(viewer: Viewer, answer: Answer | AnswerRow) -> bool:
    return viewer.is_signed_in and (viewer.id == answer.author_id or viewer.is_moderator)
