"""Claim, release, pass, hand on, ask by name: what is stored, who may, and what others see."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest

from app.database import db, now, transaction
from app.forum.commands import delete_post
from app.journal.models import JournalEntry
from app.moderation.commands import hide_post, restore_post
from app.questions.commands import accept_answer, close_question, reopen_question, withdraw_acceptance
from app.questions.models import Answer, Question
from app.queue.commands import claim_question, hand_on, let_lapse, pass_question, put_to
from app.queue.models import Ask, Claim, Pass
from app.refusals import Conflict, Refusal
from app.shown import moment
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question


def helper(**facts):
    return make_person(**{"topics": ["batteries"], "asks_a_week": 3, **facts})


def page_of(browser, question: Question) -> str:
    return browser.get(f"/questions/{question.id}/{question.slug}").text


def actions() -> list[str]:
    return [entry.action for entry in db.session.query(JournalEntry).order_by(JournalEntry.id)]


def test_a_claim_is_for_a_day_and_everyone_sees_it(client, client_for):
    question, person = make_question(), helper(display_name="Kofi Boateng")
    response = client_for(person).post(f"/questions/{question.id}/claim")
    assert response.status_code == 303
    claim = db.session.query(Claim).one()
    assert timedelta(hours=23) < claim.until - now() <= timedelta(hours=24)
    assert "Kofi Boateng</bdi> is on it until" in page_of(client, question)
    assert "You are on it until" in page_of(client_for(person), question)
    assert "question_claimed" in actions()
    assert "Kofi Boateng</bdi> is on it<" in client.get("/questions?sort=unanswered").text


def test_while_someone_is_on_it_nobody_else_takes_it(client_for):
    question = make_question()
    claim_question(question, by=helper())
    assert client_for(helper()).post(f"/questions/{question.id}/claim").status_code == 409
    assert db.session.query(Claim).count() == 1


def test_after_a_day_it_is_free_again(client, client_for):
    question = make_question()
    claim = claim_question(question, by=helper())
    with transaction():
        claim.until = now() - timedelta(minutes=1)
    assert "is on it" not in page_of(client, question)
    assert client_for(helper()).post(f"/questions/{question.id}/claim").status_code == 303
    let_lapse()
    db.session.expire_all()
    assert [each.ending for each in db.session.query(Claim).order_by(Claim.id)] == ["lapsed", None]
    assert "claim_lapsed" in actions()


def test_nobody_is_on_more_than_three(client_for):
    person = helper()
    for _ in range(3):
        claim_question(make_question(), by=person)
    answer = client_for(person).post(f"/questions/{make_question().id}/claim")
    assert answer.status_code == 409
    assert "You are on 3 questions already" in answer.text


def test_what_is_closed_or_helped_meanwhile_takes_no_room(client_for):
    person, questions = helper(), [make_question() for _ in range(3)]
    for each in questions:
        claim_question(each, by=person)
    close_question(questions[0], by=questions[0].author, closing="solved")
    accept_answer(make_answer(questions[1]), by=questions[1].author)
    delete_post(questions[2], by=questions[2].author)
    assert client_for(person).post(f"/questions/{make_question().id}/claim").status_code == 303


def test_two_who_claim_at_once_do_not_both_get_it(app):
    question, people = make_question(), [helper(), helper()]
    question_id, ids = question.id, [person.id for person in people]
    db.session.commit()
    refused = []

    def claim(person_id: int) -> None:
        from app.accounts.models import User

        with app.app_context():
            try:
                claim_question(db.session.get_one(Question, question_id), by=db.session.get_one(User, person_id))
            except Conflict as refusal:
                refused.append(refusal)
            db.session.remove()

    threads = [Thread(target=claim, args=(person_id,)) for person_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (db.session.query(Claim).count(), len(refused)) == (1, 1)


def test_whoever_finds_it_taken_reads_until_when(client_for):
    question = make_question()
    until = claim_question(question, by=helper()).until
    assert (
        f"Someone else is on it until {moment(until)}."
        in client_for(helper()).post(f"/questions/{question.id}/claim").text
    )


def test_whoever_answered_does_not_block_others(client_for):
    question, person = make_question(), helper()
    make_answer(question, by=person)
    assert client_for(person).post(f"/questions/{question.id}/claim").status_code == 409
    assert db.session.query(Claim).count() == 0


@pytest.mark.parametrize("gone", ["deleted", "hidden"])
@pytest.mark.parametrize("act", ["claim", "put to someone", "handed on", "passed"])
def test_what_is_gone_meanwhile_is_not_claimed_or_put_to_people(app, act, gone):
    question, person = make_question(topics=["batteries"]), helper()
    helper(name="ama")
    if gone == "deleted":
        delete_post(question, by=question.author)
    else:
        hide_post(question, by=make_moderator(), reason="It sells something.")
    acts = {
        "claim": lambda: claim_question(question, by=person),
        "put to someone": lambda: put_to(question, name="ama", by=question.author),
        "handed on": lambda: hand_on(question, name="ama", by=person),
        "passed": lambda: pass_question(question, by=person),
    }
    with pytest.raises(Refusal):
        acts[act]()


def test_a_hidden_question_is_handed_to_nobody(client_for):
    question, moderator = make_question(topics=["batteries"]), make_moderator()
    helper(name="ama")
    hide_post(question, by=moderator, reason="It sells something.")
    browser = client_for(moderator)
    assert browser.post(f"/questions/{question.id}/handing-on", data={"name": "ama"}).status_code == 403
    assert "Hand on" not in page_of(browser, question)
    assert db.session.query(Ask).count() == 0


def test_released_it_is_free(client, client_for):
    question, person = make_question(), helper()
    claim_question(question, by=person)
    client_for(person).post(f"/questions/{question.id}/claim/withdrawal")
    assert "is on it" not in page_of(client, question)
    assert "question_released" in actions()


def test_an_answer_ends_what_waited_for_whoever_gives_it(client_for):
    question, person = make_question(), helper(name="ama")
    put_to(question, name="ama", by=question.author)
    claim_question(question, by=person)
    make_answer(question, by=person)
    db.session.expire_all()
    assert (db.session.query(Claim).one().ending, db.session.query(Ask).one().state) == ("answered", "answered")


def test_whoever_answered_is_offered_nothing_more(client_for):
    question, person = make_question(), helper()
    make_answer(question, by=person)
    assert "I am on it" not in page_of(client_for(person), question)
    assert "I am on it" in page_of(client_for(helper()), question)


def test_not_my_field_thanks_and_takes_it_out_of_the_queue(client_for):
    question, person = make_question(topics=["batteries"]), helper(name="ama")
    put_to(question, name="ama", by=question.author)
    page = client_for(person).post(f"/questions/{question.id}/pass", data={"back": "/queue"}, follow_redirects=True)
    assert "Thank you for saying so. It leaves your queue, and you are asked less about its topics" in page.text
    assert question.title not in page.text
    assert (db.session.query(Pass).count(), db.session.query(Ask).one().state) == (1, "passed")
    assert "says it is not their field" in page_of(client_for(question.author), question)


def test_thanks_for_passing_promise_nothing_to_whoever_does_not_know_its_topics(client_for):
    question = make_question(topics=["health"])
    page = client_for(helper()).post(f"/questions/{question.id}/pass", follow_redirects=True).text
    assert "Thank you for saying so. It leaves your queue.<" in page


def test_whoever_asks_puts_it_to_someone_and_takes_it_back(client_for):
    question = make_question()
    helper(name="ama", display_name="Ama Mensah")
    asker = client_for(question.author)
    page = asker.post(f"/questions/{question.id}/asks", data={"name": "ama"}, follow_redirects=True)
    assert "The question is with <bdi>Ama Mensah</bdi>." in page.text
    ask = db.session.query(Ask).one()
    asker.post(f"/questions/{question.id}/asks/{ask.id}/withdrawal")
    db.session.expire_all()
    assert ask.state == "withdrawn"
    assert {"question_put_to", "ask_withdrawn"} <= set(actions())


def test_handing_on_names_someone_else_and_leaves_ones_own_queue(client_for):
    question, person = make_question(topics=["batteries"]), helper()
    helper(name="kofi", display_name="Kofi Boateng")
    claim_question(question, by=person)
    sent = {"name": "kofi", "line": "He sells such boxes."}
    page = client_for(person).post(f"/questions/{question.id}/handing-on", data=sent, follow_redirects=True)
    assert "The question is with <bdi>Kofi Boateng</bdi>." in page.text
    ask = db.session.query(Ask).one()
    assert (ask.by_id, ask.line, db.session.query(Claim).one().ending) == (person.id, sent["line"], "handed-on")
    seen = page_of(client_for(question.author), question)
    assert "Kofi Boateng" in seen
    assert f"by <bdi>{person.display_name}</bdi>, who handed it on" in seen
    assert "Take it back" not in seen


def test_whoever_asks_is_not_told_of_someone_whom_only_their_groups_may_know(client_for):
    question, person, kofi = (
        make_question(topics=["batteries"]),
        helper(),
        helper(name="kofi", display_name="Kofi Boateng"),
    )
    claim_question(question, by=person)
    hand_on(question, name="kofi", by=person)
    with transaction():
        kofi.is_for_groups_only = True
    assert "Kofi Boateng" not in page_of(client_for(question.author), question)


def test_nobody_is_asked_more_often_than_they_agreed(client_for):
    asker = make_person()
    helper(name="ama", asks_a_week=1)
    browser = client_for(asker)
    first, second = make_question(by=asker), make_question(by=asker)
    assert browser.post(f"/questions/{first.id}/asks", data={"name": "ama"}).status_code == 303
    refused = browser.post(f"/questions/{second.id}/asks", data={"name": "ama", "line": "Please help us."})
    assert refused.status_code == 422
    assert "Please help us.</textarea>" in refused.text
    assert "as often as they agreed to this week. Try again on" in refused.text
    assert db.session.query(Ask).count() == 1


def test_a_week_later_there_is_room_again(client_for):
    asker = make_person()
    helper(name="ama", asks_a_week=1)
    put_to(make_question(by=asker), name="ama", by=asker)
    with transaction():
        for entry in db.session.query(JournalEntry):
            entry.created_at -= timedelta(days=7, minutes=1)
    assert put_to(make_question(by=asker), name="ama", by=asker).state == "asked"


@pytest.mark.parametrize(
    "facts", [{"asks_a_week": 0}, {"kind": "demo"}, {"is_for_groups_only": True}, {"kind": "imported"}]
)
def test_who_did_not_agree_is_refused_in_the_same_words_as_who_does_not_exist(client_for, facts):
    question = make_question()
    helper(name="ama", **facts)
    browser = client_for(question.author)
    words = "Nobody of this name can be asked about this question."
    for name in ("ama", "nobody-at-all"):
        refused = browser.post(f"/questions/{question.id}/asks", data={"name": name})
        assert refused.status_code == 422
        assert words in refused.text


def test_a_private_question_is_put_to_members_alone(client_for):
    member, outsider = make_person(), helper(name="ama")
    question = make_question(by=member, group=make_private_group(member))
    assert client_for(member).post(f"/questions/{question.id}/asks", data={"name": "ama"}).status_code == 422
    for path in ("claim", "claim/withdrawal", "pass", "handing-on", "asks"):
        assert client_for(outsider).post(f"/questions/{question.id}/{path}", data={"name": "x"}).status_code == 404


def test_only_whoever_asks_puts_it_to_people_and_sees_whom(client, client_for):
    question, other = make_question(), helper()
    helper(name="ama", display_name="Ama Mensah")
    assert client_for(other).get(f"/questions/{question.id}/asks").status_code == 403
    assert client_for(other).post(f"/questions/{question.id}/asks", data={"name": "ama"}).status_code == 403
    put_to(question, name="ama", by=question.author)
    for browser in (client, client_for(other), client_for(make_moderator())):
        assert "Ama Mensah" not in page_of(browser, question)
    assert "Ama Mensah" in page_of(client_for(question.author), question)


def test_whoever_asks_cannot_claim_or_pass_their_own(client_for):
    question = make_question()
    browser = client_for(question.author)
    for path in ("claim", "pass"):
        assert browser.post(f"/questions/{question.id}/{path}").status_code == 403


def test_guests_are_sent_to_the_door(client):
    question = make_question()
    for path in ("claim", "pass", "claim/withdrawal"):
        assert client.post(f"/questions/{question.id}/{path}").status_code == 303
    assert 'aria-label="Who answers"' not in page_of(client, question)


def test_a_name_is_needed_and_a_long_line_is_kept(client_for):
    question = make_question()
    refused = client_for(question.author).post(f"/questions/{question.id}/asks", data={"name": "", "line": "x" * 301})
    assert refused.status_code == 422
    assert "x" * 301 in refused.text
    assert 'href="#name"' in refused.text


def test_passing_again_ends_what_came_since(client_for):
    question, person = make_question(topics=["batteries"]), helper(name="ama")
    browser = client_for(person)
    browser.post(f"/questions/{question.id}/pass")
    claim_question(question, by=person)
    browser.post(f"/questions/{question.id}/pass")
    db.session.expire_all()
    assert (db.session.query(Claim).one().ending, db.session.query(Pass).count()) == ("passed", 1)


def test_who_passed_or_answered_is_not_asked(client_for):
    asker = make_person()
    passed, answered = make_question(by=asker), make_question(by=asker)
    person = helper(name="ama")
    pass_question(passed, by=person)
    make_answer(answered, by=person)
    for question in (passed, answered):
        assert client_for(asker).post(f"/questions/{question.id}/asks", data={"name": "ama"}).status_code == 422


@pytest.mark.parametrize("way", ["closed", "accepted", "hidden", "deleted"])
def test_what_waited_ends_with_the_question(client_for, way):
    question, person = make_question(), helper(name="ama")
    put_to(question, name="ama", by=question.author)
    claim_question(question, by=make_person())
    ways = {
        "closed": lambda: close_question(question, by=question.author, closing="solved"),
        "accepted": lambda: accept_answer(make_answer(question), by=question.author),
        "hidden": lambda: hide_post(question, by=make_moderator(), reason="It sells something."),
        "deleted": lambda: delete_post(question, by=question.author),
    }
    ways[way]()
    db.session.expire_all()
    assert (db.session.query(Claim).one().ending, db.session.query(Ask).one().state) == ("over", "over")
    assert "waits for you" not in client_for(person).get("/").text


@pytest.mark.parametrize("way", ["closed", "accepted", "hidden"])
def test_what_was_over_by_mistake_waits_again_for_whoever_was_asked(client_for, way):
    question, person, moderator = make_question(), helper(name="ama"), make_moderator()
    ask = put_to(question, name="ama", by=question.author)
    with transaction():
        ask.asked_at -= timedelta(days=4)
    if way == "closed":
        close_question(question, by=question.author, closing="solved")
    elif way == "accepted":
        accept_answer(make_answer(question), by=question.author)
    else:
        hide_post(question, by=moderator, reason="It sells something.")
    with transaction():
        ask.asked_at -= timedelta(days=6)
        ask.ended_at -= timedelta(days=6)
    if way == "closed":
        reopen_question(question, by=question.author)
    elif way == "accepted":
        withdraw_acceptance(db.session.query(Answer).one(), by=question.author)
    else:
        restore_post(question, by=moderator, reason="It sells nothing.")
    let_lapse()
    assert "asks you." in client_for(person).get("/queue").text


def test_whoever_answered_when_it_was_over_is_not_asked_again(client_for):
    question, person = make_question(), helper(name="ama")
    put_to(question, name="ama", by=question.author)
    helped = make_answer(question)
    accept_answer(helped, by=question.author)
    make_answer(question, by=person)
    withdraw_acceptance(helped, by=question.author)
    assert "You were asked" not in client_for(person).get("/queue").text


def test_a_claim_is_not_made_longer_by_claiming_again(client_for):
    question, person = make_question(), helper()
    until = claim_question(question, by=person).until
    client_for(person).post(f"/questions/{question.id}/claim")
    db.session.expire_all()
    assert db.session.query(Claim).one().until == until


def test_whoever_has_nothing_to_do_with_a_question_does_not_hand_it_on(client_for):
    question, stranger = make_question(topics=["batteries"]), make_person(topics=["finance"])
    helper(name="ama")
    browser = client_for(stranger)
    assert browser.get(f"/questions/{question.id}/handing-on").status_code == 403
    assert browser.post(f"/questions/{question.id}/handing-on", data={"name": "ama"}).status_code == 403
    assert "Hand on" not in page_of(browser, question)
    assert db.session.query(Ask).count() == 0


def test_only_people_who_may_be_asked_are_suggested_with_what_they_know(client_for):
    member, fellow = make_person(), helper(display_name="Fellow Femi")
    helper(display_name="Outsider Odo")
    question = make_question(by=member, group=make_private_group(member, fellow), topics=["batteries"])
    page = client_for(member).get(f"/questions/{question.id}/asks").text
    assert "Fellow Femi" in page
    assert "Knows Batteries" in page
    assert "Asked 0 of 3 times this week" in page
    assert "Outsider Odo" not in page


def test_whoever_answered_or_passed_is_not_suggested(client_for):
    question = make_question(topics=["batteries"])
    make_answer(question, by=helper(display_name="Ama Mensah"))
    pass_question(question, by=helper(display_name="Kofi Boateng", roles=["recycler"]))
    page = client_for(question.author).get(f"/questions/{question.id}/asks").text
    assert "Nobody else who agreed to be asked is near this question." in page


def test_nobody_else_learns_who_was_asked(client_for):
    question = make_question(topics=["batteries"])
    helper(name="ama", display_name="Ama Mensah")
    put_to(question, name="ama", by=question.author)
    assert "Ama Mensah" not in client_for(helper()).get(f"/questions/{question.id}/handing-on").text
