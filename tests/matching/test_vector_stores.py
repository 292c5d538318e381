"""Nearest vectors: the same contract on both databases, and the same answers as a plain scan."""

from __future__ import annotations

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.database import db, transaction
from app.matching.models import Passage
from app.matching.store import ExactStore, Wanted, vector_store
from ml import indexes
from ml.encoders import HashingEncoder
from tests.factories import make_private_group

ENCODER, DIMENSION = "test", 384


def unit(*numbers: float) -> np.ndarray:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[: len(numbers)] = numbers
    return vector / np.linalg.norm(vector)


def add(kind: str, subject_id: int, vector: np.ndarray, **facts: object) -> None:
    with transaction():
        db.session.add(
            Passage(
                **{
                    "subject_kind": kind,
                    "subject_id": subject_id,
                    "section": "problem",
                    "position": 0,
                    "level": "section",
                }
                | {"text": "words", "language": "en", "text_digest": "0", "encoder": ENCODER, "vector": vector}
                | facts
            )
        )


def nearest(
    *asked: np.ndarray,
    kinds: tuple[str, ...] = ("idea",),
    groups: tuple[int, ...] = (),
    languages: tuple[str, ...] = ("en",),
    encoder: str = ENCODER,
    limit: int = 10,
) -> list:
    last = db.session.scalar(select(func.max(Passage.id))) or 0
    found = vector_store().nearest(np.stack(asked), Wanted(encoder, languages, kinds, groups, limit, last))
    return [each.key for each in found]


@pytest.fixture(autouse=True)
def three_ideas(app: Flask) -> None:
    add("idea", 1, unit(1, 0, 0))
    add("idea", 2, unit(1, 1, 0))
    add("idea", 3, unit(0, 0, 1))
    add("question", 1, unit(1, 0, 0))


def test_the_nearest_come_first() -> None:
    assert nearest(unit(1, 0.1, 0)) == [("idea", 1), ("idea", 2), ("idea", 3)]


def test_a_subject_counts_by_its_nearest_section() -> None:
    add("idea", 3, unit(1, 0.1, 0), position=1)
    assert nearest(unit(1, 0.1, 0))[0] == ("idea", 3)


def test_any_of_the_asking_sections_is_enough() -> None:
    assert nearest(unit(0, 0, 1), unit(1, 0, 0))[:2] == [("idea", 1), ("idea", 3)]


def test_each_kind_has_its_own_places() -> None:
    assert set(nearest(unit(1, 0, 0), kinds=("idea", "question"), limit=1)) == {("idea", 1), ("question", 1)}


def test_other_groups_are_left_out(app: Flask) -> None:
    group = make_private_group()
    add("idea", 4, unit(1, 0, 0), group_id=group.id)
    assert ("idea", 4) not in nearest(unit(1, 0, 0))
    assert ("idea", 4) in nearest(unit(1, 0, 0), groups=(group.id,))


def test_vectors_of_another_encoder_and_sentences_are_left_out() -> None:
    add("idea", 5, unit(1, 0, 0), encoder="other")
    add("idea", 6, unit(1, 0, 0), level="sentence")
    assert {("idea", 5), ("idea", 6)}.isdisjoint(nearest(unit(1, 0, 0)))


def test_what_came_since_the_last_question_is_found() -> None:
    nearest(unit(1, 0, 0))
    add("idea", 7, unit(0, 1, 0))
    assert nearest(unit(0, 1, 0))[0] == ("idea", 7)


def test_the_answers_are_those_of_a_plain_scan() -> None:
    rows = np.random.default_rng(7).normal(size=(200, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for number, row in enumerate(rows):
        add("nugget", number, row)
    asked = unit(*np.random.default_rng(8).normal(size=DIMENSION))
    plain = [("nugget", int(number)) for number in np.argsort(-(rows @ asked), kind="stable")[:20]]
    assert nearest(asked, kinds=("nugget",), limit=20) == plain


def test_an_exact_store_that_starts_later_reads_the_same_file(app: Flask) -> None:
    if not isinstance(vector_store(), ExactStore):
        pytest.skip("PostgreSQL keeps its own index")
    first = nearest(unit(1, 0.1, 0))
    app.extensions.pop("vector_store")
    assert nearest(unit(1, 0.1, 0)) == first


def test_a_database_that_was_emptied_is_noticed(app: Flask) -> None:
    nearest(unit(1, 0, 0))
    with transaction():
        db.session.execute(delete(Passage))
    assert nearest(unit(1, 0, 0)) == []


def test_many_vectors_are_found_by_kind_and_group_like_few(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "FEW", 10)
    group, chance = make_private_group(), np.random.default_rng(9)
    rows = chance.normal(size=(90, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for number, row in enumerate(rows):
        add(("idea", "nugget", "resource")[number % 3], 100 + number, row, group_id=group.id if number % 2 else None)
    asked = unit(*rows[4])
    seen = nearest(asked, kinds=("nugget",), limit=60)
    assert seen[0] == ("nugget", 104)
    assert {kind for kind, _ in seen} == {"nugget"}
    assert all(number % 2 == 0 for _, number in seen)
    assert len(nearest(asked, kinds=("nugget",), groups=(group.id,), limit=60)) == 30


def test_only_texts_in_the_wanted_languages_are_found() -> None:
    add("idea", 8, unit(1, 0, 0), language="es")
    add("idea", 9, unit(1, 0, 0), language="sw")
    assert nearest(unit(1, 0, 0), languages=("es", "fr")) == [("idea", 8)]
    assert {("idea", 1), ("idea", 8)} <= set(nearest(unit(1, 0, 0), languages=("en", "es")))


def test_encoders_of_other_dimensions_stand_side_by_side() -> None:
    short = np.array([0.6, 0.8], dtype=np.float32)
    add("idea", 10, short, encoder="short", language="es")
    add("question", 11, short, encoder="short")
    assert nearest(short, kinds=("idea", "question"), languages=("en", "es"), encoder="short") == [
        ("idea", 10),
        ("question", 11),
    ]
    assert nearest(unit(1, 0, 0))[0] == ("idea", 1)


def test_a_store_is_prepared_for_the_encoders_in_use_and_finds_the_same(app: Flask) -> None:
    class Short(HashingEncoder):
        name, dimension = "short", 2

    short = np.array([0.6, 0.8], dtype=np.float32)
    add("idea", 10, short, encoder="short")
    before = nearest(short, encoder="short"), nearest(unit(1, 0.1, 0))
    for encoders in ([Short()], [Short(), HashingEncoder()], [HashingEncoder()]):
        with transaction():
            vector_store().prepare(encoders)
        assert (nearest(short, encoder="short"), nearest(unit(1, 0.1, 0))) == before
