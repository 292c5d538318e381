"""Texts are compared word by word, and two changes of one text are put together unless they meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.diffs import Budget, difference, merged

TEXTS = st.lists(
    st.sampled_from(["box", "gate ", "school\n", "\n\n", "é", "电", "池", ", ", "@", "\U0001f50b "]), max_size=30
).map("".join)


@given(before=TEXTS, after=TEXTS)
def test_the_pieces_are_both_texts(before: str, after: str) -> None:
    found = difference(before, after)
    assert "".join(piece.text for piece in found.earlier) == before
    assert "".join(piece.text for piece in found.later) == after
    assert found.is_none == (before == after)


@given(before=TEXTS, after=TEXTS)
def test_after_the_budget_both_texts_are_told_whole_in_two_pieces(before: str, after: str) -> None:
    found = difference(before, after, budget=Budget(0))
    assert "".join(piece.text for piece in found.earlier) == before
    assert "".join(piece.text for piece in found.later) == after
    assert len(found.pieces) <= 2
    assert found.is_none == (before == after)


def test_words_with_vowel_signs_are_words() -> None:
    assert difference("", "हिन्दी भाषा").words_added == 2
    assert difference("", "বাংলা ভাষা").words_added == 2
    assert merged("किताब", theirs="खिताब", yours="किताल") is None


def test_several_comparisons_share_one_budget() -> None:
    budget = Budget(1e-9)
    assert not budget.is_spent
    difference("two boxes", "four boxes", budget=budget)
    assert budget.is_spent
    later = difference("two boxes", "four boxes", budget=budget)
    assert [(piece.kind, piece.text) for piece in later.pieces] == [("removed", "two boxes"), ("added", "four boxes")]
    assert merged("two boxes", theirs="four boxes", yours="two big boxes", budget=budget) is None


def test_whole_words_are_told_and_counted() -> None:
    found = difference("We put two boxes at the gate.", "We put four large boxes at the gate.")
    assert [(piece.kind, piece.text) for piece in found.pieces if piece.kind != "same"] == [
        ("removed", "two"),
        ("added", "four large"),
    ]
    assert (found.words_removed, found.words_added) == (1, 2)


def test_chinese_is_compared_by_character() -> None:
    found = difference("学校回收电池", "学校回收手机")
    assert [piece.text for piece in found.pieces] == ["学校回收", "电池", "手机"]


def test_a_pair_that_takes_too_long_to_compare_is_still_told_whole() -> None:
    before = " ".join(str(number * 7919 % 6007) for number in range(6000))
    after = " ".join(str(number * 104729 % 6007) for number in range(6000))
    found = difference(before, after)
    assert "".join(piece.text for piece in found.later) == after


@given(base=TEXTS, change=TEXTS)
def test_one_change_is_taken_as_it_is(base: str, change: str) -> None:
    assert merged(base, theirs=change, yours=base) == change
    assert merged(base, theirs=base, yours=change) == change
    assert merged(base, theirs=change, yours=change) == change


@given(base=TEXTS, theirs=TEXTS, yours=TEXTS)
def test_whose_change_came_first_makes_no_difference(base: str, theirs: str, yours: str) -> None:
    assert merged(base, theirs=theirs, yours=yours) == merged(base, theirs=yours, yours=theirs)


def test_changes_in_different_places_are_both_kept() -> None:
    base = "Pupils collect batteries. The depot takes them on Fridays."
    theirs = "Pupils and teachers collect batteries. The depot takes them on Fridays."
    yours = "Pupils collect batteries. The depot takes them on Mondays."
    assert merged(base, theirs=theirs, yours=yours) == (
        "Pupils and teachers collect batteries. The depot takes them on Mondays."
    )


@pytest.mark.parametrize(
    ("theirs", "yours"),
    [("on Mondays", "on Tuesdays"), ("on Fridays and Mondays", "on Fridays and Tuesdays"), ("", "on Fridays at noon")],
)
def test_changes_of_the_same_words_are_not_put_together(theirs: str, yours: str) -> None:
    assert merged("on Fridays", theirs=theirs, yours=yours) is None
