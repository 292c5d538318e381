"""Learn weights from judgements, use them where they are better, and go back to those before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from sqlalchemy import func, select

from app.accounts.models import Guest
from app.database import db, now, transaction
from app.feedback.queries import JudgedMatch, public_judgements
from app.matching.commands import move_generation
from app.matching.encoding import encoding
from app.matching.models import LearnedWeights
from app.matching.queries import compared_with, people_beside, texts_beside, weights_kind
from app.matching.standing import Standing, standing_of
from app.matching.statistics import current_statistics
from app.matching.texts import candidates, stored_query
from app.matching.weights import weights_now
from app.refusals import Conflict
from app.search.queries import Key
from ml.judged import read_judged_set
from ml.library import Library
from ml.ranking import person_features
from ml.training import JudgedList, Lesson, learn, lists_of_people, lists_of_texts, taught
from ml.weights import KINDS_ALIKE, WeightSet
from ml.weights import Kind as WeighedKind

HERE = "members"
"""The name of the judgements of this forum, as a source."""
ASKED_KINDS = ("idea", "question", "nugget", "resource")
"""Texts beside which lists stand that anyone may see."""
ENOUGH_PEOPLE = 5
"""What fewer say tells of them, and not of matches."""
Lists = Mapping[WeighedKind, Sequence[JudgedList]]


@dataclass(frozen=True)
class JudgedFolder:
    """Judgements in the layout that `ml.judged` reads."""

    folder: Path
    has_people: bool
    older_only: bool
    """Whether what is younger than a query may not stand beside it."""


def train(folders: Sequence[JudgedFolder], *, is_kept: bool = True) -> list[Lesson]:
    """Learn from what members said of public matches, and from these folders.

    Of the lessons returned those that win on lists held out are used from now on, unless they are not to be kept.
    Raises OSError and ValueError for folders that cannot be read.
    """
    present = weights_now()
    lists = judged_lists(folders)
    lessons = [lesson for kind in KINDS_ALIKE if (lesson := learn(lists[kind], kind, present))]
    if is_kept and (better := [lesson for lesson in lessons if lesson.wins]):
        _use(better, present)
    return lessons


def roll_back() -> str | None:
    """Take the weights learned last out of use; returns their name, or None where the shipped ones are in use."""
    with transaction():
        in_use = select(LearnedWeights).where(LearnedWeights.withdrawn_at.is_(None))
        last = db.session.scalars(in_use.order_by(LearnedWeights.id.desc()).limit(1)).one_or_none()
        if last is None:
            return None
        last.withdrawn_at = now()
        move_generation()
        return last.name


def judged_lists(folders: Sequence[JudgedFolder]) -> Lists:
    """By the first of the kinds that share their weights."""
    lists: dict[WeighedKind, list[JudgedList]] = {kind: [] for kind in KINDS_ALIKE}
    for each in folders:
        if each.folder.resolve().name == HERE:
            raise ValueError(f"a folder cannot be called {HERE}, as the judgements made here are")
        judged = read_judged_set(each.folder).limited(older_only=each.older_only)
        encoder = next(iter([*encoding().encoders.reading("en"), *encoding().encoders.encoders]))
        kind: WeighedKind = "person" if each.has_people else "idea"
        read = lists_of_people if each.has_people else lists_of_texts
        library = Library.of(judged, encoder)
        lists[kind] += read(judged, library, source=each.folder.resolve().name, older_only=each.older_only)
    for kind, found in _lists_of_members():
        lists[kind].append(found)
    return lists


def _lists_of_members() -> Iterable[tuple[WeighedKind, JudgedList]]:
    """What a guest may see beside a text, as it is compared now, with what most of those who judged it said.

    Of each group of kinds only if enough people judged lists that tell something.
    """
    standing, verdicts = standing_of(Guest()), _verdicts()
    for kind, alike in KINDS_ALIKE.items():
        gains = {subject: _gains(said, alike) for subject, said in verdicts.items()}
        telling = {subject: each for subject, each in gains.items() if len(set(each.values())) > 1}
        judges = {
            subject: {said.person_id for said in verdicts[subject] if said.match in each}
            for subject, each in telling.items()
        }
        if len(set().union(*judges.values())) >= ENOUGH_PEOPLE:
            for subject, each in telling.items():
                yield kind, _list_beside(standing, subject, each, kind, judges[subject])


def _verdicts() -> dict[Key, list[JudgedMatch]]:
    """By subject. Nobody's word counts beside more subjects than a fifth of all such words: the newest ones do."""
    judged = [each for each in public_judgements() if each.subject[0] in ASKED_KINDS]
    words = {(each.person_id, each.subject): None for each in judged}
    most = len(words) // ENOUGH_PEOPLE
    by_person: defaultdict[int, list[Key]] = defaultdict(list)
    for person_id, subject in words:
        by_person[person_id].append(subject)
    counting = {(person, subject) for person, subjects in by_person.items() for subject in subjects[-most:] if most}
    verdicts: defaultdict[Key, list[JudgedMatch]] = defaultdict(list)
    for each in judged:
        if (each.person_id, each.subject) in counting:
            verdicts[each.subject].append(each)
    return dict(sorted(verdicts.items()))


