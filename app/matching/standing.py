"""What a viewer may be shown, and as of when; what was looked up for one standing is kept while it stays true."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TypeVar

from sqlalchemy import exists, select

from app.accounts.models import User, Viewer
from app.database import db
from app.expertise.models import PersonField
from app.feedback.models import Judgement
from app.groups.models import Group
from app.groups.queries import is_listed_in, visible_group_ids
from app.kept import kept
from app.matching.encoding import adopt, encoding
from app.matching.models import ANYTHING, IndexGeneration, KeptStatistics, MatchableChange, Passage, kept_as
from app.matching.weights import learned_last, weights_named
from app.search.queries import Key, visible_keys
from app.search.rows import SubjectRow, subject_rows
from ml.weights import WeightSet

Subject = TypeVar("Subject")
Fact = TypeVar("Fact")
MOST_STANDINGS = 8
MOST_SUBJECTS = 12_000
"""Of which it is known whether they are visible; likewise of digests and of rows."""
SLOWEST = 100
"""A request may have begun so many changes ago."""


@dataclass(frozen=True)
class Standing:
    """Equal standings are shown the same, but for what is the viewer's own."""

    generation: int
    """Moves with every change to what can be matched."""
    groups: frozenset[int]
    is_moderator: bool
    encoders: str
    """The name of the set that texts are matched by."""
    statistics_at: datetime | None
    """When what is known of all texts was last computed."""
    last_passage: int
    """The newest row that the store of vectors has to know."""
    weights_name: str | None = None
    """Of learned weights that matches are ranked by; none for the shipped ones."""
    has_judged: bool = field(default=False, compare=False)
    """Whether this viewer said something of matches."""

    @property
    def weights(self) -> WeightSet:
        return weights_named(self.weights_name)

    @property
    def place(self) -> tuple[frozenset[int], bool, str]:
        """What stays when the generation moves."""
        return self.groups, self.is_moderator, self.encoders


@dataclass
class Known:
    """What this process looked up for one standing, as of a generation. A change takes out just what it touches."""

    generation: int
    visible: dict[Key, bool] = field(default_factory=dict)
    digests: dict[Key, str] = field(default_factory=dict)
    """Of what is embedded; empty for what is not."""
    rows: dict[Key, SubjectRow] = field(default_factory=dict)
    willing: Mapping[int, frozenset[str]] | None = None
    """What everyone knows who agreed to be asked, once somebody wanted to know."""
    changing: Lock = field(default_factory=Lock)

    def catch_up(self, generation: int) -> None:
        """Forget what changed since; everything, when the number is so much lower that the database is another one."""
        with self.changing:
            if generation < self.generation - SLOWEST:
                self._forget({ANYTHING})
                self.generation = generation
            if self.generation < generation:
                self._forget(_changes(self.generation, generation))
                self.generation = generation

    def learn(self, standing: Standing, what: dict[Subject, Fact], found: Mapping[Subject, Fact]) -> None:
        """Keep what was found, unless something has changed since it was looked up."""
        with self.changing:
            if self.generation == standing.generation:
                if len(what) + len(found) > MOST_SUBJECTS:
                    what.clear()
                what.update(found)

    def learn_willing(self, standing: Standing, willing: Mapping[int, frozenset[str]]) -> None:
        with self.changing:
            if self.generation == standing.generation:
                self.willing = willing

    def _forget(self, changed: Collection[Key]) -> None:
        if ANYTHING in changed:
            self.visible, self.digests, self.rows, self.willing = {}, {}, {}, None
        for key in changed:
            for what in (self.visible, self.digests, self.rows):
                what.pop(key, None)
        if people := {subject_id for kind, subject_id in changed if kind == "person"}:
            self.willing = None
            self.rows = {key: row for key, row in self.rows.items() if not _names_any(row, people)}


