"""Comment, support, follow, delete; and what every post does when it is published or saved."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, func, select, update

from app.accounts.models import User
from app.database import db, insert_into, now, transaction
from app.forum.events import comment_deleted, comment_posted, post_deleted
from app.forum.models import Comment, Follow, Post, Revision, Support
from app.forum.policy import can_delete_comment, can_revise, can_support
from app.refusals import Conflict, require

Published = TypeVar("Published", bound=Post)


class StaleRevision(Conflict):
    """Someone saved this post after the revision that the editor saw."""


def sent_before(kind: type[Published], sent_as: str | None, *, by: User) -> Published | None:
    """What the person published from the same form already. Sent twice at once, the second waits for the first."""
    if sent_as is None:
        return None
    db.session.execute(select(User.id).where(User.id == by.id).with_for_update(key_share=True))
    return db.session.scalar(select(kind).where(kind.sent_as == sent_as))


def record_revision(post: Post, *, by: User, sections: dict[str, str], reason: str) -> Revision:
    """Keep how the post reads now, under its present revision number, as of its last save."""
    revision = Revision(
        post_id=post.id,
        number=post.revision,
        author_id=by.id,
        reason=reason,
        title=post.title,
        sections=sections,
        created_at=post.edited_at or post.published_at,
    )
    db.session.add(revision)
    return revision


def begin_revision(post: Post, *, seen: int) -> None:
    """Take the post for an edit based on revision `seen`. Raises StaleRevision when a newer one exists."""
    moved = (
        update(Post)
        .where(Post.id == post.id, Post.revision == seen)
        .values(revision=seen + 1, edited_at=now(), active_at=now())
        .returning(Post.id)
    )
    if db.session.execute(moved, execution_options={"synchronize_session": False}).first() is None:
        raise StaleRevision("Someone else saved this text after you opened it.")
    db.session.refresh(post)


def delete_post(post: Post, *, by: User) -> None:
    require(can_revise(by, post))
    with transaction():
        post.deleted_at, post.sent_as = now(), None
        post_deleted.send(post)


def post_comment(
    post: Post, *, by: User, body: str, parent: Comment | None = None, created_at: datetime | None = None
) -> Comment:
    """Remark on a post that the person may see, or reply to a remark on the same post."""
    moment = created_at or now()
    with transaction():
        _hold(post.id)
        comment = Comment(post_id=post.id, author_id=by.id, body=body, created_at=moment)
        comment.parent_id = parent.id if parent else None
        db.session.add(comment)
        db.session.flush()
        count_comments(post.id)
        post.active_at = max(post.active_at, moment)
        comment_posted.send(comment)
    return comment


def delete_comment(comment: Comment, *, by: User) -> None:
    require(can_delete_comment(by, comment))
    with transaction():
        _hold(comment.post_id)
        comment.deleted_at = now()
        db.session.flush()
        count_comments(comment.post_id)
        comment_deleted.send(comment)


def support(post: Post, *, by: User) -> None:
    """Back a post; backing it again changes nothing."""
    require(can_support(by, post), "You cannot support your own post.")
    with transaction():
        _hold(post.id)
        if db.session.get(Support, (post.id, by.id)) is None:
            db.session.add(Support(post_id=post.id, user_id=by.id))
            db.session.flush()
        _count_support(post.id)


def withdraw_support(post: Post, *, by: User) -> None:
    with transaction():
        _hold(post.id)
        db.session.execute(delete(Support).where(Support.post_id == post.id, Support.user_id == by.id))
        _count_support(post.id)


def follow(post: Post, *, by: User) -> None:
    """Want to hear of a post; following it again changes nothing."""
    with transaction(is_shown=False):
        followed = insert_into(Follow).values(post_id=post.id, user_id=by.id, created_at=now())
        db.session.execute(followed.on_conflict_do_nothing())


def unfollow(post: Post, *, by: User) -> None:
    with transaction(is_shown=False):
        db.session.execute(delete(Follow).where(Follow.post_id == post.id, Follow.user_id == by.id))


def _hold(post_id: int) -> None:
    """Let others who count what hangs on this post wait, so that each sees what the one before did."""
    db.session.execute(select(Post.id).where(Post.id == post_id).with_for_update())


def _count_support(post_id: int) -> None:
    count = select(func.count()).where(Support.post_id == post_id).scalar_subquery()
    db.session.execute(update(Post).where(Post.id == post_id).values(support_count=count))


def count_comments(post_id: int) -> None:
    present = select(func.count()).where(
        Comment.post_id == post_id, Comment.deleted_at.is_(None), Comment.hidden_at.is_(None)
    )
    db.session.execute(update(Post).where(Post.id == post_id).values(comment_count=present.scalar_subquery()))
