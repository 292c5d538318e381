"""The queue: committed with its reason, run once it is due, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.database import db, now, transaction
from app.jobs import commands
from app.jobs.commands import run_all_jobs, run_next_job, task, tasks
from app.jobs.models import Job

done: list[str] = []


@pytest.fixture(autouse=True)
def a_task(app: Flask) -> Iterator[None]:
    @task
    def greet(name: str) -> None:
        if name == "nobody":
            raise ValueError("nobody is there")
        done.append(name)

    done.clear()
    yield
    del tasks[greet.name]


def greet_later(name: str) -> None:
    next(each for key, each in tasks.items() if key.endswith("greet")).later(name=name)


def waiting() -> int:
    return db.session.scalar(select(func.count()).select_from(Job)) or 0


def test_a_job_is_run_once_and_then_gone() -> None:
    greet_later("ama")
    assert run_all_jobs() == 1
    assert done == ["ama"]
    assert waiting() == 0


def test_a_job_whose_transaction_fails_was_never_there() -> None:
    def queue_and_fail() -> None:
        with transaction():
            greet_later("ama")
            raise ValueError("the write failed")

    with pytest.raises(ValueError, match="the write failed"):
        queue_and_fail()
    assert waiting() == 0


def test_equal_waiting_jobs_are_one() -> None:
    greet_later("ama")
    greet_later("ama")
    greet_later("kofi")
    assert run_all_jobs() == 2
    assert done == ["ama", "kofi"]


def test_a_job_that_fails_is_kept_with_its_error_and_tried_again_later() -> None:
    greet_later("nobody")
    assert run_next_job()
    job = db.session.scalars(select(Job)).one()
    assert "nobody is there" in (job.error or "")
    assert not run_next_job()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=False):
        assert run_next_job()
    db.session.expire_all()
    assert db.session.scalars(select(Job)).one().attempts == 2


def test_a_job_that_always_fails_is_set_aside() -> None:
    greet_later("nobody")
    for hour in range(commands.ATTEMPTS):
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=hour), tick=False):
            run_next_job()
    assert db.session.scalars(select(Job)).one().failed_at is not None


def test_a_job_whose_worker_died_is_run_again_when_its_lease_ends() -> None:
    greet_later("ama")
    assert commands._claim() is not None  # a worker takes it and is killed
    assert not run_next_job()
    with time_machine.travel(datetime.now(UTC) + commands.LEASE + timedelta(seconds=1), tick=False):
        assert run_next_job()
    assert done == ["ama"]


def test_a_job_that_always_ends_its_process_is_given_up() -> None:
    greet_later("ama")
    with transaction():
        job = db.session.scalars(select(Job)).one()
        job.attempts, job.leased_until = commands.ATTEMPTS, now() - timedelta(seconds=1)
    assert run_all_jobs() == 1
    assert done == []
    db.session.refresh(job)
    assert job.failed_at is not None
    assert "process ended" in (job.error or "")
    assert run_all_jobs() == 0
