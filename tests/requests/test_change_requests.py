"""A comment asks for a change of an idea; whoever may revise it answers with a revision, or declines."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import delete_comment, post_comment
from app.forum.models import Comment
from app.forum.queries import post_address
from app.ideas.commands import add_co_author
from app.ideas.models import Idea
from app.journal.models import JournalEntry
from app.questions.commands import ask_comment
from app.refusals import Conflict, NotAllowed, NotThere
from app.requests.commands import (
    answer_request,
    answer_requests,
    ask_for_change,
    decline_request,
    reopen_request,
    request_with,
    withdraw_request,
)
from app.requests.models import ChangeRequest
from app.requests.queries import ledger_of
from app.stages.queries import feedback_on
from app.suggestions.commands import suggest_edit
from tests.factories import make_idea, make_moderator, make_person, make_private_group, revise

ClientFor = Callable[[User], FlaskClient]
BODY = "How much does one box cost, and who pays for it?"
PROBLEM = "Pupils throw phone batteries into the classroom bin."


def asked(idea: Idea | None = None, *, by: User | None = None, **facts: Any) -> ChangeRequest:
    idea = idea or make_idea(sections={"problem": PROBLEM})
    wanted = {"body": BODY, "section": "costs", "kind": "cost", **facts}
    comment = ask_for_change(idea, by=by or make_person(display_name="Esi Darko"), **wanted)
    return db.session.get_one(ChangeRequest, comment.id)


def now_of(request: ChangeRequest) -> ChangeRequest:
    return db.session.get_one(ChangeRequest, request.comment_id, populate_existing=True)


def entries(idea: Idea) -> list[tuple[str, int | None, int | None, str, bool]]:
    found = select(JournalEntry).where(JournalEntry.post_id == idea.id, JournalEntry.action.like("request_%"))
    rows = db.session.scalars(found.order_by(JournalEntry.id))
    return [(row.action, row.by_id, row.person_id, row.note, row.is_public) for row in rows]


def edited(idea: Idea, **facts: Any) -> dict[str, Any]:
    """What the composer sends when the author changes these fields."""
    return {
        "title": idea.title,
        **idea.sections,
        "language": "en",
        "stage": "published",
        "seen": idea.revision,
        **facts,
    }


def test_from_the_request_to_the_diff_that_answers_it(client: FlaskClient, client_for: ClientFor) -> None:
    idea, person = make_idea(sections={"problem": PROBLEM}), make_person(display_name="Esi Darko")
    asker, author, path = client_for(person), client_for(idea.author), post_address(idea)
    page = asker.get(path).text
    assert f'formaction="/ideas/{idea.id}/requests"' in page
    assert page.count('<input type="radio" id="asked-kind-') == 5
    typed = {"body": BODY, "section": "costs", "kind": "cost"}
    response = asker.post(f"/ideas/{idea.id}/requests", data=typed)
    comment = db.session.scalars(select(Comment)).one()
    assert (response.status_code, response.location) == (303, f"{path}#comment-{comment.id}")
    assert "1 asked, 0 answered" in client.get(path).text

    composer = author.get(f"/ideas/{idea.id}/edit").text
    part = composer[composer.index('id="costs-part"') : composer.index('id="needs-part"')]
    assert BODY in part
    assert "asked by <bdi>Esi Darko</bdi>" in part
    assert f"#comment-{comment.id}" in part

    way = f'<a class="button quiet small" href="/ideas/{idea.id}/requests/{comment.id}">'
    assert way in author.get(path).text
    assert way not in asker.get(path).text + client.get(path).text

    text = "One box costs 12 euro; the parents pay for it."
    response = author.post(f"/ideas/{idea.id}/revisions", data=edited(idea, costs=text))
    proposal = f"/ideas/{idea.id}/requests/answers?revision=2"
    assert (response.status_code, response.location) == (303, proposal)
    page = author.get(proposal).text
    assert "Your changes are saved." in page
    assert re.search(rf'<input[^>]*checked[^>]*name="is_answered_{comment.id}"', page)
    assert now_of(db.session.get_one(ChangeRequest, comment.id)).state == "open", "nothing is answered unconfirmed"

    sent = {f"is_answered_{comment.id}": "y", f"reply_{comment.id}": "Thanks, it was missing."}
    response = author.post(proposal, data=sent)
    assert (response.status_code, response.location) == (303, path)
    page = asker.get(path).text
    assert "1 asked, 1 answered" in page
    assert way not in author.get(path).text
    assert f'<a href="/ideas/{idea.id}/revisions/2">Done, see the diff</a>' in page
    assert "Thanks, it was missing." in page
    said = f'Answers the request by <bdi>Esi Darko</bdi>: <a href="{path}#comment-{comment.id}" dir="auto">{BODY}</a>'
    assert said in asker.get(f"/ideas/{idea.id}/revisions/2").text
    assert said not in asker.get(f"/ideas/{idea.id}/revisions/1").text
    assert client.get(f"/ideas/{idea.id}/revisions").text.count(said) == 1
    history = client.get(f"/ideas/{idea.id}/revisions").text
    assert f"<bdi>{idea.author.display_name}</bdi> answered a request of <bdi>Esi Darko</bdi>" in history
    assert entries(idea) == [
        ("request_made", person.id, idea.author_id, "", False),
        ("request_answered", idea.author_id, person.id, "Thanks, it was missing.", True),
    ]


def test_a_suggested_edit_that_is_taken_over_leads_to_what_it_answers_as_any_other_revision_does(
    client_for: ClientFor,
) -> None:
    idea = make_idea(sections={"problem": PROBLEM, "costs": "One box costs 12 euro."})
    asked(idea)
    author, reader = client_for(idea.author), make_person()
    for number, text in (
        (2, "One box costs 12 euro; the parents pay."),
        (3, "One box costs 13 euro; the parents pay."),
    ):
        suggestion = suggest_edit(idea, by=reader, part="costs", text=text, reason="It was open.", seen=number - 1)
        by_hand = {"text": text, "seen": number - 1} if number == 3 else {}
        response = author.post(f"/ideas/{idea.id}/suggestions/{suggestion.id}/acceptance", data=by_hand)
        assert (response.status_code, response.location) == (
            303,
            f"/ideas/{idea.id}/requests/answers?revision={number}",
        )


def test_what_the_author_unticks_stays_open(client_for: ClientFor) -> None:
    request = asked()
    revise(request.idea, sections={"problem": PROBLEM, "costs": "One box costs 12 euro; the parents pay for it."})
    page = f"/ideas/{request.idea_id}/requests/answers?revision=2"
    assert client_for(request.idea.author).post(page, data={}).status_code == 303
    assert now_of(request).state == "open"


def test_a_change_elsewhere_leads_back_to_the_idea(client_for: ClientFor) -> None:
    idea = asked().idea
    changed = edited(idea, needs="A carpenter for the boxes.")
    response = client_for(idea.author).post(f"/ideas/{idea.id}/revisions", data=changed)
    assert response.location == post_address(idea)


def test_a_request_on_what_was_not_changed_can_be_ticked_too(client_for: ClientFor) -> None:
    request = asked()
    revise(request.idea, sections={"problem": PROBLEM, "approach": "A box costs 12 euro, and parents pay."})
    path = f"/ideas/{request.idea_id}/requests/answers?revision=2"
    author = client_for(request.idea.author)
    page = author.get(path).text
    assert "1 more on parts that you did not change" in page
    assert not re.search(rf'<input[^>]*checked[^>]*name="is_answered_{request.comment_id}"', page)
    author.post(path, data={f"is_answered_{request.comment_id}": "y"})
    assert (now_of(request).state, now_of(request).revision) == ("answered", 2)


def test_a_line_that_is_too_long_comes_back(client_for: ClientFor) -> None:
    request = asked()
    revise(request.idea, sections={"problem": PROBLEM, "costs": "Twelve euro."})
    path, ticked = f"/ideas/{request.idea_id}/requests/answers?revision=2", f"is_answered_{request.comment_id}"
    response = client_for(request.idea.author).post(path, data={ticked: "y", f"reply_{request.comment_id}": "x" * 301})
    assert response.status_code == 422
    assert "x" * 301 in response.text
    assert re.search(rf'<input[^>]*checked[^>]*name="{ticked}"', response.text)
    assert now_of(request).state == "open"


@pytest.mark.parametrize("revision", ["0", "1", "3", "2147483647", "99999999999999999999"])
def test_of_a_revision_that_is_not_there_or_had_none_before_nothing_is_proposed(
    client_for: ClientFor, revision: str
) -> None:
    idea = asked().idea
    revise(idea, sections={"problem": PROBLEM, "costs": "Twelve euro."})
    author = client_for(idea.author)
    assert author.get(f"/ideas/{idea.id}/requests/answers?revision={revision}").status_code in (400, 404)


def test_a_form_that_is_not_complete_comes_back_with_what_was_chosen(client_for: ClientFor) -> None:
    idea, asker = make_idea(), client_for(make_person())
    post_comment(idea, by=idea.author, body="The first comment of all.")
    response = asker.post(f"/ideas/{idea.id}/requests", data={"body": BODY, "section": "costs"})
    assert response.status_code == 422
    assert "What you ask for: Choose one." in response.text
    assert response.text.index("What you ask for: Choose one.") < response.text.index('class="ask" open')
    assert response.text.index('class="ask" open') < response.text.index("The first comment of all.")
    assert 'href="#asked-kind"' in response.text
    assert '<option selected value="costs">' in response.text
    assert BODY in response.text
    assert '<details class="ask" open>' in response.text
    response = asker.post(f"/ideas/{idea.id}/requests", data={"body": "", "kind": "cost", "section": "nonsense"})
    assert response.status_code == 422
    assert len(db.session.scalars(select(Comment)).all()) == 1


def test_a_preview_keeps_what_was_chosen(client_for: ClientFor) -> None:
    idea, asker = make_idea(), client_for(make_person())
    typed = {"body": BODY, "section": "costs", "kind": "cost", "preview": "1"}
    page = asker.post(f"/posts/{idea.id}/comments", data=typed).text
    assert '<details class="ask" open>' in page
    assert '<option selected value="costs">' in page


def test_htmx_gets_the_thread_alone(client_for: ClientFor) -> None:
    idea, asker = make_idea(), client_for(make_person())
    typed = {"body": BODY, "section": "", "kind": "safety"}
    page = asker.fragment(f"/ideas/{idea.id}/requests", "comments", method="POST", data={**typed, "kind": ""})
    assert page.status_code == 422
    assert page.text.lstrip().startswith("<section")
    asker.fragment(f"/ideas/{idea.id}/requests", "comments", method="POST", data=typed)
    thread = asker.fragment(post_address(idea), "comments").text
    assert "<html" not in thread
    assert "Asks for a change" in thread
    assert "Safety, on the whole idea" in thread


def test_a_comment_that_is_there_becomes_a_request_and_is_taken_back(client_for: ClientFor) -> None:
    idea, person = make_idea(), make_person()
    comment, asker = post_comment(idea, by=person, body=BODY), client_for(person)
    path = f"/comments/{comment.id}/request"
    assert f'href="{path}"' in asker.get(post_address(idea)).text
    assert BODY in asker.get(path).text
    assert asker.post(path, data={"section": "costs"}).status_code == 422
    assert asker.post(path, data={"section": "costs", "kind": "cost"}).status_code == 303
    page = asker.get(post_address(idea)).text
    assert f'action="{path}/withdrawal"' in page
    assert f'href="{path}"' not in page
    assert asker.post(f"{path}/withdrawal").location == f"{post_address(idea)}#comment-{comment.id}"
    page = asker.get(post_address(idea)).text
    assert "asked, " not in page
    assert f'href="{path}"' in page
    assert asker.post(f"{path}/withdrawal").status_code == 404
    asker.post(path, data={"section": "", "kind": "safety"})
    row = ledger_of(idea.id).open[0]
    assert (row.section, row.kind) == (None, "safety")
    assert [entry[0] for entry in entries(idea)] == ["request_made", "request_withdrawn", "request_made"]


def test_asked_twice_the_same_is_asked_once(app: Flask) -> None:
    request = asked()
    asker = request.comment.author
    request_with(request.comment, by=asker, section="costs", kind="cost")
    assert len(entries(request.idea)) == 1
    request_with(request.comment, by=asker, section="needs", kind="question")
    assert (now_of(request).section, now_of(request).kind) == ("needs", "question")


def test_only_whoever_wrote_a_comment_asks_with_it(client_for: ClientFor) -> None:
    idea = make_idea()
    comment, stranger = post_comment(idea, by=make_person(), body=BODY), client_for(make_person())
    path, typed = f"/comments/{comment.id}/request", {"kind": "cost"}
    assert stranger.get(path).status_code == 403
    assert stranger.post(path, data=typed).status_code == 403
    assert client_for(idea.author).post(path, data=typed).status_code == 403
    with pytest.raises(NotAllowed):
        request_with(comment, by=make_moderator(), section=None, kind="cost")


def test_an_author_asks_nothing_of_their_own_idea(client_for: ClientFor) -> None:
    idea = make_idea()
    author = client_for(idea.author)
    assert 'class="ask"' not in author.get(post_address(idea)).text
    assert author.post(f"/ideas/{idea.id}/requests", data={"body": BODY, "kind": "cost"}).status_code == 403
    own = post_comment(idea, by=idea.author, body=BODY)
    assert author.post(f"/comments/{own.id}/request", data={"kind": "cost"}).status_code == 403


def test_strangers_and_the_asker_decide_nothing(client_for: ClientFor) -> None:
    request = asked()
    revise(request.idea, sections={"problem": PROBLEM, "costs": "Twelve euro."})
    ledger = f"/ideas/{request.idea_id}/requests"
    pages = [f"{ledger}/answers?revision=2", f"{ledger}/{request.comment_id}"]
    posts = [pages[0], f"{pages[1]}/answer", f"{pages[1]}/refusal"]
    for reader in (client_for(make_person()), client_for(request.comment.author)):
        assert [reader.get(page).status_code for page in pages] == [403, 403]
        assert [reader.post(page, data={"reason": "no", "revision": 2}).status_code for page in posts] == [403] * 3
    stranger = client_for(make_person())
    assert stranger.post(f"/comments/{request.comment_id}/request/withdrawal").status_code == 403
    assert "Answer or decline" not in stranger.get(ledger).text
    answer_request(request, by=request.idea.author, revision=2)
    assert stranger.post(f"{pages[1]}/reopening").status_code == 403
    assert "Open it again" not in stranger.get(ledger).text
    assert now_of(request).state == "answered"


def test_guests_read_the_ledger_and_are_asked_to_sign_in_for_the_rest(client: FlaskClient) -> None:
    request = asked()
    ledger = f"/ideas/{request.idea_id}/requests"
    page = client.get(ledger).text
    assert BODY in page
    assert "Esi Darko" in page
    assert "<form" not in page[page.index("<main") : page.index("</main>")]
    assert 'class="ask"' not in client.get(post_address(request.idea)).text
    for path in (
        f"{ledger}/answers?revision=2",
        f"{ledger}/{request.comment_id}",
        f"/comments/{request.comment_id}/request",
    ):
        response = client.get(path)
        assert response.status_code == 303
        assert "/sign-in" in response.location
    assert client.post(f"{ledger}/{request.comment_id}/reopening").status_code == 303
    assert now_of(request).state == "open"


def test_of_a_private_idea_others_learn_nothing(client: FlaskClient, client_for: ClientFor) -> None:
    member, fellow = make_person(), make_person()
    idea = make_idea(by=member, group=make_private_group(member, fellow), sections={"problem": PROBLEM})
    request = asked(idea, by=fellow)
    ledger = f"/ideas/{idea.id}/requests"
    stranger = client_for(make_person())
    assert client.get(ledger).status_code == 404
    for path in (
        ledger,
        f"{ledger}/answers?revision=1",
        f"{ledger}/{request.comment_id}",
        f"/comments/{request.comment_id}/request",
    ):
        assert stranger.get(path).status_code == 404
    assert stranger.post(ledger, data={"body": BODY, "kind": "cost"}).status_code == 404
    assert stranger.post(f"{ledger}/{request.comment_id}/answer", data={"revision": 1}).status_code == 404
    assert BODY in client_for(member).get(ledger).text


def test_the_ledger_of_what_is_not_there_is_not_there(client_for: ClientFor) -> None:
    request, other = asked(), make_idea()
    author = client_for(other.author)
    assert author.get("/ideas/999/requests").status_code == 404
    assert author.get(f"/ideas/{other.id}/requests/{request.comment_id}").status_code == 404
    plain = post_comment(other, by=make_person(), body=BODY)
    assert author.get(f"/ideas/{other.id}/requests/{plain.id}").status_code == 404
    assert client_for(plain.author).post(f"/comments/{plain.id}/request/withdrawal").status_code == 404


def test_the_ledger_is_decided_on_by_hand(client_for: ClientFor) -> None:
    request = asked()
    idea, asker = request.idea, request.comment.author
    revise(idea, sections={"problem": PROBLEM, "costs": "Twelve euro."}, reason="A sum")
    revise(idea, title="Battery boxes for all the schools of a town")
    page = f"/ideas/{idea.id}/requests/{request.comment_id}"
    author = client_for(idea.author)
    shown = author.get(page).text
    assert shown.index("Revision 3") < shown.index("Revision 2: A sum")
    assert "Revision 1" not in shown
    assert author.post(f"{page}/answer", data={"revision": 1}).status_code == 422
    response = author.post(f"{page}/answer", data={"revision": 2, "reply": "It says so now."})
    assert response.location == f"/ideas/{idea.id}/requests#request-{request.comment_id}"
    ledger = client_for(asker).get(f"/ideas/{idea.id}/requests").text
    assert "1 asked, 1 answered" in ledger
    assert f'<a href="/ideas/{idea.id}/revisions/2">Answered by revision 2</a>' in ledger
    assert "It says so now." in ledger
    assert "This is decided already." in author.get(page).text

    assert client_for(asker).post(f"{page}/reopening").status_code == 303
    reopened = now_of(request)
    assert (reopened.state, reopened.revision, reopened.reply, reopened.decided_by) == ("open", None, "", None)
    assert author.post(f"{page}/refusal", data={"reason": " "}).status_code == 422
    assert author.post(f"{page}/refusal", data={"reason": "The town decides that."}).status_code == 303
    ledger = client_for(asker).get(f"/ideas/{idea.id}/requests").text
    assert "Declined" in ledger
    assert "The town decides that." in ledger
    assert "1 asked, 0 answered, 1 declined" in ledger
    assert "The town decides that." in client_for(asker).get(post_address(idea)).text
    assert author.post(f"{page}/reopening").status_code == 303
    assert [entry[:4] for entry in entries(idea)][1:] == [
        ("request_answered", idea.author_id, asker.id, "It says so now."),
        ("request_reopened", asker.id, idea.author_id, ""),
        ("request_declined", idea.author_id, asker.id, "The town decides that."),
        ("request_taken_up_again", idea.author_id, asker.id, ""),
    ]


def test_whoever_brings_an_older_text_back_is_offered_to_open_again_what_it_does_not_answer(
    client_for: ClientFor,
) -> None:
    idea = make_idea(sections={"problem": PROBLEM})
    requests = [asked(idea, by=make_person()) for _ in range(4)]
    for number in (2, 3):
        revise(idea, sections={"problem": PROBLEM, "costs": f"{number} euro."})
    for request, number in zip(requests, (2, 3, 3, 1), strict=True):
        answer_request(request, by=idea.author, revision=number)
    author, restoration = client_for(idea.author), f"/ideas/{idea.id}/revisions/2/restoration"
    response = author.post(restoration, data={"seen": 3})
    page = f"/ideas/{idea.id}/requests/reopenings?revision=4"
    assert (response.status_code, response.location) == (303, page)
    ticked = re.findall(r'name="requests" value="(\d+)"[^>]* checked', author.get(page).text)
    assert ticked == [str(request.comment_id) for request in requests[1:3]]
    others = [requests[0].comment_id, requests[3].comment_id, "x" * 3]
    assert author.post(page, data={"requests": ["x"]}).status_code == 422
    response = author.post(page, data={"requests": [requests[1].comment_id, *others[:2]]})
    assert (response.status_code, response.location) == (303, post_address(idea))
    assert [now_of(request).state for request in requests] == ["answered", "open", "answered", "answered"]
    asker = requests[1].comment.author
    assert entries(idea)[-1] == ("request_taken_up_again", idea.author_id, asker.id, "", True)
    assert author.post(page, data={}).status_code == 303
    assert now_of(requests[2]).state == "answered"
    assert client_for(asker).get(page).status_code == 403


def test_the_history_tells_that_an_answered_request_was_opened_again_and_nothing_of_a_declined_one(
    client: FlaskClient,
) -> None:
    request = asked()
    idea, asker = request.idea, request.comment.author
    for by in (asker, idea.author):
        decline_request(request, by=idea.author, reason="Not now.")
        reopen_request(request, by=by)
        answer_request(request, by=idea.author, revision=1)
        reopen_request(request, by=by)
    history = client.get(f"/ideas/{idea.id}/revisions").text
    assert history.count("<bdi>Esi Darko</bdi> opened their own request again") == 1
    author = f"<bdi>{idea.author.display_name}</bdi>"
    assert history.count(f"{author} opened a request of <bdi>Esi Darko</bdi> again") == 1
    assert history.count("answered a request") == 2


def test_a_text_that_said_it_before_answers_with_its_newest_revision(client_for: ClientFor) -> None:
    request = asked()
    page = f"/ideas/{request.idea_id}/requests/{request.comment_id}"
    moderator = make_moderator()
    assert client_for(moderator).post(f"{page}/answer", data={"revision": 1}).status_code == 303
    assert (now_of(request).state, now_of(request).revision) == ("answered", 1)
    assert now_of(request).decided_by_id == moderator.id


def test_what_was_decided_is_not_taken_back_or_asked_anew(app: Flask) -> None:
    request = asked()
    asker = request.comment.author
    decline_request(request, by=request.idea.author, reason="No.")
    with pytest.raises(Conflict):
        withdraw_request(request, by=asker)
    with pytest.raises(Conflict):
        request_with(request.comment, by=asker, section=None, kind="clarity")
    with pytest.raises(Conflict):
        answer_request(request, by=request.idea.author, revision=1)
    reopen_request(request, by=asker)
    with pytest.raises(Conflict):
        reopen_request(request, by=asker)
    with pytest.raises(NotThere):
        answer_request(request, by=request.idea.author, revision=2)
    assert now_of(request).state == "open"


@pytest.mark.parametrize("kind", ["deleted", "hidden"])
def test_a_request_goes_with_its_comment(client_for: ClientFor, kind: str) -> None:
    request = asked()
    idea, reply = request.idea, "We look into it."
    post_comment(idea, by=idea.author, body=reply, parent=request.comment)
    asked(idea, body="Is it safe?", section=None, kind="safety")
    if kind == "deleted":
        delete_comment(request.comment, by=request.comment.author)
    else:
        with transaction():
            request.comment.hidden_at = now()
    author = client_for(idea.author)
    page = author.get(post_address(idea)).text
    assert reply in page
    assert "1 asked, 0 answered" in page
    ledger = f"/ideas/{idea.id}/requests"
    assert BODY not in author.get(ledger).text
    assert BODY not in author.get(f"/ideas/{idea.id}/edit").text
    assert author.get(f"{ledger}/{request.comment_id}").status_code == 404
    assert "1 asked" in client_for(make_moderator()).get(post_address(idea)).text
    with pytest.raises(Conflict):
        answer_request(request, by=idea.author, revision=1)
    assert answer_requests(idea, {request.comment_id: ""}, revision=1, by=idea.author) == 0


def test_a_comment_that_becomes_a_question_asks_no_change_any_more(client_for: ClientFor) -> None:
    request = asked()
    ask_comment(request.comment, by=request.comment.author, title="Who pays for battery boxes?", body=BODY)
    assert now_of(request).state == "withdrawn"
    assert ("request_became_question", request.comment.author_id) in [entry[:2] for entry in entries(request.idea)]
    page = client_for(request.comment.author).get(post_address(request.idea)).text
    assert "asked, " not in page
    assert f"/comments/{request.comment_id}/request" not in page
    with pytest.raises(Conflict):
        request_with(request.comment, by=request.comment.author, section=None, kind="cost")


def test_an_answered_request_stays_answered_when_its_comment_becomes_a_question(app: Flask) -> None:
    request = asked()
    answer_request(request, by=request.idea.author, revision=1)
    ask_comment(request.comment, by=request.comment.author, title="Who pays for battery boxes?", body=BODY)
    assert now_of(request).state == "answered"


def test_of_two_who_decide_at_once_one_is_told(app: Flask) -> None:
    request = asked()
    comment_id, idea_id, deciders = request.comment_id, request.idea_id, [make_moderator().id, make_moderator().id]
    outcomes: list[str] = []

    def decide(person_id: int, is_yes: bool) -> None:
        with app.app_context():
            person, own = db.session.get_one(User, person_id), db.session.get_one(ChangeRequest, comment_id)
            try:
                if is_yes:
                    answer_request(own, by=person, revision=1)
                else:
                    decline_request(own, by=person, reason="No.")
                outcomes.append(own.state)
            except Conflict:
                outcomes.append("conflict")

    db.session.rollback()
    threads = [Thread(target=decide, args=pair) for pair in zip(deciders, (True, False), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    request = db.session.get_one(ChangeRequest, comment_id, populate_existing=True)
    assert sorted(outcomes) == sorted([request.state, "conflict"])
    assert len(entries(db.session.get_one(Idea, idea_id))) == 2


def test_an_answer_that_comes_late_is_refused_on_the_page(client_for: ClientFor) -> None:
    request = asked()
    page = f"/ideas/{request.idea_id}/requests/{request.comment_id}"
    decline_request(request, by=make_moderator(), reason="No.")
    response = client_for(request.idea.author).post(f"{page}/answer", data={"revision": 1, "reply": "It is in there."})
    assert response.status_code == 409
    assert "It is in there." in response.text


def test_many_requests_are_folded_beside_the_text(client_for: ClientFor) -> None:
    idea = asked().idea
    for number in range(3):
        asked(idea, body=f"What of cost number {number}?")
    asked(idea, body="Whom is this for?", section=None, kind="clarity")
    page = client_for(idea.author).get(f"/ideas/{idea.id}/edit").text
    assert '<details class="asked-here small">\n' in page
    assert page.index("Whom is this for?") < page.index('name="title"')


@pytest.mark.parametrize(
    "path", ["/ideas/{id}/requests", "/ideas/{id}/edit", "/ideas/{id}", "/ideas/{id}/requests/answers?revision=2"]
)
def test_more_requests_ask_no_more_queries(client_for: ClientFor, count_queries: list[str], path: str) -> None:
    idea = asked(make_idea(sections={"problem": PROBLEM})).idea
    revise(idea, sections={"problem": PROBLEM, "costs": "Twelve euro a box."})
    author, page = client_for(idea.author), path.format(id=idea.id)
    if path == "/ideas/{id}":
        page = post_address(idea)
    counts = []
    for _ in range(2):
        author.get(page)
        count_queries.clear()
        assert author.get(page).status_code == 200
        counts.append(len(count_queries))
        for number in range(4):
            answer_request(asked(idea, body=f"What of box {number}?"), by=idea.author, revision=2)
            asked(idea, body=f"And of box {number}?")
    assert counts[0] == counts[1]
    assert counts[0] <= {"/ideas/{id}/requests": 8, "/ideas/{id}": 30}.get(path, 16)


def test_a_name_that_reads_from_the_right_keeps_to_itself(client_for: ClientFor) -> None:
    request = asked(by=make_person(display_name="أمينة <b>"))
    page = client_for(request.idea.author).get(f"/ideas/{request.idea_id}/edit").text
    assert "asked by <bdi>أمينة &lt;b&gt;</bdi>" in page


def test_what_is_asked_waits_on_the_desks_of_all_who_write_the_idea(
    client_for: ClientFor, count_queries: list[str]
) -> None:
    request, other = asked(), make_person()
    idea = request.idea
    add_co_author(idea, person=other)
    way = f'href="/ideas/{idea.id}/requests/{request.comment_id}"'
    author, writer = client_for(idea.author), client_for(other)
    assert "<bdi>Esi Darko</bdi> asks for: Cost, in “Costs and who pays”. Your answer?" in author.get("/").text
    assert way in author.get("/").text
    assert way in writer.get("/").text
    for stranger in (request.comment.author, make_person(), make_moderator()):
        assert way not in client_for(stranger).get("/").text
    asked(idea)
    count_queries.clear()
    assert author.get("/").text.count("asks for: Cost") == 2
    assert len([each for each in count_queries if "change_request" in each]) == 1
    answer_request(request, by=other, revision=1)
    assert way not in author.get("/").text


def test_asking_and_taking_back_again_and_again_is_refused(
    app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment, browser = post_comment(make_idea(), by=(asker := make_person()), body=BODY), client_for(asker)
    monkeypatch.setattr("app.limits.limiter._request_filters", [])
    statuses = []
    for _ in range(11):
        answer = browser.post(f"/comments/{comment.id}/request", data={"section": "", "kind": "cost"})
        browser.post(f"/comments/{comment.id}/request/withdrawal")
        statuses.append(answer.status_code)
    assert statuses == [303] * 10 + [429]


def test_a_co_author_asks_nothing_and_what_they_asked_before_is_no_feedback_of_others(client_for: ClientFor) -> None:
    request = asked(by=(person := make_person()))
    idea = request.idea
    answer_request(request, by=idea.author, revision=1)
    assert feedback_on(idea).worked_in == 1
    add_co_author(idea, person=person)
    assert feedback_on(idea).worked_in == 0
    data = {"body": BODY, "section": "", "kind": "cost"}
    assert client_for(person).post(f"/ideas/{idea.id}/requests", data=data).status_code == 403
