"""Who may review, and take a review away."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.ideas.models import Idea
from app.reviews.models import Review
from app.reviews.queries import ReviewRow


def can_review(viewer: Viewer, idea: Idea) -> bool:
    """Everyone but those who write it; a guest is asked to sign in first."""
    return viewer.id not in idea.author_ids


def can_remove_review(viewer: Viewer, review: Review | ReviewRow) -> bool:
    return viewer.is_signed_in and (viewer.id == review.reviewer_id or viewer.is_moderator)


def must_say_why(viewer: Viewer, review: Review | ReviewRow) -> bool:
    """Whoever removes the review of somebody else."""
    return viewer.id != review.reviewer_id
