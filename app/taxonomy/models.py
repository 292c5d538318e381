"""Topics and stakeholder roles."""

from __future__ import annotations

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model


class Role(Model):
    """A stakeholder role, such as recycler: people have them, ideas serve and need them."""

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    definition: Mapped[str]
    first_step: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)


class Topic(Model):
    """A subject that texts are about and people know of."""

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    definition: Mapped[str] = mapped_column(default="")
    module: Mapped[int | None]
    """Number of the course module that treats it; None for topics that came with an import."""
    synonyms: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(default=0)


class LoadedContent(Model):
    """Which content files were loaded, and how they read then: an unchanged file is not loaded again."""

    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
