"""Who is with an idea writes it with its author; what they gave stays credited when they leave."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import post_comment
from app.forum.events import post_hidden
from app.forum.models import CoAuthor, Follow, Revision
from app.forum.queries import post_address
from app.groups.models import Membership
from app.ideas.models import Idea
from app.journal.models import JournalEntry
from app.teams.commands import accept_joining, ask_to_join, leave_idea, remove_joining
from app.teams.models import Joining
from tests.factories import make_idea, make_moderator, make_person, make_private_group, revise

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User], FlaskClient]


def join(idea: Idea, person: User) -> None:
    accept_joining(ask_to_join(idea, by=person, line="I can help."), by=idea.author)


def a_team(**facts: Any) -> tuple[Idea, User]:
    idea, person = make_idea(**facts), make_person(display_name="Esi Darko")
    join(idea, person)
    return idea, person


def joining_of(person: User) -> Joining:
    return db.session.scalars(select(Joining).where(Joining.person_id == person.id)).one()


def a_save(idea: Idea, **facts: Any) -> dict[str, Any]:
    return {"title": idea.title, "problem": idea.problem, "language": "en", "stage": "refining"} | {
        "reason": "Costs",
        "seen": str(idea.revision),
        **facts,
    }


def test_a_co_author_edits_and_the_revision_is_theirs(client_for: ClientFor) -> None:
    idea, person = a_team()
    esi = client_for(person)
    page = esi.get(post_address(idea)).text
    assert f'href="/ideas/{idea.id}/edit"' in page
    assert f'href="/ideas/{idea.id}/edit?section=costs#costs-part"' in page
    assert esi.get(f"/ideas/{idea.id}/edit").status_code == 200
    assert esi.post(f"/ideas/{idea.id}/revisions", data=a_save(idea, costs="310 cedis")).status_code == 303
    revision = db.session.scalars(select(Revision).where(Revision.post_id == idea.id, Revision.number == 2)).one()
    assert (revision.author_id, revision.sections["costs"]) == (person.id, "310 cedis")


def test_a_co_author_neither_deletes_nor_takes_people_off_nor_invites(client_for: ClientFor) -> None:
    idea, person = a_team()
    esi, other = client_for(person), make_person()
    join(idea, other)
    assert f"/ideas/{idea.id}/join/withdrawal" in esi.get(f"/ideas/{idea.id}/team").text
    page = esi.get(post_address(idea)).text
    assert f"/ideas/{idea.id}/deletion" not in page
    assert "/removal" not in page
    assert esi.get(f"/ideas/{idea.id}/deletion").status_code == 403
    assert esi.post(f"/ideas/{idea.id}/deletion").status_code == 403
    assert esi.get(f"/ideas/{idea.id}/invitations/new?person=x").status_code == 403
    assert idea.deleted_at is None


@pytest.mark.parametrize("way", ["leaves", "is taken off"])
def test_who_is_with_it_no_more_cannot_edit_and_stays_credited(
    client: FlaskClient, client_for: ClientFor, way: str
) -> None:
    idea, person = a_team()
    esi = client_for(person)
    esi.post(f"/ideas/{idea.id}/revisions", data=a_save(idea, costs="One box costs 310 cedis"))
    if way == "leaves":
        leave_idea(idea.id, by=person)
    else:
        remove_joining(joining_of(person), by=idea.author)
    assert esi.get(f"/ideas/{idea.id}/edit").status_code == 403
    assert esi.post(f"/ideas/{idea.id}/revisions", data=a_save(idea, seen="2")).status_code == 403
    assert "Esi Darko" not in client.get(post_address(idea)).text
    page = client.get(f"/ideas/{idea.id}/contributors").text
    assert "Esi Darko" in page
    assert "Former co-author" in page
    assert "Added 5 words" in page
    assert "Costs and who pays" in page


def test_who_comes_back_has_both_times_kept(client: FlaskClient) -> None:
    idea, person = a_team()
    leave_idea(idea.id, by=person)
    join(idea, person)
    stays = db.session.scalars(select(CoAuthor).where(CoAuthor.person_id == person.id).order_by(CoAuthor.id)).all()
    assert [stay.left_at is None for stay in stays] == [False, True]
    page = client.get(f"/ideas/{idea.id}/contributors").text
    assert "Co-author from" in page
    assert "Co-author since" in page


def test_whoever_joins_follows_the_idea() -> None:
    idea, person = a_team()
    assert db.session.get(Follow, (idea.id, person.id)) is not None


def test_only_those_who_joined_may_edit(client_for: ClientFor) -> None:
    idea, asker = make_idea(), make_person()
    ask_to_join(idea, by=asker, line="I can help.")
    for person in (asker, make_person()):
        assert client_for(person).get(f"/ideas/{idea.id}/edit").status_code == 403


def test_a_co_author_of_one_idea_edits_no_other(client_for: ClientFor) -> None:
    idea, person = a_team()
    other = make_idea(by=idea.author)
    assert client_for(person).get(f"/ideas/{other.id}/edit").status_code == 403


def test_authors_and_co_authors_are_named_everywhere_the_idea_is_read(client: FlaskClient) -> None:
    idea, person = a_team(by=make_person(display_name="Ama Owusu"))
    page = client.get(post_address(idea)).text
    found = re.search(r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert [author["name"] for author in json.loads(found[1])["author"]] == ["Ama Owusu", "Esi Darko"]
    page = client.get(f"/u/{person.name}").text
    assert "Writes with others" in page
    assert idea.title in page
    assert '<span class="badge">Co-author</span>' in page
    assert "Ama Owusu</bdi></a>, <a" in page
    assert idea.title in client.get(f"/u/{person.name}/feed.atom").text
    leave_idea(idea.id, by=person)
    assert idea.title not in client.get(f"/u/{person.name}").text


def test_of_private_and_hidden_ideas_a_profile_tells_nothing(client: FlaskClient, client_for: ClientFor) -> None:
    member, fellow = make_person(), make_person()
    idea = make_idea(by=member, group=make_private_group(member, fellow))
    join(idea, fellow)
    assert idea.title not in client.get(f"/u/{fellow.name}").text
    assert idea.title in client_for(member).get(f"/u/{fellow.name}").text
    for reader in (client, client_for(make_person())):
        assert reader.get(f"/ideas/{idea.id}/contributors").status_code == 404
    with transaction():
        is_theirs = (Membership.group_id == idea.group_id, Membership.user_id == fellow.id)
        db.session.execute(delete(Membership).where(*is_theirs))
    assert client_for(fellow).get(f"/ideas/{idea.id}/edit").status_code == 404
    shown, _person = a_team()
    with transaction():
        shown.hidden_at = now()
        post_hidden.send(shown)
    assert client.get(f"/ideas/{shown.id}/contributors").status_code == 404


def test_the_author_invites_from_a_comment(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea()
    willing, unwilling = make_person(display_name="Esi Darko", asks_a_week=3), make_person()
    remark = post_comment(idea, by=willing, body="I have a scale.")
    post_comment(idea, by=unwilling, body="Nice.", parent=remark)
    post_comment(idea, by=idea.author, body="Thanks.", parent=remark)
    path = f"/ideas/{idea.id}/invitations/new?person={willing.name}"
    page = client_for(idea.author).get(post_address(idea)).text
    assert page.count("Invite to work on this") == 1
    assert f'href="{path}"' in page
    assert "Esi Darko" in client_for(idea.author).get(path).text
    for reader in (client, client_for(willing), client_for(make_moderator())):
        assert "Invite to work on this" not in reader.get(post_address(idea)).text
    join(idea, willing)
    assert "Invite to work on this" not in client_for(idea.author).get(post_address(idea)).text


def test_a_new_version_is_told_to_the_author_who_is_not_the_one_who_saved(client_for: ClientFor) -> None:
    idea, person = a_team()
    client_for(person).post(f"/ideas/{idea.id}/revisions", data=a_save(idea, costs="310 cedis"))
    entry = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "idea_revised")).one()
    assert (entry.by_id, entry.person_id) == (person.id, idea.author_id)


def test_the_pages_ask_the_same_however_many_write(client: FlaskClient, count_queries: list[str]) -> None:
    def asked() -> list[int]:
        numbers = []
        for path in (post_address(idea), f"/ideas/{idea.id}/contributors"):
            with transaction():
                pass  # so that no kept page answers
            count_queries.clear()
            assert client.get(path).status_code == 200
            numbers.append(len(count_queries))
        return numbers

    idea, _person = a_team()
    before = asked()
    for _ in range(3):
        join(idea, make_person())
        revise(idea, title=f"{idea.title} again")
    assert asked() == before
    assert before[1] <= 8


def test_lists_searches_and_feeds_name_two_authors_and_count_the_others(
    client: FlaskClient, run_jobs: Callable[[], int], count_queries: list[str]
) -> None:
    idea, former = make_idea(by=make_person(display_name="Ama Owusu"), title="Battery box"), make_person()
    paths = ("/ideas", "/search?q=battery+box", "/")
    run_jobs()
    sent = {path: (client.get(path), len(count_queries), count_queries.clear())[1] for path in paths}
    join(idea, former)
    leave_idea(idea.id, by=former)
    for name in ("Kofi Mensah", "Esi Darko"):
        join(idea, make_person(display_name=name))
    run_jobs()
    for path in paths:
        count_queries.clear()
        page = client.get(path).text
        assert len(count_queries) <= sent[path], path
        assert re.search("Ama Owusu</bdi>(</a>)?, <.*Kofi Mensah</bdi>(</a>)? and 1 more", page), path
        assert former.display_name not in page
    feed = ElementTree.fromstring(client.get("/ideas/feed.atom").data)
    names = [name.text for name in feed.iterfind("{*}entry/{*}author/{*}name")]
    assert names == ["Ama Owusu", "Kofi Mensah", "Esi Darko"]
