"""`commons worker`: runs jobs apart from the web server."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from app.jobs.commands import run_all_jobs
from app.jobs.worker import work


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
