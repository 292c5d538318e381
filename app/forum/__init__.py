"""What ideas and questions share: posts, tags, comments, support, follows, revisions."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.forum import views

    app.register_blueprint(views.bp)
