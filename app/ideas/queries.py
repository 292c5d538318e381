"""Visible ideas, and lists of them with facets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, TableClause, and_, case, column, exists, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db, now
from app.diffs import words_gained
from app.forum import facets
from app.forum import queries as forum
from app.forum.changes import changed_parts
from app.forum.facets import Chosen, Counts, Facets, Filters, counted, narrowed
from app.forum.models import CoAuthor, Post, Revision, post_needed_role, post_role, post_topic
from app.forum.queries import POSTS_OF_A_PERSON, PostRow, absent, is_visible, post_rows
from app.gate import LARGEST_ID
from app.groups.models import Group
from app.groups.queries import visible_group_ids
from app.ideas.models import ARCHIVED, PARTS, STAGE_NAMES, STAGES, WAYS, Idea, Lineage, ListingStamp, Way
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
ATTENTION = TableClause("attention", column("idea_id"), column("first_feedback_at"))
"""Of a higher room: when somebody who does not write it first said something about an idea."""
POPULAR = 5
MOST_RELATIONS = 30
"""Ideas that a page names as its lineage."""
MOST_SAVES = 20
"""So many an editor hears of who has to put their text together with them."""

KEPT_COUNTS = 500
"""Sets of counts that a process keeps."""


def visible_ideas(viewer: Viewer) -> Select[Idea]:
    """Ideas the viewer may know exist; every other idea query starts here."""
    return select(Idea).where(Post.kind == "idea", is_visible(viewer))


def idea_page(viewer: Viewer, idea_id: int) -> Idea:
    """The idea with its authors and group; one query. Raises what `absent` says."""
    wanted = visible_ideas(viewer).where(Idea.id == idea_id)
    stays = joinedload(Idea.stays).joinedload(CoAuthor.person)
    found = db.session.scalars(wanted.options(joinedload(Idea.author), joinedload(Idea.group), stays))
    idea = found.unique().one_or_none()
    if idea is None:
        raise absent(viewer, idea_id)
    return idea


def visible_idea_ids(viewer: Viewer, idea_ids: Collection[int]) -> set[int]:
    """Those of these ideas that the viewer may know exist."""
    ideas = visible_ideas(viewer).where(Idea.id.in_(idea_ids)).with_only_columns(Idea.id)
    return set(db.session.scalars(ideas)) if idea_ids else set()


def archived_idea_ids() -> Select[int]:
    """Ids of the ideas that nobody works on; lists leave them out unless they are asked for."""
    return select(Idea.__table__.c.id).where(Idea.__table__.c.stage == ARCHIVED)


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
    """An idea as another one names it, with its authors."""

    id: int
    title: str
    language: str
    authors: Sequence[Author]
    """All who write it now; who published it comes first, whoever leads it."""
    private_group_id: int | None = None
    """Of the group that alone may read it."""
    is_merged: bool = False
    """Whether its address leads to another one, that took it in."""

    @property
    def address(self) -> str:
        return forum.address_of("idea", self.id, self.title)


_AUTHOR_COLUMNS = (User.id, User.name, User.display_name, User.kind)
_LINK_COLUMNS = (
    Post.id,
    Post.title,
    Post.language,
    select(Group.id).where(Group.id == Post.group_id, Group.is_private).correlate(Post).scalar_subquery(),
    Post.merged_into_id.is_not(None),
    select(Revision.author_id)
    .where(Revision.post_id == Post.id, Revision.number == 1)
    .correlate(Post)
    .scalar_subquery(),
    *_AUTHOR_COLUMNS,
)


def _links(rows: Iterable[Sequence[Any]]) -> list[IdeaLink]:
    """Of rows of _LINK_COLUMNS, in their order; one query for all that have co-authors."""
    found = list(rows)
    here = select(CoAuthor.idea_id).add_columns(*_AUTHOR_COLUMNS).join(CoAuthor.person)
    here = here.where(CoAuthor.idea_id.in_([row[0] for row in found]), CoAuthor.left_at.is_(None))
    co_authors = defaultdict[int, list[Author]](list)
    if found:
        for idea_id, *person in db.session.execute(here.order_by(CoAuthor.id)):
            co_authors[idea_id].append(Author(*person))
    links = []
    for idea_id, title, language, private_group_id, is_merged, published_by, *lead in found:
        authors = [Author(*lead), *co_authors[idea_id]]
        authors.sort(key=lambda author: author.id != published_by)
        links.append(IdeaLink(idea_id, title, language, authors, private_group_id, is_merged))
    return links


def is_named(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a post is one that the viewer may see, or was merged into one: then that one's page names it."""
    target = Post.__table__.alias()
    leads_on = exists().where(
        target.c.id == Post.merged_into_id,
        target.c.hidden_at.is_(None),
        or_(target.c.deleted_at.is_(None), target.c.merged_into_id.is_not(None)),
    )
    in_group = Post.group_id.in_(visible_group_ids(viewer))
    return or_(is_visible(viewer), and_(in_group, Post.hidden_at.is_(None), leads_on))


