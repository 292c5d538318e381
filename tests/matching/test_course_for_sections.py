"""Beside each section of an idea the passage of the course that helps; on each nugget the ideas that use it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.course.commands import mark_read
from app.course.models import Module, Nugget
from app.database import db, transaction
from app.forum.commands import delete_post
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.matching import course
from app.matching.commands import embed_waiting
from app.matching.course import begun_or_passed_over
from app.matching.encoding import Encoding
from app.moderation.commands import hide_post
from tests.factories import make_idea, make_moderator, make_person, make_private_group
from tests.matching.test_matches_on_pages import FILLER

pytestmark = pytest.mark.long

ClientFor = Callable[[User], FlaskClient]
WIPING = "Erase the hard disk of a laptop before the laptop is donated to a school."
COOLING = "Take the refrigerant gas out of old fridges before somebody cuts the pipes."
APPROACH = "We erase the hard disk of each laptop before the laptop is donated to the school in our street."
PROBLEM = "Nobody in our street dares to give away a laptop, because private letters are on its hard disk."
TITLE = "Old laptops for the school in our street"


@pytest.fixture(autouse=True)
def nuggets(app: Flask) -> dict[str, int]:
    """Ids by key."""
    facts = {"module_number": 2, "type": "reading", "minutes": 25}
    with transaction():
        db.session.add(Module(number=2, title="Flows", aim="Follow.", week="2", hours=3.0, challenge_step="Trace."))
        made = [
            Nugget(
                key="m2n1",
                position=1,
                title="Wipe it, then hand it on",
                summary=WIPING,
                activity="Write half a page of promises for the owners of phones.",
                **facts,
            ),
            Nugget(
                key="m2n2",
                position=2,
                title="Cold gases",
                summary="Foam and oil harm the climate for years.",
                activity=COOLING,
                **facts,
            ),
        ]
        db.session.add_all(made)
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})
    embed_waiting()
    return {nugget.key: nugget.id for nugget in made}


def laptop_idea(**facts: object) -> Idea:
    sections = {"problem": PROBLEM, "approach": APPROACH}
    idea = make_idea(**{"title": TITLE, "sections": sections, **facts})
    embed_waiting()
    return idea


def section_of(page: str, section: str) -> str:
    """What stands in a section of an idea's page."""
    start = page.index(f'aria-labelledby="{section}-title"')
    return page[start : page.index("</section>", start)]


def uses_on(client: FlaskClient, key: str = "m2n1") -> str:
    page = client.get(f"/course/nuggets/{key}").text
    if "uses-title" not in page:
        return ""
    start = page.index('aria-labelledby="uses-title"')
    return page[start : page.index("</section>", start)]


def test_a_section_names_the_nugget_with_both_sentences_and_leads_to_the_passage(client: FlaskClient) -> None:
    shown = section_of(client.get(post_address(laptop_idea())).text, "approach")
    assert "Module 2, 25 min:" in shown
    assert "Wipe it, then hand it on" in shown
    assert 'href="/course/nuggets/m2n1#summary"' in shown
    told = shown[shown.index("<details") :]
    assert APPROACH in told
    assert WIPING in told


def test_what_the_site_says_below_a_quotation_reads_as_the_page_does(client: FlaskClient) -> None:
    page = client.get(f"{post_address(laptop_idea(language='fr'))}?lang=ar").text
    told = section_of(page, "approach")
    footers = re.findall(r"<footer[^>]*>", told)
    assert footers == ['<footer dir="rtl" lang="ar">'] * 2
    titles = re.findall(r"<(?:a|bdi|span)([^>]*)>Wipe it, then hand it on<", told)
    assert len(titles) == 3
    assert all('lang="en"' in attributes for attributes in titles)


def test_the_link_leads_to_what_to_do_where_that_is_what_helps(client: FlaskClient) -> None:
    gas = "We take the refrigerant gas out of old fridges before somebody cuts the pipes at the gate."
    idea = laptop_idea(title="Old fridges at the gate", sections={"problem": gas})
    page = client.get(post_address(idea)).text
    assert 'href="/course/nuggets/m2n2#activity"' in section_of(page, "problem")
    assert 'id="activity"' in client.get("/course/nuggets/m2n2").text
    assert 'id="summary"' in client.get("/course/nuggets/m2n2").text


