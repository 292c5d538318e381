"""The stages of an idea: what each asks for, moving between them, and the log of it."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.stages import views

    app.register_blueprint(views.bp)
