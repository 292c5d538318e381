"""Groups: the open Challenge Group, private ones, and who may see what."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.groups import cli, events  # noqa: F401  (events connect when imported)

    app.cli.add_command(cli.groups)
