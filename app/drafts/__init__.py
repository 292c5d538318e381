"""What people write before they send it: kept as they type, for nobody but themselves and those they name."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.drafts import views

    app.register_blueprint(views.bp)
