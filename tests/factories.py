"""People and texts to test with. They go through the product's own commands, so that what hangs on them is there too."""

from __future__ import annotations

from itertools import count
from typing import Any

from app.accounts.models import User
from app.database import db, transaction
from app.groups.commands import join_challenge_group, join_group, open_group
from app.groups.models import Group
from app.taxonomy.queries import roles_named, topics_named

_numbers = count(1)


def make_person(*, roles: list[str] | None = None, topics: list[str] | None = None, **facts: Any) -> User:
    """A member of the Challenge Group."""
    number = next(_numbers)
    with transaction():
        person = User(**{"name": f"person-{number}", "display_name": f"Person {number}", "languages": ["en"], **facts})
        person.roles, person.topics = roles_named(roles or []), topics_named(topics or [])
        db.session.add(person)
        db.session.flush()
        join_challenge_group(person)
    return person


def make_moderator(**facts: Any) -> User:
    return make_person(is_moderator=True, **facts)


def make_private_group(*members: User) -> Group:
    number = next(_numbers)
    group = open_group(slug=f"private-{number}", name=f"Private group {number}", is_private=True)
    for member in members:
        join_group(group, person=member)
    return group
