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
absent = {"nobody"}


@pytest.fixture(autouse=True)
def a_task(app: Flask) -> Iterator[None]:
    @task
    def greet(name: str) -> None:
        if name in absent:
            raise ValueError(f"{name} is away")
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
    assert "nobody is away" in (job.error or "")
    assert not run_next_job()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=False):
        assert run_next_job()
    db.session.expire_all()
    assert db.session.scalars(select(Job)).one().attempts == 2


def test_a_job_that_always_fails_is_set_aside_until_somebody_asks_for_it_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "ATTEMPTS", 14)
    greet_later("nobody")
    for hour in range(commands.ATTEMPTS):
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=hour), tick=False):
            run_next_job()
    assert db.session.scalars(select(Job)).one().failed_at is not None
    operator = app.test_cli_runner()
    assert "greet since" in operator.invoke(args=["jobs", "status"]).output
    monkeypatch.setattr(f"{__name__}.absent", set())
    assert operator.invoke(args=["jobs", "retry"]).output == "1 jobs wait again.\n"
    assert run_all_jobs() == 1
    assert done == ["nobody"]


def test_a_disk_that_is_full_for_a_day_loses_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = datetime.now(UTC)
    greet_later("ama")
    with monkeypatch.context() as patch:
        patch.setattr(f"{__name__}.absent", {"ama"})
        for minutes in range(0, 24 * 60, 30):
            with time_machine.travel(begin + timedelta(minutes=minutes), tick=False):
                run_all_jobs()
    with time_machine.travel(begin + timedelta(hours=25), tick=False):
        run_all_jobs()
    assert done == ["ama"]


def test_a_worker_that_dies_once_costs_no_job_that_failed_otherwise_before() -> None:
    greet_later("nobody")
    for hour in range(commands.ATTEMPTS_AT_ONCE + 1):
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=hour), tick=False):
            run_next_job()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1), tick=False):
        assert commands._claim() is not None  # a worker takes it and is killed
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2), tick=False):
        run_next_job()
    assert db.session.scalars(select(Job)).one().failed_at is None


def test_what_is_scheduled_is_set_aside_soon_because_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    greet_later("nobody")
    monkeypatch.setitem(commands.schedules, db.session.scalars(select(Job.task)).one(), timedelta(minutes=1))
    for hour in range(commands.ATTEMPTS_AT_ONCE):
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
        job.attempts, job.leased_until = commands.ATTEMPTS_AT_ONCE, now() - timedelta(seconds=1)
    assert run_all_jobs() == 1
    assert done == []
    db.session.refresh(job)
    assert job.failed_at is not None
    assert "process ended" in (job.error or "")
    assert run_all_jobs() == 0
