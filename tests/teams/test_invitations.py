"""The author of an idea invites people, who accept or decline; nobody is asked more often than they agreed to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.journal.commands import record
from app.journal.models import JournalEntry
from app.refusals import Conflict, NotAllowed
from app.teams.commands import (
    Invitation,
    accept_invitation,
    ask_to_join,
    decline_joining,
    invite,
    leave_idea,
    refuse_invitation,
    remove_joining,
    withdraw_invitation,
)
from app.teams.models import Joining
from app.teams.queries import loads_of
from tests.factories import make_idea, make_moderator, make_person, make_private_group

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User], FlaskClient]
LINE = "Your scale would settle the question of weights."
CANNOT = "This person does not take invitations here."


def willing(**facts: Any) -> User:
    return make_person(**{"display_name": "Esi Darko", "asks_a_week": 3, "roles": ["recycler"], **facts})


def invited(**facts: Any) -> tuple[Idea, User, Joining]:
    idea, person = make_idea(**facts), willing()
    (joining,) = invite(idea, [Invitation(person.name, "recycler", LINE)], by=idea.author)
    return idea, person, joining


def state_of(idea: Idea, person: User) -> str | None:
    own = select(Joining.state).where(Joining.idea_id == idea.id, Joining.person_id == person.id)
    return db.session.scalar(own)


def actions(idea: Idea, *, is_public: bool | None = None) -> list[str]:
    entries = select(JournalEntry.action).where(JournalEntry.post_id == idea.id).order_by(JournalEntry.id)
    entries = entries.where(JournalEntry.action.startswith("team_"))
    return list(db.session.scalars(entries if is_public is None else entries.where(JournalEntry.is_public)))


def sent(*people: User, line: str = LINE, role: str = "recycler", **more: str) -> dict[str, Any]:
    """As the form sends it."""
    fields: dict[str, Any] = {"person": [person.name for person in people]}
    for person in people:
        fields |= {f"is_wanted_{person.name}": "y", f"role_{person.name}": role, f"line_{person.name}": line}
    return fields | more


def test_the_author_invites_and_the_person_accepts(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person = make_idea(), willing()
    author, guest_of_honour = client_for(idea.author), client_for(person)
    page = author.get(f"/ideas/{idea.id}/invitations/new?person={person.name}&role=recycler").text
    assert "Esi Darko" in page
    assert '<option selected value="recycler">' in page
    answer = author.post(f"/ideas/{idea.id}/invitations", data=sent(person))
    assert (answer.status_code, answer.location) == (303, f"{post_address(idea)}#with")
    assert "1 invitation waits for an answer" in author.get(post_address(idea)).text
    desk = guest_of_honour.get("/").text
    assert "invites you, as you could bring: Recycler &amp; dismantler. Your answer?" in desk
    assert LINE in desk
    for path in (post_address(idea), f"/ideas/{idea.id}/invitation"):
        page = guest_of_honour.get(path).text
        assert "invites you" in page
        assert LINE in page
        assert "Recycler &amp; dismantler" in page
    assert guest_of_honour.post(f"/ideas/{idea.id}/invitation/acceptance").status_code == 303
    assert state_of(idea, person) == "joined"
    assert "Esi Darko" in client.get(post_address(idea)).text
    assert "says yes and is named on it" in author.get("/").text
    assert actions(idea) == ["team_invited", "team_joined"]
    assert actions(idea, is_public=True) == ["team_joined"]
    history = client.get(f"/ideas/{idea.id}/revisions").text
    assert "<bdi>Esi Darko</bdi> and <bdi>" in history


def test_the_person_declines_and_the_author_alone_reads_why(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person, _joining = invited()
    why = "I am on the road until May."
    assert client_for(person).post(f"/ideas/{idea.id}/invitation/refusal", data={"reply": why}).status_code == 303
    assert state_of(idea, person) == "refused"
    assert why in client_for(idea.author).get("/").text
    for reader in (client, client_for(make_person()), client_for(make_moderator())):
        page = reader.get(post_address(idea)).text + reader.get(f"/ideas/{idea.id}/revisions").text
        assert why not in page
        assert "Esi Darko" not in page
    assert actions(idea, is_public=True) == []


def test_a_reply_that_is_too_long_comes_back(client_for: ClientFor) -> None:
    idea, person, _joining = invited()
    answer = client_for(person).post(f"/ideas/{idea.id}/invitation/refusal", data={"reply": "x" * 301})
    assert answer.status_code == 422
    assert "x" * 301 in answer.text
    assert state_of(idea, person) == "invited"


def test_an_invitation_is_seen_by_the_author_and_the_person_alone(client: FlaskClient, client_for: ClientFor) -> None:
    idea, _person, joining = invited()
    for reader in (client, client_for(make_person()), client_for(make_moderator())):
        page = reader.get(post_address(idea)).text
        assert "Esi Darko" not in page
        assert LINE not in page
    stranger = client_for(make_person())
    assert stranger.get(f"/ideas/{idea.id}/invitation").status_code == 404
    for path in ("invitation/acceptance", "invitation/refusal", f"joinings/{joining.id}/withdrawal"):
        assert stranger.post(f"/ideas/{idea.id}/{path}").status_code == 404
    assert client.get(f"/ideas/{idea.id}/invitation").location.startswith("/sign-in")


def test_the_author_takes_an_invitation_back(client_for: ClientFor) -> None:
    idea, person, joining = invited()
    path = f"/ideas/{idea.id}/joinings/{joining.id}/withdrawal"
    author, other = client_for(idea.author), client_for(person)
    assert f'action="{path}"' in author.get(post_address(idea)).text
    assert author.post(path).status_code == 303
    assert state_of(idea, person) == "withdrawn"
    assert "invites you" not in other.get(post_address(idea)).text
    assert f'href="/ideas/{idea.id}/join"' in other.get(post_address(idea)).text
    assert other.post(f"/ideas/{idea.id}/invitation/acceptance").status_code == 409
    assert actions(idea) == ["team_invited", "team_invitation_withdrawn"]


def test_only_the_author_invites(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person = make_idea(), willing()
    for other in (make_person(), make_moderator(), person):
        assert client_for(other).get(f"/ideas/{idea.id}/invitations/new?person={person.name}").status_code == 403
        assert client_for(other).post(f"/ideas/{idea.id}/invitations", data=sent(person)).status_code == 403
    with pytest.raises(NotAllowed):
        invite(idea, [Invitation(person.name)], by=person)
    assert client.get(f"/ideas/{idea.id}/invitations/new").location.startswith("/sign-in")
    assert client.post(f"/ideas/{idea.id}/invitations", data=sent(person, line="")).location.startswith("/sign-in")
    assert state_of(idea, person) is None


@pytest.mark.parametrize("kind", ["unknown", "unwilling", "demo", "groups only", "self"])
def test_who_cannot_be_asked_and_who_is_unknown_look_the_same(client_for: ClientFor, kind: str) -> None:
    idea = make_idea(by=make_person(asks_a_week=3))
    facts: dict[str, dict[str, Any]] = {
        "unwilling": {"asks_a_week": 0},
        "demo": {"kind": "demo"},
        "groups only": {"is_for_groups_only": True},
    }
    name = "nobody" if kind == "unknown" else idea.author.name if kind == "self" else willing(**facts[kind]).name
    author = client_for(idea.author)
    assert author.get(f"/ideas/{idea.id}/invitations/new").status_code == 200
    asked = author.get(f"/ideas/{idea.id}/invitations/new?person={name}")
    assert asked.status_code == 422
    assert CANNOT in asked.text
    assert "Esi Darko" not in asked.text
    answer = author.post(f"/ideas/{idea.id}/invitations", data={"person": name, f"is_wanted_{name}": "y"})
    assert answer.status_code == 422
    assert CANNOT in answer.text
    with pytest.raises(Conflict, match=CANNOT):
        invite(idea, [Invitation(name)], by=idea.author)


def test_to_a_private_idea_only_members_of_its_group_are_invited(client_for: ClientFor) -> None:
    member, fellow, stranger = make_person(), willing(), willing()
    idea = make_idea(by=member, group=make_private_group(member, fellow))
    author = client_for(member)
    assert CANNOT in author.get(f"/ideas/{idea.id}/invitations/new?person={stranger.name}").text
    assert author.post(f"/ideas/{idea.id}/invitations", data=sent(stranger)).status_code == 422
    assert author.post(f"/ideas/{idea.id}/invitations", data=sent(fellow)).status_code == 303
    assert (state_of(idea, fellow), state_of(idea, stranger)) == ("invited", None)
    assert client_for(stranger).get(f"/ideas/{idea.id}/invitation").status_code == 404


def test_a_name_may_be_typed_with_a_sign_and_in_capitals(client_for: ClientFor) -> None:
    idea, person = make_idea(), willing(name="esi-darko")
    assert "Esi Darko" in client_for(idea.author).get(f"/ideas/{idea.id}/invitations/new?person=@Esi-Darko").text
    invite(idea, [Invitation("@Esi-Darko")], by=idea.author)
    assert state_of(idea, person) == "invited"


def test_several_are_invited_with_one_form_each_confirmed(client_for: ClientFor) -> None:
    idea, one, other, third = make_idea(), willing(), willing(), willing()
    fields = sent(one, other, third)
    del fields[f"is_wanted_{other.name}"]
    assert client_for(idea.author).post(f"/ideas/{idea.id}/invitations", data=fields).status_code == 303
    assert [state_of(idea, each) for each in (one, other, third)] == ["invited", None, "invited"]


def test_of_several_all_are_invited_or_none(client_for: ClientFor) -> None:
    idea, one, other = make_idea(), willing(), willing(display_name="Luis Ortega", asks_a_week=0)
    answer = client_for(idea.author).post(f"/ideas/{idea.id}/invitations", data=sent(one, other))
    assert answer.status_code == 422
    assert LINE in answer.text
    assert f"{other.name}: {CANNOT}" in answer.text
    assert "Luis Ortega" not in answer.text
    assert state_of(idea, one) is None


def test_whoever_has_no_room_does_not_keep_the_others_from_being_invited(client_for: ClientFor) -> None:
    idea, other, free, full = make_idea(), make_idea(), willing(), willing(asks_a_week=1)
    invite(other, [Invitation(full.name)], by=other.author)
    page = client_for(idea.author).get(f"/ideas/{idea.id}/invitations/new?person={free.name}&person={full.name}").text
    assert re.findall(r'<input type="hidden" name="person" value="([^"]+)">', page) == [free.name]
    assert "as often as they agreed" in page


def test_nobody_chosen_and_a_line_that_is_too_long_come_back(client_for: ClientFor) -> None:
    idea, person = make_idea(), willing()
    author = client_for(idea.author)
    fields = sent(person)
    del fields[f"is_wanted_{person.name}"]
    assert "Choose somebody to invite." in author.post(f"/ideas/{idea.id}/invitations", data=fields).text
    answer = author.post(f"/ideas/{idea.id}/invitations", data=sent(person, line="x" * 301))
    assert (answer.status_code, "x" * 301 in answer.text) == (422, True)
    assert author.post(f"/ideas/{idea.id}/invitations", data=sent(person, role="wizard")).status_code == 422
    assert author.post(f"/ideas/{idea.id}/invitations").status_code == 422


def test_to_invite_who_has_asked_is_to_accept() -> None:
    idea, person = make_idea(), willing(asks_a_week=1)
    other = make_idea()
    invite(other, [Invitation(person.name)], by=other.author)
    ask_to_join(idea, by=person, line="I have a scale.", role="recycler")
    invite(idea, [Invitation(person.name)], by=idea.author)
    assert state_of(idea, person) == "joined"
    assert actions(idea) == ["team_asked", "team_joined"]


def test_to_ask_when_one_is_invited_is_to_accept(client_for: ClientFor) -> None:
    idea, person, _joining = invited()
    assert "You are invited already" in client_for(person).get(f"/ideas/{idea.id}/join").text
    client_for(person).post(f"/ideas/{idea.id}/join", data={"line": "Gladly."})
    assert state_of(idea, person) == "joined"


@pytest.mark.parametrize("how", ["refused", "left"])
def test_after_their_own_no_nobody_is_invited_again_within_30_days(how: str) -> None:
    idea, person, _joining = invited()
    if how == "left":
        accept_invitation(idea, by=person)
        leave_idea(idea.id, by=person)
    else:
        refuse_invitation(idea, by=person, reply="")
    assert state_of(idea, person) == how
    with pytest.raises(Conflict, match="said no to this idea"):
        invite(idea, [Invitation(person.name)], by=idea.author)
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        invite(idea, [Invitation(person.name)], by=idea.author)
    assert state_of(idea, person) == "invited"


@pytest.mark.parametrize("how", ["declined", "removed", "withdrawn"])
def test_after_the_authors_own_no_they_may_change_their_mind(how: str) -> None:
    idea, person = make_idea(), willing()
    if how == "declined":
        decline_joining(ask_to_join(idea, by=person, line="Yes?"), by=idea.author)
    else:
        (joining,) = invite(idea, [Invitation(person.name)], by=idea.author)
        if how == "removed":
            accept_invitation(idea, by=person)
            remove_joining(joining, by=idea.author)
        else:
            withdraw_invitation(joining, by=idea.author)
    assert state_of(idea, person) == how
    invite(idea, [Invitation(person.name)], by=idea.author)
    assert state_of(idea, person) == "invited"


def test_who_is_with_the_idea_or_invited_is_not_invited_again() -> None:
    idea, person, _joining = invited()
    with pytest.raises(Conflict, match="invited already"):
        invite(idea, [Invitation(person.name)], by=idea.author)
    accept_invitation(idea, by=person)
    with pytest.raises(Conflict, match="with this idea already"):
        invite(idea, [Invitation(person.name)], by=idea.author)


def test_nobody_is_invited_more_often_than_they_agreed_to_a_week(client_for: ClientFor) -> None:
    person, idea = willing(asks_a_week=1), make_idea()
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False):
        other = make_idea()
        (joining,) = invite(other, [Invitation(person.name)], by=other.author)
        withdraw_invitation(joining, by=other.author)
    with time_machine.travel("2026-03-05T10:00:00Z", tick=False):
        assert loads_of([person.id])[person.id].asked == 1
        answer = client_for(idea.author).post(f"/ideas/{idea.id}/invitations", data=sent(person))
        assert answer.status_code == 422
        assert "They have been asked as often as they agreed to this week. Try again on 9 March" in answer.text
        with pytest.raises(Conflict, match="as often as they agreed to"):
            invite(idea, [Invitation(person.name)], by=idea.author)
    with time_machine.travel("2026-03-09T10:00:01Z", tick=False):
        assert loads_of([person.id])[person.id].asked == 0
        invite(idea, [Invitation(person.name)], by=idea.author)
    assert state_of(idea, person) == "invited"


def test_questions_put_to_someone_count_as_well() -> None:
    person, idea = willing(asks_a_week=1), make_idea()
    record("question_put_to", by=idea.author, person=person)
    with pytest.raises(Conflict, match="as often as they agreed to"):
        invite(idea, [Invitation(person.name)], by=idea.author)


@pytest.mark.parametrize("is_hidden", [True, False])
def test_an_invitation_to_what_one_may_not_see_any_more_tells_nothing_and_can_be_passed_by(
    client_for: ClientFor, is_hidden: bool
) -> None:
    idea, person, _joining = invited(title="The secret of the class")
    moment = now()
    if is_hidden:
        idea.hidden_at = moment
    else:
        idea.deleted_at = moment
    db.session.commit()
    other = client_for(person)
    assert "The secret of the class" not in other.get("/").text
    assert other.get(f"/ideas/{idea.id}/invitation").status_code in (404, 410)
    assert other.post(f"/ideas/{idea.id}/invitation/acceptance").status_code in (404, 410)
    assert other.post(f"/ideas/{idea.id}/join/withdrawal").status_code == 303
    assert state_of(idea, person) == "refused"


def test_what_exists_is_written_into_the_journal_and_only_who_is_named_is_public() -> None:
    idea, person = make_idea(), willing()
    joining = ask_to_join(idea, by=person, line="A van.")
    leave_idea(idea.id, by=person)
    ask_to_join(idea, by=person, line="A van.")
    invite(idea, [Invitation(person.name)], by=idea.author)
    leave_idea(idea.id, by=person)
    ask_to_join(idea, by=person, line="A van.")
    decline_joining(joining, by=idea.author)
    assert actions(idea) == [
        *("team_asked", "team_request_withdrawn", "team_asked", "team_joined", "team_left"),
        *("team_asked", "team_declined"),
    ]
    assert actions(idea, is_public=True) == ["team_joined", "team_left"]
    entry = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "team_declined")).one()
    assert (entry.by_id, entry.person_id) == (idea.author_id, person.id)


def test_the_desk_asks_the_same_however_many_words_there_are(client_for: ClientFor, count_queries: list[str]) -> None:
    person = willing(asks_a_week=10)

    def queries() -> int:
        desk = client_for(person)
        desk.get("/")
        count_queries.clear()
        desk.get("/")
        return len(count_queries)

    counts = []
    for _ in range(2):
        for _ in range(2):
            idea = make_idea()
            invite(idea, [Invitation(person.name, "recycler", LINE)], by=idea.author)
        counts.append(queries())
    assert counts[0] == counts[1]
