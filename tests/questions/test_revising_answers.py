"""Edits of answers are revisions: nothing is lost, and everyone can read how an answer came to read as it does."""

from __future__ import annotations

import threading

import pytest

from app.database import db, now, transaction
from app.forum.commands import StaleRevision
from app.journal.models import JournalEntry
from app.questions.commands import delete_answer, revise_answer
from app.questions.events import answer_revised
from app.questions.models import Answer, AnswerRevision
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question

PAGES = ("edit", "revisions", "revisions/1")


def revised(**changes: object) -> dict[str, object]:
    body = "The depot takes them on **Mondays** now."
    return {"body": body, "sources": "The notice at its gate", "reason": "The day changed", "seen": 1, **changes}


def numbers(answer: Answer) -> list[int]:
    kept = db.session.query(AnswerRevision).filter_by(answer_id=answer.id).order_by(AnswerRevision.number)
    return [each.number for each in kept]


def stored(answer: Answer) -> Answer:
    db.session.expire_all()
    return answer


def test_the_first_revision_is_kept_when_the_answer_is_posted(app):
    answer = make_answer(body="It takes them on Fridays.", sources=["The notice at its gate"])
    first = db.session.query(AnswerRevision).one()
    assert (first.answer_id, first.number, first.author_id) == (answer.id, 1, answer.author_id)
    assert (first.body, first.sources, first.created_at) == (answer.body, answer.sources, answer.created_at)


def test_the_form_holds_the_answer_as_it_is(client_for):
    answer = make_answer(body="It takes them on Fridays.", sources=["A book", "http://example.org"])
    page = client_for(answer.author).get(f"/answers/{answer.id}/edit").text
    assert "It takes them on Fridays.</textarea>" in page
    assert "A book\nhttp://example.org</textarea>" in page
    assert 'name="seen" value="1"' in page


def test_an_edit_is_a_revision_with_its_reason(client_for, client):
    answer = make_answer(body="It takes them on Fridays, at any hour.")
    response = client_for(answer.author).post(f"/answers/{answer.id}/revisions", data=revised())
    assert response.status_code == 303
    assert response.location.endswith(f"#answer-{answer.id}")
    assert (stored(answer).revision, answer.sources) == (2, ["The notice at its gate"])
    assert answer.edited_at == answer.question.active_at
    page = client.get(response.location).text
    assert "on <strong>Mondays</strong> now" in page
    assert f'href="/answers/{answer.id}/revisions"' in page
    history = client.get(f"/answers/{answer.id}/revisions").text
    assert "The day changed" in history
    assert "As it was published." in history
    assert '<meta name="robots" content="noindex">' in history
    first = client.get(f"/answers/{answer.id}/revisions/1").text
    assert "It takes them on Fridays, at any hour." in first
    assert "This is an earlier version." in first
    assert '<meta name="robots" content="noindex">' in first
    second = client.get(f"/answers/{answer.id}/revisions/2").text
    assert "This is the newest version." in second
    assert "The notice at its gate" in second
    assert client.get(f"/answers/{answer.id}/revisions/3").status_code == 404


def test_a_save_that_changes_nothing_is_no_revision(client_for):
    answer = make_answer(sources=["A book"])
    unchanged = revised(body=answer.body, sources="A book")
    assert client_for(answer.author).post(f"/answers/{answer.id}/revisions", data=unchanged).status_code == 303
    assert (stored(answer).revision, numbers(answer)) == (1, [1])


def test_an_answer_that_was_never_edited_does_not_say_so(client):
    answer = make_answer()
    assert "/revisions" not in client.get(f"/questions/{answer.question_id}/{answer.question.slug}").text


def test_an_edit_is_announced_and_can_be_found(client_for, client, run_jobs):
    answer, heard = make_answer(), []
    run_jobs()
    with answer_revised.connected_to(lambda revised: heard.append(revised.id)):
        changed = revised(body="A gasometer stands beside the depot.")
        client_for(answer.author).post(f"/answers/{answer.id}/revisions", data=changed)
    assert heard == [answer.id]
    run_jobs()
    assert answer.question.title in client.get("/search?q=gasometer").text


def test_an_edit_of_what_someone_else_changed_meanwhile_keeps_both_texts(client_for):
    answer, path = make_answer(), "/answers/{}/revisions"
    client_for(make_moderator()).post(path.format(answer.id), data=revised(body="The text of the moderator."))
    browser, mine = client_for(answer.author), revised(body="The text of its author.", sources="Mine")
    response = browser.post(path.format(answer.id), data=mine)
    assert response.status_code == 409
    assert "The text of its author.</textarea>" in response.text
    assert "Mine</textarea>" in response.text
    assert "The text of the moderator." in response.text
    assert "What changed in it" in response.text
    assert "<ins>" in response.text
    assert 'name="seen" value="2"' in response.text
    assert stored(answer).body == "The text of the moderator."
    assert browser.post(path.format(answer.id), data={**mine, "seen": 2}).status_code == 303
    assert (stored(answer).body, answer.revision) == ("The text of its author.", 3)


