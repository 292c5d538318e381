"""A comment on an idea becomes a question, and a question about an idea becomes a comment."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask_babel import format_date

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import delete_comment, delete_post, follow, post_comment
from app.forum.events import comment_posted
from app.forum.models import Comment, Follow
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.journal.models import JournalEntry
from app.moderation.commands import hide_post
from app.questions.commands import ask_comment, delete_answer
from app.questions.models import Answer, Question
from app.questions.queries import followers_of
from app.refusals import Conflict
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question

BODY = "Who takes the **full** boxes of button cells at the end of term?"


def make_comment(idea=None, *, by=None, body=BODY) -> Comment:
    return post_comment(idea or make_idea(), by=by or make_person(), body=body)


def ask(comment: Comment) -> str:
    return f"/comments/{comment.id}/question"


def sent(comment: Comment, **changes):
    idea = comment.post
    data = {"title": "Who takes the full boxes at the end of term?", "body": comment.body, "language": "en"}
    return {**data, "about": f"idea-{idea.id}", "group": idea.group_id, **changes}


def only_question() -> Question:
    return db.session.query(Question).one()


def test_its_author_asks_a_comment_as_a_question(client, client_for):
    comment = make_comment(make_idea(language="fr", title="Boîtes à piles pour les écoles"))
    browser, idea = client_for(comment.author), comment.post
    assert f'href="{ask(comment)}"' in browser.get(post_address(idea)).text
    form = browser.get(ask(comment)).text
    assert f"{BODY}</textarea>" in form
    assert f'name="about" value="idea-{idea.id}"' in form
    assert '<option selected value="fr">' in form
    response = browser.post(ask(comment), data=sent(comment))
    question = only_question()
    assert response.location == post_address(question)
    assert (question.author_id, question.idea_id, question.from_comment_id) == (comment.author_id, idea.id, comment.id)
    page = client.get(post_address(idea)).text
    assert f'Asked as a question: <a href="{post_address(question)}"' in page
    assert "full" in page
    assert "asked a comment as this question" in client.get(f"/questions/{question.id}/revisions").text


def test_a_moderator_asks_it_for_the_author_who_keeps_the_credit(client_for):
    comment, moderator = make_comment(), make_moderator()
    browser = client_for(moderator)
    assert comment.author.display_name in browser.get(ask(comment)).text
    assert browser.post(ask(comment), data=sent(comment)).status_code == 303
    assert only_question().author_id == comment.author_id


def test_a_comment_is_asked_once(client_for):
    comment = make_comment()
    browser = client_for(comment.author)
    first = browser.post(ask(comment), data=sent(comment, key="one-form"))
    assert browser.post(ask(comment), data=sent(comment, key="one-form")).location == first.location
    assert browser.post(ask(comment), data=sent(comment, key="another")).status_code == 409
    assert browser.get(ask(comment)).location == first.location
    assert ask(comment) not in browser.get(post_address(comment.post)).text
    assert db.session.query(Question).count() == 1


def test_a_comment_whose_question_was_deleted_is_asked_again(client_for):
    comment = make_comment()
    browser = client_for(comment.author)
    browser.post(ask(comment), data=sent(comment, key="one-form"))
    first = only_question()
    delete_post(first, by=first.author)
    assert f'href="{ask(comment)}"' in browser.get(post_address(comment.post)).text
    assert browser.get(ask(comment)).status_code == 200
    response = browser.post(ask(comment), data=sent(comment, key="another"))
    assert response.location != post_address(first)
    assert db.session.query(Question).filter_by(from_comment_id=comment.id).one().id != first.id


def test_what_cannot_be_asked_is_refused_before_anything_is_written(client_for):
    comment, moderator = make_comment(), client_for(make_moderator())
    with transaction():
        comment.hidden_at = now()
    assert "is not shown any more" in moderator.get(ask(comment)).text
    assert moderator.post(ask(comment), data=sent(comment)).status_code == 409
    with transaction():
        comment.hidden_at = None
    question = ask_comment(comment, by=comment.author, title="Who takes the full boxes?", body=BODY)
    hide_post(question, by=make_moderator(), reason="Unsafe.")
    refused = client_for(comment.author).get(ask(comment))
    assert (refused.status_code, "asked as a question already" in refused.text) == (409, True)


def test_nothing_is_asked_in_the_name_of_someone_who_left_the_group(client_for):
    member = make_person()
    group = make_private_group(member)
    comment = make_comment(make_idea(by=member, group=group), by=make_person())
    browser = client_for(make_moderator())
    for response in (browser.get(ask(comment)), browser.post(ask(comment), data=sent(comment))):
        assert response.status_code == 403
        assert "left the group" in response.text
    assert db.session.query(Question).count() == 0


def test_two_who_ask_it_at_once_make_one_question(app):
    comment = make_comment()
    people, comment_id, refused = [comment.author_id, make_moderator().id], comment.id, []

    def publish(person_id: int) -> None:
        with app.app_context():
            own = db.session.get_one(Comment, comment_id)
            person = db.session.get_one(User, person_id)
            try:
                ask_comment(own, by=person, title="Who takes the full boxes?", body=BODY)
            except Conflict:
                refused.append(person_id)

    threads = [threading.Thread(target=publish, args=(person_id,)) for person_id in people]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.session.query(Question).count() == 1
    assert len(refused) == 1


def test_a_wrong_form_or_a_preview_comes_back_with_what_was_typed(client_for):
    comment = make_comment()
    browser = client_for(comment.author)
    response = browser.post(ask(comment), data=sent(comment, title="Boxes?"))
    assert response.status_code == 422
    assert f'action="{ask(comment)}"' in response.text
    assert f"{BODY}</textarea>" in response.text
    preview = browser.post(ask(comment), data=sent(comment, preview="1"))
    assert (preview.status_code, "<strong>full</strong>" in preview.text) == (200, True)
    assert db.session.query(Question).count() == 0


def test_nobody_else_asks_it(client, client_for):
    comment = make_comment()
    assert client.get(ask(comment)).location.startswith("/sign-in")
    stranger = client_for(make_person())
    assert stranger.get(ask(comment)).status_code == 403
    assert stranger.post(ask(comment), data=sent(comment)).status_code == 403
    assert ask(comment) not in stranger.get(post_address(comment.post)).text
    assert db.session.query(Question).count() == 0


def test_a_comment_of_a_private_group_is_asked_in_it_and_is_not_there_for_strangers(client, client_for):
    member = make_person()
    group = make_private_group(member)
    comment = make_comment(make_idea(by=member, group=group), by=member)
    stranger = client_for(make_person())
    assert stranger.get(ask(comment)).status_code == 404
    assert stranger.post(ask(comment), data=sent(comment)).status_code == 404
    assert client_for(make_moderator()).post(ask(comment), data=sent(comment)).status_code == 303
    question = only_question()
    assert question.group_id == group.id
    assert client.get(post_address(question)).status_code == 404


def test_a_comment_on_a_question_or_a_removed_one_cannot_be_asked(client_for):
    moderator = client_for(make_moderator())
    assert moderator.get(ask(make_comment(make_question()))).status_code == 404
    removed = make_comment()
    delete_comment(removed, by=removed.author)
    assert moderator.get(ask(removed)).status_code == 404


def test_whoever_cannot_see_the_question_is_not_told_of_it(client, client_for):
    comment = make_comment()
    question = ask_comment(comment, by=comment.author, title="Who takes the full boxes?", body=BODY)
    with transaction():
        question.hidden_at = now()
    for browser in (client, client_for(make_person())):
        assert "Asked as a question" not in browser.get(post_address(comment.post)).text


@pytest.fixture
def question(app):
    """About an idea, with two answers and a remark, all of some days ago."""
    ago = [now() - timedelta(days=days) for days in (9, 8, 7, 6)]
    question = make_question(
        title="Who takes the full boxes?",
        body="We have *nine* of them.",
        tried="The shop said no.",
        place="Tema",
        country="GH",
        about=f"idea-{make_idea().id}",
        published_at=ago[0],
    )
    make_answer(question, body="The depot takes them on Fridays.", created_at=ago[1])
    make_answer(question, body="Ask the school inspector first.", created_at=ago[2])
    remark = post_comment(question, by=make_person(), body="Which depot?", created_at=ago[3])
    post_comment(question, by=make_person(), body="That at the harbour.", parent=remark)
    return question


def become(question: Question) -> str:
    return f"/questions/{question.id}/comment"


def test_a_question_becomes_a_comment_with_its_answers_as_replies(client, client_for, question):
    address, idea_id = post_address(question), question.idea_id
    answers = db.session.execute(db.text("select author_id, created_at, body from answer order by id")).all()
    browser = client_for(question.author)
    assert f'href="{become(question)}"' in browser.get(address).text
    assert "Make the question a comment?" in browser.get(become(question)).text
    response = browser.post(become(question))
    comment, first, second, remark, reply = db.session.query(Comment).filter_by(post_id=idea_id).order_by(Comment.id)
    assert response.location.endswith(f"#comment-{comment.id}")
    assert (comment.author_id, comment.created_at) == (question.author_id, question.published_at)
    for words in ("Who takes the full boxes?", "We have *nine* of them.", "The shop said no.", "Tema, Ghana"):
        assert words in comment.body
    assert [(each.author_id, each.body) for each in (first, second)] == [(row[0], row[2]) for row in answers]
    assert [each.parent_id for each in (first, second, remark, reply)] == [comment.id] * 3 + [remark.id]
    assert first.created_at < second.created_at < remark.created_at
    page = client.get(response.location).text
    assert "The depot takes them on Fridays." in page
    assert "made a question a comment here" in client.get(f"/ideas/{idea_id}/revisions").text


def test_the_question_leaves_the_lists_and_its_address_leads_to_the_comment(client, client_for, question):
    address, asker = post_address(question), question.author
    client_for(asker).post(become(question))
    assert "Who takes the full boxes?" not in client.get("/questions").text
    moved = client.get(address)
    assert moved.status_code == 301
    assert f"/ideas/{question.idea_id}/" in moved.location
    assert f"#comment-{question.became_comment_id}" in moved.location
    answer = client_for(make_person()).post(
        f"/questions/{question.id}/answers", data={"body": "An answer that came a moment too late."}
    )
    assert answer.status_code == 410
    assert "An answer that came a moment too late." in answer.text


def test_its_address_tells_nothing_where_the_comment_cannot_be_read(client, client_for, question):
    client_for(question.author).post(become(question))
    delete_comment(db.session.get_one(Comment, question.became_comment_id), by=question.author)
    assert client.get(f"/questions/{question.id}").status_code == 410


def asked(comment: Comment, **changes) -> Question:
    written = {"title": "Who takes the full boxes", "body": BODY, "about": f"idea-{comment.post_id}", **changes}
    return ask_comment(comment, by=comment.author, **written)


def test_a_question_that_says_what_its_comment_said_goes_back_to_it(client_for):
    comment = make_comment()
    question = asked(comment)
    make_answer(question, body="The depot takes them on Fridays.")
    browser = client_for(make_moderator())
    assert browser.post(become(question)).location.endswith(f"#comment-{comment.id}")
    assert db.session.query(Comment).count() == 2
    page = browser.get(post_address(comment.post)).text
    assert "Asked as a question" not in page
    assert browser.post(ask(comment), data=sent(comment)).status_code == 303


def test_what_a_question_says_beyond_its_comment_is_a_reply_of_the_asker_to_it(client_for):
    comment = make_comment()
    day = now().date() + timedelta(days=30)
    context = {"tried": "The shop said no.", "place": "Tema", "wanted": "contact", "needed_by": day}
    question = asked(comment, body="We have nine of them now.", **context)
    make_answer(question, body="The depot takes them on Fridays.")
    client_for(make_moderator()).post(become(question))
    first, written, answer = db.session.query(Comment).order_by(Comment.id)
    assert (first.body, written.parent_id, answer.parent_id) == (BODY, first.id, written.id)
    assert (written.author_id, question.became_comment_id) == (comment.author_id, written.id)
    for words in ("Who takes the full boxes", "nine of them now", "The shop said no.", "Where it happens: Tema"):
        assert words in written.body
    assert "What kind of answer helps: Whom to ask" in written.body
    assert f"Needed by: {format_date(day, 'long')}" in written.body


def test_the_sources_of_an_answer_come_along(client_for, question):
    make_answer(question, body="The rule says so.", sources=["https://example.org/rule", "My own shop"])
    client_for(question.author).post(become(question))
    bodies = [comment.body for comment in db.session.query(Comment)]
    assert "The rule says so.\n\nSources:\n\n- https://example.org/rule\n- My own shop" in bodies


def test_whoever_follows_the_question_follows_the_idea(client_for, question):
    reader = make_person()
    follow(question, by=reader)
    follow(db.session.get_one(Idea, question.idea_id), by=reader)
    following = {person.id for person in followers_of(question)}
    client_for(question.author).post(become(question))
    assert following <= {row.user_id for row in db.session.query(Follow).filter_by(post_id=question.idea_id)}


def test_what_is_moved_is_neither_recorded_nor_announced_as_if_it_were_written_now(client_for, question):
    moderator = make_moderator()
    before, heard = db.session.query(JournalEntry).count(), []
    with comment_posted.connected_to(heard.append):
        client_for(moderator).post(become(question))
    new = db.session.query(JournalEntry).order_by(JournalEntry.id).offset(before).all()
    assert [(entry.action, entry.by_id, entry.post_id, entry.person_id) for entry in new] == [
        ("question_became_comment", moderator.id, question.idea_id, question.author_id)
    ]
    assert heard == []
    assert db.session.get_one(Idea, question.idea_id).comment_count == 5


def test_the_page_before_says_what_does_not_come_along(client_for, question):
    page = client_for(question.author).get(become(question)).text
    for words in ("does not come along", "whom an answer helped", "endorsements"):
        assert words in page


def test_no_question_becomes_a_comment_on_a_hidden_idea(client_for, question):
    hide_post(db.session.get_one(Idea, question.idea_id), by=make_moderator(), reason="Unsafe.")
    browser = client_for(make_moderator())
    assert become(question) not in browser.get(post_address(question)).text
    assert browser.get(become(question)).status_code == 404
    assert browser.post(become(question)).status_code == 409


def test_hidden_and_deleted_answers_stay_behind(client_for, question):
    first, second = db.session.query(Answer).order_by(Answer.id)
    delete_answer(first, by=first.author)
    with transaction():
        second.hidden_at = now()
    client_for(question.author).post(become(question))
    bodies = [comment.body for comment in db.session.query(Comment).filter_by(post_id=question.idea_id)]
    assert not any("Fridays" in body or "inspector" in body for body in bodies)


def test_nobody_else_makes_a_question_a_comment(client, client_for, question):
    assert client.get(become(question)).location.startswith("/sign-in")
    assert client.post(become(question)).location.startswith("/sign-in")
    stranger = client_for(make_person())
    assert stranger.get(become(question)).status_code == 403
    assert stranger.post(become(question)).status_code == 403
    assert become(question) not in stranger.get(post_address(question)).text


def test_what_is_said_in_a_group_stays_in_it(client_for):
    member = make_person()
    idea = make_idea()
    question = make_question(by=member, group=make_private_group(member), about=f"idea-{idea.id}")
    browser = client_for(member)
    assert become(question) not in browser.get(post_address(question)).text
    assert browser.get(become(question)).status_code == 404
    assert browser.post(become(question)).status_code == 409
    assert client_for(make_person()).get(become(question)).status_code == 404
    assert db.session.query(Comment).count() == 0


def test_a_question_about_nothing_or_about_an_idea_that_is_gone_stays_one(client_for, question):
    plain = make_question()
    assert client_for(plain.author).post(become(plain)).status_code == 409
    idea = db.session.get_one(Idea, question.idea_id)
    delete_post(idea, by=idea.author)
    assert client_for(question.author).post(become(question)).status_code == 409
