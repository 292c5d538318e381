"""A worker that is killed at any moment loses no job."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, update

from app.database import db, now, transaction
from app.jobs.models import Job
from app.matching.commands import waiting_subjects
from app.matching.models import Passage
from tests.factories import make_idea, make_person

KILLS = 3


def test_jobs_survive_workers_that_are_killed(
    app: Flask, database_url: str, run_jobs: Callable[[], int], tmp_path: Path
) -> None:
    author = make_person()
    ideas = [make_idea(by=author).id for _ in range(25)]
    environment = os.environ | {
        "DATABASE_URL": database_url.replace("+psycopg", ""),
        "INSTANCE_DIR": str(tmp_path),
        "ENCODERS": "basic",
    }
    before = count_jobs()
    for _ in range(KILLS):
        worker = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker"], env=environment, stderr=subprocess.DEVNULL
        )
        wait_until_some_are_done(before=count_jobs())
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    with transaction():
        db.session.execute(update(Job).values(leased_until=now() - timedelta(seconds=1)))
    run_jobs()
    assert before > count_jobs() == 0
    assert waiting_subjects() == []
    embedded = select(func.count(Passage.subject_id.distinct())).where(Passage.subject_kind == "idea")
    assert db.session.scalar(embedded) == len(ideas)


def wait_until_some_are_done(*, before: int) -> None:
    give_up = time.monotonic() + 30
    while count_jobs() >= before > 0 and time.monotonic() < give_up:
        time.sleep(0.02)


def count_jobs() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Job)) or 0
