"""Who proposes that ideas become one, who answers, and who takes it back."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.ideas.models import Idea
from app.lineage.models import Merge


def can_propose_merge(viewer: Viewer, idea: Idea) -> bool:
    return viewer.is_signed_in and viewer.id == idea.author_id


def can_answer_merge(viewer: Viewer, merge: Merge) -> bool:
    return viewer.is_signed_in and viewer.id == merge.target.author_id


def can_undo_merge(viewer: Viewer, merge: Merge) -> bool:
    """Within the time for it, which the command checks."""
    return viewer.is_signed_in and viewer.id in (merge.idea.author_id, merge.target.author_id)


def can_see_target(viewer: Viewer, merge: Merge) -> bool:
    """Of those who see its group: the idea that stays may have been hidden or deleted since, though not merged on."""
    is_there = merge.target.deleted_at is None or merge.target.merged_into_id is not None
    return is_there and (viewer.is_moderator or merge.target.hidden_at is None)


def can_read_merged(viewer: Viewer, merge: Merge) -> bool:
    """The text of the idea that was taken in, and what was said of it: for all who write either."""
    writers = merge.idea.author_ids | merge.target.author_ids
    return viewer.is_signed_in and (viewer.id in writers or viewer.is_moderator)
