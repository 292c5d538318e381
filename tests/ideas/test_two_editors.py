"""Two people edit one idea at once: whoever saves second puts both texts together, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.models import Revision
from app.ideas.commands import add_co_author
from app.ideas.models import BUILDS_ON, SECTIONS, Idea, Lineage
from app.three_way import ThreeWay
from tests.drafts.conftest import token_in
from tests.factories import make_idea, make_moderator, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]

BASE = {
    "title": "Battery boxes with a sand layer",
    "problem": "Two bins caught fire.",
    "approach": "Pupils collect batteries. The depot takes them on Fridays.",
    "costs": "One box costs 310 cedis.",
}
TEXTS = ("title", *(section.key for section in SECTIONS))


def a_save(seen: int = 1, **facts: Any) -> dict[str, Any]:
    return {**BASE, "language": "en", "reason": "", "seen": str(seen), **facts}


def an_idea() -> tuple[Idea, User, User]:
    """An idea, its author, and Efua, who writes it with them."""
    author, other = make_person(), make_person(display_name="Efua Mensah")
    sections = {key: text for key, text in BASE.items() if key != "title"}
    idea = make_idea(by=author, title=BASE["title"], sections=sections, country="GH")
    add_co_author(idea, person=other)
    return idea, author, other


def save(client: FlaskClient, idea: Idea, data: dict[str, Any]) -> Any:
    return client.post(f"/ideas/{idea.id}/revisions", data=data)


def fields_of(page: str) -> dict[str, Any]:
    """What a browser sends of the page's form, without scripts and with nothing chosen."""
    form = page[page.index('id="idea-form"') :]
    form = form[: form.index("</form>")]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        is_open = re.search(r'type="(radio|checkbox)"', tag) and " checked" not in tag
        if name and not is_open:
            sent[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>([^<]*)</textarea>', form):
        sent[name] = text.removeprefix("\r\n").removeprefix("\n")
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        sent[name] = chosen[1] if chosen else ""
    return sent


def part(page: str, key: str) -> str:
    return page[page.index(f'id="met-{key}"') :].split("</section>")[0]


def stored(idea: Idea) -> Idea:
    db.session.expire_all()
    return idea


def both_changed(client_for: ClientFor, theirs: str, yours: str, key: str = "costs") -> tuple[Idea, FlaskClient, Any]:
    idea, author, other = an_idea()
    assert save(client_for(other), idea, a_save(**{key: theirs})).status_code == 303
    browser = client_for(author)
    return idea, browser, save(browser, idea, a_save(**{key: yours}))


def test_what_only_one_changed_is_put_together_and_said(client_for: ClientFor) -> None:
    idea, author, other = an_idea()
    theirs = a_save(costs="One box costs 350 cedis.", approach=BASE["approach"].replace("Pupils", "Pupils and parents"))
    save(client_for(other), idea, theirs)
    yours = a_save(place="Tema, near the port", approach=BASE["approach"].replace("Fridays", "Mondays"))
    browser = client_for(author)
    answer = save(browser, idea, yours)
    assert answer.status_code == 409
    assert "Taken from <bdi>Efua Mensah</bdi>" in part(answer.text, "costs")
    assert ">Yours<" in part(answer.text, "place")
    assert "Both changes put together" in part(answer.text, "approach")
    assert 'id="met-problem"' not in answer.text
    assert "to decide" not in answer.text
    sent = fields_of(answer.text)
    assert (sent["seen"], sent["base"]) == ("2", "1")
    assert save(browser, idea, sent).status_code == 303
    assert stored(idea).sections == {
        "problem": "Two bins caught fire.",
        "place": "Tema, near the port",
        "approach": "Pupils and parents collect batteries. The depot takes them on Mondays.",
        "costs": "One box costs 350 cedis.",
    }
    assert idea.country is None


def test_only_what_both_changed_stands_open(client_for: ClientFor) -> None:
    idea, author, other = an_idea()
    theirs = {"costs": "One box costs 350 cedis.", "place": "Tema"}
    save(client_for(other), idea, a_save(**theirs, country="KE"))
    yours = {"costs": "One box costs 290 cedis.", "needs": "Sand"}
    browser = client_for(author)
    page = save(browser, idea, a_save(**yours, country="GH")).text
    in_sight, rest = page.split("<summary>The rest of your form</summary>")
    assert 'rest-of-form">' in in_sight
    assert in_sight.index('id="met-costs"') < in_sight.index(">Save</button>")
    assert "Taken from <bdi>Efua Mensah</bdi>: Place and people" in in_sight
    assert "Yours: What we need" in in_sight
    assert "<ins>Tema</ins>" in in_sight
    assert "<ins>Sand</ins>" in in_sight
    assert ">One box costs 350 cedis.</div>" in in_sight
    assert "another one is saved now: Country" in in_sight
    for key in ("place", "needs"):
        assert f'id="met-{key}"' in rest
    assert ">Save</button>" in rest
    wrong = save(browser, idea, {**fields_of(page), "take-costs": "yours", "problem": ""})
    assert 'rest-of-form" open>' in wrong.text


def test_a_merged_part_can_still_be_edited(client_for: ClientFor) -> None:
    idea, browser, answer = both_changed(client_for, "One box costs 350 cedis.", BASE["costs"])
    save(browser, idea, {**fields_of(answer.text), "costs": "Three boxes cost 999 cedis."})
    assert stored(idea).costs == "Three boxes cost 999 cedis."


@pytest.mark.parametrize(
    ("take", "saved"),
    [("theirs", "One box costs 350 cedis."), ("yours", "One box costs 290 cedis."), ("hand", "About 320 cedis.")],
)
def test_where_both_changed_the_same_words_the_choice_decides(client_for: ClientFor, take: str, saved: str) -> None:
    idea, browser, answer = both_changed(client_for, "One box costs 350 cedis.", "One box costs 290 cedis.")
    assert answer.status_code == 409
    shown = part(answer.text, "costs")
    assert shown.count("<del>310</del>") == 2
    assert "<ins>350</ins>" in shown
    assert "<ins>290</ins>" in shown
    assert ">One box costs 310 cedis.</div>" in shown
    assert "One box costs 290 cedis.</textarea>" in shown
    assert " checked" not in shown
    sent = {**fields_of(answer.text), "take-costs": take}
    assert save(browser, idea, sent | ({"costs": "About 320 cedis."} if take == "hand" else {})).status_code == 303
    assert stored(idea).costs == saved
    texts = select(Revision.sections).where(Revision.post_id == idea.id).order_by(Revision.number)
    assert db.session.scalars(texts).all()[1]["costs"] == "One box costs 350 cedis."


def test_a_title_that_both_changed_is_decided_too(client_for: ClientFor) -> None:
    idea, browser, answer = both_changed(client_for, "Steel boxes for batteries", "Clay boxes for batteries", "title")
    assert "You decide" in part(answer.text, "title")
    save(browser, idea, {**fields_of(answer.text), "take-title": "theirs"})
    assert stored(idea).title == "Steel boxes for batteries"


def test_nothing_is_saved_before_it_is_decided(client_for: ClientFor) -> None:
    idea, browser, answer = both_changed(client_for, "One box costs 350 cedis.", "One box costs 290 cedis.")
    again = save(browser, idea, {**fields_of(answer.text), "costs": "By hand, 300 cedis."})
    assert again.status_code == 422
    assert 'href="#costs">Costs and who pays: Not decided yet.' in again.text
    assert again.text.index('<fieldset class="field wrong" id="costs"') < again.text.index('id="costs-error"')
    shown = part(again.text, "costs")
    assert "<ins>350</ins>" in shown
    assert "<ins>290</ins>" in shown
    assert "By hand, 300 cedis.</textarea>" in shown
    assert save(browser, idea, {**fields_of(again.text), "take-costs": "neither"}).status_code == 422
    assert stored(idea).revision == 2


def test_a_preview_keeps_both_texts_and_shows_what_would_be_saved(client_for: ClientFor) -> None:
    idea, browser, answer = both_changed(client_for, "One box costs 350 cedis.", "One box costs 290 cedis.")
    sent = {**fields_of(answer.text), "take-costs": "theirs", "costs": "My third text", "preview": "1"}
    page = save(browser, idea, sent)
    assert page.status_code == 200
    preview = page.text[page.text.index('id="preview-title"') :].split("</section>")[0]
    assert "One box costs 350 cedis." in preview
    assert "My third text" not in preview
    shown = part(page.text, "costs")
    assert "My third text</textarea>" in shown
    assert "<ins>290</ins>" in shown
    assert 'value="theirs" checked' in shown
    fragment = browser.fragment(f"/ideas/{idea.id}/revisions", "preview", method="POST", data=sent)  # type: ignore[attr-defined]
    assert "One box costs 350 cedis." in fragment.text
    assert "<form" not in fragment.text


def test_a_third_text_meets_what_was_put_together_and_what_was_not_taken_stays(client_for: ClientFor) -> None:
    idea, browser, answer = both_changed(client_for, "One box costs 350 cedis.", "One box costs 290 cedis.")
    third = a_save(seen=2, costs="One box costs 350 cedis and a lock.", problem="Three bins caught fire.")
    assert save(client_for(make_moderator(display_name="Mo Derator")), idea, third).status_code == 303
    sent = {**fields_of(answer.text), "take-costs": "theirs", "costs": "By hand, 300 cedis.", "place": "Tema"}
    again = save(browser, idea, sent)
    assert again.status_code == 409
    assert "<bdi>Mo Derator</bdi> saved this idea" in again.text
    shown = part(again.text, "costs")
    assert "One box costs 350 cedis and a lock.</textarea>" in shown
    assert "Taken from <bdi>Mo Derator</bdi>" in shown
    for text in ("One box costs 290 cedis.", "By hand, 300 cedis."):
        assert text in shown
    assert ">Yours<" in part(again.text, "place")
    sent = fields_of(again.text)
    assert (sent["seen"], sent["base"]) == ("3", "2")
    assert save(browser, idea, sent).status_code == 303
    assert (idea.costs, idea.place, idea.problem) == (
        "One box costs 350 cedis and a lock.",
        "Tema",
        "Three bins caught fire.",
    )


def test_a_source_that_the_editor_cannot_see_is_no_difference(client_for: ClientFor) -> None:
    idea, author, other = an_idea()
    source = make_idea(by=author, group=make_private_group(author), published_at=now() - timedelta(days=1))
    with transaction():
        db.session.add(Lineage(idea_id=idea.id, source_id=source.id, kind=BUILDS_ON))
    save(client_for(author), idea, {**a_save(problem="Three bins."), "country": "GH", f"way-{source.id}": BUILDS_ON})
    page = save(client_for(other), idea, a_save(problem="Four bins.", country="GH")).text
    assert 'id="met-problem"' in page
    assert "Your choice stands here." not in page


def test_tags_and_the_like_stay_as_chosen_and_name_what_is_saved(client_for: ClientFor) -> None:
    idea, author, other = an_idea()
    theirs = a_save(roles=["teacher"], topics=["batteries"], country="KE", language="fr")
    save(client_for(other), idea, theirs)
    page = save(client_for(author), idea, a_save(roles=["student"], topics=["batteries"], country="GH")).text
    assert "Saved now: Teacher &amp; trainer. Your choice stands here." in page
    assert "Saved now: Kenya. Your choice stands here." in page
    assert "Saved now: French" in page
    assert "Up to six." in page
    assert 'value="student" checked' in page


@pytest.mark.parametrize("seen", ["0", "", "-1", "x", "99999999999", None])
def test_a_form_that_does_not_say_what_it_saw_comes_back_with_its_text(client_for: ClientFor, seen: str | None) -> None:
    idea, author, _other = an_idea()
    data = {name: value for name, value in a_save(seen=seen, costs="My 290 cedis").items() if value != "None"}  # type: ignore[arg-type]
    answer = save(client_for(author), idea, data)
    assert answer.status_code == 422
    assert "My 290 cedis" in answer.text
    assert save(client_for(author), idea, {**data, "preview": "1"}).status_code == 200


def test_a_form_from_a_revision_that_is_not_there_is_decided_part_by_part(client_for: ClientFor) -> None:
    idea, author, _other = an_idea()
    browser = client_for(author)
    answer = save(browser, idea, a_save(seen=2**31 - 1, costs="My 290 cedis", place="Tema"))
    assert answer.status_code == 409
    assert "is not known any more" in answer.text
    assert "You decide" in part(answer.text, "costs")
    assert "You decide" in part(answer.text, "place")
    sent = {**fields_of(answer.text), "take-costs": "yours", "take-place": "hand"}
    assert save(browser, idea, sent).status_code == 303
    assert stored(idea).costs == "My 290 cedis"


def test_a_revision_that_was_taken_out_of_the_history_loses_nothing(client_for: ClientFor) -> None:
    idea, author, other = an_idea()
    save(client_for(other), idea, a_save(costs="One box costs 350 cedis."))
    db.session.execute(delete(Revision).where(Revision.post_id == idea.id, Revision.number == 1))
    db.session.commit()
    answer = save(client_for(author), idea, a_save(costs="My 290 cedis"))
    assert answer.status_code == 409
    for words in ("One box costs 350 cedis.", "My 290 cedis</textarea>"):
        assert words in part(answer.text, "costs")


@pytest.mark.parametrize("base", ["-1", "x", "99999999999"])
def test_a_forged_base_is_refused_and_the_text_kept(client_for: ClientFor, base: str) -> None:
    idea, author, _other = an_idea()
    answer = save(client_for(author), idea, a_save(base=base, costs="My 290 cedis"))
    assert answer.status_code == 422
    assert "My 290 cedis" in answer.text


def test_choices_without_what_they_choose_from_change_nothing(client_for: ClientFor) -> None:
    idea, author, _other = an_idea()
    forged = a_save(base="0", **{"take-costs": "theirs", "yours-costs": "x" * 3001, "left-costs": "y", "seen": "77"})
    assert save(client_for(author), idea, forged).status_code == 409
    too_long = a_save(base="1", **{"take-costs": "yours", "yours-costs": "x" * 3001, "costs": ""})
    assert save(client_for(author), idea, too_long).status_code == 422
    assert stored(idea).revision == 1


def test_an_own_save_elsewhere_is_met_like_anyone_elses_and_called_ones_own(client_for: ClientFor) -> None:
    idea, author, _other = an_idea()
    save(client_for(author), idea, a_save(costs="One box costs 350 cedis."))
    answer = save(client_for(author), idea, a_save(costs="One box costs 290 cedis."))
    assert answer.status_code == 409
    assert "You saved this idea elsewhere" in answer.text
    assert "<title>Saved in another tab" in answer.text
    assert "Take your other text" in part(answer.text, "costs")
    assert author.display_name not in part(answer.text, "costs")
    answer = save(client_for(author), idea, a_save(place="Kumasi."))
    assert "Taken from your other text: Costs and who pays" in answer.text
    assert "Your other text</p>" in part(answer.text, "costs")


def test_the_form_says_early_that_someone_saved(client_for: ClientFor, client: FlaskClient) -> None:
    idea, author, other = an_idea()
    browser, path = client_for(author), f"/ideas/{idea.id}/saves-after/1"
    assert f'hx-get="{path}"' in browser.get(f"/ideas/{idea.id}/edit").text
    assert (browser.get(path).status_code, browser.get(path).text) == (204, "")
    assert "saved this idea" not in save(browser, idea, a_save(preview="1")).text
    save(client_for(other), idea, a_save(costs="One box costs 350 cedis."))
    said = browser.get(path)
    assert said.status_code == 200
    assert "<bdi>Efua Mensah</bdi> saved this idea" in said.text
    assert f'href="/ideas/{idea.id}/revisions/2"' in said.text
    assert "<bdi>Efua Mensah</bdi> saved this idea" in save(browser, idea, a_save(preview="1")).text
    assert client.get(path).status_code == 204


def test_who_saved_a_private_idea_is_not_told_to_others(client_for: ClientFor) -> None:
    member = make_person()
    idea = make_idea(by=member, group=make_private_group(member))
    save(client_for(member), idea, a_save())
    path = f"/ideas/{idea.id}/saves-after/1"
    assert client_for(member).get(path).status_code == 200
    assert client_for(make_person()).get(path).status_code == 204


def test_a_stranger_sees_no_two_texts(client_for: ClientFor) -> None:
    idea, _author, other = an_idea()
    save(client_for(other), idea, a_save(costs="One box costs 350 cedis."))
    assert save(client_for(make_person()), idea, a_save(costs="Mine")).status_code == 403


def test_a_draft_of_both_texts_goes_on_with_both(client_for: ClientFor) -> None:
    idea, browser, answer = both_changed(client_for, "One box costs 350 cedis.", "One box costs 290 cedis.")
    sent = {**fields_of(answer.text), "take-costs": "theirs"}
    kept = browser.post("/drafts", data=sent)
    assert kept.status_code == 303
    token = token_in(kept.location)
    assert "350 cedis" in browser.get(f"/drafts/{token}").text
    assert "350 cedis" in browser.get(f"/drafts/{token}/versions/1").text
    page = browser.get(kept.location).text
    assert "<ins>350</ins>" in part(page, "costs")
    assert "<ins>290</ins>" in part(page, "costs")
    assert 'value="theirs" checked' in part(page, "costs")
    assert save(browser, idea, fields_of(page)).status_code == 303
    assert stored(idea).costs == "One box costs 350 cedis."


@pytest.mark.parametrize("key", ["title", "costs"])
def test_a_draft_of_both_texts_has_the_title_as_it_is_typed(client_for: ClientFor, key: str) -> None:
    _idea, browser, answer = both_changed(client_for, "Steel boxes for batteries", "Clay boxes for batteries", key)
    browser.post("/drafts", data={**fields_of(answer.text), "title": "Boxes of wood", f"take-{key}": "hand"})
    assert ">Boxes of wood</a>" in browser.get("/drafts").text
    if key == "title":
        browser.post("/drafts", data={**fields_of(answer.text), "take-title": "yours"})
        assert ">Clay boxes for batteries</a>" in browser.get("/drafts").text


def test_the_page_of_two_texts_sends_few_queries(client_for: ClientFor, count_queries: list[str]) -> None:
    idea, author, other = an_idea()
    save(client_for(other), idea, a_save(**{key: f"Quite another text of {key}, and long" for key in TEXTS}))
    browser = client_for(author)
    count_queries.clear()
    save(browser, idea, a_save(**{key: f"My very own text of {key}, and longer" for key in TEXTS}))
    assert len(count_queries) <= 25


WORDS = st.lists(st.sampled_from(["box", "gate", "sand", "fire", "depot", "lid", "é", "电", ".", "\n"]), max_size=12)
IDEAS = st.fixed_dictionaries({key: WORDS.map(" ".join) for key in ("title", "problem", "costs")})


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(base=IDEAS, theirs=IDEAS, yours=IDEAS)
def test_every_word_that_only_one_added_is_in_the_text_or_to_be_decided(
    base: dict[str, str], theirs: dict[str, str], yours: dict[str, str]
) -> None:
    for key in base:
        met = ThreeWay(base[key], theirs[key], yours[key])
        if met.outcome == "conflict":
            assert met.text == yours[key]
            assert "".join(piece.text for piece in met.their_change.later) == theirs[key]
            continue
        for one, other in ((theirs[key], yours[key]), (yours[key], theirs[key])):
            added = {*one.split()} - {*base[key].split()} - {*other.split()}
            assert added <= {*met.text.split()}
