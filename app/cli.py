"""`commons`: the console entry point; each domain adds its commands."""

from __future__ import annotations

import subprocess
import sys

import click
from flask.cli import FlaskGroup, ScriptInfo, with_appcontext
from flask_migrate import upgrade

from app import ROOT, create_app
from app.demo.cli import seed
from app.jobs.cli import worker
from app.matching.cli import embed
from app.server import serve
from app.settings import Settings, WrongSetting, settings_table


def main() -> None:
    """Run the command line. A wrong setting ends it with one line."""
    try:
        commons.main(prog_name="commons")
    except WrongSetting as error:
        sys.exit(f"commons: {error}")


commons = FlaskGroup(
    name="commons",
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
    set_debug_flag=False,
    help="The E-waste Challenge Commons.",
)


@commons.command("migrate")
@with_appcontext
def migrate() -> None:
    """Create the database or bring it up to date."""
    upgrade(directory=str(ROOT / "migrations"))


@commons.command("prepare")
@click.option("--no-demo", is_flag=True, help="Do not load the invented community.")
@click.pass_context
@with_appcontext
def prepare(context: click.Context, no_demo: bool) -> None:
    """Bring the database up to date, load what is missing, and embed what waits."""
    context.invoke(migrate)
    context.invoke(seed, no_demo=no_demo)
    context.invoke(embed)
    context.invoke(worker, once=True)


@commons.command("run")
@click.option("--no-demo", is_flag=True, help="Do not load the invented community.")
@click.pass_context
def run(context: click.Context, no_demo: bool) -> None:
    """Bring the database up to date, load what is missing, and serve until stopped."""
    app = context.ensure_object(ScriptInfo).load_app()
    with app.app_context():
        context.invoke(migrate)
        is_new = context.invoke(seed, no_demo=no_demo)
    if is_new:
        prepare_apart(no_demo=no_demo)
    serve(app)


def prepare_apart(*, no_demo: bool) -> None:
    """Embed in a process of its own: the server forks, and may not do so with the encoder loaded."""
    options = ["--no-demo"] if no_demo else []
    subprocess.run([sys.executable, "-m", "app.cli", "prepare", *options], check=False)  # noqa: S603  (our own words)


@commons.command("settings")
def settings() -> None:
    """Print the settings as a table."""
    click.echo(settings_table())


@commons.command("check")
def check() -> None:
    """Read the settings and say whether they will do."""
    settings = Settings.from_env()
    click.echo(f"{settings.environment}: {settings.public_url}, {settings.database.get_backend_name()}")


if __name__ == "__main__":
    main()
