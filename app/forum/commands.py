"""Comment, support, follow, delete; and what every post does when it is published or saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, delete, func, literal, select, update

from app.accounts.models import User
from app.database import db, insert_into, now, transaction, write_when_sent
from app.forum.events import comment_deleted, comment_posted, post_deleted, post_followed, post_restored
from app.forum.models import Comment, Follow, Post, Reading, Revision, Support
from app.forum.policy import can_delete_comment, can_delete_post, can_remove_reason, can_support
from app.forum.queries import has_its_place, writes
from app.journal.commands import record
from app.refusals import Conflict, Gone, require

Published = TypeVar("Published", bound=Post)


class StaleRevision(Conflict):
    """Someone saved this text after the revision that the editor saw."""


def sent_before(kind: type[Published], sent_as: str | None, *, by: User) -> Published | None:
    """What the person published from the same form already. Sent twice at once, the second waits for the first."""
    if sent_as is None:
        return None
    db.session.execute(select(User.id).where(User.id == by.id).with_for_update(key_share=True))
    return db.session.scalar(select(kind).where(kind.sent_as == sent_as))


def record_revision(
    post: Post,
    *,
    by: User,
    sections: dict[str, Any],
    reason: str,
    proposer: User | None = None,
    restored: int | None = None,
) -> Revision:
    """Keep how the post reads now, under its present revision number, as of its last save. `restored` is the number of
    the older revision whose text this is."""
    revision = Revision(
        post_id=post.id,
        number=post.revision,
        author_id=by.id,
        proposer_id=proposer.id if proposer else None,
        restored=restored,
        reason=reason,
        title=post.title,
        sections=sections,
        created_at=post.edited_at or post.published_at,
    )
    db.session.add(revision)
    if post.revision > 1:
        db.session.execute(_read(post.id, by.id, post.revision))
    return revision


def restored_reason(number: int, reason: str) -> str:
    """What a revision says that brings back the text of an older one, with that one's number."""
    if not reason:
        return _("Back to revision %(number)s", number=number)
    return _("Back to revision %(number)s: %(reason)s", number=number, reason=reason)


def note_reading(post: Post, *, by: User) -> None:
    """Write down once the answer is sent that the person has read the post as it is now; nobody waits for it."""
    write_when_sent(_read(post.id, by.id, post.revision), what="a reading")


def begin_revision(post: Post, *, seen: int) -> None:
    """Take the post for an edit based on revision `seen`. Raises StaleRevision when a newer one exists."""
    moved = (
        update(Post)
        .where(Post.id == post.id, Post.revision == seen)
        .values(revision=Post.revision + 1, edited_at=now(), active_at=now())
        .returning(Post.id)
    )
    if db.session.execute(moved, execution_options={"synchronize_session": False}).first() is None:
        raise StaleRevision(_("Someone else saved this text after you opened it."))
    db.session.refresh(post)


def delete_post(post: Post, *, by: User) -> None:
    require(can_delete_post(by, post))
    with transaction():
        hold_shown(post, by=by)
        take_away(post)
        record("post_deleted", by=by, post_id=post.id, person=author_unless(post, by))


def take_away(post: Post) -> None:
    """Delete a post that is held, as part of something that is recorded by another name."""
    post.deleted_at, post.sent_as = now(), None
    post_deleted.send(post)


def author_unless(post: Post, by: User) -> User | None:
    """Whom an act on a post concerns, beside whoever did it."""
    return None if by.id == post.author_id else post.author


def authors_unless(post: Post, by: User) -> Sequence[User]:
    """All whose text a post is, beside whoever did what concerns each of them."""
    return db.session.scalars(select(User).where(User.id.in_(post.author_ids - {by.id})).order_by(User.id)).all()


def post_comment(
    post: Post,
    *,
    by: User,
    body: str,
    parent: Comment | None = None,
    answer_id: int | None = None,
    concerns: User | None = None,
    created_at: datetime | None = None,
) -> Comment:
    """Remark on a post that the person may see, reply to a remark on the same post, or remark on an answer to it.
    Raises what `hold_shown` says.

    It `concerns` the author of the remark that it replies to, or of the post, when nobody else is named.
    """
    moment = created_at or now()
    with transaction():
        hold_shown(post, by=by)
        comment = store_comment(post, by=by, body=body, parent=parent, answer_id=answer_id, created_at=moment)
        post.active_at = max(post.active_at, moment)
        comment_posted.send(comment)
        person = concerns or (parent.author if parent else post.author)
        _record("comment_posted", comment, by=by, person=person)
    return comment


