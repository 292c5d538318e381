"""Compare revisions of questions and answers, and bring an older text back."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.models import Revision
from app.journal.models import JournalEntry
from app.questions.commands import revise_answer, revise_question
from app.questions.models import Answer, AnswerRevision, Question
from tests.factories import make_answer, make_person, make_question

ClientFor = Callable[[User], FlaskClient]


def a_question() -> Question:
    question = make_question(title="Who collects old phones?", body="In Accra", roles=["recycler"], place="Osu")
    written = {"title": "Who collects old phones today?", "body": "In Tema", "roles": ["recycler"]}
    revise_question(question, by=question.author, reason="Moved", seen=1, **written)
    return question


def an_answer() -> Answer:
    answer = make_answer(body="At gate 4")
    revise_answer(answer, by=answer.author, body="At gate 5", sources=["I work there"], reason="Moved", seen=1)
    return answer


def test_the_revisions_of_a_question_say_what_changed(client: FlaskClient) -> None:
    question = a_question()
    assert (
        "Title · The question · Where: 2 words removed, 2 added"
        in client.get(f"/questions/{question.id}/revisions").text
    )
    page = client.get(f"/questions/{question.id}/revisions/2").text
    assert "<del>Accra</del>" in page
    assert "<ins>Tema</ins>" in page
    compared = client.get(f"/questions/{question.id}/revisions/comparison?one=1&other=2")
    assert compared.location == f"/questions/{question.id}/revisions/2?against=1"


def test_an_older_text_of_a_question_comes_back_and_its_tags_stay(client_for: ClientFor) -> None:
    question = a_question()
    client, path = client_for(question.author), f"/questions/{question.id}/revisions/1/restoration"
    assert "<ins>Accra</ins>" in client.get(path).text
    assert client.post(path, data={"reason": "Moved back", "seen": "2"}).status_code == 303
    db.session.refresh(question)
    assert (question.revision, question.title, question.body, question.place) == (
        *(3, "Who collects old phones?"),
        *("In Accra", "Osu"),
    )
    assert [role.id for role in question.roles] == ["recycler"]
    newest = db.session.scalars(select(Revision).where(Revision.post_id == question.id, Revision.number == 3)).one()
    assert newest.reason == "Back to revision 1: Moved back"
    entry = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "question_reverted")).one()
    assert (entry.note, entry.is_public) == (newest.reason, True)


def test_nothing_of_a_question_is_overwritten_or_brought_back_by_strangers(client_for: ClientFor) -> None:
    question = a_question()
    path = f"/questions/{question.id}/revisions/1/restoration"
    assert client_for(question.author).post(path, data={"seen": "1"}).status_code == 409
    assert client_for(question.author).post(path, data={}).status_code == 422
    assert client_for(make_person()).get(path).status_code == 403
    assert client_for(make_person()).post(path, data={"seen": "2"}).status_code == 403
    db.session.refresh(question)
    assert question.revision == 2


def test_the_revisions_of_an_answer_say_what_changed(client: FlaskClient) -> None:
    answer = an_answer()
    assert "The answer · Sources: 1 word removed, 4 added" in client.get(f"/answers/{answer.id}/revisions").text
    page = client.get(f"/answers/{answer.id}/revisions/2").text
    assert "<del>4</del>" in page
    assert "<ins>5</ins>" in page
    assert "I work there" in page
    compared = client.get(f"/answers/{answer.id}/revisions/comparison?one=2&other=1")
    assert compared.location == f"/answers/{answer.id}/revisions/2?against=1"


def test_an_older_text_of_an_answer_comes_back(client_for: ClientFor) -> None:
    answer = an_answer()
    client, path = client_for(answer.author), f"/answers/{answer.id}/revisions/1/restoration"
    assert "<ins>4</ins>" in client.get(path).text
    assert client.post(path, data={"seen": "1"}).status_code == 409
    assert client.post(path, data={}).status_code == 422
    assert client_for(make_person()).post(path, data={"seen": "2"}).status_code == 403
    assert client.post(path, data={"seen": "2"}).status_code == 303
    db.session.refresh(answer)
    assert (answer.revision, answer.body, answer.sources) == (3, "At gate 4", [])
    newest = db.session.scalars(select(AnswerRevision).where(AnswerRevision.answer_id == answer.id)).all()[-1]
    assert newest.reason == "Back to revision 1"


def test_revisions_are_as_invisible_as_the_question_and_the_answer(client: FlaskClient) -> None:
    hidden, answer = a_question(), an_answer()
    with transaction():
        hidden.hidden_at = answer.hidden_at = now()
    for path in ("", "/2", "/2?against=1", "/comparison?one=1&other=2"):
        assert client.get(f"/questions/{hidden.id}/revisions{path}").status_code == 404
        assert client.get(f"/answers/{answer.id}/revisions{path}").status_code == 404
