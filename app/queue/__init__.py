"""Who answers which question: the expert queue, claims, and who is asked."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.queue import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
