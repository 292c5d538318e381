"""Which groups a viewer may see and write in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, or_, select

from app.accounts.models import Viewer
from app.database import db
from app.groups.models import CHALLENGE_GROUP, Group, Membership
from app.refusals import NotThere


def visible_group_ids(viewer: Viewer) -> Select[int]:
    """Ids of the groups whose posts the viewer may know of; every query over posts is limited by it."""
    groups = select(Group.id)
    if viewer.is_moderator:
        return groups
    return groups.where(or_(Group.is_private.is_(False), Group.id.in_(_joined(viewer))))


def groups_to_write_in(viewer: Viewer) -> Sequence[Group]:
    return db.session.scalars(
        select(Group).where(Group.id.in_(_joined(viewer))).order_by(Group.is_private, Group.name)
    ).all()


def is_member(viewer: Viewer, group_id: int) -> bool:
    return db.session.scalar(_joined(viewer).where(Membership.group_id == group_id)) is not None


def challenge_group() -> Group:
    return group_named(CHALLENGE_GROUP)


def group_named(slug: str) -> Group:
    """Raises NotThere."""
    group = db.session.scalar(select(Group).where(Group.slug == slug))
    if group is None:
        raise NotThere("There is no group of this name.")
    return group


def _joined(viewer: Viewer) -> Select[int]:
    return select(Membership.group_id).where(Membership.user_id == viewer.id)
