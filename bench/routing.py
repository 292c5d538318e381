"""A simulated month of questions, sent to people by the product and by simpler rules, in the same invented worlds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from statistics import mean, median

import numpy as np

from app.expertise.models import PASSED
from app.expertise.queries import WORTH
from bench import timing
from bench.month import Choices, Month, Policy, simulate, within
from bench.report import Answer, Figure
from bench.runs import Run
from bench.timing import in_pairs, percentile
from bench.world import DAYS, LANGUAGES, Table, World, make_world
from ml.queueing import Answerer, OpenQuestion, Questions, fit, need, rank
from ml.routing import STAGES, Helper, Waiting, route

QUESTION = "Questions sent to who can answer them: 30 simulated days"
SEEDS = (1, 2, 3, 4, 5)
PEOPLE, QUESTIONS = 2000, 500
QUEUED, PAGE, LONGEST = 10_000, 20, 30
MOST_ACTIVE = 50
SOON = 48
START = datetime(2026, 1, 1, tzinfo=UTC)
OURS = "commons"
KNOWING = "commons, if it knew who has the answer"
AS_FEW = {
    "topic tag alone": "topic tag alone, as few asked",
    "topic tag alone, within": "topic tag alone, as few asked, within what they agreed to",
    "activity alone": "activity alone, as few asked",
}


def measure(run: Run) -> Answer:
    seeds, people, questions = (SEEDS[:1], 300, 60) if run.is_quick else (SEEDS, PEOPLE, QUESTIONS)
    months: dict[str, list[Month]] = {}
    for seed in seeds:
        world = make_world(seed, people, questions)
        for name, policy in POLICIES.items():
            months.setdefault(name, []).append(simulate(world, policy(world)))
    narrow, wide = STAGES
    notes = [
        f"{people:,} people, {questions} questions; seeds {', '.join(map(str, seeds))}: means and, in brackets, the "
        "least and the most. Every rule meets the same people, questions and reactions.",
        f"As few asked: {narrow.most} people at once and {wide.most} in all after {narrow.until_hours} hours, as by "
        "the commons, and who says no is replaced. No rule asks who does not read the language.",
        "Over the limit: the share of asks beyond what the person agreed to in any seven days. Gini, over those who "
        "agreed to be asked: 0 where all got (or answered) as many, 1 where one of them got all.",
        "All is invented; the assumptions stand in bench/world.py. They flatter rules that ask many, as nobody tires "
        f"of it. Not simulated: in what order a queue shows its questions, and staff, who get what nobody answered in "
        f"{wide.until_hours} hours.",
    ]
    return Answer(QUESTION, [*(figure(name, months) for name in months), speed_figure(run.is_quick)], notes)


def figure(name: str, months: Mapping[str, Sequence[Month]]) -> Figure:
    soon = {each: float(mean(month.answered_within(SOON) for month in months[each])) for each in months}
    measured = ", ".join(shown(what, measure, months[name]) for what, measure in MEASURES.items())
    if name != OURS:
        against, ratio = f"{OURS}, answered in {SOON} h: {soon[OURS]:.1%}", soon[name] / soon[OURS]
        if name == KNOWING:
            return Figure(name, measured, against, ratio)
        return Figure(name, measured, against, ratio, f"fewer in {SOON} h than {OURS}", soon[name] < soon[OURS])
    is_best = soon[OURS] > max(soon[rule] for rule in AS_FEW.values())
    is_kept = not any(month.over_the_limit for month in months[OURS])
    aim = f"more in {SOON} h than the three with as few, nobody over the limit"
    return Figure(name, measured, aim=aim, is_met=is_best and is_kept)


def shown(what: str, measure: Measure, months: Sequence[Month]) -> str:
    """The mean; for shares of questions with the least and the most."""
    values = [measure.read(month) for month in months]
    least, middle, most = (format(value, measure.form) for value in (min(values), mean(values), max(values)))
    return f"{what} {middle} ({least} to {most})" if measure.has_range and least != most else f"{what} {middle}"


def speed_figure(is_quick: bool) -> Figure:
    """How long a page of the queue waits for its order."""
    world = make_world(0, 50, QUEUED)
    questions = Questions.of(asked_in(world))
    person = Answerer(dict.fromkeys(range(len(world.topics)), 0.5), languages={"en"})
    meaning, now = dict(enumerate(world.meaning[0].tolist())), START + timedelta(days=DAYS)
    columns = np.random.default_rng(0).random((3, QUEUED))

    def ranked() -> object:
        return rank(questions, person, now=now, meaning=meaning, limit=PAGE)

    def sorted_only() -> object:
        return np.argsort(-columns.prod(axis=0), kind="stable")

    times, others = in_pairs([(ranked, sorted_only)] * (5 if is_quick else 50))
    return Figure(
        f"a queue of {QUEUED:,} questions ranked, the first {PAGE} explained",
        timing.shown(times),
        f"numpy, three columns multiplied and sorted: {timing.shown(others)}",
        median(times) / median(others),
        f"p95 under {LONGEST} ms",
        percentile(times, 95) < LONGEST,
    )


class Commons:
    """As the product does: fields from what was stated and accepted, and what a text encoder hears."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fields = -np.expm1(-(WORTH["stated"] * world.stated + WORTH["accepted"] * world.accepted))
        self.questions = Questions.of(asked_in(world))
        self.willing = {person: Helper(load) for person, load in enumerate(world.loads.tolist()) if load}
        self.fits = np.array([self._fit(person) for person in range(world.people)])

    def choose(self, month: Month, hour: int) -> Choices:
        lacking = [question for question in month.waiting(hour) if month.missing(question, hour)]
        if lacking:
            needs = need(self.questions, START + timedelta(hours=hour)).values
            for asks in route((self._waiting(month, at, hour, needs) for at in lacking), self._helpers(month, hour)):
                yield from ((person, asks.question) for person in asks.people)

    def hear_no(self, person: int, question: int) -> None:
        self.fields[person, list(self.world.tags[question])] *= PASSED
        self.fits[person] = self._fit(person)

    def _fit(self, person: int) -> Table:
        reads = self.world.reads[person]
        answerer = Answerer(
            fields={topic: float(self.fields[person, topic]) for topic in self.fields[person].nonzero()[0].tolist()},
            languages=[language for language, read in zip(LANGUAGES, reads, strict=True) if read],
        )
        meaning = dict(enumerate(self.world.meaning[person].tolist()))
        return fit(self.questions, answerer, meaning).values * self.world.can_read[person]

    def _waiting(self, month: Month, question: int, hour: int, needs: Table) -> Waiting:
        fits = self.fits[:, question]
        return Waiting(
            question,
            need=float(needs[question]),
            hours=hour - int(self.world.asked_at[question]),
            fits={person: float(fits[person]) for person in (fits >= STAGES[-1].least_fit).nonzero()[0].tolist()},
            asked=month.asked[question],
            passed=month.passed[question],
        )

    def _helpers(self, month: Month, hour: int) -> dict[int, Helper]:
        asked = {person: within(month.asks_of[person], hour) for person in self.willing if month.asks_of[person]}
        return self.willing | {
            person: Helper(self.willing[person].capacity - count, asked_lately=count) for person, count in asked.items()
        }


