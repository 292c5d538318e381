"""The invented community that a new installation shows, and the import of real posts."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.demo import cli

    app.cli.add_command(cli.import_)
