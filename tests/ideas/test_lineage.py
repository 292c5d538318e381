"""An idea builds on an older one or differs from it: what is written, what each side's page says, to whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import delete_post
from app.forum.events import post_hidden
from app.forum.models import Post
from app.forum.queries import post_address
from app.ideas.models import Idea, Lineage, Way
from app.refusals import NotThere, Refusal
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question, revise
from tests.ideas.test_publishing_ideas import an_idea

ClientFor = Callable[[User], FlaskClient]


def newest() -> Idea:
    return db.session.scalars(select(Idea).order_by(Idea.id.desc())).first()


def rows_of(idea: Idea) -> list[tuple[int, str, str]]:
    rows = db.session.scalars(select(Lineage).where(Lineage.idea_id == idea.id).order_by(Lineage.source_id))
    return [(row.source_id, row.kind, row.line) for row in rows]


def revision(idea: Idea, **facts: Any) -> dict[str, Any]:
    return an_idea(title=idea.title, problem=idea.problem, seen=idea.revision, **facts)


def hide(idea: Idea) -> None:
    with transaction():
        idea.hidden_at = now()
        post_hidden.send(idea)


def lineage_in(page: str) -> str:
    found = re.search(r'<dl class="lineage">.*?</dl>', page, re.DOTALL)
    return found[0] if found else ""


def chosen(page: str, idea: Idea) -> str | None:
    """The way on from an idea that is checked in a page."""
    found = re.search(rf'name="way-{idea.id}" value="([^"]*)"[^>]* checked', page)
    return found[1] if found else None


def test_what_an_idea_builds_on_and_differs_from_is_recorded(client_for: ClientFor) -> None:
    writer, first, second, passed = make_person(), make_idea(), make_idea(), make_idea()
    ways = {f"way-{first.id}": "builds-on", f"differs-{first.id}": "typed before the other was chosen"}
    ways |= {f"way-{second.id}": "differs", f"differs-{second.id}": " We start\u202e with  the shops. "}
    ways |= {f"way-{passed.id}": "", f"differs-{passed.id}": "nothing comes of it"}
    assert client_for(writer).post("/ideas", data=an_idea(**ways)).status_code == 303
    assert rows_of(newest()) == [(first.id, "builds-on", ""), (second.id, "differs", "We start with the shops.")]


def test_both_pages_say_so(client: FlaskClient) -> None:
    base = make_idea(by=make_person(display_name="Ama Owusu"), title="Boxes at the school gate")
    other = make_idea(title="Boxes at the harbour gate")
    ways = [Way(base.id, "builds-on"), Way(other.id, "differs", "Ours is <b>emptied</b> daily.")]
    later = make_idea(by=make_person(display_name="Luis Ortega"), title="Boxes that are weighed", ways=ways)
    page = lineage_in(client.get(post_address(later)).text)
    assert re.search(r"Builds on\s*</dt>\s*<dd><a[^>]*>Boxes at the school gate</a> by <a[^>]*><bdi>Ama Owusu", page)
    assert re.search(r"Differs from\s*</dt>\s*<dd><a[^>]*>Boxes at the harbour gate", page)
    assert "Ours is &lt;b&gt;emptied&lt;/b&gt; daily." in page
    page = lineage_in(client.get(post_address(base)).text)
    assert re.search(r"Built on by\s*</dt>\s*<dd><a[^>]*>Boxes that are weighed</a>.*Luis Ortega", page)
    page = lineage_in(client.get(post_address(other)).text)
    assert re.search(r"Others do it differently\s*</dt>\s*<dd><a[^>]*>Boxes that are weighed", page)
    assert "Ours is &lt;b&gt;emptied" in page


def test_an_idea_of_its_own_names_nothing(client: FlaskClient) -> None:
    assert lineage_in(client.get(post_address(make_idea())).text) == ""


def test_the_sources_stay_named_however_many_build_on_the_idea(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ideas.queries.MOST_RELATIONS", 3)
    base = make_idea(title="The very first of all boxes")
    idea = make_idea(ways=[Way(base.id, "builds-on")])
    for number in range(4):
        make_idea(title=f"A later box, number {number}", ways=[Way(idea.id, "builds-on")])
    page = lineage_in(client.get(post_address(idea)).text)
    assert "The very first of all boxes" in page
    assert [f"number {number}" in page for number in range(4)] == [False, False, True, True]


def test_an_idea_of_a_private_group_is_named_to_its_members_alone(client: FlaskClient, client_for: ClientFor) -> None:
    member = make_person()
    base = make_idea(title="Boxes at the school gate")
    secret = make_idea(by=member, group=make_private_group(member), title="Our class collects more than yours")
    revise(secret, ways=[Way(base.id, "differs", "We count in grams.")])
    public = make_idea(by=member, title="What our class did, told to all", ways=[Way(secret.id, "builds-on")])
    for idea in (base, public):
        assert "Our class collects" in client_for(member).get(post_address(idea)).text
        for reader in (client, client_for(make_person())):
            page = reader.get(post_address(idea)).text
            assert "Our class collects" not in page
            assert "We count in grams" not in page
            assert lineage_in(page) == ""


def test_a_hidden_idea_is_named_to_moderators_alone(client: FlaskClient, client_for: ClientFor) -> None:
    base = make_idea()
    later = make_idea(title="Burn the boxes behind the school", ways=[Way(base.id, "builds-on")])
    path = post_address(base)
    assert "Burn the boxes" in client.get(path).text
    hide(later)
    assert "Burn the boxes" not in client.get(path).text
    assert "Burn the boxes" not in client_for(base.author).get(path).text
    assert "Burn the boxes" in client_for(make_moderator()).get(path).text


def test_a_deleted_idea_is_named_to_nobody(client: FlaskClient, client_for: ClientFor) -> None:
    base = make_idea(title="Boxes at the school gate")
    later = make_idea(ways=[Way(base.id, "builds-on")])
    delete_post(base, by=base.author)
    assert "Boxes at the school gate" not in client.get(post_address(later)).text
    assert "Boxes at the school gate" not in client_for(make_moderator()).get(post_address(later)).text


def test_lineage_goes_with_the_row_of_either_idea(app: Flask) -> None:
    first, second = make_idea(), make_idea()
    for gone, way in ((0, first), (1, second)):
        idea = make_idea(ways=[Way(way.id, "builds-on")])
        with transaction():
            db.session.execute(delete(Idea).where(Idea.id == (idea.id, way.id)[gone]))
        assert rows_of(idea) == []
    assert db.session.get(Post, first.id) is not None


def test_the_writer_is_told_how_a_line_is_missing_and_keeps_what_was_typed(client_for: ClientFor) -> None:
    base = make_idea(title="Boxes at the school gate")
    response = client_for(make_person()).post("/ideas", data=an_idea(**{f"way-{base.id}": "differs"}))
    assert response.status_code == 422
    assert "Say in one line how yours differs from “Boxes at the school gate”." in response.text
    assert f'<a href="#differs-{base.id}">' in response.text
    assert chosen(response.text, base) == "differs"
    assert db.session.scalar(select(Lineage)) is None


def test_a_line_has_an_end(client_for: ClientFor) -> None:
    base = make_idea()
    typed = {f"way-{base.id}": "differs", f"differs-{base.id}": "x" * 201}
    response = client_for(make_person()).post("/ideas", data=an_idea(**typed))
    assert response.status_code == 422
    assert "at most 200 characters" in response.text
    assert "x" * 201 in response.text
    typed[f"differs-{base.id}"] = "x" * 200
    assert client_for(make_person()).post("/ideas", data=an_idea(**typed)).status_code == 303


def test_an_idea_names_five_others_at_most(client_for: ClientFor) -> None:
    typed = {f"way-{make_idea().id}": "builds-on" for _ in range(6)}
    response = client_for(make_person()).post("/ideas", data=an_idea(**typed))
    assert response.status_code == 422
    assert "Choose at most 5 ideas" in response.text
    assert len(re.findall(r'value="builds-on" checked', response.text)) == 6
    typed.popitem()
    assert client_for(make_person()).post("/ideas", data=an_idea(**typed)).status_code == 303
    assert len(rows_of(newest())) == 5


@pytest.mark.parametrize("kind", ["private", "hidden", "deleted", "unknown", "a question's number"])
def test_one_cannot_build_on_what_one_may_not_see_nor_learn_of_it(client_for: ClientFor, kind: str) -> None:
    member, writer = make_person(), make_person()
    secret = make_idea(by=member, group=make_private_group(member), title="The secret of the class")
    public = make_idea(by=member, title="The secret of the class")
    if kind == "hidden":
        hide(public)
    elif kind == "deleted":
        delete_post(public, by=member)
    question = make_question(by=member, title="The secret of the class")
    source = {"private": secret.id, "unknown": 99999, "a question's number": question.id}.get(kind, public.id)
    typed = an_idea(place="Beside the harbour", **{f"way-{source}": "builds-on"})
    response = client_for(writer).post("/ideas", data=typed)
    assert response.status_code == 422
    assert "An idea that you chose is not there any more" in response.text
    assert "Beside the harbour" in response.text
    assert "The secret of the class" not in response.text
    assert "The secret of the class" not in client_for(writer).get(f"/ideas/new?builds-on={source}").text
    assert db.session.scalar(select(Lineage)) is None


@pytest.mark.parametrize("name", ["way-0", "way-01", "way-x", "way--1", "way-99999999999", "way-1'", "way-٣"])
def test_what_is_no_number_is_not_read(client_for: ClientFor, name: str) -> None:
    assert client_for(make_person()).post("/ideas", data=an_idea(**{name: "builds-on"})).status_code == 303


def test_the_commands_refuse_the_same(app: Flask) -> None:
    member = make_person()
    secret, base = make_idea(by=member, group=make_private_group(member)), make_idea()
    for ways, refusal in [
        ([Way(secret.id, "builds-on")], NotThere),
        ([Way(base.id, "differs")], Refusal),
        ([Way(base.id, "eats")], Refusal),
        ([Way(make_idea().id, "builds-on") for _ in range(6)], Refusal),
    ]:
        count = len(db.session.scalars(select(Idea.id)).all())
        with pytest.raises(refusal):
            make_idea(ways=ways)
        assert len(db.session.scalars(select(Idea.id)).all()) == count
    with pytest.raises(Refusal, match="itself"):
        revise(base, ways=[Way(base.id, "builds-on")])


def test_an_idea_does_not_build_on_itself(client_for: ClientFor) -> None:
    idea = make_idea()
    path = f"/ideas/{idea.id}/revisions"
    response = client_for(idea.author).post(path, data=revision(idea, **{f"way-{idea.id}": "builds-on"}))
    assert response.status_code == 422
    assert "An idea cannot build on itself" in response.text


def test_an_idea_goes_on_from_older_ones_alone(client_for: ClientFor) -> None:
    idea, later = make_idea(), make_idea(title="Boxes at the school gate")
    typed = {f"way-{later.id}": "builds-on", "place": "Beside the harbour"}
    response = client_for(idea.author).post(f"/ideas/{idea.id}/revisions", data=revision(idea, **typed))
    assert response.status_code == 422
    assert "“Boxes at the school gate” is not older than your idea" in response.text
    assert (chosen(response.text, later), "Beside the harbour" in response.text) == ("builds-on", True)
    with pytest.raises(Refusal, match="older"):
        revise(idea, ways=[Way(later.id, "differs", "We count in grams.")])
    assert rows_of(idea) == []


def test_two_ideas_do_not_go_on_from_each_other(client_for: ClientFor) -> None:
    idea = make_idea()
    later = make_idea(title="Boxes at the school gate", ways=[Way(idea.id, "builds-on")])
    with transaction():
        later.published_at = idea.published_at - timedelta(days=1)
    response = client_for(idea.author).post(
        f"/ideas/{idea.id}/revisions", data=revision(idea, **{f"way-{later.id}": "builds-on"})
    )
    assert response.status_code == 422
    assert "“Boxes at the school gate” is not older than your idea" in response.text
    with pytest.raises(Refusal, match="older"):
        revise(idea, ways=[Way(later.id, "builds-on")])
    assert (rows_of(idea), rows_of(later)) == ([], [(idea.id, "builds-on", "")])


def test_an_address_opens_the_form_with_an_idea_to_build_on(client: FlaskClient, client_for: ClientFor) -> None:
    base = make_idea(title="Boxes at the school gate")
    link = f'href="/ideas/new?builds-on={base.id}"'
    writer = client_for(make_person())
    assert link in writer.get(post_address(base)).text
    assert link in client.get(post_address(base)).text
    page = writer.get(f"/ideas/new?builds-on={base.id}").text
    assert chosen(page, base) == "builds-on"
    assert f'<a href="{post_address(base)}" target="_blank" rel="noopener"' in page
    assert "Where this comes from" in page
    for nothing in ("", "x", "0", "99999", "99999999999999"):
        assert writer.get(f"/ideas/new?builds-on={nothing}").status_code == 200


def test_what_was_chosen_survives_preview_and_errors(client_for: ClientFor) -> None:
    first, second = make_idea(), make_idea()
    typed = {f"way-{first.id}": "builds-on", f"way-{second.id}": "differs", f"differs-{second.id}": "In <grams>."}
    client = client_for(make_person())
    for more, status in (({"preview": "1"}, 200), ({"title": "Short"}, 422)):
        response = client.post("/ideas", data=an_idea(**{**typed, **more}))
        assert response.status_code == status
        assert (chosen(response.text, first), chosen(response.text, second)) == ("builds-on", "differs")
        assert ">In &lt;grams&gt;.</textarea>" in response.text


def test_the_form_of_an_idea_holds_its_lineage_and_replaces_it(client_for: ClientFor) -> None:
    first, second, third = make_idea(), make_idea(), make_idea()
    idea = make_idea(ways=[Way(first.id, "builds-on"), Way(second.id, "differs", "We count.")])
    client = client_for(idea.author)
    page = client.get(f"/ideas/{idea.id}/edit").text
    assert (chosen(page, first), chosen(page, second)) == ("builds-on", "differs")
    assert ">We count.</textarea>" in page
    typed = {f"way-{first.id}": "", f"way-{second.id}": "builds-on", f"way-{third.id}": "builds-on"}
    assert client.post(f"/ideas/{idea.id}/revisions", data=revision(idea, **typed)).status_code == 303
    assert rows_of(idea) == [(second.id, "builds-on", ""), (third.id, "builds-on", "")]


def test_a_revision_that_was_overtaken_records_nothing(client_for: ClientFor) -> None:
    base, idea = make_idea(), make_idea()
    typed = revision(idea, **{f"way-{base.id}": "builds-on"})
    revise(idea, country="GH")
    response = client_for(idea.author).post(f"/ideas/{idea.id}/revisions", data=typed)
    assert response.status_code == 409
    assert chosen(response.text, base) == "builds-on"
    assert rows_of(idea) == []


def test_what_an_editor_may_not_see_keeps_its_credit(client_for: ClientFor) -> None:
    base = make_idea()
    idea = make_idea(ways=[Way(base.id, "builds-on")])
    hide(base)
    assert client_for(idea.author).post(f"/ideas/{idea.id}/revisions", data=revision(idea)).status_code == 303
    assert rows_of(idea) == [(base.id, "builds-on", "")]


def test_a_revision_that_says_nothing_of_lineage_leaves_it(app: Flask) -> None:
    base = make_idea()
    idea = make_idea(ways=[Way(base.id, "builds-on")])
    revise(idea, country="GH")
    assert rows_of(idea) == [(base.id, "builds-on", "")]


def test_the_same_form_sent_twice_publishes_once(client_for: ClientFor) -> None:
    base = make_idea()
    typed = an_idea(key="a-key-of-this-form", **{f"way-{base.id}": "builds-on"})
    client = client_for(make_person())
    assert client.post("/ideas", data=typed).location == client.post("/ideas", data=typed).location
    assert len(rows_of(newest())) == 1
