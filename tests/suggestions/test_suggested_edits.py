"""A reader suggests other words for a section; who writes the idea takes them over or says why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import delete_post
from app.forum.events import post_hidden
from app.forum.models import Revision
from app.forum.queries import post_address
from app.groups.queries import challenge_group
from app.ideas.models import Idea, Lineage
from app.jobs.commands import run_all_jobs
from app.journal.models import JournalEntry
from app.lineage.commands import accept_merge, propose_merge, undo_merge
from app.refusals import Conflict, NotAllowed, NotThere, Refusal
from app.suggestions.commands import (
    accept_suggestion,
    delete_suggestion,
    make_own_idea,
    reject_suggestion,
    suggest_edit,
    withdraw_suggestion,
)
from app.suggestions.models import Suggestion
from app.teams.commands import accept_joining, ask_to_join, leave_idea
from tests.drafts.conftest import kept
from tests.factories import make_idea, make_moderator, make_person, make_private_group, revise

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User], FlaskClient]
BEFORE = "We put two boxes at the gate of the school."
AFTER = "We put four boxes at the gate of the school."
TITLE = "Battery boxes at the school gate"


def an_idea(**facts: Any) -> Idea:
    sections = {"problem": "Fires in bins.", "approach": BEFORE}
    return make_idea(**{"title": TITLE, "sections": sections, **facts})


def suggested(idea: Idea | None = None, *, by: User | None = None, **facts: Any) -> Suggestion:
    said = {"part": "approach", "text": AFTER, "reason": "Two are full by noon.", "seen": 1, **facts}
    return suggest_edit(idea or an_idea(), by=by or make_person(display_name="Esi Darko"), **said)


def sent(**facts: Any) -> dict[str, Any]:
    return {"section": "approach", "text": AFTER, "reason": "Two are full by noon.", "seen": "1", **facts}


def path_of(suggestion: Suggestion, what: str = "") -> str:
    path = f"/ideas/{suggestion.idea_id}/suggestions/{suggestion.id}"
    return f"{path}/{what}" if what else path


def state_of(suggestion: Suggestion) -> str:
    db.session.refresh(suggestion)
    return suggestion.state


def entry(action: str) -> JournalEntry:
    return db.session.scalars(select(JournalEntry).where(JournalEntry.action == action)).one()


def co_author_of(idea: Idea) -> User:
    person = make_person()
    accept_joining(ask_to_join(idea, by=person, line="I can help."), by=idea.author)
    return person


def test_a_reader_suggests_and_everyone_sees_the_difference(client: FlaskClient, client_for: ClientFor) -> None:
    idea, reader = an_idea(), make_person(display_name="Esi Darko")
    esi = client_for(reader)
    new = f"/ideas/{idea.id}/suggestions/new?section=approach"
    assert f'href="{new}"' in esi.get(post_address(idea)).text
    assert f'href="/ideas/{idea.id}/suggestions/new?section=costs"' in esi.get(post_address(idea)).text
    assert f"{BEFORE}</textarea>" in esi.get(new).text
    answer = esi.post(f"/ideas/{idea.id}/suggestions", data=sent())
    suggestion = db.session.scalars(select(Suggestion)).one()
    assert (answer.status_code, answer.location) == (303, path_of(suggestion))
    assert (suggestion.base, suggestion.text, suggestion.state) == (BEFORE, AFTER, "open")
    for path in (path_of(suggestion), f"/ideas/{idea.id}/suggestions"):
        page = client.get(path).text
        assert "<del>two</del>" in page
        assert "<ins>four</ins>" in page
        assert "1 word removed, 1 added" in page
        assert "Two are full by noon." in page
    assert "1 suggested edit" in client.get(post_address(idea)).text
    assert (entry("suggestion_made").by_id, entry("suggestion_made").person_id) == (reader.id, idea.author_id)


def test_the_difference_can_be_seen_before(client_for: ClientFor) -> None:
    idea = an_idea()
    reader = client_for(make_person())
    answer = reader.post(f"/ideas/{idea.id}/suggestions", data=sent(preview="1", reason=""))
    assert (answer.status_code, "<ins>four</ins>" in answer.text) == (200, True)
    fragment = reader.fragment(f"/ideas/{idea.id}/suggestions", "preview", method="POST", data=sent(preview="1")).text
    assert "<ins>four</ins>" in fragment
    assert "<html" not in fragment
    assert db.session.scalar(select(func.count(Suggestion.id))) == 0


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"section": "problem", "text": ""}, "This is needed"),
        ({"section": "costs", "text": ""}, "This is how it reads already"),
        ({"text": BEFORE}, "This is how it reads already"),
        ({"text": "x" * 6001}, "6000"),
        ({"reason": " "}, "This is needed"),
        ({"reason": "y" * 201}, "200"),
        ({"section": "title", "text": "Too short"}, "At least 15 characters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client_for: ClientFor, facts: dict[str, str], message: str
) -> None:
    idea = an_idea()
    answer = client_for(make_person()).post(f"/ideas/{idea.id}/suggestions", data=sent(**facts))
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert message in answer.text
    for typed in facts.values():
        assert typed.strip() in answer.text
    assert db.session.scalar(select(func.count(Suggestion.id))) == 0


@pytest.mark.parametrize("section", ["author_id", "nothing", "deleted_at"])
def test_only_what_is_written_can_be_worded_otherwise(client_for: ClientFor, section: str) -> None:
    idea, reader = an_idea(), client_for(make_person())
    assert reader.get(f"/ideas/{idea.id}/suggestions/new?section={section}").status_code == 404
    assert reader.post(f"/ideas/{idea.id}/suggestions", data=sent(section=section)).status_code == 404
    assert reader.post(f"/ideas/{idea.id}/suggestions", data=sent(seen="7")).status_code == 404


def test_who_writes_the_idea_just_edits(client_for: ClientFor) -> None:
    idea = an_idea()
    for person in (idea.author, co_author_of(idea)):
        writer = client_for(person)
        assert "Suggest an edit" not in writer.get(post_address(idea)).text
        assert writer.get(f"/ideas/{idea.id}/suggestions/new").status_code == 403
        assert writer.post(f"/ideas/{idea.id}/suggestions", data=sent()).status_code == 403


def test_where_nobody_is_here_to_decide_nothing_is_suggested(client_for: ClientFor) -> None:
    idea = an_idea(by=make_person(kind="demo"))
    reader = client_for(make_person())
    assert "Suggest an edit" not in reader.get(post_address(idea)).text
    assert reader.post(f"/ideas/{idea.id}/suggestions", data=sent()).status_code == 403


def test_a_guest_reads_and_is_asked_to_sign_in(client: FlaskClient) -> None:
    suggestion = suggested()
    assert "Suggest an edit" not in client.get(post_address(suggestion.idea)).text
    assert client.get(path_of(suggestion)).status_code == 200
    assert client.get(f"/ideas/{suggestion.idea_id}/suggestions/new").location.startswith("/sign-in")
    for what in ("acceptance", "rejection", "withdrawal", "deletion", "idea"):
        assert client.post(path_of(suggestion, what)).location.startswith("/sign-in")
    assert state_of(suggestion) == "open"


def test_one_person_has_five_waiting_at_most_and_the_same_counts_once(client_for: ClientFor) -> None:
    idea, person = an_idea(), make_person()
    first = suggested(idea, by=person)
    assert suggested(idea, by=person).id == first.id
    for number in range(4):
        suggested(idea, by=person, text=f"{AFTER} {number}")
    assert client_for(person).post(f"/ideas/{idea.id}/suggestions", data=sent(text="More")).status_code == 409
    withdraw_suggestion(first, by=person)
    suggested(idea, by=person, text="Another one")
    suggested(idea, text="Of someone else")
    assert db.session.scalar(select(func.count(Suggestion.id))) == 7


@pytest.mark.parametrize("who", ["author", "co-author"])
def test_an_author_accepts_and_the_credit_is_the_proposers(
    client: FlaskClient, client_for: ClientFor, who: str
) -> None:
    suggestion = suggested()
    idea = suggestion.idea
    decider = idea.author if who == "author" else co_author_of(idea)
    writer = client_for(decider)
    page = writer.get(post_address(idea)).text
    assert "1 suggested edit waits." in page
    assert f'action="{path_of(suggestion, "acceptance")}"' in writer.get(f"/ideas/{idea.id}/suggestions").text
    answer = writer.post(path_of(suggestion, "acceptance"))
    assert (answer.status_code, answer.location) == (303, f"{post_address(idea)}#approach-title")
    db.session.refresh(idea)
    assert (idea.approach, idea.revision, state_of(suggestion), suggestion.revision) == (AFTER, 2, "accepted", 2)
    revision = db.session.scalars(select(Revision).where(Revision.post_id == idea.id, Revision.number == 2)).one()
    assert (revision.author_id, revision.proposer_id) == (decider.id, suggestion.proposer_id)
    assert revision.reason == "Two are full by noon."
    told = entry("suggestion_accepted")
    assert (told.person_id, told.is_public) == (suggestion.proposer_id, True)
    assert "Suggested by" in client.get(f"/ideas/{idea.id}/revisions").text
    for path in (f"/ideas/{idea.id}/revisions", f"/ideas/{idea.id}/revisions/2", f"/ideas/{idea.id}/contributors"):
        assert "Esi Darko" in client.get(path).text
    assert "1 suggested edit was taken over" in client.get(f"/ideas/{idea.id}/contributors").text
    assert "Your edit was taken over" in client_for(suggestion.proposer).get("/").text


def test_a_title_can_be_suggested_too(client_for: ClientFor) -> None:
    suggestion = suggested(part="title", text="Battery boxes at every school gate")
    answer = client_for(suggestion.idea.author).post(path_of(suggestion, "acceptance"))
    assert answer.location == f"/ideas/{suggestion.idea_id}/battery-boxes-at-every-school-gate#title"


@pytest.mark.parametrize("by_hand", [{}, {"text": "", "seen": "1"}])
def test_a_section_that_is_wrong_can_be_suggested_to_go(client_for: ClientFor, by_hand: dict[str, str]) -> None:
    idea = an_idea()
    assert client_for(make_person()).post(f"/ideas/{idea.id}/suggestions", data=sent(text="")).status_code == 303
    suggestion = db.session.scalars(select(Suggestion)).one()
    assert client_for(idea.author).post(path_of(suggestion, "acceptance"), data=by_hand).status_code == 303
    db.session.refresh(idea)
    assert (idea.approach, state_of(suggestion)) == ("", "accepted")


def test_a_changed_section_takes_both_changes_where_they_do_not_meet(client_for: ClientFor) -> None:
    suggestion = suggested()
    idea = suggestion.idea
    revise(idea, sections={**idea.sections, "approach": f"{BEFORE} And one at the shop."})
    client_for(idea.author).post(path_of(suggestion, "acceptance"))
    db.session.refresh(idea)
    assert idea.approach == f"{AFTER} And one at the shop."


def test_where_they_meet_an_author_puts_them_together_by_hand(client_for: ClientFor) -> None:
    suggestion = suggested()
    idea = suggestion.idea
    revise(idea, sections={**idea.sections, "approach": BEFORE.replace("two", "three")})
    author, by_hand = client_for(idea.author), path_of(suggestion, "acceptance")
    assert "Put both together by hand" in author.get(path_of(suggestion)).text
    assert author.post(by_hand).location == by_hand
    page = author.get(by_hand).text
    assert f"{BEFORE.replace('two', 'three')}</textarea>" in page
    assert "<del>two</del>" in page
    assert "<ins>four</ins>" in page
    assert "<del>two</del>" in page
    assert "<ins>three</ins>" in page
    unchanged = author.post(by_hand, data={"text": BEFORE.replace("two", "three"), "seen": "2"})
    assert (unchanged.status_code, "Change something" in unchanged.text) == (422, True)
    made = BEFORE.replace("two", "three or four")
    assert author.post(by_hand, data={"text": made, "seen": "2"}).status_code == 303
    db.session.refresh(idea)
    assert (idea.approach, state_of(suggestion)) == (made, "accepted")


def test_what_the_text_says_already_is_not_taken_over_again(client_for: ClientFor) -> None:
    idea = an_idea()
    suggestion = suggested(idea)
    revise(idea, sections={"problem": "Fires in bins.", "approach": AFTER})
    author = client_for(idea.author)
    page = author.get(path_of(suggestion)).text
    assert "The text reads like this already." in page
    assert "Reject" in page
    assert path_of(suggestion, "acceptance") not in page
    answer = author.post(path_of(suggestion, "acceptance"))
    assert (answer.status_code, "The text reads like this already." in answer.text) == (409, True)
    assert state_of(suggestion) == "open"
    assert idea.revision == 2


def test_what_fits_can_be_accepted_with_changes(client_for: ClientFor) -> None:
    suggestion = suggested()
    idea = suggestion.idea
    author, path = client_for(idea.author), path_of(suggestion, "acceptance")
    assert f"{AFTER}</textarea>" in author.get(path).text
    assert author.post(path, data={"text": f"{AFTER} At first.", "seen": "1"}).status_code == 303
    db.session.refresh(idea)
    assert idea.approach == f"{AFTER} At first."


def test_what_was_put_together_is_kept_when_someone_saved_meanwhile(client_for: ClientFor) -> None:
    suggestion = suggested()
    idea = suggestion.idea
    revise(idea, sections={**idea.sections, "costs": "310 cedis"})
    author = client_for(idea.author)
    answer = author.post(path_of(suggestion, "acceptance"), data={"text": "Both together.", "seen": "1"})
    assert (answer.status_code, state_of(suggestion)) == (409, "open")
    assert "Both together.</textarea>" in answer.text
    assert 'name="seen" value="2"' in answer.text
    author.post(path_of(suggestion, "acceptance"), data={"text": "Both together.", "seen": "2"})
    assert state_of(suggestion) == "accepted"


def test_an_author_rejects_with_a_reason(client: FlaskClient, client_for: ClientFor) -> None:
    suggestion = suggested()
    author = client_for(suggestion.idea.author)
    missing = author.post(path_of(suggestion, "rejection"), data={"reply": " "})
    assert (missing.status_code, "This is needed" in missing.text, state_of(suggestion)) == (422, True, "open")
    assert "300" in author.post(path_of(suggestion, "rejection"), data={"reply": "z" * 301}).text
    assert author.post(path_of(suggestion, "rejection"), data={"reply": "Four do not fit."}).status_code == 303
    assert state_of(suggestion) == "rejected"
    assert "Four do not fit." in client.get(path_of(suggestion)).text
    told = entry("suggestion_rejected")
    assert (told.person_id, told.note, told.is_public) == (suggestion.proposer_id, "Four do not fit.", False)
    assert "Four do not fit." in client_for(suggestion.proposer).get("/").text


def test_only_who_writes_the_idea_decides(client_for: ClientFor) -> None:
    suggestion = suggested()
    left = co_author_of(suggestion.idea)
    leave_idea(suggestion.idea_id, by=left)
    for person in (suggestion.proposer, make_person(), make_moderator(), left):
        reader = client_for(person)
        page = reader.get(path_of(suggestion)).text
        assert path_of(suggestion, "acceptance") not in page
        assert "suggested edit waits" not in reader.get(post_address(suggestion.idea)).text
        assert reader.get(path_of(suggestion, "acceptance")).status_code == 403
        assert reader.post(path_of(suggestion, "acceptance")).status_code == 403
        assert reader.post(path_of(suggestion, "rejection"), data={"reply": "No"}).status_code == 403
    with pytest.raises(NotAllowed):
        accept_suggestion(suggestion, by=left)
    assert state_of(suggestion) == "open"


def test_the_proposer_takes_it_back_and_nobody_else_does(client_for: ClientFor) -> None:
    suggestion = suggested()
    for person in (suggestion.idea.author, make_person(), make_moderator()):
        assert client_for(person).post(path_of(suggestion, "withdrawal")).status_code == 403
    assert client_for(suggestion.proposer).post(path_of(suggestion, "withdrawal")).status_code == 303
    assert state_of(suggestion) == "withdrawn"
    assert entry("suggestion_withdrawn").person_id == suggestion.idea.author_id
    assert client_for(suggestion.idea.author).post(path_of(suggestion, "acceptance")).status_code == 409


def test_what_was_decided_is_not_decided_again(client_for: ClientFor) -> None:
    suggestion = suggested()
    accept_suggestion(suggestion, by=suggestion.idea.author)
    author = client_for(suggestion.idea.author)
    answer = author.post(path_of(suggestion, "rejection"), data={"reply": "No"})
    assert (answer.status_code, "decided or taken back in the meantime" in answer.text) == (409, True)
    assert author.post(path_of(suggestion, "acceptance")).status_code == 409
    assert author.get(path_of(suggestion, "acceptance")).location == path_of(suggestion)
    with pytest.raises(Conflict):
        withdraw_suggestion(suggestion, by=suggestion.proposer)
    assert state_of(suggestion) == "accepted"


def test_of_two_decisions_at_once_exactly_one_counts(app: Flask) -> None:
    suggestion = suggested()
    author_id, suggestion_id = suggestion.idea.author_id, suggestion.id
    db.session.rollback()
    start, answers = Barrier(4), []

    def decide(number: int) -> None:
        with app.app_context():
            mine = db.session.get_one(Suggestion, suggestion_id)
            author = db.session.get_one(User, author_id)
            assert mine.idea.stays == []
            start.wait()
            try:
                if number % 2:
                    accept_suggestion(mine, by=author)
                else:
                    reject_suggestion(mine, by=author, reply="No")
                answers.append("decided")
            except Conflict:
                answers.append("refused")

    threads = [Thread(target=decide, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["decided", "refused", "refused", "refused"]
    idea = db.session.get_one(Idea, db.session.get_one(Suggestion, suggestion_id).idea_id)
    assert (idea.revision, idea.approach) in ((1, BEFORE), (2, AFTER))


@pytest.mark.parametrize("how", ["accepted", "deleted"])
def test_what_a_moderator_deleted_meanwhile_is_not_decided(app: Flask, how: str) -> None:
    suggestion, moderator = suggested(), make_moderator()
    author, ids = suggestion.idea.author, (suggestion.id, moderator.id)

    def delete() -> None:
        with app.app_context():
            own, by = db.session.get_one(Suggestion, ids[0]), db.session.get_one(User, ids[1])
            delete_suggestion(own, by=by, reason="Names a pupil")

    thread = Thread(target=delete)
    thread.start()
    thread.join()
    decide = {
        "accepted": lambda: accept_suggestion(suggestion, by=author),
        "deleted": lambda: delete_suggestion(suggestion, by=moderator, reason="Names a pupil"),
    }[how]
    with pytest.raises(NotThere):
        decide()


def own_idea(**facts: Any) -> dict[str, Any]:
    written = {"title": "Four battery boxes at our own gate", "problem": "Fires in bins.", "approach": AFTER}
    return {**written, "language": "en", "key": "one-key", "group": "1", **facts}


@pytest.mark.parametrize("state", ["open", "rejected", "withdrawn"])
def test_the_proposer_makes_it_an_idea_of_their_own(client: FlaskClient, client_for: ClientFor, state: str) -> None:
    suggestion = suggested()
    idea, esi = suggestion.idea, client_for(suggestion.proposer)
    if state == "rejected":
        reject_suggestion(suggestion, by=idea.author, reply="Four do not fit.")
    elif state == "withdrawn":
        withdraw_suggestion(suggestion, by=suggestion.proposer)
    path = path_of(suggestion, "idea")
    assert f'href="{path}"' in esi.get(path_of(suggestion)).text
    form = esi.get(path).text
    assert f"{AFTER}</textarea>" in form
    assert f'value="{TITLE}"' not in form
    assert f'action="{path}"' in form
    assert f'name="way-{idea.id}" value="builds-on" checked' in form
    data = own_idea(**{f"way-{idea.id}": "builds-on"})
    answer = esi.post(path, data=data)
    own = db.session.scalars(select(Idea).where(Idea.author_id == suggestion.proposer_id)).one()
    assert (answer.status_code, answer.location) == (303, post_address(own))
    assert (state_of(suggestion), suggestion.became_id) == ("became_idea", own.id)
    assert db.session.get(Lineage, (own.id, idea.id)).kind == "builds-on"  # type: ignore[union-attr]
    assert entry("suggestion_became_idea").person_id == idea.author_id
    assert own.title in client.get(path_of(suggestion)).text
    assert esi.post(path, data=data).location == post_address(own)
    assert esi.post(path, data=own_idea(key="another", title="A second idea out of the same")).status_code == 409


def test_a_draft_of_an_own_idea_goes_on_where_it_was_begun(client_for: ClientFor) -> None:
    suggestion = suggested()
    esi, path = client_for(suggestion.proposer), path_of(suggestion, "idea")
    of = f"idea-of-suggestion-{suggestion.idea_id}-0-{suggestion.id}"
    assert f'name="draft-of" value="{of}"' in esi.get(path).text
    kept = own_idea(**{"draft-of": of, "draft-key": "one-key", "problem": "Fires in every bin."})
    answer = esi.post("/drafts", data=kept)
    assert answer.location.startswith(f"{path}?draft=")
    form = esi.get(answer.location).text
    assert "Fires in every bin.</textarea>" in form
    assert f'action="{path}"' in form
    assert "New idea from a suggestion" in esi.get("/drafts").text
    assert "not published yet" in esi.get(path).text
    assert "not published yet" not in esi.get("/ideas/new").text
    assert esi.post(path, data=kept).status_code == 303
    assert "Fires in every bin." not in esi.get("/drafts").text


def test_an_own_idea_that_is_not_whole_comes_back(client_for: ClientFor) -> None:
    suggestion = suggested()
    esi, path = client_for(suggestion.proposer), path_of(suggestion, "idea")
    answer = esi.post(path, data=own_idea(problem=""))
    assert (answer.status_code, f'action="{path}"' in answer.text) == (422, True)
    assert esi.post(path, data=own_idea(preview="1")).status_code == 200
    assert state_of(suggestion) == "open"


def test_nobody_else_makes_it_an_idea_and_not_what_was_taken_over(client_for: ClientFor) -> None:
    suggestion = suggested()
    for person in (suggestion.idea.author, make_person(), make_moderator()):
        assert client_for(person).get(path_of(suggestion, "idea")).status_code == 403
        assert client_for(person).post(path_of(suggestion, "idea"), data=own_idea()).status_code == 403
    accept_suggestion(suggestion, by=suggestion.idea.author)
    esi = client_for(suggestion.proposer)
    assert esi.get(path_of(suggestion, "idea")).status_code == 403
    assert esi.post(path_of(suggestion, "idea"), data=own_idea()).status_code == 409


def test_what_came_of_a_private_groups_text_stays_in_the_group(client: FlaskClient, client_for: ClientFor) -> None:
    member, fellow = make_person(), make_person()
    group = make_private_group(member, fellow)
    suggestion = suggested(an_idea(by=member, group=group), by=fellow)
    page = client_for(fellow).get(path_of(suggestion, "idea")).text
    assert f'<option selected value="{group.id}">' in page
    answer = client_for(fellow).post(path_of(suggestion, "idea"), data=own_idea())
    assert (answer.status_code, "stays in that group" in answer.text) == (422, True)
    facts = {"title": "Four battery boxes at our own gate", "sections": {"problem": AFTER}}
    with pytest.raises(Refusal):
        make_own_idea(suggestion, by=fellow, group=challenge_group(), sent_as=None, **facts)
    assert state_of(suggestion) == "open"
    answer = client_for(fellow).post(path_of(suggestion, "idea"), data=own_idea(group=str(group.id)))
    assert client.get(answer.location).status_code == 404


def test_an_own_idea_credits_the_other_whatever_the_form_says(client_for: ClientFor) -> None:
    suggestion = suggested()
    client_for(suggestion.proposer).post(path_of(suggestion, "idea"), data=own_idea())
    assert state_of(suggestion) == "became_idea"
    assert suggestion.became_id is not None
    assert db.session.get_one(Lineage, (suggestion.became_id, suggestion.idea_id)).kind == "builds-on"


def go_away(idea: Idea, kind: str) -> None:
    if kind == "deleted":
        delete_post(idea, by=idea.author)
        return
    with transaction():
        idea.hidden_at = now()
        post_hidden.send(idea)


@pytest.mark.parametrize(("kind", "status"), [("private", 404), ("hidden", 404), ("deleted", 410)])
def test_suggestions_are_as_invisible_as_the_idea(
    client: FlaskClient, client_for: ClientFor, kind: str, status: int
) -> None:
    member, fellow = make_person(), make_person()
    idea = an_idea(by=member, group=make_private_group(member, fellow)) if kind == "private" else an_idea(by=member)
    suggestion = suggested(idea, by=fellow)
    if kind != "private":
        go_away(idea, kind)
    listed = f"/ideas/{idea.id}/suggestions"
    stranger = client_for(make_person())
    for reader in (client, stranger):
        for path in (listed, path_of(suggestion)):
            assert reader.get(path).status_code == status
    for path in (f"{listed}/new", path_of(suggestion, "acceptance"), path_of(suggestion, "idea")):
        assert stranger.get(path).status_code == status
    assert stranger.post(listed, data=sent()).status_code == status
    if kind == "private":
        assert client_for(member).get(path_of(suggestion)).status_code == 200
    else:
        assert TITLE not in client_for(member).get("/").text


def test_a_suggestion_is_found_at_its_own_idea_alone(client_for: ClientFor) -> None:
    suggestion = suggested()
    other = an_idea(by=suggestion.idea.author)
    author = client_for(other.author)
    assert author.get(f"/ideas/{other.id}/suggestions/{suggestion.id}").status_code == 404
    assert author.post(f"/ideas/{other.id}/suggestions/{suggestion.id}/acceptance").status_code == 404


def test_what_became_of_it_is_linked_for_those_who_may_see_it(client: FlaskClient, client_for: ClientFor) -> None:
    suggestion = suggested()
    own, group = suggestion.proposer, make_private_group(suggestion.proposer)
    hidden = make_idea(by=own, title="An idea that nobody may see here", group=group)
    with transaction():
        suggestion.state, suggestion.became_id = "became_idea", hidden.id
    assert hidden.title not in client.get(path_of(suggestion)).text
    assert hidden.title in client_for(suggestion.proposer).get(path_of(suggestion)).text


def test_a_moderator_deletes_one_and_others_do_not(client: FlaskClient, client_for: ClientFor) -> None:
    suggestion = suggested()
    path, proposer_id = path_of(suggestion), suggestion.proposer_id
    for person in (suggestion.idea.author, suggestion.proposer, make_person()):
        assert client_for(person).post(f"{path}/deletion").status_code == 403
    moderator = client_for(make_moderator())
    assert f"{path}/deletion" in moderator.get(path).text
    assert "Why" not in moderator.get(f"{path}/deletion").text
    assert moderator.post(f"{path}/deletion", data={"reason": ""}).status_code == 422
    assert moderator.post(f"{path}/deletion", data={"reason": "It names a pupil."}).status_code == 303
    assert client.get(path).status_code == 404
    log = client.get("/moderation/log").text
    assert "Deleted a suggested edit" in log
    assert "It names a pupil." in log
    assert entry("suggestion_deleted").person_id == proposer_id


def test_hostile_text_is_shown_as_text(client: FlaskClient) -> None:
    script = "<script>alert(1)</script>"
    suggestion = suggested(text=script, reason=script, by=make_person(display_name=script))
    for path in (path_of(suggestion), f"/ideas/{suggestion.idea_id}/suggestions"):
        assert script not in client.get(path).text


def test_the_open_ones_come_first(client: FlaskClient) -> None:
    idea = an_idea()
    rejected = suggested(idea, reason="It was the first.")
    suggested(idea, reason="It waits.")
    reject_suggestion(rejected, by=idea.author, reply="No")
    page = client.get(f"/ideas/{idea.id}/suggestions").text
    assert page.index("It waits.") < page.index("It was the first.")
    assert "1 waits · 2 in all" in page


def test_the_pages_ask_the_same_however_many_there_are(client_for: ClientFor, count_queries: list[str]) -> None:
    idea = an_idea()
    author = client_for(idea.author)
    author.get("/")
    counts = []
    for _ in range(2):
        for number in range(3):
            suggested(idea, by=make_person(), text=f"{AFTER} {number}")
        for path in (f"/ideas/{idea.id}/suggestions", post_address(idea), "/"):
            count_queries.clear()
            assert author.get(path).status_code == 200
            counts.append(len(count_queries))
    assert counts[:3] == counts[3:]
    assert counts[0] <= 8


def test_suggesting_too_fast_is_refused(app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.limits.limiter._request_filters", [])
    person = client_for(make_person())
    statuses = [person.post(f"/ideas/{an_idea().id}/suggestions", data=sent()).status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]


def test_what_waits_at_an_idea_that_is_merged_is_set_aside_and_its_proposer_told(client_for: ClientFor) -> None:
    idea, into, proposer = an_idea(), make_idea(title="Boxes at every gate"), make_person()
    suggestion = suggested(idea, by=proposer)
    merge = propose_merge(idea, into=into, by=idea.author, line="They say the same.")
    accept_merge(merge, by=into.author)
    assert (suggestion.state, suggestion.reply, suggestion.decider_id) == ("set_aside", "", into.author_id)
    told = entry("suggestion_set_aside")
    assert (told.post_id, told.person_id, told.is_public) == (into.id, proposer.id, False)
    run_all_jobs()
    browser, address = client_for(proposer), f"/ideas/{idea.id}/suggestions/{suggestion.id}"
    assert "you suggested an edit for is part of" in browser.get("/notices").text
    assert address in browser.get("/").text
    page = browser.get(address).text
    assert suggestion.reason in page
    assert re.search(f'was merged into another one: <a href="{post_address(into)}"[^>]*>Boxes at every gate</a>', page)
    assert "Make it an idea of my own" not in page
    assert client_for(make_person()).get(address).status_code == 302
    with transaction():
        into.hidden_at = now()
    assert browser.get(address).status_code == 404
    assert address not in browser.get("/").text
    with transaction():
        into.hidden_at = None
    undo_merge(merge, by=idea.author)
    page = client_for(proposer).get(f"/ideas/{idea.id}/suggestions/{suggestion.id}").text
    assert "The idea was merged into another one before anybody decided" in page
    assert "Make it an idea of my own" in page


def test_what_is_typed_is_kept_until_it_is_suggested(client_for: ClientFor) -> None:
    idea = an_idea()
    browser, of = client_for(make_person()), f"suggestion-{idea.id}"
    token = kept(browser, of=of, **sent(reason=""))
    form = f"/ideas/{idea.id}/suggestions/new"
    assert f"{form}?draft={token}" in browser.get(form).text
    page = browser.get(f"{form}?draft={token}").text
    assert AFTER in page
    assert 'name="section" value="approach"' in page
    read = browser.get(f"/drafts/{token}").text
    assert "Suggested edit" in read
    assert "What we would do</h2>" in read
    answer = browser.post(f"/ideas/{idea.id}/suggestions", data=sent() | {"draft-of": of, "draft-key": "a-key"})
    assert answer.status_code == 303
    assert "not published yet" not in browser.get(form).text


@pytest.mark.parametrize("way", ["sent", "preview", "acceptance"])
def test_a_revision_that_no_idea_can_have_is_refused(client_for: ClientFor, way: str) -> None:
    suggestion, beyond = suggested(), "9" * 25
    if way == "acceptance":
        data, person = {"text": "Six boxes.", "seen": beyond}, suggestion.idea.author
        assert client_for(person).post(path_of(suggestion, "acceptance"), data=data).status_code == 422
    else:
        data = sent(seen=beyond, **({"preview": "1"} if way == "preview" else {}))
        answer = client_for(make_person()).post(f"/ideas/{suggestion.idea_id}/suggestions", data=data)
        assert answer.status_code == (404 if way == "preview" else 422)
