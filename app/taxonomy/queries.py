"""Topics and roles in the order in which they are shown, and which content was loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import select

from app.database import db
from app.taxonomy.models import LoadedContent, Role, Topic


def all_roles() -> Sequence[Role]:
    return db.session.scalars(select(Role).order_by(Role.position, Role.id)).all()


def all_topics() -> Sequence[Topic]:
    return db.session.scalars(select(Topic).order_by(Topic.position, Topic.id)).all()


def roles_named(ids: Iterable[str]) -> list[Role]:
    wanted = list(ids)
    return list(db.session.scalars(select(Role).where(Role.id.in_(wanted)).order_by(Role.position))) if wanted else []


def topics_named(ids: Iterable[str]) -> list[Topic]:
    wanted = list(ids)
    if not wanted:
        return []
    return list(db.session.scalars(select(Topic).where(Topic.id.in_(wanted)).order_by(Topic.position, Topic.id)))


def is_loaded(files: Iterable[Path]) -> bool:
    """Whether each of these content files was loaded and still reads as it did then."""
    loaded = {content.name: content.digest for content in db.session.scalars(select(LoadedContent))}
    return all(loaded.get(content_name(file)) == digest_of(file) for file in files)


def content_name(file: Path) -> str:
    """How a content file is known, wherever the project lies: `course/topics.yaml`."""
    return f"{file.parent.name}/{file.name}"


def digest_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
