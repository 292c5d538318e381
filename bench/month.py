"""What happens in an invented community over a month, under one rule of who is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Protocol

import numpy as np

from bench.world import CLAIM, DAYS, MOST_ANSWERS_A_WEEK, WEEK, Table, World
from ml.routing import STAFF, STAGES, stage_at

Choices = Iterator[tuple[Any, Any]]
"""(person, question)."""


def simulate(world: World, policy: Policy) -> Month:
    month = Month(world)
    for hour in range(DAYS * 24):
        for person, question in month.happen(hour):
            policy.hear_no(person, question)
        for person, question in list(policy.choose(month, hour)):
            month.ask(person, question, hour)
    return month


class Policy(Protocol):
    def choose(self, month: Month, hour: int) -> Choices:
        """Whom to ask what now."""

    def hear_no(self, person: int, question: int) -> None:
        """They said "not my field"."""


@dataclass(eq=False)
class Month:
    """What has happened in a world under one rule."""

    world: World
    answered_at: dict[int, int] = field(default_factory=dict)
    claimed: set[int] = field(default_factory=set)
    asked: list[dict[int, int]] = field(default_factory=list)
    """For each question whom, and when."""
    passed: list[set[int]] = field(default_factory=list)
    asks_of: list[list[int]] = field(default_factory=list)
    """For each person the hours at which they were asked."""
    answers_of: list[list[int]] = field(default_factory=list)
    coming: list[tuple[int, int, int, str]] = field(default_factory=list)
    """(hour, question, person, what will happen), the next first."""

    def __post_init__(self) -> None:
        self.asked = [{} for _ in range(self.world.questions)]
        self.passed = [set() for _ in range(self.world.questions)]
        self.asks_of = [[] for _ in range(self.world.people)]
        self.answers_of = [[] for _ in range(self.world.people)]

    def ask(self, person: int, question: int, hour: int) -> None:
        self.asked[question][person] = hour
        self.asks_of[person].append(hour)
        if self.world.looks[person, question]:
            heappush(self.coming, (hour + int(self.world.delays[person, question]), question, person, "looks"))

    def happen(self, hour: int) -> Iterator[tuple[int, int]]:
        """All that comes by this hour; yields who says of which question that it is not their field."""
        while self.coming and self.coming[0][0] <= hour:
            _, question, person, what = heappop(self.coming)
            if what == "answers":
                self.answered_at[question] = hour
                self.answers_of[person].append(hour)
            elif what == "gives up":
                self.claimed.discard(question)
            elif question not in self.answered_at and question not in self.claimed:
                if self._takes(person, question, hour):
                    self._claim(person, question, hour)
                elif not self.world.knows[person, question] and self.world.says_pass[person, question]:
                    self.passed[question].add(person)
                    yield person, question

    def _takes(self, person: int, question: int, hour: int) -> bool:
        return self.world.knows[person, question] and within(self.answers_of[person], hour) < MOST_ANSWERS_A_WEEK

    def _claim(self, person: int, question: int, hour: int) -> None:
        self.claimed.add(question)
        if self.world.finishes[person, question]:
            heappush(self.coming, (hour + int(self.world.writing[person, question]), question, person, "answers"))
        else:
            heappush(self.coming, (hour + CLAIM, question, person, "gives up"))

    def waiting(self, hour: int) -> list[int]:
        """Questions that nobody answered or claimed."""
        count = int(np.searchsorted(self.world.asked_at, hour, side="right"))
        return [at for at in range(count) if at not in self.answered_at and at not in self.claimed]

    def missing(self, question: int, hour: int) -> int:
        """How many more may be asked where as few are as by the commons."""
        stage = stage_at(hour - self.world.asked_at[question])
        may_answer = len(self.asked[question].keys() - self.passed[question])
        return max(0, STAGES[stage].most - may_answer) if stage < STAFF else 0

    def answered_within(self, hours: int) -> float:
        asked_at = self.world.asked_at
        return sum(at - asked_at[question] <= hours for question, at in self.answered_at.items()) / len(asked_at)

    @property
    def asks(self) -> int:
        return sum(map(len, self.asked))

    @property
    def over_the_limit(self) -> float:
        beyond = (
            within(hours[:count], hour) >= load
            for hours, load in zip(self.asks_of, self.world.loads.tolist(), strict=True)
            for count, hour in enumerate(hours)
        )
        return sum(beyond) / max(1, self.asks)

    @property
    def most_in_a_week(self) -> int:
        return max(within(hours[: at + 1], hour) for hours in self.asks_of for at, hour in enumerate(hours))

    def spread(self, hours: Sequence[Sequence[int]]) -> float:
        return gini(np.array([len(each) for each in hours])[self.world.loads > 0])


def within(hours: Sequence[int], now: int) -> int:
    """How many of these, in order, are of the last seven days."""
    count = 0
    for hour in reversed(hours):
        if hour <= now - WEEK:
            break
        count += 1
    return count


def gini(counts: Table) -> float:
    ordered = np.sort(counts)
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * max(1, ordered.sum())))
