"""What people follow beside posts, what they mute, and the searches that they keep."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.follows import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
