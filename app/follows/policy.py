"""Whom a person may follow and mute."""

from __future__ import annotations

from app.accounts.models import User, Viewer


def can_follow(viewer: Viewer, person: User) -> bool:
    """And mute: everyone but oneself and those who write nothing here. A guest is asked to sign in first."""
    return viewer.id != person.id and not person.is_imported
