"""A team is put together from sets and scores: few people, every need that somebody brings, the same each time."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ml.teams import Candidate, proposed_team

ROLES = ["citizen", "official", "recycler", "student", "teacher"]
needs = st.lists(st.sampled_from(ROLES), max_size=6)
candidates = st.lists(
    st.builds(
        Candidate,
        key=st.integers(0, 10_000),
        roles=st.frozensets(st.sampled_from(ROLES)),
        score=st.floats(0, 1),
        asked=st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda each: each.key,
)


@given(needs, candidates)
def test_every_need_is_covered_once_or_nobody_brings_it(wanted: list[str], people: list[Candidate]) -> None:
    team = proposed_team(wanted, people)
    covered = [role for place in team.places for role in place.roles]
    assert len(covered) == len(set(covered))
    assert {*covered, *team.uncovered} == set(wanted)
    brought = {role for each in people for role in each.roles}
    assert set(team.uncovered) == set(wanted) - brought


@given(needs, candidates)
def test_everyone_in_it_brings_what_is_needed_and_what_they_have(wanted: list[str], people: list[Candidate]) -> None:
    roles = {each.key: each.roles for each in people}
    team = proposed_team(wanted, people)
    for place in team.places:
        assert place.roles
        assert set(place.roles) <= roles[place.key] & set(wanted)
    assert len({place.key for place in team.places}) == len(team.places) <= len(set(wanted))


@given(needs, candidates)
def test_the_first_covers_as_much_as_anybody_could(wanted: list[str], people: list[Candidate]) -> None:
    most = max((len(each.roles & set(wanted)) for each in people), default=0)
    team = proposed_team(wanted, people)
    assert (len(team.places[0].roles) if team.places else 0) == most


@given(needs, candidates, st.randoms(use_true_random=False))
def test_the_order_in_which_people_come_changes_nothing_but_equal_ones(
    wanted: list[str], people: list[Candidate], shuffling: random.Random
) -> None:
    by_worth = {(round(each.score, 6), each.asked): each for each in people}
    alone = list(by_worth.values())
    mixed = shuffling.sample(alone, len(alone))
    assert proposed_team(wanted, mixed) == proposed_team(wanted, alone) == proposed_team(wanted, alone)


def test_who_brings_two_needed_roles_comes_before_two_who_bring_one() -> None:
    both = Candidate("both", frozenset({"recycler", "teacher"}), score=0.2)
    one, other = Candidate("one", frozenset({"recycler"}), 0.9), Candidate("other", frozenset({"teacher"}), 0.9)
    team = proposed_team(["recycler", "teacher", "official"], [one, other, both])
    assert [(place.key, place.roles) for place in team.places] == [("both", ["recycler", "teacher"])]
    assert team.uncovered == ["official"]


def test_of_equals_the_better_match_and_then_who_was_asked_least() -> None:
    role = frozenset({"recycler"})
    people = [Candidate("often", role, 0.5, asked=2), Candidate("rarely", role, 0.5), Candidate("weak", role, 0.4)]
    assert proposed_team(["recycler"], people).places[0].key == "rarely"
    better = Candidate("better", role, 0.6, asked=3)
    assert proposed_team(["recycler"], [*people, better]).places[0].key == "better"


def test_a_tenth_student_is_no_match_for_an_idea_that_lacks_a_recycler() -> None:
    students = [Candidate(number, frozenset({"student"}), 1.0) for number in range(10)]
    team = proposed_team(["recycler"], students)
    assert (team.places, team.uncovered) == ([], ["recycler"])
