"""Featuring, hiding and restoring, and the log of it."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.moderation import views

    app.register_blueprint(views.bp)
