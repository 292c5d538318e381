"""Feature, hide and restore: who may, what it does, what is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.commands import post_comment
from app.forum.models import Post
from app.ideas.models import Idea
from app.jobs.commands import run_all_jobs
from app.moderation.commands import feature_idea, hide_answer, hide_comment, hide_post, restore_answer, unfeature_idea
from app.moderation.models import ModerationAction
from app.notices.queries import notices_to
from app.questions.commands import accept_answer
from app.questions.models import Answer
from app.refusals import Conflict, NotAllowed
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User], FlaskClient]
REASON = "it says plainly what failed"


def address(room: str, subject_id: int) -> str:
    return f"/moderation/{room}/{subject_id}/decisions"


def decision(action: str, reason: str = REASON) -> dict[str, str]:
    return {"action": action, "reason": reason}


def logged() -> list[tuple[str, str, str]]:
    actions = db.session.scalars(select(ModerationAction).order_by(ModerationAction.id))
    return [(action.action, action.subject_kind, action.reason) for action in actions]


def test_a_moderator_features_an_idea_and_everyone_reads_why(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea(title="Weigh every box on Fridays")
    response = client_for(make_moderator()).post(address("posts", idea.id), data=decision("feature"))
    assert (response.status_code, response.location) == (303, f"/ideas/{idea.id}/{idea.slug}")
    page = client.get("/featured").text
    assert "Weigh every box on Fridays" in page
    assert f"Featured because {REASON}" in page
    assert logged() == [("feature", "idea", REASON)]


def test_featuring_again_changes_the_reason(client: FlaskClient) -> None:
    idea, moderator = make_idea(), make_moderator()
    feature_idea(idea, by=moderator, reason=REASON)
    feature_idea(idea, by=moderator, reason="it answers the fire officer")
    page = client.get("/featured").text
    assert "it answers the fire officer" in page
    assert REASON not in page


def test_an_idea_that_is_no_longer_featured_leaves_the_page_but_not_the_log(
    client: FlaskClient, client_for: ClientFor
) -> None:
    idea, moderator = make_idea(title="Weigh every box on Fridays"), make_moderator()
    feature_idea(idea, by=moderator, reason=REASON)
    client_for(moderator).post(address("posts", idea.id), data=decision("unfeature", "the numbers were wrong"))
    assert "Weigh every box" not in client.get("/featured").text
    assert [action for action, *_ in logged()] == ["feature", "unfeature"]
    with pytest.raises(Conflict):
        unfeature_idea(idea, by=moderator, reason=REASON)


def test_an_idea_of_a_private_group_is_not_featured() -> None:
    author = make_person()
    idea = make_idea(by=author, group=make_private_group(author))
    with pytest.raises(Conflict):
        feature_idea(idea, by=make_moderator(), reason=REASON)
    assert logged() == []


def test_a_hidden_idea_is_gone_for_others_and_comes_back_when_restored(
    client: FlaskClient, client_for: ClientFor
) -> None:
    idea, moderator = make_idea(), client_for(make_moderator())
    page = f"/ideas/{idea.id}/{idea.slug}"
    moderator.post(address("posts", idea.id), data=decision("hide", "advises to open batteries"))
    assert client.get(page).status_code == 404
    assert moderator.get(page).status_code == 200
    moderator.post(address("posts", idea.id), data=decision("restore", "the advice was removed"))
    assert client.get(page).status_code == 200
    assert logged() == [("hide", "idea", "advises to open batteries"), ("restore", "idea", "the advice was removed")]


def test_a_hidden_idea_is_not_on_the_featured_page(client: FlaskClient) -> None:
    idea, moderator = make_idea(title="Weigh every box on Fridays"), make_moderator()
    feature_idea(idea, by=moderator, reason=REASON)
    hide_post(idea, by=moderator, reason="unsafe advice")
    assert "Weigh every box" not in client.get("/featured").text


def test_a_question_is_hidden_too(client: FlaskClient, client_for: ClientFor) -> None:
    question = make_question()
    client_for(make_moderator()).post(address("posts", question.id), data=decision("hide", "advertises a shop"))
    assert client.get(f"/questions/{question.id}/{question.slug}").status_code == 404
    assert logged() == [("hide", "question", "advertises a shop")]


def test_a_question_is_not_featured(client_for: ClientFor) -> None:
    response = client_for(make_moderator()).post(address("posts", make_question().id), data=decision("feature"))
    assert response.status_code == 409
    assert logged() == []


def test_a_hidden_comment_is_not_shown_or_counted(client: FlaskClient, client_for: ClientFor) -> None:
    idea, moderator = make_idea(), client_for(make_moderator())
    comment = post_comment(idea, by=make_person(), body="Buy your batteries at my shop!")
    response = moderator.post(address("comments", comment.id), data=decision("hide", "advertising"))
    assert response.location.endswith(f"#comment-{comment.id}")
    assert "Buy your batteries" not in client.get(f"/ideas/{idea.id}/{idea.slug}").text
    assert count_of_comments(idea) == 0
    moderator.post(address("comments", comment.id), data=decision("restore", "it was a joke among friends"))
    assert "Buy your batteries" in client.get(f"/ideas/{idea.id}/{idea.slug}").text
    assert count_of_comments(idea) == 1


def test_a_hidden_answer_is_not_shown_counted_or_accepted(client: FlaskClient, client_for: ClientFor) -> None:
    question = make_question()
    answer = make_answer(question, body="Just burn the cables at night.")
    accept_answer(answer, by=question.author)
    moderator = client_for(make_moderator())
    moderator.post(address("answers", answer.id), data=decision("hide", "dangerous"))
    assert "burn the cables" not in client.get(f"/questions/{question.id}/{question.slug}").text
    db.session.expire_all()
    assert (question.answer_count, question.accepted_answer_id) == (0, None)
    moderator.post(address("answers", answer.id), data=decision("restore", "the author added the safe way"))
    assert "burn the cables" in client.get(f"/questions/{question.id}/{question.slug}").text
    db.session.expire_all()
    assert (question.answer_count, question.accepted_answer_id) == (1, answer.id)


def count_of_comments(idea: Idea) -> int:
    db.session.expire_all()
    return idea.comment_count


@pytest.mark.parametrize("action", ["feature", "hide"])
def test_a_stranger_decides_nothing(client: FlaskClient, client_for: ClientFor, action: str) -> None:
    idea = make_idea()
    assert client.post(address("posts", idea.id), data=decision(action)).status_code == 401
    assert client_for(idea.author).post(address("posts", idea.id), data=decision(action)).status_code == 403
    assert client_for(idea.author).get(f"/moderation/posts/{idea.id}").status_code == 403
    assert logged() == []
    with pytest.raises(NotAllowed):
        hide_post(idea, by=idea.author, reason=REASON)


@pytest.mark.parametrize("reason", ["", "bad", "x" * 301])
def test_a_decision_needs_a_reason_of_some_words(client_for: ClientFor, reason: str) -> None:
    idea = make_idea(title="Weigh every box on Fridays")
    response = client_for(make_moderator()).post(address("posts", idea.id), data=decision("hide", reason))
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert "Weigh every box on Fridays" in response.text
    assert reason in response.text
    assert logged() == []


def test_an_unknown_action_is_asked_for_again(client_for: ClientFor) -> None:
    response = client_for(make_moderator()).post(address("posts", make_idea().id), data=decision("destroy"))
    assert response.status_code == 422
    assert "Choose what to do." in response.text


@pytest.mark.parametrize("room", ["posts", "comments", "answers"])
def test_what_is_not_there_cannot_be_decided_about(client_for: ClientFor, room: str) -> None:
    moderator = client_for(make_moderator())
    assert moderator.get(f"/moderation/{room}/4711").status_code == 404
    assert moderator.post(address(room, 4711), data=decision("hide")).status_code == 404
    assert moderator.get("/moderation/people/1").status_code == 404


def test_what_is_hidden_is_not_hidden_again() -> None:
    idea, moderator = make_idea(), make_moderator()
    comment, answer = post_comment(idea, by=moderator, body="Hello"), make_answer()
    for hide, subject in ((hide_post, idea), (hide_comment, comment), (hide_answer, answer)):
        hide(subject, by=moderator, reason=REASON)
        with pytest.raises(Conflict):
            hide(subject, by=moderator, reason=REASON)
    assert [kind for _, kind, _ in logged()] == ["idea", "comment", "answer"]


def test_the_post_a_moderator_reads_offers_what_fits_it(client_for: ClientFor) -> None:
    idea, question, moderator = make_idea(), make_question(), make_moderator()
    browser = client_for(moderator)
    page = browser.get(f"/ideas/{idea.id}/{idea.slug}").text
    assert offered(page) == {"feature", "hide"}
    feature_idea(idea, by=moderator, reason=REASON)
    assert offered(browser.get(f"/ideas/{idea.id}/{idea.slug}").text) == {"feature", "unfeature", "hide"}
    assert offered(browser.get(f"/questions/{question.id}/{question.slug}").text) == {"hide"}
    hide_post(question, by=moderator, reason=REASON)
    assert offered(browser.get(f"/questions/{question.id}/{question.slug}").text) == {"restore"}


def test_others_see_no_tools(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea()
    for browser in (client, client_for(idea.author)):
        assert offered(browser.get(f"/ideas/{idea.id}/{idea.slug}").text) == set()


def offered(page: str) -> set[str]:
    return {
        action for action in ("feature", "unfeature", "hide", "restore") if f'name="action" value="{action}"' in page
    }


def test_a_restored_answer_is_accepted_again_without_thanking_anew() -> None:
    answer, moderator = make_answer(), make_moderator()
    accept_answer(answer, by=answer.question.author)
    hide_answer(answer, by=moderator, reason="It sells something.")
    restore_answer(answer, by=moderator, reason="It sells nothing.")
    run_all_jobs()
    assert answer.question.accepted_answer_id == answer.id
    assert [row.by.id for row in notices_to(answer.author) if row.kind == "thanks"] == [answer.question.author_id]


def test_a_restored_answer_is_not_accepted_in_place_of_another() -> None:
    question, moderator = make_question(), make_moderator()
    answer, other = make_answer(question), make_answer(question)
    accept_answer(answer, by=question.author)
    hide_answer(answer, by=moderator, reason="It sells something.")
    accept_answer(other, by=question.author)
    restore_answer(answer, by=moderator, reason="It sells nothing.")
    assert question.accepted_answer_id == other.id


def test_comments_and_answers_lead_a_moderator_to_their_decisions(client_for: ClientFor) -> None:
    answer, moderator = make_answer(), client_for(make_moderator())
    question: Post = answer.question
    comment = post_comment(question, by=make_person(), body="Which depot?")
    page = moderator.get(f"/questions/{question.id}/{question.slug}").text
    assert f"/moderation/comments/{comment.id}" in page
    assert f"/moderation/answers/{answer.id}" in page
    assert "Which depot?" in moderator.get(f"/moderation/comments/{comment.id}").text
    assert answer.body in moderator.get(f"/moderation/answers/{answer.id}").text


def test_a_deleted_answer_cannot_be_decided_about(client_for: ClientFor) -> None:
    answer: Answer = make_answer()
    browser = client_for(answer.author)
    browser.post(f"/answers/{answer.id}/deletion")
    assert client_for(make_moderator()).get(f"/moderation/answers/{answer.id}").status_code == 404
