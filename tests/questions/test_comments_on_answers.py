"""A short thread below each answer: who sees it, what it counts, and what comes back."""

from __future__ import annotations

import pytest

from app.database import db, now, transaction
from app.forum.commands import delete_comment, post_comment
from app.forum.events import comment_posted
from app.forum.models import Comment
from app.forum.queries import comment_thread, comment_threads
from app.journal.models import JournalEntry
from app.moderation.commands import hide_answer, hide_comment, restore_answer
from app.questions.commands import comment_on_answer, delete_answer
from app.questions.models import Answer, Question
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question


def address(question: Question) -> str:
    return f"/questions/{question.id}/{question.slug}"


def path(answer: Answer) -> str:
    return f"/answers/{answer.id}/comments"


def counted(question: Question) -> int:
    db.session.expire_all()
    return question.comment_count


def remark(answer: Answer, **facts: object) -> Comment:
    return comment_on_answer(answer, **{"by": make_person(), "body": "Which gate do you mean?", **facts})


def test_a_comment_stands_below_its_answer_and_is_counted_with_its_question(client_for, client):
    answer, heard = make_answer(), []
    other = make_answer(answer.question)
    post_comment(answer.question, by=make_person(), body="On the question.")
    with comment_posted.connected_to(lambda comment: heard.append(comment.answer_id)):
        response = client_for(make_person()).post(path(answer), data={"body": "Which **gate**?"})
    comment = db.session.query(Comment).filter_by(answer_id=answer.id).one()
    assert (response.status_code, response.location) == (303, f"{address(answer.question)}#comment-{comment.id}")
    assert heard == [answer.id]
    assert counted(answer.question) == 2
    threads = comment_threads(make_person(), answer.question_id)
    assert [row.id for row in threads[answer.id]] == [comment.id]
    assert [row.body for row in threads[None]] == ["On the question."]
    assert threads[other.id] == []
    page = client.get(address(answer.question)).text
    begin, end = page.index(f'id="answer-{answer.id}-comments"'), page.index(f'id="answer-{other.id}"')
    assert begin < page.index(f'id="comment-{comment.id}"') < end
    assert 'Comments <span class="count">1</span>' in page


def test_a_guest_reads_and_is_asked_to_sign_in(client):
    answer = make_answer()
    remark(answer)
    assert client.post(path(answer), data={"body": "Good."}).location.startswith("/sign-in")
    page = client.get(address(answer.question)).text
    assert "Which gate do you mean?" in page
    assert path(answer) not in page


@pytest.mark.parametrize("body", ["", " \n ", "y" * 8001])
def test_a_wrong_comment_comes_back_in_its_place_with_what_was_typed(client_for, body):
    answer = make_answer()
    make_answer(answer.question)
    response = client_for(make_person()).post(path(answer), data={"body": body})
    assert response.status_code == 422
    assert response.text.count("There is a problem") == 1
    assert f'href="#comment-on-answer-{answer.id}"' in response.text
    assert response.text.count("<details open>\n    <summary") == 1
    assert response.text.count("y" * 8001) == ("y" in body)
    assert db.session.query(Comment).count() == 0


def test_without_script_a_preview_shows_the_comment_and_saves_nothing(client_for):
    answer = make_answer()
    response = client_for(make_person()).post(path(answer), data={"body": "Which **gate**?", "preview": "1"})
    assert response.status_code == 200
    assert "Which <strong>gate</strong>?" in response.text
    assert response.text.count("Which **gate**?</textarea>") == 1
    assert "There is a problem" not in response.text
    assert db.session.query(Comment).count() == 0


def test_with_scripts_the_thread_finds_itself_in_the_page(client_for):
    answer = make_answer()
    browser, target = client_for(make_person()), f"answer-{answer.id}-comments"
    for body in ("", "Which gate?"):
        page = browser.fragment(path(answer), target, method="POST", data={"body": body}, follow_redirects=True).text
        assert page.count(f'id="{target}"') == 1
        assert f'hx-select="#{target}"' in page
    assert "<p>Which gate?</p>" in page


def test_nobody_comments_on_what_they_cannot_see(client_for):
    member, stranger = make_person(), client_for(make_person())
    private = make_answer(make_question(by=member, group=make_private_group(member)))
    hidden, gone = make_answer(), make_answer()
    hide_answer(hidden, by=make_moderator(), reason="unsafe advice")
    delete_answer(gone, by=gone.author)
    for answer in (private, hidden, gone):
        assert stranger.post(path(answer), data={"body": "Hello"}).status_code == 404
    assert stranger.post("/answers/4711/comments", data={"body": "Hello"}).status_code == 404
    assert client_for(member).post(path(private), data={"body": "Hello"}).status_code == 303


