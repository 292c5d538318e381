"""What an operator does to accounts."""

from __future__ import annotations

from app.accounts.queries import person_named
from app.database import db
from tests.factories import make_person


def promote(app, *arguments: str):
    outcome = app.test_cli_runner().invoke(args=["people", "promote", *arguments])
    db.session.expire_all()
    return outcome


def test_a_person_becomes_a_moderator(app):
    make_person(name="ama")
    assert promote(app, "Ama", "--moderator").output == "ama is now a moderator.\n"
    person = person_named("ama")
    assert (person.is_moderator, person.is_admin) == (True, False)


def test_an_administrator_moderates_too(app):
    make_person(name="ama")
    assert promote(app, "ama", "--admin").output == "ama is now an administrator.\n"
    person = person_named("ama")
    assert (person.is_moderator, person.is_admin) == (True, True)


def test_an_unknown_name_is_said_in_one_line(app):
    outcome = promote(app, "nobody", "--admin")
    assert outcome.exit_code == 1
    assert outcome.output == "Error: There is no person of this name.\n"


def test_a_rank_must_be_named(app):
    make_person(name="ama")
    assert "Say --moderator or --admin." in promote(app, "ama").output
