"""What was decided, what is hidden now, what is featured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db
from app.forum.models import Comment, Post
from app.forum.queries import address_of, has_its_place, is_visible, visible_comment, visible_post, visible_posts
from app.groups.queries import visible_group_ids
from app.journal.models import JournalEntry
from app.moderation.models import ModerationAction, Subject, kind_of, post_of
from app.pages import PAGE_SIZE
from app.questions.models import Answer
from app.questions.queries import visible_answer

HIDDEN_SHOWN = 100
_MODELS: dict[str, Any] = {
    **dict.fromkeys(("idea", "question", "review", "suggestion"), Post),
    "comment": Comment,
    "answer": Answer,
}
"""Where the subject of an action is found, by its kind."""


def subject_of(viewer: Viewer, room: str, subject_id: int) -> Subject:
    """What a moderator decides about: `room` is posts, comments or answers. Raises NotThere, or Gone for a post."""
    if room == "posts":
        return visible_post(viewer, subject_id)
    if room == "answers":
        return visible_answer(viewer, subject_id)
    return visible_comment(viewer, subject_id)


def was_hidden_as_accepted(answer: Answer) -> bool:
    """Whether the answer lost its acceptance when it was hidden last."""
    lost = ("answer_hidden", "answer_unaccepted")
    on_it = (JournalEntry.post_id == answer.question_id, JournalEntry.answer_id == answer.id)
    entries = select(JournalEntry.action).where(*on_it, JournalEntry.action.in_(lost))
    return db.session.scalar(entries.order_by(JournalEntry.id.desc()).limit(1)) == "answer_unaccepted"


@dataclass(frozen=True)
class Place:
    """A post that a subject is, or stands on, and where on its page."""

    post_id: int
    kind: str
    title: str
    anchor: str = ""

    @property
    def address(self) -> str:
        return address_of(self.kind, self.post_id, self.title) + self.anchor


def place_of(subject: Subject) -> Place:
    post = post_of(subject)
    return Place(post.id, post.kind, post.title, "" if subject is post else f"#{kind_of(subject)}-{subject.id}")


@dataclass(frozen=True)
class Case:
    """What a moderator can decide about a subject, as `moderation/_tools.html` shows it."""

    kind: str
    room: str
    subject_id: int
    place: Place
    is_hidden: bool
    is_featured: bool
    can_be_featured: bool


def case_of(subject: Subject) -> Case:
    kind, post = kind_of(subject), post_of(subject)
    is_hidden, is_featured = subject.hidden_at is not None, kind == "idea" and post.featured_at is not None
    can_be_featured = kind == "idea" and not is_hidden and not post.group.is_private
    return Case(kind, room_of(kind), subject.id, place_of(subject), is_hidden, is_featured, can_be_featured)


def room_of(kind: str) -> str:
    """As in the address of decisions: posts, comments or answers."""
    return f"{kind}s" if kind in ("comment", "answer") else "posts"


@dataclass(frozen=True)
class Hidden:
    """Something that is hidden now."""

    kind: str
    subject_id: int
    title: str
    text: str
    hidden_at: datetime
    author: Author

    @property
    def room(self) -> str:
        return room_of(self.kind)


def hidden_now(viewer: Viewer) -> list[Hidden]:
    """What is hidden from everyone but moderators, newest first."""
    posts = _hidden(Post, Post.kind, Post.title, Post.gist)
    comments = _hidden(Comment, literal("comment"), Post.title, Comment.body).join(Post, Post.id == Comment.post_id)
    comments = comments.where(has_its_place(for_moderator=True))
    answers = _hidden(Answer, literal("answer"), Post.title, Answer.body).join(Post, Post.id == Answer.question_id)
    every = union_all(*(part.where(is_visible(viewer)) for part in (posts, comments, answers))).subquery()
    newest = select(every).order_by(every.c.hidden_at.desc(), every.c.subject_id.desc()).limit(HIDDEN_SHOWN)
    return [
        Hidden(kind, subject_id, title, text, hidden_at, Author(*author))
        for kind, subject_id, title, text, hidden_at, *author in db.session.execute(newest)
    ]


@dataclass(frozen=True)
class Entry:
    """One line of the public log. What was decided about is named only to those who may see it."""

    id: int
    action: str
    kind: str
    reason: str
    created_at: datetime
    moderator: Author
    place: Place | None


def log_of(viewer: Viewer) -> Select[ModerationAction]:
    """The log without what was done in private groups that the viewer does not belong to, newest first."""
    in_group = or_(ModerationAction.group_id.is_(None), ModerationAction.group_id.in_(visible_group_ids(viewer)))
    return (
        select(ModerationAction)
        .where(in_group)
        .order_by(ModerationAction.created_at.desc(), ModerationAction.id.desc())
    )


def entries(viewer: Viewer, *, number: int = 1, size: int = PAGE_SIZE) -> list[Entry]:
    """One page of the log."""
    wanted = log_of(viewer).options(joinedload(ModerationAction.moderator)).limit(size).offset((number - 1) * size)
    actions = db.session.scalars(wanted).all()
    places = _places(viewer, actions)
    return [_entry(action, places.get((action.subject_kind, action.subject_id))) for action in actions]


def hiding_of(viewer: Viewer, post_id: int) -> Entry | None:
    """The decision by which a post was hidden last; None where the log has none."""
    is_hiding = (ModerationAction.action == "hide", ModerationAction.subject_kind.in_(("idea", "question")))
    hidings = log_of(viewer).where(*is_hiding, ModerationAction.subject_id == post_id)
    hiding = db.session.scalar(hidings.options(joinedload(ModerationAction.moderator)).limit(1))
    return _entry(hiding, None) if hiding else None


def entry_count(viewer: Viewer) -> int:
    return db.session.scalar(select(func.count()).select_from(log_of(viewer).subquery())) or 0


def featured_ideas(viewer: Viewer) -> Select[Any]:
    """Newest first, each with `featured_at` and `featured_reason`."""
    ideas = visible_posts(viewer).add_columns(Post.featured_at, Post.featured_reason)
    return ideas.where(Post.featured_at.is_not(None)).order_by(Post.featured_at.desc(), Post.id.desc())


def featured_count(viewer: Viewer) -> int:
    return db.session.scalar(select(func.count()).select_from(featured_ideas(viewer).subquery())) or 0


def _hidden(model: Any, kind: Any, title: Any, text: Any) -> Select[Any]:
    person = (
        User.id.label("author_id"),
        User.name.label("author_name"),
        User.display_name,
        User.kind.label("author_kind"),
    )
    columns = (
        kind.label("kind"),
        model.id.label("subject_id"),
        title.label("title"),
        text.label("text"),
        model.hidden_at,
    )
    hidden = select(*columns, *person).select_from(model).join(User, User.id == model.author_id)
    return hidden.where(model.hidden_at.is_not(None), model.deleted_at.is_(None))


def _places(viewer: Viewer, actions: Sequence[ModerationAction]) -> dict[tuple[str, int], Place]:
    """Where the subjects of these actions are, by kind and id; those that the viewer may not see are left out."""
    ids: dict[str, list[int]] = {}
    for action in actions:
        ids.setdefault(action.subject_kind, []).append(action.subject_id)
    places = {}
    for kind, model in _MODELS.items():
        if kind in ids:
            subjects = _visible(viewer, model).where(model.id.in_(ids[kind]))
            for subject_id, post_id, post_kind, title in db.session.execute(subjects):
                anchor = "" if model is Post else f"#{kind}-{subject_id}"
                places[kind, subject_id] = Place(post_id, post_kind, title, anchor)
    return places


def _visible(viewer: Viewer, model: Any) -> Select[Any]:
    """(id of the subject, then id, kind and title of its post) for subjects that the viewer may see."""
    subjects = select(model.id, Post.id.label("post_id"), Post.kind, Post.title).where(is_visible(viewer))
    if model is Post:
        return subjects
    on = Comment.post_id if model is Comment else Answer.question_id
    present = subjects.join(Post, Post.id == on).where(model.deleted_at.is_(None))
    if model is Comment:
        present = present.where(has_its_place(for_moderator=viewer.is_moderator))
    return present if viewer.is_moderator else present.where(model.hidden_at.is_(None))


def _entry(action: ModerationAction, place: Place | None) -> Entry:
    moderator = action.moderator
    author = Author(moderator.id, moderator.name, moderator.display_name, moderator.kind)
    return Entry(action.id, action.action, action.subject_kind, action.reason, action.created_at, author, place)
