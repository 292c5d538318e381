"""What an idea lacks, who could bring it, and which ideas need whom: for whoever may see it, and nobody unasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import now, transaction
from app.forum.commands import delete_post
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.matching.commands import embed_waiting, ideas_to_read
from app.moderation.commands import hide_post
from app.teams.commands import Invitation, accept_joining, ask_to_join, decline_joining, invite
from app.teams.queries import needs_of
from tests.factories import make_idea, make_moderator, make_person, make_private_group, revise
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

ClientFor = Callable[[User], FlaskClient]
OFFER = "I take swollen phone batteries from a classroom bin before they catch fire."


@pytest.fixture(autouse=True)
def other_ideas(run_jobs: Callable[[], int]) -> None:
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})


def battery_idea(**facts: Any) -> Idea:
    sections = {"problem": PROBLEM} | facts.pop("sections", {})
    written = {"title": "Safe boxes for swollen batteries", "needed_roles": ["recycler"], "topics": ["batteries"]}
    return make_idea(sections=sections, **{**written, **facts})


def helper(*roles: str, name: str = "Esi Darko", **facts: Any) -> User:
    """Someone who has these roles and says that they know the subject."""
    facts = {"display_name": name, "roles": list(roles), "offers": OFFER, "asks_a_week": 3, **facts}
    return make_person(**facts)


def team_page(reader: FlaskClient, idea: Idea) -> str:
    answer = reader.get(f"/ideas/{idea.id}/team")
    assert answer.status_code == 200
    return answer.text


def names(idea: Idea) -> dict[str, str]:
    """Of the open needs: where each comes from, by role."""
    return {need.role.id: need.sentence for need in needs_of([idea.id])[idea.id]}


def test_an_idea_needs_what_it_declares_and_what_its_text_names() -> None:
    said = "We look for a teacher who tries the box with one class."
    idea = battery_idea(sections={"needs": f"Two strong boxes. {said}"})
    assert names(idea) == {"recycler": ""}
    embed_waiting()
    assert names(idea) == {"recycler": "", "teacher": said}
    assert ideas_to_read() == []


def test_the_pages_say_where_a_need_comes_from(client: FlaskClient, client_for: ClientFor) -> None:
    idea = battery_idea(sections={"needs": "We look for a teacher who tries the box with one class."})
    embed_waiting()
    for page in (team_page(client, idea), client_for(idea.author).get(post_address(idea)).text):
        assert "declared" in page
        assert ">We look for a teacher who tries the box with one class.</q>" in page
    assert "2 open needs" in client.get(post_address(idea)).text
    assert f'href="/ideas/{idea.id}/team"' in client.get(post_address(idea)).text


def test_a_revised_text_calls_for_other_roles(run_jobs: Callable[[], int]) -> None:
    idea = battery_idea(sections={"needs": "We look for a teacher."}, needed_roles=[])
    run_jobs()
    assert list(names(idea)) == ["teacher"]
    revise(idea, sections={"problem": PROBLEM, "needs": "We look for a researcher."})
    run_jobs()
    assert list(names(idea)) == ["researcher"]
    revise(idea, sections={"problem": PROBLEM})
    run_jobs()
    assert names(idea) == {}


def test_what_the_author_and_those_who_joined_bring_is_not_needed() -> None:
    idea = battery_idea(by=make_person(roles=["recycler"]), needed_roles=["recycler", "teacher", "official", "ngo"])
    assert set(names(idea)) == {"teacher", "official", "ngo"}
    both = make_person(roles=["teacher", "official"])
    joining = ask_to_join(idea, by=both, line="I teach.", role="teacher")
    assert set(names(idea)) == {"teacher", "official", "ngo"}
    accept_joining(joining, by=idea.author)
    assert set(names(idea)) == {"official", "ngo"}
    accept_joining(ask_to_join(idea, by=make_person(roles=["official"]), line="I sign."), by=idea.author)
    assert set(names(idea)) == {"ngo"}


def test_the_role_is_a_condition_and_so_is_the_subject(client: FlaskClient) -> None:
    idea = battery_idea()
    helper("student", name="A tenth student")
    helper("recycler", name="Someone of fridges", offers="I recover gas from fridges.", topics=["batteries"])
    helper("recycler")
    embed_waiting()
    page = team_page(client, idea)
    assert "Esi Darko" in page
    assert "Brings a role this needs: Recycler &amp; dismantler; writes about" in page
    assert "A tenth student" not in page
    assert "Someone of fridges" not in page


def test_what_someone_wrote_speaks_for_them_too(client: FlaskClient) -> None:
    idea, person = battery_idea(), helper("recycler", offers="")
    make_idea(by=person, title="Battery fire drill at school", sections={"problem": NEAR})
    embed_waiting()
    page = team_page(client, idea)
    assert "Esi Darko" in page
    assert NEAR in page


def test_who_brings_two_roles_covers_both_and_what_nobody_brings_is_said(client: FlaskClient) -> None:
    idea = battery_idea(needed_roles=["recycler", "teacher", "official"])
    helper("recycler", "teacher", name="Esi Both")
    helper("recycler", name="Luis Only")
    embed_waiting()
    page = team_page(client, idea)
    proposal = page[page.index("proposal-title") : page.index('id="role-teacher"')]
    assert "Esi Both" in proposal
    assert "Luis Only" not in proposal
    assert "Nobody yet who can be asked brings: Government &amp; city official" in proposal
    assert "Luis Only" in page


@pytest.mark.parametrize(
    "facts",
    [{"asks_a_week": 0}, {"is_for_groups_only": True}, {"kind": "imported"}],
    ids=["did not agree", "for groups only", "imported"],
)
def test_nobody_is_suggested_who_did_not_agree(
    client: FlaskClient, client_for: ClientFor, facts: dict[str, Any]
) -> None:
    idea = battery_idea()
    helper("recycler", **facts)
    embed_waiting()
    for reader in (client, client_for(idea.author), client_for(make_person())):
        assert "Esi Darko" not in team_page(reader, idea)


def test_who_was_asked_as_often_as_they_agreed_to_is_not_suggested(client_for: ClientFor) -> None:
    idea, person, other = battery_idea(), helper("recycler", asks_a_week=1), make_idea()
    embed_waiting()
    author = client_for(idea.author)
    assert "Asked 0 of 1 time this week" in team_page(author, idea)
    invite(other, [Invitation(person.name)], by=other.author)
    assert "Esi Darko" not in team_page(author, idea)


def test_the_author_alone_finds_the_way_to_invite(client: FlaskClient, client_for: ClientFor) -> None:
    idea = battery_idea(needed_roles=["recycler", "teacher"])
    one, other = helper("recycler"), helper("teacher", name="Mei Tanaka")
    embed_waiting()
    page = team_page(client_for(idea.author), idea)
    assert f"/ideas/{idea.id}/invitations/new?person={one.name}&amp;role=recycler" in page
    assert "Invite all of them" in page
    together = f"person={one.name}&amp;person={other.name}&amp;role=recycler&amp;role=teacher"
    reverse = f"person={other.name}&amp;person={one.name}&amp;role=teacher&amp;role=recycler"
    assert together in page or reverse in page
    for reader in (client, client_for(make_person()), client_for(make_moderator())):
        page = team_page(reader, idea)
        assert "Esi Darko" in page
        assert "/invitations" not in page


def test_the_page_names_who_writes_it_and_to_its_author_alone_who_asks(
    client: FlaskClient, client_for: ClientFor
) -> None:
    idea, asker, writer = make_idea(), make_person(), make_person()
    accept_joining(ask_to_join(idea, by=writer, line="Mine"), by=idea.author)
    joining = ask_to_join(idea, by=asker, line="I can weld.")
    page = client_for(idea.author).get(f"/ideas/{idea.id}/team").text
    for word in ("acceptance", "refusal"):
        assert f'action="/ideas/{idea.id}/joinings/{joining.id}/{word}"' in page
    assert "I can weld." in page
    for each in (client, client_for(writer)):
        seen = each.get(f"/ideas/{idea.id}/team").text
        assert f"/u/{writer.name}" in seen
        assert asker.name not in seen


def test_who_is_invited_or_with_the_idea_is_not_suggested_again(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person = battery_idea(needed_roles=["recycler", "teacher"]), helper("recycler", "teacher")
    embed_waiting()
    invite(idea, [Invitation(person.name, "recycler")], by=idea.author)
    waiting, suggested = team_page(client_for(idea.author), idea).split('id="needed-title"')
    assert "Esi Darko" in waiting
    assert "Esi Darko" not in suggested
    assert "Esi Darko" in team_page(client, idea)


def test_demo_people_are_shown_where_nobody_else_fits_and_never_invited(client_for: ClientFor) -> None:
    idea, person = battery_idea(), helper("recycler", kind="demo")
    embed_waiting()
    page = team_page(client_for(idea.author), idea)
    assert "Esi Darko" in page
    assert f"person={person.name}" not in page
    helper("recycler", name="Kofi Mensah")
    embed_waiting()
    page = team_page(client_for(idea.author), idea)
    assert "Kofi Mensah" in page
    assert "Esi Darko" not in page


def test_an_idea_that_lacks_nothing_says_so(client: FlaskClient) -> None:
    idea = battery_idea(needed_roles=[])
    assert "No role is missing here" in team_page(client, idea)
    assert f'href="/ideas/{idea.id}/team"' not in client.get(post_address(idea)).text


def test_of_a_private_group_nothing_is_shown_and_only_its_members_are_suggested(
    client: FlaskClient, client_for: ClientFor
) -> None:
    member, fellow = make_person(), helper("recycler", name="A fellow member")
    idea = battery_idea(by=member, group=make_private_group(member, fellow), title="The secret of the class")
    helper("recycler", name="A stranger to it")
    embed_waiting()
    page = team_page(client_for(member), idea)
    assert "A fellow member" in page
    assert "A stranger to it" not in page
    for reader in (client, client_for(make_person())):
        answer = reader.get(f"/ideas/{idea.id}/team")
        assert answer.status_code == 404
        assert "The secret of the class" not in answer.text


@pytest.mark.parametrize("kind", ["hidden", "deleted"])
def test_what_is_gone_has_no_team(client: FlaskClient, kind: str) -> None:
    idea = battery_idea()
    if kind == "hidden":
        hide_post(idea, by=make_moderator(), reason="Off the subject")
    else:
        delete_post(idea, by=idea.author)
    assert client.get(f"/ideas/{idea.id}/team").status_code == (404 if kind == "hidden" else 410)


def test_the_team_page_asks_the_same_however_many_people_there_are(
    client: FlaskClient, count_queries: list[str]
) -> None:
    idea = battery_idea(needed_roles=["recycler", "teacher"])

    def queries() -> int:
        helper("recycler"), helper("teacher")
        embed_waiting()
        client.get("/about")
        count_queries.clear()
        team_page(client, idea)
        return len([each for each in count_queries if not each.startswith(("BEGIN", "SET"))])

    queries()
    assert queries() == queries() <= 22


def needed(browser: FlaskClient) -> str:
    answer = browser.get("/me/needed")
    assert answer.status_code == 200
    return answer.text


def test_ideas_that_lack_my_role_and_speak_of_my_subject_need_me(client_for: ClientFor) -> None:
    declared = battery_idea(title="It declares the role", topics=["batteries"])
    called = battery_idea(title="It calls for the role", needed_roles=[], sections={"needs": "We look for a recycler."})
    battery_idea(title="It lacks a teacher", needed_roles=["teacher"])
    fridges = {"title": "It is of something else", "topics": ["cooling-refrigerants"], "needed_roles": ["recycler"]}
    make_idea(sections={"problem": "Old fridges leak gas when dealers cut the pipes."}, **fridges)
    embed_waiting()
    page = needed(client_for(helper("recycler", topics=["batteries"])))
    for idea in (declared, called):
        assert idea.title in page
        assert f'href="/ideas/{idea.id}/join?role=recycler"' in page
    assert "Needs your role: Recycler &amp; dismantler" in page
    assert "It lacks a teacher" not in page
    assert "It is of something else" not in page


def test_the_join_form_begins_with_the_role(client_for: ClientFor) -> None:
    idea = battery_idea()
    page = client_for(helper("recycler")).get(f"/ideas/{idea.id}/join?role=recycler").text
    assert '<option selected value="recycler">' in page
    assert client_for(helper("recycler")).get(f"/ideas/{idea.id}/join?role=wizard").status_code == 200


def test_not_my_own_ideas_nor_those_that_i_have_to_do_with_need_me(client_for: ClientFor) -> None:
    person = helper("recycler", topics=["batteries"])
    battery_idea(by=person, title="My own idea", needed_roles=["recycler", "teacher"])
    declined, asked = battery_idea(title="It declined me"), battery_idea(title="I asked there")
    decline_joining(ask_to_join(declined, by=person, line="Yes?"), by=declined.author)
    ask_to_join(asked, by=person, line="Yes?")
    covered = battery_idea(title="It has its recycler")
    accept_joining(ask_to_join(covered, by=make_person(roles=["recycler"]), line="I do."), by=covered.author)
    embed_waiting()
    page = needed(client_for(person))
    for title in ("My own idea", "It declined me", "I asked there", "It has its recycler"):
        assert title not in page
    assert "No idea needs you now" in page


def test_only_what_i_may_see_needs_me(client: FlaskClient, client_for: ClientFor) -> None:
    member = make_person()
    battery_idea(by=member, group=make_private_group(member), title="The secret of the class")
    hidden = battery_idea(title="A hidden one")
    with transaction():
        hidden.hidden_at = now()
    embed_waiting()
    page = needed(client_for(helper("recycler", topics=["batteries"])))
    assert "The secret of the class" not in page
    assert "A hidden one" not in page
    assert client.get("/me/needed").location.startswith("/sign-in")


def test_without_roles_the_page_asks_for_them(client_for: ClientFor) -> None:
    assert "Say which roles you have" in needed(client_for(make_person()))


def test_the_page_of_ideas_that_need_me_asks_the_same_for_many(client_for: ClientFor, count_queries: list[str]) -> None:
    browser = client_for(helper("recycler", topics=["batteries"]))

    def queries() -> int:
        for _ in range(3):
            battery_idea()
        embed_waiting()
        needed(browser)
        count_queries.clear()
        needed(browser)
        return len(count_queries)

    assert queries() == queries()
