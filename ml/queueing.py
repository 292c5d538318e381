"""How open questions rank in one person's queue: answerable now, times need, times fit, each made of named parts.

A product, because a reader can check it, because nobody is shown what does not fit them at all, and because its order
is that of the geometric mean with equal weights. Answerable and need stay above a floor, so fit can count for most.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.features import Column, aware, column
from ml.ranking import sort_key
from ml.words import is_empty, primary, stems

# What each sign is worth before they are added up; the more there are, the less one more adds: see `diminishing`.
# All are set by hand, none is learned.
ANSWERABLE = {"tried": 0.6, "where": 0.5, "wanted": 0.5, "specific": 0.5, "length": 0.4, "topics": 0.3, "language": 0.3}
NEED = {"waits": 1.0, "nobody": 0.8, "urgent": 0.8, "others": 0.5}
# What people wrote tells who knows a thing from who talks as much by an AUC of .57 only (see NOTES.md): it adds little.
FIT = {"fields": 1.6, "meaning": 0.6, "role": 0.3}
FLOOR = 0.2
OPEN = "open"
"""The part that every open question has: the floor."""

TELLING_WORDS = 4
SHORT_BODY, LONG_BODY = 200, 3000
WAITING_HOURS, URGENT_DAYS, OTHERS = 24.0, 7.0, 3.0
MORE_FIELDS = 0.25
UNREAD = 0.02


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question as one row of SQL tells it; `body_length` is in characters."""

    key: Hashable
    title: str
    published_at: datetime
    language: str = "en"
    body_length: int = 0
    says_where: bool = False
    says_tried: bool = False
    says_wanted: bool = False
    needed_by: date | None = None
    answer_count: int = 0
    too_count: int = 0
    """How many others have the question too."""
    is_taken: bool = False
    """Claimed by someone, or someone was asked and has not said no."""
    topics: Collection[Hashable] = ()
    roles: Collection[Hashable] = ()
    """Of those who might answer."""


@dataclass(frozen=True)
class Answerer:
    """Someone by their `fields`, topic -> weight 0..1, their roles, and the languages that they read."""

    fields: Mapping[Any, float]
    roles: Collection[Hashable] = ()
    languages: Collection[str] = ()


@dataclass(frozen=True)
class Factor:
    """0..1; the parts add up to the value, and none is negative."""

    value: float
    parts: Mapping[str, float]


@dataclass(frozen=True)
class Ranked:
    """A question's place in a queue: the three factors multiplied are the score, 0..1."""

    key: Hashable
    score: float
    answerable: Factor
    need: Factor
    fit: Factor
    hours: float
    """Since it was asked."""
    field: Hashable | None
    """The topic of the question that the person knows best, if they know any of them."""


def rank(
    questions: Questions,
    person: Answerer,
    *,
    now: datetime,
    meaning: Mapping[Any, float] | None = None,
    limit: int | None = None,
) -> list[Ranked]:
    """The questions that this person should see first; equal scores in the order of their keys.

    `meaning` has, for those keys where it is known, how near the question is to what the person wrote, 0..1.
    """
    answers, needs, fits = answerable(questions), need(questions, now), fit(questions, person, meaning)
    # Rounded, so that the last digits of a sum do not decide an order.
    scores = (answers.values * needs.values * fits.values).round(6)
    best = np.argsort(-scores, kind="stable")[:limit].tolist()
    hours, fields = questions.hours(now), best_fields(questions, person)
    return [
        Ranked(
            key=questions.keys[row],
            score=float(scores[row]),
            answerable=answers.of(row),
            need=needs.of(row),
            fit=fits.of(row),
            hours=float(hours[row]),
            field=fields[row],
        )
        for row in best
    ]


def answerable(questions: Questions) -> Factors:
    """How much each question gives somebody who could answer it to go by."""
    return diminishing(questions.signs, ANSWERABLE, FLOOR)


def need(questions: Questions, now: datetime) -> Factors:
    """How much each question needs somebody: hours without an answer, its date, others who ask it, nobody on it."""
    days = questions.needed_by - aware(now).toordinal()
    signs = {
        "waits": questions.is_unanswered * (1 - 0.5 ** (questions.hours(now) / WAITING_HOURS)),
        "nobody": questions.is_unanswered * ~questions.is_taken,
        "urgent": np.where(days >= 0, 0.5 ** (np.nan_to_num(np.maximum(days, 0)) / URGENT_DAYS), 0.0),
        "others": 1 - 0.5 ** (questions.too_counts / OTHERS),
    }
    return diminishing(signs, NEED, FLOOR)


def fit(questions: Questions, person: Answerer, meaning: Mapping[Any, float] | None = None) -> Factors:
    """How well each question suits the person; hardly at all in a language that they do not read."""
    weights = questions.topics.looked_up(person.fields)
    best, every = weights.max(axis=1, initial=0.0), weights.sum(axis=1)
    signs = {
        "fields": np.minimum(1.0, best + MORE_FIELDS * (every - best)),
        "meaning": column(meaning.get(key, 0.0) for key in questions.keys) if meaning else np.zeros(len(best)),
        "role": questions.roles.looked_up(dict.fromkeys(person.roles, 1.0)).max(axis=1, initial=0.0),
    }
    return diminishing(signs, FIT) * np.where(questions.read_by(person), 1.0, UNREAD)


def best_fields(questions: Questions, person: Answerer) -> list[Hashable | None]:
    """Of each question's topics the one that weighs most with the person, the first by its key among equals."""
    weights = questions.topics.looked_up(person.fields)
    if not weights.shape[1]:
        return [None] * len(weights)
    codes = questions.topics.codes[np.arange(len(weights)), weights.argmax(axis=1)].tolist()
    names, best = questions.topics.names, weights.max(axis=1).tolist()
    return [names[code] if weight > 0 else None for code, weight in zip(codes, best, strict=True)]


