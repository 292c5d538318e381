"""The revisions of an idea: what each changed, any two compared, an older one brought back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now, transaction
from app.diffs import Budget
from app.forum.changes import changes_of
from app.forum.models import Revision
from app.ideas.models import PARTS, Idea
from app.ideas.queries import contributors_of
from app.journal.commands import record
from app.journal.models import JournalEntry
from tests.factories import make_idea, make_moderator, make_person, make_private_group, revise

ClientFor = Callable[[User], FlaskClient]
FILLER = "Nothing of this changes at all. " * 40


def an_idea(**facts: object) -> Idea:
    """With three revisions."""
    idea = make_idea(title="Battery boxes for schools", sections={"problem": "Two bins caught fire."}, **facts)
    revise(idea, sections={"problem": "Three bins caught fire.", "costs": "310 cedis"}, reason="Another fire")
    revise(idea, title="Battery boxes for every school", reason="All of them")
    return idea


def revisions(idea: Idea) -> list[Revision]:
    return list(db.session.scalars(select(Revision).where(Revision.post_id == idea.id).order_by(Revision.number)))


def test_the_list_says_what_each_revision_changed(client: FlaskClient) -> None:
    idea = an_idea()
    revise(idea, topics=["batteries"])
    page = client.get(f"/ideas/{idea.id}/revisions").text
    assert "No words changed, only what is chosen beside them" in page
    assert "Title: 1 word removed, 2 added" in page
    assert "The problem · Costs and who pays: 1 word removed, 3 added" in page
    assert "As it was published." in page


def test_what_else_happened_stands_where_it_happened(client: FlaskClient) -> None:
    idea = make_idea()
    record("stage_changed", by=idea.author, post_id=idea.id, note="published -> refining: The sand.", is_public=True)
    for number in range(2, 28):
        revise(idea, sections={"problem": f"Fire number {number}"})
    record("stage_changed", by=idea.author, post_id=idea.id, note="refining -> archived: Done.", is_public=True)
    newest, oldest = (client.get(f"/ideas/{idea.id}/revisions?page={page}").text for page in (1, 2))
    assert newest.index(">Done.<") < newest.index("Revision 27</a>")
    assert "The sand." not in newest
    assert oldest.index("Revision 2</a>") < oldest.index(">The sand.<") < oldest.index("Revision 1</a>")
    assert "Done." not in oldest
    assert "No reason" not in newest


def test_a_long_list_has_pages(client: FlaskClient, count_queries: list[str]) -> None:
    idea = make_idea()
    for number in range(2, 31):
        revise(idea, sections={"problem": f"Fire number {number}"})
    count_queries.clear()
    first = client.get(f"/ideas/{idea.id}/revisions").text
    assert len(count_queries) <= 8
    assert "Revision 30</a>" in first
    assert "Revision 5</a>" not in first
    assert first.count("1 word removed, 1 added") == 25
    assert "Revision 5</a>" in client.get(f"/ideas/{idea.id}/revisions?page=2").text
    assert client.get(f"/ideas/{idea.id}/revisions?page=3").status_code == 404


@pytest.mark.usefixtures("app")
def test_the_parts_of_a_page_share_its_time_and_only_whole_comparisons_are_kept() -> None:
    before, after = revisions(an_idea())[:2]
    first, second = changes_of(before, after, PARTS)
    assert first.budget is second.budget
    cut = replace(first, budget=Budget(0))
    assert [piece.kind for piece in cut.difference.pieces] == ["removed", "added"]
    assert cut.count() == (4, 4)
    assert not cut.is_counted
    assert first.count() == (1, 1)
    assert replace(cut, budget=Budget(0)).difference == first.difference


def test_a_permalink_shows_the_text_and_what_it_changed(client: FlaskClient) -> None:
    page = client.get(f"/ideas/{an_idea().id}/revisions/2").text
    assert "What changed since revision 1" in page
    assert "<del>Two</del>" in page
    assert "<ins>Three</ins>" in page
    assert "1 word removed, 1 added" in page
    assert "removed:" in page
    assert "<p>Three bins caught fire.</p>" in page


def test_the_first_revision_has_nothing_before_it(client: FlaskClient) -> None:
    page = client.get(f"/ideas/{an_idea().id}/revisions/1").text
    assert "What changed" not in page
    assert "<p>Two bins caught fire.</p>" in page


def test_any_two_can_be_compared(client: FlaskClient) -> None:
    idea = an_idea()
    answer = client.get(f"/ideas/{idea.id}/revisions/comparison?one=3&other=1")
    assert (answer.status_code, answer.location) == (303, f"/ideas/{idea.id}/revisions/3?against=1")
    page = client.get(answer.location).text
    assert "What changed since revision 1" in page
    for words in ("<ins>every school</ins>", "<ins>Three</ins>", "<ins>310 cedis</ins>"):
        assert words in page
    assert "<ins>Two</ins>" in client.get(f"/ideas/{idea.id}/revisions/1?against=3").text
    assert "No words changed." in client.get(f"/ideas/{idea.id}/revisions/2?against=2").text


def test_two_texts_stand_side_by_side_when_asked(client: FlaskClient) -> None:
    idea = an_idea()
    page = client.get(f"/ideas/{idea.id}/revisions/2?view=side").text
    before, after = page.index("<del>Two</del>"), page.index("<ins>Three</ins>")
    assert "bins caught fire." in page[before:after]
    assert 'class="sides"' in page
    assert 'class="sides"' not in client.get(f"/ideas/{idea.id}/revisions/2").text


def test_what_stayed_is_left_out_and_can_be_had(client: FlaskClient) -> None:
    idea = make_idea(sections={"problem": f"Two fires. {FILLER}"})
    revise(idea, sections={"problem": f"Three fires. {FILLER}"})
    path = f"/ideas/{idea.id}/revisions/2?against=1"
    assert "unchanged text left out" in client.get(path).text
    assert "unchanged text left out" not in client.get(f"{path}&whole=1").text


@pytest.mark.parametrize("query", ["against=0", "against=4", "against=x", "against=99999999999999999999", "against=-1"])
def test_what_was_never_saved_cannot_be_compared(client: FlaskClient, query: str) -> None:
    idea = an_idea()
    assert client.get(f"/ideas/{idea.id}/revisions/2?{query}").status_code == 404
    other = query.replace("against", "other")
    assert client.get(f"/ideas/{idea.id}/revisions/comparison?one=1&{other}").status_code == 404


def test_the_page_of_a_revision_sends_few_queries(client: FlaskClient, count_queries: list[str]) -> None:
    idea = an_idea()
    count_queries.clear()
    client.get(f"/ideas/{idea.id}/revisions/3?against=1")
    assert len(count_queries) <= 8


def test_hostile_words_are_shown_as_words(client: FlaskClient) -> None:
    idea = make_idea()
    revise(idea, sections={"problem": "<script>alert(1)</script>"})
    page = client.get(f"/ideas/{idea.id}/revisions/2").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_an_author_brings_an_older_text_back(client_for: ClientFor) -> None:
    idea = an_idea(roles=["teacher"])
    client, path = client_for(idea.author), f"/ideas/{idea.id}/revisions/1/restoration"
    assert f'href="{path}"' in client.get(f"/ideas/{idea.id}/revisions/1").text
    assert "restoration" not in client.get(f"/ideas/{idea.id}/revisions/3").text
    form = client.get(path).text
    assert 'name="seen" value="3"' in form
    assert "<ins>Two</ins>" in form
    answer = client.post(path, data={"reason": "It was only two", "seen": "3"})
    assert (answer.status_code, answer.location) == (303, f"/ideas/{idea.id}/battery-boxes-for-schools")
    db.session.refresh(idea)
    assert (idea.revision, idea.title, idea.sections) == (
        4,
        "Battery boxes for schools",
        {"problem": "Two bins caught fire."},
    )
    assert idea.gist == "Two bins caught fire."
    assert [each.reason for each in revisions(idea)][1:] == [
        "Another fire",
        "All of them",
        "Back to revision 1: It was only two",
    ]


def test_bringing_back_is_written_down_for_all(client: FlaskClient, client_for: ClientFor) -> None:
    idea, moderator = an_idea(), make_moderator(display_name="Mo Derator")
    client_for(moderator).post(f"/ideas/{idea.id}/revisions/1/restoration", data={"seen": "3"})
    entry = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "idea_reverted")).one()
    assert (entry.note, entry.is_public, entry.person_id) == ("Back to revision 1", True, idea.author_id)
    page = client.get(f"/ideas/{idea.id}/revisions").text
    assert "Mo Derator" in page


def test_bringing_back_overwrites_nothing_that_was_saved_meanwhile(client_for: ClientFor) -> None:
    idea = an_idea()
    answer = client_for(idea.author).post(
        f"/ideas/{idea.id}/revisions/1/restoration", data={"reason": "My reason", "seen": "2"}
    )
    assert answer.status_code == 409
    assert "Someone else saved this text after you opened it." in answer.text
    assert 'value="My reason"' in answer.text
    assert 'name="seen" value="3"' in answer.text
    assert len(revisions(idea)) == 3


def test_whoever_brings_words_back_did_not_write_them(client_for: ClientFor) -> None:
    idea, moderator = an_idea(), make_moderator(display_name="Mo Derator")
    client_for(moderator).post(f"/ideas/{idea.id}/revisions/1/restoration", data={"seen": "3"})
    assert [(each.person.id, each.saves) for each in contributors_of(idea)] == [(idea.author_id, 3)]


def test_what_reads_like_that_already_is_not_brought_back(client_for: ClientFor) -> None:
    idea = an_idea()
    path = f"/ideas/{idea.id}/revisions/3/restoration"
    assert client_for(idea.author).post(path, data={"seen": "3"}).status_code == 409
    db.session.refresh(idea)
    assert (idea.revision, len(revisions(idea))) == (3, 3)


def test_a_stranger_brings_nothing_back(client: FlaskClient, client_for: ClientFor) -> None:
    idea, stranger = an_idea(), client_for(make_person())
    path = f"/ideas/{idea.id}/revisions/1/restoration"
    assert "Restore" not in stranger.get(f"/ideas/{idea.id}/revisions/1").text
    assert stranger.get(path).status_code == 403
    assert stranger.post(path, data={"seen": "3"}).status_code == 403
    assert client.get(path).status_code == 303
    assert len(revisions(idea)) == 3


@pytest.mark.parametrize("data", [{}, {"seen": "x"}, {"seen": "3", "reason": "x" * 201}])
def test_a_wrong_form_brings_nothing_back(client_for: ClientFor, data: dict[str, str]) -> None:
    idea = an_idea()
    answer = client_for(idea.author).post(f"/ideas/{idea.id}/revisions/1/restoration", data=data)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert len(revisions(idea)) == 3


PATHS = ("revisions", "revisions/2", "revisions/2?against=1", "revisions/comparison?one=1&other=2")


@pytest.mark.parametrize("path", PATHS)
def test_revisions_are_as_invisible_as_the_idea(client: FlaskClient, client_for: ClientFor, path: str) -> None:
    member, outsider = make_person(), make_person()
    private, hidden, deleted = an_idea(by=member, group=make_private_group(member)), an_idea(), an_idea()
    with transaction():
        hidden.hidden_at, deleted.deleted_at = now(), now()
    for reader in (client, client_for(outsider)):
        statuses = [reader.get(f"/ideas/{idea.id}/{path}").status_code for idea in (private, hidden, deleted)]
        assert statuses == [404, 404, 410]
    assert client_for(member).get(f"/ideas/{private.id}/{path}").status_code in (200, 303)
    assert client_for(outsider).get(f"/ideas/{private.id}/revisions/1/restoration").status_code == 404
