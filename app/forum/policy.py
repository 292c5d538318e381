"""Who may do what to posts and comments."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.forum.models import Comment, Post
from app.forum.queries import CommentRow


def can_revise(viewer: Viewer, post: Post) -> bool:
    """All whose text it is, and moderators."""
    return viewer.is_signed_in and (viewer.id in post.author_ids or viewer.is_moderator)


def can_delete_post(viewer: Viewer, post: Post) -> bool:
    """Whoever published it, and moderators: who only writes with them may not."""
    return viewer.is_signed_in and (viewer.id == post.author_id or viewer.is_moderator)


def can_delete_comment(viewer: Viewer, comment: Comment | CommentRow) -> bool:
    return viewer.is_signed_in and (viewer.id == comment.author_id or viewer.is_moderator)


def can_remove_reason(viewer: Viewer, supporter_id: int) -> bool:
    """Of the person's support, which stays."""
    return viewer.is_signed_in and (viewer.id == supporter_id or viewer.is_moderator)


def can_support(viewer: Viewer, post: Post) -> bool:
    """Everyone but those whose text it is; a guest is asked to sign in first."""
    return viewer.id not in post.author_ids
