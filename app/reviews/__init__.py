"""Reviews of ideas by peers and experts, along a rubric."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.reviews import views

    app.register_blueprint(views.bp)
