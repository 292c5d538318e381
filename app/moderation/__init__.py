"""Featuring, hiding and restoring, and the log of it."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.moderation import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
