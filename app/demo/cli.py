"""`commons seed`: what a new installation begins with."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.course.commands import load_catalogue
from app.demo.commands import load_demo_community
from app.groups.commands import open_challenge_group


@click.command("seed")
@click.option("--no-demo", is_flag=True, help="Do not load the invented community.")
@with_appcontext
def seed(no_demo: bool) -> bool:
    """Open the Challenge Group, load the course catalogue and the demo community. Loading again changes nothing.

    Returns whether anything was new.
    """
    open_challenge_group()
    catalogue = load_catalogue()
    if catalogue is not None:
        click.echo(f"Course catalogue loaded: {catalogue}")
    community = None if no_demo else load_demo_community()
    if community is not None:
        click.echo(f"Demo community loaded: {community}")
    return catalogue is not None or community is not None
