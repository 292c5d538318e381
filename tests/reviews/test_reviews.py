"""Peers and experts review an idea along a rubric; its author reads what to change next."""

from __future__ import annotations

from threading import Thread

import pytest

from app.accounts.models import User
from app.database import db
from app.expertise.commands import verify_field
from app.expertise.queries import topic_of
from app.forum.commands import delete_post, support
from app.ideas.commands import add_co_author, end_co_authorship
from app.journal.models import JournalEntry
from app.refusals import NotAllowed, NotThere
from app.reviews.commands import give_review, remove_review
from app.reviews.models import Review
from app.reviews.queries import reviews_of, summary_of
from tests.drafts.conftest import kept, saved
from tests.factories import make_idea, make_moderator, make_person, make_private_group, revise

SAID = {"strength": "The caretaker is asked first.", "change": "Name who empties the box."}


def filled(**facts) -> dict[str, object]:
    return {"problem": "4", "approach": "2", "evidence": "0", "seen": "1", **SAID, **facts}


def review(idea, *, by=None, **facts):
    return give_review(idea, by=by or make_person(), **{"marks": {"problem": 3, "safety": 1}, **SAID, **facts})


def test_a_review_is_published_with_its_levels_and_remarks(client_for, client):
    idea, person = make_idea(), make_person()
    page = client_for(person).post(f"/ideas/{idea.id}/reviews", data=filled(), follow_redirects=True).text
    assert "Your review is published" in page
    seen = client.get(f"/ideas/{idea.id}/reviews").text
    assert SAID["strength"] in seen
    assert SAID["change"] in seen
    assert person.display_name in seen
    assert "Very well" in seen
    assert "1 review" in client.get(f"/ideas/{idea.id}/{idea.slug}").text
    assert db.session.query(Review).one().marks == {"problem": 4, "approach": 2}


def test_what_all_say_together_is_counted(client):
    idea = make_idea()
    review(idea, marks={"problem": 4})
    review(idea, marks={"problem": 4})
    review(idea, marks={"problem": 1})
    row = client.get(f"/ideas/{idea.id}/reviews").text.split('<th scope="row">The problem</th>')[1].split("</tr>")[0]
    assert [cell.split("</td>")[0] for cell in row.split("<td>")[1:]] == ["1", "–", "–", "2"]


def test_a_later_review_takes_the_place_of_the_earlier(client_for, client):
    idea, person = make_idea(), make_person()
    review(idea, by=person)
    browser = client_for(person)
    form = browser.get(f"/ideas/{idea.id}/reviews/new").text
    assert SAID["change"] in form
    browser.post(f"/ideas/{idea.id}/reviews", data=filled(change="Weigh the box each month."))
    page = client.get(f"/ideas/{idea.id}/reviews").text
    assert "Weigh the box each month." in page
    assert SAID["change"] not in page
    assert db.session.query(Review).count() == 1


def test_it_says_when_the_idea_has_changed_since(client):
    idea = make_idea()
    review(idea)
    revise(idea, title="Boxes at the new gate")
    page = client.get(f"/ideas/{idea.id}/reviews").text
    assert "Of revision 1; the idea has changed since." in page