def idea_links(viewer: Viewer, idea_ids: Collection[int], *, with_merged: bool = False) -> dict[int, IdeaLink]:
    """Those of these ideas that the viewer may see, by id, or that a page may name; at most two queries."""
    if not idea_ids:
        return {}
    ideas = select(Idea).where(is_named(viewer)) if with_merged else visible_ideas(viewer)
    ideas = ideas.where(Idea.id.in_(idea_ids)).join(User, User.id == Post.author_id)
    rows = db.session.execute(ideas.with_only_columns(*_LINK_COLUMNS)).all()
    return {link.id: link for link in _links(rows)}


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
    """As far as the viewer may see the other ideas, or read that they were merged; the newest of those that go on from
    it or from what was merged into it. Two queries."""
    merged = Post.__table__.alias()
    taken_in = select(merged.c.id).where(merged.c.merged_into_id == idea_id, merged.c.hidden_at.is_(None))
    is_older = Lineage.idea_id == idea_id
    other = case((is_older, Lineage.source_id), else_=Lineage.idea_id)
    found = (
        select(is_older, Lineage.kind, Lineage.line, *_LINK_COLUMNS)
        .select_from(Lineage)
        .join(Post, Post.id == other)
        .join(User, User.id == Post.author_id)
        .where(or_(is_older, Lineage.source_id == idea_id, Lineage.source_id.in_(taken_in)), is_named(viewer))
        .order_by(is_older.desc(), Lineage.made_at.desc(), Post.id.desc())
        .limit(MOST_RELATIONS)
    )
    relations, rows = Relations(), db.session.execute(found).all()
    for (is_source, kind, line, *_rest), link in zip(rows, _links(row[3:] for row in rows), strict=True):
        relation, others = Relation(kind, line, link), relations.older if is_source else relations.newer
        if (kind, relation.idea.id) not in {(other.kind, other.idea.id) for other in others}:
            others.append(relation)
    return relations


def ways_of(idea: Idea) -> tuple[Way, ...]:
    """As its form holds them, the first recorded first."""
    lineage = (
        select(Lineage)
        .where(Lineage.idea_id == idea.id, Lineage.kind.in_(WAYS))
        .order_by(Lineage.made_at, Lineage.source_id)
    )
    return tuple(Way(row.source_id, row.kind, row.line) for row in db.session.scalars(lineage))


def is_co_authored_by(person: User) -> ColumnElement[bool]:
    """Whether a post is an idea that the person writes with its author now."""
    return exists().where(CoAuthor.idea_id == Post.id, CoAuthor.person_id == person.id, CoAuthor.left_at.is_(None))


def co_authored_by(viewer: Viewer, person: User) -> list[PostRow]:
    """Ideas of others that a person writes with them, the newest first, as far as the viewer may see them."""
    ideas = visible_ideas(viewer).where(is_co_authored_by(person))
    return post_rows(ideas.order_by(Post.published_at.desc(), Post.id.desc()).limit(POSTS_OF_A_PERSON))


def texts_at(idea_id: int, number: int | None) -> dict[str, str] | None:
    """What one revision says by part, the missing ones empty; None when there is no such revision."""
    if number is None or not 0 < number <= LARGEST_ID:
        return None
    wanted = select(Revision.title, Revision.sections).where(Revision.post_id == idea_id, Revision.number == number)
    found = db.session.execute(wanted).one_or_none()
    return {**dict.fromkeys(PARTS, ""), **found.sections, "title": found.title} if found else None


@dataclass(frozen=True)
class Save:
    """That someone saved an idea."""

    number: int
    saved_at: datetime
    reason: str
    editor: Author


def saves_after(viewer: Viewer, idea_id: int, number: int) -> list[Save]:
    """What was saved after a revision of an idea that the viewer may see, the newest first."""
    seen = visible_ideas(viewer).where(Post.id == idea_id).with_only_columns(Post.id)
    found = (
        select(Revision.number, Revision.created_at, Revision.reason)
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(User, User.id == Revision.author_id)
        .where(Revision.post_id.in_(seen), Revision.number > number)
        .order_by(Revision.number.desc())
    )
    rows = db.session.execute(found.limit(MOST_SAVES))
    return [Save(number, saved_at, reason, Author(*editor)) for number, saved_at, reason, *editor in rows]