class Knowing(Commons):
    """As the product would if it knew who has the answer: what is left is up to people."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.fits = world.knows.astype(float)

    def hear_no(self, person: int, question: int) -> None:
        """Who knows never says it."""


@dataclass(frozen=True)
class Rule:
    """Asks the first of a fixed list of people for each question, or all of them at once."""

    candidates: Sequence[Sequence[int]]
    is_few: bool
    is_within: bool = False
    """Whether nobody is asked more often than they agreed to."""

    def choose(self, month: Month, hour: int) -> Choices:
        chosen = Counter[int]()
        for question in month.waiting(hour):
            unasked = (person for person in self.candidates[question] if person not in month.asked[question])
            if self.is_within:
                loads, times = month.world.loads, month.asks_of
                unasked = (who for who in unasked if within(times[who], hour) + chosen[who] < loads[who])
            wanted = month.missing(question, hour) if self.is_few else None
            asked = list(islice(unasked, wanted))
            chosen.update(asked)
            yield from ((person, question) for person in asked)

    def hear_no(self, person: int, question: int) -> None:
        """It changes nothing."""


def by_topic(world: World) -> list[list[int]]:
    """For each question all who stated a topic of it, in the order drawn."""
    stated = [world.stated[:, list(tags)].any(axis=1) for tags in world.tags] & world.can_read.T
    return [order[told[order]].tolist() for told, order in zip(stated, world.order.T, strict=True)]


def by_activity(world: World, most: int | None = None) -> list[list[int]]:
    """For each question those who come most often first."""
    ordered = np.argsort(-world.visits, kind="stable")[:most]
    return [ordered[reads[ordered]].tolist() for reads in world.can_read.T]


def asked_in(world: World) -> Iterator[OpenQuestion]:
    codes = [*LANGUAGES]
    for question, hour in enumerate(world.asked_at.tolist()):
        asked_at = START + timedelta(hours=hour)
        language, topics = codes[world.languages[question]], world.tags[question]
        yield OpenQuestion(question, "", asked_at, language, topics=topics)


POLICIES: Mapping[str, Callable[[World], Policy]] = {
    OURS: Commons,
    AS_FEW["topic tag alone"]: lambda world: Rule(by_topic(world), is_few=True),
    AS_FEW["topic tag alone, within"]: lambda world: Rule(by_topic(world), is_few=True, is_within=True),
    "topic tag alone, all who stated it told": lambda world: Rule(by_topic(world), is_few=False),
    AS_FEW["activity alone"]: lambda world: Rule(by_activity(world), is_few=True),
    f"activity alone, the {MOST_ACTIVE} most active told": lambda world: Rule(by_activity(world, MOST_ACTIVE), False),
    KNOWING: Knowing,
}


@dataclass(frozen=True)
class Measure:
    read: Callable[[Month], float]
    form: str = ".1f"
    has_range: bool = False


MEASURES: Mapping[str, Measure] = {
    f"answered in {SOON} h": Measure(lambda month: month.answered_within(SOON), ".1%", has_range=True),
    f"answered in {DAYS} days": Measure(lambda month: month.answered_within(DAYS * 24), ".1%", has_range=True),
    "asks an answer": Measure(lambda month: month.asks / max(1, len(month.answered_at))),
    "over the limit": Measure(lambda month: month.over_the_limit, ".1%"),
    "Gini of asks": Measure(lambda month: month.spread(month.asks_of), ".2f"),
    "Gini of answers": Measure(lambda month: month.spread(month.answers_of), ".2f"),
    "most asks of one person in a week": Measure(lambda month: month.most_in_a_week),
}
