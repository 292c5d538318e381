"""Visible ideas, lists of them with facets, and their revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CTE, ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from app.accounts.models import Viewer
from app.database import db, now
from app.forum.models import Post, Revision, post_needed_role, post_role, post_topic
from app.forum.queries import PostRow, absent, is_visible, post_rows
from app.groups.models import Group
from app.groups.queries import visible_group_ids
from app.ideas.models import Idea, ListingStamp
from app.refusals import NotThere
from app.taxonomy.models import Role, Topic

SORTS = ("new", "active", "supported", "needs-readers")
FACETS = ("role", "needs", "topic", "stage", "country", "language")
WAITS_FOR_READERS = timedelta(days=90)

KEPT_COUNTS = 500
"""Sets of counts that a process keeps."""

Counts = dict[str, dict[str, int]]
"""How many ideas there are, by facet and value; of all, under `total` and the empty value."""

_kept: dict[tuple[Any, ...], Counts] = {}
_TAGS = {"role": post_role.c.role_id, "needs": post_needed_role.c.role_id, "topic": post_topic.c.topic_id}
_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "stage": Idea.stage,
    "country": Post.country,
    "language": Post.language,
}


def visible_ideas(viewer: Viewer) -> Select[Idea]:
    """Ideas the viewer may know exist; every other idea query starts here."""
    return select(Idea).where(Post.kind == "idea", is_visible(viewer))


def idea_page(viewer: Viewer, idea_id: int) -> Idea:
    """The idea with its author and group. Raises NotThere, or Gone when it was deleted."""
    wanted = visible_ideas(viewer).where(Idea.id == idea_id)
    idea = db.session.scalar(wanted.options(joinedload(Idea.author), joinedload(Idea.group)))
    if idea is None:
        raise absent(viewer, idea_id)
    return idea


def idea_rows(ideas: Select[Any]) -> list[PostRow]:
    """Rows for refined `visible_ideas`, in their order, with `stage` in `extra`; two queries."""
    return post_rows(ideas.add_columns(Idea.stage))


def revisions_of(idea: Idea) -> Sequence[Revision]:
    """Newest first, with their authors."""
    revisions = select(Revision).where(Revision.post_id == idea.id).options(joinedload(Revision.author))
    return db.session.scalars(revisions.order_by(Revision.number.desc())).all()


def revision_of(idea: Idea, number: int) -> Revision:
    """The revision with its author. Raises NotThere."""
    revisions = select(Revision).where(Revision.post_id == idea.id, Revision.number == number)
    revision = db.session.scalar(revisions.options(joinedload(Revision.author)))
    if revision is None:
        raise NotThere("This idea has no such revision.")
    return revision


@dataclass(frozen=True)
class Filters:
    """What a reader chose in a list's address: one of SORTS, and values of FACETS.

    Values of one facet widen what is listed, facets narrow it.
    """

    sort: str = SORTS[0]
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """The arguments of the list's address after these changes; what everyone gets anyway is left out."""
        wanted = {"sort": self.sort, **self.chosen, **changes}
        return {name: value for name, value in wanted.items() if value and value != SORTS[0]}

    def without(self, facet: str, value: str) -> dict[str, Any]:
        """The arguments of the address that no longer asks for this value."""
        return self.arguments(**{facet: tuple(each for each in self.chosen[facet] if each != value)})


@dataclass(frozen=True)
class FacetValue:
    """A value to filter by, and how many ideas would be listed with it."""

    id: str
    name: str
    """Empty for codes, whose name depends on the reader's language."""
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facets:
    """How many ideas the filters leave and, by facet, the values that some idea has: most first."""

    total: int
    values: Mapping[str, list[FacetValue]]


def tag_names() -> dict[str, dict[str, str]]:
    """The names of all roles and topics by facet and id, in their order; one query."""
    roles = select(literal("role").label("kind"), Role.id, Role.name, Role.position)
    topics = select(literal("topic").label("kind"), Topic.id, Topic.name, Topic.position)
    every = union_all(roles, topics).subquery()
    names: dict[str, dict[str, str]] = {"role": {}, "topic": {}}
    for kind, tag_id, name in db.session.execute(
        select(every.c.kind, every.c.id, every.c.name).order_by(every.c.position, every.c.id)
    ):
        names[kind][tag_id] = name
    return {**names, "needs": names["role"]}


def filtered_ideas(viewer: Viewer, filters: Filters) -> Select[Idea]:
    """In the order that the filters ask for."""
    return _in_order(visible_ideas(viewer).where(*_conditions(filters)), filters.sort)


