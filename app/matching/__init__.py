"""Keeps embeddings fresh and answers "what goes with this"; the only package that imports ml."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.matching import cli, encoding, tasks, views  # noqa: F401  (tasks connect when imported)

    encoding.init_app(app, app.config["COMMONS"])
    app.register_blueprint(views.bp)
    app.cli.add_command(cli.matching)
