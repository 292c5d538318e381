"""Who may ask to join an idea, and who answers."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.ideas.models import Idea


def can_join(viewer: Viewer, idea: Idea) -> bool:
    """Everyone but its author, if the author is here to answer; a guest is asked to sign in first."""
    return viewer.id != idea.author_id and not idea.author.is_imported


def can_answer(viewer: Viewer, idea: Idea) -> bool:
    return viewer.is_signed_in and viewer.id == idea.author_id
