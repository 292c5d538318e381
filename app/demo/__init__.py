"""The invented community that a new installation shows."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.demo import cli

    app.cli.add_command(cli.seed)
