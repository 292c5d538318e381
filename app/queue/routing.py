"""Whom a question may be put to: for whoever asks it, and for the Commons itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User, user_role
from app.accounts.queries import Author
from app.database import db, now
from app.expertise.models import PersonField
from app.expertise.queries import fields_of
from app.forum.models import Post
from app.forum.queries import Tag, Tags, tags_of
from app.groups.models import Group, Membership
from app.groups.queries import visible_group_ids
from app.journal.queries import asked_this_week
from app.matching.queueing import (
    STAFF,
    STAGES,
    Answerer,
    Asks,
    Helper,
    OpenQuestion,
    Waiting,
    fits_of,
    needs_of,
    people_near,
    route,
    stage_at,
)
from app.questions.models import Answer, Question
from app.queue.models import Ask, Claim, Escalation, Pass
from app.queue.queries import as_open, asks_about, is_live

SUGGESTED = 6
LEAST_FIT = STAGES[-1].least_fit
ROUTED_AT_ONCE = 200
"""Questions that one run looks at; those that were looked at longest ago come first."""
NOT_READ_YET = timedelta(hours=1)
"""So long a question may wait to be embedded before it is put to people by its tags alone."""


@dataclass(frozen=True)
class Willing:
    """A member who agreed to be asked."""

    author: Author
    asks_a_week: int
    is_for_groups_only: bool
    answerer: Answerer
    groups: Collection[int]
    """Their private ones."""

    def may_be_asked(self, post: Post, *, by_groups: Collection[int]) -> bool:
        """By whoever sees these private groups; they must see the post themselves."""
        sees_it = not post.group.is_private or post.group_id in self.groups
        is_open = not self.is_for_groups_only or not set(self.groups).isdisjoint(by_groups)
        return sees_it and is_open and self.author.id != post.author_id


@dataclass(frozen=True)
class Suggested:
    """Someone who may be asked, why, and how busy they are."""

    person: Author
    topics: Sequence[Tag]
    """Of the question, that they know."""
    roles: Sequence[Tag]
    """That the question asks and they have."""
    asks_a_week: int
    asked: int
    """In the last seven days."""

    @property
    def has_room(self) -> bool:
        return self.asked < self.asks_a_week


def people_to_ask(viewer: User, question: Question) -> list[Suggested]:
    """The members whom the question fits best and whom the viewer may ask, without those who were asked, passed or
    answered; of about equal ones whoever was asked least comes first."""
    (row,), near = as_open([question.id]), people_near(viewer, ("question", question.id)) or {}
    out = {each.person_id for each in asks_about(question)} | _who_passed_or_answered(question) | {viewer.id}
    groups = db.session.scalars(visible_group_ids(viewer)).all()
    willing = {
        each.author.id: each
        for each in willing_members(_may_fit(row, near))
        if each.author.id not in out and each.may_be_asked(question, by_groups=groups)
    }
    fits = fits_of([row], {key: each.answerer for key, each in willing.items()}, {question.id: near})[question.id]
    times = asked_this_week(willing)
    fitting = [key for key in willing if fits[key] >= LEAST_FIT]
    best = sorted(fitting, key=lambda key: (-round(fits[key], 1), times[key], key))
    tags = tags_of([question.id])[question.id]
    return [_suggested(willing[key], tags, times[key]) for key in best[:SUGGESTED]]


def _suggested(each: Willing, tags: Tags, asked: int) -> Suggested:
    topics = [tag for tag in tags.topics if tag.id in each.answerer.fields]
    roles = [tag for tag in tags.roles if tag.id in each.answerer.roles]
    return Suggested(each.author, topics, roles, each.asks_a_week, asked)


def willing_members(*conditions: ColumnElement[bool]) -> list[Willing]:
    """Those who meet the conditions, in the order of their ids; four queries."""
    columns = (User.id, User.name, User.display_name, User.kind, User.languages)
    found = db.session.execute(
        select(*columns, User.asks_a_week, User.is_for_groups_only)
        .where(User.kind == "member", User.may_be_asked, *conditions)
        .order_by(User.id)
    ).all()
    ids = [row.id for row in found]
    fields, roles, groups = fields_of(ids), _roles_of(ids), private_groups_of(ids)
    return [
        Willing(
            Author(row.id, row.name, row.display_name, row.kind),
            row.asks_a_week,
            row.is_for_groups_only,
            Answerer(fields[row.id], roles[row.id], row.languages),
            groups[row.id],
        )
        for row in found
    ]


def chosen_by_routing() -> list[Asks]:
    """Whom to ask now, about each question that nobody has answered or is on: see `ml.routing.route`."""
    questions = _waiting_questions()
    rows = {cast(int, row.key): row for row in as_open(list(questions))}
    near = _near({key: question for key, (question, _) in questions.items()})
    willing = {each.author.id: each for each in willing_members()}
    asks, needs = _asks_of_all(near), needs_of([rows[key] for key in near])
    fits = fits_of([rows[key] for key in near], {key: each.answerer for key, each in willing.items()}, near)
    groups = private_groups_of({questions[key][0].author_id for key in near})
    waiting, enough = [], []
    for key in near:
        question, begun_at = questions[key]
        asked, passed = asks[key]
        hours = (now() - (begun_at or now())).total_seconds() / 3600
        stage = stage_at(hours)
        if stage < STAFF and len(asked - passed) >= STAGES[stage].most:
            enough.append(Asks(key, (), stage))
        else:
            may_answer = _who_may_be_asked(question, fits[key], willing, by_groups=groups[question.author_id])
            waiting.append(Waiting(key, needs[key], hours, may_answer, asked=asked, passed=passed))
    return [*route(waiting, _rooms(willing)), *enough]


def _who_may_be_asked(
    question: Question, fits: Mapping[int, float], willing: Mapping[int, Willing], *, by_groups: Collection[int]
) -> dict[int, float]:
    """Their fits, by person."""
    return {key: fit for key, fit in fits.items() if willing[key].may_be_asked(question, by_groups=by_groups)}


def _rooms(willing: Mapping[int, Willing]) -> dict[int, Helper]:
    """How often each of these may still be asked this week; one query."""
    times = asked_this_week(willing)
    return {key: Helper(max(0, each.asks_a_week - times[key]), times[key]) for key, each in willing.items()}


def private_groups_of(person_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Every id has an entry; one query."""
    found: dict[int, set[int]] = {person_id: set() for person_id in person_ids}
    joined = select(Membership.user_id, Membership.group_id).join(Group, Group.id == Membership.group_id)
    for person_id, group_id in db.session.execute(joined.where(Group.is_private, Membership.user_id.in_(found))):
        found[person_id].add(group_id)
    return {person_id: frozenset(groups) for person_id, groups in found.items()}


