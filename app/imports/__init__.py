"""Bring in texts that were written elsewhere."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.imports import cli

    app.cli.add_command(cli.import_)
