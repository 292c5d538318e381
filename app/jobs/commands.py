"""Declare tasks, queue them, run them. A job that was begun and not finished is run again when its lease ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete, event, insert, or_, select, update
from sqlalchemy.orm import Session

from app.database import db, insert_into, now, transaction
from app.jobs.models import Job, Schedule

LEASE = timedelta(minutes=5)
ATTEMPTS = 80
"""About three days: 2, 4, 8, ... seconds after each other, and then every hour."""
LONGEST_PAUSE = 3600
"""Seconds."""
ATTEMPTS_AT_ONCE = 8
"""Of what is scheduled, as it comes again by itself, and of what may be the end of its process."""
NEVER_ENDED = "Its process ended each time before it did."
tasks: dict[str, Task] = {}
schedules: dict[str, timedelta] = {}
work_waits = threading.Event()
log = structlog.get_logger()


@dataclass(frozen=True)
class Task:
    """A function of plain arguments that may be run twice with the same effect as once."""

    name: str
    function: Callable[..., None]

    def __call__(self, **arguments: Any) -> None:
        self.function(**arguments)

    def later(self, **arguments: Any) -> None:
        """Queue a call in the present transaction. An equal call that still waits is not queued again."""
        enqueue(self.name, arguments)


def task(function: Callable[..., None]) -> Task:
    """Decorator: makes `function.later(...)` queue the call."""
    name = f"{function.__module__.removeprefix('app.').removesuffix('.tasks')}.{function.__name__}"
    tasks[name] = Task(name, function)
    return tasks[name]


def scheduled(*, every: timedelta) -> Callable[[Task], Task]:
    """Decorator above `@task`: queue the task again and again."""

    def declare(declared: Task) -> Task:
        schedules[declared.name] = every
        return declared

    return declare


def enqueue(name: str, arguments: dict[str, Any], *, delay: timedelta = timedelta()) -> None:
    with transaction(is_shown=False):
        db.session.execute(
            insert_into(Job)
            .values(
                task=name,
                arguments=arguments,
                key=f"{name} {json.dumps(arguments, sort_keys=True)}",
                created_at=now(),
                run_at=now() + delay,
                attempts=0,
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )


def run_next_job() -> bool:
    """Claim and run one due job. Returns whether there was one."""
    job = _claim()
    if job is None:
        return False
    if job.was_left and job.attempts > (ATTEMPTS if job.error else ATTEMPTS_AT_ONCE):
        _give_back(job, NEVER_ENDED, is_dead=True)
        return True
    try:
        tasks[job.task](**job.arguments)
    except Exception as error:
        db.session.rollback()
        log.warning("job failed", task=job.task, attempts=job.attempts, error=repr(error))
        most = ATTEMPTS_AT_ONCE if job.task in schedules else ATTEMPTS
        _give_back(job, repr(error), is_dead=job.attempts >= most)
    else:
        with transaction(is_shown=False):
            db.session.execute(delete(Job).where(Job.id == job.id))
    return True


def run_all_jobs() -> int:
    """Run every due job in this thread. Returns how many there were."""
    count = 0
    while run_next_job():
        count += 1
    return count


def retry_failed() -> int:
    """Try again what was set aside. Returns how many jobs."""
    with transaction(is_shown=False):
        again = update(Job).where(Job.failed_at.is_not(None))
        tried = db.session.execute(again.values(failed_at=None, attempts=0, error=None, run_at=now()))
    return int(tried.rowcount)  # type: ignore[attr-defined]


def queue_due_schedules() -> None:
    due = set(db.session.scalars(select(Schedule.task).where(Schedule.run_at > now())))
    for name, every in schedules.items():
        if name in due:
            continue
        with transaction(is_shown=False):
            moved = update(Schedule).where(Schedule.task == name).values(run_at=now() + every)
            if not db.session.execute(moved).rowcount:  # type: ignore[attr-defined]
                db.session.execute(insert(Schedule).values(task=name, run_at=now() + every))
            enqueue(name, {})


@dataclass(frozen=True)
class Claimed:
    """A job that this process runs now."""

    id: int
    task: str
    arguments: dict[str, Any]
    attempts: int
    was_left: bool
    """By a process that ended while it ran."""
    error: str | None
    """With which it failed before."""


def _claim() -> Claimed | None:
    free = or_(Job.leased_until.is_(None), Job.leased_until < now())
    due = select(Job.id, Job.leased_until).where(Job.run_at <= now(), Job.failed_at.is_(None), free)
    if db.session.execute(due.limit(1)).first() is None:
        db.session.rollback()
        return None
    with transaction(is_shown=False):
        first = due.order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
        found = db.session.execute(first).first()
        if found is None:
            return None
        claim = (
            update(Job)
            .where(Job.id == found.id)
            .values(leased_until=now() + LEASE, attempts=Job.attempts + 1, key=None)
            .returning(Job.id, Job.task, Job.arguments, Job.attempts, Job.error)
        )
        job = db.session.execute(claim, execution_options={"synchronize_session": False}).one()
    was_left = found.leased_until is not None
    return Claimed(job.id, job.task, job.arguments, job.attempts, was_left=was_left, error=job.error)


def _give_back(job: Claimed, error: str, *, is_dead: bool) -> None:
    pause = timedelta(seconds=min(2**job.attempts, LONGEST_PAUSE))
    with transaction(is_shown=False):
        db.session.execute(
            update(Job)
            .where(Job.id == job.id)
            .values(
                leased_until=None,
                run_at=now() + pause,
                failed_at=now() if is_dead else None,
                error=error[:1000],
            )
        )


@event.listens_for(Session, "after_commit")
def _wake_the_worker(_session: Session) -> None:
    work_waits.set()
