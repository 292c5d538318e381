"""Work done after the answer: a queue that is a table, so that a job is committed together with its reason."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.jobs import cli

    app.cli.add_command(cli.worker)
    app.cli.add_command(cli.jobs)