def test_a_section_on_another_subject_is_told_nothing(client: FlaskClient) -> None:
    choir = "The choir meets on Thursdays beside the harbour and sings three songs by ear for whoever listens."
    idea = laptop_idea(sections={"problem": PROBLEM, "approach": APPROACH, "impact": choir})
    assert "Module 2" not in section_of(client.get(post_address(idea)).text, "impact")


def test_before_a_text_is_embedded_nothing_is_said(client: FlaskClient) -> None:
    idea = make_idea(title=TITLE, sections={"problem": PROBLEM, "approach": APPROACH})
    assert "Module 2" not in section_of(client.get(post_address(idea)).text, "approach")


def test_what_a_person_has_read_is_marked_and_what_they_have_not_is_preferred(
    client: FlaskClient, client_for: ClientFor, nuggets: dict[str, int]
) -> None:
    with transaction():
        twin = Nugget(key="m2n3", module_number=2, position=3, title="Wiping, once more", summary=WIPING)
        twin.type, twin.minutes, twin.activity = "reading", 9, "Write half a page of promises for the owners of phones."
        db.session.add(twin)
    idea, reader = laptop_idea(), make_person()
    first = section_of(client.get(post_address(idea)).text, "approach")
    read = "m2n1" if "m2n1#" in first else "m2n3"
    mark_read(nuggets["m2n1"] if read == "m2n1" else twin.id, by=reader)
    shown = section_of(client_for(reader).get(post_address(idea)).text, "approach")
    assert f"{read}#" not in shown
    assert "not read yet" in shown
    mark_read(nuggets["m2n1"], by=reader)
    mark_read(twin.id, by=reader)
    assert 'class="badge read"' in section_of(client_for(reader).get(post_address(idea)).text, "approach")
    assert 'class="badge read"' not in section_of(client.get(post_address(idea)).text, "approach")


def test_a_thin_section_tells_its_author_what_to_read_and_nobody_else(
    client: FlaskClient, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"needs": WIPING, "place": WIPING}
    monkeypatch.setattr(course, "asked_in", lambda section: asked.get(section, "Choirs sing at the harbour."))
    author = make_person()
    idea = laptop_idea(by=author, sections={"problem": APPROACH, "needs": "A laptop."})
    own, others = client_for(author).get(post_address(idea)).text, client.get(post_address(idea)).text
    assert "This section is thin. To fill it:" in section_of(own, "needs")
    assert "Wipe it, then hand it on" in section_of(own, "needs")
    assert "is thin" not in others
    assert "What to read for" in own
    assert "What to read for" not in others


def test_the_composer_speaks_of_sections_that_were_begun_or_passed_over(
    client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "asked_in", lambda _section: WIPING)
    writer = client_for(make_person())
    draft = {"kind": "idea", "title": TITLE, "problem": PROBLEM}
    assert "thin-sections" not in writer.post("/matches/draft", data=draft).text
    panel = writer.fragment("/matches/draft", "similar", method="POST", data={**draft, "approach": "We erase."}).text
    told = panel[panel.index('aria-labelledby="thin-sections"') :]
    assert "What we would do" in told
    assert "Place and people" in told
    assert "Next step" not in told


@pytest.mark.parametrize(
    ("sections", "thin"),
    [
        ({}, []),
        ({"title": TITLE}, []),
        ({"problem": PROBLEM}, []),
        ({"problem": "Too little."}, ["problem"]),
        ({"problem": PROBLEM, "approach": APPROACH}, ["place"]),
        ({"problem": PROBLEM, "place": "Accra"}, ["place"]),
    ],
)
def test_a_section_that_the_writer_has_not_come_to_is_not_thin(sections: dict[str, str], thin: Sequence[str]) -> None:
    assert begun_or_passed_over(sections) == thin


