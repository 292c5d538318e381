"""The page of notices, the bell and the desk: what is unread, together where it belongs together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState

from app.accounts.models import User
from app.database import db, now, transaction
from app.drafts.commands import save_draft, share_draft
from app.drafts.forms import TypedDraft
from app.drafts.models import Place
from app.forum.commands import delete_post, follow, give_reason, post_comment, support
from app.forum.models import Follow, Post
from app.forum.queries import post_address
from app.groups.models import Group
from app.ideas.commands import add_co_author
from app.ideas.models import Idea
from app.jobs.commands import run_all_jobs
from app.moderation.commands import hide_post
from app.notices.models import Notice
from app.notices.queries import MOST_COUNTED, SHOWN_OF_GROUP, Filters, notice_groups, unread_of
from app.questions.commands import ask_comment, have_too, withdraw_too
from app.requests.commands import ask_for_change
from app.suggestions.commands import suggest_edit, withdraw_suggestion
from app.teams.commands import accept_joining, ask_to_join, ask_to_lead, leave_idea, remove_joining, withdraw_lead
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question

ClientFor = Callable[[User], FlaskClient]
NONE = "No notices yet"


def comment_on(post: Post, *, times: int = 1, body: str = "A word.") -> None:
    writer = make_person(display_name="Kofi Mensah")
    for _ in range(times):
        post_comment(post, by=writer, body=body)
    run_all_jobs()


def suggest_and_withdraw(idea: Idea, *, times: int) -> None:
    proposer = make_person(display_name="Esi Badu")
    for number in range(times):
        made = suggest_edit(idea, by=proposer, part="title", text=f"Box {number}", reason="Rain.", seen=1)
        withdraw_suggestion(made, by=proposer)
    run_all_jobs()


def newest(person: User) -> int:
    return max(notice.id for notice in db.session.query(Notice).filter_by(person_id=person.id))


def test_comments_on_one_post_read_as_one_and_lead_to_the_newest(client_for: ClientFor) -> None:
    idea = make_idea(title="Boxes in Tema")
    comment_on(idea, times=3)
    page = client_for(idea.author).get("/notices").text
    assert '3 comments on “<bdi lang="en">Boxes in Tema</bdi>”, the newest by <bdi>Kofi Mensah</bdi>' in page
    assert page.count('<li class="told unread">') == 1
    assert page.count("commented on") == 3, "each of them below"
    assert "You get this because you wrote this idea." in page
    assert 'href="/me/notices"' in page


def test_what_waits_for_the_person_is_told_before_what_came_after_it(client_for: ClientFor) -> None:
    idea, asking = make_idea(title="Boxes in Tema"), make_person(display_name="Ama Boateng")
    ask_to_join(idea, by=asking, line="I mend phones.")
    proposer = make_person()
    suggestion = suggest_edit(idea, by=proposer, part="title", text="Boxes with lids", reason="Rain.", seen=1)
    withdraw_suggestion(suggestion, by=proposer)
    run_all_jobs()
    browser = client_for(idea.author)
    said = (
        '<bdi>Ama Boateng</bdi> asks to work on “<bdi lang="en">Boxes in Tema</bdi>” with you, and 2 more about it</a>'
    )
    assert said in browser.get("/notices").text
    assert said in browser.get("/").text
    assert f'action="/notices/{newest(idea.author)}/reading"' in browser.get("/notices").text, "all of them are marked"


@pytest.mark.parametrize("ends_it", [withdraw_lead, remove_joining])
def test_who_is_asked_to_lead_reads_that_first_until_it_is_taken_back(
    client_for: ClientFor, ends_it: Callable[..., None]
) -> None:
    idea, co_author = make_idea(title="Boxes in Tema"), make_person()
    joining = ask_to_join(idea, by=co_author, line="I mend phones.")
    accept_joining(joining, by=idea.author)
    ask_to_lead(joining, by=idea.author)
    suggest_and_withdraw(idea, times=2)
    browser = client_for(co_author)
    asks = 'asks you to lead “<bdi lang="en">Boxes in Tema</bdi>”, and'
    assert asks in browser.get("/notices").text
    ends_it(joining, by=idea.author)
    run_all_jobs()
    assert asks not in browser.get("/notices").text


def test_what_became_a_question_does_not_wait_first_any_more(client_for: ClientFor) -> None:
    idea, asker = make_idea(), make_person()
    comment = ask_for_change(idea, by=asker, body="How much does one box cost?", section=None, kind="cost")
    ask_comment(comment, by=asker, title="How much does one box cost?", body="For a school of 600.")
    run_all_jobs()
    assert "became a question of its own" in client_for(idea.author).get("/notices").text.partition("told-each")[0]


def test_however_much_is_taken_back_none_of_it_waits(client_for: ClientFor) -> None:
    idea = make_idea()
    suggest_and_withdraw(idea, times=SHOWN_OF_GROUP)
    page = client_for(idea.author).get("/notices").text
    assert "Esi Badu</bdi> took a suggestion" in page.partition("told-each")[0]


def test_a_request_to_join_that_was_taken_back_waits_for_nobody(client_for: ClientFor) -> None:
    idea, asking = make_idea(), make_person(display_name="Ama Boateng")
    ask_to_join(idea, by=asking, line="I mend phones.")
    run_all_jobs()
    assert "Ama Boateng</bdi> asks to work" in client_for(idea.author).get("/notices").text
    leave_idea(idea.id, by=asking)
    assert NONE in client_for(idea.author).get("/notices").text
    ask_to_join(idea, by=asking, line="I do mend phones.")
    run_all_jobs()
    assert client_for(idea.author).get("/notices").text.count("asks to work") == 1


def test_the_newest_is_there_however_many_weigh_more(client_for: ClientFor) -> None:
    idea, helper = make_idea(), make_person(display_name="Ama Boateng")
    for number in range(SHOWN_OF_GROUP + 1):
        suggest_edit(idea, by=make_person(), part="title", text=f"Box {number}", reason="Rain.", seen=1)
    accept_joining(ask_to_join(idea, by=helper, line="I mend phones."), by=idea.author)
    leave_idea(idea.id, by=helper)
    run_all_jobs()
    page = client_for(idea.author).get("/notices").text
    assert "Ama Boateng</bdi> works on" in page
    assert f'action="/notices/{newest(idea.author)}/reading"' in page, "all of them are marked"


def test_kinds_and_posts_stand_apart(client_for: ClientFor) -> None:
    author = make_person()
    first, second = make_idea(by=author), make_idea(by=author)
    for idea in (first, second):
        comment_on(idea)
    support(first, by=make_person())
    run_all_jobs()
    assert client_for(author).get("/notices").text.count('<li class="told unread">') == 3


def test_what_comes_after_reading_is_a_group_of_its_own(client_for: ClientFor) -> None:
    idea = make_idea()
    comment_on(idea, times=2)
    browser = client_for(idea.author)
    assert browser.post(f"/notices/{newest(idea.author)}/reading", data={"next": "/notices"}).status_code == 303
    comment_on(idea)
    page = browser.get("/notices").text
    assert page.count('<li class="told unread">') == 1
    assert page.count('<li class="told">') == 1
    assert "2 comments on" in page


def test_a_group_is_marked_as_read_without_scripts_up_to_what_was_shown(client_for: ClientFor) -> None:
    idea = make_idea()
    comment_on(idea, times=2)
    shown = newest(idea.author)
    comment_on(idea)
    browser = client_for(idea.author)
    answer = browser.post(f"/notices/{shown}/reading", data={"next": "/notices?show=unread"})
    assert (answer.status_code, answer.location) == (303, "/notices?show=unread")
    assert len(unread_of(idea.author)) == 1


@pytest.mark.parametrize("page", ["", "/reviews", "/revisions/1"])
def test_whoever_opens_a_page_of_a_post_has_read_what_is_told_of_it(client_for: ClientFor, page: str) -> None:
    author = make_person()
    idea, other = make_idea(by=author), make_idea(by=author)
    comment_on(idea, times=2)
    support(idea, by=make_person())
    comment_on(other)
    browser = client_for(author)
    browser.head(f"/ideas/{idea.id}")
    client_for(make_person()).get(f"/ideas/{idea.id}")
    assert "4 unread notices" in browser.get("/about").text
    shown = browser.get(f"/ideas/{idea.id}{page}", follow_redirects=True).text
    assert "1 unread notice<" in shown, "the bell of the page itself knows"
    assert [each.post_id for each in unread_of(author)] == [other.id]
    assert browser.get("/notices").text.count('<li class="told">') == 2, "what was read together stays together"


def test_a_question_that_was_deleted_says_so_and_is_told_of_no_more(client_for: ClientFor) -> None:
    question = make_question()
    delete_post(question, by=make_moderator())
    run_all_jobs()
    assert len(unread_of(question.author)) == 1
    assert client_for(question.author).get(f"/questions/{question.id}").status_code == 410
    assert not unread_of(question.author)


def test_who_writes_a_hidden_idea_reads_on_its_page_that_it_is_hidden_and_why(client_for: ClientFor) -> None:
    idea, fellow = make_idea(), make_person()
    add_co_author(idea, person=fellow)
    hide_post(idea, by=make_moderator(), reason="acid is unsafe")
    run_all_jobs()
    for person in (idea.author, fellow):
        page = client_for(person).get(post_address(idea))
        assert page.status_code == 403
        assert "acid is unsafe" in page.text
        assert unread_of(person) == []
    assert client_for(make_person()).get(post_address(idea)).status_code == 404


def test_a_page_of_an_answer_reads_what_is_told_of_its_question(client_for: ClientFor) -> None:
    question = make_question()
    answer = make_answer(question)
    comment_on(question)
    assert client_for(question.author).get(f"/answers/{answer.id}/revisions").status_code == 200
    assert not unread_of(question.author)


def test_a_page_that_is_not_there_reads_nothing(client_for: ClientFor) -> None:
    idea = make_idea()
    comment_on(idea)
    assert client_for(idea.author).get(f"/ideas/{idea.id}/revisions/999").status_code == 404
    assert len(unread_of(idea.author)) == 1


def test_what_is_about_no_post_is_read_where_it_leads_to(client_for: ClientFor) -> None:
    reader, writer = make_person(), make_person()
    typed = [TypedDraft(Place("idea"), key, 0, "", [["title", "A cart"]]) for key in ("one", "other")]
    first, second = (save_draft(each, by=writer) for each in typed)
    for draft in (first, second):
        share_draft(draft, [reader], by=writer)
    run_all_jobs()
    browser = client_for(reader)
    assert browser.get(f"/drafts/{first.token}").status_code == 200
    assert [each.path for each in unread_of(reader)] == [f"/drafts/{second.token}"]


def test_a_page_without_news_costs_one_small_statement_and_one_with_news_two_more(
    client_for: ClientFor, count_queries: list[str]
) -> None:
    idea = make_idea()
    browser, path = client_for(idea.author), post_address(idea)
    browser.get(path)

    def statements() -> list[str]:
        count_queries.clear()
        assert browser.get(path).status_code == 200
        return [query for query in count_queries if "notice" in query]

    (asked,) = statements()
    assert "journal_entry" not in asked
    comment_on(idea)
    assert [query.split()[0] for query in statements()] == ["SELECT", "SELECT", "UPDATE"]


def test_a_page_is_there_when_nothing_can_be_written(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    idea = make_idea()
    comment_on(idea)

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr("app.notices.commands.mark_seen", refuse)
    assert client_for(idea.author).get(post_address(idea)).status_code == 200
    assert len(unread_of(idea.author)) == 1


def test_all_are_marked_as_read_but_not_what_came_since(client_for: ClientFor) -> None:
    author = make_person()
    comment_on(make_idea(by=author))
    comment_on(make_idea(by=author))
    shown = newest(author)
    comment_on(make_idea(by=author))
    browser = client_for(author)
    assert f'name="until" value="{newest(author)}"' in browser.get("/notices").text
    assert browser.post("/notices/reading", data={"until": shown, "next": "/notices"}).status_code == 303
    assert len(unread_of(author)) == 1
    assert browser.post("/notices/reading", data={"next": "/notices"}).status_code == 422


def test_nobody_marks_the_notices_of_others(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea()
    comment_on(idea)
    stranger = client_for(make_person())
    assert stranger.post(f"/notices/{newest(idea.author)}/reading").status_code == 404
    assert stranger.post("/notices/reading", data={"until": newest(idea.author)}).status_code == 303
    assert client.post(f"/notices/{newest(idea.author)}/reading").status_code == 303
    assert len(unread_of(idea.author)) == 1
    assert NONE in stranger.get("/notices").text


def test_a_button_answers_htmx_with_the_list(client_for: ClientFor) -> None:
    idea = make_idea()
    comment_on(idea)
    browser = client_for(idea.author)
    path = f"/notices/{newest(idea.author)}/reading"
    answer = browser.fragment(path, "notices", method="POST", data={"next": "/notices"}, follow_redirects=True)
    assert answer.text.lstrip().startswith('<div class="stack" id="notices"')
    assert "told unread" not in answer.text


def test_filters_hold_what_they_say_and_empty_lists_say_why(client_for: ClientFor) -> None:
    author = make_person()
    browser = client_for(author)
    assert NONE in browser.get("/notices").text
    comment_on(make_idea(by=author, title="The commented idea"))
    browser.post("/notices/reading", data={"until": newest(author)})
    make_answer(make_question(by=author, title="The answered question"))
    run_all_jobs()
    unread = browser.get("/notices?show=unread").text
    assert "The answered question" in unread
    assert "The commented idea" not in unread
    comments = browser.get("/notices?kind=comments").text
    assert "The commented idea" in comments
    assert "The answered question" not in comments
    assert "Nothing of this kind" in browser.get("/notices?kind=thanks").text
    browser.post("/notices/reading", data={"until": newest(author)})
    assert "You have read everything" in browser.get("/notices?show=unread").text
    assert browser.get("/notices?kind=nonsense&show=x&page=1").status_code == 200


def test_pages_are_numbered(client_for: ClientFor) -> None:
    author = make_person()
    for _ in range(26):
        support(make_idea(by=author), by=make_person())
    run_all_jobs()
    browser = client_for(author)
    assert browser.get("/notices").text.count("told unread") == 25
    assert browser.get("/notices?page=2").text.count("told unread") == 1
    assert browser.get("/notices?page=3").status_code == 404


def test_a_followed_idea_is_left_from_here(client_for: ClientFor) -> None:
    idea, reader = make_idea(), make_person()
    follow(idea, by=reader)
    comment_on(idea)
    browser = client_for(reader)
    path = f"/posts/{idea.id}/follow/withdrawal"
    assert path in browser.get("/notices").text
    assert browser.post(path, data={"next": "/notices"}).location == "/notices"
    assert db.session.query(Follow).filter_by(user_id=reader.id).count() == 0
    assert path not in browser.get("/notices").text


def test_what_others_wrote_stays_text(client_for: ClientFor) -> None:
    idea = make_idea(title="<b>Boxes</b> %(by)s")
    post_comment(idea, by=make_person(display_name="<i>Ama</i>"), body="<script>alert(1)</script> %s")
    comment_on(idea)
    page = client_for(idea.author).get("/notices").text
    assert "&lt;b&gt;Boxes&lt;/b&gt; %(by)s" in page
    assert "&lt;i&gt;Ama&lt;/i&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_guests_are_asked_to_sign_in(client: FlaskClient, method: str) -> None:
    path = "/notices" if method == "get" else "/notices/reading"
    answer = client.open(path, method=method.upper())
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_the_bell_counts_what_is_unread_on_every_page(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea()
    browser = client_for(idea.author)
    assert 'class="bell-count"' not in browser.get("/about").text
    comment_on(idea, times=2)
    page = browser.get("/about").text
    assert "2 unread notices" in page
    assert 'class="bell"' not in client.get("/about").text


def test_the_number_is_sent_again_only_when_it_changed(client: FlaskClient, client_for: ClientFor) -> None:
    idea = make_idea()
    browser = client_for(idea.author)
    first = browser.fragment("/notices/count", "notices-count")
    assert first.headers["Cache-Control"] == "private, no-cache"
    asked = {"If-None-Match": first.headers["ETag"], "HX-Request": "true"}
    again = browser.get("/notices/count", headers=asked)
    assert (again.status_code, again.data) == (304, b"")
    comment_on(idea)
    later = browser.get("/notices/count", headers=asked)
    assert later.status_code == 200
    assert "1 unread notice<" in later.text
    guest = client.fragment("/notices/count", "notices-count")
    assert (guest.status_code, "HX-Redirect" in guest.headers) == (204, False)


def test_many_are_counted_no_further(client_for: ClientFor) -> None:
    idea = make_idea()
    comment_on(idea)
    known = db.session.query(Notice).filter_by(person_id=idea.author_id).one()
    with transaction():
        entries = [post_comment(idea, by=make_person(), body="A word.") for _ in range(MOST_COUNTED)]
    run_all_jobs()
    assert known.entry_id
    assert len(entries) == MOST_COUNTED
    page = client_for(idea.author).get("/about").text
    assert "More than 99 unread notices" in page
    assert "99+" in page


def test_what_is_taken_away_while_the_page_is_read_is_left_out(app: Flask) -> None:
    author = make_person()
    gone, kept = (make_idea(by=author) for _ in range(2))
    for idea in (gone, kept):
        comment_on(idea)
    gone_id, kept_id, asked = gone.id, kept.id, []

    def hide_before_the_second(query: ORMExecuteState) -> None:
        asked.extend([query] * (not query.is_column_load))
        if len(asked) == 2:
            db.session.connection().execute(update(Post).where(Post.id == gone_id).values(hidden_at=now()))

    event.listen(db.session, "do_orm_execute", hide_before_the_second)
    groups = notice_groups(author, Filters(), limit=10)
    event.remove(db.session, "do_orm_execute", hide_before_the_second)
    assert [group.newest.post_id for group in groups] == [kept_id]


def test_the_bell_costs_one_query_and_the_page_few(client_for: ClientFor, count_queries: list[str]) -> None:
    author = make_person()
    browser = client_for(author)
    browser.get("/about")
    count_queries.clear()
    browser.get("/about")
    assert len([query for query in count_queries if "notice" in query]) == 1
    counts = []
    for _ in range(2):
        for _ in range(3):
            comment_on(make_idea(by=author), times=2)
        count_queries.clear()
        browser.get("/notices")
        counts.append(len([query for query in count_queries if query.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 9


def test_the_desk_shows_three_that_are_unread(client_for: ClientFor) -> None:
    author = make_person()
    browser = client_for(author)
    assert "New for you" not in browser.get("/").text
    for number in range(4):
        comment_on(make_idea(by=author, title=f"Idea number {number}"))
    page = browser.get("/").text
    assert page.count("commented on “") == 3
    assert 'commented on “<bdi lang="en">Idea number 3</bdi>”' in page
    assert 'href="/notices"' in page


def test_a_private_post_is_named_to_nobody_else(client_for: ClientFor) -> None:
    author, stranger = make_person(), make_person()
    group: Group = make_private_group(author)
    idea = make_idea(by=author, group=group, title="Between us alone")
    with transaction():
        db.session.add(Follow(post_id=idea.id, user_id=stranger.id, created_at=now()))
    comment_on(idea, body=f"@{stranger.name}")
    for path in ("/notices", "/"):
        assert "Between us alone" not in client_for(stranger).get(path).text
    assert post_address(idea) in client_for(author).get("/notices").text


def test_who_takes_back_that_they_have_a_question_too_and_says_so_again_is_counted_once(client_for: ClientFor) -> None:
    question, kofi = make_question(), make_person()
    have_too(question, by=kofi)
    withdraw_too(question, by=kofi)
    have_too(question, by=kofi)
    run_all_jobs()
    page = client_for(question.author).get("/notices").text
    assert "words of thanks" not in page
    assert "1 unread notice<" in page


def test_who_supports_an_idea_and_says_why_is_counted_once(client_for: ClientFor) -> None:
    idea, kofi = make_idea(), make_person(display_name="Kofi Mensah")
    support(idea, by=kofi)
    give_reason(idea, by=kofi, reason="It works here.")
    run_all_jobs()
    browser = client_for(idea.author)
    page = browser.get("/notices").text
    assert "<bdi>Kofi Mensah</bdi> says why they support" in page
    assert "words of thanks" not in page
    assert "1 unread notice<" in page
    support(idea, by=make_person())
    run_all_jobs()
    assert "2 words of thanks for" in browser.get("/notices").text
