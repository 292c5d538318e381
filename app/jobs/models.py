"""Jobs that wait, run or have failed, and the moments of scheduled tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, UTCDateTime


class Job(Model):
    """One call of a task. Its row is deleted when the task has succeeded."""

    __table_args__ = (Index("ix_job_due", "run_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str | None] = mapped_column(unique=True)
    """Equal waiting jobs share a key and are one; a job that has begun gives its key up."""
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str | None]


class Schedule(Model):
    """When a scheduled task is due next."""

    task: Mapped[str] = mapped_column(primary_key=True)
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
