"""Groups: the open Challenge Group, private ones, and who may see what."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.groups import cli, tasks, views  # noqa: F401  (tasks connect when imported)

    app.cli.add_command(cli.groups)
