"""Someone asks to join an idea; its author answers; who is with it is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import delete_post
from app.forum.events import post_hidden
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.joining.commands import accept_joining, ask_to_join, decline_joining, leave_idea
from app.joining.events import joining_accepted, joining_asked, joining_declined, joining_left
from app.joining.models import Joining
from app.refusals import Conflict, NotAllowed
from tests.factories import make_idea, make_moderator, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]
LINE = "I can fetch full boxes with my cargo bike."


def joining_of(idea: Idea, person: User) -> Joining | None:
    own = select(Joining).where(Joining.idea_id == idea.id, Joining.person_id == person.id)
    return db.session.scalar(own.execution_options(populate_existing=True))


def state_of(idea: Idea, person: User) -> str | None:
    joining = joining_of(idea, person)
    return joining.state if joining else None


def asked(**facts: Any) -> tuple[Idea, User, Joining]:
    idea, person = make_idea(**facts), make_person(display_name="Esi Darko")
    return idea, person, ask_to_join(idea, by=person, line=LINE)


def answer_path(joining: Joining, answer: str) -> str:
    return f"/ideas/{joining.idea_id}/joinings/{joining.id}/{answer}"


def test_someone_asks_and_the_author_accepts(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person(display_name="Esi Darko")
    path, asker, author = post_address(idea), client_for(person), client_for(idea.author)
    assert f'href="/ideas/{idea.id}/join"' in asker.get(path).text
    assert asker.get(f"/ideas/{idea.id}/join").status_code == 200
    response = asker.post(f"/ideas/{idea.id}/join", data={"line": f" {LINE} "})
    assert (response.status_code, response.location) == (303, path)
    assert (state_of(idea, person), joining_of(idea, person).line) == ("asked", LINE)
    assert "You asked to join" in asker.get(path).text
    page = author.get(path).text
    assert "1 person asks to join" in page
    assert LINE in page
    accept = answer_path(joining_of(idea, person), "acceptance")
    assert f'action="{accept}"' in page
    assert author.post(accept).status_code == 303
    assert state_of(idea, person) == "joined"
    assert joining_of(idea, person).answered_at is not None
    for reader in (client, author, asker):
        page = reader.get(path).text
        assert "Esi Darko" in page
        assert LINE not in page
    assert "You are with this idea." in asker.get(path).text
    assert "asks to join" not in author.get(path).text


def test_a_request_is_seen_by_the_author_and_who_asked_alone(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person, joining = asked()
    path = post_address(idea)
    for reader in (client, client_for(make_person()), client_for(make_moderator())):
        page = reader.get(path).text
        assert "Esi Darko" not in page
        assert LINE not in page
        assert answer_path(joining, "acceptance") not in page
    assert LINE in client_for(person).get(f"/ideas/{idea.id}/join").text


def test_who_was_declined_is_told_and_nobody_else_is(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person, joining = asked()
    author, asker = client_for(idea.author), client_for(person)
    assert author.post(answer_path(joining, "refusal")).status_code == 303
    assert state_of(idea, person) == "declined"
    assert "has declined" in asker.get(post_address(idea)).text
    assert "has declined" in asker.get(f"/ideas/{idea.id}/join").text
    for reader in (client, author):
        assert "Esi Darko" not in reader.get(post_address(idea)).text
    assert asker.post(f"/ideas/{idea.id}/join", data={"line": "Please"}).status_code == 409
    assert state_of(idea, person) == "declined"


@pytest.mark.parametrize("is_accepted", [False, True])
def test_one_may_take_a_request_back_or_leave_and_ask_again(client_for: ClientFor, is_accepted: bool) -> None:
    idea, person, joining = asked()
    if is_accepted:
        accept_joining(joining, by=idea.author)
    asker = client_for(person)
    assert asker.post(f"/ideas/{idea.id}/join/withdrawal").status_code == 303
    assert state_of(idea, person) == "left"
    page = asker.get(post_address(idea)).text
    assert f'href="/ideas/{idea.id}/join"' in page
    assert "Esi Darko" not in client_for(idea.author).get(post_address(idea)).text
    assert asker.post(f"/ideas/{idea.id}/join", data={"line": "Again"}).status_code == 303
    assert (state_of(idea, person), joining_of(idea, person).answered_at) == ("asked", None)


def test_before_an_answer_the_line_can_be_changed(client_for: ClientFor) -> None:
    idea, person, joining = asked()
    announced = []
    with joining_asked.connected_to(announced.append):
        client_for(person).post(f"/ideas/{idea.id}/join", data={"line": "A van, in fact."})
    assert (joining_of(idea, person).id, joining_of(idea, person).line) == (joining.id, "A van, in fact.")
    assert announced == []


@pytest.mark.parametrize(("line", "message"), [("", "This is needed"), ("  ", "This is needed"), ("x" * 301, "300")])
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(client_for: ClientFor, line: str, message: str) -> None:
    idea, person = make_idea(), make_person()
    response = client_for(person).post(f"/ideas/{idea.id}/join", data={"line": line})
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert message in response.text
    assert line.strip() in response.text
    assert joining_of(idea, person) is None


def test_a_guest_is_asked_to_sign_in(client: FlaskClient) -> None:
    idea, _person, joining = asked()
    assert f'href="/ideas/{idea.id}/join"' in client.get(post_address(idea)).text
    assert client.get(f"/ideas/{idea.id}/join").location.startswith("/sign-in")
    for path in (f"/ideas/{idea.id}/join", f"/ideas/{idea.id}/join/withdrawal", answer_path(joining, "acceptance")):
        assert client.post(path).location.startswith("/sign-in")
    assert joining.state == "asked"


def test_an_author_does_not_join_their_own_idea(client_for: ClientFor) -> None:
    idea = make_idea()
    author = client_for(idea.author)
    assert f'href="/ideas/{idea.id}/join"' not in author.get(post_address(idea)).text
    assert author.get(f"/ideas/{idea.id}/join").status_code == 403
    assert author.post(f"/ideas/{idea.id}/join", data={"line": LINE}).status_code == 403


def test_nobody_is_asked_where_the_author_is_not_here_to_answer(client_for: ClientFor) -> None:
    idea = make_idea(by=make_person(kind="imported"))
    asker = client_for(make_person())
    assert f'href="/ideas/{idea.id}/join"' not in asker.get(post_address(idea)).text
    assert asker.post(f"/ideas/{idea.id}/join", data={"line": LINE}).status_code == 403


def test_only_the_author_answers(client_for: ClientFor) -> None:
    idea, person, joining = asked()
    for other in (person, make_person(), make_moderator()):
        for answer in ("acceptance", "refusal"):
            assert client_for(other).post(answer_path(joining, answer)).status_code == 404
    with pytest.raises(NotAllowed):
        accept_joining(joining, by=person)
    assert state_of(idea, person) == "asked"


def test_a_request_is_answered_at_its_own_idea_alone(client_for: ClientFor) -> None:
    idea, person, joining = asked()
    other = make_idea(by=idea.author)
    assert client_for(idea.author).post(f"/ideas/{other.id}/joinings/{joining.id}/acceptance").status_code == 404
    assert client_for(idea.author).post(f"/ideas/{idea.id}/joinings/4711/acceptance").status_code == 404
    assert state_of(idea, person) == "asked"


def test_what_was_taken_back_or_answered_is_not_answered_again(client_for: ClientFor) -> None:
    idea, person, joining = asked()
    accept_joining(joining, by=idea.author)
    with pytest.raises(Conflict):
        decline_joining(joining, by=idea.author)
    leave_idea(idea, by=person)
    assert client_for(idea.author).post(answer_path(joining, "acceptance")).status_code == 409
    assert state_of(idea, person) == "left"


def test_who_is_with_an_idea_does_not_ask_again(client_for: ClientFor) -> None:
    idea, person, joining = asked()
    accept_joining(joining, by=idea.author)
    asker = client_for(person)
    assert "You are with this idea already" in asker.get(f"/ideas/{idea.id}/join").text
    assert asker.post(f"/ideas/{idea.id}/join", data={"line": LINE}).status_code == 409


def test_leaving_what_one_never_joined_changes_nothing(client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person()
    assert client_for(person).post(f"/ideas/{idea.id}/join/withdrawal").status_code == 303
    assert joining_of(idea, person) is None


@pytest.mark.parametrize("kind", ["private", "hidden", "deleted"])
def test_what_one_may_not_see_cannot_be_joined_and_shows_nobody(
    client: FlaskClient, client_for: ClientFor, kind: str
) -> None:
    member, fellow = make_person(), make_person(display_name="Esi Darko")
    group = make_private_group(member, fellow) if kind == "private" else None
    idea = make_idea(by=member, group=group, title="The secret of the class")
    joining = ask_to_join(idea, by=fellow, line=LINE)
    if kind == "hidden":
        with transaction():
            idea.hidden_at = now()
            post_hidden.send(idea)
    elif kind == "deleted":
        delete_post(idea, by=member)
    status = 410 if kind == "deleted" else 404
    stranger = client_for(make_person())
    answers = [stranger.get(f"/ideas/{idea.id}/join")]
    answers += [
        stranger.post(f"/ideas/{idea.id}/join{end}", data={"line": "Mine is another line."})
        for end in ("", "/withdrawal")
    ]
    answers += [stranger.post(answer_path(joining, answer)) for answer in ("acceptance", "refusal")]
    answers += [reader.get(post_address(idea)) for reader in (stranger, client)]
    for answer in answers:
        assert answer.status_code == status
        for secret in ("The secret of the class", "Esi Darko", LINE):
            assert secret not in answer.text.replace("/the-secret-of-the-class", "")
    assert len(db.session.scalars(select(Joining)).all()) == 1


def test_of_a_private_idea_a_fellow_member_sees_who_is_with_it(client_for: ClientFor) -> None:
    member, fellow, third = make_person(), make_person(display_name="Esi Darko"), make_person()
    idea = make_idea(by=member, group=make_private_group(member, fellow, third))
    accept_joining(ask_to_join(idea, by=fellow, line=LINE), by=member)
    assert "Esi Darko" in client_for(third).get(post_address(idea)).text


def test_each_step_is_announced(app: Flask) -> None:
    idea, person = make_idea(), make_person()
    told: list[tuple[str, str]] = []
    signals = {joining_asked: "asked", joining_accepted: "accepted", joining_declined: "declined", joining_left: "left"}

    def note(joining: Joining, *, word: str) -> None:
        told.append((word, joining.state))

    receivers = [(signal, lambda joining, word=word: note(joining, word=word)) for signal, word in signals.items()]
    for signal, receiver in receivers:
        signal.connect(receiver)
    accept_joining(ask_to_join(idea, by=person, line=LINE), by=idea.author)
    leave_idea(idea, by=person)
    decline_joining(ask_to_join(idea, by=person, line=LINE), by=idea.author)
    for signal, receiver in receivers:
        signal.disconnect(receiver)
    assert told == [("asked", "asked"), ("accepted", "joined"), ("left", "left"), ("asked", "asked"), ("declined",) * 2]


def test_requests_go_with_the_idea(app: Flask) -> None:
    idea, person, _joining = asked()
    idea_id = idea.id
    with transaction():
        db.session.execute(delete(Idea).where(Idea.id == idea_id))
    assert db.session.scalar(select(Joining).where(Joining.idea_id == idea_id)) is None
    assert db.session.get(User, person.id) is not None


def test_hostile_text_is_shown_as_text(client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person(display_name="<b>Esi</b>")
    ask_to_join(idea, by=person, line="<script>alert(1)</script>")
    page = client_for(idea.author).get(post_address(idea)).text
    assert "<script>alert(1)" not in page
    assert "<b>Esi</b>" not in page


def test_an_idea_titled_join_has_its_own_page(client: FlaskClient) -> None:
    idea = make_idea(title="Join")
    assert client.get(f"/ideas/{idea.id}").location == f"/ideas/{idea.id}/join-"
    assert client.get(f"/ideas/{idea.id}/join-").status_code == 200


def test_asking_too_fast_is_refused(app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, asker = make_idea(), make_idea(), client_for(make_person())
    monkeypatch.setattr("app.limits.limiter._request_filters", [])
    assert asker.post(f"/ideas/{first.id}/join", data={"line": ""}).status_code == 422
    assert asker.post(f"/ideas/{first.id}/join", data={"line": LINE}).status_code == 303
    assert asker.post(f"/ideas/{second.id}/join", data={"line": LINE}).status_code == 429
