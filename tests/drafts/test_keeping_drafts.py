"""What is typed is kept on the server, version by version, and comes back into its form."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from app.accounts.models import User
from app.database import db, now
from app.drafts.models import MOST_DRAFTS, MOST_VERSIONS, Draft, DraftVersion, Place
from app.forum.commands import delete_post, post_comment
from app.forum.queries import post_address
from app.groups.models import Membership
from tests.drafts.conftest import PROBLEM, kept, saved, token_in, typed
from tests.factories import make_answer, make_idea, make_person, make_private_group, make_question

pytestmark = pytest.mark.usefixtures("app")


def drafts() -> list[Draft]:
    db.session.rollback()
    return list(db.session.scalars(select(Draft).order_by(Draft.id)))


def numbers() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(DraftVersion.number).order_by(DraftVersion.number)))


def test_what_is_typed_is_kept_and_said_so(client_for):
    answer = saved(client_for(make_person()))
    assert answer.status_code == 200
    assert answer.json["version"] == 1
    (draft,) = drafts()
    assert (draft.title, draft.kind, draft.post_id) == ("Battery boxes in every school", "idea", None)
    assert answer.json["saved_at"] == draft.saved_at.isoformat()
    assert answer.json["address"] == f"/ideas/new?draft={draft.token}"


def test_the_same_text_sent_again_changes_nothing(client_for):
    browser = client_for(make_person())
    first, second = saved(browser).json, saved(browser).json
    assert first == second
    assert numbers() == [1]


def test_without_scripts_a_button_keeps_the_form_and_leads_back_into_it(client_for):
    browser = client_for(make_person())
    assert 'formaction="/drafts"' in browser.get("/ideas/new").text
    answer = browser.post("/drafts", data=typed(tab="", roles=["teacher"], country="GH"))
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert PROBLEM in page
    assert 'value="Battery boxes in every school"' in page
    assert 'name="roles" value="teacher" checked' in page
    assert 'name="draft-key" value="a-key"' in page
    assert 'name="draft-seen" value="1"' in page


def test_guests_and_forms_of_nothing_are_refused(client, client_for):
    assert client.post("/drafts", data={"draft-of": "idea", "title": "Short"}).status_code == 303
    assert client.post("/drafts", data=typed()).status_code == 401
    browser = client_for(make_person())
    for wrong in ("", "idea-7", "comment", "poem", "answer-revision-7", "idea-revision-0", "comment-7-", "comment-07"):
        assert saved(browser, of=wrong).status_code == 422, wrong
    assert saved(browser, key="two words").status_code == 422
    assert saved(browser, seen=2**31).status_code == 422
    assert browser.post("/ideas", data=typed(preview="1", seen=int("9" * 4000))).status_code == 200
    assert saved(browser, title="", problem=" ").status_code == 422
    assert saved(browser, problem="x" * 60_000).status_code == 422
    assert saved(browser, of="comment-999", body="Where?").status_code == 404
    assert drafts() == []


@pytest.mark.parametrize(
    "place",
    [
        Place("idea"),
        Place("comment", 7),
        Place("comment", 7, 0, 3),
        Place("comment", 7, 9),
        Place("answer-revision", 7, 9),
    ],
)
def test_a_place_is_read_as_it_is_written(place):
    assert Place.named(str(place)) == place


def test_another_page_does_not_overwrite_a_newer_text(client_for):
    browser = client_for(make_person())
    kept(browser)
    assert saved(browser, seen=1, tab="tab-2", problem="From the second page.").json["version"] == 2
    refused = saved(browser, seen=1, tab="tab-1", problem="From the first page.")
    assert refused.status_code == 409
    assert refused.json["version"] == 2
    assert numbers() == [1, 2]
    assert saved(browser, seen=2, tab="tab-1", problem="From the first page.").json["version"] == 3


def test_the_page_that_saved_last_goes_on_though_an_answer_was_lost(client_for):
    browser = client_for(make_person())
    kept(browser)
    saved(browser, seen=1, problem="One.")
    assert saved(browser, seen=1, problem="One. Two.").status_code == 200


def test_what_comes_late_from_the_same_page_does_not_become_the_newest(client_for):
    browser = client_for(make_person())
    token = kept(browser, problem="One.", **{"draft-turn": "1"})
    assert saved(browser, seen=1, problem="One. Two. Three.", **{"draft-turn": "9"}).json["version"] == 2
    late = saved(browser, seen=1, problem="One. Two.", **{"draft-turn": "5"})  # asked before, answered after
    assert (late.status_code, late.json["version"]) == (409, 2)
    assert "One. Two. Three." in browser.get(f"/ideas/new?draft={token}").text
    assert saved(browser, seen=2, problem="One.", **{"draft-turn": "10"}).json["version"] == 3


def test_without_scripts_the_newer_text_is_named_and_can_be_replaced_knowingly(client_for):
    browser = client_for(make_person())
    kept(browser)
    saved(browser, seen=1, tab="tab-2", problem="From the second page.")
    page = browser.post("/drafts", data=typed(tab="", seen=1, problem="From an old page."))
    assert page.status_code == 409
    assert 'name="draft-seen" value="2"' in page.text
    assert "From an old page." in page.text
    assert browser.post("/drafts", data=typed(tab="", seen=2, problem="From an old page.")).status_code == 303


def test_what_is_typed_on_goes_on_in_one_version_until_it_is_old_or_loses_text(client_for):
    browser = client_for(make_person())
    saved(browser, problem="One.")
    saved(browser, seen=1, problem="One. Two.")
    assert numbers() == [2]
    saved(browser, seen=2, problem="One.")
    assert numbers() == [2, 3]
    with time_machine.travel(now() + timedelta(minutes=3)):
        saved(browser, seen=3, problem="One. Three.")
    assert numbers() == [2, 3, 4]


@pytest.mark.parametrize("moved_to", ["costs", "problem"])
def test_a_text_that_others_took_the_place_of_stays_among_the_versions(client_for, moved_to):
    browser = client_for(make_person())
    saved(browser, problem="A whole paragraph about bins that burn at the school of Ho.")
    other = "Something else of at least the same length, pasted over it by mistake."
    saved(browser, seen=1, **{"problem": "", moved_to: other})
    assert numbers() == [1, 2]


def test_the_newest_versions_are_kept(client_for):
    browser = client_for(make_person())
    for number in range(MOST_VERSIONS + 5):
        saved(browser, seen=number, tab=f"tab-{number}", problem=f"Text {number}.")
    assert numbers() == list(range(6, MOST_VERSIONS + 6))


def test_the_writer_looks_at_an_earlier_version_and_goes_back_to_it(client_for):
    browser = client_for(make_person())
    token = kept(browser, problem="How it was.")
    saved(browser, seen=1, tab="tab-2", problem="How it is.")
    assert f"/drafts/{token}/versions/1" in browser.get(f"/drafts/{token}").text
    page = browser.get(f"/drafts/{token}/versions/1").text
    assert "How it was." in page
    assert "How it is." not in page
    assert browser.post(f"/drafts/{token}/versions/1/restoration").status_code == 303
    assert "How it was." in browser.get(f"/ideas/new?draft={token}").text
    assert numbers() == [1, 2, 3]
    assert browser.get(f"/drafts/{token}/versions/9").status_code == 404


def test_a_person_has_so_many_drafts_and_no_more(client_for):
    browser = client_for(make_person())
    for number in range(MOST_DRAFTS):
        assert saved(browser, key=f"key-{number}").status_code == 200
    refused = saved(browser, key="one-more")
    assert refused.status_code == 409
    assert "Delete one" in refused.text
    assert saved(browser, key="key-3", seen=1, problem="It still goes on.").status_code == 200


def test_keeping_is_slowed_after_sixty_a_minute(app, client_for):
    slow = create_app(replace(app.config["COMMONS"], rate_limits=True))
    slow.config.update(WTF_CSRF_ENABLED=False)
    slow.test_client_class = app.test_client_class
    browser = slow.test_client()
    browser.set_cookie("commons", client_for(make_person()).get_cookie("commons").value)
    codes = [saved(browser).status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    with slow.app_context():
        db.engine.dispose()


def test_the_first_save_sent_many_times_at_once_keeps_one_draft(app, client_for):
    cookie = client_for(make_person()).get_cookie("commons").value

    def send(number: int) -> int:
        other = FlaskClient(app, app.response_class)
        other.set_cookie("commons", cookie)
        sent = typed(tab=f"tab-{number}")
        return other.post("/drafts", data=sent, headers={"HX-Request": "true"}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(6))) == {200}
    assert len(drafts()) == 1


def test_two_people_may_have_forms_of_the_same_key(client_for):
    for _ in range(2):
        assert saved(client_for(make_person())).json["version"] == 1
    assert len(drafts()) == 2


# Each form finds its draft again


def test_a_form_offers_what_was_begun_in_it(client_for):
    browser = client_for(make_person())
    assert "not published yet" not in browser.get("/ideas/new").text
    token = kept(browser)
    saved(browser, key="another", title="A second idea of mine")
    page = browser.get("/ideas/new").text
    assert "You have 2 drafts that are not published yet." in page
    assert f"/ideas/new?draft={token}" in page
    assert f"/drafts/{token}/deletion" in page
    assert "A second idea of mine" in page
    assert "not published yet" not in browser.get("/ideas/new?afresh=1").text
    assert "not published yet" not in browser.get(f"/ideas/new?draft={token}").text
    assert "not published yet" not in browser.get("/questions/new").text


def test_a_revision_an_answer_and_comments_come_back_where_they_were_written(client_for):
    person = make_person()
    idea, question = make_idea(by=person), make_question(by=person)
    answer = make_answer(question, by=person)
    comment = post_comment(idea, by=make_person(), body="Who empties them?")
    browser = client_for(person)
    numbers = count(1)
    for of, fields in {
        f"idea-revision-{idea.id}": {"title": idea.title, "problem": "A longer text.", "seen": "1"},
        f"question-revision-{question.id}": {"title": question.title, "body": "A longer text.", "seen": "1"},
        f"answer-{question.id}": {"body": "A longer text."},
        f"answer-revision-{question.id}-{answer.id}": {"body": "A longer text.", "seen": "1"},
        f"comment-{idea.id}": {"body": "A longer text."},
        f"comment-{idea.id}-0-{comment.id}": {"body": "A longer text.", "parent": str(comment.id)},
        f"comment-{question.id}": {"body": "A longer text."},
        f"comment-{question.id}-{answer.id}": {"body": "A longer text."},
    }.items():
        sent = {**typed(of, key=f"key-{next(numbers)}"), **fields}
        continued = browser.post("/drafts", data={**sent, "draft-tab": ""}).location
        page = browser.get(continued)
        assert page.status_code == 200, of
        assert page.text.count("A longer text.") == 1, of
        key = sent["draft-key"]
        assert page.text.index(f'value="{of}"') < page.text.index(f'name="draft-key" value="{key}"'), of
    assert idea.sections["problem"] in browser.get(f"/ideas/{idea.id}/edit").text
    for path in (
        f"/ideas/{idea.id}/edit",
        post_address(idea),
        post_address(question),
        f"/questions/{question.id}/edit",
    ):
        assert "not published yet" in browser.get(path).text, path
    assert "not published yet" in browser.get(f"/answers/{answer.id}/edit").text


def test_what_a_comment_asks_for_comes_back_with_it(client_for):
    idea, browser = make_idea(), client_for(make_person())
    of, asked = f"comment-{idea.id}", {"section": "costs", "kind": "evidence"}
    assert saved(browser, of=of, key="empty", body="", **asked).status_code == 422
    page = browser.get(saved(browser, of=of, body="What does the sand cost?", **asked).json["address"]).text
    assert "What does the sand cost?" in page
    assert re.search(r'<option selected value="costs">', page)
    assert re.search(r'name="kind" value="evidence"[^>]* checked', page)
    assert drafts()[0].title == "What does the sand cost?"


def test_a_fork_is_named_by_its_first_words(client_for):
    saved(client_for(make_person()), fork=str(make_idea().id), title="", problem="Bins burn here too.")
    assert drafts()[0].title == "Bins burn here too."


def test_a_comment_that_becomes_a_question_is_kept_with_it(client_for):
    person = make_person()
    idea = make_idea()
    comment = post_comment(idea, by=person, body="Who empties the boxes on Fridays?")
    browser = client_for(person)
    of = f"question-of-comment-{idea.id}-0-{comment.id}"
    sent = saved(browser, of=of, title="Who empties them?", body="On Fridays.")
    assert sent.json["address"].startswith(f"/comments/{comment.id}/question?draft=")
    assert "Who empties them?" in browser.get(sent.json["address"]).text


def test_the_form_keeps_its_draft_when_it_comes_back(client_for):
    browser = client_for(make_person())
    kept(browser)
    for changes in ({"title": "Short"}, {"preview": "1"}):
        page = browser.post("/ideas", data={**typed(seen=1), "language": "en", **changes}).text
        assert 'name="draft-key" value="a-key"' in page
        assert 'name="draft-seen" value="1"' in page
        assert "not published yet" not in page
    assert len(drafts()) == 1


def test_a_draft_of_others_or_of_another_form_stays_out_of_the_form(client_for):
    token = kept(client_for(make_person()))
    assert PROBLEM not in client_for(make_person()).get(f"/ideas/new?draft={token}").text
    browser = client_for(make_person())
    token = kept(browser)
    assert PROBLEM not in browser.get(f"/questions/new?draft={token}").text


def test_what_cannot_be_seen_any_more_is_not_named_and_its_draft_is_not_lost(client_for):
    person = make_person()
    group = make_private_group(person)
    question = make_question(group=group, title="What do we pay the secret recycler?", by=person)
    browser = client_for(person)
    token = kept(browser, of=f"answer-{question.id}", body="Two cedis a kilogram.")
    db.session.delete(
        db.session.scalar(select(Membership).where(Membership.user_id == person.id, Membership.group_id == group.id))
    )
    db.session.commit()
    for path in ("/drafts", f"/drafts/{token}"):
        page = browser.get(path).text
        assert "Two cedis a kilogram." in page
        assert "secret recycler" not in page
        assert f"?draft={token}" not in page
    assert saved(browser, of=f"answer-{question.id}", seen=1, body="Three cedis.").status_code == 200


def test_a_draft_on_a_deleted_post_can_still_be_copied(client_for):
    person = make_person()
    idea = make_idea(by=person)
    browser = client_for(person)
    token = kept(browser, of=f"idea-revision-{idea.id}")
    delete_post(idea, by=person)
    page = browser.get(f"/drafts/{token}").text
    assert "it cannot be published" in page
    assert PROBLEM in page
    late = saved(browser, of=f"comment-{idea.id}", key="late", body="I can empty them each Friday.")
    assert late.json["address"] is None
    assert "I can empty them each Friday." in browser.get("/drafts").text


def test_drafts_go_with_their_writer(client_for):
    person = make_person()
    kept(client_for(person))
    db.session.execute(db.delete(User).where(User.id == person.id))
    db.session.commit()
    assert drafts() == []
    assert db.session.scalar(select(func.count()).select_from(DraftVersion)) == 0


def test_a_script_learns_the_token_of_forms_only_of_whoever_is_signed_in(client, client_for):
    person = make_person()
    told = client_for(person).get("/drafts/form-token", headers={"HX-Request": "true"}).json
    assert told["person"] == person.id
    assert told["csrf_token"]
    assert client.get("/drafts/form-token", headers={"HX-Request": "true"}).status_code == 204


def test_offers_come_as_a_fragment_too(client, client_for):
    browser = client_for(make_person())
    token = token_in(saved(browser).json["address"])
    fragment = browser.get("/drafts/offers/idea").text
    assert token in fragment
    assert "<html" not in fragment
    assert token not in browser.get("/drafts/offers/nothing").text
    assert client.get("/drafts/offers/idea").status_code == 303
