"""New ideas are shown a fair number of times, and somebody who fits is asked to say the first words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.accounts.models import User
from app.attention import routing
from app.attention.commands import let_readings_lapse, note_feedback
from app.attention.models import ASKED_FOR, FAIR_SHARE, Attention, Reader
from app.attention.tasks import find_readers
from app.database import db, now, transaction
from app.follows.commands import mute
from app.forum.commands import delete_comment, delete_post, post_comment, remove_reason, support
from app.ideas.commands import add_co_author
from app.ideas.models import Idea
from app.journal.models import JournalEntry
from app.moderation.commands import decide, hide_comment, hide_post, restore_comment, restore_post
from app.pages import PAGE_SIZE
from app.reviews.commands import give_review, remove_review
from app.reviews.models import CRITERIA
from app.stages.commands import move_idea
from app.suggestions.commands import delete_suggestion, suggest_edit
from tests.factories import make_idea, make_moderator, make_person, make_private_group

HEADING = "New, and in need of readers"
A_DAY_AGO = timedelta(hours=24)


def waiting(*, hours: float = 24, by: User | None = None, **facts) -> Idea:
    """An idea that nobody said anything about for so long."""
    return make_idea(
        by=by, published_at=now() - timedelta(hours=hours), topics=["batteries"], roles=["student"], **facts
    )


def knower(**facts) -> User:
    return make_person(**{"topics": ["batteries"], "roles": ["student"], "asks_a_week": 3, **facts})


def attention(idea: Idea) -> Attention:
    db.session.expire_all()
    return db.session.get_one(Attention, idea.id)


def asked(idea: Idea) -> dict[int, str]:
    db.session.expire_all()
    return {reader.person_id: reader.state for reader in db.session.query(Reader).filter_by(idea_id=idea.id)}


def shown(idea: Idea, times: int) -> None:
    with transaction():
        db.session.get_one(Attention, idea.id).shown = times


@pytest.fixture
def ask_readers(run_jobs: Callable[[], int]) -> Callable[[], None]:
    """What the worker does every quarter of an hour, once texts are embedded."""

    def ask() -> None:
        run_jobs()
        find_readers()

    return ask


# Showing


def head_of(page: str) -> str:
    return page[page.index(HEADING) :].split("</section>")[0] if HEADING in page else ""


def make_listed_before(count: int = PAGE_SIZE) -> None:
    """So many newer ideas that had their share: they fill the first page of the list."""
    for _ in range(count):
        shown(make_idea(), FAIR_SHARE)


def test_the_idea_that_was_shown_least_stands_at_the_head_of_the_list(client_for):
    ideas = [make_idea() for _ in range(3)]
    for idea, times in zip(ideas, [5, 0, 3], strict=True):
        shown(idea, times)
    make_listed_before()
    head = head_of(client_for(make_person()).get("/ideas").text)
    assert head.index(ideas[1].title) < head.index(ideas[2].title)
    assert ideas[0].title not in head
    assert f"shown 0 of {FAIR_SHARE} times" in head


def test_what_the_page_lists_already_is_not_shown_twice(client_for):
    idea = make_idea()
    browser = client_for(make_person())
    assert browser.get("/ideas").text.count(f">{idea.title}</a>") == 1
    desk = browser.get("/").text
    assert desk.count(f">{idea.title}</a>") == 1
    assert idea.title in head_of(desk)


def test_those_without_a_comment_come_first(client_for):
    heard, *unheard = (make_idea() for _ in range(4))
    for idea in unheard:
        shown(idea, 30)
    note_feedback(heard.id, by=make_person())
    head = head_of(client_for(make_person()).get("/").text)
    assert all(idea.title in head for idea in unheard)
    assert heard.title not in head


def test_what_had_its_share_or_is_old_stands_there_no_more(client_for):
    shown(make_idea(), FAIR_SHARE)
    make_idea(published_at=now() - timedelta(days=15))
    assert head_of(client_for(make_person()).get("/").text) == ""


def test_nobody_is_shown_their_own_or_what_they_may_not_see(client_for, client):
    author, member, moderator = make_person(), make_person(), make_moderator()
    make_idea(by=author)
    private = make_idea(by=member, group=make_private_group(member))
    hidden = make_idea()
    decide(hidden, action="hide", by=moderator, reason="Spam")
    make_listed_before()
    for browser in (client_for(author), client):
        head = head_of(browser.get("/ideas").text)
        assert private.title not in head
        assert hidden.title not in head
    assert head_of(client_for(author).get("/ideas").text) == ""


def test_a_muted_idea_does_not_stand_at_the_head(client_for):
    person, idea = make_person(), make_idea()
    mute(idea, by=person)
    assert idea.title not in head_of(client_for(person).get("/").text)


def test_a_co_author_is_not_shown_their_own_as_in_need_of_readers(client_for):
    fellow, idea = make_person(), make_idea()
    add_co_author(idea, person=fellow)
    assert head_of(client_for(idea.author).get("/").text) == head_of(client_for(fellow).get("/").text) == ""


def test_it_stands_on_the_whole_list_alone(client_for):
    make_idea(topics=["batteries"])
    make_listed_before()
    browser = client_for(make_person())
    assert head_of(browser.get("/ideas").text)
    assert not head_of(browser.get("/ideas?topic=batteries").text)
    assert not head_of(browser.get("/ideas?sort=needs-readers").text)
    assert not head_of(browser.get("/ideas?page=2").text)


def test_a_member_who_looks_at_a_list_counts_once_a_day(client_for, client):
    idea = make_idea()
    client.get("/ideas").close()
    assert attention(idea).shown == 0
    browser = client_for(make_person())
    browser.get("/ideas").close()
    browser.get("/ideas").close()
    browser.get("/").close()
    assert attention(idea).shown == 1
    client_for(make_person()).get("/").close()
    assert attention(idea).shown == 2


def test_who_writes_it_is_no_reader_that_counts(client_for):
    fellow, idea = make_person(), make_idea()
    add_co_author(idea, person=fellow)
    for writer in (idea.author, fellow):
        client_for(writer).get("/ideas").close()
    assert attention(idea).shown == 0


def test_what_its_author_says_does_not_mean_that_it_needs_readers_less(client):
    unheard, heard = make_idea(), make_idea()
    for _ in range(2):
        post_comment(unheard, by=unheard.author, body="I forgot the address.")
    post_comment(heard, by=make_person(), body="Which gate?")
    page = client.get("/ideas?sort=needs-readers").text
    assert page.index(unheard.title) < page.index(heard.title)


def test_showings_stop_at_the_share(client_for):
    idea = make_idea()
    shown(idea, FAIR_SHARE)
    client_for(make_person()).get("/ideas").close()
    assert attention(idea).shown == FAIR_SHARE


# First words


def test_the_first_comment_of_somebody_else_is_noted(app):
    idea = make_idea()
    post_comment(idea, by=idea.author, body="I forgot the address.")
    assert attention(idea).first_feedback_at is None
    post_comment(idea, by=make_person(), body="Which gate?")
    first = attention(idea).first_feedback_at
    assert first is not None
    post_comment(idea, by=make_person(), body="The north one.")
    assert attention(idea).first_feedback_at == first


def test_what_a_co_author_says_is_no_feedback_and_no_co_author_is_asked_to_read(app, ask_readers):
    idea, fellow = waiting(), knower()
    add_co_author(idea, person=fellow)
    post_comment(idea, by=fellow, body="I forgot the address.")
    ask_readers()
    assert attention(idea).first_feedback_at is None
    assert asked(idea) == {}


def test_support_without_words_is_no_feedback(app):
    idea = make_idea()
    support(idea, by=make_person())
    assert attention(idea).first_feedback_at is None


@pytest.mark.parametrize("how", ["deleted", "hidden", "reason removed", "review removed", "suggestion deleted"])
def test_words_that_are_gone_leave_an_idea_without_words(app, ask_readers, how):
    person, idea = knower(), waiting()
    take_away = say(idea, how)
    assert attention(idea).first_feedback_at is not None
    ask_readers()
    assert asked(idea) == {}
    take_away()
    ask_readers()
    assert attention(idea).first_feedback_at is None
    assert asked(idea) == {person.id: "asked"}


def say(idea: Idea, how: str) -> Callable[[], object]:
    """By a stranger; returns how the words are taken away."""
    spammer, moderator = make_person(), make_moderator()
    if how == "review removed":
        review = give_review(idea, by=spammer, marks={CRITERIA[0].key: 2}, strength="x", change="y")
        return lambda: remove_review(review, by=moderator, reason="Spam.")
    if how == "suggestion deleted":
        suggestion = suggest_edit(idea, by=spammer, part="title", text="Pills", reason="Cheap", seen=idea.revision)
        return lambda: delete_suggestion(suggestion, by=moderator, reason="Spam.")
    if how == "reason removed":
        support(idea, by=spammer, reason="Cheap pills")
        return lambda: remove_reason(idea, supporter_id=spammer.id, by=moderator)
    comment = post_comment(idea, by=spammer, body="Cheap pills at example.org")
    if how == "hidden":
        return lambda: hide_comment(comment, by=moderator, reason="spam")
    return lambda: delete_comment(comment, by=spammer)


def test_words_that_come_back_count_and_end_what_was_asked_meanwhile(app, ask_readers):
    person, idea, moderator = knower(), waiting(), make_moderator()
    comment = post_comment(idea, by=make_person(), body="Which gate?")
    said_at = attention(idea).first_feedback_at
    hide_comment(comment, by=moderator, reason="a mistake")
    ask_readers()
    restore_comment(comment, by=moderator, reason="a mistake")
    assert said_at
    assert abs(attention(idea).first_feedback_at - said_at) < timedelta(seconds=5)
    assert asked(idea) == {person.id: "over"}
    hide_comment(comment, by=moderator, reason="no mistake")
    assert asked(idea) == {person.id: "asked"}


# Asking


def test_two_who_fit_are_asked_after_half_a_day(client_for, ask_readers):
    people = [knower() for _ in range(3)]
    make_person(topics=["finance"], asks_a_week=3)
    idea = waiting()
    ask_readers()
    ask_readers()
    assert len(asked(idea)) == 2
    assert set(asked(idea)) < {person.id for person in people}
    entry = db.session.query(JournalEntry).filter_by(action="reading_asked").first()
    assert entry is not None
    assert entry.person_id in asked(idea)


def test_peers_have_the_first_half_day(app, ask_readers):
    knower()
    idea = waiting(hours=11)
    ask_readers()
    assert asked(idea) == {}


@pytest.mark.parametrize("facts", [{"asks_a_week": 0}, {"kind": "demo"}, {"is_for_groups_only": True}])
def test_who_did_not_agree_is_not_asked(app, ask_readers, facts):
    knower(**facts)
    idea = waiting()
    ask_readers()
    assert asked(idea) == {}


def test_nobody_is_asked_beyond_what_they_agreed_to(app, ask_readers):
    person = knower(asks_a_week=1)
    first, second = waiting(hours=30), waiting()
    ask_readers()
    assert asked(first) == {person.id: "asked"}
    assert asked(second) == {}


def test_ideas_that_went_through_all_stages_keep_no_newer_one_from_readers(app, ask_readers, monkeypatch):
    monkeypatch.setattr(routing, "ROUTED_AT_ONCE", 2)
    for _ in range(2):
        waiting(hours=24 * 6)
    person = knower()
    idea = waiting()
    ask_readers()
    assert asked(idea) == {person.id: "asked"}


@pytest.mark.parametrize("subject", ["idea", "author"])
def test_who_mutes_an_idea_or_its_author_is_not_asked_to_read_it(app, ask_readers, subject):
    person, other, idea = knower(), knower(), waiting()
    mute(idea if subject == "idea" else idea.author, by=person)
    ask_readers()
    assert asked(idea) == {other.id: "asked"}


def test_a_private_idea_goes_to_members_of_its_group(app, ask_readers):
    member, fellow, _outsider = make_person(), knower(), knower()
    idea = waiting(by=member, group=make_private_group(member, fellow))
    ask_readers()
    assert set(asked(idea)) == {fellow.id}


def test_what_somebody_spoke_about_or_was_deleted_needs_no_reader(app, ask_readers):
    knower()
    heard, gone = waiting(), waiting()
    post_comment(heard, by=make_person(), body="Which gate?")
    delete_post(gone, by=gone.author)
    ask_readers()
    assert asked(heard) == asked(gone) == {}


def test_the_first_words_end_it_for_all_who_were_asked(app, ask_readers):
    people = {knower().id: None, knower().id: None}
    idea = waiting()
    ask_readers()
    speaker = db.session.get_one(User, next(iter(people)))
    post_comment(idea, by=speaker, body="Who empties the box?")
    assert asked(idea) == {person_id: "read" if person_id == speaker.id else "over" for person_id in people}


# What people see


def test_who_is_asked_finds_it_on_the_desk_and_on_the_page_and_may_pass(client_for, ask_readers):
    person = knower()
    idea = waiting()
    ask_readers()
    browser = client_for(person)
    assert "Be the first to say something" in browser.get("/").text
    assert "You know its subject" in browser.get(f"/ideas/{idea.id}/{idea.slug}").text
    page = browser.post(f"/ideas/{idea.id}/reading/pass", follow_redirects=True).text
    assert "somebody else is asked" in page
    assert "Be the first to say something" not in page
    assert asked(idea) == {person.id: "passed"}
    other = knower()
    ask_readers()
    assert asked(idea) == {person.id: "passed", other.id: "asked"}


def test_whoever_is_not_asked_sees_nothing_of_it_and_cannot_pass(client_for, client, ask_readers):
    knower()
    idea = waiting()
    ask_readers()
    stranger = client_for(make_person())
    assert "You know its subject" not in stranger.get(f"/ideas/{idea.id}/{idea.slug}").text
    assert stranger.post(f"/ideas/{idea.id}/reading/pass").status_code == 404
    assert client.post(f"/ideas/{idea.id}/reading/pass").status_code == 303


@pytest.mark.parametrize("change", ["archived", "joined", "muted"])
def test_an_idea_that_needs_this_reader_no_more_asks_no_more(client_for, ask_readers, change):
    person, idea = knower(), waiting()
    ask_readers()
    browser = client_for(person)
    assert "Be the first to say something" in browser.get("/").text
    if change == "archived":
        move_idea(idea, by=idea.author, to="archived", seen=0, reason="We moved away.")
    elif change == "joined":
        add_co_author(idea, person=person)
    else:
        mute(idea.author, by=person)
    assert "Be the first to say something" not in browser.get("/").text
    assert "You know its subject" not in browser.get(f"/ideas/{idea.id}/{idea.slug}").text


def test_who_did_not_read_for_a_week_is_asked_no_more_and_the_journal_says_so(app, ask_readers):
    person, idea = knower(), waiting()
    ask_readers()
    with transaction():
        db.session.query(Reader).update({"asked_at": now() - ASKED_FOR})
    let_readings_lapse()
    assert asked(idea) == {person.id: "lapsed"}
    entry = db.session.query(JournalEntry).filter_by(action="reading_lapsed").one()
    assert (entry.post_id, entry.person_id) == (idea.id, person.id)


def test_an_idea_that_was_hidden_by_mistake_finds_its_readers_again(app, ask_readers):
    person, idea, moderator = knower(), waiting(), make_moderator()
    ask_readers()
    hide_post(idea, by=moderator, reason="a mistake")
    assert asked(idea) == {person.id: "over"}
    restore_post(idea, by=moderator, reason="a mistake")
    assert asked(idea) == {person.id: "asked"}


def test_the_page_for_moderators_shows_what_is_late(client_for, client):
    late, quick = waiting(hours=60), waiting(hours=50)
    with transaction():
        db.session.get_one(Attention, quick.id).first_feedback_at = quick.published_at + timedelta(hours=3)
    page = client_for(make_moderator()).get("/moderation/attention").text
    assert "1 of 2" in page
    assert "Has waited for 60 hours" in page
    assert "First words after 3 hours" in page
    assert page.index(late.title) < page.index(quick.title)
    assert client_for(make_person()).get("/moderation/attention").status_code == 403
    assert client.get("/moderation/attention").status_code == 303


def test_the_page_for_moderators_asks_the_database_a_few_times_however_many_ideas(client_for, count_queries):
    browser = client_for(make_moderator())
    waiting()
    browser.get("/moderation/attention")
    count_queries.clear()
    browser.get("/moderation/attention")
    few = len(count_queries)
    for _ in range(5):
        waiting()
    count_queries.clear()
    browser.get("/moderation/attention")
    assert len(count_queries) == few
