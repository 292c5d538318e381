"""Saying that an answer helped: once each, never of one's own, and it moves the answer up."""

from __future__ import annotations

import json
import re
import threading

import pytest

from app.accounts.models import User
from app.database import db
from app.journal.models import JournalEntry
from app.questions.commands import accept_answer, support_answer
from app.questions.models import Answer, AnswerSupport, Question
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question


def address(question: Question) -> str:
    return f"/questions/{question.id}/{question.slug}"


def helped(answer: Answer) -> tuple[int, int]:
    """As counted with the answer, and as counted by rows."""
    db.session.expire_all()
    return answer.support_count, db.session.query(AnswerSupport).filter_by(answer_id=answer.id).count()


def test_a_person_says_so_once(client_for, client):
    answer = make_answer()
    browser = client_for(make_person())
    for _ in range(3):
        response = browser.post(f"/answers/{answer.id}/support")
        assert (response.status_code, response.location) == (303, f"{address(answer.question)}#answer-{answer.id}")
    assert helped(answer) == (1, 1)
    assert "Helped 1 person" in client.get(address(answer.question)).text
    for _ in range(2):
        client_for(make_person()).post(f"/answers/{answer.id}/support")
    assert helped(answer) == (3, 3)
    assert "Helped 3 people" in client.get(address(answer.question)).text


def test_it_can_be_taken_back(client_for):
    answer = make_answer()
    browser = client_for(make_person())
    browser.post(f"/answers/{answer.id}/support")
    page = browser.get(address(answer.question)).text
    assert f'action="/answers/{answer.id}/support/withdrawal"' in page
    assert re.search(r'helped-button" type="submit" aria-pressed="true"', page)
    for _ in range(2):
        assert browser.post(f"/answers/{answer.id}/support/withdrawal").status_code == 303
    assert helped(answer) == (0, 0)
    page = browser.get(address(answer.question)).text
    assert 'helped-button" type="submit" aria-pressed="false"' in page
    assert "Helped" not in page


def test_nobody_says_so_of_their_own_answer(client_for):
    answer = make_answer()
    assert client_for(answer.author).post(f"/answers/{answer.id}/support").status_code == 403
    assert helped(answer) == (0, 0)
    assert "-helped" not in client_for(answer.author).get(address(answer.question)).text
    support_answer(answer, by=make_person())
    page = client_for(answer.author).get(address(answer.question)).text
    assert "Helped 1 person" in page
    assert f"/answers/{answer.id}/support" not in page


@pytest.mark.parametrize("path", ["support", "support/withdrawal"])
def test_guests_sign_in_first_strangers_find_nothing_and_reading_writes_nothing(client, client_for, path):
    member = make_person()
    private = make_answer(make_question(by=member, group=make_private_group(member)))
    public, gone = make_answer(), make_answer()
    client_for(gone.author).post(f"/answers/{gone.id}/deletion")
    assert client.post(f"/answers/{public.id}/{path}").location.startswith("/sign-in")
    stranger = client_for(make_person())
    assert stranger.post(f"/answers/{private.id}/{path}").status_code == 404
    assert stranger.post(f"/answers/{gone.id}/{path}").status_code == 404
    assert stranger.get(f"/answers/{public.id}/{path}").status_code == 405
    assert client_for(member).post(f"/answers/{private.id}/{path}").status_code == 303


def test_with_scripts_the_button_finds_itself_in_the_page(client_for):
    answer = make_answer()
    target = f"answer-{answer.id}-helped"
    page = (
        client_for(make_person())
        .fragment(f"/answers/{answer.id}/support", target, method="POST", follow_redirects=True)
        .text
    )
    assert f'hx-select="#{target}"' in page
    assert page.count(f'id="{target}"') == 1
    assert "Helped 1 person" in page


def test_the_accepted_answer_comes_first_then_what_helped_most_then_what_came_first(client):
    question = make_question()
    answers = [make_answer(question, body=f"This is answer number {number}.") for number in range(5)]
    for answer, count in ((answers[2], 1), (answers[3], 2)):
        for _ in range(count):
            support_answer(answer, by=make_person())
    accept_answer(answers[4], by=question.author)
    shown = re.findall(r"This is answer number (\d)\.</p>", client.get(address(question)).text)
    assert shown == ["4", "3", "2", "0", "1"]


def test_search_engines_read_how_many_it_helped(client):
    answer = make_answer()
    support_answer(answer, by=make_person())
    page = client.get(address(answer.question)).text
    content = re.search(r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', page)[1]
    assert json.loads(content)["mainEntity"]["suggestedAnswer"][0]["upvoteCount"] == 1


def test_those_it_helped_at_the_same_moment_are_all_counted(app):
    answer, people = make_answer(), [make_person() for _ in range(5)]
    answer_id, person_ids = answer.id, [person.id for person in people] * 2

    def say(person_id: int) -> None:
        with app.app_context():
            support_answer(db.session.get_one(Answer, answer_id), by=db.session.get_one(User, person_id))

    threads = [threading.Thread(target=say, args=(person_id,)) for person_id in person_ids]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert helped(answer) == (5, 5)


def test_what_happens_to_an_answer_is_written_down_once_for_whom_it_concerns(client_for, client):
    question = make_question(by=make_person(display_name="Efua"))
    first, second = (make_answer(question, by=make_person(display_name=name)) for name in ("Kojo", "Mei"))
    asker, reader = client_for(question.author), client_for(make_person())
    for _ in range(2):
        reader.post(f"/answers/{first.id}/support")
    for _ in range(2):
        reader.post(f"/answers/{first.id}/support/withdrawal")
    for answer in (first, first, second):
        asker.post(f"/answers/{answer.id}/acceptance")
    asker.post(f"/answers/{first.id}/acceptance/withdrawal")
    client_for(make_moderator()).post(f"/answers/{second.id}/deletion")
    of_answers = db.session.query(JournalEntry).where(JournalEntry.answer_id.in_([first.id, second.id]))
    entries = of_answers.order_by(JournalEntry.id).all()
    assert [(entry.action, entry.answer_id, entry.person_id, entry.is_public) for entry in entries] == [
        ("answer_posted", first.id, question.author_id, False),
        ("answer_posted", second.id, question.author_id, False),
        ("answer_supported", first.id, first.author_id, False),
        ("answer_support_withdrawn", first.id, first.author_id, False),
        ("answer_accepted", first.id, first.author_id, True),
        ("answer_unaccepted", first.id, first.author_id, True),
        ("answer_accepted", second.id, second.author_id, True),
        ("answer_unaccepted", second.id, second.author_id, True),
        ("answer_deleted", second.id, second.author_id, False),
    ]
    history = client.get(f"/questions/{question.id}/revisions").text
    assert "<bdi>Efua</bdi> accepted the answer of <bdi>Kojo</bdi>" in history
    assert "<bdi>Efua</bdi> no longer accepts the answer of <bdi>Kojo</bdi>" in history
    assert history.count(" the answer of ") == 2  # what was said of the deleted one is told no more
