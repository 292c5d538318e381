"""What a person follows and mutes, and who is to hear of something."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from app.accounts.models import User, Viewer
from app.accounts.queries import person_named
from app.database import db
from app.follows.models import Following, Mutable, Mute, SavedSearch
from app.forum.models import Follow, Post, post_needed_role, post_role, post_topic
from app.forum.queries import address_of, is_visible, tells_of_posts, visible_post
from app.gate import LARGEST_ID
from app.groups.queries import sees_group
from app.pages import PAGE_SIZE
from app.refusals import NotThere
from app.search.queries import SearchFilters
from app.search.store import full_text
from app.search.tasks import index_words
from app.taxonomy.models import Topic

Reason = tuple[str, str]
"""Why a person hears of a new post (follows_person, follows_topic or follows_search), and the name of what it is."""


def subject_named(viewer: Viewer, room: str, name: str) -> Mutable:
    """What the address of a button names; `room` is posts, topics or u. Raises what loading such a thing does."""
    if room == "u":
        return person_named(name)
    if room == "posts" and name.isascii() and name.isdecimal() and len(name) < 10 and int(name) <= LARGEST_ID:
        return visible_post(viewer, int(name))
    topic = db.session.get(Topic, name) if room == "topics" else None
    if topic is None:
        raise NotThere(_("There is nothing at this address."))
    return topic


def own_search(person: User, search_id: int) -> SavedSearch:
    """Raises NotThere."""
    search = db.session.scalar(select(SavedSearch).filter_by(id=search_id, person_id=person.id))
    if search is None:
        raise NotThere(_("You keep no such search."))
    return search


def kept_search(viewer: Viewer, asked: str, filters: SearchFilters) -> SavedSearch | None:
    """As the viewer keeps it; no query for guests."""
    if not viewer.is_signed_in:
        return None
    facts = {name: value or "" for name, value in vars(filters).items()}
    return db.session.scalar(select(SavedSearch).filter_by(person_id=viewer.id, asked=asked, **facts))


@dataclass(frozen=True)
class Relation:
    """What a viewer wants to hear of a topic or person."""

    follows: bool = False
    mutes: bool = False


def relation_to(viewer: Viewer, **subject: Any) -> Relation:
    """To a topic, given as `topic_id`, or a person, given as `user_id`; one query, none for guests."""
    if not viewer.is_signed_in:
        return Relation()
    follows, mutes = (exists(select(model.id).filter_by(person_id=viewer.id, **subject)) for model in (Following, Mute))
    return Relation(*db.session.execute(select(follows, mutes)).one())


@tells_of_posts
def tell_whether_muted(viewer: Viewer, post_id: int) -> dict[str, ColumnElement[Any]]:
    return {"is_muted": exists().where(Mute.person_id == viewer.id, Mute.post_id == post_id)}


def muted_posts(person: User) -> Select[int | None]:
    """The ids of the posts of which a person wants to hear nothing."""
    return select(Mute.post_id).where(Mute.person_id == person.id, Mute.post_id.is_not(None))


@dataclass(frozen=True)
class Row:
    """Something that a person follows or mutes."""

    room: str
    """As in the address of its buttons: posts, topics or u."""
    name: str
    kind: str
    """idea, question, topic or person."""
    title: str
    language: str
    """Of a post's title; empty for others."""
    moment: datetime
    """When something happened on a post last; since when another is followed or muted."""

    @property
    def address(self) -> str:
        if self.room == "posts":
            return address_of(self.kind, int(self.name), self.title)
        return f"/u/{self.name}" if self.room == "u" else f"/ideas?{urlencode({'topic': self.name})}"


def counts_of(person: User) -> dict[str, int]:
    """How many there are on each tab, in one query."""
    lists = {show: select(func.count()).select_from(found.subquery()) for show, found in _lists(person).items()}
    lists["searches"] = select(func.count()).where(SavedSearch.person_id == person.id)
    columns = [count.scalar_subquery().label(show) for show, count in lists.items()]
    return dict(db.session.execute(select(*columns)).one()._mapping)


def rows_of(person: User, show: str, *, number: int) -> list[Row]:
    """A page of posts, topics, people or what is muted, newest first; what the person may not see is not there."""
    found = _lists(person)[show].subquery()
    newest = select(found).order_by(found.c.moment.desc(), found.c.room, found.c.name)
    here = newest.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return [Row(*row) for row in db.session.execute(here)]


def searches_of(person: User) -> Sequence[SavedSearch]:
    searches = select(SavedSearch).where(SavedSearch.person_id == person.id)
    return db.session.scalars(searches.order_by(func.lower(SavedSearch.name), SavedSearch.id)).all()


def _lists(person: User) -> dict[str, Select[Any]]:
    """By tab, each with the columns of Row."""
    followed = select(Follow.post_id).where(Follow.user_id == person.id)
    lists = {"posts": _posts(person, followed), "topics": _topics(Following, person)}
    muted = union_all(_posts(person, muted_posts(person)), _topics(Mute, person), _people(Mute, person)).subquery()
    return {**lists, "people": _people(Following, person), "muted": select(muted)}


def _posts(person: User, ids: Select[Any]) -> Select[Any]:
    facts = ("posts", cast(Post.id, String), Post.kind, Post.title, Post.language, Post.active_at)
    return _listed(facts).where(Post.id.in_(ids), is_visible(person), Post.hidden_at.is_(None))


def _topics(model: Any, person: User) -> Select[Any]:
    facts = ("topics", Topic.id, literal("topic"), Topic.name, literal(""), model.created_at)
    return _listed(facts).join(model, model.topic_id == Topic.id).where(model.person_id == person.id)


