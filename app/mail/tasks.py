"""Hand mails over, look for those that are due again, forget old ones."""

from __future__ import annotations

from datetime import timedelta

from app.jobs.commands import scheduled, task
from app.mail.commands import deliver_mail, forget_mails
from app.mail.queries import due_mails


@task
def deliver(mail_id: int) -> None:
    deliver_mail(mail_id)


@scheduled(every=timedelta(minutes=1))
@task
def deliver_due() -> None:
    """Those put off, those whose worker ended, and those that waited for a server to be named."""
    for mail_id in due_mails():
        deliver.later(mail_id=mail_id)


@scheduled(every=timedelta(days=1))
@task
def forget() -> None:
    forget_mails()
