"""Say why one supports an idea, say it otherwise, take it back; and who reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts.models import User
from app.database import db, now
from app.forum.commands import give_reason, remove_reason, support, withdraw_support
from app.forum.models import Post, Support
from app.forum.queries import post_address, reasons_for
from app.ideas.commands import add_co_author
from app.journal.models import JournalEntry
from app.lineage.commands import accept_merge, propose_merge, undo_merge
from app.refusals import Conflict
from tests.factories import make_idea, make_moderator, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]


def reason_of(post: Post, person: User) -> str:
    db.session.rollback()
    return db.session.get_one(Support, (post.id, person.id)).reason


def written_down(action: str) -> list[tuple[int | None, int | None, str]]:
    found = db.session.query(JournalEntry).filter_by(action=action).order_by(JournalEntry.id)
    return [(entry.by_id, entry.person_id, entry.note) for entry in found]


def test_support_is_one_click_and_the_reason_is_asked_for_afterwards(client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person(display_name="Bo Lindqvist")
    client = client_for(person)
    assert "Say why" not in client.get(post_address(idea)).text
    page = client.post(f"/posts/{idea.id}/support", follow_redirects=True).text
    assert '<details class="why" open>' in page
    response = client.post(f"/posts/{idea.id}/support/reason", data={"reason": "  My school has *three* bins. "})
    assert (response.status_code, response.location) == (303, f"{post_address(idea)}#support")
    assert reason_of(idea, person) == "My school has *three* bins."
    assert written_down("support_given") == [(person.id, idea.author_id, "")]
    assert written_down("support_reason_given") == [(person.id, idea.author_id, "My school has *three* bins.")]
    page = client.get(post_address(idea)).text
    assert "Your reason: <bdi>My school has *three* bins.</bdi>" in page
    assert '<details class="why">' in page


def test_whoever_supported_a_while_ago_is_not_asked_again(client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person()
    support(idea, by=person)
    client = client_for(person)
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert '<details class="why">' in client.get(post_address(idea)).text


def test_a_reason_that_was_taken_away_does_not_come_back_with_the_idea_it_came_with(client_for: ClientFor) -> None:
    ideas, person = [make_idea() for _ in range(3)], make_person()
    support(ideas[0], by=person, reason="Buy at my shop.")
    merges = []
    for idea, into in pairwise(ideas):
        merges.append(propose_merge(idea, into=into, by=idea.author, line="They say the same."))
        accept_merge(merges[-1], by=into.author)
    assert reason_of(ideas[2], person) == "Buy at my shop."
    remove_reason(ideas[2], supporter_id=person.id, by=make_moderator())
    for merge in reversed(merges):
        undo_merge(merge, by=merge.idea.author)
    assert [reason_of(idea, person) for idea in ideas[:1]] == [""]


def test_a_suggested_reason_takes_one_click(client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person()
    support(idea, by=person)
    client_for(person).post(f"/posts/{idea.id}/support/reason", data={"suggestion": "help"})
    assert reason_of(idea, person) == "I can help"


def test_everyone_who_may_read_the_idea_reads_the_reasons(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea()
    support(idea, by=make_person(display_name="Bo Lindqvist"), reason="<b>Bins</b> burn.")
    support(idea, by=make_person(display_name="Quiet Person"))
    for browser in (client, client_for(idea.author)):
        for path in (post_address(idea), f"/ideas/{idea.id}/supporters"):
            page = browser.get(path).text
            assert "Bo Lindqvist" in page
            assert "&lt;b&gt;Bins&lt;/b&gt; burn." in page
            assert "Quiet Person" not in page
            assert "Remove the reason" not in page
    assert "2 support this, some say why" in client.get(post_address(idea)).text


def test_a_reason_stays_when_the_only_supporter_comes_to_write_the_idea(client: FlaskClient) -> None:
    idea, person = make_idea(), make_person()
    support(idea, by=person, reason="Our bins burn too.")
    add_co_author(idea, person=person)
    assert "Our bins burn too." in client.get(post_address(idea)).text


def test_a_reason_is_said_otherwise_and_taken_back(client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person()
    support(idea, by=person, reason="Bins.")
    client = client_for(person)
    for reason in ("Fires.", "Fires.", ""):
        client.post(f"/posts/{idea.id}/support/reason", data={"reason": reason})
    assert reason_of(idea, person) == ""
    assert [note for *_, note in written_down("support_reason_given")] == ["Fires."]
    assert written_down("support_reason_removed") == [(person.id, person.id, "Fires.")]
    give_reason(idea, by=person, reason="Once more.")
    client.post(f"/posts/{idea.id}/supporters/{person.id}/reason/removal")
    assert reason_of(idea, person) == ""
    db.session.refresh(idea)
    assert idea.support_count == 1


def test_a_reason_goes_with_the_support(client: FlaskClient) -> None:
    idea, person = make_idea(), make_person()
    support(idea, by=person, reason="Bins burn.")
    withdraw_support(idea, by=person)
    assert "Bins burn." not in client.get(post_address(idea)).text
    support(idea, by=person)
    assert reason_of(idea, person) == ""


def test_nobody_gives_a_reason_without_support(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person()
    path = f"/posts/{idea.id}/support/reason"
    assert client_for(person).post(path, data={"reason": "x"}).status_code == 409
    assert client.post(path, data={"reason": "x"}).location.startswith("/sign-in")
    with pytest.raises(Conflict):
        give_reason(idea, by=idea.author, reason="Mine.")


@pytest.mark.parametrize("data", [{"reason": "x" * 201}, {"suggestion": "everything"}])
def test_a_wrong_reason_comes_back_as_page_and_as_fragment(client_for: ClientFor, data: dict[str, str]) -> None:
    idea, person = make_idea(), make_person()
    support(idea, by=person)
    client = client_for(person)
    path = f"/posts/{idea.id}/support/reason"
    response = client.post(path, data=data)
    assert response.status_code == 422
    assert data.get("reason", "There is a problem") in response.text
    fragment = client.fragment(path, "support", method="POST", data=data)  # type: ignore[attr-defined]
    assert fragment.status_code == 422
    assert fragment.text.lstrip().startswith('<div id="support">')
    assert reason_of(idea, person) == ""


def test_htmx_gets_the_button_and_the_reasons(client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person()
    support(idea, by=person)
    path, data = f"/posts/{idea.id}/support/reason", {"reason": "Bins burn."}
    fragment = client_for(person).fragment(path, "support", method="POST", data=data, follow_redirects=True).text  # type: ignore[attr-defined]
    assert fragment.lstrip().startswith('<div id="support">')
    assert "Bins burn." in fragment


def test_a_moderator_removes_a_reason_and_nobody_else(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person, moderator = make_idea(), make_person(), make_moderator()
    support(idea, by=person, reason="Buy my pills.")
    path = f"/posts/{idea.id}/supporters/{person.id}/reason/removal"
    assert client.post(path).location.startswith("/sign-in")
    for other in (make_person(), idea.author):
        assert client_for(other).post(path).status_code == 403
    browser = client_for(moderator)
    assert f'action="{path}"' in browser.get(f"/ideas/{idea.id}/supporters").text
    assert browser.post(path).status_code == 303
    assert browser.post(path.replace(f"/{person.id}/", "/999999/")).status_code == 303
    assert reason_of(idea, person) == ""
    assert written_down("support_reason_removed") == [(moderator.id, person.id, "Buy my pills.")]


def test_reasons_for_a_private_idea_are_private(client: FlaskClient, client_for: ClientFor) -> None:
    member, fellow = make_person(), make_person()
    idea = make_idea(by=member, group=make_private_group(member, fellow))
    support(idea, by=fellow, reason="Between us.")
    assert "Between us." in client_for(member).get(f"/ideas/{idea.id}/supporters").text
    stranger = client_for(make_person())
    for browser in (client, stranger):
        assert browser.get(f"/ideas/{idea.id}/supporters").status_code == 404
    assert stranger.post(f"/posts/{idea.id}/support/reason", data={"reason": "x"}).status_code == 404
    assert stranger.post(f"/posts/{idea.id}/supporters/{fellow.id}/reason/removal").status_code == 404


def test_a_long_list_has_pages_and_the_idea_shows_the_newest(client: FlaskClient, count_queries: list[str]) -> None:
    idea = make_idea()
    assert "Nobody has said why yet" in client.get(f"/ideas/{idea.id}/supporters").text
    for number in range(27):
        support(idea, by=make_person(), reason=f"Reason number {number}.")
    page = client.get(post_address(idea)).text
    assert page.count("Reason number") == 5
    assert "Reason number 26." in page
    assert "All 27 reasons" in page
    count_queries.clear()
    assert client.get(f"/ideas/{idea.id}/supporters").text.count("Reason number") == 25
    assert len(count_queries) <= 6, count_queries
    assert client.get(f"/ideas/{idea.id}/supporters?page=2").text.count("Reason number") == 2
    assert client.get(f"/ideas/{idea.id}/supporters?page=3").status_code == 404
    assert reasons_for(idea.id).total == 27
