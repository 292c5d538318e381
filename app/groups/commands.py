"""Open groups and let people in."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import User
from app.database import db, transaction
from app.groups.events import group_joined, tutor_appointed
from app.groups.models import CHALLENGE_GROUP, Group, Membership
from app.groups.queries import challenge_group


def open_group(*, slug: str, name: str, is_private: bool) -> Group:
    """The group of this slug, opened when there is none."""
    with transaction():
        group = db.session.scalar(select(Group).where(Group.slug == slug))
        if group is None:
            group = Group(slug=slug, name=name, is_private=is_private)
            db.session.add(group)
            db.session.flush()
    return group


def open_challenge_group() -> Group:
    return open_group(slug=CHALLENGE_GROUP, name="E-waste Challenge Group", is_private=False)


def join_group(group: Group, *, person: User) -> None:
    with transaction():
        if db.session.get(Membership, (person.id, group.id)) is None:
            db.session.add(Membership(user_id=person.id, group_id=group.id))
            group_joined.send(person, group=group)


def appoint_tutor(group: Group, *, person: User) -> None:
    """Let a person look after a group; they join it."""
    with transaction():
        join_group(group, person=person)
        membership = db.session.get_one(Membership, (person.id, group.id))
        if not membership.is_tutor:
            membership.is_tutor = True
            tutor_appointed.send(person, group=group)


def join_challenge_group(person: User) -> None:
    join_group(challenge_group(), person=person)
