"""Passages of texts with their vectors, and what is known of the whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, UnitVector, UTCDateTime, now
from app.search.queries import Key
from ml.weights import Kind


class Passage(Model):
    """A section, or a sentence of one, of a matchable text, with its vector by one encoder.

    Rows are never changed: an edit deletes some and adds others, so that a reader who knows the highest id it has seen
    knows what is new.
    """

    __table_args__ = (
        Index("ix_passage_subject", "subject_kind", "subject_id", "level"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id"))
    """The group that the subject belongs to; None for what everyone may see."""
    section: Mapped[str]
    position: Mapped[int]
    level: Mapped[str]
    """`section` or `sentence`."""
    text: Mapped[str]
    language: Mapped[str]
    text_digest: Mapped[str]
    encoder: Mapped[str]
    vector: Mapped[NDArray[np.float32]] = mapped_column(UnitVector)


class MatchableText(Model):
    """A text as ranking sees it, made when it is embedded; the digest tells whether that is still its text.

    One for each set of encoders: while texts are embedded anew with others, both stand side by side.
    """

    subject_kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    encoders: Mapped[str] = mapped_column(primary_key=True)
    """The name of the set."""
    digest: Mapped[str]
    form: Mapped[int] = mapped_column(server_default="1")
    """The CONTENT_VERSION by which it was made; rows in another form wait to be made anew."""
    embedded_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Its terms, tags and facts: see `texts.content_of`; and which vectors there are: see `texts.packed`."""
    vectors: Mapped[bytes]
    """Its section passages' vectors, (n, dimension) float32, in their order, by one encoder after the other."""
    sentence_vectors: Mapped[bytes] = mapped_column(server_default="")
    """Those of its sentences, (n, dimension) float16: enough to compare them, half the room."""


class IndexGeneration(Model):
    """One row, there from the beginning: a number that moves with every change to what can be matched."""

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    encoders: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """Those that texts are matched by, as `settings.EncoderSpec`; none before the first text was embedded."""


ANYTHING: Key = ("anything", 0)


class MatchableChange(Model):
    """What changed when the generation moved to this number, so that readers forget just that.

    ANYTHING stands for all of them. Old rows are deleted: a reader further behind forgets everything.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(index=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]


STATISTICS_FORM = 3
"""How they are written: another form has another number."""


def kept_as(encoders: str) -> str:
    """The name of their statistics, so that two versions of the program do not read each other's."""
    return f"{encoders}, form {STATISTICS_FORM}"


class KeptStatistics(Model):
    """What is known of all public texts together, by set of encoders and form: a list of `CorpusStatistics`."""

    encoder: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    texts: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class LearnedWeights(Model):
    """Weights that were learned here and won against those before. The newest that was not taken back is in use."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    parts: Mapped[dict[Kind, dict[str, float]]] = mapped_column(JSON)
    """By kind of match, what each part may add to a score."""
    scores: Mapped[dict[str, float]] = mapped_column(JSON)
    """nDCG@10 on lists that they were not learned from, by the name of the set of judgements."""
    measured: Mapped[dict[Kind, str]] = mapped_column(JSON)
    """How they were found, in a sentence for each kind."""
    learned_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
