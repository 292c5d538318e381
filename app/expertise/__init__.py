"""Who may be asked, about what, and how that is known."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.expertise import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
