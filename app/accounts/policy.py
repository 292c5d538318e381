"""Who may do what to a person's account."""

from __future__ import annotations

from app.accounts.models import User, Viewer


def can_edit_profile(viewer: Viewer, person: User) -> bool:
    return viewer.is_signed_in and viewer.id == person.id


def can_end_sessions_of(viewer: Viewer, person: User) -> bool:
    return viewer.is_signed_in and viewer.id == person.id
