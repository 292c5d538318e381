"""Visible posts and what hangs on them, as rows that a page shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import User, Viewer, user_role
from app.accounts.queries import Author
from app.database import db, now
from app.forum.changes import changed_parts
from app.forum.models import (
    CoAuthor,
    Comment,
    Follow,
    Post,
    Reading,
    Revision,
    Support,
    post_needed_role,
    post_role,
    post_topic,
    slug_of,
)
from app.gate import LARGEST_ID
from app.groups.models import Group
from app.groups.queries import is_open_to, visible_group_ids
from app.journal.queries import ANSWERS
from app.pages import PAGE_SIZE
from app.refusals import Gone, Moved, NotAllowed, NotThere, Refusal
from app.taxonomy.models import Role, Topic

POSTS_OF_A_PERSON = 50
JUST_NOW = timedelta(minutes=10)
"""So long someone who supports a post is asked why."""
REASONS_SHOWN = 5
"""On the page of the post."""
DEEPEST_REPLY = 3
"""Replies to replies of this depth stand beside them, not below: a narrow screen has no room for more."""


def is_visible(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may know that a post exists; every query over posts is limited by it."""
    in_group = Post.group_id.in_(visible_group_ids(viewer))
    if viewer.is_moderator:
        return and_(in_group, Post.deleted_at.is_(None))
    return and_(in_group, Post.deleted_at.is_(None), Post.hidden_at.is_(None))


def ids_merged_into(post_id: int) -> Select[int]:
    """Of the posts that this one took in."""
    return select(Post.id).where(Post.merged_into_id == post_id)


def writes(person_id: SQLColumnExpression[int], post_id: SQLColumnExpression[int] | int) -> ColumnElement[bool]:
    """Whether somebody is an author of a post now, however they came to be."""
    post = aliased(Post)
    here = and_(CoAuthor.idea_id == post_id, CoAuthor.person_id == person_id, CoAuthor.left_at.is_(None))
    return or_(exists().where(post.id == post_id, post.author_id == person_id), exists().where(here))


def visible_posts(viewer: Viewer) -> Select[Post]:
    return select(Post).where(is_visible(viewer))


def visible_post(viewer: Viewer, post_id: int) -> Post:
    """Raises what `absent` says."""
    post = db.session.scalar(visible_posts(viewer).where(Post.id == post_id))
    if post is None:
        raise absent(viewer, post_id)
    return post


def absent(viewer: Viewer, post_id: int) -> Refusal:
    """The refusal for a post that the viewer cannot see: Moved if it was merged into one that they see, Gone if it was
    deleted, NotAllowed, which names it as `hidden_post_id`, for whoever writes a hidden one, NotThere otherwise."""
    is_own = writes(literal(viewer.id or 0), Post.id).label("is_own")
    known = select(Post.deleted_at, Post.hidden_at, Post.merged_into_id, is_own).where(
        Post.id == post_id, Post.group_id.in_(visible_group_ids(viewer))
    )
    post = db.session.execute(known).one_or_none()
    if post and post.merged_into_id and not post.hidden_at:
        target = db.session.scalar(visible_posts(viewer).where(Post.id == post.merged_into_id))
        if target is None:
            return absent(viewer, post.merged_into_id)
        return Moved(_("This was merged into another one."), address=post_address(target), became_id=target.id)
    if post and post.deleted_at and not post.hidden_at:
        return Gone(_("This page was deleted by its author or a moderator."))
    if post and post.hidden_at and not post.deleted_at and post.is_own:
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
    every = union_all(*parts, writing_now(CoAuthor.idea_id, literal("co_authors"), among="ids")).subquery()
    return select(every).order_by(every.c.position, every.c.id)


def writing_now(*first: SQLColumnExpression[Any], among: str) -> Select[Any]:
    """After the columns `first`: short name, shown name and place of the co-authors of the ideas in the parameter
    `among`, the first to come first. To be joined to a union of tags, so that a list costs no query more."""
    people = select(*first, User.name, User.display_name, CoAuthor.id).select_from(CoAuthor).join(CoAuthor.person)
    return people.where(CoAuthor.left_at.is_(None), CoAuthor.idea_id.in_(bindparam(among, expanding=True)))


_ALL_TAGS = _all_tags()


def tags_of(post_ids: Sequence[int]) -> dict[int, Tags]:
    """The tags of these posts, in one query; every id has an entry."""
    return _tags_and_co_authors(post_ids)[0]


