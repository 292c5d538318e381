"""The ideas around an idea, and what was merged into it, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Subquery, and_, exists, literal, or_, select, true, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from app.accounts.models import User, Viewer
from app.database import db
from app.forum.models import Post
from app.forum.queries import is_visible, tells_of_posts
from app.groups.queries import visible_group_ids
from app.ideas.models import FORKED, Idea, Lineage
from app.ideas.queries import IdeaLink, idea_links, is_named, visible_ideas
from app.lineage.models import Merge
from app.lineage.policy import can_read_merged, can_undo_merge
from app.pages import ON_DESK
from app.refusals import NotThere

MERGES_SHOWN = 20
MERGED = "merged-into"
"""The kind of edge from an idea to the one that took it in."""
STEPS = 2
"""Up to the ideas that it goes on from, and down to those that go on from it."""
MOST_READ = 200
"""Lineages that are read in one step."""


def visible_idea(viewer: Viewer, idea_id: int) -> Idea | None:
    return db.session.scalar(visible_ideas(viewer).where(Idea.id == idea_id))


def sources_of(viewer: Viewer, idea: Idea) -> Sequence[Idea]:
    """Those that it goes on from and the viewer sees, with who leads them, the one that it began as a copy of first."""
    goes_on = and_(Lineage.source_id == Idea.id, Lineage.idea_id == idea.id)
    found = visible_ideas(viewer).join(Lineage, goes_on).options(joinedload(Idea.author))
    return db.session.scalars(found.order_by(Lineage.kind != FORKED, Lineage.made_at, Idea.id)).all()


@dataclass(frozen=True)
class Merges:
    """What an idea has to do with merges."""

    taken_in: Sequence[Merge] = ()
    """Ideas that were merged into it; for everyone who sees it."""
    proposed: Sequence[Merge] = ()
    """Ideas whose authors propose to merge them into it; for its author."""
    own: Merge | None = None
    """What its author proposed for it, and waits for; for its author."""


@tells_of_posts
def tell_whether_merging(_viewer: Viewer, idea_id: int) -> dict[str, ColumnElement[Any]]:
    """Most ideas never do: the page of one that does asks for more."""
    concerns = or_(Merge.target_id == idea_id, Merge.idea_id == idea_id)
    return {"has_merges": exists().where(concerns, Merge.state.in_(("proposed", "accepted")))}


def merges_of(viewer: Viewer, idea: Idea) -> Merges:
    """`idea` is one that the viewer sees. Two queries."""
    source, target = aliased(Idea), aliased(Idea)
    is_named = source.hidden_at.is_(None) if not viewer.is_moderator else true()
    is_taken_in = and_(Merge.target_id == idea.id, Merge.state == "accepted", is_named)
    is_open = and_(Merge.state == "proposed", *_is_there(source), *_is_there(target))
    concerns = or_(Merge.target_id == idea.id, Merge.idea_id == idea.id)
    wanted = or_(is_taken_in, and_(is_open, concerns)) if viewer.id == idea.author_id else is_taken_in
    found = db.session.scalars(
        select(Merge)
        .join(source, source.id == Merge.idea_id)
        .join(target, target.id == Merge.target_id)
        .where(wanted)
        .options(
            contains_eager(Merge.idea.of_type(source)).options(joinedload(source.author), selectinload(source.stays))
        )
        .options(contains_eager(Merge.target.of_type(target)).joinedload(target.author))
        .order_by(Merge.id.desc())
        .limit(MERGES_SHOWN)
    ).all()
    return Merges(
        taken_in=[each for each in found if each.state == "accepted"],
        proposed=[each for each in found if each.state == "proposed" and each.target_id == idea.id],
        own=next((each for each in found if each.state == "proposed" and each.idea_id == idea.id), None),
    )


def _is_there(idea: type[Idea]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return idea.hidden_at.is_(None), idea.deleted_at.is_(None)


def has_proposed(idea: Idea) -> bool:
    """Whether something that its author proposed for it can still be answered."""
    target = aliased(Idea)
    own = select(Merge.id).join(target, target.id == Merge.target_id).where(Merge.idea_id == idea.id)
    return db.session.scalar(own.where(Merge.state == "proposed", *_is_there(target)).limit(1)) is not None


def merges_for(person: User) -> Sequence[Merge]:
    """What is proposed for this person's ideas and waits for their answer, the longest first. One query."""
    source = aliased(Idea)
    return db.session.scalars(
        select(Merge)
        .join(Merge.target)
        .join(source, source.id == Merge.idea_id)
        .where(Merge.state == "proposed", Post.author_id == person.id, is_visible(person), Post.hidden_at.is_(None))
        .where(*_is_there(source))
        .options(contains_eager(Merge.target), contains_eager(Merge.idea.of_type(source)).joinedload(source.author))
        .order_by(Merge.id)
        .limit(ON_DESK)
    ).all()


def merge_with(viewer: Viewer, idea: Idea, merge_id: int) -> Merge:
    """What was proposed for this idea or to it; raises NotThere for all but the two authors, and when either idea is
    not there any more."""
    source, target = aliased(Idea), aliased(Idea)
    concerns = or_(Merge.target_id == idea.id, Merge.idea_id == idea.id)
    both = select(Merge).join(source, source.id == Merge.idea_id).join(target, target.id == Merge.target_id)
    found = both.where(Merge.id == merge_id, concerns, *map(_is_named, (source, target)))
    merge = db.session.scalar(found)
    if merge is None or not can_undo_merge(viewer, merge):
        raise NotThere(_("There is no such proposal."))
    return merge


