"""What people are told of: in the app, and in Atom feeds."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.notices import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
