"""A page for everyone says how good matches are, from public texts and from what was said beside them alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.feedback.models import Impression, Judgement
from app.forum.models import Post
from app.forum.queries import post_address
from app.groups.models import Group
from app.ideas.models import Idea
from app.jobs.commands import queue_due_schedules
from app.matching.commands import embed_waiting
from app.matching.weights import weights_history
from app.moderation.commands import hide_post
from app.quality.commands import measure_matches
from app.quality.models import Measured
from tests.factories import judge, make_idea, make_moderator, make_person, make_private_group, revise

ClientFor = Callable[[User], FlaskClient]
pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.long]
FILLER = ("Old fridges leak gas.", "Tubes break in containers.", "Laptops without spare parts.", "Lanterns fail early.")
MIXED = ("useful", "known", "wrong-topic", "useful")


@pytest.fixture
def ideas(app: Flask) -> list[Idea]:
    return [make_idea(title=f"{text} Let us act", sections={"problem": text}) for text in FILLER] + [make_idea()]


def numbers() -> dict[tuple[str, str], tuple[int, int, int]]:
    """What was measured last: count, total and people by measure and part."""
    newest = select(Measured).where(Measured.day == select(func.max(Measured.day)).scalar_subquery())
    return {(each.measure, each.part): (each.count, each.total, each.people) for each in db.session.scalars(newest)}


def main_of(client: FlaskClient) -> str:
    page = client.get("/match-quality")
    assert page.status_code == 200
    return page.text[page.text.index("<main") : page.text.index("</main>")]


def test_precision_is_useful_and_known_ones_among_those_judged_by_topic(ideas: list[Idea], client: FlaskClient) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    judge(ideas[1], ideas[2:], verdicts=["wrong-language", "unsafe", "unsafe"])
    measure_matches()
    assert numbers()["precision", ""] == (15, 20, 5)
    assert numbers()["precision by list", "idea"] == (15, 20, 5)
    assert numbers()["precision by strength", "close"] == (15, 20, 5)
    assert numbers()["precision by weights", "shipped-2026-11"] == (15, 20, 5)
    page = main_of(client)
    assert "<dd>75%</dd>" in page
    assert "of 20 judgements by 5 people found the match useful or knew it" in page


@pytest.mark.parametrize(("people", "matches"), [(4, 4), (4, 20), (5, 3)])
def test_no_number_is_shown_of_few_people_or_few_judgements(people: int, matches: int, client: FlaskClient) -> None:
    subject, *others = [make_idea() for _ in range(matches + 1)]
    judge(subject, others, verdicts=["useful"] * matches, people=people)
    measure_matches()
    assert not {measure for measure, _ in numbers()} & {"precision", "opened", "shown by language", "shown by role"}
    assert "Not enough judgements yet" in main_of(client)


def test_judgements_of_what_a_person_was_not_shown_do_not_count(ideas: list[Idea]) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    with transaction():
        db.session.execute(delete(Impression))
    measure_matches()
    assert ("precision", "") not in numbers()


def test_judgements_of_long_ago_count_for_their_weights_alone(ideas: list[Idea]) -> None:
    with time_machine.travel(now() - timedelta(days=100), tick=False):
        judge(ideas[0], ideas[1:], verdicts=MIXED)
    measure_matches()
    assert ("precision", "") not in numbers()
    assert numbers()["precision by weights", "shipped-2026-11"] == (15, 20, 5)


def in_a_private_group(group: Group, member: User) -> list[Post]:
    return [make_idea(by=member, group=group, language="es", roles=["recycler"]) for _ in range(5)]


def test_a_private_text_changes_nothing_whatever_is_shown_and_said_beside_it(
    ideas: list[Idea], client: FlaskClient
) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    embed_waiting()
    measure_matches()
    before, shown = numbers(), main_of(client)
    member = make_person(roles=["recycler"])
    first, *others = in_a_private_group(make_private_group(member), member)
    judge(first, others, verdicts=["wrong-topic"] * 4)
    judge(first, ideas[1:], verdicts=["wrong-topic"] * 4)
    judge(ideas[1], others, verdicts=["wrong-topic"] * 4)
    measure_matches()  # while they wait for their vectors
    assert numbers() == before
    embed_waiting()
    measure_matches()
    assert numbers() == before
    assert without_moment(main_of(client)) == without_moment(shown)


def without_moment(page: str) -> str:
    return re.sub(r"<time.*?</time>", "", page)


def test_what_is_hidden_or_stands_beside_a_draft_takes_no_part(ideas: list[Idea]) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    with transaction():
        for model in (Judgement, Impression):
            for each in db.session.scalars(select(model).where(model.match_id == ideas[1].id)):
                each.subject_kind, each.subject_id = "draft", 0
    hide_post(ideas[2], by=make_moderator(), reason="it is off the subject")
    measure_matches()
    assert ("precision", "") not in numbers()
    judge(ideas[0], [ideas[3], ideas[4]], verdicts=["wrong-topic", "useful"])
    measure_matches()
    assert numbers()["precision", ""] == (10, 20, 10)


def test_people_take_part_as_long_as_they_agree_to_be_asked(ideas: list[Idea]) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    willing = [make_person(asks_a_week=3) for _ in MIXED]
    with transaction():
        for each in db.session.scalars(select(Impression)):
            each.match_kind, each.match_id = "person", willing[each.rank - 1].id
    measure_matches()
    assert numbers()["opened", "person"] == (0, 20, 5)
    with transaction():
        willing[0].asks_a_week = 0
    measure_matches()
    assert ("opened", "person") not in numbers()


def test_texts_without_a_match_are_counted_as_a_guest_sees_them(ideas: list[Idea], client: FlaskClient) -> None:
    near = "Pupils throw swollen phone batteries into the bin, and the bin catches fire."
    for title in ("Battery fire drill at school", "Safe boxes for swollen batteries"):
        make_idea(title=title, sections={"problem": near})
    embed_waiting()
    lonely = [
        each
        for each in db.session.scalars(select(Idea))
        if '<li class="match"' not in client.get(post_address(each)).text
    ]
    measure_matches()
    assert 0 < len(lonely) < 7
    assert numbers()["unmatched", ""] == (len(lonely), 7, 0)
    assert numbers()["unmatched by kind", "idea"] == (len(lonely), 7, 0)
    assert numbers()["unmatched by language", "en"] == (len(lonely), 7, 0)


def test_a_text_that_waits_is_counted_as_waiting_and_not_as_without_a_match(ideas: list[Idea]) -> None:
    measure_matches()
    assert numbers()["waiting", ""][0] == 5
    assert ("unmatched", "") not in numbers()
    embed_waiting()
    measure_matches()
    assert numbers()["waiting", ""][0] == 0
    assert numbers()["unmatched", ""][1] == 5


def test_freshness_is_the_time_from_an_edit_to_its_vectors(ideas: list[Idea]) -> None:
    embed_waiting()
    measure_matches()
    assert ("freshness", "median") not in numbers()  # all were there before the first vectors
    with time_machine.travel(now() + timedelta(minutes=5), tick=False) as clock:
        revise(ideas[0], title="Old fridges leak gas, and lamps too")
        clock.shift(timedelta(seconds=40))
        embed_waiting()
        measure_matches()
        assert numbers()["freshness", "median"] == (40, 1, 0)


def test_exposure_compares_what_was_shown_with_what_there_is(client: FlaskClient) -> None:
    subject = make_idea()
    shown = [make_idea(language="en", roles=["teacher"]) for _ in range(4)]
    for _ in range(5):
        make_idea(language="es", by=make_person(roles=["recycler"], asks_a_week=3))
        make_idea(language="es", by=make_person(roles=["producer"]))
    judge(subject, shown, verdicts=["useful"] * 4)
    measure_matches()
    found = numbers()
    assert found["shown by language", "en"][:2] == (20, 20)
    assert ("shown by language", "es") not in found
    assert (found["texts by language", "en"][:2], found["texts by language", "es"][:2]) == ((5, 15), (10, 15))
    assert found["texts by author role", "recycler"][:2] == (5, 15)
    assert ("texts by author role", "producer") not in found  # who did not agree to be asked
    # A role of four texts tells of them.
    assert ("shown by role", "teacher") not in found
    assert found["shown by role", "others"][:2] == (20, 20)
    assert found["texts by role", "others"][:2] == (4, 15)
    table = re.search(r"<caption[^>]*>By language: Is everyone.*?</table>", main_of(client), re.DOTALL)
    assert table is not None
    assert re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", table[0])[-6:] == [
        "Spanish",
        "0%",
        "67%",
        "English",
        "100%",
        "33%",
    ]


def test_opens_are_counted_among_what_was_shown(ideas: list[Idea]) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    with transaction():
        for each in db.session.scalars(select(Impression).where(Impression.rank == 1)):
            each.opened_at = now()
    measure_matches()
    assert numbers()["opened", "idea"] == (5, 20, 5)


def test_every_drawing_has_a_name_a_description_and_a_table(ideas: list[Idea], client: FlaskClient) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    embed_waiting()
    with time_machine.travel(now() - timedelta(days=1), tick=False):
        measure_matches()
    measure_matches()
    parts = main_of(client).split('<div class="chart-part">')[1:]
    assert len(parts) >= 8
    for part in parts:
        drawing = re.search(r'<svg class="chart[^>]*role="img" aria-labelledby="(\S+) (\S+)"', part)
        assert drawing is not None
        assert f'<title id="{drawing[1]}">' in part
        assert re.search(rf'<desc id="{drawing[2]}">[^<]*%', part) or "nDCG" in part
        assert part.count("<table") == 1
        assert 'scope="row"' in part
    ids = re.findall(r' id="([^"]+)"', main_of(client))
    assert len(ids) == len(set(ids))


def test_drawings_are_mirrored_where_one_reads_from_right_to_left(ideas: list[Idea], client: FlaskClient) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    measure_matches()
    for language, bar, label in (("en", 'x="0%"', 'x="0%"'), ("ar", 'x="25.0%"', 'x="100%"')):
        page = client.get(f"/match-quality?lang={language}").text
        part = page[page.index('id="precision-by-list-title"') :]
        assert f'class="chart-bar" {bar}' in part[: part.index("</svg>")]
        assert f'class="chart-label" {label}' in part[: part.index("</svg>")]


def test_a_day_has_its_last_numbers_alone(ideas: list[Idea]) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    measure_matches()
    judge(ideas[0], ideas[1:], verdicts=["useful"] * 4)
    measure_matches()
    assert numbers()["precision", ""] == (35, 40, 10)
    days = db.session.scalars(select(Measured.day).where(Measured.measure == "precision")).all()
    assert len(days) == 1


def test_every_hour_all_is_measured_but_texts_without_a_match_once_a_day(
    ideas: list[Idea], run_jobs: Callable[[], int]
) -> None:
    embed_waiting()
    hour, day = timedelta(hours=1, minutes=1), timedelta(days=1)
    morning = (now() + day).replace(hour=8)  # so that no hour passes into the next day
    with time_machine.travel(morning, tick=False) as clock:
        for passed, texts in ((timedelta(), 5), (hour, 5), (day, 7)):
            clock.shift(passed)
            queue_due_schedules()
            run_jobs()
            assert numbers()["unmatched", ""][1] == texts
            assert db.session.scalars(select(func.max(Measured.measured_at))).one() == now()
            make_idea()
            embed_waiting()


def test_the_history_of_weights_says_how_they_were_measured(client: FlaskClient) -> None:
    (shipped,) = weights_history()
    page = main_of(client)
    for name, score in shipped.scores.items():
        assert name in page
        assert f"{score:.3f}" in page
    assert shipped.measured["person"] in page


def test_the_page_asks_few_questions_and_is_found_from_where_matches_are(
    ideas: list[Idea], client: FlaskClient, client_for: ClientFor, count_queries: list[str]
) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    measure_matches()
    member = client_for(make_person())
    count_queries.clear()
    member.get("/match-quality")
    assert len([each for each in count_queries if not each.startswith(("BEGIN", "SET"))]) <= 6
    for path in ("/about", post_address(ideas[0])):
        assert 'href="/match-quality"' in client.get(path).text


def test_before_anything_is_measured_the_page_says_so(client: FlaskClient) -> None:
    page = main_of(client)
    for said in ("Not enough judgements yet", "Not counted yet", "Not measured yet", "Not enough was shown yet"):
        assert said in page
    assert "Measured" not in page


def test_the_command_prints_what_the_page_shows(app: Flask, ideas: list[Idea], client: FlaskClient) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    embed_waiting()
    printed = app.test_cli_runner().invoke(args=["matching", "report"])
    assert printed.exit_code == 0
    again = app.test_cli_runner().invoke(args=["matching", "report", "--kept"])
    assert again.output == printed.output
    page = main_of(client)
    told = re.findall(
        r"<(?:dt|dd|td|h2[^>]*|th scope=\"row\"|th scope=\"col\")>([^<]+)<", page[: page.index("quality-notes")]
    )
    assert len(told) > 30
    assert [each for each in told if each not in printed.output] == []


def test_columns_of_the_command_stand_below_each_other(app: Flask, ideas: list[Idea]) -> None:
    judge(ideas[0], ideas[1:], verdicts=MIXED)
    printed = app.test_cli_runner().invoke(args=["matching", "report"]).output
    tables = [each.splitlines() for each in printed.split("\n\n") if each.startswith("  By ")]
    assert tables
    assert all(len(one) == len(other) for table in tables for one, other in pairwise(table))
