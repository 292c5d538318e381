"""What is published is a draft no more; until then nobody hears of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.database import db
from app.drafts.commands import give_up_draft, save_draft
from app.drafts.models import Draft, DraftVersion
from app.drafts.queries import IS_UNSENT
from app.forum.models import Comment, Follow, Post
from app.forum.queries import post_address
from app.groups.queries import challenge_group
from app.ideas.models import Idea
from app.jobs.models import Job
from app.journal.models import JournalEntry
from tests.drafts.conftest import kept, saved, typed
from tests.factories import make_idea, make_moderator, make_person, make_question
from tests.ideas.test_lineage import hide

pytestmark = pytest.mark.usefixtures("app")


def counted(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def keys() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Draft.key).where(IS_UNSENT)))


def whole(**facts: Any) -> dict[str, Any]:
    return {**typed(**facts), "key": facts.get("key", "a-key"), "group": str(challenge_group().id), "language": "en"}


def test_a_published_idea_is_a_draft_no_more(client_for):
    browser = client_for(make_person())
    kept(browser)
    kept(browser, key="another")
    answer = browser.post("/ideas", data=whole())
    assert answer.status_code == 303
    assert keys() == ["another"]
    assert "drafts-done=a-key" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("was_kept", [True, False])
def test_what_comes_of_a_form_after_it_was_sent_is_not_kept(client_for, was_kept):
    browser = client_for(make_person())
    token = kept(browser) if was_kept else ""
    assert browser.post("/ideas", data=whole()).status_code == 303
    late = saved(browser, seen=1, problem="Typed a moment before.")
    assert late.status_code == 410
    assert late.json["was_sent"]
    assert "was sent already" in browser.post("/drafts", data=typed(tab="", seen=1)).text
    assert "not published yet" not in browser.get("/ideas/new").text
    assert "Battery boxes" not in browser.get("/drafts").text
    assert browser.get(f"/drafts/{token or 'a-token'}").status_code == (303 if was_kept else 404)
    assert counted(DraftVersion) == 0
    assert saved(browser, key="another").status_code == 200
    assert saved(client_for(make_person())).status_code == 200


def test_a_draft_that_is_sent_while_its_answer_is_made_was_sent(client_for, monkeypatch):
    def overtaken(typed, *, by):
        draft = save_draft(typed, by=by)
        give_up_draft(draft.key, by=by)
        return draft

    monkeypatch.setattr("app.drafts.views.commands.save_draft", overtaken)
    answer = saved(client_for(make_person()))
    assert answer.status_code == 410
    assert answer.json["was_sent"]


def test_a_comment_sent_while_it_is_saved_for_the_first_time_leaves_no_draft(app, client_for):
    idea, browser = make_idea(), client_for(make_person())
    form = typed(f"comment-{idea.id}", body="I can empty them.")
    cookie, sent_to = browser.get_cookie("commons").value, f"/posts/{idea.id}/comments"

    def post(path: str) -> int:
        other = FlaskClient(app, app.response_class)
        other.set_cookie("commons", cookie)
        return other.post(path, data=form, headers={"HX-Request": "true"} if path == "/drafts" else {}).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(post, ["/drafts", "/drafts", "/drafts", sent_to, "/drafts", "/drafts"]))
    assert codes[3] == 303
    assert set(codes) <= {200, 303, 410}
    assert keys() == []


def test_a_text_whose_draft_cannot_be_given_up_is_not_published(client_for, monkeypatch):
    browser = client_for(make_person())
    kept(browser)

    def fail(*_facts: Any, **_named: Any) -> None:
        raise OperationalError("delete", {}, Exception("away"))

    monkeypatch.setattr("app.drafts.commands.give_up_draft", fail)
    assert browser.post("/ideas", data=whole()).status_code == 503
    assert counted(Post) == 0
    assert len(keys()) == 1


def test_a_refused_form_stays_a_draft(client_for):
    browser = client_for(make_person())
    kept(browser)
    answer = browser.post("/ideas", data=whole(title="Short"))
    assert answer.status_code == 422
    assert "drafts-done" not in answer.headers.get("Set-Cookie", "")
    assert len(keys()) == 1


def test_saved_changes_and_posted_answers_and_comments_are_drafts_no_more(client_for):
    person = make_person()
    idea, question = make_idea(by=person), make_question()
    browser = client_for(person)
    sent = {
        f"/ideas/{idea.id}/revisions": typed(f"idea-revision-{idea.id}", key="one", stage="refining", language="en"),
        f"/questions/{question.id}/answers": typed(f"answer-{question.id}", key="two", body="The depot takes them."),
        f"/posts/{idea.id}/comments": typed(f"comment-{idea.id}", key="three", body="I can empty them."),
    }
    sent[f"/ideas/{idea.id}/revisions"]["seen"] = "1"
    for path, form in sent.items():
        browser.post("/drafts", data=form)
        assert len(keys()) == 1
        assert browser.post(path, data=form).status_code == 303, path
        assert keys() == []


def test_a_key_of_others_gives_up_nothing_of_theirs(client_for):
    kept(client_for(make_person()))
    client_for(make_person()).post("/ideas", data=whole())
    assert len(keys()) == 1


def test_a_draft_published_from_two_pages_at_once_becomes_one_idea(app, client_for):
    browser = client_for(make_person())
    token = kept(browser)
    pages = [browser.get(f"/ideas/new?draft={token}").text for _ in range(2)]
    assert all('name="draft-key" value="a-key"' in page for page in pages)
    cookie, form = browser.get_cookie("commons").value, whole(seen=1)

    def publish(number: int) -> str:
        other = FlaskClient(app, app.response_class)
        other.set_cookie("commons", cookie)
        return other.post("/ideas", data={**form, "draft-tab": f"tab-{number}"}).location

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(publish, range(4)))) == 1
    assert counted(Post) == 1
    assert keys() == []


def test_the_key_of_a_continued_form_is_that_which_it_was_begun_with(client_for):
    browser = client_for(make_person())
    token = kept(browser, key="a-key")
    browser.post("/drafts", data={**whole(seen=1), "draft-tab": "tab-1"})
    assert 'name="key" type="hidden" value="a-key"' in browser.get(f"/ideas/new?draft={token}").text


def test_nobody_hears_of_a_draft_and_nothing_finds_it(client_for, run_jobs):
    writer, other = make_person(), make_person()
    idea = make_idea()
    browser = client_for(writer)
    run_jobs()
    before = {model: counted(model) for model in (Job, JournalEntry, Follow, Post, Comment)}
    saved(browser, title="Zanzibar solder smoke", problem="Zanzibar is full of it.")
    saved(browser, key="a-comment", of=f"comment-{idea.id}", body="Zanzibar has such boxes.")
    run_jobs()
    assert {model: counted(model) for model in before} == before
    for each in (client_for(other), client_for(make_moderator()), browser):
        for path in ("/ideas", "/search?q=Zanzibar", f"/u/{writer.name}", "/ideas/feed.atom", post_address(idea)):
            is_own = each is browser and path == post_address(idea)
            text = each.get(path).text.replace('value="Zanzibar"', "").replace("q=Zanzibar", "")
            assert ("Zanzibar has" in text) == is_own, path
            assert "solder smoke" not in text, path


def test_the_address_of_a_shared_draft_leads_to_what_it_became(client_for, run_jobs):
    reader, stranger = make_person(), make_person()
    browser = client_for(make_person())
    token = kept(browser)
    browser.post(f"/drafts/{token}/readers", data={"names": reader.name})
    run_jobs()
    address = browser.post("/ideas", data=whole()).location
    for each in (browser, client_for(reader)):
        answer = each.get(f"/drafts/{token}")
        assert (answer.status_code, answer.location) == (303, address)
    assert f"/drafts/{token}" not in client_for(reader).get("/drafts").text
    assert "shares a draft with you" in client_for(reader).get("/notices").text
    assert client_for(stranger).get(f"/drafts/{token}").status_code == 404
    hide(db.session.scalars(select(Idea)).one())
    answer = client_for(reader).get(f"/drafts/{token}")
    assert answer.status_code == 410
    assert "is a draft no more" in answer.text
