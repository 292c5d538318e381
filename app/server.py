"""The web server: gunicorn with threads, each process with its worker thread."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from app.database import db
from app.jobs.worker import work
from app.matching.encoding import encoding
from app.settings import Settings

MEMORY = Path("/dev/shm")  # noqa: S108  (where gunicorn keeps its heartbeat files)
LAST_JOB_SECONDS = 20.0
stop_worker = threading.Event()


class Server(BaseApplication):
    """Gunicorn, configured from our settings.

    The processes share the application that was made before the fork; connections, threads and the encoder begin in
    each of them, after it.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.settings: Settings = app.config["COMMONS"]
        super().__init__()

    def load_config(self) -> None:
        for name, value in _options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.app


def serve(app: Flask) -> None:
    """Serve until SIGTERM or SIGINT; requests and jobs under way are finished first."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()  # a forked process may not use its parent's connections
    Server(app).run()


def begin_process(process: Any) -> None:
    """In each new server process: load the encoder aside, start the worker; the first says that it answers."""
    server: Server = process.app
    with server.app.app_context():
        encoding().warm_in_background()
    if server.settings.worker == "thread":
        options = {"stop": stop_worker}
        threading.Thread(target=work, args=(server.app,), kwargs=options, name="worker", daemon=True).start()
    if process.age == 1:
        click.echo(f"Ready: http://{server.settings.host}:{server.settings.port}")


def end_process(_arbiter: Any, _process: Any) -> None:
    """Let the job under way finish, so that it need not wait for its lease to end."""
    stop_worker.set()
    for thread in threading.enumerate():
        if thread.name == "worker":
            thread.join(LAST_JOB_SECONDS)


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "bind": f"{settings.host}:{settings.port}",
        "worker_class": "gthread",
        "workers": settings.web_processes,
        "threads": settings.web_threads,
        "graceful_timeout": 30,
        "max_requests": 50000,
        "max_requests_jitter": 5000,
        "worker_tmp_dir": str(MEMORY) if MEMORY.is_dir() else None,
        "control_socket_disable": True,
        "post_worker_init": begin_process,
        "worker_exit": end_process,
        "proc_name": "commons",
        "loglevel": "warning",
    }
