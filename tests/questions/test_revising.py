"""Edits, their history, and deletion."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import format_date

from app.database import db, now, transaction
from app.forum.events import post_deleted, post_revised
from app.forum.models import Revision
from app.questions.models import Question
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question


def revised(**changes: object) -> dict[str, object]:
    return {
        "title": "Who takes swollen batteries in Tema?",
        "body": "Now there are **twelve**.",
        "roles": ["official"],
        "topics": ["batteries"],
        "country": "GH",
        "language": "en",
        "reason": "One more came",
        "seen": 1,
        **changes,
    }


def now_stored(question: Question) -> Question:
    db.session.expire_all()
    return question


def test_the_form_holds_the_question_as_it_is(client_for):
    question = make_question(title="Who takes swollen batteries?", body="In sand.", roles=["recycler"], country="GH")
    page = client_for(question.author).get(f"/questions/{question.id}/edit").text
    assert 'value="Who takes swollen batteries?"' in page
    assert "In sand.</textarea>" in page
    assert 'value="recycler" checked' in page
    assert '<option selected value="GH">' in page
    assert 'name="seen" value="1"' in page


def test_an_edit_is_a_revision_with_its_reason(client_for):
    question = make_question(title="Who takes swollen batteries?", body="Eleven of them.")
    browser = client_for(question.author)
    response = browser.post(f"/questions/{question.id}/revisions", data=revised())
    stored = now_stored(question)
    assert response.location == f"/questions/{question.id}/who-takes-swollen-batteries-in-tema"
    assert (stored.revision, stored.gist, [role.id for role in stored.roles]) == (
        2,
        "Now there are twelve.",
        ["official"],
    )
    history = browser.get(f"/questions/{question.id}/revisions").text
    assert "One more came" in history
    first = browser.get(f"/questions/{question.id}/revisions/1").text
    assert "Eleven of them." in first
    assert "This is an earlier version." in first
    assert "Now there are <strong>twelve</strong>." in browser.get(f"/questions/{question.id}/revisions/2").text
    assert browser.get(f"/questions/{question.id}/revisions/3").status_code == 404


def test_a_save_that_changes_nothing_is_no_revision(client_for):
    tags = {"roles": ["recycler", "official"], "topics": ["health", "batteries"]}
    question = make_question(**tags, country="GH", about=f"idea-{make_idea().id}")
    unchanged = revised(title=question.title, body=question.body, keep_about="y", **tags)
    browser = client_for(question.author)
    assert browser.post(f"/questions/{question.id}/revisions", data=unchanged).status_code == 303
    assert (now_stored(question).revision, question.edited_at) == (1, None)


def test_an_edit_is_announced(client_for):
    question, heard = make_question(), []
    with post_revised.connected_to(lambda post: heard.append(post.id)):
        client_for(question.author).post(f"/questions/{question.id}/revisions", data=revised())
    assert heard == [question.id]


def test_an_edit_of_what_someone_else_changed_meanwhile_keeps_both_texts(client_for):
    question = make_question()
    client_for(make_moderator()).post(
        f"/questions/{question.id}/revisions", data=revised(body="Text of the moderator.")
    )
    browser = client_for(question.author)
    response = browser.post(f"/questions/{question.id}/revisions", data=revised(body="Text of the asker."))
    assert response.status_code == 409
    assert "Text of the asker.</textarea>" in response.text
    assert "Text of the moderator." in response.text
    assert "What changed in it" in response.text
    assert "<ins>" in response.text
    assert 'name="seen" value="2"' in response.text
    assert now_stored(question).body == "Text of the moderator."
    again = browser.post(f"/questions/{question.id}/revisions", data=revised(body="Text of the asker.", seen=2))
    assert again.status_code == 303
    assert (now_stored(question).body, question.revision) == ("Text of the asker.", 3)


def test_an_edit_of_a_revision_that_is_not_there_keeps_both_texts(client_for):
    question = make_question()
    path = f"/questions/{question.id}/revisions"
    response = client_for(question.author).post(path, data=revised(body="Text of the asker.", seen=2**31 - 1))
    assert response.status_code == 409
    assert "Text of the asker.</textarea>" in response.text
    assert question.body in response.text


def test_an_invalid_edit_comes_back_with_what_was_typed(client_for):
    question = make_question()
    for wrong in ({"title": "Batteries?"}, {"body": "x" * 8001}, {"seen": ""}, {"seen": 2**40}, {"seen": "one"}):
        data = revised(**wrong)
        response = client_for(question.author).post(f"/questions/{question.id}/revisions", data=data)
        assert response.status_code == 422
        assert str(data["body"]) in response.text
    assert now_stored(question).revision == 1


def test_a_preview_of_an_edit_saves_nothing(client_for):
    question = make_question()
    page = client_for(question.author).post(f"/questions/{question.id}/revisions", data=revised(preview="1"))
    assert "Now there are <strong>twelve</strong>." in page.text
    assert now_stored(question).revision == 1


def test_only_the_asker_and_moderators_may_edit_or_delete(client, client_for):
    question = make_question()
    stranger = client_for(make_person())
    for path in ("edit", "deletion"):
        assert client.get(f"/questions/{question.id}/{path}").location.startswith("/sign-in")
        assert stranger.get(f"/questions/{question.id}/{path}").status_code == 403
        assert client_for(make_moderator()).get(f"/questions/{question.id}/{path}").status_code == 200
    for path, data in (("revisions", revised()), ("deletion", {})):
        assert client.post(f"/questions/{question.id}/{path}", data=data).status_code in (303, 401)
        assert stranger.post(f"/questions/{question.id}/{path}", data=data).status_code == 403
    assert now_stored(question).revision == 1
    assert question.deleted_at is None


def test_deletion_is_confirmed_first_and_takes_everything_with_it(client, client_for):
    answer = make_answer()
    question, heard = answer.question, []
    browser = client_for(question.author)
    assert question.title in browser.get(f"/questions/{question.id}/deletion").text
    with post_deleted.connected_to(lambda post: heard.append(post.id)):
        assert browser.post(f"/questions/{question.id}/deletion").location == "/questions"
    assert heard == [question.id]
    assert client.get(f"/questions/{question.id}/{question.slug}").status_code == 410
    assert client.get(f"/questions/{question.id}/revisions/1").status_code == 410
    assert question.title not in client.get("/questions").text
    assert browser.post(f"/answers/{answer.id}/acceptance").status_code == 404


def test_a_revision_keeps_what_the_question_was_about_how_it_was_tagged_and_when_it_was_needed(client, client_for):
    idea, day = make_idea(title="A box for every school"), now().date() + timedelta(days=30)
    written = {"topics": ["batteries"], "roles": ["recycler"], "country": "GH", "needed_by": day}
    question = make_question(about=f"idea-{idea.id}", **written)
    changes = revised(topics=["health"], roles=["official"], country="KE")
    client_for(question.author).post(f"/questions/{question.id}/revisions", data=changes)
    first, second = (client.get(f"/questions/{question.id}/revisions/{number}").text for number in (1, 2))
    for words in ("A box for every school", "Ghana", format_date(day), "Batteries", "Recycler"):
        assert words in first
        assert words not in second
    assert "Kenya" in second


def test_a_revision_tells_nobody_of_an_idea_that_they_cannot_see(client, client_for):
    member = make_person()
    secret = make_idea(by=member, group=make_private_group(member), title="What our group plans")
    question = make_question(by=member, about=f"idea-{secret.id}")
    address = f"/questions/{question.id}/revisions/1"
    assert "What our group plans" not in client.get(address).text
    assert "What our group plans" in client_for(member).get(address).text


def test_a_revision_of_long_ago_is_still_shown(client):
    question = make_question(body="Eleven of them.")
    with transaction():
        db.session.query(Revision).one().sections = {"body": "Ten of them."}
    assert "Ten of them." in client.get(f"/questions/{question.id}/revisions/1").text
