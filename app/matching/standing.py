"""What a viewer may be shown, and as of when; what was looked up for one standing is kept for an equal one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy import select

from app.accounts.models import Viewer
from app.database import db
from app.groups.models import Group
from app.groups.queries import visible_group_ids
from app.matching.encoding import encoding
from app.matching.models import IndexGeneration
from app.search.queries import Key, SubjectRow, subject_rows, visible_keys

MOST_STANDINGS = 20
MOST_ROWS = 4000


@dataclass(frozen=True)
class Standing:
    """Equal standings are shown the same, but for what is the viewer's own."""

    generation: int
    """Moves with every change to what can be matched."""
    groups: frozenset[int]
    is_moderator: bool
    encoder: str


@dataclass
class Known:
    """What this process looked up for one standing."""

    visible: dict[Key, bool] = field(default_factory=dict)
    digests: dict[Key, str] = field(default_factory=dict)
    """Of what is embedded; empty for what is not."""
    rows: dict[Key, SubjectRow] = field(default_factory=dict)


def standing_of(viewer: Viewer) -> Standing:
    """As of now; one query."""
    number = select(IndexGeneration.number).where(IndexGeneration.id == 1).scalar_subquery()
    rows = db.session.execute(select(Group.id, number).where(Group.id.in_(visible_group_ids(viewer)))).all()
    groups = frozenset(group_id for group_id, _ in rows)
    return Standing(rows[0][1] or 0 if rows else 0, groups, viewer.is_moderator, encoding().name)


def known_to(standing: Standing) -> Known:
    kept: dict[Standing, Known] = current_app.extensions.setdefault("kept_known", {})
    known = kept.get(standing)
    if known is None:
        present = {each: of for each, of in kept.items() if each.generation == standing.generation}
        known = Known()
        few = present if len(present) < MOST_STANDINGS else {}
        current_app.extensions["kept_known"] = {**few, standing: known}
    return known


def visible_now(viewer: Viewer, standing: Standing, keys: Collection[Key]) -> set[Key]:
    """Those of these subjects that the viewer may see; people with their consent, and always the viewer."""
    visible, own = known_to(standing).visible, ("person", viewer.id)
    if unknown := [key for key in keys if key not in visible and key != own]:
        seen = visible_keys(viewer, unknown)
        visible.update({key: key in seen for key in unknown})
    return {key for key in keys if key == own or visible[key]}


def visible_rows(viewer: Viewer, standing: Standing, keys: Collection[Key]) -> dict[Key, SubjectRow]:
    """The rows of those of these that the viewer may see."""
    known = known_to(standing)
    if len(known.rows) > MOST_ROWS:
        known.rows = {}
    rows = known.rows
    present = {key: rows[key] for key in keys if key in rows}
    loaded = subject_rows(viewer, [key for key in keys if key not in present])
    rows.update(loaded)
    return present | loaded
