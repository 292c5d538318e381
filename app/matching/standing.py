"""What a viewer may be shown, and as of when; what was looked up for one standing is kept for an equal one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select

from app.accounts.models import Viewer
from app.database import db
from app.groups.models import Group
from app.groups.queries import visible_group_ids
from app.kept import kept
from app.matching.encoding import encoding
from app.matching.models import IndexGeneration
from app.search.queries import Key, visible_keys
from app.search.rows import SubjectRow, subject_rows

MOST_STANDINGS = 20
MOST_SUBJECTS = 4000


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
    seen = Group.id.in_(visible_group_ids(viewer))
    found = db.session.execute(select(IndexGeneration.number, Group.id).outerjoin(Group, seen)).all()
    groups = frozenset(group_id for _, group_id in found if group_id is not None)
    return Standing(found[0].number, groups, viewer.is_moderator, encoding().name)


def known_to(standing: Standing) -> Known:
    kept_known = kept("known", most=MOST_STANDINGS)
    known: Known | None = kept_known.get(standing)
    if known is None or len(known.visible) > MOST_SUBJECTS:
        known = Known()
        kept_known.put(standing, known)
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
    rows = known_to(standing).rows
    present = {key: rows[key] for key in keys if key in rows}
    loaded = subject_rows(viewer, [key for key in keys if key not in present])
    rows.update(loaded)
    return present | loaded
