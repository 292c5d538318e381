"""Someone asks to join an idea; its author answers; who is with it is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.models import Guest, User
from app.database import db, now, transaction
from app.forum.commands import delete_post
from app.forum.events import post_hidden
from app.forum.queries import post_address
from app.groups.models import Membership
from app.ideas.models import Idea
from app.pages import ON_DESK
from app.refusals import Conflict, NotAllowed
from app.teams.commands import (
    Invitation,
    accept_joining,
    ask_to_join,
    decline_joining,
    invite,
    leave_idea,
    remove_joining,
)
from app.teams.models import Joining
from app.teams.queries import joinings_of
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


def go_away(idea: Idea, kind: str) -> None:
    if kind == "hidden":
        with transaction():
            idea.hidden_at = now()
            post_hidden.send(idea)
    elif kind == "deleted":
        delete_post(idea, by=idea.author)


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
    assert "You are a co-author of this idea." in asker.get(path).text
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
    client_for(person).post(f"/ideas/{idea.id}/join", data={"line": "A van, in fact."})
    assert (joining_of(idea, person).id, joining_of(idea, person).line) == (joining.id, "A van, in fact.")
    assert "1 person asks to join" in client_for(idea.author).get(post_address(idea)).text


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


@pytest.mark.parametrize("kind", ["imported", "demo"])
def test_nobody_is_asked_where_the_author_is_not_here_to_answer(client_for: ClientFor, kind: str) -> None:
    idea = make_idea(by=make_person(kind=kind))
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
    leave_idea(idea.id, by=person)
    assert client_for(idea.author).post(answer_path(joining, "acceptance")).status_code == 409
    assert state_of(idea, person) == "left"


def test_the_author_takes_someone_off_the_idea(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person, joining = asked()
    accept_joining(joining, by=idea.author)
    author, other, path = client_for(idea.author), client_for(person), answer_path(joining, "removal")
    assert f'href="{path}"' in author.get(post_address(idea)).text
    for reader in (client, other):
        assert path not in reader.get(post_address(idea)).text
    assert "Take <bdi>Esi Darko</bdi> off this idea?" in author.get(path).text
    assert state_of(idea, person) == "joined"
    assert author.post(path).status_code == 303
    assert state_of(idea, person) == "removed"
    page = author.get(post_address(idea)).text
    assert "<bdi>Esi Darko</bdi> is not named on your idea any more." in page
    for reader in (client, author):
        assert "Esi Darko" not in reader.get(post_address(idea)).text
    assert "The author has taken you off this idea." in other.get(post_address(idea)).text
    assert "The author has taken you off this idea." in other.get(f"/ideas/{idea.id}/join").text
    assert other.post(f"/ideas/{idea.id}/join", data={"line": "Please"}).status_code == 409
    assert state_of(idea, person) == "removed"


def test_only_the_author_takes_someone_off_and_only_who_is_with_the_idea(client_for: ClientFor) -> None:
    idea, person, joining = asked()
    path = answer_path(joining, "removal")
    assert client_for(idea.author).get(path).status_code == 404
    assert client_for(idea.author).post(path).status_code == 409
    accept_joining(joining, by=idea.author)
    for other in (person, make_person(), make_moderator()):
        assert client_for(other).get(path).status_code == 404
        assert client_for(other).post(path).status_code == 404
    with pytest.raises(NotAllowed):
        remove_joining(joining, by=person)
    assert state_of(idea, person) == "joined"


@pytest.mark.parametrize("kind", ["private", "hidden", "deleted"])
@pytest.mark.parametrize("is_accepted", [False, True])
def test_one_may_leave_what_one_sees_no_more_and_learns_nothing(
    client_for: ClientFor, kind: str, is_accepted: bool
) -> None:
    member, fellow = make_person(), make_person()
    group = make_private_group(member, fellow) if kind == "private" else None
    idea = make_idea(by=member, group=group, title="The secret of the class")
    joining = ask_to_join(idea, by=fellow, line=LINE)
    if is_accepted:
        accept_joining(joining, by=member)
    if kind == "private":
        with transaction():
            db.session.execute(
                delete(Membership).where(Membership.user_id == fellow.id, Membership.group_id == group.id)
            )
    else:
        go_away(idea, kind)
    leaver, path = client_for(fellow), f"/ideas/{idea.id}/join/withdrawal"
    page = leaver.get(f"/ideas/{idea.id}").text
    assert f'action="{path}"' in page
    assert "The secret of the class" not in page
    answer = leaver.post(path)
    assert (answer.status_code, answer.location) == (303, "/")
    assert state_of(idea, fellow) == "left"
    page = leaver.get("/").text
    assert "Done: you are not with that idea, and have not asked to be." in page
    assert "The secret of the class" not in page
    assert path not in leaver.get(f"/ideas/{idea.id}").text
    assert leaver.post(path).status_code == (410 if kind == "deleted" else 404)


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
    go_away(idea, kind)
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


def test_requests_go_with_the_idea(app: Flask) -> None:
    idea, person, _joining = asked()
    idea_id = idea.id
    with transaction():
        db.session.execute(delete(Idea).where(Idea.id == idea_id))
    assert db.session.scalar(select(Joining).where(Joining.idea_id == idea_id)) is None
    assert db.session.get(User, person.id) is not None


def test_a_name_keeps_its_own_direction_in_a_sentence(client_for: ClientFor) -> None:
    idea, asker = make_idea(by=make_person(display_name="أمينة <b>")), client_for(make_person())
    assert "You ask <bdi>أمينة &lt;b&gt;</bdi> to work on it together." in asker.get(f"/ideas/{idea.id}/join").text
    asker.post(f"/ideas/{idea.id}/join", data={"line": LINE})
    assert "Your request is with <bdi>أمينة &lt;b&gt;</bdi>." in asker.get(post_address(idea)).text


def test_the_line_is_loaded_for_the_author_and_for_who_wrote_it(app: Flask) -> None:
    idea, person, joining = asked()
    accept_joining(joining, by=idea.author)
    lines = [joinings_of(reader, idea).joined[0].line for reader in (idea.author, person, make_person(), Guest())]
    assert lines == [LINE, LINE, "", ""]


def test_all_who_are_with_an_idea_are_named_in_one_sentence(client: FlaskClient) -> None:
    idea = make_idea()
    for name in ("Esi Darko", "Luis & Co"):
        accept_joining(
            ask_to_join(idea, by=make_person(name=name[:3].lower(), display_name=name), line=LINE), by=idea.author
        )
    names = '<a href="/u/esi"><bdi>Esi Darko</bdi></a>, <a href="/u/lui"><bdi>Luis &amp; Co</bdi></a>'
    author = f'<a href="/u/{idea.author.name}"><bdi>{idea.author.display_name}</bdi></a>'
    assert f"{author}, {names}" in client.get(post_address(idea)).text


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


def test_the_desk_tells_of_a_request_and_of_its_answer(client_for: ClientFor) -> None:
    idea, person, joining = asked()
    author_desk, own_desk = client_for(idea.author), client_for(person)
    assert re.search(r"Esi Darko</bdi> asks to join", author_desk.get("/").text)
    assert f"{post_address(idea)}#with" in author_desk.get("/").text
    assert 'id="joining-title"' not in own_desk.get("/").text
    accept_joining(joining, by=idea.author)
    assert 'id="joining-title"' not in author_desk.get("/").text
    assert "says yes: you are named on it" in own_desk.get("/").text
    with transaction():
        joining.answered_at = now() - timedelta(days=15)
    assert 'id="joining-title"' not in own_desk.get("/").text


@pytest.mark.parametrize("kind", ["hidden", "deleted"])
def test_the_desk_tells_nothing_of_an_idea_that_went_away(client_for: ClientFor, kind: str) -> None:
    idea, person, joining = asked()
    decline_joining(joining, by=idea.author)
    assert "says no this time" in client_for(person).get("/").text
    go_away(idea, kind)
    assert 'id="joining-title"' not in client_for(person).get("/").text


def test_who_left_the_private_group_meanwhile_is_not_accepted(client_for: ClientFor) -> None:
    author, person = make_person(), make_person()
    group = make_private_group(author, person)
    idea = make_idea(by=author, group=group)
    joining = ask_to_join(idea, by=person, line=LINE)
    with transaction():
        db.session.execute(delete(Membership).where(Membership.user_id == person.id, Membership.group_id == group.id))
    answer = client_for(author).post(f"/ideas/{idea.id}/joinings/{joining.id}/acceptance")
    assert answer.status_code == 409
    assert "cannot see this idea any more" in answer.text
    assert state_of(idea, person) == "asked"


def test_what_waits_is_not_pushed_off_the_desk_by_newer_answers(client_for: ClientFor) -> None:
    person, waits = make_person(asks_a_week=1), make_idea(title="The one that waits")
    invite(waits, [Invitation(person.name)], by=waits.author)
    for _ in range(ON_DESK):
        other = make_idea()
        accept_joining(ask_to_join(other, by=person, line=LINE), by=other.author)
    assert "The one that waits" in client_for(person).get("/").text
