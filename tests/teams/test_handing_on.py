"""Who leads an idea hands it on to a co-author, who accepts or declines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.models import User
from app.database import db, transaction
from app.expertise.queries import computed_fields, fields_of
from app.forum.commands import support, unfollow
from app.forum.models import Follow, Post
from app.forum.queries import post_address
from app.groups.models import Membership
from app.ideas.models import Idea
from app.jobs.commands import run_all_jobs
from app.journal.models import JournalEntry
from app.moderation.commands import hide_post
from app.refusals import Conflict, NotAllowed
from app.teams.commands import (
    Invitation,
    accept_joining,
    accept_lead,
    ask_to_join,
    ask_to_lead,
    decline_joining,
    decline_lead,
    invite,
    leave_idea,
    refuse_invitation,
    remove_joining,
    withdraw_lead,
)
from app.teams.models import Joining
from app.teams.policy import can_answer
from tests.factories import make_idea, make_moderator, make_person, make_private_group

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User], FlaskClient]


def a_pair(**facts: Any) -> tuple[Idea, User, Joining]:
    """An idea of Ama's that Esi writes with her."""
    idea, esi = make_idea(by=make_person(display_name="Ama Owusu"), **facts), make_person(display_name="Esi Darko")
    joining = ask_to_join(idea, by=esi, line="I can help.")
    accept_joining(joining, by=idea.author)
    return idea, esi, joining


def actions(idea: Idea) -> list[str]:
    told = select(JournalEntry.action).where(JournalEntry.post_id == idea.id, JournalEntry.action.startswith("lead_"))
    return list(db.session.scalars(told.order_by(JournalEntry.id)))


def test_a_co_author_is_asked_accepts_and_leads(client: FlaskClient, client_for: ClientFor) -> None:
    idea, esi, joining = a_pair()
    ama = idea.author
    support(idea, by=make_person())
    page = client_for(ama).get(post_address(idea)).text
    assert f'href="/ideas/{idea.id}/lead"' in page
    page = client_for(ama).get(f"/ideas/{idea.id}/lead").text
    assert "If you go without handing it on" in page
    address = f"/ideas/{idea.id}/joinings/{joining.id}/lead"
    assert address in page
    page = client_for(ama).post(address, follow_redirects=True).text
    assert "Has not answered yet." in page
    run_all_jobs()
    hers = client_for(esi)
    assert "asks you to lead" in hers.get("/notices").text
    assert "asks you to lead it. Your answer?" in hers.get("/").text
    assert f"/ideas/{idea.id}/lead/acceptance" in hers.get(post_address(idea)).text
    assert "asks you to lead" not in client_for(make_person()).get(post_address(idea)).text
    assert hers.post(f"/ideas/{idea.id}/lead/acceptance").status_code == 303
    db.session.refresh(idea)
    assert (idea.author, idea.co_authors, idea.support_count) == (esi, [ama], 1)
    assert actions(idea) == ["lead_offered", "lead_handed_on"]
    page = hers.get(post_address(idea)).text
    assert f"/ideas/{idea.id}/deletion" in page
    assert "Take <bdi>Ama Owusu</bdi> off" in page
    assert client_for(ama).get(f"/ideas/{idea.id}/edit").status_code == 200
    assert client_for(ama).get(f"/ideas/{idea.id}/deletion").status_code == 403
    assert "says yes" not in client_for(ama).get("/").text
    assert "leads it now, in place of" in client.get(f"/ideas/{idea.id}/revisions").text
    run_all_jobs()
    assert "Esi Darko</bdi> leads" in client_for(ama).get("/notices").text


def test_credit_stays_with_whoever_published_it(client: FlaskClient) -> None:
    idea, esi, joining = a_pair(topics=["batteries"])
    ama = idea.author
    ask_to_lead(joining, by=ama)
    accept_lead(idea, by=esi)
    leave_idea(idea.id, by=ama)
    known = computed_fields([ama.id, esi.id])
    assert [[field.topic.id for field in known[person.id]] for person in (ama, esi)] == [["batteries"]] * 2
    run_all_jobs()
    assert [list(fields_of([person.id])[person.id]) for person in (ama, esi)] == [["batteries"]] * 2
    page = client.get(f"/ideas/{idea.id}/contributors").text
    first, second = page.split('<li class="row contributor">')[1:3]
    assert ("Esi Darko" in first, "Published it on" in first, "Co-author from" in first) == (True, False, True)
    assert ("Ama Owusu" in second, "Published it on" in second, "Former co-author" in second) == (True, True, True)
    hide_post(idea, by=make_moderator(), reason="Names a pupil")
    run_all_jobs()
    assert fields_of([ama.id, esi.id]) == {ama.id: {}, esi.id: {}}


def test_it_can_be_handed_back_and_who_led_may_leave_or_follow_it_no_more() -> None:
    idea, esi, joining = a_pair()
    ama = idea.author
    unfollow(idea, by=ama)
    ask_to_lead(joining, by=ama)
    accept_lead(idea, by=esi)
    assert list(db.session.scalars(select(Follow.user_id).where(Follow.post_id == idea.id))) == [esi.id]
    theirs = db.session.scalars(select(Joining).where(Joining.person_id == ama.id)).one()
    ask_to_lead(theirs, by=esi)
    accept_lead(idea, by=ama)
    assert (idea.author, idea.co_authors, theirs.state, joining.state) == (ama, [esi], "leads", "joined")
    leave_idea(idea.id, by=esi)
    assert idea.authors == [ama]