def _near(questions: Mapping[int, Question]) -> dict[int, dict[int, float]]:
    """How near people are to each of these questions, as far as whoever asks may see. One that has not been embedded
    yet is left for later, but not for long."""
    near = {key: people_near(question.author, ("question", key)) for key, question in questions.items()}
    return {
        key: found or {}
        for key, found in near.items()
        if found is not None or questions[key].published_at < now() - NOT_READ_YET
    }


def _waiting_questions() -> dict[int, tuple[Question, datetime | None]]:
    """Those without an answer that nobody is on, with when they were first looked at; those that went through all
    stages are left to staff."""
    on_it = exists().where(Claim.question_id == Question.id, is_live())
    last_stage_began = now() - timedelta(hours=STAGES[-1].until_hours)
    is_over = and_(Escalation.stage >= STAFF, Escalation.begun_at <= last_stage_began)
    present = select(Question).where(Post.deleted_at.is_(None), Post.hidden_at.is_(None), Question.closed_at.is_(None))
    members = present.join(User, and_(User.id == Post.author_id, User.kind == "member"))
    looked_at = members.outerjoin(Escalation, Escalation.question_id == Question.id).add_columns(Escalation.begun_at)
    looked_at = looked_at.where(Question.answer_count == 0, ~on_it, or_(Escalation.stage.is_(None), ~is_over))
    ordered = looked_at.order_by(Escalation.looked_at.is_not(None), Escalation.looked_at, Post.id.desc())
    loaded = ordered.options(joinedload(Question.author), joinedload(Question.group)).limit(ROUTED_AT_ONCE)
    return {question.id: (question, begun_at) for question, begun_at in db.session.execute(loaded)}


def _may_fit(row: OpenQuestion, near: Collection[int]) -> ColumnElement[bool]:
    """Whether a person knows one of its topics, has a role that it asks, or is near to it in what they wrote."""
    return or_(
        User.id.in_(select(PersonField.person_id).where(PersonField.topic_id.in_(row.topics))),
        User.id.in_(select(user_role.c.user_id).where(user_role.c.role_id.in_(row.roles))),
        User.id.in_(near),
    )


def _roles_of(person_ids: Collection[int]) -> dict[int, set[str]]:
    roles: dict[int, set[str]] = defaultdict(set)
    for person_id, role_id in db.session.execute(select(user_role).where(user_role.c.user_id.in_(person_ids))):
        roles[person_id].add(role_id)
    return roles


def _who_passed_or_answered(question: Question) -> set[int]:
    passed = select(Pass.person_id).where(Pass.question_id == question.id)
    answered = select(Answer.author_id).where(Answer.question_id == question.id, Answer.deleted_at.is_(None))
    return set(db.session.scalars(passed.union(answered)))


def _asks_of_all(question_ids: Collection[Any]) -> dict[Any, tuple[set[int], set[int]]]:
    """Of each question who was ever asked, and who passed or took it no further."""
    found: dict[Any, tuple[set[int], set[int]]] = {question_id: (set(), set()) for question_id in question_ids}
    asks = select(Ask.question_id, Ask.person_id, Ask.state).where(Ask.question_id.in_(found))
    for question_id, person_id, state in db.session.execute(asks):
        asked, passed = found[question_id]
        asked.add(person_id)
        if state != "asked":
            passed.add(person_id)
    passes = select(Pass.question_id, Pass.person_id).where(Pass.question_id.in_(found))
    for question_id, person_id in db.session.execute(passes):
        found[question_id][1].add(person_id)
    return found
