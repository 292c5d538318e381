"""What people say of the matches they are shown, and which they were shown; never a text."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.feedback import views

    app.register_blueprint(views.bp)
