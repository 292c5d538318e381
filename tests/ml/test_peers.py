"""People who answered are compared with others who are as active, so that being active alone wins nothing."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.peers import MatchedAuc, matched_auc

Scores = Mapping[str, float]


def auc(scores: Scores, activity: Scores, *answered: str) -> MatchedAuc:
    return of_queries({"q": (scores, activity, answered)})


def of_queries(queries: Mapping[str, tuple[Scores, Scores, tuple[str, ...]]]) -> MatchedAuc:
    return matched_auc(
        {query: list(scores.items()) for query, (scores, _, _) in queries.items()},
        {query: list(activity.items()) for query, (_, activity, _) in queries.items()},
        {query: dict.fromkeys(answered, 1.0) for query, (_, _, answered) in queries.items()},
    )


def test_one_who_answered_is_compared_with_those_who_are_as_active() -> None:
    scores = {"ama": 0.5, "better": 0.6, "worse": 0.4, "much busier": 0.9, "hardly here": 0.8}
    activity = {"ama": 8, "better": 8, "worse": 8, "much busier": 30, "hardly here": 2}
    found = auc(scores, activity, "ama")
    assert found.mean == found.by_pair == 0.5
    assert auc({**scores, "ama": 0.7}, activity, "ama").mean == 1
    assert auc({**scores, "ama": 0.1}, activity, "ama").mean == 0


def test_equal_scores_count_a_half_and_differences_that_a_ranking_does_not_see_are_none() -> None:
    activity = {"ama": 3, "kofi": 3}
    assert auc({"ama": 0.5, "kofi": 0.5}, activity, "ama").mean == 0.5
    assert auc({"ama": 0.5, "kofi": 0.5 + 1e-9}, activity, "ama").mean == 0.5


def test_those_who_answered_are_not_compared_with_each_other() -> None:
    found = auc({"ama": 0.2, "kofi": 0.9, "other": 0.1}, dict.fromkeys(["ama", "kofi", "other"], 4), "ama", "kofi")
    assert (found.mean, found.people) == (1, 2)


def test_who_has_nobody_to_compare_with_is_left_out_and_counted() -> None:
    found = auc({"ama": 0.1, "busiest": 0.2, "kofi": 0.3}, {"ama": 3, "busiest": 80, "kofi": 3}, "ama", "busiest")
    assert (found.mean, found.people, found.left_out, found.queries) == (0, 1, 1, 1)


def test_a_little_more_and_a_little_less_active_people_count_as_much_as_each_other() -> None:
    activity = {"ama": 10, "above": 12, "also above": 11, "below": 9}
    wins_above = {"ama": 0.5, "above": 0.4, "also above": 0.6, "below": 0.9}
    assert auc(wins_above, activity, "ama").mean == pytest.approx(0.25)
    assert auc({**wins_above, "below": 0.1}, activity, "ama").mean == pytest.approx(0.75)


def test_people_a_little_more_active_are_no_peers_where_nobody_is_a_little_less() -> None:
    found = auc({"ama": 0.5, "above": 0.1}, {"ama": 10, "above": 11}, "ama")
    assert (found.people, found.left_out) == (0, 1)
    assert found.mean == found.by_pair == 0.5


def test_one_who_is_not_ranked_comes_after_all_who_are() -> None:
    assert auc({"other": 0.0}, {"ama": 2, "other": 2}, "ama").mean == 0
    assert auc({}, {"ama": 2, "other": 2}, "ama").mean == 0.5


def test_each_query_counts_the_same_however_many_pairs_it_has() -> None:
    crowd = {f"other {number}": 0.9 for number in range(9)}
    found = of_queries(
        {
            "one": ({"ama": 0.5, "other": 0.1}, {"ama": 2, "other": 2}, ("ama",)),
            "many": ({"ama": 0.5, **crowd}, dict.fromkeys(["ama", *crowd], 2), ("ama",)),
            "nobody": ({"ama": 0.5}, {"ama": 2}, ("ama",)),
        }
    )
    assert found.mean == 0.5
    assert found.by_pair == pytest.approx(0.1)
    assert (found.queries, found.left_out) == (2, 1)


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=12))
def test_the_order_by_activity_itself_comes_to_a_half(people: list[tuple[int, bool]]) -> None:
    activity = {str(number): float(active) for number, (active, _) in enumerate(people)}
    answered = [str(number) for number, (_, has_answered) in enumerate(people) if has_answered]
    found = auc(activity, activity, *answered)
    assert found.mean == pytest.approx(0.5)
    assert found.by_pair == pytest.approx(0.5)
    assert found.people + found.left_out == len(answered)
