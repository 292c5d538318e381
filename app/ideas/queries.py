"""Visible ideas, and lists of them with facets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db, now
from app.forum import facets
from app.forum import queries as forum
from app.forum.facets import Counts, Facets, Filters, counted, narrowed
from app.forum.models import Post, post_needed_role, post_role, post_topic
from app.forum.queries import PostRow, absent, is_visible, post_rows
from app.groups.models import Group
from app.groups.queries import visible_group_ids
from app.ideas.models import STAGE_NAMES, Idea, Lineage, ListingStamp, Way
from app.kept import kept

SORTS = ("new", "active", "supported", "needs-readers")
FACETS = {
    "role": post_role.c.role_id,
    "needs": post_needed_role.c.role_id,
    "topic": post_topic.c.topic_id,
    "stage": Idea.stage,
    "country": Post.country,
    "language": Post.language,
}
WAITS_FOR_READERS = timedelta(days=90)
POPULAR = 5
MOST_RELATIONS = 30
"""Ideas that a page names as its lineage."""

KEPT_COUNTS = 500
"""Sets of counts that a process keeps."""


def visible_ideas(viewer: Viewer) -> Select[Idea]:
    """Ideas the viewer may know exist; every other idea query starts here."""
    return select(Idea).where(Post.kind == "idea", is_visible(viewer))


def idea_page(viewer: Viewer, idea_id: int) -> Idea:
    """The idea with its author and group. Raises what `absent` says."""
    wanted = visible_ideas(viewer).where(Idea.id == idea_id)
    idea = db.session.scalar(wanted.options(joinedload(Idea.author), joinedload(Idea.group)))
    if idea is None:
        raise absent(viewer, idea_id)
    return idea


def visible_idea_ids(viewer: Viewer, idea_ids: Collection[int]) -> set[int]:
    """Those of these ideas that the viewer may know exist."""
    ideas = visible_ideas(viewer).where(Idea.id.in_(idea_ids)).with_only_columns(Idea.id)
    return set(db.session.scalars(ideas)) if idea_ids else set()


def later_ideas(viewer: Viewer, idea_id: int, idea_ids: Collection[int]) -> set[int]:
    """Those of these ideas that the idea cannot go on from: they came after it, or go on from it themselves."""
    own = visible_ideas(viewer).where(Idea.id == idea_id).with_only_columns(Idea.id, Post.published_at).subquery()
    is_later = or_(
        Post.published_at > own.c.published_at,
        and_(Post.published_at == own.c.published_at, Post.id > own.c.id),
        exists().where(Lineage.idea_id == Post.id, Lineage.source_id == own.c.id),
    )
    later = select(Post.id).join(own, is_later).where(Post.id.in_(idea_ids))
    return set(db.session.scalars(later)) if idea_ids else set()


@dataclass(frozen=True)
class IdeaLink:
    """An idea as another one names it, with its author."""

    id: int
    title: str
    language: str
    author: Author

    @property
    def address(self) -> str:
        return forum.address_of("idea", self.id, self.title)


_LINK_COLUMNS = (Post.id, Post.title, Post.language, User.id, User.name, User.display_name, User.kind)


def _link(post_id: int, title: str, language: str, *author: Any) -> IdeaLink:
    return IdeaLink(post_id, title, language, Author(*author))


def idea_links(viewer: Viewer, idea_ids: Collection[int]) -> dict[int, IdeaLink]:
    """Those of these ideas that the viewer may see, by id; at most one query."""
    if not idea_ids:
        return {}
    ideas = visible_ideas(viewer).where(Idea.id.in_(idea_ids)).join(User, User.id == Post.author_id)
    links = [_link(*row) for row in db.session.execute(ideas.with_only_columns(*_LINK_COLUMNS))]
    return {link.id: link for link in links}


@dataclass(frozen=True)
class Relation:
    """The other side of a lineage, and how the newer idea goes on from the older."""

    kind: str
    line: str
    idea: IdeaLink


@dataclass(frozen=True)
class Relations:
    """What an idea goes on from, and what goes on from it."""

    older: list[Relation] = field(default_factory=list)
    newer: list[Relation] = field(default_factory=list)


def lineage_of(viewer: Viewer, idea_id: int) -> Relations:
    """As far as the viewer may see the other ideas; the newest of those that go on from it. One query."""
    is_older = Lineage.idea_id == idea_id
    other = case((is_older, Lineage.source_id), else_=Lineage.idea_id)
    found = (
        select(is_older, Lineage.kind, Lineage.line, *_LINK_COLUMNS)
        .select_from(Lineage)
        .join(Post, Post.id == other)
        .join(User, User.id == Post.author_id)
        .where(or_(is_older, Lineage.source_id == idea_id), is_visible(viewer))
        .order_by(is_older.desc(), Lineage.made_at.desc(), Post.id.desc())
        .limit(MOST_RELATIONS)
    )
    relations = Relations()
    for is_source, kind, line, *link in db.session.execute(found):
        (relations.older if is_source else relations.newer).append(Relation(kind, line, _link(*link)))
    return relations


def ways_of(idea: Idea) -> tuple[Way, ...]:
    """As its form holds them, the first recorded first."""
    lineage = select(Lineage).where(Lineage.idea_id == idea.id).order_by(Lineage.made_at, Lineage.source_id)
    return tuple(Way(row.source_id, row.kind, row.line) for row in db.session.scalars(lineage))


def idea_rows(ideas: Select[Any]) -> list[PostRow]:
    """Rows for refined `visible_ideas`, in their order, with `stage` in `extra`; two queries."""
    return post_rows(ideas.add_columns(Idea.stage))


def popular_ideas(viewer: Viewer) -> list[dict[str, str]]:
    """`url` and `title` of the ideas that most people support."""
    ideas = _in_order(visible_ideas(viewer).where(Post.hidden_at.is_(None)), "supported").limit(POPULAR)
    found = db.session.execute(ideas.with_only_columns(Post.id, Post.title))
    return [{"url": forum.address_of("idea", idea_id, title), "title": title} for idea_id, title in found]


def tag_names() -> dict[str, dict[str, str]]:
    """The names of what can be filtered by, by facet and id, in their order; codes have none. One query."""
    names = facets.tag_names()
    return {**names, "needs": names["role"], "stage": {stage: str(name) for stage, name in STAGE_NAMES.items()}}


def filtered_ideas(viewer: Viewer, filters: Filters) -> Select[Idea]:
    """In the order that the filters ask for."""
    return _in_order(narrowed(_listed(viewer, filters), FACETS, filters.chosen), filters.sort)


def facets_of(viewer: Viewer, filters: Filters, names: Mapping[str, Mapping[str, str]]) -> Facets:
    """Each facet is counted over what the other ones leave; at most two queries. `names` as from `tag_names`."""
    return _kept_counts(viewer, filters).as_facets(filters.chosen, names)


def _kept_counts(viewer: Viewer, filters: Filters) -> Counts:
    """Counting reads every idea and its tags, 20 times the work of the list itself when there are 10,000.

    So it is done once for all who may see the same groups, until the stamp says that an idea changed.
    """
    stamp = select(ListingStamp.stamp).scalar_subquery()
    visible = select(Group.id, stamp).where(Group.id.in_(visible_group_ids(viewer)))
    groups = db.session.execute(visible.order_by(Group.id)).all()
    if not groups or groups[0][1] is None:
        return _counted(viewer, filters)
    chosen = tuple(sorted(filters.chosen.items()))
    key = (tuple(map(tuple, groups)), viewer.is_moderator, chosen, _earliest(filters))
    kept_counts = kept("counts", most=KEPT_COUNTS)
    counts: Counts | None = kept_counts.get(key)
    if counts is None:
        counts = _counted(viewer, filters)
        kept_counts.put(key, counts)
    return counts


def _counted(viewer: Viewer, filters: Filters) -> Counts:
    return counted(_listed(viewer, filters), FACETS, filters.chosen)


def _listed(viewer: Viewer, filters: Filters) -> Select[Idea]:
    """What the list holds before anything is chosen in a facet."""
    earliest = _earliest(filters)
    return visible_ideas(viewer) if earliest is None else visible_ideas(viewer).where(Post.published_at > earliest)


def _earliest(filters: Filters) -> datetime | None:
    """Publication of the oldest ideas listed, to the hour, so that counts hold for as long."""
    if filters.sort != "needs-readers":
        return None
    return (now() - WAITS_FOR_READERS).replace(minute=0, second=0, microsecond=0)


def _in_order(ideas: Select[Any], sort: str) -> Select[Any]:
    orders: dict[str, tuple[ColumnElement[Any], ...]] = {
        "new": (Post.published_at.desc(),),
        "active": (Post.active_at.desc(),),
        "supported": (Post.support_count.desc(),),
        "needs-readers": ((Post.comment_count + Post.support_count).asc(), Post.published_at.desc()),
    }
    return ideas.order_by(*orders[sort], Post.id.desc())
