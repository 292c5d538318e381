"""Who moves an idea to which stage."""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.models import Viewer
from app.ideas.models import ARCHIVED, STAGE_NAMES, Idea
from app.stages.queries import MoveRow


def can_move(viewer: Viewer, idea: Idea, stage: str, moves: Sequence[MoveRow]) -> bool:
    """Its author to any other stage; a moderator into the archive, and back to the stage that it was archived from.
    `moves` are the idea's, the last one first."""
    if not viewer.is_signed_in or stage not in STAGE_NAMES or stage == idea.stage:
        return False
    if viewer.id == idea.author_id or not viewer.is_moderator:
        return viewer.id == idea.author_id
    return stage == ARCHIVED or (idea.stage == ARCHIVED and bool(moves) and stage == moves[0].move.before)