def _names_any(row: SubjectRow, people: Collection[int]) -> bool:
    """Whether a row may show the name of one of these; it keeps those of co-authors without their ids."""
    return bool(row.co_authors) or (row.author is not None and row.author.id in people)


def standing_of(viewer: Viewer) -> Standing:
    """As of now; one query."""
    encoders, seen = encoding().name, Group.id.in_(visible_group_ids(viewer))
    is_theirs = KeptStatistics.encoder == kept_as(encoders)
    computed_at = select(KeptStatistics.computed_at).where(is_theirs).scalar_subquery()
    last_passage = select(Passage.id).order_by(Passage.id.desc()).limit(1).scalar_subquery()
    has_judged = exists().where(Judgement.person_id == viewer.id)
    facts = select(IndexGeneration.number, IndexGeneration.encoders, computed_at, last_passage, has_judged)
    facts = facts.add_columns(learned_last(), Group.id)
    found = db.session.execute(facts.outerjoin(Group, seen)).all()
    number, specs, computed, last, judged, weights, _ = found[0]
    if adopt(specs):
        return standing_of(viewer)
    groups = frozenset(group_id for *_, group_id in found if group_id is not None)
    return Standing(number, groups, viewer.is_moderator, encoders, computed, last or 0, weights, bool(judged))


def known_to(standing: Standing) -> Known:
    """As of the standing's generation or, when others went on meanwhile, of a later one."""
    kept_known = kept("known", most=MOST_STANDINGS)
    known: Known | None = kept_known.get(standing.place)
    if known is None:
        known = Known(standing.generation)
        kept_known.put(standing.place, known)
    known.catch_up(standing.generation)
    return known


def visible_now(viewer: Viewer, standing: Standing, keys: Collection[Key]) -> set[Key]:
    """Those of these subjects that the viewer may see; people with their consent, and always the viewer."""
    known, own = known_to(standing), ("person", viewer.id)
    visible = {key: seen for key in keys if key != own and (seen := known.visible.get(key)) is not None}
    if unknown := [key for key in keys if key not in visible and key != own]:
        present = visible_keys(viewer, unknown)
        found = {key: key in present for key in unknown}
        known.learn(standing, known.visible, found)
        visible |= found
    return {key for key in keys if key == own or visible[key]}


def visible_rows(viewer: Viewer, standing: Standing, keys: Collection[Key]) -> dict[Key, SubjectRow]:
    """The rows of those of these that the viewer may see."""
    known = known_to(standing)
    present = {key: row for key in keys if (row := known.rows.get(key))}
    loaded = subject_rows(viewer, [key for key in keys if key not in present])
    known.learn(standing, known.rows, loaded)
    return present | loaded


def willing_people(standing: Standing) -> Mapping[int, frozenset[str]]:
    """What everyone knows who agreed to be asked by such as the viewer: topics by the id of the person."""
    known = known_to(standing)
    willing = known.willing
    if willing is None:
        willing = _willing(standing)
        known.learn_willing(standing, willing)
    return willing


def _willing(standing: Standing) -> dict[int, frozenset[str]]:
    consenting = select(User.id, PersonField.topic_id).where(is_listed_in(standing.groups))
    topics: dict[int, set[str]] = {}
    for person_id, topic in db.session.execute(consenting.outerjoin(PersonField, PersonField.person_id == User.id)):
        topics.setdefault(person_id, set()).update([topic] if topic else [])
    return {person_id: frozenset(some) for person_id, some in topics.items()}


def _changes(seen: int, generation: int) -> set[Key]:
    """The subjects that changed after one generation and up to another; ANYTHING when that is not known any more."""
    changes = select(MatchableChange.generation, MatchableChange.subject_kind, MatchableChange.subject_id)
    found = db.session.execute(
        changes.where(MatchableChange.generation > seen, MatchableChange.generation <= generation)
    ).all()
    is_whole = len({number for number, _, _ in found}) == generation - seen
    return {(kind, subject_id) for _, kind, subject_id in found} if is_whole else {ANYTHING}
