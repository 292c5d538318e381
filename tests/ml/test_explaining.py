"""A match is explained by two sentences and by shared words."""

from dataclasses import replace

import pytest

from ml.encoders import HashingEncoder
from ml.explaining import SentencePair, Wording, closest_sentences, shared_words
from ml.statistics import CorpusStatistics
from ml.words import stem_labels, stop_words, terms

ENCODER = HashingEncoder()
MINE = ["We meet on Fridays.", "Pupils collect old phone batteries in a box."]
THEIRS = ["Importers pay a fee.", "Customs officers check fridges.", "Our pupils collect phone batteries in boxes."]
VECTORS = ENCODER.encode([*MINE, *THEIRS])
STATISTICS = CorpusStatistics.of(VECTORS, VECTORS, [terms(text) for text in [*MINE, *THEIRS]], encoder="hashing-384")


def pair_of(mine: list[str], theirs: list[str]) -> SentencePair | None:
    sides = (STATISTICS.sentences(ENCODER.encode(sentences)) for sentences in (mine, theirs))
    return closest_sentences(*sides, encoder="hashing-384")


def worded(text: str, language: str = "en") -> Wording:
    counts, labels = terms(text, language), stem_labels(text, language)
    return Wording(counts, [labels[term] for term in counts], language)


def shared(mine: str, theirs: str, *, language: str = "en", other: str = "", statistics=STATISTICS) -> list[str]:
    """What two texts share; the other one is in the same language unless it is said."""
    counts, labels = terms(mine, language), stem_labels(mine, language)
    return shared_words(counts, [worded(theirs, other or language)], statistics, language=language, labels=labels)


def test_the_two_sentences_that_meet_are_named_by_their_rows() -> None:
    pair = pair_of(MINE, THEIRS)
    assert pair is not None
    assert (MINE[pair.mine], THEIRS[pair.theirs]) == (MINE[1], THEIRS[2])
    assert 0 < pair.similarity <= 1


def test_sentences_that_do_not_meet_are_not_quoted() -> None:
    assert pair_of(MINE[:1], THEIRS[:2]) is None


def test_texts_without_sentences_have_no_pair() -> None:
    assert pair_of([], THEIRS) is None
    assert pair_of(MINE, []) is None


def test_shared_words_are_written_as_the_other_text_writes_them() -> None:
    assert shared("collecting a box", "Boxes that COLLECT plugs") == [
        "Boxes",
        "COLLECT",
    ]


def test_a_word_keeps_its_capital_only_where_it_is_never_written_without() -> None:
    assert shared("a box in Accra", "Boxes for Accra") == ["Accra", "Boxes"]
    assert shared("a box in Accra", "Boxes, and more boxes") == ["boxes"]


def test_a_word_that_every_text_uses_is_not_telling() -> None:
    rare = replace(STATISTICS, document_frequency={"ewast": 9, "copper": 1}, documents=9)
    assert shared("copper in e-waste", "E-waste and copper", statistics=rare) == ["copper"]


@pytest.mark.parametrize(
    ("language", "mine", "theirs", "telling"),
    [
        (
            "en",
            "Nobody takes batteries; people took two.",
            "Two people are taking what nobody knew: a battery.",
            "battery",
        ),
        ("es", "Nadie recibe pilas; la gente dice que viene.", "La gente dijo que nadie recibía una pila.", "pila"),
        ("fr", "Personne ne prend une pile, dit-il trois fois.", "Trois fois, personne ne prenait les piles.", "piles"),
        ("de", "Niemand nimmt Batterien.", "Eine Batterie", "Batterie"),
    ],
)
def test_words_that_tell_nothing_of_a_subject_are_not_shown(
    language: str, mine: str, theirs: str, telling: str
) -> None:
    assert shared(mine, theirs, language=language) == [telling]


def test_of_a_text_in_another_language_only_names_are_shared() -> None:
    mine = "Un adulto pesa pilas en Accra"
    assert shared(mine, "Un adulto, à Accra", language="es", other="fr") == ["Accra"]
    assert shared(mine, "Un adulto, en Accra", language="es") == ["Accra", "adulto"]
    assert shared(mine, "Adulto ou enfant, à Accra", language="es", other="fr") == ["Accra"]


def test_words_that_are_not_shown_still_count_in_ranking() -> None:
    assert set(terms("Nobody takes two batteries")) == {"nobodi", "take", "two", "batteri"}
    assert "nobody" not in stop_words("en")


def test_a_word_of_more_than_a_sixth_of_all_texts_is_not_shown() -> None:
    often = replace(STATISTICS, document_frequency={"copper": 17, "cabl": 16}, documents=96)
    assert shared("copper cables", "cables of copper", statistics=often) == ["cables"]