def store_comment(
    post: Post,
    *,
    by: User,
    body: str,
    created_at: datetime,
    parent: Comment | None = None,
    answer_id: int | None = None,
) -> Comment:
    """Keep a remark on a post that is held, telling nobody: what was written elsewhere before is only moved here."""
    comment = Comment(post_id=post.id, answer_id=answer_id, author_id=by.id, body=body, created_at=created_at)
    comment.parent_id = parent.id if parent else None
    db.session.add(comment)
    db.session.flush()
    count_comments(post.id)
    return comment


def delete_comment(comment: Comment, *, by: User) -> None:
    require(can_delete_comment(by, comment))
    with transaction():
        hold_post(comment.post_id)
        db.session.refresh(comment)
        if comment.deleted_at is not None:
            return
        comment.deleted_at = now()
        db.session.flush()
        count_comments(comment.post_id)
        comment_deleted.send(comment)
        _record("comment_deleted", comment, by=by, person=comment.author)


def _record(action: str, comment: Comment, *, by: User, person: User) -> None:
    post_id, answer_id, comment_id = comment.post_id, comment.answer_id, comment.id
    record(action, by=by, post_id=post_id, answer_id=answer_id, comment_id=comment_id, person=person)


def support(post: Post, *, by: User, reason: str = "") -> None:
    """Back a post; backing it again changes nothing. Everyone who may see the post may read the reason."""
    require(can_support(by, post), _("You cannot support your own post."))
    with transaction():
        hold_shown(post, by=by)
        if db.session.get(Support, (post.id, by.id)) is None:
            db.session.add(Support(post_id=post.id, user_id=by.id, reason=reason))
            db.session.flush()
            count_support(post.id)
            record("support_given", by=by, post_id=post.id, person=post.author, note=reason)


def give_reason(post: Post, *, by: User, reason: str) -> None:
    """Say why one supports a post, or say it otherwise. Raises Conflict for whoever does not support it."""
    with transaction():
        hold_shown(post, by=by)
        given = db.session.get(Support, (post.id, by.id), populate_existing=True)
        if given is None:
            raise Conflict(_("Support it first, then say why."))
        if reason and reason != given.reason:
            given.reason, given.merged_from_id = reason, None
            record("support_reason_given", by=by, post_id=post.id, person=post.author, note=reason)


def remove_reason(post: Post, *, supporter_id: int, by: User) -> None:
    """The support stays; the journal keeps what was said, for moderators. Where nothing is said, nothing changes."""
    require(can_remove_reason(by, supporter_id))
    with transaction():
        hold_shown(post, by=by)
        given = db.session.get(Support, (post.id, supporter_id), populate_existing=True)
        if given is not None and given.reason:
            person, reason = db.session.get(User, supporter_id), given.reason
            _forget_reason(given)
            record("support_reason_removed", by=by, post_id=post.id, person=person, note=reason)


def _forget_reason(given: Support) -> None:
    """Nor does it come back with the post that it came with."""
    source: Support | None = given
    while source is not None:
        source.reason = ""
        came_from = source.merged_from_id
        source = db.session.get(Support, (came_from, source.user_id), populate_existing=True) if came_from else None


def withdraw_support(post: Post, *, by: User) -> None:
    with transaction():
        hold_post(post.id)
        given = delete(Support).where(Support.post_id == post.id, Support.user_id == by.id)
        if db.session.execute(given.returning(Support.user_id)).first() is not None:
            count_support(post.id)
            record("support_withdrawn", by=by, post_id=post.id, person=post.author)


def follow(post: Post, *, by: User, is_own_doing: bool = True) -> None:
    """Want to hear of a post; following it again changes nothing.

    It is written down unless it comes with something else that the person does.
    """
    with transaction(is_shown=False):
        followed = insert_into(Follow).values(post_id=post.id, user_id=by.id, created_at=now())
        is_new = db.session.execute(followed.on_conflict_do_nothing().returning(Follow.post_id)).first() is not None
        if is_new and is_own_doing:
            record("post_followed", by=by, post_id=post.id)
            db.session.execute(_read(post.id, by.id, post.revision))  # the page with the button may stay as it is
        if is_new:
            post_followed.send(post, by=by, is_own_doing=is_own_doing)


