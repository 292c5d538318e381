"""Topics and roles in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app.database import db
from app.taxonomy.models import Role, Topic


def all_roles() -> Sequence[Role]:
    return db.session.scalars(select(Role).order_by(Role.position, Role.id)).all()


def all_topics() -> Sequence[Topic]:
    return db.session.scalars(select(Topic).order_by(Topic.position, Topic.id)).all()


def roles_named(ids: Iterable[str]) -> list[Role]:
    return list(db.session.scalars(select(Role).where(Role.id.in_(list(ids))).order_by(Role.position)))


def topics_named(ids: Iterable[str]) -> list[Topic]:
    return list(db.session.scalars(select(Topic).where(Topic.id.in_(list(ids))).order_by(Topic.position, Topic.id)))
