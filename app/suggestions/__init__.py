"""Other wordings that readers suggest for an idea, and what became of each."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.suggestions import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
