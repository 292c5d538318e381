"""A person's page lists what they wrote, as far as the viewer may see it."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from app.accounts.models import User
from tests.factories import make_answer, make_idea, make_person, make_private_group, make_question


def test_ideas_questions_and_answered_questions_are_listed(client: FlaskClient) -> None:
    person = make_person()
    make_idea(by=person, title="Boxes for batteries in Kumasi")
    make_question(by=person, title="Who pays for the boxes?")
    make_answer(make_question(title="Where do lamps go?"), by=person)
    page = client.get(f"/u/{person.name}").text
    for title in ("Boxes for batteries in Kumasi", "Who pays for the boxes?", "Where do lamps go?"):
        assert title in page


def test_what_they_wrote_in_private_is_listed_for_members_alone(
    client: FlaskClient, client_for: Callable[[User], FlaskClient]
) -> None:
    person, member = make_person(), make_person()
    group = make_private_group(person, member)
    make_idea(by=person, group=group, title="Only our class knows this")
    make_answer(make_question(by=person, group=group, title="Only our class asks this?"), by=person)
    for title in ("Only our class knows this", "Only our class asks this?"):
        assert title not in client.get(f"/u/{person.name}").text
        assert title in client_for(member).get(f"/u/{person.name}").text
