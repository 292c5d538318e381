"""Filters of the lists of posts, and how many posts each would leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CTE, Column, ColumnElement, Select, func, literal, select, union_all

from app.database import db
from app.forum.models import Post
from app.taxonomy.models import Role, Topic

DEFAULT_SORT = "new"
Chosen = Mapping[str, tuple[str, ...]]
"""Values by facet. Those of one facet widen what is listed, facets narrow it."""
FacetColumns = Mapping[str, Any]
"""Where the values of each facet stand: in a column of the post itself, or of a table of its tags."""


@dataclass(frozen=True)
class Filters:
    """What a reader chose in a list's address."""

    sort: str = DEFAULT_SORT
    chosen: Chosen = field(default_factory=dict)

    @property
    def chosen_count(self) -> int:
        return sum(map(len, self.chosen.values()))

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """The arguments of the list's address after these changes; what everyone gets anyway is left out."""
        wanted = {"sort": self.sort, **self.chosen, **changes}
        return {name: value for name, value in wanted.items() if value and (name, value) != ("sort", DEFAULT_SORT)}

    def without(self, facet: str, value: str) -> dict[str, Any]:
        """The arguments of the address that no longer asks for this value."""
        return self.arguments(**{facet: tuple(each for each in self.chosen[facet] if each != value)})


@dataclass(frozen=True)
class FacetValue:
    """A value to filter by, and how many posts would be listed with it."""

    id: str
    name: str
    """Empty for codes, whose name depends on the reader's language."""
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facets:
    """How many posts the filters leave and, by facet, the values that some post has: most first."""

    total: int
    values: Mapping[str, list[FacetValue]]


@dataclass(frozen=True)
class Counts:
    """How many posts the filters leave, and how many would be left with each value, by facet and value."""

    total: int
    values: Mapping[str, Mapping[str, int]]

    def as_facets(self, chosen: Chosen, names: Mapping[str, Mapping[str, str]]) -> Facets:
        """For a page. `names` are those of a facet's values by id, where they have some."""
        return Facets(
            self.total,
            {
                facet: _facet_values(counts, chosen.get(facet, ()), names.get(facet, {}))
                for facet, counts in self.values.items()
            },
        )


def tag_names() -> dict[str, dict[str, str]]:
    """The names of all roles and topics by facet and id, in their order; one query."""
    roles = select(literal("role").label("facet"), Role.id, Role.name, Role.position)
    topics = select(literal("topic").label("facet"), Topic.id, Topic.name, Topic.position)
    every = union_all(roles, topics).subquery()
    ordered = select(every.c.facet, every.c.id, every.c.name).order_by(every.c.position, every.c.id)
    names: dict[str, dict[str, str]] = {"role": {}, "topic": {}}
    for facet, tag_id, name in db.session.execute(ordered):
        names[facet][tag_id] = name
    return names


def narrowed(posts: Select[Any], columns: FacetColumns, chosen: Chosen, *, but: str | None = None) -> Select[Any]:
    """Those of the posts with what was chosen, leaving the choice in one facet out."""
    return posts.where(*(_has_any(columns[facet], values) for facet, values in chosen.items() if facet != but))


def counted(posts: Select[Any], columns: FacetColumns, chosen: Chosen) -> Counts:
    """Each facet is counted over those of the posts that the choices in the other ones leave; one query."""
    counts: dict[str, dict[str, int]] = {facet: {} for facet in ("total", *columns)}
    for facet, value, count in db.session.execute(_counts(posts, columns, chosen)):
        counts[facet][value] = count
    return Counts(counts.pop("total").get("", 0), counts)


def _has_any(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    if not _is_of_tags(column):
        return column.in_(values)
    return Post.id.in_(select(column.table.c.post_id).where(column.in_(values)))


def _is_of_tags(column: Any) -> bool:
    return isinstance(column, Column)  # those of posts are attributes of their class


def _counts(posts: Select[Any], columns: FacetColumns, chosen: Chosen) -> Select[Any]:
    """(facet, value, count), and the number of all under `total`. Facets without a choice share one set of posts."""
    own = [column.label(facet) for facet, column in columns.items() if not _is_of_tags(column)]

    def left(name: str, but: str | None = None) -> CTE:
        some = narrowed(posts, columns, chosen, but=but)
        return some.with_only_columns(Post.id, *own, maintain_column_froms=True).cte(name)

    every = left("every")
    sets = {facet: left(f"but_{facet}", facet) if chosen.get(facet) else every for facet in columns}
    total = select(literal("total").label("facet"), literal("").label("value"), func.count().label("count"))
    parts = [_count(facet, column, sets[facet]) for facet, column in columns.items()]
    found = union_all(total.select_from(every), *parts).subquery()
    return select(found.c.facet, found.c.value, found.c.count)


def _count(facet: str, column: Any, posts: CTE) -> Select[Any]:
    if not _is_of_tags(column):
        value = posts.c[facet]
        return select(literal(facet), value, func.count()).where(value.is_not(None)).group_by(value)
    tagged = posts.join(column.table, column.table.c.post_id == posts.c.id)
    return select(literal(facet), column, func.count()).select_from(tagged).group_by(column)


def _facet_values(counts: Mapping[str, int], chosen: Sequence[str], names: Mapping[str, str]) -> list[FacetValue]:
    shown = {**dict.fromkeys(chosen, 0), **counts}
    values = [FacetValue(id, names.get(id, ""), count, id in chosen) for id, count in shown.items()]
    return sorted(values, key=lambda value: (-value.count, value.name, value.id))
