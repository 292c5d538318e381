"""The full-text index: the same contract on both databases."""

from __future__ import annotations

import pytest
from flask import Flask

from app.database import transaction
from app.search.store import full_text


@pytest.fixture(autouse=True)
def documents(app: Flask) -> None:
    index = full_text()
    with transaction():
        index.put(
            "idea",
            1,
            title="Battery boxes for schools",
            body="Pupils bring phone batteries.",
            language="en",
            group_id=None,
        )
        index.put(
            "idea",
            2,
            title="Fridge exchange",
            body="The gas is collected, batteries are not.",
            language="en",
            group_id=None,
        )
        index.put(
            "question",
            1,
            title="¿Dónde van las neveras?",
            body="Preguntamos por refrigeración.",
            language="es",
            group_id=None,
        )


def found(
    *words: str, kinds: tuple[str, ...] = ("idea", "question"), groups: tuple[int, ...] = ()
) -> list[tuple[str, int]]:
    return [hit.key for hit in full_text().find(words, kinds=kinds, groups=groups, limit=10)]


def test_a_word_in_the_title_counts_more_than_one_in_the_text() -> None:
    assert found("batteries") == [("idea", 1), ("idea", 2)]


def test_other_forms_of_a_word_are_found() -> None:
    assert found("exchanges") == [("idea", 2)]


def test_any_of_the_words_is_enough() -> None:
    assert set(found("pupil", "gas")) == {("idea", 1), ("idea", 2)}


def test_accents_make_no_difference() -> None:
    assert found("refrigeracion") == [("question", 1)]


@pytest.mark.parametrize("word", ["neveras", "preguntamos", "refrigeración"])
def test_a_text_is_found_by_the_words_of_its_own_language(word: str) -> None:
    assert found(word) == [("question", 1)]


def test_only_the_kinds_asked_for_are_found() -> None:
    assert found("batteries", kinds=("question",)) == []


def test_a_document_that_is_put_again_is_replaced() -> None:
    with transaction():
        full_text().put("idea", 1, title="Lamps", body="", language="en", group_id=None)
    assert found("schools") == []
    assert found("lamps") == [("idea", 1)]


def test_a_document_that_is_removed_is_not_found() -> None:
    with transaction():
        full_text().remove("idea", 1)
    assert found("batteries") == [("idea", 2)]


@pytest.mark.parametrize("word", ['"', "a AND", "NEAR(", "*", "'; DROP TABLE post; --", "title:x", ")(", "&|!", "\\"])
def test_query_syntax_is_plain_text(word: str) -> None:
    assert found(word, "fridge") == [("idea", 2)]


def test_no_words_find_nothing() -> None:
    assert found() == []


def test_what_belongs_to_a_group_is_found_by_those_who_may_see_it_and_takes_no_place_from_others() -> None:
    with transaction():
        full_text().put("idea", 9, title="Fridge fridge fridge", body="", language="en", group_id=7)
    assert found("fridge") == [("idea", 2)]
    assert found("fridge", groups=(7,)) == [("idea", 9), ("idea", 2)]


def test_which_words_a_document_has_is_told_as_it_would_be_found() -> None:
    words = {"battery", "exchanges", "schools", "frídge", '"', "", "gas OR pupil", "phone batteries"}
    assert full_text().words_in("idea", 1, words) == {"battery", "schools", "phone batteries"}
    assert full_text().words_in("idea", 2, words) == {"battery", "exchanges", "frídge"}
    assert full_text().words_in("question", 1, {"nevera", "battery"}) == {"nevera"}
    assert full_text().words_in("idea", 99, words) == full_text().words_in("idea", 1, set()) == set()
