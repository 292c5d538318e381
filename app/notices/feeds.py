"""What goes into feeds: only what a guest may see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from app.accounts.models import Guest, User
from app.atom import BEGINNING, LENGTH, Entry
from app.course.models import Resource
from app.course.queries import course_resources, resource_address
from app.database import db
from app.forum.facets import Filters
from app.forum.models import Comment, Post, Revision, post_topic
from app.forum.queries import PostRow, absent, has_its_place, post_address, post_rows, visible_posts
from app.ideas.queries import filtered_ideas, is_co_authored_by
from app.markdown import plain_words
from app.matching.searching import search_everything
from app.questions.models import Answer
from app.questions.queries import filtered_questions
from app.refusals import Moved
from app.search.queries import SearchFilters

SUMMARY_LENGTH = 400
"""Characters of a comment or an answer."""
SEARCHED = 60
"""How many of the best results of a search are looked at for the newest."""
PERSON = (User.name, User.display_name)


def idea_entries(filters: Filters) -> list[Entry]:
    """The newest of the ideas that a list with these filters holds."""
    return _newest(filtered_ideas(Guest(), filters))


def question_entries(filters: Filters) -> list[Entry]:
    """As `idea_entries`."""
    return _newest(filtered_questions(Guest(), filters))


def topic_entries(topic_id: str) -> list[Entry]:
    """The newest ideas and questions with a topic."""
    tagged = select(post_topic.c.post_id).where(post_topic.c.topic_id == topic_id)
    return _newest(visible_posts(Guest()).where(Post.id.in_(tagged)))


def entries_by(person: User) -> list[Entry]:
    """The newest ideas and questions that a person wrote, alone or with others."""
    return _newest(visible_posts(Guest()).where(or_(Post.author_id == person.id, is_co_authored_by(person))))


def found_entries(asked: str, filters: SearchFilters) -> list[Entry]:
    """The newest ideas and questions among what a search finds first."""
    results = search_everything(Guest(), asked, filters, start=0, size=SEARCHED)
    found = [each.row.id for each in results.found if each.row.kind in ("idea", "question")]
    return _newest(visible_posts(Guest()).where(Post.id.in_(found))) if found else []


def featured_entries() -> list[Entry]:
    """The ideas featured last, and why; they count as published when they were featured."""
    featured = visible_posts(Guest()).add_columns(Post.edited_at, Post.featured_at, Post.featured_reason)
    posts = featured.where(Post.featured_at.is_not(None)).order_by(Post.featured_at.desc(), Post.id.desc())
    return [
        _post_entry(
            row, row.extra["featured_at"], _("Featured because %(reason)s", reason=row.extra["featured_reason"]) + " "
        )
        for row in post_rows(posts.limit(LENGTH))
    ]


def resource_entries() -> list[Entry]:
    """The resources that came into the catalogue last. It does not keep when: each counts as published in its year."""
    newest = course_resources().order_by(None).order_by(Resource.id.desc()).limit(LENGTH)
    found = db.session.scalars(newest.options(selectinload(Resource.topics)))
    return [_resource_entry(resource) for resource in found]


def public_post(kind: str, post_id: int) -> Post:
    """A post that has a feed of its own. Raises what `absent` says; Moved leads to a feed as well."""
    post = db.session.scalar(visible_posts(Guest()).where(Post.kind == kind, Post.id == post_id))
    if post is None:
        refusal = absent(Guest(), post_id)
        if isinstance(refusal, Moved):
            place: dict[str, Any] = {f"{kind}_id": refusal.became_id}
            refusal.address = url_for(f"notices.show_{kind}_feed", **place)
        raise refusal
    return post


def entries_about(post: Post) -> list[Entry]:
    """What happened to a post last: its revisions, comments and answers."""
    entries = [*_revisions(post), *_comments(post), *(_answers(post) if post.kind == "question" else ())]
    return sorted(entries, key=lambda entry: (entry.updated_at, entry.name), reverse=True)[:LENGTH]


def _newest(posts: Select[Any]) -> list[Entry]:
    newest = posts.add_columns(Post.edited_at).order_by(None).order_by(Post.published_at.desc(), Post.id.desc())
    return [_post_entry(row, row.published_at) for row in post_rows(newest.limit(LENGTH))]


def _post_entry(row: PostRow, published_at: datetime, before: str = "") -> Entry:
    return Entry(
        name=f"{row.kind}/{row.id}",
        path=post_address(row),
        title=row.title,
        summary=before + row.gist,
        authors=[(row.author.name, row.author.display_name), *row.co_authors],
        published_at=published_at,
        updated_at=max(published_at, row.extra["edited_at"] or published_at),
        language=row.language,
        topics=[(topic.id, topic.name) for topic in row.tags.topics],
    )


def _resource_entry(resource: Resource) -> Entry:
    moment = datetime(resource.year, 1, 1, tzinfo=UTC) if resource.year else BEGINNING
    return Entry(
        name=f"resource/{resource.key}",
        path=resource_address(resource.key),
        title=resource.title,
        summary=resource.summary,
        authors=[("", resource.publisher)],
        published_at=moment,
        updated_at=moment,
        topics=[(topic.id, topic.name) for topic in resource.topics],
    )


def _revisions(post: Post) -> list[Entry]:
    """The first one is the publication."""
    columns = (Revision.number, Revision.title, Revision.reason, Revision.created_at)
    saved: Any = select(*columns, *PERSON).join(User, User.id == Revision.author_id).where(Revision.post_id == post.id)
    found = db.session.execute(saved.order_by(Revision.number.desc()).limit(LENGTH))
    return [
        Entry(
            name=f"{post.kind}/{post.id}/revisions/{number}",
            path=post_address(post) if number == 1 else f"/{post.kind}s/{post.id}/revisions/{number}",
            title=title if number == 1 else _("Revision %(number)s: %(title)s", number=number, title=title),
            summary=post.gist if number == 1 else reason,
            authors=[(name, shown)],
            published_at=created_at,
            updated_at=created_at,
        )
        for number, title, reason, created_at, name, shown in found
    ]


def _comments(post: Post) -> list[Entry]:
    columns = (Comment.id, Comment.body, Comment.created_at, Comment.created_at)
    said = select(*columns, *PERSON).join(User, User.id == Comment.author_id).where(Comment.post_id == post.id)
    present = said.where(Comment.deleted_at.is_(None), Comment.hidden_at.is_(None), has_its_place(for_moderator=False))
    title = _("Comment on: %(title)s", title=post.title)
    return _said(post, "comment", title, present.order_by(Comment.id.desc()).limit(LENGTH))


def _answers(post: Post) -> list[Entry]:
    columns = (Answer.id, Answer.body, Answer.created_at, Answer.edited_at)
    said = select(*columns, *PERSON).join(User, User.id == Answer.author_id).where(Answer.question_id == post.id)
    present = said.where(Answer.deleted_at.is_(None), Answer.hidden_at.is_(None))
    title = _("Answer to: %(title)s", title=post.title)
    return _said(post, "answer", title, present.order_by(Answer.id.desc()).limit(LENGTH))


def _said(post: Post, kind: str, title: str, texts: Any) -> list[Entry]:
    """`texts` are (id, text in Markdown, when it was written, when it was changed, whose it is)."""
    return [
        Entry(
            name=f"{kind}/{text_id}",
            path=f"{post_address(post)}#{kind}-{text_id}",
            title=title,
            summary=plain_words(body, limit=SUMMARY_LENGTH),
            authors=[(name, shown)],
            published_at=created_at,
            updated_at=edited_at or created_at,
        )
        for text_id, body, created_at, edited_at, name, shown in db.session.execute(texts)
    ]
