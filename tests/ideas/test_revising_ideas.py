"""Change an idea: who may, what is kept, and what happens when two do it at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.commands import follow
from app.forum.events import post_revised
from app.forum.models import Revision
from app.ideas.models import Idea, Way
from app.jobs.commands import run_all_jobs
from app.notices.models import Notice
from tests.factories import make_idea, make_moderator, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]


def a_revision(seen: int = 1, **facts: Any) -> dict[str, Any]:
    return {
        "title": "Battery boxes with a sand layer",
        "problem": "Two bins caught fire.",
        "language": "en",
        "reason": "Sand, as Efua said",
        "seen": str(seen),
        **facts,
    }


def revisions(idea: Idea) -> list[Revision]:
    return list(db.session.scalars(select(Revision).where(Revision.post_id == idea.id).order_by(Revision.number)))


def test_the_form_holds_the_idea_as_it_reads(client_for: ClientFor) -> None:
    author = make_person()
    sections = {"problem": "Fires in bins.", "costs": "One box costs 310 cedis."}
    idea = make_idea(by=author, sections=sections, roles=["teacher"], needed_roles=["recycler"], topics=["batteries"])
    page = client_for(author).get(f"/ideas/{idea.id}/edit").text
    assert "Fires in bins.</textarea>" in page
    assert "One box costs 310 cedis.</textarea>" in page
    assert '<details class="more" id="costs-part" open>' in page
    assert '<details class="more" id="place-part">' in page
    assert page.count(" checked") >= 3
    assert 'name="seen" value="1"' in page
    assert f'name="post_id" value="{idea.id}"' in page


def test_a_missing_section_can_be_asked_for(client_for: ClientFor) -> None:
    author = make_person()
    page = client_for(author).get(f"/ideas/{make_idea(by=author).id}/edit?section=place").text
    assert '<details class="more" id="place-part" open>' in page


def test_a_saved_change_is_a_revision_with_its_reason(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author, roles=["teacher"])
    data = a_revision(evidence="38 kg in six weeks", roles=["student"], country="GH")
    response = client_for(author).post(f"/ideas/{idea.id}/revisions", data=data)
    assert (response.status_code, response.location) == (303, f"/ideas/{idea.id}/battery-boxes-with-a-sand-layer")
    db.session.refresh(idea)
    assert (idea.revision, idea.stage, idea.country, idea.evidence) == (2, "published", "GH", "38 kg in six weeks")
    assert idea.gist == "Two bins caught fire."
    assert [role.id for role in idea.roles] == ["student"]
    first, second = revisions(idea)
    assert first.title != second.title
    assert (second.number, second.reason, second.author_id) == (2, "Sand, as Efua said", author.id)
    assert second.sections == {"problem": "Two bins caught fire.", "evidence": "38 kg in six weeks"}


def test_a_change_is_announced(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    announced: list[int] = []

    def note(post: Idea) -> None:
        announced.append(post.id)

    with post_revised.connected_to(note):
        client_for(author).post(f"/ideas/{idea.id}/revisions", data=a_revision())
    assert announced == [idea.id]


def test_a_stranger_may_not_revise(client: FlaskClient, client_for: ClientFor) -> None:
    idea, stranger = make_idea(), make_person()
    assert client_for(stranger).get(f"/ideas/{idea.id}/edit").status_code == 403
    assert client_for(stranger).post(f"/ideas/{idea.id}/revisions", data=a_revision()).status_code == 403
    assert client.get(f"/ideas/{idea.id}/edit").status_code == 303
    assert client.post(f"/ideas/{idea.id}/revisions", data=a_revision()).status_code == 401
    assert len(revisions(idea)) == 1


def test_a_moderator_may_revise(client_for: ClientFor) -> None:
    idea = make_idea()
    assert client_for(make_moderator()).post(f"/ideas/{idea.id}/revisions", data=a_revision()).status_code == 303


def test_a_wrong_form_comes_back_with_what_was_typed(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    data = a_revision(title="Short", needs="A recycler near Tema", language="tlh")
    response = client_for(author).post(f"/ideas/{idea.id}/revisions", data=data)
    assert response.status_code == 422
    assert "A recycler near Tema" in response.text
    assert "Not a valid choice" in response.text
    assert len(revisions(idea)) == 1


def test_a_form_that_does_not_say_what_it_saw_is_refused(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    for seen in ("", "0", "-1", "x", "99999999999"):
        response = client_for(author).post(f"/ideas/{idea.id}/revisions", data=a_revision(seen=seen))  # type: ignore[arg-type]
        assert response.status_code == 422


def test_a_preview_of_a_change_saves_nothing(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    response = client_for(author).post(f"/ideas/{idea.id}/revisions", data=a_revision(preview="1", place="**Osu**"))
    assert response.status_code == 200
    assert "<strong>Osu</strong>" in response.text
    assert len(revisions(idea)) == 1


def test_the_same_changes_sent_twice_are_saved_once(client_for: ClientFor) -> None:
    idea = make_idea()
    client = client_for(idea.author)
    for _ in range(2):
        response = client.post(f"/ideas/{idea.id}/revisions", data=a_revision(costs="One box costs 290 cedis."))
        assert response.status_code == 303
        assert "Your changes are saved." in client.get(response.location).text
    assert [each.number for each in revisions(idea)] == [1, 2]


def test_a_save_that_changes_nothing_is_no_revision_and_tells_nobody(client_for: ClientFor) -> None:
    base, reader = make_idea(), make_person()
    idea = make_idea(roles=["teacher"], topics=["batteries"], ways=[Way(base.id, "builds-on")])
    follow(idea, by=reader)
    client = client_for(idea.author)
    path, same = f"/ideas/{idea.id}/revisions", {"title": idea.title, "problem": idea.problem, "roles": "teacher"}
    data = a_revision(**same, topics="batteries", **{f"way-{base.id}": "builds-on"})
    page = client.post(path, data=data, follow_redirects=True).text
    assert "You changed nothing, so nothing was saved." in page
    run_all_jobs()
    assert db.session.query(Notice).filter_by(person_id=reader.id).count() == 0
    assert len(revisions(idea)) == 1
    for change in ({"topics": []}, {f"way-{base.id}": ""}):
        client.post(path, data={**data, "seen": str(db.session.get_one(Idea, idea.id).revision), **change})
    assert len(revisions(idea)) == 3


def test_whoever_saves_second_sees_both_texts_and_loses_nothing(client_for: ClientFor) -> None:
    author, moderator = make_person(), make_moderator(display_name="Mo Derator")
    idea = make_idea(by=author)
    client_for(moderator).post(f"/ideas/{idea.id}/revisions", data=a_revision(costs="Now 320 cedis"))
    mine = a_revision(title="My own new title for it", costs="Now 350 cedis", topics=["batteries"], reason="Prices")
    response = client_for(author).post(f"/ideas/{idea.id}/revisions", data=mine)
    page = response.text
    assert response.status_code == 409
    assert 'value="My own new title for it"' in page
    assert "Now 350 cedis</textarea>" in page
    assert 'value="Prices"' in page
    assert 'value="batteries" checked' in page
    for words in ("Mo Derator", "Now 320 cedis", "Battery boxes with a sand layer", "Sand, as Efua said"):
        assert words in page
    assert 'name="seen" value="2"' in page
    db.session.refresh(idea)
    assert (idea.revision, idea.costs) == (2, "Now 320 cedis")


def test_saving_again_after_that_is_a_choice(client_for: ClientFor) -> None:
    author = make_person()
    idea = make_idea(by=author)
    client_for(make_moderator()).post(f"/ideas/{idea.id}/revisions", data=a_revision(costs="Now 320 cedis"))
    response = client_for(author).post(f"/ideas/{idea.id}/revisions", data=a_revision(seen=2, costs="Now 350 cedis"))
    assert response.status_code == 303
    assert [revision.sections.get("costs") for revision in revisions(idea)] == [None, "Now 320 cedis", "Now 350 cedis"]


def test_the_revisions_are_listed_newest_first(client_for: ClientFor, client: FlaskClient) -> None:
    author = make_person()
    idea = make_idea(by=author)
    client_for(author).post(f"/ideas/{idea.id}/revisions", data=a_revision())
    page = client.get(f"/ideas/{idea.id}/revisions").text
    assert page.index("Revision 2") < page.index("Revision 1")
    assert "Sand, as Efua said" in page
    assert "2 revisions" in client.get(f"/ideas/{idea.id}/battery-boxes-with-a-sand-layer").text


def test_an_old_revision_can_be_read(client_for: ClientFor, client: FlaskClient) -> None:
    author = make_person()
    idea = make_idea(by=author, title="The first title of all", sections={"problem": "As it **was**."})
    client_for(author).post(f"/ideas/{idea.id}/revisions", data=a_revision())
    page = client.get(f"/ideas/{idea.id}/revisions/1").text
    assert "The first title of all" in page
    assert "As it <strong>was</strong>." in page
    assert "Read it as it is now" in page
    assert client.get(f"/ideas/{idea.id}/revisions/3").status_code == 404


def test_the_revisions_of_a_private_idea_are_private(client: FlaskClient) -> None:
    member = make_person()
    idea = make_idea(by=member, group=make_private_group(member))
    assert client.get(f"/ideas/{idea.id}/revisions").status_code == 404
    assert client.get(f"/ideas/{idea.id}/revisions/1").status_code == 404


def test_the_lists_of_revisions_send_few_queries(client: FlaskClient, count_queries: list[str]) -> None:
    idea = make_idea()
    path = f"/ideas/{idea.id}/revisions"
    count_queries.clear()
    client.get(path)
    assert len(count_queries) <= 8
