"""The web server: gunicorn with threads, each process with its worker thread."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app import create_app
from app.jobs.worker import start_worker_thread
from app.settings import Settings


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, configured from our settings. The application is made in each process after the fork."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in _options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = create_app(self.settings)
        if self.settings.worker == "thread":
            start_worker_thread(app)
        return app


def serve(settings: Settings) -> None:
    Server(settings).run()


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "bind": f"{settings.host}:{settings.port}",
        "worker_class": "gthread",
        "workers": settings.web_processes,
        "threads": settings.web_threads,
        "graceful_timeout": 30,
        "max_requests": 50000,
        "max_requests_jitter": 5000,
        "proc_name": "commons",
        "loglevel": "warning",
    }
