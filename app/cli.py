"""`commons`: the console entry point; each domain adds its commands."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import FlaskGroup, with_appcontext
from flask_migrate import upgrade

from app import ROOT, create_app
from app.settings import Settings, WrongSetting, settings_table


def main() -> None:
    """Run the command line. A wrong setting ends it with one line."""
    try:
        commons.main(prog_name="commons")
    except WrongSetting as error:
        sys.exit(f"commons: {error}")


commons = FlaskGroup(
    name="commons",
    create_app=create_app,  # type: ignore[arg-type]
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
    set_debug_flag=False,
    help="The E-waste Challenge Commons.",
)


@commons.command("migrate")
@with_appcontext
def migrate_() -> None:
    """Create the database or bring it up to date."""
    upgrade(directory=str(ROOT / "migrations"))


@commons.command("run")
@with_appcontext
def run() -> None:
    """Serve the Commons until stopped."""
    from app.server import serve

    serve(current_app.config["COMMONS"])


@commons.command("settings")
def settings() -> None:
    """Print the settings as a table."""
    click.echo(settings_table())


@commons.command("check")
def check() -> None:
    """Read the settings and say whether they will do."""
    settings = Settings.from_env()
    click.echo(f"{settings.environment}: {settings.public_url}, {settings.database.get_backend_name()}")
