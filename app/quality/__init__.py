"""How good the matches are, in numbers that everyone may see: made of public texts and of what was said beside them."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.quality import cli, tasks, views  # noqa: F401  (tasks are declared, the command is added when imported)

    app.register_blueprint(views.bp)