def test_whoever_comes_to_lead_reads_nothing_that_was_written_to_who_led_before(client_for: ClientFor) -> None:
    idea, esi, joining = a_pair()
    asker, refuser, invited = (make_person(asks_a_week=2) for _ in range(3))
    ask_to_join(idea, by=asker, line="For Ama: my boss must not know.")
    invite(idea, [Invitation(refuser.name), Invitation(invited.name, line="As you told me in May.")], by=idea.author)
    refuse_invitation(idea, by=refuser, reply="For Ama: I am ill.")
    ask_to_lead(joining, by=idea.author)
    accept_lead(idea, by=esi)
    hers, address = client_for(esi), post_address(idea)
    page = hers.get(address).text
    assert asker.display_name in page
    for text in (page, hers.get("/").text):
        assert not any(line in text for line in ("For Ama", "As you told me"))
    ask_to_join(idea, by=asker, line="For Esi: I have a van.")
    assert "For Esi: I have a van." in hers.get(address).text
    accept_joining(db.session.scalars(select(Joining).where(Joining.person_id == asker.id)).one(), by=esi)
    assert asker in idea.co_authors


def test_it_is_declined_or_taken_back_and_nothing_changes() -> None:
    idea, esi, joining = a_pair()
    ama = idea.author
    ask_to_lead(joining, by=ama)
    with pytest.raises(Conflict):
        ask_to_lead(joining, by=ama)
    decline_lead(idea, by=esi)
    ask_to_lead(joining, by=ama)
    withdraw_lead(joining, by=ama)
    with pytest.raises(Conflict):
        accept_lead(idea, by=esi)
    assert (idea.author, idea.co_authors) == (ama, [esi])
    assert actions(idea) == ["lead_offered", "lead_declined", "lead_offered", "lead_offer_withdrawn"]


def test_who_is_with_it_no_more_does_not_come_to_lead_it(client_for: ClientFor) -> None:
    idea, esi, joining = a_pair()
    ask_to_lead(joining, by=idea.author)
    remove_joining(joining, by=idea.author)
    assert client_for(esi).post(f"/ideas/{idea.id}/lead/acceptance").status_code == 409
    with pytest.raises(Conflict):
        ask_to_lead(joining, by=idea.author)


def test_only_who_leads_hands_it_on_and_only_who_is_asked_answers(client_for: ClientFor) -> None:
    idea, esi, joining = a_pair()
    with pytest.raises(NotAllowed):
        ask_to_lead(joining, by=esi)
    ask_to_lead(joining, by=idea.author)
    for person in (esi, make_person()):
        assert client_for(person).get(f"/ideas/{idea.id}/lead").status_code == 403
        assert client_for(person).post(f"/ideas/{idea.id}/joinings/{joining.id}/lead").status_code == 404
    assert client_for(make_person()).post(f"/ideas/{idea.id}/lead/acceptance").status_code == 404


def test_whoever_led_until_just_now_decides_nothing_any_more() -> None:
    idea, esi, joining = a_pair()
    ama, kofi = idea.author, make_person(asks_a_week=2)
    asked = ask_to_join(idea, by=make_person(), line="I too.")
    acts = (
        lambda: ask_to_lead(joining, by=ama),
        lambda: accept_joining(asked, by=ama),
        lambda: decline_joining(asked, by=ama),
        lambda: invite(idea, [Invitation(kofi.name)], by=ama),
    )
    for act in acts:
        assert all(can_answer(ama, each.idea) for each in (joining, asked))
        led_elsewhere(idea.id, esi.id)
        with pytest.raises(NotAllowed):
            act()
        led_elsewhere(idea.id, ama.id)
        db.session.rollback()


def led_elsewhere(idea_id: int, person_id: int) -> None:
    """By another process, which this one does not know of yet."""
    posts = Post.__table__
    with db.engine.begin() as connection:
        connection.execute(posts.update().where(posts.c.id == idea_id).values(author_id=person_id))


def test_nobody_is_asked_to_lead_what_they_cannot_see_any_more_or_what_was_hidden() -> None:
    ama, esi = make_person(), make_person()
    group = make_private_group(ama, esi)
    idea = make_idea(by=ama, group=group)
    joining = ask_to_join(idea, by=esi, line="I can help.")
    accept_joining(joining, by=ama)
    with transaction():
        db.session.execute(delete(Membership).where(Membership.group_id == group.id, Membership.user_id == esi.id))
    with pytest.raises(Conflict, match="cannot see"):
        ask_to_lead(joining, by=ama)
    hide_post(idea, by=make_moderator(), reason="Names a pupil")
    with pytest.raises(Conflict, match="hid"):
        ask_to_lead(joining, by=ama)


def test_what_goes_on_from_it_names_all_its_authors_and_who_published_it_first(
    client: FlaskClient, client_for: ClientFor
) -> None:
    idea, esi, joining = a_pair(title="Boxes at the gate")
    ask_to_lead(joining, by=idea.author)
    accept_lead(idea, by=esi)
    fork = make_idea(title="Boxes at the harbour", fork_of=idea.id)
    both = r"Boxes at the gate</a> by (?:<a[^>]*>)?<bdi>Ama Owusu</bdi>(?:</a>)?, (?:<a[^>]*>)?<bdi>Esi Darko</bdi>"
    notice = client_for(make_person()).get(f"/ideas/new?fork={idea.id}").text
    assert re.search(both, notice[notice.index("This begins as a copy of") :])
    page = client.get(post_address(fork)).text
    assert re.search(r"Forked from\s*</dt>\s*<dd><a[^>]*>" + both, page)
    page = client.get(f"/ideas/{fork.id}/lineage").text
    assert re.search(r"Ama Owusu</tspan>\s*<tspan[^>]*>Esi Darko</tspan>", page)
    assert re.search(both, page)
