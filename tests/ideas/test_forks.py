"""Start an idea with a copy of another one, which keeps its credit."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db
from app.forum.commands import delete_post
from app.forum.queries import post_address
from app.groups.commands import join_group, open_group
from app.groups.queries import challenge_group
from app.ideas.models import Idea, Lineage, Way
from app.journal.models import JournalEntry
from app.refusals import NotThere, Refusal
from tests.factories import make_idea, make_moderator, make_person, make_private_group, revise
from tests.ideas.test_lineage import hide, lineage_in, newest, rows_of
from tests.ideas.test_publishing_ideas import an_idea

ClientFor = Callable[[User], FlaskClient]
SECTIONS = {"problem": "Bins burn.", "costs": "310 cedis a box."}


def a_source(**facts: object) -> Idea:
    tags = {"roles": ["teacher"], "needed_roles": ["recycler"], "topics": ["batteries"], "country": "GH"}
    author = make_person(display_name="Ama Owusu")
    return make_idea(**{"by": author, "title": "Boxes at the school gate", "sections": SECTIONS, **tags, **facts})


def test_the_form_begins_with_a_copy(client: FlaskClient, client_for: ClientFor) -> None:
    source = a_source()
    page = client_for(make_person()).get(f"/ideas/new?fork={source.id}").text
    for words in ("Bins burn.</textarea>", "310 cedis a box.</textarea>", 'value="batteries" checked', "Ama Owusu"):
        assert words in page
    assert "This begins as a copy of" in page
    assert "CC BY 4.0" in page
    assert re.search(rf'name="fork"[^>]*value="{source.id}"', page)
    assert f'name="way-{source.id}"' not in page
    assert client.get(f"/ideas/new?fork={source.id}").location.startswith("/sign-in")
    assert f'href="/ideas/new?fork={source.id}"' in client.get(post_address(source)).text


def test_a_fork_names_its_source_and_the_source_its_fork(client: FlaskClient, client_for: ClientFor) -> None:
    source, writer = a_source(), make_person(display_name="Luis Ortega")
    response = client_for(writer).post("/ideas", data=an_idea(title="Boxes at the harbour gate", fork=source.id))
    assert response.status_code == 303
    fork = newest()
    assert rows_of(fork) == [(source.id, "forked-from", "")]
    entry = db.session.query(JournalEntry).filter_by(action="idea_forked").one()
    assert (entry.by_id, entry.post_id, entry.person_id) == (writer.id, fork.id, source.author_id)
    page = lineage_in(client.get(post_address(fork)).text)
    assert re.search(r"Forked from\s*</dt>\s*<dd><a[^>]*>Boxes at the school gate</a> by <a[^>]*><bdi>Ama Owusu", page)
    assert re.search(
        r"Forked as\s*</dt>\s*<dd><a[^>]*>Boxes at the harbour", lineage_in(client.get(post_address(source)).text)
    )


def test_the_credit_stays_whatever_the_writer_saves(client_for: ClientFor) -> None:
    source, writer = a_source(), make_person()
    client = client_for(writer)
    client.post("/ideas", data=an_idea(fork=source.id, **{f"way-{source.id}": "builds-on"}))
    fork = newest()
    assert rows_of(fork) == [(source.id, "forked-from", "")]
    assert f"way-{source.id}" not in client.get(f"/ideas/{fork.id}/edit").text
    for way in ({}, {f"way-{source.id}": "builds-on"}):
        data = an_idea(title=fork.title, seen=fork.revision, **way)
        assert client.post(f"/ideas/{fork.id}/revisions", data=data).status_code == 303
        db.session.refresh(fork)
    revise(fork, ways=[])
    assert rows_of(fork) == [(source.id, "forked-from", "")]


def test_a_fork_can_build_on_others_too(client_for: ClientFor) -> None:
    source, other = a_source(), make_idea()
    client_for(make_person()).post("/ideas", data=an_idea(fork=source.id, **{f"way-{other.id}": "builds-on"}))
    assert rows_of(newest()) == [(source.id, "forked-from", ""), (other.id, "builds-on", "")]


def test_a_preview_keeps_what_is_copied(client_for: ClientFor) -> None:
    source = a_source()
    page = client_for(make_person()).post("/ideas", data=an_idea(fork=source.id, preview="1")).text
    assert "This begins as a copy of" in page


@pytest.mark.parametrize("fork", ["999999", "x", "0", "99999999999"])
def test_a_source_that_is_not_there_is_refused(client_for: ClientFor, fork: str) -> None:
    client = client_for(make_person())
    assert client.post("/ideas", data=an_idea(fork=fork)).status_code == 422
    assert db.session.query(Idea).count() == 0
    assert client.get(f"/ideas/new?fork={fork}").status_code == (404 if fork == "999999" else 200)


def test_what_one_may_not_see_cannot_be_forked(client_for: ClientFor) -> None:
    member, stranger = make_person(), make_person()
    secret, gone = a_source(by=member, group=make_private_group(member)), a_source()
    delete_post(gone, by=gone.author)
    client = client_for(stranger)
    assert client.get(f"/ideas/new?fork={secret.id}").status_code == 404
    for source in (secret, gone):
        response = client.post("/ideas", data=an_idea(fork=source.id))
        assert response.status_code == 422
        assert "not there any more" in response.text
        assert "Boxes at the school gate" not in response.text
        with pytest.raises(NotThere):
            make_idea(by=stranger, fork_of=source.id)
    assert db.session.query(Lineage).count() == 0


def test_the_copy_of_a_private_text_stays_in_its_group(client_for: ClientFor) -> None:
    member = make_person()
    group = make_private_group(member)
    secret = a_source(by=member, group=group)
    client = client_for(member)
    page = client.get(f"/ideas/new?fork={secret.id}").text
    assert re.search(rf'<option selected value="{group.id}">', page)
    public = client.post("/ideas", data=an_idea(fork=secret.id))
    assert public.status_code == 422
    assert "stays in that group" in public.text
    with pytest.raises(Refusal):
        make_idea(by=member, fork_of=secret.id)
    assert client.post("/ideas", data=an_idea(fork=secret.id, group=group.id)).status_code == 303
    assert newest().group_id == group.id


def test_an_idea_of_an_open_group_is_forked_by_who_is_not_in_it(client_for: ClientFor) -> None:
    group, author = open_group(slug="harbour", name="Harbour", is_private=False), make_person()
    join_group(group, person=author)
    source = a_source(by=author, group=group)
    client = client_for(make_person())
    page = client.get(f"/ideas/new?fork={source.id}").text
    offered = re.search(r'<input type="hidden" name="group" value="([^"]*)"', page)
    assert offered
    assert client.post("/ideas", data={**an_idea(fork=source.id), "group": offered[1]}).status_code == 303
    assert newest().group_id == challenge_group().id


def test_a_source_that_is_hidden_later_is_named_to_moderators_alone(client: FlaskClient, client_for: ClientFor) -> None:
    source = a_source()
    fork = make_idea(fork_of=source.id, ways=[Way(make_idea().id, "builds-on")])
    hide(source)
    assert "Ama Owusu" not in client.get(post_address(fork)).text
    assert "Ama Owusu" not in client.get(f"/ideas/{fork.id}/revisions").text
    assert "Ama Owusu" in client_for(make_moderator()).get(post_address(fork)).text
