"""Visible posts and what hangs on them, as rows that a page shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, literal, select, union_all
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer, user_role
from app.accounts.queries import Author
from app.database import db
from app.forum.models import Comment, Follow, Post, Revision, Support, post_needed_role, post_role, post_topic, slug_of
from app.groups.models import Group
from app.groups.queries import visible_group_ids
from app.refusals import Gone, NotAllowed, NotThere, Refusal
from app.taxonomy.models import Role, Topic

POSTS_OF_A_PERSON = 50
DEEPEST_REPLY = 3
"""Replies to replies of this depth stand beside them, not below: a narrow screen has no room for more."""


def is_visible(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may know that a post exists; every query over posts is limited by it."""
    in_group = Post.group_id.in_(visible_group_ids(viewer))
    if viewer.is_moderator:
        return and_(in_group, Post.deleted_at.is_(None))
    return and_(in_group, Post.deleted_at.is_(None), Post.hidden_at.is_(None))


def visible_posts(viewer: Viewer) -> Select[Post]:
    return select(Post).where(is_visible(viewer))


def visible_post(viewer: Viewer, post_id: int) -> Post:
    """Raises what `absent` says."""
    post = db.session.scalar(visible_posts(viewer).where(Post.id == post_id))
    if post is None:
        raise absent(viewer, post_id)
    return post


def absent(viewer: Viewer, post_id: int) -> Refusal:
    """The refusal for a post that the viewer cannot see: Gone if it was deleted, NotAllowed, which names it as
    `hidden_post_id`, for the author of a hidden one, NotThere otherwise."""
    known = select(Post.author_id, Post.deleted_at, Post.hidden_at).where(
        Post.id == post_id, Post.group_id.in_(visible_group_ids(viewer))
    )
    post = db.session.execute(known).one_or_none()
    if post and post.deleted_at and not post.hidden_at:
        return Gone(_("This page was deleted by its author or a moderator."))
    if post and post.hidden_at and not post.deleted_at and post.author_id == viewer.id:
        return NotAllowed(_("A moderator hid your text. Only moderators can read it now."), hidden_post_id=post_id)
    return NotThere(_("There is nothing at this address."))


@dataclass(frozen=True)
class Tag:
    """A role or topic as a page shows it."""

    id: str
    name: str


@dataclass(frozen=True)
class Tags:
    """How one post is tagged."""

    roles: list[Tag] = field(default_factory=list)
    needed_roles: list[Tag] = field(default_factory=list)
    topics: list[Tag] = field(default_factory=list)

    def ids(self) -> dict[str, list[str]]:
        """As a form of the post holds them."""
        return {name: [tag.id for tag in tags] for name, tags in vars(self).items()}


def _all_tags() -> Select[Any]:
    """The tags of the posts in the parameter `ids`; built once, as building takes longer than running."""
    kinds = (("roles", post_role, Role), ("needed_roles", post_needed_role, Role), ("topics", post_topic, Topic))
    parts = []
    for name, table, model in kinds:
        tag_id = table.c.topic_id if model is Topic else table.c.role_id
        part = select(table.c.post_id, literal(name).label("kind"), model.id, model.name, model.position)
        wanted = table.c.post_id.in_(bindparam("ids", expanding=True))
        parts.append(part.join(model, model.id == tag_id).where(wanted))
    every = union_all(*parts).subquery()
    return select(every).order_by(every.c.position, every.c.id)


_ALL_TAGS = _all_tags()


def tags_of(post_ids: Sequence[int]) -> dict[int, Tags]:
    """The tags of these posts, in one query; every id has an entry."""
    tags = {post_id: Tags() for post_id in post_ids}
    if tags:
        for post_id, kind, tag_id, name, _ in db.session.execute(_ALL_TAGS, {"ids": list(tags)}):
            getattr(tags[post_id], kind).append(Tag(tag_id, name))
    return tags