def _people(model: Any, person: User) -> Select[Any]:
    facts = ("u", User.name, literal("person"), User.display_name, literal(""), model.created_at)
    return _listed(facts).join(model, model.user_id == User.id).where(model.person_id == person.id)


def _listed(facts: tuple[Any, ...]) -> Select[Any]:
    room, *columns = facts
    names = ("name", "kind", "title", "language", "moment")
    labelled = [column.label(name) for name, column in zip(names, columns, strict=True)]
    return select(literal(room).label("room"), *labelled)


def followers_of_new(post: Post) -> dict[int, Reason]:
    """Who is to hear of a post that is new, by id, with the nearest reason: who wrote it, its topics, a kept search.

    Only people who may see it, without its author and whoever mutes it, its author or one of its topics. What is hidden
    or deleted by now is news for nobody.
    """
    reasons = _followers_by_search(post) | _followers_by_topic(post) | _followers_by_author(post)
    mutes = muting(reasons, post_id=post.id, by_id=post.author_id, is_followed_news=True)
    return {person_id: reason for person_id, reason in reasons.items() if person_id not in mutes}


def muting(
    people: Collection[int], *, post_id: int | None, by_id: int | None, is_followed_news: bool = False
) -> set[int]:
    """Those of these people who mute the post or whoever acts. With `is_followed_news`, which they would hear because
    of something that they follow, also those who mute one of the post's topics. At most one query."""
    if not people:
        return set()
    subjects = ((Mute.post_id, post_id), (Mute.user_id, by_id))
    is_muted = [column == subject for column, subject in subjects if subject is not None]
    if is_followed_news:
        is_muted.append(Mute.topic_id.in_(select(post_topic.c.topic_id).where(post_topic.c.post_id == post_id)))
    mutes = select(Mute.person_id).where(Mute.person_id.in_(people), or_(false(), *is_muted))
    return set(db.session.scalars(mutes))


@dataclass(frozen=True)
class Muted:
    """What one person mutes, by id: posts, people, and posts on a topic of which they want to hear nothing new."""

    posts: Set[int]
    people: Set[int]
    on_topics: Set[int]

    def has(self, *, post_id: int | None, by_id: int | None, is_followed_news: bool) -> bool:
        """As `muting` tells it."""
        is_news = is_followed_news and post_id in self.on_topics
        return post_id in self.posts or by_id in self.people or is_news


def muted_among(person: User, *, post_ids: Collection[int], people: Collection[int]) -> Muted:
    """Of these posts and people; one query."""
    tagged = and_(post_topic.c.topic_id == Mute.topic_id, post_topic.c.post_id.in_(post_ids))
    mutes = select(Mute.post_id, Mute.user_id, post_topic.c.post_id).outerjoin(post_topic, tagged)
    is_among = or_(Mute.post_id.in_(post_ids), Mute.user_id.in_(people), post_topic.c.post_id.is_not(None))
    found = db.session.execute(mutes.where(Mute.person_id == person.id, is_among)).all()
    return Muted(*({row[place] for row in found} - {None} for place in range(3)))


def _hearing(post: Post, column: Any, *facts: Any) -> Select[Any]:
    """The person in this column and these facts, if the person may see the post and did not write it."""
    hearing = select(column, *facts).join(User, User.id == column).join(Post, Post.id == post.id)
    return hearing.where(
        sees_group(Post.group_id), Post.deleted_at.is_(None), Post.hidden_at.is_(None), User.id != Post.author_id
    )


def _followers_by_author(post: Post) -> dict[int, Reason]:
    following = _hearing(post, Following.person_id).where(Following.user_id == post.author_id)
    return dict.fromkeys(db.session.scalars(following), ("follows_person", post.author.display_name))


def _followers_by_topic(post: Post) -> dict[int, Reason]:
    """Of several topics, the first in the order of topics."""
    tagged = select(post_topic.c.topic_id).where(post_topic.c.post_id == post.id)
    following = _hearing(post, Following.person_id, Topic.name).join(Topic, Topic.id == Following.topic_id)
    last_first = following.where(Topic.id.in_(tagged)).order_by(Topic.position.desc(), Topic.id.desc())
    return {person_id: ("follows_topic", name) for person_id, name in db.session.execute(last_first)}


def _followers_by_search(post: Post) -> dict[int, Reason]:
    """Who keeps a search that the post has all words of; however many keep one, at most a few queries."""
    searches = db.session.execute(_searches_admitting(post)).all()
    if not searches:
        return {}
    index_words(kind=post.kind, id=post.id)  # the job that does so may still wait
    words = full_text().words_in(post.kind, post.id, {word for search in searches for word in search.words})
    found = [search for search in searches if words.issuperset(search.words)]
    return {search.person_id: ("follows_search", search.name) for search in found}


def _searches_admitting(post: Post) -> Select[Any]:
    """(person_id, name, words) of the searches to tell of, whose filters admit the post; the first of each last."""
    roles = union(*(select(tag.c.role_id).where(tag.c.post_id == post.id) for tag in (post_role, post_needed_role)))
    topics = select(post_topic.c.topic_id).where(post_topic.c.post_id == post.id)
    searches = _hearing(post, SavedSearch.person_id, SavedSearch.name, SavedSearch.words)
    return searches.where(
        SavedSearch.is_told,
        SavedSearch.kind.in_(("", post.kind)),
        SavedSearch.language.in_(("", post.language)),
        or_(SavedSearch.topic == "", SavedSearch.topic.in_(topics)),
        or_(SavedSearch.role == "", SavedSearch.role.in_(roles)),
    ).order_by(SavedSearch.id.desc())
