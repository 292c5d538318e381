"""Who may ask to join an idea, who answers, and who invites."""

from __future__ import annotations

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.ideas.models import Idea


def can_join(viewer: Viewer, author: User | Author) -> bool:
    """Everyone but the idea's author, if the author is here to answer; a guest is asked to sign in first."""
    return viewer.id != author.id and author.can_sign_in


def is_joining_offered(viewer: Viewer, author: User | Author, state: str | None) -> bool:
    """Until they have asked, or once it ended without a no of the author: `state` is that of what was before."""
    return can_join(viewer, author) and state in (None, "left", "refused", "withdrawn")


def can_answer(viewer: Viewer, idea: Idea) -> bool:
    """Whoever leads the idea answers who asks to join it, and invites."""
    return viewer.is_signed_in and viewer.id == idea.author_id
