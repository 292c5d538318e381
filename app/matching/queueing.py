"""How questions fit people: for one person's queue, and for choosing whom to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from app.accounts.models import User
from app.database import now
from app.matching.queries import compared_with, look_around, nearest, people_beside
from app.matching.standing import Standing, standing_of, visible_now
from app.matching.statistics import current_statistics
from app.matching.texts import Query, candidates, person_query, stored_query
from app.search.queries import Key
from ml import queueing
from ml.queueing import Answerer, Factor, OpenQuestion, Questions, Ranked
from ml.routing import STAFF, STAGES, Asks, Helper, Stage, Waiting, route, stage_at

__all__ = [
    "STAFF",
    "STAGES",
    "Answerer",
    "Asks",
    "Factor",
    "Helper",
    "OpenQuestion",
    "Ranked",
    "Stage",
    "Waiting",
    "fits_of",
    "near_questions",
    "needs_of",
    "people_near",
    "ranked_queue",
    "route",
    "stage_at",
]
NEAR = 60
"""Questions found by what a person wrote."""
COMPARED = 40
"""Questions at the head of a queue that are compared with what the person wrote."""
PEOPLE_COMPARED = 50
LEAST_FIT = min(stage.least_fit for stage in STAGES)
"""Of a question in somebody's queue: as much as it takes to be asked."""


def near_questions(person: User) -> list[int]:
    """Ids of visible questions near in meaning to what the person says and wrote, whatever their topics."""
    standing = standing_of(person)
    near = nearest(standing, person_query(standing, person), kinds=("question",), limit=NEAR)
    return [subject_id for _, subject_id in visible_now(person, standing, {each.key for each in near})]


def ranked_queue(
    person: User, questions: Sequence[OpenQuestion], fields: Mapping[str, float], *, limit: int
) -> list[Ranked]:
    """The questions that this person should see first, none that is far from what they know or in a language that they
    do not read; keys are ids. Those that come first by all else are compared with what the person wrote."""
    columns, answerer, moment = Questions.of(questions), answerer_of(person, fields), now()
    first = queueing.rank(columns, answerer, now=moment, limit=COMPARED)
    standing = standing_of(person)
    meaning = _meaning(standing, person_query(standing, person), [cast(int, each.key) for each in first])
    ranked = queueing.rank(columns, answerer, now=moment, meaning=meaning, limit=limit)
    return [each for each in ranked if each.fit.value >= LEAST_FIT]


def needs_of(questions: Sequence[OpenQuestion]) -> dict[int, float]:
    """How much each needs somebody, 0..1."""
    columns = Questions.of(questions)
    values = queueing.need(columns, now()).values.tolist()
    return dict(zip(cast(Sequence[int], columns.keys), values, strict=True))


def fits_of(
    questions: Sequence[OpenQuestion], people: Mapping[int, Answerer], near: Mapping[int, Mapping[int, float]]
) -> dict[int, dict[int, float]]:
    """How well each question fits each of these people, 0..1, by question and person: by their fields, roles and
    languages, and by how `near` to it what they say and wrote is, by question and person, where that is known."""
    columns, fits = Questions.of(questions), {cast(int, question.key): dict[int, float]() for question in questions}
    by_person: dict[int, dict[int, float]] = {}
    for question_id, found in near.items():
        for person_id, evidence in found.items():
            by_person.setdefault(person_id, {})[question_id] = evidence
    for person_id, answerer in people.items():
        values = queueing.fit(columns, answerer, by_person.get(person_id)).values.tolist()
        for key, value in zip(columns.keys, values, strict=True):
            fits[cast(int, key)][person_id] = value
    return fits


def people_near(viewer: User, post: Key) -> dict[int, float] | None:
    """How much what people say and wrote shares with a question or an idea, 0..1, as far as the viewer may see it; who
    is far from it is left out. None while the text is not embedded."""
    standing = standing_of(viewer)
    query = stored_query(standing, post)
    if not query.is_embedded:
        return None
    around = look_around(viewer, standing, query)
    beside = people_beside(around.compared, around.texts, around.statements)
    matches = around.compared.ranked_people(beside, limit=PEOPLE_COMPARED, cut=False)
    return {cast(Key, match.key)[1]: match.evidence for match in matches}


def answerer_of(person: User, fields: Mapping[str, float]) -> Answerer:
    return Answerer(fields, roles={role.id for role in person.roles}, languages=person.languages)


def _meaning(standing: Standing, query: Query, question_ids: Sequence[int]) -> dict[int, float]:
    """How much each of these questions and what the query says share, 0..1."""
    keys: list[Key] = [("question", question_id) for question_id in question_ids]
    texts = candidates(standing, keys)
    if not texts:
        return {}
    compared = compared_with(query, texts, current_statistics(standing), standing.weights)
    matches = compared.ranked(kind="question", limit=len(texts), cut=False)
    return {cast(Key, match.key)[1]: match.evidence for match in matches}
