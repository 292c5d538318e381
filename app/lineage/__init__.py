"""How ideas hang together: drawn as a small graph, and listed."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.lineage import views

    app.register_blueprint(views.bp)
