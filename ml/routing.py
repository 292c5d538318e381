"""Who is asked to answer a question: the best fits first, each within what they agreed to, wider as time passes."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from ml.ranking import sort_key

BANDS = 10
"""Fits are about equal where they fall into the same tenth: .5 to .6, .6 to .7. Unlike "at most .1 apart" this holds
whoever else is looked at."""


@dataclass(frozen=True)
class Stage:
    """For so many hours without an answer people of at least this fit are asked, until `most` in all may answer."""

    until_hours: float
    least_fit: float
    most: int


STAGES = (Stage(48, 0.4, 3), Stage(96, 0.15, 6))
"""The best fits, and wider ones. After them come moderators and the tutor of the group, whom the caller knows."""
STAFF = len(STAGES)


@dataclass(frozen=True)
class Waiting:
    """A question that nobody has answered or claimed.

    `fits`, 0..1, has who may be asked at all: not its author, nobody who may not see it, none who agreed to nothing.
    `asked` are all who ever were asked about it, `passed` those, asked or not, who said "not my field".
    """

    key: Hashable
    need: float
    hours: float
    """Without an answer."""
    fits: Mapping[Any, float]
    asked: Collection[Hashable] = ()
    passed: Collection[Hashable] = ()


@dataclass(frozen=True)
class Helper:
    """Someone who may be asked `capacity` more times this week, and was asked `asked_lately` times."""

    capacity: int
    asked_lately: int = 0


@dataclass(frozen=True)
class Asks:
    """Who is to be asked about a question now, the first choice first; maybe nobody.

    `stage` is the place in the stages that it has come to; STAFF (after the last) says that staff is to look at it.
    """

    question: Hashable
    people: Sequence[Hashable]
    stage: int


def route(
    questions: Iterable[Waiting], people: Mapping[Any, Helper], *, stages: Sequence[Stage] = STAGES
) -> list[Asks]:
    """For each question, those with most need first (equal ones by their keys), the people to ask now.

    Nobody is asked more than they have capacity for, twice about one question, or after they passed; who passed is
    replaced. Of those who fit about equally (see BANDS) whoever was asked least lately comes first, then by key. Where
    nobody fits, the next stage comes at once; where all who fit are busy, wider fits are asked, but it comes to staff
    by time alone. Who does not read a question fits below any stage (see `queueing.fit`).
    """
    rota = Rota(people)
    ordered = sorted(questions, key=lambda question: (-question.need, sort_key(question.key)))
    return [rota.ask_about(question, stages) for question in ordered]


def stage_at(hours: float, stages: Sequence[Stage] = STAGES) -> int:
    """The stage that a question has come to by time alone."""
    return sum(hours >= stage.until_hours for stage in stages)


class Rota:
    """Keeps count of who was asked how often."""

    def __init__(self, people: Mapping[Any, Helper]) -> None:
        self.room = {person: helper.capacity for person, helper in people.items()}
        self.times = {person: helper.asked_lately for person, helper in people.items()}

    def ask_about(self, question: Waiting, stages: Sequence[Stage]) -> Asks:
        may_answer = set(question.asked) - set(question.passed)
        reached = len(stages)
        for number in range(stage_at(question.hours, stages), len(stages)):
            fitting = self._fitting(question, stages[number])
            chosen = self._first(fitting, question, most=stages[number].most - len(may_answer))
            if chosen or (fitting and may_answer):
                self._ask(chosen)
                return Asks(question.key, chosen, number)
            reached = number if fitting else reached
        return Asks(question.key, (), reached)

    def _fitting(self, question: Waiting, stage: Stage) -> list[Hashable]:
        fits = (person for person, fit in question.fits.items() if fit >= stage.least_fit)
        return [person for person in fits if person in self.room and person not in question.passed]

    def _first(self, fitting: Sequence[Hashable], question: Waiting, *, most: int) -> list[Hashable]:
        def order(person: Hashable) -> tuple[int, int, tuple[str, Any]]:
            return -band(question.fits[person]), self.times[person], sort_key(person)

        free = (person for person in fitting if self.room[person] > 0 and person not in question.asked)
        return nsmallest(most, free, key=order)

    def _ask(self, chosen: Sequence[Hashable]) -> None:
        for person in chosen:
            self.room[person] -= 1
            self.times[person] += 1


def band(fit: float) -> int:
    """0..9; the hair's breadth keeps .3 in the band from .3 on, whatever its last digit."""
    return min(BANDS - 1, int(fit * BANDS + 1e-6))
