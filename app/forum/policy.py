"""Who may do what to posts and comments."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.forum.models import Comment, Post


def can_revise(viewer: Viewer, post: Post) -> bool:
    return viewer.is_signed_in and (viewer.id == post.author_id or viewer.is_moderator)


def can_delete_comment(viewer: Viewer, comment: Comment) -> bool:
    return viewer.is_signed_in and (viewer.id == comment.author_id or viewer.is_moderator)
