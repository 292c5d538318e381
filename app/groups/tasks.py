"""What groups do when something happens elsewhere."""

from __future__ import annotations

from app.accounts.events import person_registered
from app.accounts.models import User
from app.groups.commands import join_challenge_group


@person_registered.connect
def join_when_registered(person: User) -> None:
    join_challenge_group(person)