def diminishing(signs: Mapping[str, Column], worths: Mapping[str, float], floor: float = 0.0) -> Factors:
    """From `floor` with no sign to 1 with all of them in full, each adding less the more there are.

    `signs` are columns of 0..1. What they add together is shared out by what each is worth.
    """
    worth = {name: worth * signs[name] for name, worth in worths.items()}
    total = np.sum(list(worth.values()), axis=0)
    gain = (1 - floor) * np.expm1(-total) / np.expm1(-sum(worths.values()))
    share = np.divide(gain, total, out=np.zeros_like(total), where=total > 0)
    parts = {name: values * share for name, values in worth.items()}
    return Factors({OPEN: np.full_like(total, floor), **parts} if floor else parts)


@dataclass(frozen=True, eq=False)
class Factors:
    """A factor of many questions: a column for each named part."""

    parts: Mapping[str, Column]

    @cached_property
    def values(self) -> Column:
        """(n,), 0..1: the sum of the parts."""
        return np.clip(np.sum(list(self.parts.values()), axis=0), 0, 1)

    def of(self, row: int) -> Factor:
        parts = {name: float(values[row]) for name, values in self.parts.items()}
        return Factor(float(self.values[row]), {name: adds for name, adds in parts.items() if adds > 0})

    def __mul__(self, times: Column) -> Factors:
        return Factors({name: values * times for name, values in self.parts.items()})


@dataclass(frozen=True, eq=False)
class Tags:
    """The topics or roles of many questions: `codes`, (n, most), are places in `names`, `len(names)` where none is."""

    names: Sequence[Hashable]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, tags: Sequence[Collection[Hashable]]) -> Tags:
        names = sorted({name for each in tags for name in each}, key=sort_key)
        places = {name: place for place, name in enumerate(names)}
        counts = np.fromiter(map(len, tags), dtype=np.intp, count=len(tags))
        rows = np.repeat(np.arange(len(tags)), counts)
        columns = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        codes = np.full((len(tags), int(counts.max(initial=0))), len(names), dtype=np.intp)
        codes[rows, columns] = [places[name] for each in tags for name in each]
        return cls(names, np.sort(codes, axis=1))

    def looked_up(self, weights: Mapping[Any, float]) -> Column:
        """(n, most): the weight of each tag, 0 for unknown ones."""
        return np.array([*(weights.get(name, 0.0) for name in self.names), 0.0])[self.codes]


@dataclass(frozen=True, eq=False)
class Questions:
    """Open questions as columns, in the order of their keys; they may be kept while nothing about them changes."""

    keys: Sequence[Hashable]
    signs: Mapping[str, Column]
    """Of being answerable, each 0..1."""
    published: Column
    """Seconds since 1970."""
    needed_by: Column
    """Days by `date.toordinal`; not a number where none is named."""
    too_counts: Column
    is_unanswered: NDArray[np.bool_]
    is_taken: NDArray[np.bool_]
    languages: Tags
    topics: Tags
    roles: Tags

    @classmethod
    def of(cls, questions: Iterable[OpenQuestion], *, languages: Collection[str] | None = None) -> Questions:
        """`languages` are those that anybody here reads; where they are not told, all are."""
        rows = sorted(questions, key=lambda row: sort_key(row.key))
        spoken = [primary(row.language) for row in rows]
        read_here = set(spoken) if languages is None else set(map(primary, languages))
        return cls(
            keys=[row.key for row in rows],
            signs={
                "tried": column(row.says_tried for row in rows),
                "where": column(row.says_where for row in rows),
                "wanted": column(row.says_wanted for row in rows),
                "specific": column(specific(row.title, row.language) for row in rows),
                "length": sensible_length(column(row.body_length for row in rows)),
                "topics": column(bool(row.topics) for row in rows),
                "language": column(language in read_here for language in spoken),
            },
            published=column(aware(row.published_at).timestamp() for row in rows),
            needed_by=column(row.needed_by.toordinal() if row.needed_by else nan for row in rows),
            too_counts=column(row.too_count for row in rows),
            is_unanswered=np.array([not row.answer_count for row in rows], dtype=np.bool_),
            is_taken=np.array([row.is_taken for row in rows], dtype=np.bool_),
            languages=Tags.of([(language,) for language in spoken]),
            topics=Tags.of([row.topics for row in rows]),
            roles=Tags.of([row.roles for row in rows]),
        )

    def __len__(self) -> int:
        return len(self.keys)

    def hours(self, now: datetime) -> Column:
        """Since each was asked."""
        return np.maximum(0.0, (aware(now).timestamp() - self.published) / 3600)

    def read_by(self, person: Answerer) -> NDArray[np.bool_]:
        spoken = dict.fromkeys(map(primary, person.languages), 1.0)
        return self.languages.looked_up(spoken).max(axis=1, initial=0.0) > 0


@lru_cache(maxsize=2**15)
def specific(title: str, language: str) -> float:
    """0..1: how many words tell something of the subject; numbers count as one of them."""
    spoken = primary(language)
    telling = {stem for stem, _ in stems(title, spoken) if not is_empty(stem, spoken)}
    return min(1.0, (len(telling) + bool(re.search(r"\d", title))) / TELLING_WORDS)


def sensible_length(characters: Column) -> Column:
    """1 between a short and a long text, less the shorter or longer it is."""
    return np.minimum(1.0, characters / SHORT_BODY) * np.minimum(1.0, LONG_BODY / np.maximum(characters, 1.0))
