"""Whom to ask to read a new idea that nobody said anything about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.attention.models import Attention, Reader
from app.attention.queries import may_read_first
from app.database import db, now
from app.forum.models import Post
from app.forum.queries import tags_of
from app.ideas.models import ARCHIVED, Idea
from app.journal.queries import asked_this_week
from app.matching.queueing import Helper, OpenQuestion, Stage, Waiting, fits_of, people_near, route
from app.queue.routing import Willing, private_groups_of, willing_members

PEERS_FIRST = timedelta(hours=12)
"""So long lists alone bring readers."""
STAGES = (Stage(48, 0.4, 2), Stage(96, 0.15, 4))
"""Two who fit best, in time for the aim; then wider ones. After that moderators see it on their page."""
ROUTED_AT_ONCE = 100


@dataclass(frozen=True)
class ChosenReaders:
    """Whom to ask about one idea, the first choice first."""

    idea_id: int
    people: Sequence[int]


def chosen_readers() -> list[ChosenReaders]:
    """As `ml.routing.route` chooses: nobody beyond what they agreed to, whoever was asked least first among equals."""
    willing = {each.author.id: each for each in willing_members()}
    times = asked_this_week(willing)
    room = {key: Helper(max(0, each.asks_a_week - times[key]), times[key]) for key, each in willing.items()}
    chosen = route(_as_waiting(_waiting_ideas(), willing), room, stages=STAGES)
    return [ChosenReaders(cast(int, each.question), cast(Sequence[int], each.people)) for each in chosen if each.people]


def _as_waiting(ideas: Mapping[int, Idea], willing: Mapping[int, Willing]) -> list[Waiting]:
    """Each with how well it fits those who may be asked to read it."""
    near = {key: people_near(idea.author, ("idea", key)) or {} for key, idea in ideas.items()}
    fits = fits_of(_as_open(ideas), {key: each.answerer for key, each in willing.items()}, near)
    groups = private_groups_of({idea.author_id for idea in ideas.values()})
    unfit = _unfit_readers(list(ideas))
    asked = _asked_of_all(list(ideas))
    return [
        Waiting(
            key,
            need=0.0,
            hours=(now() - idea.published_at).total_seconds() / 3600,
            fits={
                person: fit
                for person, fit in fits[key].items()
                if person not in unfit[key] and willing[person].may_be_asked(idea, by_groups=groups[idea.author_id])
            },
            asked=asked[key].keys(),
            passed=[person for person, state in asked[key].items() if state != "asked"],
        )
        for key, idea in ideas.items()
    ]


def _waiting_ideas() -> dict[int, Idea]:
    """Of members, a while old but not past all stages, with no word from anybody; the oldest first."""
    last = timedelta(hours=STAGES[-1].until_hours)
    ideas = (
        select(Idea)
        .join(Attention, Attention.idea_id == Idea.id)
        .join(User, User.id == Post.author_id)
        .where(Attention.first_feedback_at.is_(None), Post.deleted_at.is_(None), Post.hidden_at.is_(None))
        .where(Post.published_at.between(now() - last, now() - PEERS_FIRST), User.kind == "member")
        .where(Idea.stage != ARCHIVED)
        .order_by(Post.published_at, Post.id)
        .limit(ROUTED_AT_ONCE)
    )
    found = db.session.scalars(ideas.options(joinedload(Idea.author), joinedload(Idea.group)))
    return {idea.id: idea for idea in found}


def _as_open(ideas: Mapping[int, Idea]) -> list[OpenQuestion]:
    """As fits are reckoned: an idea asks for people who know its topics, and whom it serves or needs."""
    tags = tags_of(list(ideas))
    return [
        OpenQuestion(
            key=key,
            title=idea.title,
            published_at=idea.published_at,
            language=idea.language,
            topics=[tag.id for tag in tags[key].topics],
            roles=[tag.id for tag in (*tags[key].roles, *tags[key].needed_roles)],
        )
        for key, idea in ideas.items()
    ]


def _unfit_readers(idea_ids: Collection[int]) -> dict[int, set[int]]:
    """Of those who agreed to be asked, by idea, whoever writes it or wants to hear nothing of it."""
    found: dict[int, set[int]] = defaultdict(set)
    pairs = select(Idea.id, User.id).join(User, User.asks_a_week > 0).where(Idea.id.in_(idea_ids))
    for idea_id, person_id in db.session.execute(pairs.where(~may_read_first(User.id))):
        found[idea_id].add(person_id)
    return found


def _asked_of_all(idea_ids: Collection[int]) -> dict[int, dict[Any, str]]:
    found: dict[int, dict[Any, str]] = defaultdict(dict)
    asked = select(Reader.idea_id, Reader.person_id, Reader.state).where(Reader.idea_id.in_(idea_ids))
    for idea_id, person_id, state in db.session.execute(asked):
        found[idea_id][person_id] = state
    return found