@dataclass(frozen=True)
class PostRow:
    """One post in a list."""

    id: int
    kind: str
    title: str
    gist: str
    language: str
    country: str | None
    published_at: datetime
    active_at: datetime
    support_count: int
    comment_count: int
    author: Author
    group_name: str | None
    """Named only when the group is private."""
    tags: Tags
    extra: Any = None
    """What a domain adds to its rows: see post_rows."""

    @property
    def slug(self) -> str:
        return slug_of(self.title)


ROW_FACTS = (
    *("id", "kind", "title", "gist", "language", "country", "published_at", "active_at"),
    *("support_count", "comment_count"),
)
ROW_COLUMNS = (
    Post.id,
    Post.kind,
    Post.title,
    Post.gist,
    Post.language,
    Post.country,
    Post.published_at,
    Post.active_at,
    Post.support_count,
    Post.comment_count,
    User.id.label("author_id"),
    User.name.label("author_name"),
    User.display_name.label("author_display_name"),
    User.kind.label("author_kind"),
    Group.name.label("group_name"),
    Group.is_private.label("group_is_private"),
)


def post_rows(posts: Select[Any]) -> list[PostRow]:
    """Rows for a refined `visible_posts`, in its order; two queries.

    Columns that were added to it beside the entity are in `extra`, by name.
    """
    added = {each["name"]: each["expr"] for each in posts.column_descriptions[1:]}
    chosen = posts.join(User, User.id == Post.author_id).join(Group, Group.id == Post.group_id)
    shown = chosen.with_only_columns(*ROW_COLUMNS, *added.values(), maintain_column_froms=True)
    found = db.session.execute(shown).all()
    tags = tags_of([row.id for row in found])
    return [
        PostRow(
            **{name: getattr(row, name) for name in ROW_FACTS},
            author=Author(row.author_id, row.author_name, row.author_display_name, row.author_kind),
            group_name=row.group_name if row.group_is_private else None,
            tags=tags[row.id],
            extra=dict(zip(added, row[len(ROW_COLUMNS) :], strict=True)) or None,
        )
        for row in found
    ]


def posts_by(viewer: Viewer, person: User) -> list[PostRow]:
    """What a person published, newest first, as far as the viewer may see it."""
    posts = visible_posts(viewer).where(Post.author_id == person.id)
    return post_rows(posts.order_by(Post.published_at.desc(), Post.id.desc()).limit(POSTS_OF_A_PERSON))


def post_address(post: Post | PostRow) -> str:
    """The path of a post's own page."""
    return address_of(post.kind, post.id, post.title)


def address_of(kind: str, post_id: int, title: str) -> str:
    """Each kind of post has its pages under its plural."""
    return f"/{kind}s/{post_id}/{slug_of(title)}"


def revisions_of(post: Post) -> Sequence[Revision]:
    """Newest first, with their authors."""
    revisions = select(Revision).where(Revision.post_id == post.id).options(joinedload(Revision.author))
    return db.session.scalars(revisions.order_by(Revision.number.desc())).all()


def revision_of(post: Post, number: int) -> Revision:
    """The revision with its author. Raises NotThere."""
    revisions = select(Revision).where(Revision.post_id == post.id, Revision.number == number)
    revision = db.session.scalar(revisions.options(joinedload(Revision.author)))
    if revision is None:
        raise NotThere("There is no such revision.")
    return revision


@dataclass(frozen=True)
class CommentRow:
    """One comment with its replies, as a page shows it."""

    id: int
    parent_id: int | None
    body: str
    created_at: datetime
    is_removed: bool
    is_hidden: bool
    """By a moderator; only moderators see such a comment."""
    author: Author
    roles: list[Tag] = field(default_factory=list)
    """The stakeholder roles of whoever wrote it."""
    replies: list[CommentRow] = field(default_factory=list)

    @property
    def author_id(self) -> int:
        return self.author.id


