"""A queue shows first what its reader can answer, what somebody waits for, and what is in their fields."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.queueing import (
    ANSWERABLE,
    FIT,
    FLOOR,
    NEED,
    OPEN,
    UNREAD,
    Answerer,
    OpenQuestion,
    Questions,
    Ranked,
    answerable,
    fit,
    need,
    rank,
)
from ml.routing import STAGES

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TOPICS = ["batteries", "lamps", "finance", 7]
LANGUAGES = ["en", "pt-BR", "pt", "zh"]
BARE = OpenQuestion("bare", "Help", NOW)
GOOD = OpenQuestion(
    "good",
    "Where to store 12 swollen phone batteries?",
    NOW - timedelta(hours=30),
    body_length=800,
    says_where=True,
    says_tried=True,
    says_wanted=True,
    topics={"batteries"},
)
AMA = Answerer({"batteries": 0.8, "lamps": 0.3}, roles={"recycler"}, languages={"en"})

some_tags = st.frozensets(st.sampled_from(TOPICS))
some_question = st.builds(
    OpenQuestion,
    key=st.integers(0, 999),
    title=st.sampled_from(["", "Help", "Where to store 12 swollen phone batteries?", "電池をどこに置く"]),
    published_at=st.integers(-100, 9000).map(lambda hours: NOW - timedelta(hours=hours)),
    language=st.sampled_from(LANGUAGES),
    body_length=st.integers(0, 10_000),
    says_where=st.booleans(),
    says_tried=st.booleans(),
    says_wanted=st.booleans(),
    needed_by=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    answer_count=st.integers(0, 2),
    too_count=st.integers(0, 50),
    is_taken=st.booleans(),
    topics=some_tags,
    roles=some_tags,
)
some_questions = st.lists(some_question, max_size=8, unique_by=lambda question: question.key)
some_person = st.builds(
    Answerer,
    fields=st.dictionaries(st.sampled_from(TOPICS), st.floats(0, 1)),
    roles=some_tags,
    languages=st.frozensets(st.sampled_from(LANGUAGES)),
)
some_meaning = st.none() | st.dictionaries(st.integers(0, 999), st.floats(0, 1))


def queue(*questions: OpenQuestion, person: Answerer = AMA) -> list[Ranked]:
    return rank(Questions.of(questions), person, now=NOW)


def keys(*questions: OpenQuestion, person: Answerer = AMA) -> list[Hashable]:
    return [ranked.key for ranked in queue(*questions, person=person)]


def only(question: OpenQuestion, person: Answerer = AMA) -> Ranked:
    (ranked,) = queue(question, person=person)
    return ranked


@given(some_questions, some_person, some_meaning)
def test_the_parts_add_up_to_their_factor_and_the_factors_multiply_to_the_score(
    questions: list[OpenQuestion], person: Answerer, meaning: dict[int, float] | None
) -> None:
    ranked = rank(Questions.of(questions), person, now=NOW, meaning=meaning)
    assert {each.key for each in ranked} == {question.key for question in questions}
    for each in ranked:
        for factor, worths in ((each.answerable, ANSWERABLE), (each.need, NEED), (each.fit, FIT)):
            assert sum(factor.parts.values()) == pytest.approx(factor.value)
            assert all(adds > 0 for adds in factor.parts.values())
            assert set(factor.parts) <= {*worths, OPEN}
            assert 0 <= factor.value <= 1
        assert min(each.answerable.value, each.need.value) >= FLOOR - 1e-9
        assert each.score == pytest.approx(each.answerable.value * each.need.value * each.fit.value, abs=1e-6)


@given(some_questions, some_person, some_meaning, st.randoms(), st.integers(0, 8))
def test_the_same_questions_come_in_the_same_order_however_they_are_given(
    questions: list[OpenQuestion], person: Answerer, meaning: dict[int, float] | None, random: Random, most: int
) -> None:
    first = rank(Questions.of(questions), person, now=NOW, meaning=meaning)
    shuffled = Questions.of(random.sample(questions, len(questions)))
    assert rank(shuffled, person, now=NOW, meaning=meaning, limit=most) == first[:most]
    assert first == sorted(first, key=lambda each: (-each.score, each.key))


@given(some_question, some_question, some_person)
def test_a_question_is_worth_the_same_whatever_stands_beside_it(
    one: OpenQuestion, other: OpenQuestion, person: Answerer
) -> None:
    one, other = replace(one, key=1), replace(other, key=2)
    beside = {each.key: each for each in queue(one, other, person=person)}[1]
    alone = only(one, person)
    assert (beside.field, beside.hours) == (alone.field, alone.hours)
    assert beside.score == pytest.approx(alone.score, abs=2e-6)


@pytest.mark.parametrize(
    "worse",
    [
        replace(GOOD, says_where=False),
        replace(GOOD, says_tried=False),
        replace(GOOD, says_wanted=False),
        replace(GOOD, title="Please help me?"),
        replace(GOOD, body_length=20),
        replace(GOOD, body_length=9000),
        replace(GOOD, published_at=NOW - timedelta(hours=29)),
        replace(GOOD, answer_count=1),
        replace(GOOD, is_taken=True),
        replace(GOOD, topics={"lamps"}),
        replace(GOOD, topics=()),
        replace(GOOD, language="fr"),
    ],
    ids=lambda worse: next(name for name in OpenQuestion.__slots__ if getattr(worse, name) != getattr(GOOD, name)),
)
def test_a_question_comes_later_for_what_it_lacks(worse: OpenQuestion) -> None:
    assert keys(replace(worse, key="a"), GOOD) == ["good", "a"]


@pytest.mark.parametrize(
    "better",
    [
        replace(GOOD, needed_by=date(2026, 6, 12)),
        replace(GOOD, too_count=2),
        replace(GOOD, roles={"recycler"}),
        replace(GOOD, topics={"batteries", "lamps"}),
    ],
)
def test_a_question_comes_earlier_for_its_date_its_company_its_role_and_further_fields(better: OpenQuestion) -> None:
    assert keys(GOOD, replace(better, key="zebra")) == ["zebra", "good"]


def test_a_poor_question_that_waits_long_stays_in_sight() -> None:
    poor = only(replace(BARE, topics={"batteries"}, published_at=NOW - timedelta(days=9)))
    assert 0.1 < poor.score < only(GOOD).score


def test_one_more_sign_adds_less_the_more_there_are() -> None:
    first = only(replace(BARE, says_tried=True)).answerable.value - only(BARE).answerable.value
    full = replace(GOOD, says_tried=False)
    assert 0 < only(GOOD).answerable.value - only(full).answerable.value < first / 2
    assert only(GOOD).answerable.value == pytest.approx(1)


def test_what_is_asked_for_today_is_urgent_and_what_was_asked_for_yesterday_no_more() -> None:
    days = [None, date(2026, 6, 9), date(2026, 6, 10), date(2026, 6, 20)]
    none, yesterday, today, later = (only(replace(GOOD, needed_by=day)).need.parts.get("urgent", 0) for day in days)
    assert today > later > none == yesterday == 0


def test_hours_count_until_somebody_answers_and_ever_less() -> None:
    def waits(hours: float, **changed: int) -> float:
        asked = replace(GOOD, published_at=NOW - timedelta(hours=hours), **changed)
        return only(asked).need.parts.get("waits", 0.0)

    assert waits(0) == waits(30, answer_count=1) == 0
    assert waits(24) - waits(0) > waits(48) - waits(24) > 0
    assert waits(-5) == 0
    assert only(GOOD).hours == 30


def test_who_does_not_read_a_language_fits_below_whoever_is_asked() -> None:
    asked = replace(GOOD, language="zh", roles={"recycler"})
    stranger = only(asked)
    assert stranger.fit.value <= UNREAD < min(stage.least_fit for stage in STAGES)
    assert only(asked, replace(AMA, languages={"zh-Hant"})).fit.value > 10 * stranger.fit.value


def test_without_a_field_a_role_or_a_near_text_nothing_fits() -> None:
    nothing = only(replace(GOOD, topics={"finance"}))
    assert nothing.score == nothing.fit.value == 0
    assert nothing.field is None
    assert nothing.fit.parts == {}


def test_meaning_alone_makes_a_question_fit_and_adds_to_a_field() -> None:
    questions = Questions.of([GOOD, replace(GOOD, key="other", topics={"finance"})])
    near = fit(questions, AMA, {"good": 0.5, "other": 0.5})
    known, unknown = near.values
    assert known > fit(questions, AMA).values[0] > unknown > fit(questions, AMA).values[1] == 0


def test_the_field_that_is_named_is_the_one_that_weighs_most() -> None:
    assert only(replace(GOOD, topics={"lamps", "batteries", "finance"})).field == "batteries"
    alike = Answerer({"batteries": 0.5, "lamps": 0.5}, languages={"en"})
    assert only(replace(GOOD, topics={"lamps", "batteries"}), alike).field == "batteries"


def test_a_language_that_nobody_here_reads_makes_a_question_less_answerable() -> None:
    rows = [GOOD, replace(GOOD, key="unread", language="zh")]
    good, unread = answerable(Questions.of(rows, languages={"en", "pt-BR"})).values
    assert unread < good == answerable(Questions.of(rows)).values[1]


def test_kept_columns_say_how_need_grows() -> None:
    questions = Questions.of([GOOD])
    moments = [NOW + timedelta(hours=hours) for hours in (0, 1, 24)]
    values = np.concatenate([need(questions, moment).values for moment in moments])
    assert (np.diff(values) > 0).all()


@settings(max_examples=20)
@given(some_person)
def test_an_empty_queue_is_empty(person: Answerer) -> None:
    empty: Sequence[OpenQuestion] = []
    assert queue(*empty, person=person) == []