def _is_named(idea: type[Idea]) -> ColumnElement[bool]:
    """Also where it was merged, as its address leads on."""
    return and_(idea.hidden_at.is_(None), or_(idea.deleted_at.is_(None), idea.merged_into_id.is_not(None)))


def merge_of(viewer: Viewer, idea_id: int) -> Merge:
    """By which an idea was taken in by another, for all who write either and moderators. Raises NotThere for everyone
    else, and for all but moderators when it was hidden."""
    visible = Idea.group_id.in_(visible_group_ids(viewer))
    taken_in = select(Merge).join(Merge.idea).where(Merge.idea_id == idea_id, Merge.state == "accepted", visible)
    if not viewer.is_moderator:
        taken_in = taken_in.where(Post.hidden_at.is_(None))
    merge = db.session.scalar(taken_in.order_by(Merge.id.desc()))
    if merge is None or not can_read_merged(viewer, merge):
        raise NotThere(_("There is nothing at this address."))
    return merge


def proposed_around(idea_id: int) -> Sequence[Merge]:
    """What was proposed for an idea or to it, and waits."""
    concerns = or_(Merge.target_id == idea_id, Merge.idea_id == idea_id)
    waiting = select(Merge).join(Merge.idea).where(concerns, Merge.state == "proposed")
    return db.session.scalars(waiting.options(contains_eager(Merge.idea).joinedload(Idea.author))).all()


@dataclass(frozen=True)
class Edge:
    """How the newer of two ideas goes on from the older."""

    newer: int
    older: int
    kind: str
    line: str = ""


@dataclass(frozen=True)
class Graph:
    """The ideas around one, and how they go on from one another."""

    own: int
    nodes: Sequence[IdeaLink]
    """The older ones first."""
    edges: Sequence[Edge]
    is_cut: bool = False
    """Whether there are more."""

    def sources_of(self, idea_id: int) -> list[Edge]:
        return [edge for edge in self.edges if edge.newer == idea_id]

    def link(self, idea_id: int) -> IdeaLink:
        return next(node for node in self.nodes if node.id == idea_id)


@dataclass
class _Walk:
    """Ids by how far they are, in the order in which they were found: nothing is found beyond an idea that the viewer
    may not see."""

    viewer: Viewer
    up: list[int]
    down: list[int]
    known: dict[int, None] = field(default_factory=dict)


def graph_of(viewer: Viewer, idea: Idea, *, most: int) -> Graph:
    """At most so many ideas around this one, the nearest ones and their sources first. Five queries."""
    walk = _Walk(viewer, [idea.id], [idea.id], {idea.id: None})
    for _step in range(STEPS):
        _go_on(walk)
    shown = list(walk.known)[:most]
    links = idea_links(viewer, shown, with_merged=True)
    edges = _edges_among(links)
    nodes = [links[each] for each in _in_order(links, edges)]
    return Graph(idea.id, nodes, edges, is_cut=len(walk.known) > most)


def _go_on(walk: _Walk) -> None:
    """One query: the sources of those above, and what goes on from those below."""
    ways = _ways(lambda newer, older: or_(newer.in_(walk.up), older.in_(walk.down)))
    newer, older = ways.c.newer, ways.c.older
    other = or_(and_(newer.in_(walk.up), Post.id == older), and_(older.in_(walk.down), Post.id == newer))
    named = select(Post.id, newer, older).join(ways, other).where(is_named(walk.viewer))
    found = db.session.execute(named.order_by(ways.c.made_at.desc(), Post.id.desc()).limit(MOST_READ)).all()
    above = [each for each, newer_id, older_id in found if newer_id in walk.up and older_id == each]
    below = [each for each, newer_id, older_id in found if older_id in walk.down and newer_id == each]
    walk.up = [each for each in above if each not in walk.known]
    walk.down = [each for each in below if each not in walk.known]
    walk.known |= dict.fromkeys([*walk.up, *walk.down])


def _edges_among(idea_ids: Collection[int]) -> list[Edge]:
    ways = _ways(lambda newer, older: and_(newer.in_(idea_ids), older.in_(idea_ids)))
    rows = db.session.execute(select(ways).order_by(ways.c.made_at, ways.c.newer, ways.c.older))
    return [Edge(row.newer, row.older, row.kind, row.line) for row in rows]


def _ways(wanted: Callable[[Any, Any], ColumnElement[bool]]) -> Subquery:
    """From which idea another goes on, and into which it was merged; why it was is between the two authors."""
    lineage = select(
        Lineage.idea_id.label("newer"), Lineage.source_id.label("older"), Lineage.kind, Lineage.line, Lineage.made_at
    )
    merged = select(Merge.idea_id, Merge.target_id, literal(MERGED), literal(""), Merge.answered_at)
    return union_all(
        lineage.where(wanted(Lineage.idea_id, Lineage.source_id)),
        merged.where(Merge.state == "accepted", wanted(Merge.idea_id, Merge.target_id)),
    ).subquery()


def _in_order(idea_ids: Collection[int], edges: Sequence[Edge]) -> list[int]:
    """Each after all that it goes on from; otherwise by id, which is by age."""
    waiting = {each: {edge.older for edge in edges if edge.newer == each} for each in sorted(idea_ids)}
    ordered: list[int] = []
    while waiting:
        free = next((each for each, sources in waiting.items() if sources <= {*ordered}), next(iter(waiting)))
        ordered.append(free)
        del waiting[free]
    return ordered