def unfollow(post: Post, *, by: User) -> None:
    with transaction(is_shown=False):
        followed = delete(Follow).where(Follow.post_id == post.id, Follow.user_id == by.id)
        if db.session.execute(followed.returning(Follow.post_id)).first() is not None:
            record("post_unfollowed", by=by, post_id=post.id)
            if by.id not in post.author_ids:
                db.session.execute(delete(Reading).where(Reading.post_id == post.id, Reading.person_id == by.id))


def merge_posts(post: Post, *, into: Post) -> None:
    """Both are held. The first leaves all that deleted ones leave, and whoever supports or follows it does so with the
    other, once."""
    for model in (Support, Follow):
        _carry_over(model, model.post_id == post.id, into=into)
    count_support(into.id)
    post.merged_into_id, post.deleted_at = into.id, now()
    post_deleted.send(post)


def part_posts(post: Post, *, target: Post) -> None:
    """Undo `merge_posts`: what people did themselves meanwhile stays, and so does what came with others as well."""
    others = select(Post.id).where(Post.merged_into_id == target.id, Post.id != post.id)
    for model in (Support, Follow):
        parted = delete(model).where(model.post_id == target.id, model.merged_from_id == post.id)
        people = db.session.scalars(parted.returning(model.user_id)).all()
        _carry_over(model, and_(model.post_id.in_(others), model.user_id.in_(people)), into=target)
    count_support(target.id)
    post.merged_into_id = post.deleted_at = None
    post_restored.send(post)


def _carry_over(model: type[Support] | type[Follow], rows: ColumnElement[bool], *, into: Post) -> None:
    """Whoever is there already stays as they are; its author takes no part."""
    others = {"reason": Support.reason} if model is Support else {}
    columns = {"merged_from_id": model.post_id, "user_id": model.user_id, "created_at": model.created_at, **others}
    came = select(literal(into.id), *columns.values()).where(rows, model.user_id != into.author_id)
    carried = insert_into(model).from_select(["post_id", *columns], came.order_by(model.post_id))
    db.session.execute(carried.on_conflict_do_nothing())


def hold_post(post_id: int) -> None:
    """Let others who count or decide on what hangs on this post wait, so that each sees what the one before did."""
    db.session.execute(select(Post.id).where(Post.id == post_id).with_for_update())


def hold_posts(*posts: Post) -> None:
    """Let others who count or decide on any of these wait, always in the same order, and read what they wrote."""
    for post in sorted(posts, key=lambda each: each.id):
        hold_post(post.id)
        db.session.refresh(post)


def hold_shown(post: Post, *, by: User) -> None:
    """Whoever counts or decides waits for whoever does so now, and reads what that one wrote. Raises Gone when the post
    was deleted meanwhile, Conflict when it was hidden from the person."""
    hold_post(post.id)
    db.session.refresh(post)
    if post.deleted_at is not None:
        raise Gone(_("This was deleted in the meantime."))
    if post.hidden_at is not None and not by.is_moderator:
        raise Conflict(_("A moderator hid this in the meantime."))


def _read(post_id: int, person_id: int, revision: int) -> Any:
    """A page that was opened before and is sent later takes back nothing."""
    read = insert_into(Reading).values(post_id=post_id, person_id=person_id, revision=revision)
    newer = read.excluded.revision
    return read.on_conflict_do_update(
        index_elements=["post_id", "person_id"], set_={"revision": newer}, where=Reading.revision < newer
    )


def count_support(post_id: int) -> None:
    """Keep how many people back it, without those who write it now."""
    backed = select(func.count()).where(Support.post_id == post_id, ~writes(Support.user_id, post_id))
    db.session.execute(update(Post).where(Post.id == post_id).values(support_count=backed.scalar_subquery()))


def count_comments(post_id: int) -> None:
    """Keep how many comments everyone sees, with those on answers."""
    present = select(func.count()).where(
        Comment.post_id == post_id,
        Comment.deleted_at.is_(None),
        Comment.hidden_at.is_(None),
        has_its_place(for_moderator=False),
    )
    db.session.execute(update(Post).where(Post.id == post_id).values(comment_count=present.scalar_subquery()))