def test_while_the_encoder_is_being_loaded_nothing_is_said_of_thin_sections(
    client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "asked_in", lambda _section: WIPING)
    monkeypatch.setattr(Encoding, "is_warm", False)
    author = make_person()
    idea = laptop_idea(by=author, sections={"problem": PROBLEM, "needs": "A laptop."})
    page = client_for(author).get(post_address(idea))
    assert page.status_code == 200
    assert "is thin" not in page.text
    draft = {"kind": "idea", "title": TITLE, "problem": PROBLEM, "approach": "We erase."}
    assert "thin-sections" not in client_for(author).post("/matches/draft", data=draft).text


def test_a_nugget_names_the_ideas_that_use_it_with_section_and_sentence(client: FlaskClient) -> None:
    idea = laptop_idea()
    shown = uses_on(client)
    assert TITLE in shown
    assert "What we would do" in shown
    assert APPROACH in shown
    assert f"{post_address(idea)}#approach-title" in shown
    assert '<span class="count">1</span>' in shown
    assert TITLE not in uses_on(client, "m2n2")


def test_the_title_of_an_idea_that_uses_a_nugget_tells_its_language(client: FlaskClient) -> None:
    idea = laptop_idea(language="fr")
    assert f'dir="auto" lang="fr">{idea.title}<' in uses_on(client)


@pytest.mark.parametrize("is_gone", [delete_post, lambda idea, by: hide_post(idea, by=by, reason="Off the subject")])
def test_an_idea_that_is_gone_uses_no_nugget(client: FlaskClient, is_gone: Callable[..., object]) -> None:
    idea = laptop_idea()
    assert TITLE in uses_on(client)
    is_gone(idea, by=make_moderator())
    assert uses_on(client) == ""


def test_a_private_idea_is_neither_named_nor_counted_for_outsiders(client: FlaskClient, client_for: ClientFor) -> None:
    member, outsider = make_person(), make_person()
    laptop_idea()
    laptop_idea(by=member, group=make_private_group(member), title="Laptops of our class, in private")
    inside = uses_on(client_for(member))
    assert "Laptops of our class" in inside
    assert '<span class="count">2</span>' in inside
    for other in (client_for(outsider), client):
        outside = uses_on(other)
        assert "Laptops of our class" not in outside
        assert '<span class="count">1</span>' in outside


def test_an_idea_page_asks_for_the_course_with_one_statement_more(
    client_for: ClientFor, count_queries: list[str]
) -> None:
    idea, reader = laptop_idea(), client_for(make_person())
    reader.get(post_address(idea))
    count_queries.clear()
    shown = section_of(reader.get(post_address(idea)).text, "approach")
    assert "Wipe it, then hand it on" in shown
    assert sum("FROM nugget_reading" in each for each in count_queries) == 1
    assert not any("FROM passage" in each and "level" in each for each in count_queries)
    assert not any("FROM nugget " in each for each in count_queries)


def panel_of_question(browser: FlaskClient, **fields: str) -> str:
    draft = {"kind": "question", "title": TITLE, **fields}
    return browser.fragment("/matches/draft", "similar", method="POST", data=draft).text


@pytest.mark.parametrize("section", ["body", "tried"])
def test_beside_a_question_being_written_stands_the_passage_that_helps(client_for: ClientFor, section: str) -> None:
    shown = panel_of_question(client_for(make_person()), **{section: APPROACH})
    told = shown[shown.index('aria-labelledby="course-passages"') :]
    assert 'href="/course/nuggets/m2n1#summary"' in told
    assert APPROACH in told
    assert WIPING in told


def test_a_passage_is_found_for_each_draft_anew(client_for: ClientFor) -> None:
    browser = client_for(make_person())
    assert "m2n1#summary" in panel_of_question(browser, body=APPROACH)
    choir = "The choir meets on Thursdays beside the harbour and sings three songs by ear."
    assert "course-passages" not in panel_of_question(browser, title="Who sings with us?", body=choir)
    gas = "We take the refrigerant gas out of old fridges before somebody cuts the pipes at the gate."
    assert "m2n2#activity" in panel_of_question(browser, title="Old fridges at the gate", body=gas)
