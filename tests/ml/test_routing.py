"""Questions go to those who fit, within what each agreed to, in turns, and further as time passes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.routing import STAFF, STAGES, Asks, Helper, Stage, Waiting, band, route

PEOPLE = [*"abcdefgh"]
some_names = st.frozensets(st.sampled_from(PEOPLE))
some_waiting = st.builds(
    Waiting,
    key=st.integers(0, 99),
    need=st.sampled_from([0.2, 0.5, 0.9]),
    hours=st.sampled_from([0.0, 47.9, 48.0, 95.0, 200.0]),
    fits=st.dictionaries(st.sampled_from([*PEOPLE, "left"]), st.floats(0, 1)),
    asked=some_names,
    passed=some_names,
)
some_questions = st.lists(some_waiting, max_size=12, unique_by=lambda question: question.key)
some_people = st.dictionaries(
    st.sampled_from(PEOPLE), st.builds(Helper, capacity=st.integers(0, 3), asked_lately=st.integers(0, 5))
)


def asks(question: Waiting, **helpers: Helper) -> Asks:
    (only,) = route([question], helpers)
    return only


def waiting(hours: float = 0, **fits: float) -> Waiting:
    return Waiting("how", need=0.5, hours=hours, fits=fits)


@given(some_questions, some_people)
def test_nobody_gets_more_than_they_agreed_to(questions: list[Waiting], people: dict[str, Helper]) -> None:
    counts = Counter(person for each in route(questions, people) for person in each.people)
    assert all(count <= people[person].capacity for person, count in counts.items())


@given(some_questions, some_people)
def test_nobody_is_asked_twice_or_after_they_passed_or_without_fitting(
    questions: list[Waiting], people: dict[str, Helper]
) -> None:
    by_key = {question.key: question for question in questions}
    for each in route(questions, people):
        question, chosen = by_key[each.question], set(each.people)
        assert len(chosen) == len(each.people)
        assert not chosen & (set(question.asked) | set(question.passed))
        if chosen:
            stage = STAGES[each.stage]
            assert all(question.fits[person] >= stage.least_fit for person in each.people)
            assert len((chosen | set(question.asked)) - set(question.passed)) <= stage.most


@given(some_questions, some_people, st.randoms())
def test_the_same_people_are_asked_however_questions_and_people_are_given(
    questions: list[Waiting], people: dict[str, Helper], random: Random
) -> None:
    asked = route(questions, people)
    turned = dict(random.sample([*people.items()], len(people)))
    others = [replace(each, fits=dict(random.sample([*each.fits.items()], len(each.fits)))) for each in questions]
    assert route(random.sample(others, len(others)), turned) == asked


@given(some_questions, some_people)
def test_a_second_look_asks_nobody_else_where_enough_are_asked(
    questions: list[Waiting], people: dict[str, Helper]
) -> None:
    first = {each.question: each for each in route(questions, people)}
    for question in questions:
        chosen = first[question.key].people
        if len(chosen) == STAGES[min(first[question.key].stage, STAFF - 1)].most:
            again = replace(question, asked={*question.asked, *chosen})
            later = {name: replace(helper, capacity=9) for name, helper in people.items()}
            assert not route([again], later)[0].people


@given(st.integers(1, 8), st.integers(0, 40), st.integers(1, 4))
def test_who_fit_alike_are_asked_alike_often(size: int, questions: int, most: int) -> None:
    fits = {person: 0.61 + 0.01 * number for number, person in enumerate(PEOPLE[:size])}
    people = {person: Helper(capacity=99) for person in fits}
    waits = [Waiting(number, 0.5, 0, fits) for number in range(questions)]
    asked = route(waits, people, stages=[Stage(48, 0.4, most)])
    counts = Counter(dict.fromkeys(fits, 0))
    counts.update(person for each in asked for person in each.people)
    assert max(counts.values()) - min(counts.values()) <= 1


@given(st.lists(st.integers(0, 6), min_size=2, max_size=8))
def test_who_was_asked_less_lately_catches_up_first(lately: list[int]) -> None:
    people = {person: Helper(99, times) for person, times in zip(PEOPLE, lately, strict=False)}
    fits = dict.fromkeys(people, 0.9)
    short = sum(max(lately) - times for times in lately)
    asked = route([Waiting(at, 0.5, 0, fits) for at in range(short)], people, stages=[Stage(48, 0.4, 1)])
    counts = Counter(person for each in asked for person in each.people)
    assert {people[person].asked_lately + counts[person] for person in people} == {max(lately)}


def test_the_best_fits_come_first_whoever_was_asked_less() -> None:
    question = waiting(a=0.5, b=0.95, c=0.71, d=0.79)
    busy, fresh = Helper(9, asked_lately=5), Helper(9)
    assert asks(question, a=fresh, b=busy, c=busy, d=fresh).people == ["b", "d", "c"]


def test_with_one_place_left_the_question_in_more_need_gets_it() -> None:
    calm, pressing = replace(waiting(a=0.9), key="a calm one"), replace(waiting(a=0.9), key="pressing", need=0.8)
    first, second = route([calm, pressing], {"a": Helper(1)})
    assert (first.question, first.people) == ("pressing", ["a"])
    assert (second.question, second.people) == ("a calm one", ())


def test_after_two_days_more_people_and_wider_fits_are_asked() -> None:
    fits = {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6, "e": 0.3, "f": 0.2, "g": 0.1}
    people = dict.fromkeys(fits, Helper(1))
    first = asks(waiting(**fits), **people)
    assert (first.people, first.stage) == (["a", "b", "c"], 0)
    later = asks(replace(waiting(48, **fits), asked=first.people), **people)
    assert (later.people, later.stage) == (["d", "e", "f"], 1)


def test_whoever_passed_is_replaced() -> None:
    question = replace(waiting(a=0.9, b=0.8, c=0.7, d=0.6, e=0.5), asked=["a", "b", "c"], passed=["b"])
    assert asks(question, **dict.fromkeys("abcde", Helper(1))).people == ["d"]


def test_where_nobody_fits_wider_fits_are_asked_at_once_and_then_staff() -> None:
    wider = asks(waiting(a=0.2), a=Helper(1))
    assert (wider.people, wider.stage) == (["a"], 1)
    nobody = asks(waiting(a=0.1), a=Helper(1))
    assert (nobody.people, nobody.stage) == ((), STAFF)


def test_where_all_who_fit_are_busy_wider_fits_are_asked_but_staff_only_after_four_days() -> None:
    full, free = Helper(0), Helper(1)
    wider = asks(waiting(a=0.9, b=0.2), a=full, b=free)
    assert (wider.people, wider.stage) == (["b"], 1)
    nobody = asks(waiting(a=0.9, b=0.2), a=full, b=full)
    assert (nobody.people, nobody.stage) == ((), 1)
    late = asks(waiting(96, a=0.9, b=0.2), a=free, b=free)
    assert (late.people, late.stage) == ((), STAFF)


def test_while_somebody_who_fits_was_asked_nobody_looks_further() -> None:
    question = replace(waiting(a=0.9, b=0.2), asked=["a"])
    still = asks(question, a=Helper(0), b=Helper(1))
    assert (still.people, still.stage) == ([], 0)


def test_who_fits_but_may_not_be_asked_is_left_out() -> None:
    assert asks(waiting(a=0.9, guest=0.9), a=Helper(1)).people == ["a"]


@pytest.mark.parametrize(("fit", "tenth"), [(0, 0), (0.3, 3), (0.1 + 0.2, 3), (0.2999999999, 3), (0.29, 2), (1, 9)])
def test_fits_of_one_tenth_are_about_equal(fit: float, tenth: int) -> None:
    assert band(fit) == tenth
