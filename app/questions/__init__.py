"""Questions and answers."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.questions import answer_views, views  # noqa: F401  (more addresses of the same blueprint)

    app.register_blueprint(views.bp)
