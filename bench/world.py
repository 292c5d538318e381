"""An invented community whose questions are to reach who can answer them.

All of the following is assumed, chosen once from plain reasoning and not from what came out:

- Subjects are the topics of the course. How many people know one falls with its rank (to the power of -.8); people ask
  more evenly than they know (to the power of -.4). Ranks are drawn anew in each world.
- Most people know one or two topics, a few many (Zipf, at most eight), each to a level of .2 to 1. A question asks for
  a level of .2 to .9 in one subject; who has it knows the answer, nobody else does.
- People state three in five of the topics they know, and on average one that they are only interested in.
- Visits a week are log-normal: half of the people come less than once, one in forty more than ten times. Who comes
  more often has answered more before, whatever they know; accepted answers are kept by the topics of their questions.
- Askers name the right topic seven times in ten, else another one or none; four in ten name one more, by its rank.
- A text encoder hears whether someone has written on a subject, as weakly as it was measured to: an AUC of .57.
- Half of the people have English as their first language, most others read it too. Nobody answers what they can't read.
- People agree to be asked never (40 %), once (25 %), three (25 %) or ten times a week (10 %), whatever they know.
- Who is asked looks in with a chance of .2 (who hardly ever comes) to .8 (who comes all the time), and after some
  hours: on average 54 to 7, ten for a dozen visits a week. Nobody tires of being asked, and who agreed to nothing looks
  in like others: both flatter rules that ask many.
- Who looks in, knows the answer and finds it neither answered nor claimed claims it, and nine in ten of them answer
  after some hours; a claim that comes to nothing ends after 24. Nobody answers more than ten a week. Of those who don't
  know, half say "not my field", the others nothing. Nobody answers a question that they were not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

CATALOGUE = Path(__file__).parent.parent / "app" / "content" / "course" / "topics.yaml"
DAYS = 30
WEEK, CLAIM = 168, 24
"""Hours."""
LAST_ASKED = (DAYS - 2) * 24
"""So that two days are left for every question."""
LANGUAGES = {"en": 0.5, "es": 0.2, "fr": 0.15, "pt": 0.1, "ar": 0.05}
READS_ENGLISH, READS_ANOTHER = 0.6, 0.1
LOADS = {0: 0.4, 1: 0.25, 3: 0.25, 10: 0.1}
MOST_KNOWN, MOST_ANSWERS_A_WEEK = 8, 10
RIGHT_TAG, WRONG_TAG, MORE_TAGS = 0.7, 0.15, 0.4
SAYS_PASS, FINISHES = 0.5, 0.9
HEARD = 0.25
"""By how many standard deviations the encoder tells subjects apart: an AUC of .57, as what people wrote alone has in
ml/NOTES.md."""
Table = NDArray[Any]


@dataclass(frozen=True, eq=False)
class World:
    """Tables of people (rows) by topics, languages or questions (columns); hours count from the first."""

    topics: list[str]
    knowledge: Table
    stated: Table
    accepted: Table
    """How many answers of each topic were accepted before."""
    reads: Table
    loads: Table
    visits: Table
    """A week."""
    asked_at: Table
    askers: Table
    subjects: Table
    levels: Table
    tags: list[frozenset[int]]
    languages: Table
    looks: Table
    delays: Table
    writing: Table
    says_pass: Table
    finishes: Table
    order: Table
    """A drawn order of the people for each question, for whoever has no better one."""
    meaning: Table

    @property
    def people(self) -> int:
        return len(self.loads)

    @property
    def questions(self) -> int:
        return len(self.asked_at)

    @cached_property
    def can_read(self) -> Table:
        """People by questions; nobody is asked what they asked themselves."""
        readable = self.reads[:, self.languages].copy()
        readable[self.askers, np.arange(self.questions)] = False
        return readable

    @cached_property
    def knows(self) -> Table:
        """People by questions: who would give the answer."""
        return (self.knowledge[:, self.subjects] >= self.levels) & self.can_read


def make_world(seed: int, people: int, questions: int) -> World:
    chance = np.random.default_rng(seed)
    topics = [topic["id"] for topic in yaml.safe_load(CATALOGUE.read_text("utf-8"))["topics"]]
    ranks = chance.permutation(len(topics)) + 1.0
    known, asked = shares(ranks**-0.8), shares(ranks**-0.4)
    knowledge = draw_knowledge(chance, people, known)
    visits = chance.lognormal(0.0, 1.2, people)
    accepted = draw_accepted(chance, knowledge, visits, known)
    native = chance.choice(len(LANGUAGES), people, p=[*LANGUAGES.values()])
    askers, subjects = chance.integers(people, size=questions), chance.choice(len(topics), questions, p=asked)
    pairs = (people, questions)
    return World(
        topics=topics,
        knowledge=knowledge,
        stated=(knowledge > 0) & (chance.random(knowledge.shape) < 0.6) | draw_interests(chance, people, known),
        accepted=accepted,
        reads=draw_reads(chance, native),
        loads=chance.choice([*LOADS], people, p=[*LOADS.values()]),
        visits=visits,
        asked_at=np.sort(chance.integers(LAST_ASKED, size=questions)),
        askers=askers,
        subjects=subjects,
        levels=chance.uniform(0.2, 0.9, questions),
        tags=[draw_tags(chance, subject, known) for subject in subjects.tolist()],
        languages=native[askers],
        looks=chance.random(pairs) < 0.2 + 0.6 * (visits / (visits + 3))[:, None],
        delays=1 + chance.exponential(6 + 48 / (1 + visits)[:, None], pairs).astype(int),
        writing=1 + np.minimum(chance.exponential(3, pairs), CLAIM - 2).astype(int),
        says_pass=chance.random(pairs) < SAYS_PASS,
        finishes=chance.random(pairs) < FINISHES,
        order=chance.random(pairs).argsort(axis=0),
        meaning=draw_meaning(chance, knowledge[:, subjects] > 0, accepted.any(axis=1)),
    )


def shares(weights: Table) -> Table:
    return weights / weights.sum()


def draw_knowledge(chance: np.random.Generator, people: int, known: Table) -> Table:
    knowledge = np.zeros((people, len(known)))
    for row, count in zip(knowledge, np.minimum(chance.zipf(2.0, people), MOST_KNOWN), strict=True):
        row[chance.choice(len(known), count, replace=False, p=known)] = chance.uniform(0.2, 1.0, count)
    return knowledge


def draw_interests(chance: np.random.Generator, people: int, known: Table) -> Table:
    return chance.poisson(known, (people, len(known))) > 0


def draw_accepted(chance: np.random.Generator, knowledge: Table, visits: Table, known: Table) -> Table:
    """An answer in every tenth visit of ten weeks, on what they know, accepted with a chance of its level."""
    accepted = np.zeros(knowledge.shape)
    for row, levels, count in zip(accepted, knowledge, chance.poisson(visits), strict=True):
        for topic in chance.choice(len(known), count, p=shares(levels)):
            if chance.random() < levels[topic]:
                row[topic if chance.random() < RIGHT_TAG else chance.choice(len(known), p=known)] += 1
    return accepted


def draw_reads(chance: np.random.Generator, native: Table) -> Table:
    reads = chance.random((len(native), len(LANGUAGES))) < READS_ANOTHER
    reads[:, 0] |= chance.random(len(native)) < READS_ENGLISH
    reads[np.arange(len(native)), native] = True
    return reads


def draw_tags(chance: np.random.Generator, subject: int, known: Table) -> frozenset[int]:
    what, more = chance.random(2)
    first = {subject} if what < RIGHT_TAG else {int(chance.choice(len(known), p=known))}
    others = {int(chance.choice(len(known), p=known))} if more < MORE_TAGS else set()
    return frozenset((first if what < RIGHT_TAG + WRONG_TAG else set()) | others)


def draw_meaning(chance: np.random.Generator, is_subject: Table, has_written: Table) -> Table:
    heard = 0.3 + 0.15 * (HEARD * is_subject + chance.normal(size=is_subject.shape))
    return np.clip(heard, 0, 1) * has_written[:, None]
