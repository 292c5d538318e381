"""The first page: what this is, and for those signed in their desk."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.home import views

    app.register_blueprint(views.bp)
