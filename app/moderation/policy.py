"""Who moderates."""

from __future__ import annotations

from app.accounts.models import Viewer


def can_moderate(viewer: Viewer) -> bool:
    return viewer.is_signed_in and viewer.is_moderator