def facets_of(viewer: Viewer, filters: Filters, names: Mapping[str, Mapping[str, str]]) -> Facets:
    """Each facet is counted over what the other ones leave; at most two queries. `names` as from `tag_names`."""
    counts = _kept_counts(viewer, filters)
    values = {facet: _values(counts[facet], filters.chosen.get(facet, ()), names.get(facet, {})) for facet in FACETS}
    return Facets(counts["total"].get("", 0), values)


def _kept_counts(viewer: Viewer, filters: Filters) -> Counts:
    """Counting reads every idea: it is done once for all who may see the same groups, until an idea changes."""
    stamp = select(ListingStamp.stamp).scalar_subquery()
    visible = select(Group.id, stamp).where(Group.id.in_(visible_group_ids(viewer)))
    groups = db.session.execute(visible.order_by(Group.id)).all()
    if not groups or groups[0][1] is None:
        return _counted(viewer, filters)
    chosen = tuple(sorted(filters.chosen.items()))
    key = (tuple(map(tuple, groups)), viewer.is_moderator, chosen, _earliest(filters))
    counts = _kept.get(key)
    if counts is None:
        if len(_kept) >= KEPT_COUNTS:
            _kept.clear()
        counts = _kept[key] = _counted(viewer, filters)
    return counts


def _counted(viewer: Viewer, filters: Filters) -> Counts:
    counts: Counts = {facet: {} for facet in ("total", *FACETS)}
    for facet, value, count in db.session.execute(_counts(viewer, filters)):
        counts[facet][value] = count
    return counts


def _in_order(ideas: Select[Idea], sort: str) -> Select[Idea]:
    orders: dict[str, tuple[ColumnElement[Any], ...]] = {
        "new": (Post.published_at.desc(),),
        "active": (Post.active_at.desc(),),
        "supported": (Post.support_count.desc(),),
        "needs-readers": ((Post.comment_count + Post.support_count).asc(), Post.published_at.desc()),
    }
    return ideas.order_by(*orders[sort], Post.id.desc())


def _conditions(filters: Filters, *, but: str | None = None) -> list[ColumnElement[bool]]:
    """What the filters ask of an idea, leaving one facet out."""
    conditions = [_has(facet, values) for facet, values in filters.chosen.items() if values and facet != but]
    if (earliest := _earliest(filters)) is not None:
        conditions.append(Post.published_at > earliest)
    return conditions


def _earliest(filters: Filters) -> datetime | None:
    """Publication of the oldest ideas listed, to the hour, so that counts hold for as long."""
    if filters.sort != "needs-readers":
        return None
    return (now() - WAITS_FOR_READERS).replace(minute=0, second=0, microsecond=0)


def _has(facet: str, values: Sequence[str]) -> ColumnElement[bool]:
    if facet in _COLUMNS:
        return cast("ColumnElement[bool]", _COLUMNS[facet].in_(values))
    tag = _TAGS[facet]
    return Post.id.in_(select(tag.table.c.post_id).where(tag.in_(values)))


def _counts(viewer: Viewer, filters: Filters) -> Select[str, str, int]:
    """(facet, value, count), and the number of all under `total`. Facets without a choice share one set of ideas."""

    def ideas(name: str, but: str | None = None) -> CTE:
        left = visible_ideas(viewer).where(*_conditions(filters, but=but))
        return left.with_only_columns(Post.id, *_COLUMNS.values(), maintain_column_froms=True).cte(name)

    every = ideas("every")
    sets = {facet: ideas(f"but_{facet}", facet) if filters.chosen.get(facet) else every for facet in FACETS}
    total = select(literal("total").label("facet"), literal("").label("value"), func.count().label("count"))
    parts = [total.select_from(every), *(_count(facet, sets[facet]) for facet in FACETS)]
    found = union_all(*parts).subquery()
    return select(found.c.facet, found.c.value, found.c.count)


def _count(facet: str, ideas: CTE) -> Select[Any]:
    if facet in _COLUMNS:
        value = ideas.c[facet]
        return select(literal(facet), value, func.count()).where(value.is_not(None)).group_by(value)
    tag = _TAGS[facet]
    tagged = ideas.join(tag.table, tag.table.c.post_id == ideas.c.id)
    return select(literal(facet), tag, func.count()).select_from(tagged).group_by(tag)


def _values(counts: Mapping[str, int], chosen: Sequence[str], names: Mapping[str, str]) -> list[FacetValue]:
    shown = {**dict.fromkeys(chosen, 0), **counts}
    values = [FacetValue(id, names.get(id, ""), count, id in chosen) for id, count in shown.items()]
    return sorted(values, key=lambda value: (-value.count, value.name, value.id))
