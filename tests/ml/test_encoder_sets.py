"""Several encoders side by side: who compares which pair of texts."""

from dataclasses import replace

import numpy as np
import pytest

from ml.cuts import scale_for
from ml.encoder_sets import EncoderSet
from ml.encoders import HashingEncoder, MiniLM, unit_rows
from ml.features import Text
from ml.multilingual import MultilingualUSE
from ml.ranking import Side, compare, compare_sides
from ml.statistics import CorpusStatistics
from ml.words import terms

BOTH = EncoderSet((MiniLM(), MultilingualUSE()))
CHANCE = np.random.default_rng(3)


def text(key: int, words: str, dimension: int, language: str = "en") -> Text:
    vectors = unit_rows(CHANCE.normal(size=(2, dimension)))
    return Text(key, vectors, terms(words, language), sentences=vectors, language=language)


def statistics(dimension: int, texts: list[Text], encoder: str) -> CorpusStatistics:
    vectors = np.concatenate([each.vectors for each in texts])
    return CorpusStatistics.of(vectors, vectors, [each.terms for each in texts], encoder=encoder)


def test_a_text_is_read_by_every_encoder_that_knows_its_language() -> None:
    assert [encoder.name for encoder in BOTH.reading("en")] == ["all-MiniLM-L6-v2", "use-multilingual-v3"]
    assert [encoder.name for encoder in BOTH.reading("en-GB")] == ["all-MiniLM-L6-v2", "use-multilingual-v3"]
    assert [encoder.name for encoder in BOTH.reading("pt-BR")] == ["use-multilingual-v3"]
    assert [encoder.name for encoder in BOTH.reading("ar")] == ["use-multilingual-v3"]
    assert BOTH.reading("sw") == BOTH.reading("hi") == []
    assert EncoderSet((HashingEncoder(),)).reading("sw")


def test_two_sides_are_ranked_in_one_list_with_the_parts_that_each_has_alone() -> None:
    here = [text(number, words, 8) for number, words in enumerate(["old phones", "a garden", "cables and wires"])]
    there = [text(10 + number, words, 5, "es") for number, words in enumerate(["pilas usadas", "un jardin"])]
    asked = text(99, "old phones", 8)
    asked_there = replace(text(99, "old phones", 5), terms=asked.terms)
    sides = [
        Side(asked, here, statistics(8, here, "one")),
        Side(asked_there, there, statistics(5, there, "other")),
    ]
    together = {match.key: match.parts for match in compare_sides(sides).ranked(kind="idea", limit=9, cut=False)}
    apart = {
        match.key: match.parts
        for side in sides
        for match in compare(side.query, side.texts, side.statistics).ranked(kind="idea", limit=9, cut=False)
    }
    assert together == apart
    assert set(together) == {0, 1, 2, 10, 11}


def test_a_text_is_no_copy_of_one_that_another_encoder_read() -> None:
    one = text(1, "old phones", 8)
    same = replace(one, key=2)
    asked = replace(one, key=99)
    known = statistics(8, [one, text(3, "a garden", 8)], "one")

    def shown(*sides: Side) -> list[object]:
        return [match.key for match in compare_sides(sides).ranked(kind="idea", limit=9)]

    assert shown(Side(asked, [one, same], known)) == [1]
    assert shown(Side(asked, [one], known), Side(asked, [same], replace(known, encoder="other"))) == [1, 2]


@pytest.mark.parametrize(("one", "other"), [("en", "es"), ("es", "en"), ("fr", "fr")])
def test_a_scale_is_the_same_both_ways_and_nothing_where_nothing_was_measured(one: str, other: str) -> None:
    assert scale_for("use-multilingual-v3", one, other) == scale_for("use-multilingual-v3", other, one)
    assert scale_for("some other model", one, other) == 1
