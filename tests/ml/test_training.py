"""Weights are learned from judged lists, and are worth something only on lists that they were not learned from."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from ml.training import ENOUGH_LISTS, JudgedList, Lesson, fitted, learn, quality, sign_flip, taught
from ml.weights import WeightSet, shipped_weights

PARTS = {"meaning": 0.6, "words": 0.3, "place": 0.1}
WEIGHTS = WeightSet("present", {"idea": PARTS, "question": PARTS, "person": {"activity": 1.0}})
Gain = Callable[[dict[str, np.ndarray]], np.ndarray]


def lists(
    is_relevant: Gain, *, count: int = 80, field: Callable[[int], object] = str, seed: int = 5
) -> list[JudgedList]:
    """Each of twelve items; nothing is known of their place."""
    chance = np.random.default_rng(seed)
    found = []
    for number in range(count):
        features = {"meaning": chance.random(12), "words": chance.random(12), "place": np.zeros(12)}
        found.append(JudgedList("invented", field(number), features, is_relevant(features).astype(float)))
    return found


def by_words(features: dict[str, np.ndarray]) -> np.ndarray:
    return features["words"] > np.sort(features["words"])[-3]


def by_meaning_and_words(features: dict[str, np.ndarray]) -> np.ndarray:
    score = PARTS["meaning"] * features["meaning"] + PARTS["words"] * features["words"]
    return score > np.sort(score)[-3]


def by_lot(features: dict[str, np.ndarray]) -> np.ndarray:
    return np.random.default_rng(int(features["words"][0] * 1e6)).random(12) > 0.8


def learned(some: Sequence[JudgedList]) -> Lesson:
    lesson = learn(some, "idea", WEIGHTS)
    assert lesson
    return lesson


def test_what_tells_relevant_items_apart_weighs_most_and_wins() -> None:
    lesson = learned(lists(by_words))
    assert lesson.parts["words"] > lesson.parts["meaning"]
    assert lesson.after["invented"] > lesson.before["invented"] + 0.1
    assert lesson.wins


def test_weights_that_are_right_already_are_not_replaced() -> None:
    lesson = learned(lists(by_meaning_and_words))
    assert lesson.before["invented"] == pytest.approx(1, abs=0.02)
    assert not lesson.wins


def test_chance_teaches_nothing_that_wins() -> None:
    assert [learned(lists(by_lot, seed=seed)).wins for seed in range(8)].count(True) <= 1


def test_a_part_of_which_the_lists_know_nothing_keeps_its_weight_and_the_sum_stays() -> None:
    parts = learned(lists(by_words)).parts
    assert parts["place"] == PARTS["place"]
    assert sum(parts.values()) == pytest.approx(1, abs=0.001)


def test_no_weight_is_negative_though_a_feature_speaks_against_relevance() -> None:
    parts = fitted(lists(lambda each: (each["meaning"] < 0.4) & (each["words"] > 0.5), count=400), PARTS)
    assert all(weight >= 0 for weight in parts.values())
    assert parts["words"] > parts["meaning"]


def test_few_lists_change_weights_less_than_many() -> None:
    few, many = fitted(lists(by_words, count=40), PARTS), fitted(lists(by_words, count=400), PARTS)
    assert PARTS["words"] < few["words"] < many["words"]


def test_too_few_lists_or_lists_without_a_difference_teach_nothing() -> None:
    assert learn(lists(by_words, count=ENOUGH_LISTS - 1), "idea", WEIGHTS) is None
    assert learn(lists(lambda features: features["words"] >= 0), "idea", WEIGHTS) is None
    assert learn(lists(by_words, field=lambda _number: "one field"), "idea", WEIGHTS) is None


def test_lists_of_one_field_are_held_out_together() -> None:
    """Of two fields in which opposite things count, each is judged by what the other one taught."""
    words = lists(by_words, field=lambda _number: "words")
    meaning = lists(lambda features: features["meaning"] > 0.75, field=lambda _number: "meaning", seed=6)
    lesson = learned([*words, *meaning])
    assert lesson.after["invented"] < lesson.before["invented"] - 0.02


def test_the_same_lists_teach_the_same() -> None:
    assert learned(lists(by_words)) == learned(lists(by_words))


def test_a_change_in_few_fields_may_be_chance_however_many_lists_they_have() -> None:
    assert sign_flip(["a", "b"] * 50, np.full(100, 0.1)) > 0.2
    assert sign_flip([str(number) for number in range(100)], np.full(100, 0.1)) < 0.001


def test_equal_scores_stand_as_they_come() -> None:
    flat = {name: np.zeros(3) for name in PARTS}
    assert quality(JudgedList("invented", 1, flat, np.array([1.0, 0, 0])), PARTS) == 1
    assert quality(JudgedList("invented", 1, flat, np.array([0, 0, 1.0])), PARTS) == pytest.approx(0.5)


def test_a_lesson_changes_all_kinds_alike_and_no_others() -> None:
    weights = taught(WEIGHTS, [learned(lists(by_words))], "new")
    assert weights.parts["idea"] == weights.parts["question"] != PARTS
    assert weights.parts["person"] == WEIGHTS.parts["person"]


def test_kinds_alike_are_weighed_alike_by_what_is_shipped() -> None:
    parts = shipped_weights().parts
    assert parts["idea"] == parts["question"]
    assert parts["resource"] == parts["nugget"]
