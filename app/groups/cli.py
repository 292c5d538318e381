"""`commons groups`: open private groups and let people in."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.accounts.queries import person_named
from app.groups.commands import appoint_tutor, join_group, open_group
from app.groups.queries import group_named
from app.refusals import NotThere

groups = AppGroup("groups", help="Private areas and their members.")


@groups.command("open")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--private/--public", default=True)
def open_(slug: str, name: str, private: bool) -> None:
    """Open a group."""
    group = open_group(slug=slug, name=name, is_private=private)
    click.echo(f"{group.name} is open ({'private' if group.is_private else 'public'}).")


@groups.command("add")
@click.argument("slug")
@click.argument("names", nargs=-1, required=True)
def add(slug: str, names: tuple[str, ...]) -> None:
    """Let people into a group."""
    try:
        for name in names:
            join_group(group_named(slug), person=person_named(name))
    except NotThere as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{len(names)} added.")


@groups.command("tutor")
@click.argument("slug")
@click.argument("name")
def tutor(slug: str, name: str) -> None:
    """Let someone look after a group."""
    try:
        appoint_tutor(group_named(slug), person=person_named(name))
    except NotThere as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{name} is a tutor of {slug}.")
