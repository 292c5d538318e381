"""New ideas that need readers, what somebody is asked to read, and how all new ideas fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, literal, or_, select, union_all

from app.accounts.models import User, Viewer
from app.attention.models import FAIR_SHARE, FEEDBACK_WITHIN, IS_NEW, Attention, Reader
from app.database import db, now
from app.follows.models import Mute
from app.forum.models import Comment, Post, Support
from app.forum.queries import PostRow, post_rows, tells_of_posts, writes
from app.ideas.models import ARCHIVED, Idea
from app.ideas.queries import idea_rows, visible_ideas
from app.reviews.models import Review
from app.suggestions.models import Suggestion

LOOKED_AT = timedelta(days=30)
"""How far back the page for moderators looks."""


def needing_readers(viewer: Viewer, *, besides: Sequence[PostRow] = (), limit: int) -> list[PostRow]:
    """New ideas that were shown less often than their fair share, those that nobody said anything about first, of
    these the one that was shown least; `shown` and `first_feedback_at` in `extra`. Never what the viewer writes or
    mutes, nor these `besides`."""
    ideas = (
        visible_ideas(viewer)
        .join(Attention, Attention.idea_id == Idea.id)
        .where(Attention.shown < FAIR_SHARE, _is_new(), may_read_first(literal(viewer.id or 0)))
        .where(~_is_by("imported"), Post.id.not_in([row.id for row in besides]))
        .order_by(Attention.first_feedback_at.is_not(None), Attention.shown, Post.published_at, Post.id)
        .limit(limit)
    )
    return idea_rows(ideas.add_columns(Attention.shown, Attention.first_feedback_at))


def may_read_first(person_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether an idea still looks for readers and a person may be one: who writes it, or mutes it or its author, is
    none."""
    mutes = exists().where(Mute.person_id == person_id, or_(Mute.post_id == Post.id, Mute.user_id == Post.author_id))
    return and_(Idea.stage != ARCHIVED, Post.hidden_at.is_(None), ~writes(person_id, Post.id), ~mutes)


def new_ones(rows: Sequence[PostRow], viewer: Viewer) -> list[int]:
    """Ids of those whose showings count: new, and not written by the viewer."""
    return [
        row.id
        for row in rows
        if row.kind == "idea"
        and row.published_at > now() - IS_NEW
        and viewer.name not in (row.author.name, *(name for name, _ in row.co_authors))
    ]


def to_read(person: User) -> list[PostRow]:
    """Ideas that the person is asked to read and may still read first, with `asked_at` in `extra`."""
    asked = and_(Reader.idea_id == Idea.id, Reader.person_id == person.id, Reader.state == "asked")
    ideas = visible_ideas(person).join(Reader, asked).where(may_read_first(literal(person.id)))
    return post_rows(ideas.add_columns(Reader.asked_at).order_by(Reader.asked_at, Reader.id))


@tells_of_posts
def tell_whether_asked(viewer: Viewer, idea_id: int) -> dict[str, ColumnElement[Any]]:
    is_asked = (Reader.idea_id == idea_id, Reader.person_id == viewer.id, Reader.state == "asked")
    asked = select(Reader.id).join(Idea, Idea.id == Reader.idea_id).where(*is_asked)
    return {"is_asked_to_read": asked.where(may_read_first(literal(viewer.id or 0))).exists()}


def first_words_at(idea_id: int) -> datetime | None:
    """When somebody who does not write an idea first said something about it, of what still stands there."""
    comments = select(Comment.created_at).where(Comment.post_id == idea_id, ~writes(Comment.author_id, idea_id))
    suggestions = select(Suggestion.made_at).where(
        Suggestion.idea_id == idea_id, Suggestion.state != "withdrawn", ~writes(Suggestion.proposer_id, idea_id)
    )
    reasons = select(Support.created_at).where(
        *(Support.post_id == idea_id, Support.reason != "", Support.merged_from_id.is_(None)),
        ~writes(Support.user_id, idea_id),
    )
    reviews = select(Review.given_at).where(Review.idea_id == idea_id, ~writes(Review.reviewer_id, idea_id))
    shown = comments.where(Comment.deleted_at.is_(None), Comment.hidden_at.is_(None))
    words = union_all(shown, suggestions, reasons, reviews).subquery()
    return db.session.scalar(select(func.min(words.c.created_at)))


@dataclass(frozen=True)
class Fared:
    """How one new idea fares."""

    row: PostRow
    shown: int
    first_feedback_at: datetime | None
    asked: int
    """People who were asked to read it."""

    @property
    def hours(self) -> int:
        """Until the first words came, or that it has waited for them."""
        return int(((self.first_feedback_at or now()) - self.row.published_at).total_seconds() // 3600)

    @property
    def is_late(self) -> bool:
        return self.hours >= FEEDBACK_WITHIN.total_seconds() / 3600


@dataclass(frozen=True)
class Overview:
    """How the new ideas fare together."""

    ideas: int
    due: int
    """Old enough for the aim to be met or missed."""
    in_time: int
    waiting: int
    """With no words yet."""
    median_hours: float | None
    """Until the first words, of those that had some."""
    least_shown: int
    median_shown: float
    most_shown: int


def overview(viewer: Viewer) -> Overview:
    """Of the ideas that members published in the last 30 days and the viewer may see."""
    columns = (Post.published_at, Attention.shown, Attention.first_feedback_at)
    found = db.session.execute(_looked_at(viewer).with_only_columns(*columns)).all()
    due = [row for row in found if row.published_at <= now() - FEEDBACK_WITHIN]
    heard = [row.first_feedback_at - row.published_at for row in found if row.first_feedback_at]
    shown = sorted(row.shown for row in found) or [0]
    return Overview(
        ideas=len(found),
        due=len(due),
        in_time=sum(
            row.first_feedback_at is not None and row.first_feedback_at - row.published_at <= FEEDBACK_WITHIN
            for row in due
        ),
        waiting=len(found) - len(heard),
        median_hours=median(each.total_seconds() / 3600 for each in heard) if heard else None,
        least_shown=shown[0],
        median_shown=median(shown),
        most_shown=shown[-1],
    )


def how_ideas_fare(viewer: Viewer, *, limit: int, offset: int) -> list[Fared]:
    """The ideas that members published in the last 30 days, those without a word first, of these the oldest first."""
    asked = select(func.count()).where(Reader.idea_id == Idea.id).scalar_subquery().label("asked")
    ideas = _looked_at(viewer).add_columns(Attention.shown, Attention.first_feedback_at, asked)
    ordered = ideas.order_by(Attention.first_feedback_at.is_not(None), Post.published_at, Post.id)
    return [Fared(row, **row.extra) for row in post_rows(ordered.limit(limit).offset(offset))]


def _looked_at(viewer: Viewer) -> Any:
    ideas = visible_ideas(viewer).join(Attention, Attention.idea_id == Idea.id)
    return ideas.where(Post.published_at > now() - LOOKED_AT, Post.hidden_at.is_(None), _is_by("member"))


def _is_by(kind: str) -> ColumnElement[bool]:
    return Post.author_id.in_(select(User.id).where(User.kind == kind))


def _is_new() -> ColumnElement[bool]:
    return Post.published_at > now() - IS_NEW
