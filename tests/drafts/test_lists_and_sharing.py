"""One's drafts are on one page; whom the writer names reads a draft, and nobody else knows that it exists."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from app.database import db, transaction
from app.drafts.commands import delete_draft, share_draft
from app.drafts.models import MOST_READERS, Draft, DraftReader
from app.groups.models import Membership
from app.journal.models import JournalEntry
from app.refusals import Conflict, NotAllowed, Unfit
from tests.drafts.conftest import PROBLEM, kept, saved, typed
from tests.factories import make_idea, make_moderator, make_person, make_private_group

pytestmark = pytest.mark.usefixtures("app")


def the_draft() -> Draft:
    db.session.rollback()
    return db.session.scalars(select(Draft)).one()


def entries() -> list[tuple[str, int | None, int | None, int | None, bool]]:
    columns = (
        JournalEntry.action,
        JournalEntry.by_id,
        JournalEntry.person_id,
        JournalEntry.post_id,
        JournalEntry.is_public,
    )
    told = select(*columns).where(JournalEntry.action.startswith("draft_")).order_by(JournalEntry.id)
    return [tuple(row) for row in db.session.execute(told)]


def test_all_drafts_are_on_one_page_the_newest_first(client_for):
    person = make_person()
    idea = make_idea(by=person, title="Copper from old cables")
    browser = client_for(person)
    first = kept(browser)
    second = kept(browser, of=f"idea-revision-{idea.id}", key="another", title="Copper from very old cables")
    page = browser.get("/drafts").text
    assert page.index(f"/drafts/{second}") < page.index(f"/drafts/{first}")
    assert f"/ideas/{idea.id}/edit?draft={second}" in page
    assert "Change to an idea" in page
    assert "On: <bdi>Copper from old cables</bdi>" in page
    assert page.count('data-stage="draft"') == 1
    saved(browser, seen=1, tab="tab-2", problem="It goes on.")
    page = browser.get("/drafts").text
    assert page.index(f"/drafts/{first}") < page.index(f"/drafts/{second}")


def test_nobody_else_finds_them_there_and_guests_are_asked_to_sign_in(client, client_for):
    kept(client_for(make_person()))
    assert "Battery boxes" not in client_for(make_person()).get("/drafts").text
    assert client.get("/drafts").status_code == 303


def test_the_desk_and_the_menu_lead_there(client_for):
    browser = client_for(make_person())
    assert "not published yet" not in browser.get("/").text
    kept(browser)
    page = browser.get("/").text
    assert "You have 1 draft that is not published yet." in page
    assert page.count('href="/drafts"') == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "/versions/1"),
        ("post", "/versions/1/restoration"),
        ("get", "/deletion"),
        ("post", "/deletion"),
        ("post", "/readers"),
        ("post", "/readers/{name}/withdrawal"),
    ],
)
def test_strangers_and_moderators_find_nothing_at_its_addresses(client, client_for, method, path):
    owner = make_person()
    token = kept(client_for(owner))
    path = f"/drafts/{token}{path}".format(name=owner.name)
    for stranger in (make_person(), make_moderator()):
        assert getattr(client_for(stranger), method)(path, data={"names": stranger.name}).status_code == 404
    assert getattr(client, method)(path).status_code == 303
    assert the_draft().version == 1


def test_a_deleted_draft_is_gone_after_a_question_first(client_for):
    browser = client_for(make_person())
    token = kept(browser)
    assert "Delete this draft?" in browser.get(f"/drafts/{token}/deletion").text
    answer = browser.post(f"/drafts/{token}/deletion")
    assert answer.location == "/drafts"
    assert "drafts-done=a-key" in answer.headers["Set-Cookie"]
    assert browser.get(f"/drafts/{token}").status_code == 404
    assert "Battery boxes" not in browser.get("/drafts").text


def test_whom_the_writer_names_reads_the_draft_and_nothing_more(client, client_for):
    owner, ama, kofi, stranger = (make_person(display_name=name) for name in ("Esi", "Ama", "Kofi", "Yaw"))
    browser = client_for(owner)
    token = kept(browser)
    answer = browser.post(f"/drafts/{token}/readers", data={"names": f"@{ama.name}, {kofi.name.upper()}"})
    assert answer.status_code == 303
    page = browser.get(f"/drafts/{token}").text
    assert ">Ama</bdi>" in page
    assert ">Kofi</bdi>" in page
    assert f"http://localhost/drafts/{token}" in page
    reader = client_for(ama)
    page = reader.get(f"/drafts/{token}").text
    assert PROBLEM in page
    assert "This is a draft that <bdi>Esi</bdi> shares with you" in page
    assert 'data-stage="draft"' in page
    assert "Kofi" not in page
    assert f"?draft={token}" not in page
    assert "Battery boxes" in reader.get("/drafts").text
    assert PROBLEM not in reader.get(f"/ideas/new?draft={token}").text
    for path in ("versions/1", "deletion"):
        assert reader.get(f"/drafts/{token}/{path}").status_code == 404
    assert client_for(stranger).get(f"/drafts/{token}").status_code == 404
    assert client.get(f"/drafts/{token}").status_code == 303
    assert "Shared with <bdi>Ama</bdi>, <bdi>Kofi</bdi>" in browser.get("/drafts").text


def test_readers_see_it_as_it_reads_now(client_for):
    browser, ama = client_for(make_person()), make_person()
    token = kept(browser)
    browser.post(f"/drafts/{token}/readers", data={"names": ama.name})
    answer = browser.post("/drafts", data=typed(tab="", seen=1, problem="It reads otherwise by now."))
    assert answer.status_code == 303
    assert "Only you can read it" not in browser.get(answer.location).text
    assert "It reads otherwise by now." in client_for(ama).get(f"/drafts/{token}").text


def test_sharing_is_taken_back_and_both_are_written_down_for_the_person_alone(client_for):
    owner, ama = make_person(), make_person()
    browser = client_for(owner)
    token = kept(browser)
    for _ in range(2):
        browser.post(f"/drafts/{token}/readers", data={"names": ama.name})
    for _ in range(2):
        assert browser.post(f"/drafts/{token}/readers/{ama.name}/withdrawal").status_code == 303
    assert client_for(ama).get(f"/drafts/{token}").status_code == 404
    assert "Battery boxes" not in client_for(ama).get("/drafts").text
    assert entries() == [
        ("draft_shared", owner.id, ama.id, None, False),
        ("draft_unshared", owner.id, ama.id, None, False),
    ]


def test_who_is_not_a_member_or_oneself_cannot_be_named(client_for):
    owner, demo = make_person(), make_person(kind="demo")
    browser = client_for(owner)
    token = kept(browser)
    for names in ("nobody-of-this-name", demo.name, owner.name, "", ", ".join(f"a{each}" for each in range(30))):
        page = browser.post(f"/drafts/{token}/readers", data={"names": names})
        assert page.status_code == 422, names
        assert "There is a problem" in page.text
    assert db.session.scalars(select(DraftReader)).all() == []


def test_a_shown_name_that_one_person_has_is_taken_too(client_for, run_jobs):
    bela, ama, _kofi, _other = (make_person(display_name=name) for name in ("Béla Kovacs", "Ama", "Kofi", "Kofi"))
    browser = client_for(make_person())
    token = kept(browser)
    page = browser.post(f"/drafts/{token}/readers", data={"names": "Kofi"})
    assert page.status_code == 422
    assert "There is no one member named Kofi. The page of a person" in page.text
    sent = browser.post(f"/drafts/{token}/readers", data={"names": f"Béla  Kovacs, {ama.name} {bela.name}"})
    assert sent.status_code == 303
    assert {reader.person_id for reader in db.session.scalars(select(DraftReader))} == {bela.id, ama.id}
    run_jobs()
    assert "Battery boxes in every school" in client_for(bela).get("/notices").text


def test_what_is_written_on_a_private_groups_post_is_read_in_that_group_alone(client_for):
    owner, fellow, stranger = (make_person() for _ in range(3))
    idea = make_idea(by=owner, group=make_private_group(owner, fellow))
    browser = client_for(owner)
    token = kept(browser, of=f"idea-revision-{idea.id}", seen=0)
    answer = browser.post(f"/drafts/{token}/readers", data={"names": stranger.name})
    assert (answer.status_code, f"There is no one member named {stranger.name}." in answer.text) == (422, True)
    with pytest.raises(Unfit):
        share_draft(the_draft(), [stranger], by=owner)
    assert browser.post(f"/drafts/{token}/readers", data={"names": fellow.name}).status_code == 303
    reader = client_for(fellow)
    assert PROBLEM in reader.get(f"/drafts/{token}").text
    with transaction():
        db.session.execute(delete(Membership).where(Membership.user_id == fellow.id))
    assert reader.get(f"/drafts/{token}").status_code == 404
    assert "Battery boxes" not in reader.get("/drafts").text


def test_a_copy_of_a_private_groups_idea_is_read_in_that_group_alone(client_for):
    owner, fellow, stranger = (make_person() for _ in range(3))
    group = make_private_group(owner, fellow)
    source = make_idea(by=fellow, group=group, title="What our class found")
    browser = client_for(owner)
    token = kept(browser, title=source.title, fork=str(source.id))
    assert browser.post(f"/drafts/{token}/readers", data={"names": stranger.name}).status_code == 422
    assert browser.post(f"/drafts/{token}/readers", data={"names": fellow.name}).status_code == 303
    reader = client_for(fellow)
    assert source.title in reader.get(f"/drafts/{token}").text
    with transaction():
        db.session.execute(delete(Membership).where(Membership.user_id == fellow.id))
    assert reader.get(f"/drafts/{token}").status_code == 404
    assert source.title not in reader.get("/drafts").text
    page = browser.get(f"/ideas/new?draft={token}").text
    assert f'name="fork" type="hidden" value="{source.id}"' in page


def test_a_draft_has_so_many_readers_and_no_more(client_for):
    owner = make_person()
    kept(client_for(owner))
    share_draft(the_draft(), [make_person() for _ in range(MOST_READERS)], by=owner)
    with pytest.raises(Conflict):
        share_draft(the_draft(), [make_person()], by=owner)


def test_the_commands_refuse_all_but_the_writer(client_for):
    kept(client_for(make_person()))
    draft, stranger = the_draft(), make_moderator()
    for act in (lambda: delete_draft(draft, by=stranger), lambda: share_draft(draft, [stranger], by=stranger)):
        with pytest.raises(NotAllowed):
            act()


def test_the_list_takes_the_same_queries_however_long_it_is(client_for, count_queries):
    browser, ama = client_for(make_person()), make_person()

    def queries(path: str) -> int:
        browser.get(path)
        count_queries.clear()
        browser.get(path)
        return len([each for each in count_queries if each.startswith("SELECT")])

    for number in range(2):
        token = kept(browser, key=f"key-{number}", of=f"comment-{make_idea().id}", body="Well said.")
        browser.post(f"/drafts/{token}/readers", data={"names": ama.name})
    few = {path: queries(path) for path in ("/drafts", f"/drafts/{token}")}
    for number in range(6):
        token = kept(browser, key=f"more-{number}", of=f"comment-{make_idea().id}", body="Well said.")
        browser.post(f"/drafts/{token}/readers", data={"names": ama.name})
    assert {"/drafts": queries("/drafts")} | {path: queries(path) for path in few} == few
    assert few["/drafts"] <= 5, count_queries
