"""Mails: written in the transaction that is their reason, handed over by a job until the server takes them."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.mail import cli, tasks, views  # noqa: F401  (tasks are declared when imported)

    app.cli.add_command(cli.mail)
    if not app.config["COMMONS"].is_production:
        app.register_blueprint(views.bp)