def test_an_edit_of_a_revision_that_is_not_there_keeps_both_texts(client_for):
    answer = make_answer()
    mine = revised(body="The text of its author.", seen=2**31 - 1)
    response = client_for(answer.author).post(f"/answers/{answer.id}/revisions", data=mine)
    assert response.status_code == 409
    assert "The text of its author.</textarea>" in response.text
    assert answer.body in response.text


def test_of_edits_at_the_same_moment_one_is_saved_and_the_others_hear_of_it(app):
    answer, refused = make_answer(), []
    answer_id, author_id = answer.id, answer.author_id

    def edit(number: int) -> None:
        with app.app_context():
            mine = db.session.get_one(Answer, answer_id)
            by = db.session.get_one(type(mine.author), author_id)
            try:
                revise_answer(mine, by=by, body=f"The text {number}.", sources=[], reason="", seen=1)
            except StaleRevision:
                refused.append(number)

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(4)]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    assert stored(answer).revision == 2
    assert numbers(answer) == [1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "Too short."},
        {"body": "x" * 8001},
        {"seen": ""},
        {"seen": 2**40},
        {"sources": "http://"},
        {"reason": "x" * 201},
    ],
)
def test_an_invalid_edit_comes_back_with_what_was_typed(client_for, wrong):
    answer, data = make_answer(), revised(**wrong)
    response = client_for(answer.author).post(f"/answers/{answer.id}/revisions", data=data)
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert str(data["body"]) in response.text
    assert stored(answer).revision == 1


def test_a_preview_of_an_edit_saves_nothing(client_for):
    answer = make_answer()
    page = client_for(answer.author).post(f"/answers/{answer.id}/revisions", data=revised(preview="1"))
    assert "The depot takes them on <strong>Mondays</strong> now." in page.text
    assert "The notice at its gate</textarea>" in page.text
    assert stored(answer).revision == 1


def test_only_the_author_and_moderators_may_edit(client, client_for):
    answer = make_answer()
    edit, save = f"/answers/{answer.id}/edit", f"/answers/{answer.id}/revisions"
    assert client.get(edit).location.startswith("/sign-in")
    assert client.post(save, data=revised()).status_code == 401
    for person in (make_person(), answer.question.author):
        assert client_for(person).get(edit).status_code == 403
        assert client_for(person).post(save, data=revised()).status_code == 403
        page = client_for(person).get(f"/questions/{answer.question_id}/{answer.question.slug}").text
        assert edit not in page
    assert stored(answer).revision == 1
    assert client_for(make_moderator()).get(edit).status_code == 200
    assert edit in client_for(answer.author).get(f"/questions/{answer.question_id}/{answer.question.slug}").text


@pytest.mark.parametrize("page", PAGES)
def test_who_may_not_see_an_answer_finds_no_page_of_it(client, client_for, page):
    member = make_person()
    private = make_answer(make_question(by=member, group=make_private_group(member)), by=member)
    hidden, gone = make_answer(), make_answer()
    with transaction():
        hidden.hidden_at = now()
    delete_answer(gone, by=gone.author)
    stranger, moderator = client_for(make_person()), client_for(make_moderator())
    for answer in (private, hidden, gone):
        assert stranger.get(f"/answers/{answer.id}/{page}").status_code == 404
        assert client.get(f"/answers/{answer.id}/{page}").status_code in (303, 404)
    assert client_for(member).get(f"/answers/{private.id}/{page}").status_code == 200
    assert moderator.get(f"/answers/{hidden.id}/{page}").status_code == 200
    assert client_for(hidden.author).get(f"/answers/{hidden.id}/{page}").status_code == 404
    assert client_for(gone.author).get(f"/answers/{gone.id}/{page}").status_code == 404
    assert stranger.post(f"/answers/{private.id}/revisions", data=revised()).status_code == 404


def test_an_edit_is_written_down_for_whom_it_concerns(client_for):
    answer = make_answer()
    client_for(answer.author).post(f"/answers/{answer.id}/revisions", data=revised())
    mended = revised(body="Ask the depot by phone first.", seen=2, reason="Unsafe advice")
    client_for(make_moderator()).post(f"/answers/{answer.id}/revisions", data=mended)
    entries = db.session.query(JournalEntry).filter_by(action="answer_revised").order_by(JournalEntry.id).all()
    assert [(entry.person_id, entry.note, entry.is_public) for entry in entries] == [
        (answer.question.author_id, "The day changed", False),
        (answer.author_id, "Unsafe advice", False),
    ]


def test_the_pages_of_revisions_take_few_queries_however_many_there_are(client_for, count_queries):
    answer = make_answer()
    browser = client_for(answer.author)
    for seen in (1, 2, 3, 4):
        browser.post(f"/answers/{answer.id}/revisions", data=revised(seen=seen))
    for page in PAGES:
        count_queries.clear()
        browser.get(f"/answers/{answer.id}/{page}")
        assert len([each for each in count_queries if each.startswith("SELECT")]) <= 6, page