def comment_thread(viewer: Viewer, post_id: int) -> list[CommentRow]:
    """The comments on a post as trees, oldest first; two queries. A removed one stays while it has replies."""
    written = select(
        Comment.id,
        Comment.parent_id,
        Comment.body,
        Comment.created_at,
        Comment.deleted_at,
        Comment.hidden_at,
        User.id,
        User.name,
        User.display_name,
        User.kind,
    ).join(User, User.id == Comment.author_id)
    found = db.session.execute(written.where(Comment.post_id == post_id).order_by(Comment.id)).all()
    roles = _roles_of({row[6] for row in found})
    rows = []
    for comment_id, parent_id, body, created_at, deleted_at, hidden_at, *author in found:
        is_hidden = hidden_at is not None
        is_removed = deleted_at is not None or (is_hidden and not viewer.is_moderator)
        shown = "" if is_removed else body
        who = Author(*author)
        rows.append(CommentRow(comment_id, parent_id, shown, created_at, is_removed, is_hidden, who, roles[who.id]))
    return _trees(rows)


def visible_comment(viewer: Viewer, comment_id: int) -> Comment:
    """The comment with its post; a hidden one for moderators alone. Raises NotThere."""
    comments = select(Comment).join(Post, Post.id == Comment.post_id).where(is_visible(viewer))
    present = comments.where(Comment.id == comment_id, Comment.deleted_at.is_(None))
    if not viewer.is_moderator:
        present = present.where(Comment.hidden_at.is_(None))
    comment = db.session.scalar(present.options(joinedload(Comment.post)))
    if comment is None:
        raise NotThere("This comment is not here.")
    return comment


def comment_replied_to(post: Post, comment_id: int | None) -> Comment | None:
    """The comment that a reply answers, removed or not. Raises NotThere when the post has no such comment."""
    if comment_id is None:
        return None
    comment = db.session.scalar(select(Comment).where(Comment.id == comment_id, Comment.post_id == post.id))
    if comment is None:
        raise NotThere("The comment that you reply to is not here.")
    return comment


@dataclass(frozen=True)
class Relation:
    """What a viewer has to do with a post."""

    supports: bool = False
    follows: bool = False


def relation_to(viewer: Viewer, post_id: int) -> Relation:
    if not viewer.is_signed_in:
        return Relation()
    supports = exists().where(Support.post_id == post_id, Support.user_id == viewer.id)
    follows = exists().where(Follow.post_id == post_id, Follow.user_id == viewer.id)
    return Relation(*db.session.execute(select(supports, follows)).one())


def _roles_of(person_ids: Collection[int]) -> dict[int, list[Tag]]:
    roles: dict[int, list[Tag]] = {person_id: [] for person_id in person_ids}
    if not roles:
        return roles
    had = select(user_role.c.user_id, Role.id, Role.name).join(Role, Role.id == user_role.c.role_id)
    found = had.where(user_role.c.user_id.in_(roles)).order_by(Role.position, Role.id)
    for person_id, role_id, name in db.session.execute(found):
        roles[person_id].append(Tag(role_id, name))
    return roles


def _trees(rows: Sequence[CommentRow]) -> list[CommentRow]:
    """Hang the replies on what they reply to, and leave out removed comments that nothing hangs on."""
    known = {row.id: row for row in rows}
    depths: dict[int, int] = {}
    parents: dict[int, CommentRow | None] = {}
    for row in rows:
        parent = known.get(row.parent_id or 0)
        if parent is not None and depths[parent.id] >= DEEPEST_REPLY:
            parent = parents[parent.id]
        parents[row.id], depths[row.id] = parent, depths[parent.id] + 1 if parent else 0
        if parent is not None:
            parent.replies.append(row)
    return [row for row in rows if parents[row.id] is None and _is_shown(row)]


def _is_shown(row: CommentRow) -> bool:
    row.replies[:] = [reply for reply in row.replies if _is_shown(reply)]
    return not row.is_removed or bool(row.replies)
