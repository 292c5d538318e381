"""Who may do what to answers; questions are revised and deleted by the rule for every post."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.questions.models import Answer, Question
from app.questions.queries import AnswerRow


def can_accept(viewer: Viewer, question: Question) -> bool:
    return viewer.is_signed_in and (viewer.id == question.author_id or viewer.is_moderator)


def can_delete_answer(viewer: Viewer, answer: Answer | AnswerRow) -> bool:
    return viewer.is_signed_in and (viewer.id == answer.author_id or viewer.is_moderator)
