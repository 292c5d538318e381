"""How many jobs wait, and which were set aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from app.database import db, now
from app.jobs.models import Job

LATE = timedelta(minutes=10)


def job_counts() -> dict[str, int]:
    waits = Job.failed_at.is_(None)
    is_late = Job.run_at < now() - LATE
    counted = select(func.count().filter(waits), func.count().filter(waits, is_late), func.count(Job.failed_at))
    waiting, overdue, failed = db.session.execute(counted).one()
    return {"waiting": waiting, "overdue": overdue, "failed": failed}


def failed_jobs() -> Sequence[Job]:
    return db.session.scalars(select(Job).where(Job.failed_at.is_not(None)).order_by(Job.id)).all()
