"""What the first page and the desk show of everything."""

from __future__ import annotations

from sqlalchemy import func, select

from app.accounts.models import User, Viewer
from app.accounts.queries import people
from app.course.models import Nugget, Resource
from app.database import db
from app.follows.queries import muted_posts
from app.forum.models import Follow, Post
from app.forum.queries import PostRow, is_changed_for, is_visible, post_rows, visible_posts
from app.ideas.queries import archived_idea_ids
from app.questions.models import Question

SHOWN = 6
FOLLOWED = 8


def newest_ideas(viewer: Viewer) -> list[PostRow]:
    is_going_on = Post.id.not_in(archived_idea_ids())
    ideas = visible_posts(viewer).where(Post.kind == "idea", Post.hidden_at.is_(None), is_going_on)
    return post_rows(ideas.order_by(Post.published_at.desc(), Post.id.desc()).limit(SHOWN))


def open_questions(viewer: Viewer) -> list[PostRow]:
    """Questions that nobody has answered yet and that still take answers, newest first."""
    question = Question.__table__.c
    unanswered = select(question.id).where(question.answer_count == 0, question.closed_at.is_(None))
    questions = visible_posts(viewer).where(Post.id.in_(unanswered), Post.hidden_at.is_(None))
    return post_rows(questions.order_by(Post.published_at.desc(), Post.id.desc()).limit(SHOWN))


def followed_posts(person: User) -> list[PostRow]:
    """What the person follows, does not mute and may still see, where something happened last first; `is_changed` in
    `extra` says whether it was saved again after they read it."""
    followed = Post.id.in_(select(Follow.post_id).where(Follow.user_id == person.id))
    posts = visible_posts(person).where(followed, Post.id.not_in(muted_posts(person)), Post.hidden_at.is_(None))
    newest = posts.order_by(Post.active_at.desc(), Post.id.desc()).limit(FOLLOWED)
    return post_rows(newest.add_columns(is_changed_for(person).label("is_changed")))


def counts(viewer: Viewer) -> dict[str, int]:
    """How much there is to read and whom to meet, in one query."""
    posts = select(func.count()).select_from(Post).where(is_visible(viewer), Post.hidden_at.is_(None))
    everyone = people().order_by(None).subquery()
    found = db.session.execute(
        select(
            posts.where(Post.kind == "idea").scalar_subquery().label("ideas"),
            posts.where(Post.kind == "question").scalar_subquery().label("questions"),
            select(func.count()).select_from(everyone).scalar_subquery().label("people"),
            select(func.count()).select_from(Nugget).scalar_subquery().label("nuggets"),
            select(func.count()).select_from(Resource).scalar_subquery().label("resources"),
        )
    ).one()
    return dict(found._mapping)
