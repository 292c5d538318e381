"""Who may do what to drafts: their writers everything, whom they name read, nobody else anything."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.drafts.models import Draft


def can_change(viewer: Viewer, draft: Draft) -> bool:
    """Continue, delete and share it, and look at its versions."""
    return viewer.is_signed_in and viewer.id == draft.person_id