def _tags_and_co_authors(post_ids: Sequence[int]) -> tuple[dict[int, Tags], defaultdict[int, list[tuple[str, str]]]]:
    tags = {post_id: Tags() for post_id in post_ids}
    co_authors: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    if tags:
        for post_id, kind, tag_id, name, _ in db.session.execute(_ALL_TAGS, {"ids": list(tags)}):
            if kind == "co_authors":
                co_authors[post_id].append((tag_id, name))
            else:
                getattr(tags[post_id], kind).append(Tag(tag_id, name))
    return tags, co_authors


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
    co_authors: Sequence[tuple[str, str]] = ()
    """Who writes it with its author: (short name, shown name)."""

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
    tags, co_authors = _tags_and_co_authors([row.id for row in found])
    return [
        PostRow(
            **{name: getattr(row, name) for name in ROW_FACTS},
            author=Author(row.author_id, row.author_name, row.author_display_name, row.author_kind),
            group_name=row.group_name if row.group_is_private else None,
            tags=tags[row.id],
            extra=dict(zip(added, row[len(ROW_COLUMNS) :], strict=True)) or None,
            co_authors=co_authors[row.id],
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


_WITH_AUTHORS = (joinedload(Revision.author), joinedload(Revision.proposer))


def revisions_of(post: Post, *, number: int) -> Sequence[Revision]:
    """A page of them, newest first, with their authors, and the one after these; one query."""
    revisions = select(Revision).where(Revision.post_id == post.id).options(*_WITH_AUTHORS)
    here = revisions.order_by(Revision.number.desc()).limit(PAGE_SIZE + 1).offset((number - 1) * PAGE_SIZE)
    return db.session.scalars(here).all()


def revision_of(post: Post, number: int) -> Revision:
    """The revision with its author. Raises NotThere."""
    revisions = select(Revision).where(Revision.post_id == post.id, Revision.number == number)
    is_number = 0 < number <= LARGEST_ID
    revision = db.session.scalar(revisions.options(*_WITH_AUTHORS)) if is_number else None
    if revision is None:
        raise NotThere(_("There is no such revision."))
    return revision


@dataclass(frozen=True)
class Since:
    """What someone who writes or follows a post has not read of it."""

    seen: int
    """The newest revision that they read."""
    parts: Sequence[str]
    """That changed since, by key."""


def changed_since(post: Post, seen: int, labels: Mapping[str, str]) -> Since | None:
    """What changed since an older revision, if these parts did; one query."""
    ends = select(Revision).where(Revision.post_id == post.id, Revision.number.in_((seen, post.revision)))
    found = db.session.scalars(ends.order_by(Revision.number)).all()
    parts = changed_parts(found[0].texts, found[-1].texts, labels) if found else []
    return Since(seen, parts) if parts else None


def is_changed_for(person: User) -> ColumnElement[bool]:
    """Whether a post was saved again after the person read it."""
    return exists().where(Reading.post_id == Post.id, Reading.person_id == person.id, Reading.revision < Post.revision)


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
    """The stakeholder roles of whoever wrote it, for those who may read their profile."""
    replies: list[CommentRow] = field(default_factory=list)

    @property
    def author_id(self) -> int:
        return self.author.id

    @property
    def size(self) -> int:
        """How many comments everyone sees here: this one, unless it was taken away, and its replies."""
        return (not self.is_removed and not self.is_hidden) + sum(reply.size for reply in self.replies)


def comment_thread(viewer: Viewer, post_id: int) -> list[CommentRow]:
    """The comments on the post itself; as `comment_threads` gives them."""
    return comment_threads(viewer, post_id)[None]


def writers_of(comments: Sequence[CommentRow]) -> set[int]:
    """The ids of those whose comments can be read in a thread."""
    writers = {comment.author.id for comment in comments if not comment.is_removed}
    return writers.union(*(writers_of(comment.replies) for comment in comments))


def comment_threads(viewer: Viewer, post_id: int) -> dict[int | None, list[CommentRow]]:
    """The comments on a post (under None) and on its answers (under their ids) as trees, oldest first; two queries.

    A removed comment stays while it has replies.
    """
    written = select(
        Comment.answer_id,
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
    roles = _roles_of({row[7] for row in found}, viewer)
    threads: dict[int | None, list[CommentRow]] = defaultdict(list)
    for answer_id, comment_id, parent_id, body, created_at, deleted_at, hidden_at, *author in found:
        is_hidden = hidden_at is not None
        is_removed = deleted_at is not None or (is_hidden and not viewer.is_moderator)
        shown = "" if is_removed else body
        who = Author(*author)
        row = CommentRow(comment_id, parent_id, shown, created_at, is_removed, is_hidden, who, roles[who.id])
        threads[answer_id].append(row)
    return defaultdict(list, {answer_id: _trees(rows) for answer_id, rows in threads.items()})


def has_its_place(*, for_moderator: bool) -> ColumnElement[bool]:
    """Whether what a comment is about is on the page of the post: an answer may have been taken off it."""
    answer = select(ANSWERS.c.id).where(ANSWERS.c.id == Comment.answer_id, ANSWERS.c.deleted_at.is_(None))
    if not for_moderator:
        answer = answer.where(ANSWERS.c.hidden_at.is_(None))
    return or_(Comment.answer_id.is_(None), answer.exists())


def visible_comment(viewer: Viewer, comment_id: int) -> Comment:
    """The comment with its post; one that is hidden, or on a hidden answer, for moderators alone. Raises NotThere."""
    comments = select(Comment).join(Post, Post.id == Comment.post_id).where(is_visible(viewer))
    present = comments.where(
        Comment.id == comment_id, Comment.deleted_at.is_(None), has_its_place(for_moderator=viewer.is_moderator)
    )
    if not viewer.is_moderator:
        present = present.where(Comment.hidden_at.is_(None))
    comment = db.session.scalar(present.options(joinedload(Comment.post)))
    if comment is None:
        raise NotThere(_("This comment is not here."))
    return comment


def comment_replied_to(post: Post, comment_id: int | None) -> Comment | None:
    """The comment that a reply answers, removed or not. Raises NotThere when the post has no such comment."""
    if comment_id is None:
        return None
    on_post = select(Comment).where(Comment.post_id == post.id, Comment.answer_id.is_(None))
    comment = db.session.scalar(on_post.where(Comment.id == comment_id))
    if comment is None:
        raise NotThere(_("The comment that you reply to is not here."))
    return comment


@dataclass(frozen=True)
class Relation:
    """What a viewer has to do with a post."""

    supports: bool = False
    follows: bool = False
    reason: str = ""
    """Why the viewer supports it."""
    supported_at: datetime | None = None
    read: int = 0
    """The newest revision that they are known to have read."""

    @property
    def has_just_supported(self) -> bool:
        return self.supported_at is not None and now() - self.supported_at < JUST_NOW


def relation_to(viewer: Viewer, post_id: int) -> Relation:
    return Relation(*db.session.execute(select(*_relation_columns(viewer, post_id))).one())


def _relation_columns(viewer: Viewer, post_id: int) -> list[ColumnElement[Any]]:
    """As a Relation has them; no row has a guest's id."""
    own = and_(Support.post_id == post_id, Support.user_id == viewer.id)
    return [
        exists().where(own),
        exists().where(Follow.post_id == post_id, Follow.user_id == viewer.id),
        func.coalesce(select(Support.reason).where(own).scalar_subquery(), ""),
        select(Support.created_at).where(own).scalar_subquery(),
        revision_read(viewer, post_id),
    ]


def revision_read(viewer: Viewer, post_id: int) -> ColumnElement[int]:
    """The newest revision of a post that the viewer is known to have read; 0 when they are not."""
    read = select(Reading.revision).where(Reading.post_id == post_id, Reading.person_id == viewer.id)
    return func.coalesce(read.scalar_subquery(), 0)


@dataclass(frozen=True)
class Reason:
    """Why someone supports a post."""

    text: str
    given_at: datetime
    by_author: bool
    """Of somebody who came to write it since: it stays, and the support is not counted."""
    supporter: Author


@dataclass(frozen=True)
class Reasons:
    """Some of those of a post, the newest first, and how many there are."""

    rows: list[Reason] = field(default_factory=list)
    total: int = 0


def reasons_for(post_id: int, *, most: int = REASONS_SHOWN, offset: int = 0) -> Reasons:
    """Why people support a post that the viewer may see; who says nothing is not named. One query."""
    given = (
        select(func.count().over(), Support.reason, Support.created_at, writes(Support.user_id, post_id))
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(User, User.id == Support.user_id)
        .where(Support.post_id == post_id, Support.reason != "")
        .order_by(Support.created_at.desc(), Support.user_id.desc())
    )
    found = db.session.execute(given.limit(most).offset(offset)).all()
    rows = [Reason(text, given_at, by_author, Author(*who)) for _, text, given_at, by_author, *who in found]
    return Reasons(rows, found[0][0] if found else 0)


Told = Callable[[Viewer, int], Mapping[str, ColumnElement[Any]]]
_told: list[Told] = []


def tells_of_posts(told: Told) -> Told:
    """Decorator: a higher room, which this one does not know, tells something of a post on its page.

    The function takes the viewer and the post's id and returns scalar columns by the names that templates know.
    """
    _told.append(told)
    return told


@tells_of_posts
def tell_whether_reasons(_viewer: Viewer, post_id: int) -> dict[str, ColumnElement[Any]]:
    """They stay when all who gave them have come to write the post, and nobody is counted."""
    return {"has_reasons": exists().where(Support.post_id == post_id, Support.reason != "")}


def told_of_post(viewer: Viewer, post_id: int) -> tuple[Relation, dict[str, Any]]:
    """The viewer's relation to it, and what all rooms tell of it, in one query."""
    relation = _relation_columns(viewer, post_id)
    columns = [column.label(name) for told in _told for name, column in told(viewer, post_id).items()]
    row = db.session.execute(select(*relation, *columns)).one()
    return Relation(*row[: len(relation)]), dict(
        zip([column.name for column in columns], row[len(relation) :], strict=True)
    )


def _roles_of(person_ids: Collection[int], viewer: Viewer) -> dict[int, list[Tag]]:
    roles: dict[int, list[Tag]] = {person_id: [] for person_id in person_ids}
    if not roles:
        return roles
    had = select(user_role.c.user_id, Role.id, Role.name).join(Role, Role.id == user_role.c.role_id)
    told = had.join(User, User.id == user_role.c.user_id).where(is_open_to(viewer))
    found = told.where(user_role.c.user_id.in_(roles)).order_by(Role.position, Role.id)
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
