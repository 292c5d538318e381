"""Comments on ideas that ask for a change, and the revisions that answered them."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.requests import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
