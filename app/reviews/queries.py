"""The reviews of an idea, and what they say together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists, func, select

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db
from app.expertise.models import PersonField
from app.forum.models import post_topic
from app.forum.queries import tells_of_posts, writes
from app.groups.queries import is_open_to
from app.ideas.models import Idea
from app.refusals import NotThere
from app.reviews.models import CRITERIA, Criterion, Review
from app.taxonomy.models import Topic


@dataclass(frozen=True)
class ReviewRow:
    """One review as a page shows it."""

    id: int
    reviewer: Author
    revision: int
    marks: Mapping[str, int]
    strength: str
    change: str
    given_at: datetime
    verified_in: Sequence[str]
    """Names of the idea's topics in which somebody confirmed that the reviewer knows them."""
    by_author: bool = False
    """Of somebody who came to write it since: it stays, and is not counted."""

    @property
    def reviewer_id(self) -> int:
        return self.reviewer.id


def reviews_of(viewer: Viewer, idea: Idea) -> list[ReviewRow]:
    """Those of people who are verified in a topic of the idea first, then the newest, those of its authors last; two
    queries."""
    columns = (Review.id, Review.revision, Review.marks, Review.strength, Review.change, Review.given_at)
    people = (User.id, User.name, User.display_name, User.kind)
    given = select(*columns, *people).join(User, User.id == Review.reviewer_id).where(Review.idea_id == idea.id)
    found = db.session.execute(given.order_by(Review.given_at.desc(), Review.id.desc())).all()
    topics = _verified_topics(viewer, idea, [row[6] for row in found])
    rows = [
        ReviewRow(
            review_id,
            Author(*who),
            revision,
            marks,
            strength,
            change,
            given_at,
            topics[who[0]],
            by_author=who[0] in idea.author_ids,
        )
        for review_id, revision, marks, strength, change, given_at, *who in found
    ]
    return sorted(rows, key=lambda row: (row.by_author, not row.verified_in))


@dataclass(frozen=True)
class Summary:
    """How often each level was given for one criterion, the lowest first."""

    criterion: Criterion
    counts: Mapping[int, int]

    @property
    def marks(self) -> int:
        return sum(self.counts.values())


def summary_of(reviews: Sequence[ReviewRow]) -> list[Summary]:
    """Of those that count."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for review in (each for each in reviews if not each.by_author):
        for key, level in review.marks.items():
            counts[key][level] += 1
    return [Summary(each, dict(sorted(counts[each.key].items()))) for each in CRITERIA]


@tells_of_posts
def tell_of_reviews(_viewer: Viewer, idea_id: int) -> dict[str, ColumnElement[Any]]:
    counted = select(func.count()).where(Review.idea_id == idea_id, ~writes(Review.reviewer_id, idea_id))
    return {"review_count": counted.scalar_subquery(), "has_reviews": exists().where(Review.idea_id == idea_id)}


def own_review(viewer: Viewer, idea: Idea) -> Review | None:
    return db.session.scalar(select(Review).where(Review.idea_id == idea.id, Review.reviewer_id == viewer.id))


def review_with(idea: Idea, review_id: int) -> Review:
    """Raises NotThere."""
    review = db.session.scalar(select(Review).where(Review.id == review_id, Review.idea_id == idea.id))
    if review is None:
        raise NotThere(_("This review is not here."))
    return review


def _verified_topics(viewer: Viewer, idea: Idea, person_ids: Collection[int]) -> dict[int, list[str]]:
    """Of people whose profile the viewer may read."""
    names: dict[int, list[str]] = defaultdict(list)
    if not person_ids:
        return names
    known = (
        select(PersonField.person_id, Topic.name)
        .join(Topic, Topic.id == PersonField.topic_id)
        .join(post_topic, post_topic.c.topic_id == Topic.id)
        .join(User, User.id == PersonField.person_id)
        .where(post_topic.c.post_id == idea.id, PersonField.is_verified, PersonField.person_id.in_(person_ids))
        .where(is_open_to(viewer))
    )
    for person_id, name in db.session.execute(known.order_by(Topic.position, Topic.id)):
        names[person_id].append(name)
    return names
