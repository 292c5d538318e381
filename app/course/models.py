"""The course catalogue: modules, their nuggets, and learning resources."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, Model, UTCDateTime, now
from app.taxonomy.models import Role, Topic


def _link_table(name: str, source: str, target: str) -> Table:
    return Table(
        name,
        Base.metadata,
        Column(f"{source}_id", ForeignKey(f"{source}.id", ondelete="CASCADE"), primary_key=True),
        Column(f"{target}_id", ForeignKey(f"{target}.id", ondelete="CASCADE"), primary_key=True, index=True),
    )


resource_topic = _link_table("resource_topic", "resource", "topic")
resource_role = _link_table("resource_role", "resource", "role")
nugget_topic = _link_table("nugget_topic", "nugget", "topic")
nugget_resource = _link_table("nugget_resource", "nugget", "resource")


class Course(Model):
    """The one course: its promise, its routes and its challenge, as the content file tells them."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    promise: Mapped[str]
    pathways: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    challenge: Mapped[dict[str, Any]] = mapped_column(JSON)


class Module(Model):
    """One of the five parts of the course."""

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    aim: Mapped[str]
    week: Mapped[str]
    hours: Mapped[float]
    challenge_step: Mapped[str]

    nuggets: Mapped[list[Nugget]] = relationship(back_populates="module", order_by="Nugget.position")


class Nugget(Model):
    """A small learning unit: something to read, watch, hear or do, and an activity."""

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """As in the content file and in addresses: m2n5."""
    module_number: Mapped[int] = mapped_column(ForeignKey("module.number"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    type: Mapped[str]
    minutes: Mapped[int]
    summary: Mapped[str]
    activity: Mapped[str]

    module: Mapped[Module] = relationship(back_populates="nuggets")
    topics: Mapped[list[Topic]] = relationship(secondary=nugget_topic, order_by=Topic.position)
    resources: Mapped[list[Resource]] = relationship(secondary=nugget_resource, order_by="Resource.position")


class NuggetReading(Model):
    """That a person says they have read a nugget. It is theirs alone, and goes with them."""

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    nugget_id: Mapped[int] = mapped_column(ForeignKey("nugget.id", ondelete="CASCADE"), primary_key=True, index=True)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Resource(Model):
    """A learning resource elsewhere, with our own summary."""

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """As in the content file and in addresses: gem-2024."""
    position: Mapped[int]
    title: Mapped[str]
    publisher: Mapped[str]
    year: Mapped[int | None]
    url: Mapped[str]
    type: Mapped[str] = mapped_column(index=True)
    nugget_kind: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(JSON)
    module_number: Mapped[int] = mapped_column(index=True)
    summary: Mapped[str]

    topics: Mapped[list[Topic]] = relationship(secondary=resource_topic, order_by=Topic.position)
    roles: Mapped[list[Role]] = relationship(secondary=resource_role, order_by=Role.position)
    """Whom it is for; none means everyone."""
