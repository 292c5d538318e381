"""The loop that runs jobs: a thread beside the web server, or a process of its own."""

from __future__ import annotations

import threading
import time

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.jobs.commands import queue_due_schedules, run_next_job, work_waits

POLL_SECONDS = 1.0
SCHEDULE_SECONDS = 15.0
log = structlog.get_logger()


def work(app: Flask, *, stop: threading.Event | None = None) -> None:
    """Run jobs until `stop` is set. The database being away is waited for, not died of."""
    stop = stop or threading.Event()
    schedules_due = 0.0
    while not stop.is_set():
        work_waits.clear()
        try:
            with app.app_context():
                if time.monotonic() >= schedules_due:
                    queue_due_schedules()
                    schedules_due = time.monotonic() + SCHEDULE_SECONDS
                if run_next_job():
                    continue
        except SQLAlchemyError as error:
            log.warning("worker waits for the database", error=repr(error))
            stop.wait(POLL_SECONDS)
        work_waits.wait(POLL_SECONDS)