def test_whoever_is_verified_in_a_topic_of_the_idea_comes_first(client, run_jobs):
    idea, expert = make_idea(topics=["batteries"]), make_person(topics=["batteries"], asks_a_week=1)
    verify_field(expert, topic_of("batteries"), by=make_moderator(), note="Runs the depot.")
    run_jobs()
    review(idea, by=expert)
    peer = make_person()
    review(idea, by=peer)
    page = client.get(f"/ideas/{idea.id}/reviews").text
    assert page.index(expert.display_name) < page.index(peer.display_name)
    assert page.count('class="field-mark verified"') == 1


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"problem": "0", "approach": "0"}, "Say of at least one thing how far it is."),
        ({"strength": " "}, "This is needed."),
        ({"change": "x" * 1501}, "At most 1500 characters, please."),
        ({"problem": "5"}, "Not a valid choice"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(client_for, facts, said):
    idea = make_idea()
    sent = filled(**facts)
    response = client_for(make_person()).post(f"/ideas/{idea.id}/reviews", data=sent)
    assert response.status_code == 422
    assert said in response.text
    assert str(sent["change"]).strip() in response.text
    assert db.session.query(Review).count() == 0


def test_nobody_reviews_their_own_idea(client_for):
    idea = make_idea()
    browser = client_for(idea.author)
    assert "Review this idea" not in browser.get(f"/ideas/{idea.id}/{idea.slug}").text
    assert browser.get(f"/ideas/{idea.id}/reviews/new").status_code == 403
    assert browser.post(f"/ideas/{idea.id}/reviews", data=filled()).status_code == 403
    fellow = make_moderator()
    add_co_author(idea, person=fellow)
    for writer in (idea.author, fellow):
        with pytest.raises(NotAllowed):
            review(idea, by=writer)


def test_a_reviewer_who_became_an_author_counts_again_only_after_leaving(client):
    idea, fellow = make_idea(), make_person()
    review(idea, by=fellow)
    review(idea, marks={"problem": 1})
    support(idea, by=fellow, reason="It names the costs.")
    support(idea, by=make_person())
    add_co_author(idea, person=fellow)
    page = client.get(f"/ideas/{idea.id}/reviews").text
    assert "By somebody who is an author now: not counted" in page
    assert [each.counts for each in summary_of(reviews_of(fellow, idea))[:1]] == [{1: 1}]
    assert "1 review<" in client.get(f"/ideas/{idea.id}/{idea.slug}").text
    db.session.refresh(idea)
    assert idea.support_count == 1
    reasons = client.get(f"/ideas/{idea.id}/supporters").text
    assert "It names the costs." in reasons
    assert "An author now: not counted" in reasons
    with pytest.raises(NotAllowed):
        support(idea, by=fellow)
    end_co_authorship(idea, person=fellow)
    db.session.refresh(idea)
    assert idea.support_count == 2
    assert "2 reviews<" in client.get(f"/ideas/{idea.id}/{idea.slug}").text


def test_a_guest_signs_in_first(client):
    idea = make_idea()
    assert client.get(f"/ideas/{idea.id}/reviews/new").status_code == 303
    assert client.post(f"/ideas/{idea.id}/reviews", data=filled()).status_code == 401
    assert db.session.query(Review).count() == 0


def test_reviews_of_what_one_may_not_see_are_not_there(client_for, client):
    member = make_person()
    private = make_idea(by=member, group=make_private_group(member))
    for browser in (client, client_for(make_person())):
        assert browser.get(f"/ideas/{private.id}/reviews").status_code == 404
    assert client_for(make_person()).post(f"/ideas/{private.id}/reviews", data=filled()).status_code == 404
    gone = make_idea()
    delete_post(gone, by=gone.author)
    assert client.get(f"/ideas/{gone.id}/reviews").status_code == 410


def test_reviewers_and_moderators_remove_a_review_and_others_do_not(client_for):
    idea = make_idea()
    for remover in (make_person(), make_moderator()):
        given = review(idea, by=remover if not remover.is_moderator else None)
        path = f"/ideas/{idea.id}/reviews/{given.id}/removal"
        assert client_for(make_person()).post(path).status_code == 403
        assert client_for(remover).post(path, data={"reason": "It names a pupil."}).status_code == 303
        assert db.session.query(Review).count() == 0
    assert client_for(remover).post(path, data={"reason": "It names a pupil."}).status_code == 404


def test_a_moderator_says_why_a_review_goes_and_all_may_read_it(client, client_for, run_jobs):
    given, moderator = review(make_idea()), client_for(make_moderator())
    path, reviewer = f"/ideas/{given.idea_id}/reviews/{given.id}/removal", client_for(given.reviewer)
    assert path in moderator.get(f"/ideas/{given.idea_id}/reviews").text
    assert moderator.get(path).status_code == 200
    assert moderator.post(path).status_code == 422
    assert moderator.post(path, data={"reason": "It names a pupil."}).status_code == 303
    log = client.get("/moderation/log").text
    assert "Removed a review" in log
    assert "It names a pupil." in log
    run_jobs()
    told = reviewer.get("/notices").text
    assert "A moderator removed your review" in told
    assert "It names a pupil." in told


def test_a_review_that_was_removed_meanwhile_is_not_there(app):
    given, moderator = review(make_idea()), make_moderator()
    review_id, reviewer_id = given.id, given.reviewer_id

    def remove():
        with app.app_context():
            remove_review(db.session.get_one(Review, review_id), by=db.session.get_one(User, reviewer_id))

    thread = Thread(target=remove)
    thread.start()
    thread.join()
    with pytest.raises(NotThere):
        remove_review(given, by=moderator, reason="It names a pupil.")


def test_each_change_is_written_down_for_the_author(app):
    idea, person = make_idea(), make_person()
    review(idea, by=person)
    review(idea, by=person)
    entries = db.session.query(JournalEntry).filter(JournalEntry.action.like("review_%")).order_by(JournalEntry.id)
    assert [(entry.action, entry.person_id) for entry in entries] == [
        ("review_given", idea.author_id),
        ("review_revised", idea.author_id),
    ]


def test_the_page_asks_the_database_as_often_for_many_reviews_as_for_one(client, count_queries):
    idea = make_idea(topics=["batteries"])
    review(idea)
    client.get(f"/ideas/{idea.id}/reviews")
    count_queries.clear()
    client.get(f"/ideas/{idea.id}/reviews?again")
    few = len(count_queries)
    for _ in range(5):
        review(idea)
    count_queries.clear()
    client.get(f"/ideas/{idea.id}/reviews?more")
    assert len(count_queries) == few


def test_what_is_typed_is_kept_until_it_is_published(client_for):
    idea = make_idea()
    browser, of, form = client_for(make_person()), f"review-{idea.id}", f"/ideas/{idea.id}/reviews/new"
    assert saved(browser, of=of, problem="4", seen="1").status_code == 422  # nothing is written yet
    token = kept(browser, of=of, **filled(change=""))
    assert f"{form}?draft={token}" in browser.get(form).text
    page = browser.get(f"{form}?draft={token}").text
    assert SAID["strength"] in page
    assert 'name="problem" value="4" checked' in page
    read = browser.get(f"/drafts/{token}").text
    assert f'<h1 dir="auto">{SAID["strength"]}</h1>' in read
    assert "What is strongest</h2>" in read
    sent = filled() | {"draft-of": of, "draft-key": "a-key"}
    assert browser.post(f"/ideas/{idea.id}/reviews", data=sent).status_code == 303
    assert "not published yet" not in browser.get(form).text
