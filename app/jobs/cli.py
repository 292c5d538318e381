"""`commons worker` runs jobs apart from the web server; `commons jobs` shows and retries what was set aside."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.jobs.commands import retry_failed, run_all_jobs
from app.jobs.queries import failed_jobs, job_counts
from app.jobs.worker import work

jobs = AppGroup("jobs", help="Work that is done after the answer.")


@click.command("worker")
@click.option("--once", is_flag=True, help="Run what is due and stop.")
@with_appcontext
def worker(once: bool) -> None:
    """Run queued jobs until stopped."""
    if once:
        click.echo(f"{run_all_jobs()} jobs run")
        return
    stop = threading.Event()

    def finish(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    work(current_app._get_current_object(), stop=stop)  # type: ignore[attr-defined]


@jobs.command("status")
def status() -> None:
    """How many wait, and why each of those was set aside that were."""
    counts = job_counts()
    click.echo(f"{counts['waiting']} wait, {counts['overdue']} of them longer than ten minutes.")
    click.echo(f"{counts['failed']} were set aside.")
    for each in failed_jobs():
        click.echo(f"{each.id} {each.task} since {each.failed_at:%Y-%m-%d %H:%M} UTC: {each.error}")


@jobs.command("retry")
def retry() -> None:
    """Try again all that was set aside."""
    click.echo(f"{retry_failed()} jobs wait again.")
