"""First attention: new ideas are shown a fair number of times, and someone reads each within two days."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.attention import tasks, views  # noqa: F401  (tasks connect when imported)

    app.register_blueprint(views.bp)
