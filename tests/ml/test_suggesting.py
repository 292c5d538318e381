"""Tags are suggested for what near texts carry and for what their definitions say, never at random."""

from __future__ import annotations

import numpy as np

from ml.cuts import tag_cut
from ml.encoders import HashingEncoder
from ml.statistics import CorpusStatistics
from ml.suggesting import WEIGHTS, Definition, Neighbour, Suggestion, suggested
from ml.words import terms

ENCODER = HashingEncoder()
DEFINED = {
    "batteries": "Batteries of phones and cars: swollen cells, fire, safe storage.",
    "cooling": "Fridges and freezers: refrigerant gas, pipes and foam.",
    "gender": "Women and men: work, pay and decisions.",
}
TEXT = ["Swollen cells and batteries of phones catch fire.", "We plan safe storage for batteries of phones."]
EVERY = [*DEFINED.values(), *TEXT]
STATISTICS = CorpusStatistics.of(
    ENCODER.encode(EVERY), ENCODER.encode(EVERY), [terms(text) for text in EVERY], encoder=ENCODER.name
)
DEFINITIONS = [
    Definition(tag, vector, frozenset(terms(tag)))
    for tag, vector in zip(DEFINED, STATISTICS.sentences(ENCODER.encode(list(DEFINED.values()))), strict=True)
]
SENTENCES = STATISTICS.sentences(ENCODER.encode(TEXT))


def suggestions(*neighbours: Neighbour, without: frozenset[str] = frozenset(), limit: int = 4) -> list[Suggestion]:
    said = terms(" ".join(TEXT))
    return suggested(SENTENCES, said, DEFINITIONS, neighbours, STATISTICS, without=without, limit=limit)


def close(*tags: str, is_idea: bool = True, evidence: float = 0.6) -> Neighbour:
    return Neighbour(evidence, frozenset(tags), is_idea)


def test_a_tag_is_suggested_by_its_definition_alone() -> None:
    best = suggestions()[0]
    assert best.tag == "batteries"
    assert "definition" in best.reasons
    assert best.ideas == 0


def test_what_close_ideas_carry_is_suggested_with_their_number() -> None:
    carried = {each.tag: each for each in suggestions(close("gender"), close("gender"), close("gender", is_idea=False))}
    assert carried["gender"].ideas == 2
    assert carried["gender"].reasons == ["carried"]


def test_texts_that_are_not_close_say_nothing() -> None:
    assert [each.tag for each in suggestions(*[close("gender", evidence=0.1)] * 20)] == ["batteries"]


def test_one_weak_neighbour_says_less_than_many() -> None:
    one, many = ([close("gender", evidence=0.3)] * count for count in (1, 5))
    scores = [next((each.score for each in suggestions(*some) if each.tag == "gender"), 0.0) for some in (one, many)]
    assert scores[0] < scores[1]


def test_tags_that_the_text_has_are_left_out() -> None:
    assert "batteries" not in {each.tag for each in suggestions(close("batteries"), without=frozenset({"batteries"}))}


def test_there_are_no_more_than_asked_for_and_none_below_the_cut() -> None:
    found = suggestions(close("gender", "cooling", "batteries"), limit=2)
    assert len(found) == 2
    assert all(each.score >= tag_cut(ENCODER.name) for each in found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_parts_are_named_and_stay_below_their_weights() -> None:
    for each in suggestions(close("gender"), close("batteries")):
        assert set(each.parts) == set(WEIGHTS)
        assert all(0 <= each.parts[name] <= weight for name, weight in WEIGHTS.items())
        assert each.reasons


def test_a_text_without_sentences_is_given_no_tags() -> None:
    nothing = np.zeros((0, ENCODER.dimension), dtype=np.float32)
    assert suggested(nothing, {}, DEFINITIONS, [], STATISTICS, limit=4) == []
