"""Who may do what to posts and comments."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.forum.models import Comment, Post
from app.forum.queries import CommentRow


def can_revise(viewer: Viewer, post: Post) -> bool:
    return viewer.is_signed_in and (viewer.id == post.author_id or viewer.is_moderator)


def can_delete_comment(viewer: Viewer, comment: Comment | CommentRow) -> bool:
    return viewer.is_signed_in and (viewer.id == comment.author_id or viewer.is_moderator)


def can_support(viewer: Viewer, post: Post) -> bool:
    """Everyone but its author; a guest is asked to sign in first."""
    return viewer.id != post.author_id