@dataclass
class Contributor:
    """What someone gave to an idea."""

    person: User | Author
    is_author: bool = False
    """Whether they lead it now."""
    has_published: bool = False
    stays: list[CoAuthor] = field(default_factory=list)
    """From when until when they wrote it with its author."""
    saves: int = 0
    """Versions that they wrote themselves, the first among them."""
    suggestions: int = 0
    """Versions that took over what they suggested."""
    parts: set[str] = field(default_factory=set)
    """Of PARTS, those that these changed."""
    words: int = 0
    """That these added."""

    @property
    def is_here(self) -> bool:
        """Whether they are a co-author now."""
        return any(stay.left_at is None for stay in self.stays)


def contributors_of(idea: Idea) -> list[Contributor]:
    """Its author, then its co-authors of all times, then all others of whom it holds words; one query. The first text
    is that of whoever published it, whoever leads it now."""
    contributors = {idea.author_id: Contributor(idea.author, is_author=True)}
    for stay in idea.stays:
        contributors.setdefault(stay.person_id, Contributor(stay.person)).stays.append(stay)
    before: dict[str, str] = {}
    for person, is_suggested, after in _texts_of(idea):
        if person:
            contributor = contributors.setdefault(person.id, Contributor(person))
            contributor.has_published |= not before
            contributor.suggestions += is_suggested
            contributor.saves += not is_suggested
            for part in changed_parts(before, after, PARTS):
                contributor.parts.add(part)
                contributor.words += words_gained(before.get(part, ""), after.get(part, ""))
        before = after
    return list(contributors.values())


def _texts_of(idea: Idea) -> Iterator[tuple[Author | None, bool, dict[str, str]]]:
    """What each revision says by part, the oldest first; whose new words these are, nobody's where an older text came
    back; and whether they suggested them."""
    credited = func.coalesce(Revision.proposer_id, Revision.author_id)
    found = (
        select(User.id, User.name, User.display_name, User.kind)
        .add_columns(Revision.proposer_id, Revision.restored, Revision.title, Revision.sections)
        .join(User, User.id == credited)
        .where(Revision.post_id == idea.id)
        .order_by(Revision.number)
    )
    for *person, proposer_id, restored, title, sections in db.session.execute(found):
        author = Author(*person) if restored is None else None
        yield author, proposer_id is not None, {"title": title, **sections}


def idea_rows(ideas: Select[Any]) -> list[PostRow]:
    """Rows for refined `visible_ideas`, in their order, with `stage` in `extra`; two queries."""
    return post_rows(ideas.add_columns(Idea.stage))


def popular_ideas(viewer: Viewer) -> list[dict[str, str]]:
    """`url` and `title` of the ideas that most people support."""
    shown = visible_ideas(viewer).where(Post.hidden_at.is_(None), Post.id.not_in(archived_idea_ids()))
    ideas = _in_order(shown, "supported").limit(POPULAR)
    found = db.session.execute(ideas.with_only_columns(Post.id, Post.title))
    return [{"url": forum.address_of("idea", idea_id, title), "title": title} for idea_id, title in found]


def tag_names() -> dict[str, dict[str, str]]:
    """The names of what can be filtered by, by facet and id, in their order; codes have none. One query."""
    names = facets.tag_names()
    return {**names, "needs": names["role"], "stage": {stage: str(name) for stage, name in STAGE_NAMES.items()}}


def filtered_ideas(viewer: Viewer, filters: Filters) -> Select[Idea]:
    """In the order that the filters ask for."""
    return _in_order(narrowed(_listed(viewer, filters), FACETS, _wanted(filters)), filters.sort)


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
    return counted(_listed(viewer, filters), FACETS, _wanted(filters))


def _wanted(filters: Filters) -> Chosen:
    """Without a stage in the address, all but the archived ones."""
    return {"stage": STAGES, **filters.chosen}


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
    is_heard = exists().where(ATTENTION.c.idea_id == Post.id, ATTENTION.c.first_feedback_at.is_not(None))
    quiet = case((is_heard, Post.comment_count), else_=0) + Post.support_count
    orders: dict[str, tuple[ColumnElement[Any], ...]] = {
        "new": (Post.published_at.desc(),),
        "active": (Post.active_at.desc(),),
        "supported": (Post.support_count.desc(),),
        "needs-readers": (is_heard, quiet.asc(), Post.published_at.desc()),
    }
    return ideas.order_by(*orders[sort], Post.id.desc())
