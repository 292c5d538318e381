"""Who works on an idea with its author: asking, accepting, leaving."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.teams import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
