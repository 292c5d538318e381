"""Who may suggest another wording, who decides, and who may take it elsewhere."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.ideas.models import Idea
from app.suggestions.models import OWN_WAY, Suggestion
from app.suggestions.queries import SuggestionRow


def can_suggest(viewer: Viewer, idea: Idea) -> bool:
    """Everyone who has signed in and does not write the idea, if somebody who does is here to decide."""
    is_decided = any(author.can_sign_in for author in idea.authors)
    return viewer.is_signed_in and viewer.id not in idea.author_ids and is_decided


def can_decide(viewer: Viewer, idea: Idea) -> bool:
    """All who write the idea; moderators do not decide what reads better."""
    return viewer.is_signed_in and viewer.id in idea.author_ids


def can_withdraw(viewer: Viewer, suggestion: Suggestion | SuggestionRow) -> bool:
    return viewer.is_signed_in and viewer.id == suggestion.proposer_id and suggestion.state == "open"


def can_make_own(viewer: Viewer, suggestion: Suggestion | SuggestionRow) -> bool:
    """Whoever suggested it, unless it was taken over or became an idea."""
    return viewer.is_signed_in and viewer.id == suggestion.proposer_id and suggestion.state in OWN_WAY


def can_delete_suggestion(viewer: Viewer) -> bool:
    return viewer.is_signed_in and viewer.is_moderator
