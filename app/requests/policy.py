"""Who may ask for a change, take that back, and ask again; whoever may revise the idea decides."""

from __future__ import annotations

from app.accounts.models import Viewer
from app.forum.models import Comment, Post
from app.forum.policy import can_revise
from app.forum.queries import CommentRow
from app.requests.models import ChangeRequest


def can_ask(viewer: Viewer, post: Post) -> bool:
    """Of an idea everyone but those who write it."""
    return viewer.is_signed_in and post.kind == "idea" and viewer.id not in post.author_ids


def can_ask_with(viewer: Viewer, comment: Comment | CommentRow, post: Post) -> bool:
    """A comment of one's own asks."""
    return can_ask(viewer, post) and viewer.id == comment.author_id


def can_withdraw(viewer: Viewer, request: ChangeRequest) -> bool:
    return viewer.is_signed_in and viewer.id == request.comment.author_id


def can_reopen(viewer: Viewer, request: ChangeRequest) -> bool:
    """Whoever asked, and whoever decides."""
    return can_withdraw(viewer, request) or can_revise(viewer, request.idea)