def _gains(said: Sequence[JudgedMatch], kinds: Collection[str]) -> dict[Key, float]:
    """1 where more people found it relevant than not, 0 where fewer did."""
    balance: Counter[Key] = Counter()
    for each in said:
        if weights_kind(each.match[0]) in kinds:
            balance[each.match] += 1 if each.is_relevant else -1
    return {match: float(value > 0) for match, value in sorted(balance.items()) if value}


def _list_beside(
    standing: Standing, subject: Key, gains: Mapping[Key, float], kind: WeighedKind, judges: Collection[int]
) -> JudgedList:
    """Of the members' judgements beside one text. What one person alone said is held out together."""
    query, statistics = stored_query(standing, subject), current_statistics(standing)
    if kind == "person":
        texts = texts_beside(Guest(), standing, query, statistics)
        statements = candidates(standing, list(gains))
        compared = compared_with(query, {**texts, **statements}, statistics, standing.weights)
        people = people_beside(compared, texts, statements)
        known = [person for person in people if person.key in gains]
        values = person_features(compared, known)
        found = [gains[cast(Key, person.key)] for person in known]
    else:
        texts = candidates(standing, list(gains))
        compared = compared_with(query, texts, statistics, standing.weights)
        values = compared.looked_at(kind)
        found = [gains[cast(Key, text.key)] for text in compared.texts]
    field = ("person", *judges) if len(judges) == 1 else subject
    return JudgedList(HERE, field, values, np.array(found))


def _use(lessons: Sequence[Lesson], present: WeightSet) -> None:
    with transaction():
        if weights_now().name != present.name:
            raise Conflict("Other weights came into use meanwhile; nothing was changed. Train again.")
        number = (db.session.scalar(select(func.max(LearnedWeights.id))) or 0) + 1
        name = f"learned-{now():%Y-%m-%d}-{number}"
        weights = taught(present, lessons, name)
        db.session.add(
            LearnedWeights(
                name=name,
                parts={kind: dict(parts) for kind, parts in weights.parts.items()},
                scores={source: score for lesson in lessons for source, score in lesson.after.items()},
                measured={kind: told(lesson) for lesson in lessons for kind in KINDS_ALIKE[lesson.kind]},
            )
        )
        move_generation()


def told(lesson: Lesson) -> str:
    """In a sentence: from what it was learned, and what it is worth."""
    worth = "; ".join(
        f"{source}: {lesson.after[source]:.3f} instead of {before:.3f}" for source, before in lesson.before.items()
    )
    return (
        f"Pairwise logistic regression on {lesson.lists} lists, nDCG@10 of lists held out: {worth}; "
        f"change {lesson.change:+.4f}, p {lesson.p:.4f}."
    )
