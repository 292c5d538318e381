"""Keyword and meaning search over everything visible."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.search import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
