"""Who may confirm what people know, and endorse answers."""

from __future__ import annotations

from app.accounts.models import User, Viewer
from app.expertise.models import Verification
from app.expertise.queries import Confirmation, is_endorser
from app.groups.queries import is_profile_open, is_tutor_of
from app.questions.models import Answer


def can_verify(viewer: Viewer, person: User) -> bool:
    """Moderators, and the tutors of a group that the person belongs to; nobody confirms what they know themselves."""
    if not viewer.is_signed_in or viewer.id == person.id or person.is_imported:
        return False
    return (viewer.is_moderator or is_tutor_of(viewer, person)) and is_profile_open(viewer, person)


def can_withdraw(viewer: Viewer, verification: Verification | Confirmation) -> bool:
    return viewer.is_signed_in and (viewer.is_moderator or viewer.id == verification.by_id)


def can_remove_endorsement(viewer: Viewer, endorser_id: int) -> bool:
    """A moderator, of others: one's own is withdrawn."""
    return viewer.is_moderator and viewer.id != endorser_id


def can_endorse(viewer: Viewer, answer: Answer) -> bool:
    """Someone verified in a topic of the question, a moderator, or a tutor of its group; not whoever wrote it."""
    return viewer.id != answer.author_id and is_endorser(viewer, answer.question)
