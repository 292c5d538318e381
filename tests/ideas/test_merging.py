"""Two ideas become one with the consent of both authors, and two again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now
from app.drafts.models import Draft
from app.forum.commands import delete_post, follow, give_reason, post_comment, support, withdraw_support
from app.forum.models import Follow, Post, Support
from app.forum.queries import post_address
from app.ideas.commands import add_co_author, revise_idea
from app.ideas.models import Idea, Way
from app.jobs.commands import run_all_jobs
from app.journal.models import JournalEntry
from app.lineage.commands import accept_merge, decline_merge, propose_merge, undo_merge, withdraw_merge
from app.lineage.models import Merge
from app.refusals import Conflict, Gone, NotAllowed, Refusal, Unfit
from app.requests.commands import ask_for_change, request_with
from app.requests.models import ChangeRequest
from app.teams.commands import Invitation, accept_joining, ask_to_join, invite
from tests.factories import make_idea, make_moderator, make_person, make_private_group
from tests.ideas.test_lineage import hide

ClientFor = Callable[[User], FlaskClient]


def two_ideas() -> tuple[Idea, Idea]:
    one = make_idea(by=make_person(display_name="Ama Owusu"), title="Boxes at the school gate")
    return one, make_idea(by=make_person(display_name="Bo Lindqvist"), title="Boxes at every school gate")


def proposed(idea: Idea, into: Idea) -> Merge:
    return propose_merge(idea, into=into, by=idea.author, line="They say the same.")


def merged(idea: Idea, into: Idea) -> Merge:
    merge = proposed(idea, into)
    accept_merge(merge, by=into.author)
    return merge


def people_of(post: Post, model: type[Support] | type[Follow] = Support) -> set[int]:
    return set(db.session.scalars(select(model.user_id).where(model.post_id == post.id)))


def counts(*posts: Post) -> list[int]:
    for post in posts:
        db.session.refresh(post)
    return [post.support_count for post in posts]


def actions() -> list[str]:
    found = db.session.query(JournalEntry.action).filter(JournalEntry.action.startswith("idea_merge"))
    return [action for (action,) in found.order_by(JournalEntry.id)]


def test_a_proposal_is_made_answered_and_leads_from_one_to_the_other(
    client: FlaskClient, client_for: ClientFor
) -> None:
    idea, into = two_ideas()
    proposer, answerer = client_for(idea.author), client_for(into.author)
    waits = "proposes to merge “<bdi>Boxes at the school gate</bdi>” into it. Your answer?"
    assert f"/ideas/{idea.id}/merges/new" in proposer.get(post_address(idea)).text
    assert proposer.get(f"/ideas/{idea.id}/merges/new").status_code == 200
    address, before = f"http://localhost{post_address(into)}", post_address(idea)
    data = {"into": address, "line": "They say <b>the same</b>."}
    assert proposer.post(f"/ideas/{idea.id}/merges", data=data).status_code == 303
    assert "has not answered yet" in proposer.get(before).text
    page = answerer.get(post_address(into)).text
    assert "They say &lt;b&gt;the same&lt;/b&gt;." in page
    for reader in (client, client_for(make_person()), client_for(make_moderator())):
        for path in (before, post_address(into)):
            assert "the same&lt;/b&gt;" not in reader.get(path).text
    merge = db.session.query(Merge).one()
    way = f"/ideas/{into.id}/merges/{merge.id}"
    desk = answerer.get("/").text
    assert waits in desk
    assert f'href="{way}"' in desk
    assert waits not in proposer.get("/").text
    assert "Accept: make them one" in answerer.get(way).text
    assert answerer.post(f"{way}/acceptance").location == post_address(into)
    assert waits not in answerer.get("/").text
    for path in (before, f"/ideas/{idea.id}", f"/ideas/{idea.id}/revisions", f"/ideas/{idea.id}/stage"):
        response = client.get(path)
        assert (response.status_code, response.location) == (302, post_address(into))
    feed = client.get(f"/ideas/{idea.id}/feed.atom")
    assert (feed.status_code, feed.location) == (302, f"/ideas/{into.id}/feed.atom")
    page = client.get(post_address(into)).text
    assert "“<bdi>Boxes at the school gate</bdi>” by" in page
    assert "Ama Owusu" in page
    assert "Its text, and the way back" not in page
    assert client.post(f"/posts/{idea.id}/support").location.startswith("/sign-in")
    assert client_for(make_person()).post(f"/posts/{idea.id}/support").status_code == 410
    assert actions() == ["idea_merge_proposed", "idea_merged"]
    assert "took in an idea of <bdi>Ama Owusu</bdi>" in client.get(f"/ideas/{into.id}/revisions").text


def test_what_was_taken_in_leaves_lists_and_search(client: FlaskClient) -> None:
    idea, into = two_ideas()
    later = make_idea(title="Boxes that came of it")
    run_all_jobs()
    assert "Boxes at the school gate" in client.get("/search?q=school+gate").text
    merge = merged(idea, into)
    run_all_jobs()
    for path in ("/ideas", "/", "/ideas/feed.atom", "/search?q=school+gate", post_address(later)):
        page = client.get(path).text
        assert f"/ideas/{idea.id}/" not in page
    assert "2 ideas</span>" in client.get("/ideas").text
    undo_merge(merge, by=idea.author)
    run_all_jobs()
    for path in ("/ideas", "/search?q=school+gate", post_address(idea)):
        assert f"/ideas/{idea.id}/" in client.get(path).text


def test_supporters_and_followers_count_once_and_come_back(app: Flask) -> None:
    idea, into = two_ideas()
    only_one, both, only_other, late = (make_person() for _ in range(4))
    for post, people in ((idea, (only_one, both, into.author)), (into, (both, only_other))):
        for person in people:
            support(post, by=person, reason="Bins burn.")
            follow(post, by=person)
    merge = merged(idea, into)
    assert counts(idea, into) == [3, 3]
    assert people_of(into) == {only_one.id, both.id, only_other.id}
    assert {only_one.id, both.id, only_other.id, idea.author_id, into.author_id} <= people_of(into, Follow)
    support(into, by=late)
    support(into, by=only_one)
    assert counts(into) == [4]
    undo_merge(merge, by=into.author)
    assert counts(idea, into) == [3, 3]
    assert people_of(idea) == {only_one.id, both.id, into.author_id}
    assert people_of(into) == {both.id, only_other.id, late.id}
    assert only_one.id not in people_of(into, Follow)
    assert idea.author_id in people_of(idea, Follow)


def test_what_people_do_in_between_stays(app: Flask) -> None:
    idea, into = two_ideas()
    leaves, stays = make_person(), make_person()
    for person in (leaves, stays):
        support(idea, by=person)
    merge = merged(idea, into)
    withdraw_support(into, by=leaves)
    give_reason(into, by=stays, reason="I would use it.")
    undo_merge(merge, by=idea.author)
    assert people_of(into) == {stays.id}
    assert people_of(idea) == {leaves.id, stays.id}
    assert counts(idea, into) == [2, 1]


def test_what_came_with_two_ideas_stays_until_both_are_taken_back(app: Flask) -> None:
    one, into = two_ideas()
    other = make_idea()
    stays, leaves = make_person(), make_person()
    for post in (one, other):
        for person in (stays, leaves):
            support(post, by=person)
            follow(post, by=person)
    first, second = merged(one, into), merged(other, into)
    assert counts(into) == [2]
    withdraw_support(into, by=leaves)
    undo_merge(first, by=one.author)
    assert counts(one, into) == [2, 1]
    assert people_of(into) == {stays.id}
    assert {stays.id, leaves.id} <= people_of(into, Follow)
    assert one.author_id not in people_of(into, Follow)
    undo_merge(second, by=other.author)
    assert counts(other, into) == [2, 0]
    assert people_of(into, Follow) == {into.author_id}


@pytest.mark.parametrize("ends", ["merged", "deleted", "hidden"])
def test_a_save_that_an_end_overtakes_is_refused_and_the_text_kept(
    client_for: ClientFor, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    idea, into = two_ideas()
    writer = client_for(idea.author)
    draft = Draft(person_id=idea.author_id, key="k" * 22, kind="idea-revision", place=f"idea-revision-{idea.id}")
    draft.post_id, draft.title, draft.version, draft.saved_at = idea.id, idea.title, 1, now()
    db.session.add(draft)
    db.session.commit()
    draft_of, into_id = idea.id, into.id

    def overtaken(idea: Idea, **facts: Any) -> Any:
        if ends == "merged":
            merged(idea, db.session.get_one(Idea, into_id))
        elif ends == "deleted":
            delete_post(idea, by=idea.author)
        else:
            hide(idea)
        return revise_idea(idea, **facts)

    monkeypatch.setattr("app.ideas.views.revise_idea", overtaken)
    data = {"title": idea.title, "problem": "What I typed meanwhile", "language": "en", "seen": "1"}
    response = writer.post(f"/ideas/{idea.id}/revisions", data={**data, "draft-key": draft.key})
    assert response.status_code == (409 if ends == "hidden" else 410)
    assert "What I typed meanwhile" in response.text
    assert db.session.get_one(Idea, draft_of, populate_existing=True).revision == 1
    assert db.session.query(Draft).count() == 1


def test_the_other_author_declines(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    merge = proposed(idea, into)
    way = f"/ideas/{into.id}/merges/{merge.id}"
    assert client_for(into.author).post(f"{way}/refusal", data={"reply": "x" * 301}).status_code == 422
    assert client_for(into.author).post(f"{way}/refusal", data={"reply": "Ours stands outside."}).status_code == 303
    assert "Ours stands outside." in client_for(idea.author).get(way).text
    assert client_for(into.author).post(f"{way}/acceptance").status_code == 409
    assert idea.deleted_at is None
    assert actions() == ["idea_merge_proposed", "idea_merge_declined"]
    assert proposed(idea, into).state == "proposed"


def test_a_proposal_is_taken_back(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    merge = proposed(idea, into)
    with pytest.raises(Conflict):
        proposed(idea, into)
    assert client_for(idea.author).post(f"/ideas/{idea.id}/merges/{merge.id}/withdrawal").status_code == 303
    with pytest.raises(Conflict):
        accept_merge(merge, by=into.author)
    with pytest.raises(Conflict):
        decline_merge(merge, by=into.author, reply="")


def test_only_the_two_authors_take_part(client: FlaskClient, client_for: ClientFor) -> None:
    idea, into = two_ideas()
    merge, stranger = proposed(idea, into), make_person()
    way = f"/ideas/{into.id}/merges/{merge.id}"
    for person in (stranger, make_moderator()):
        browser = client_for(person)
        assert browser.get(f"/ideas/{idea.id}/merges/new").status_code == 403
        assert browser.post(f"/ideas/{idea.id}/merges", data={"into": str(into.id), "line": "x"}).status_code == 403
        assert browser.get(way).status_code == 404
        for end in ("acceptance", "refusal", "withdrawal"):
            assert browser.post(f"{way}/{end}").status_code == 404
    assert client.get(way).location.startswith("/sign-in")
    assert client_for(idea.author).post(f"{way}/acceptance").status_code == 403
    assert client_for(into.author).post(f"{way}/withdrawal").status_code == 403
    accept_merge(merge, by=into.author)
    assert client_for(stranger).get(f"/ideas/{idea.id}/merged").status_code == 404
    assert client_for(stranger).post(f"/ideas/{idea.id}/merged/reversal").status_code == 404
    with pytest.raises(NotAllowed):
        undo_merge(merge, by=stranger)


def test_both_authors_and_moderators_still_read_it(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    assert client_for(idea.author).get(f"/ideas/{idea.id}/merged").status_code == 404
    merged(idea, into)
    for person, may_undo in ((idea.author, True), (into.author, True), (make_moderator(), False)):
        browser = client_for(person)
        assert f'href="/ideas/{idea.id}/merged"' in browser.get(post_address(into)).text
        page = browser.get(f"/ideas/{idea.id}/merged").text
        assert idea.problem in page
        assert ("Undo: make them two again" in page) is may_undo
    assert client_for(idea.author).post(f"/ideas/{idea.id}/merged/reversal").location == post_address(idea)
    assert client_for(make_person()).get(post_address(idea)).status_code == 200
    assert actions()[-1] == "idea_merge_undone"


def test_co_authors_of_both_still_read_it_with_its_comments(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    writers = [make_person(), make_person()]
    for post, person in zip((idea, into), writers, strict=True):
        add_co_author(post, person=person)
    post_comment(idea, by=make_person(), body="The gate is locked at noon.")
    merged(idea, into)
    for person in writers:
        browser = client_for(person)
        assert f'href="/ideas/{idea.id}/merged"' in browser.get(post_address(into)).text
        page = browser.get(f"/ideas/{idea.id}/merged")
        assert page.status_code == 200
        assert "The gate is locked at noon." in page.text
        assert f"/posts/{idea.id}/comments" not in page.text
        assert "Undo: make them two again" not in page.text


@pytest.mark.parametrize("named", ["", "nothing", "999999", "99999999999", "/questions/1", "own"])
def test_a_wrong_idea_is_refused_with_what_was_typed(client_for: ClientFor, named: str) -> None:
    idea, _ = two_ideas()
    data = {"into": str(idea.id) if named == "own" else named, "line": "They say the same."}
    response = client_for(idea.author).post(f"/ideas/{idea.id}/merges", data=data)
    assert response.status_code == 422
    assert "They say the same." in response.text
    assert db.session.query(Merge).count() == 0


def test_nothing_private_or_hidden_is_merged_with_what_others_read(client_for: ClientFor) -> None:
    member = make_person()
    group = make_private_group(member, author := make_person())
    secret, fellow = make_idea(by=member, group=group), make_idea(by=author, group=group)
    public, hidden = make_idea(by=author), make_idea()
    hide(hidden)
    browser = client_for(author)
    for idea, into in ((public, secret), (public, hidden), (fellow, public)):
        data = {"into": str(into.id), "line": "x"}
        assert browser.post(f"/ideas/{idea.id}/merges", data=data).status_code == 422
    assert client_for(make_person()).get(f"/ideas/{secret.id}/merged").status_code == 404
    with pytest.raises(Unfit):
        proposed(public, secret)
    merged(fellow, secret)
    assert client_for(make_person()).get(post_address(fellow)).status_code == 404
    assert browser.get(post_address(fellow)).location == post_address(secret)


def test_an_idea_that_is_hidden_is_named_to_moderators_alone(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    waiting = proposed(idea, into)
    hide(idea)
    author, moderator = client_for(into.author), client_for(make_moderator())
    for path in (post_address(into), f"/ideas/{into.id}/merges/{waiting.id}"):
        assert "Boxes at the school gate" not in author.get(path).text
    assert author.get(f"/ideas/{into.id}/merges/{waiting.id}").status_code == 404
    taken_in = make_idea(title="What a moderator hid afterwards")
    merged(taken_in, into)
    hide(taken_in)
    for browser, is_named in ((author, False), (client_for(make_person()), False), (moderator, True)):
        assert ("What a moderator hid afterwards" in browser.get(post_address(into)).text) == is_named
    assert author.get(f"/ideas/{taken_in.id}/merged").status_code == 404
    assert moderator.get(f"/ideas/{taken_in.id}/merged").status_code == 200


def test_an_idea_that_is_hidden_after_a_proposal_is_not_named_to_who_proposed_it(client_for: ClientFor) -> None:
    idea, into = make_idea(), make_idea(title="What a moderator hid afterwards")
    merge = proposed(idea, into)
    accept_merge(proposed(taken_in := make_idea(by=idea.author), into), by=into.author)
    hide(into)
    browser = client_for(idea.author)
    proposal = f"/ideas/{idea.id}/merges/{merge.id}"
    for path, status in ((post_address(idea), 200), (f"/ideas/{taken_in.id}/merged", 200), (proposal, 404)):
        page = browser.get(path)
        assert page.status_code == status
        assert "What a moderator hid" not in page.text
    other = proposed(idea, make_idea())
    assert (merge.state, other.state) == ("proposed", "proposed")


def test_a_proposal_to_an_idea_that_is_deleted_waits_no_more(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    proposed(idea, into)
    delete_post(into, by=into.author)
    assert "has not answered yet" not in client_for(idea.author).get(post_address(idea)).text
    assert proposed(idea, make_idea()).state == "proposed"


def test_an_idea_that_took_another_in_and_is_deleted_is_not_named_there(client_for: ClientFor) -> None:
    idea, into = make_idea(), make_idea(title="What its author deleted afterwards")
    merged(idea, into)
    delete_post(into, by=into.author)
    page = client_for(idea.author).get(f"/ideas/{idea.id}/merged")
    assert page.status_code == 200
    assert "What its author deleted" not in page.text


def test_an_author_who_is_not_here_is_not_asked(app: Flask) -> None:
    with pytest.raises(Unfit):
        proposed(make_idea(), make_idea(by=make_person(kind="demo")))


def test_an_idea_that_is_gone_is_not_merged(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    merge = proposed(idea, into)
    delete_post(idea, by=idea.author)
    assert "proposes to merge" not in client_for(into.author).get(post_address(into)).text
    with pytest.raises(Gone):
        accept_merge(merge, by=into.author)


def test_merges_follow_one_another_and_are_undone_in_turn(client: FlaskClient, client_for: ClientFor) -> None:
    first, second = two_ideas()
    third = make_idea()
    support(first, by=make_person())
    one, two = merged(first, second), merged(second, third)
    assert client.get(post_address(first)).location == post_address(third)
    assert counts(third) == [1]
    with pytest.raises(Conflict):
        undo_merge(one, by=first.author)
    undo_merge(two, by=third.author)
    undo_merge(one, by=first.author)
    assert counts(first, second, third) == [1, 0, 0]
    assert [client.get(post_address(each)).status_code for each in (first, second, third)] == [200, 200, 200]


def test_two_that_are_to_be_merged_into_each_other_do_not_both_vanish(app: Flask) -> None:
    one, other = two_ideas()
    there, back = proposed(one, other), proposed(other, one)
    accept_merge(there, by=other.author)
    with pytest.raises(Conflict):
        accept_merge(back, by=one.author)
    assert other.deleted_at is None


def test_what_was_proposed_to_an_idea_that_is_merged_itself_does_not_hang(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    third = make_idea()
    waiting = proposed(third, idea)
    merged(idea, into)
    assert (waiting.state, waiting.reply) == ("declined", "That idea was merged into another one.")
    told = db.session.query(JournalEntry).filter_by(action="idea_merge_set_aside").one()
    assert (told.post_id, told.person_id) == (into.id, third.author_id)
    run_all_jobs()
    assert "wanted yours to become one with is part of" in client_for(third.author).get("/notices").text
    assert "has not answered yet" not in client_for(third.author).get(post_address(third)).text
    proposed(third, into)


def test_after_thirty_days_it_stays(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    merge = merged(idea, into)
    merge.answered_at = now() - timedelta(days=31)
    db.session.commit()
    assert (
        "Undo" not in client_for(idea.author).get(f"/ideas/{idea.id}/merged").text.split("<main")[1].split("</main")[0]
    )
    with pytest.raises(Conflict):
        undo_merge(merge, by=idea.author)
    with time_machine.travel(now() - timedelta(days=2)):
        undo_merge(merge, by=idea.author)
    assert idea.deleted_at is None


def test_what_was_taken_in_by_an_idea_that_is_deleted_can_come_back(client: FlaskClient, client_for: ClientFor) -> None:
    idea, into = two_ideas()
    merged(idea, into)
    delete_post(into, by=into.author)
    assert client.get(post_address(idea)).status_code == 410
    assert client_for(idea.author).post(f"/ideas/{idea.id}/merged/reversal").status_code == 303
    assert client.get(post_address(idea)).status_code == 200


def test_of_several_answers_at_once_one_counts(app: Flask) -> None:
    idea, into = two_ideas()
    for _ in range(3):
        support(idea, by=make_person())
    merge_id, author_id, outcomes, at_once = proposed(idea, into).id, into.author_id, [], Barrier(3)

    def answer(accepts: bool) -> None:
        with app.app_context():
            merge, author = db.session.get_one(Merge, merge_id), db.session.get_one(User, author_id)
            at_once.wait()
            try:
                if accepts:
                    accept_merge(merge, by=author)
                else:
                    decline_merge(merge, by=author, reply="")
                outcomes.append(accepts)
            except Refusal as refusal:
                outcomes.append(type(refusal))

    threads = [Thread(target=answer, args=(accepts,)) for accepts in (True, False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert outcomes.count(Conflict) == 2
    assert counts(into) == [3 if True in outcomes else 0]
    assert (
        db.session.query(JournalEntry).filter(JournalEntry.action.in_(("idea_merged", "idea_merge_declined"))).count()
        == 1
    )


def test_withdrawing_needs_its_author(app: Flask) -> None:
    idea, into = two_ideas()
    with pytest.raises(NotAllowed):
        withdraw_merge(proposed(idea, into), by=into.author)


def test_merges_cost_one_query_on_the_page(client_for: ClientFor, count_queries: list[str]) -> None:
    into = make_idea()
    for _ in range(5):
        merged(make_idea(), into)
        proposed(make_idea(), into)
    browser = client_for(into.author)
    count_queries.clear()
    browser.get(post_address(into))
    assert len([query for query in count_queries if "FROM merge JOIN" in query]) == 1


def test_what_a_fork_began_as_is_offered_as_the_idea_that_stays(client_for: ClientFor) -> None:
    source, other = make_idea(title="Boxes at the gate", by=make_person(display_name="Ama Owusu")), make_idea()
    gone = make_idea(title="Boxes of nobody", by=make_person(kind="demo"))
    fork = make_idea(title="Boxes at the harbour", fork_of=source.id, ways=[Way(gone.id, "builds-on")])
    browser, way = client_for(fork.author), f"/ideas/{fork.id}/merges"
    page = browser.get(f"{way}/new").text
    named = "<span><bdi>Boxes at the gate</bdi> by <bdi>Ama Owusu</bdi></span>"
    choice = rf'type="radio"[^>]*name="source" value="{source.id}">{named}'
    assert re.search(choice, page)
    assert "Boxes of nobody" not in page
    assert 'name="source"' not in client_for(source.author).get(f"/ideas/{source.id}/merges/new").text
    reason = {"line": "They say the same."}
    for wrong in ({}, {"source": ""}, {"source": "none"}, {"source": str(source.id), "into": str(other.id)}):
        assert browser.post(way, data=reason | wrong).status_code == 422, wrong
    assert browser.post(way, data=reason | {"source": str(source.id), "into": ""}).status_code == 303
    assert db.session.query(Merge).one().target_id == source.id


def test_who_waits_for_an_answer_of_an_idea_that_is_merged_hears_that_nobody_can_give_it(
    client_for: ClientFor,
) -> None:
    idea, into = two_ideas()
    joiner, guest, asker = make_person(), make_person(asks_a_week=1), make_person()
    joining = ask_to_join(idea, by=joiner, line="I can help.")
    (invitation,) = invite(idea, [Invitation(guest.name)], by=idea.author)
    comment = ask_for_change(idea, by=asker, body="What does it cost in all?", section=None, kind="cost")
    merge = merged(idea, into)
    run_all_jobs()
    request = db.session.get_one(ChangeRequest, comment.id)
    assert {joining.state, invitation.state, request.state} == {"withdrawn"}
    for person, told in ((joiner, "asked to join"), (guest, "were invited to"), (asker, "asked a change of")):
        page = client_for(person).get("/notices").text
        assert told in page
        assert "Boxes at every school gate" in page
    undo_merge(merge, by=idea.author)
    assert ask_to_join(idea, by=joiner, line="I still can.").state == "asked"
    assert request_with(comment, by=asker, section=None, kind="cost").state == "open"


def test_a_co_author_leaves_an_idea_that_was_merged(client_for: ClientFor) -> None:
    idea, into = two_ideas()
    accept_joining(ask_to_join(idea, by=(person := make_person()), line="I can help."), by=idea.author)
    merged(idea, into)
    browser, leaves = client_for(person), f"/ideas/{idea.id}/join/withdrawal"
    assert leaves in browser.get(f"/ideas/{idea.id}/merged").text
    assert leaves not in client_for(idea.author).get(f"/ideas/{idea.id}/merged").text
    assert browser.post(leaves).status_code == 303
    assert browser.get(f"/ideas/{idea.id}/merged").status_code == 404
