"""Questions and answers."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.questions import views

    app.register_blueprint(views.bp)