def test_a_reply_on_the_question_cannot_hang_on_a_comment_of_an_answer(client_for):
    answer = make_answer()
    comment = remark(answer)
    data = {"body": "Lost.", "parent": str(comment.id)}
    assert client_for(make_person()).post(f"/posts/{answer.question_id}/comments", data=data).status_code == 404
    client_for(make_person()).post(path(answer), data=data)
    assert [row.replies for row in comment_threads(make_person(), answer.question_id)[answer.id]] == [[], []]


def test_its_author_deletes_it_and_others_may_not(client_for, client):
    answer = make_answer()
    comment = remark(answer, body="A hasty word.")
    deletion = f"/comments/{comment.id}/deletion"
    assert client_for(answer.author).post(deletion).status_code == 403
    assert deletion not in client_for(answer.author).get(address(answer.question)).text
    author = client_for(comment.author)
    assert deletion in author.get(address(answer.question)).text
    assert author.post(deletion).location == f"{address(answer.question)}#answer-{answer.id}"
    assert counted(answer.question) == 0
    assert "A hasty word." not in client.get(address(answer.question)).text


def test_a_hidden_comment_is_for_moderators_alone(client_for, client):
    answer, moderator = make_answer(), make_moderator()
    comment = remark(answer, body="Burn the cables at night.")
    hide_comment(comment, by=moderator, reason="unsafe advice")
    assert counted(answer.question) == 0
    assert "Burn the cables" not in client.get(address(answer.question)).text
    assert "Burn the cables" in client_for(moderator).get(address(answer.question)).text
    assert f"#comment-{comment.id}" in client_for(moderator).get(f"/moderation/comments/{comment.id}").text


def test_comments_come_and_go_with_their_answer(client_for, client):
    answer, moderator = make_answer(), make_moderator()
    comment = remark(answer, body="So I did, and it burned.")
    deletion = f"/comments/{comment.id}/deletion"
    hide_answer(answer, by=moderator, reason="unsafe advice")
    assert counted(answer.question) == 0
    assert "it burned" not in client.get(address(answer.question)).text
    assert client_for(comment.author).post(deletion).status_code == 404
    assert "it burned" in client_for(moderator).get(address(answer.question)).text
    assert client_for(moderator).get(f"/moderation/comments/{comment.id}").status_code == 200
    restore_answer(answer, by=moderator, reason="it was safe")
    assert counted(answer.question) == 1
    delete_answer(answer, by=answer.author)
    assert counted(answer.question) == 0
    for browser in (client_for(comment.author), client_for(moderator)):
        assert browser.post(deletion).status_code == 404
        assert "it burned" not in browser.get(address(answer.question)).text


def test_a_hidden_comment_of_a_deleted_answer_waits_for_no_moderator(client_for, client):
    answer, moderator = make_answer(), make_moderator()
    comment = remark(answer, body="Burn the cables at night.")
    hide_comment(comment, by=moderator, reason="unsafe advice")
    assert "Burn the cables" in client_for(moderator).get("/moderation").text
    delete_answer(answer, by=answer.author)
    assert "Burn the cables" not in client_for(moderator).get("/moderation").text
    assert address(answer.question) not in client_for(moderator).get("/moderation/log").text


def test_the_log_names_no_comment_on_an_answer_that_the_reader_may_not_see(client):
    answer, moderator = make_answer(), make_moderator()
    comment = remark(answer)
    hide_comment(comment, by=moderator, reason="a mistake of mine")
    with transaction():
        comment.hidden_at, answer.hidden_at = None, now()
    assert address(answer.question) not in client.get("/moderation/log").text


def test_comments_are_written_down_for_whom_they_concern(client_for):
    answer = make_answer()
    on_answer, on_question = remark(answer), post_comment(answer.question, by=make_person(), body="On the question.")
    delete_comment(on_answer, by=make_moderator())
    entries = db.session.query(JournalEntry).filter(JournalEntry.action.like("comment%")).order_by(JournalEntry.id)
    assert [(entry.action, entry.answer_id, entry.person_id, entry.is_public) for entry in entries] == [
        ("comment_posted", answer.id, answer.author_id, False),
        ("comment_posted", None, on_question.post.author_id, False),
        ("comment_deleted", answer.id, on_answer.author_id, False),
    ]


def test_all_threads_of_a_page_take_two_queries(app, count_queries):
    question = make_question()
    for _ in range(3):
        answer = make_answer(question)
        for _ in range(3):
            remark(answer)
            post_comment(question, by=make_person(), body="On the question.")
    viewer, question_id = make_person(), question.id
    assert not viewer.is_moderator
    count_queries.clear()
    threads = comment_threads(viewer, question_id)
    assert len([each for each in count_queries if each.startswith("SELECT")]) == 2
    assert sorted(len(rows) for rows in threads.values()) == [3, 3, 3, 9]
    assert len(comment_thread(viewer, question_id)) == 9
