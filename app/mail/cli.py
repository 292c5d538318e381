"""`commons mail`: see what was given up, and whether mails leave."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.mail.commands import Letter, deliver_mail, queue_mail, retry_failed
from app.mail.queries import failed_mails, mail_counts, mail_named, outage

mail = AppGroup("mail", help="Mails that the Commons sends.")


@mail.command("status")
def status() -> None:
    """How many wait, and why each of those was given up that were."""
    counts = mail_counts()
    click.echo(f"{counts['waiting']} wait, {counts['overdue']} of them longer than an hour; {counts['failed']} failed.")
    if away := outage():
        click.echo(f"The server takes no mail since {away.since:%Y-%m-%d %H:%M} UTC: {away.reason}")
    for each in failed_mails():
        click.echo(f"{each.id} to {each.to_address}: {each.error}")


@mail.command("retry")
def retry() -> None:
    """Try again all that was given up."""
    click.echo(f"{retry_failed()} mails wait again.")


@mail.command("test")
@click.argument("address")
def test(address: str) -> None:
    """Send a mail to ADDRESS now, and say what became of it."""
    if not current_app.config["COMMONS"].sends_mail:
        raise click.ClickException("No mail leaves: SMTP_URL is not set.")
    sent = queue_mail(Letter("A test", "Mails of the Commons arrive here.\n"), to=address, purpose="test")
    deliver_mail(sent.id)
    outcome = mail_named(sent.id)
    away = outage()
    click.echo("Sent." if outcome.sent_at else f"Not sent: {outcome.error or (away.reason if away else '')}")
