"""`commons people`: what an operator does to accounts."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.accounts.commands import promote as promote_person
from app.accounts.queries import person_named
from app.refusals import NotThere

people = AppGroup("people", help="People and what they may do.")


@people.command("promote")
@click.argument("name")
@click.option("--moderator", is_flag=True, help="May hide, restore and feature.")
@click.option("--admin", is_flag=True, help="May do everything.")
def promote(name: str, moderator: bool, admin: bool) -> None:
    """Make NAME a moderator or an administrator."""
    if not (moderator or admin):
        raise click.UsageError("Say --moderator or --admin.")
    try:
        person = person_named(name)
    except NotThere as refusal:
        raise click.ClickException(refusal.message) from None
    promote_person(person, moderator=moderator, admin=admin)
    click.echo(f"{person.name} is now {'an administrator' if admin else 'a moderator'}.")
