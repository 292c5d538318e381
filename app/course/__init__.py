"""The course: modules, nuggets, resources."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.course import views

    app.register_blueprint(views.bp)
