"""Others have the same question: once each, counted, and they hear of it."""

from __future__ import annotations

import threading

from app.accounts.models import User
from app.database import db
from app.forum.models import Follow
from app.forum.queries import post_address
from app.journal.models import JournalEntry
from app.questions.commands import have_too
from app.questions.models import Question, QuestionToo
from tests.factories import make_person, make_private_group, make_question


def too(question: Question) -> str:
    return f"/questions/{question.id}/too"


def count(question: Question) -> int:
    db.session.expire_all()
    return question.too_count


def test_a_person_has_a_question_too_once_and_follows_it(client_for):
    question, person = make_question(), make_person()
    browser = client_for(person)
    for _ in range(2):
        assert browser.post(too(question)).location == post_address(question)
    assert count(question) == 1
    assert db.session.get(Follow, (question.id, person.id)) is not None
    page = browser.get(post_address(question)).text
    assert "You have this question too." in page
    assert f'action="{too(question)}/withdrawal"' in page


def test_it_can_be_taken_back(client_for):
    question, person = make_question(), make_person()
    browser = client_for(person)
    browser.post(too(question))
    for _ in range(2):
        assert browser.post(f"{too(question)}/withdrawal").status_code == 303
    assert count(question) == 0
    assert db.session.query(QuestionToo).count() == 0
    entries = db.session.query(JournalEntry).filter_by(post_id=question.id).order_by(JournalEntry.id)
    assert [entry.action for entry in entries] == [
        "question_asked",
        "question_asked_too",
        "question_asked_too_withdrawn",
    ]
    assert db.session.query(JournalEntry).filter_by(is_public=True).count() == 0


def test_everyone_reads_how_many_others_have_it(client, client_for):
    question = make_question()
    assert "this question." not in client.get(post_address(question)).text
    people = [make_person() for _ in range(4)]
    have_too(question, by=people[0])
    assert "1 other has this question." in client.get(post_address(question)).text
    for person in people[1:]:
        have_too(question, by=person)
    assert "4 others have this question." in client.get(post_address(question)).text
    assert "4 others have this question." in client_for(question.author).get(post_address(question)).text
    assert "You and 3 others have this question." in client_for(people[0]).get(post_address(question)).text


def test_whoever_asked_cannot_and_a_guest_is_asked_to_sign_in(client, client_for):
    question = make_question()
    asker = client_for(question.author)
    assert asker.post(too(question)).status_code == 403
    assert too(question) not in asker.get(post_address(question)).text
    assert client.post(too(question)).location.startswith("/sign-in")
    assert count(question) == 0


def test_a_stranger_cannot_have_what_a_private_group_asks(client_for):
    member = make_person()
    question, stranger = make_question(by=member, group=make_private_group(member)), client_for(make_person())
    for path in (too(question), f"{too(question)}/withdrawal"):
        assert stranger.post(path).status_code == 404
    assert count(question) == 0


def test_with_scripts_the_button_brings_itself_and_whether_one_follows(client_for):
    question, browser = make_question(), client_for(make_person())
    page = browser.fragment(too(question), "taking-part", method="POST", follow_redirects=True).text
    assert page.lstrip().startswith('<div class="cluster" id="taking-part">')
    assert "You have this question too." in page
    assert "Following" in page
    assert "<h1" not in page


def test_all_who_have_it_at_the_same_moment_are_counted(app):
    question = make_question()
    people, question_id = [make_person().id for _ in range(6)], question.id

    def have(person_id: int) -> None:
        with app.app_context():
            person = db.session.get_one(User, person_id)
            have_too(db.session.get_one(Question, question_id), by=person)

    threads = [threading.Thread(target=have, args=(person_id,)) for person_id in people]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(question) == 6
