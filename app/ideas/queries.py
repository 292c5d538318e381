"""Visible ideas, and lists of them with facets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Viewer
from app.database import db, now
from app.forum import facets
from app.forum import queries as forum
from app.forum.facets import Counts, Facets, Filters, counted, narrowed
from app.forum.models import Post, post_needed_role, post_role, post_topic
from app.forum.queries import PostRow, absent, is_visible, post_rows
from app.groups.models import Group
from app.groups.queries import visible_group_ids
from app.ideas.models import STAGE_NAMES, Idea, ListingStamp
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
