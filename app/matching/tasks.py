"""Jobs that keep vectors fresh."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.course.events import catalogue_loaded
from app.jobs.commands import scheduled, task
from app.matching.commands import (
    embed_subjects,
    forget_old_changes,
    ideas_to_read,
    move_generation,
    read_needs,
    refresh_statistics,
    waiting_subjects,
)
from app.search.events import subject_changed
from app.search.queries import Kind


@task
def embed(kind: Kind, id: int) -> None:
    """Bring the vectors of one subject up to date."""
    embed_subjects(kind, [id])
    if kind == "idea":
        read_needs([id])


@scheduled(every=timedelta(minutes=10))
@task
def reconcile() -> None:
    """Find every text whose digest is not that of its vectors, whatever happened to its job."""
    for kind, subject_id in waiting_subjects():
        embed.later(kind=kind, id=subject_id)
    read_needs(ideas_to_read())
    forget_old_changes()


@scheduled(every=timedelta(minutes=2))
@task
def count_words() -> None:
    refresh_statistics()


@catalogue_loaded.connect
def begin_anew(_sender: Any) -> None:
    """Topics may be named otherwise."""
    move_generation()


@subject_changed.connect
def embed_when_changed(_sender: Any, *, kind: Kind, id: int) -> None:
    move_generation([(kind, id)])
    embed.later(kind=kind, id=id)
