"""Who may take a question, put it to someone, and see what nobody answered."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.questions.models import Question


def is_waiting(question: Question) -> bool:
    """Whether it still looks for an answer that helps; one that was taken away does not."""
    is_there = question.deleted_at is None and question.hidden_at is None
    return is_there and question.closed_at is None and question.accepted_answer_id is None


def can_claim(viewer: Viewer, question: Question) -> bool:
    """And hand on, or say that it is not their field: everyone but whoever asks; a guest is asked to sign in first."""
    return viewer.id != question.author_id and is_waiting(question)


def can_put_to(viewer: Viewer, question: Question) -> bool:
    """Ask a person by name."""
    return viewer.is_signed_in and viewer.id == question.author_id and is_waiting(question)
