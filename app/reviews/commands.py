"""Give a review, and take one away."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import inspect, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import hold_shown
from app.ideas.models import Idea
from app.journal.commands import record
from app.refusals import NotThere, Refusal, Unfit, require
from app.reviews.models import CRITERIA, LEVELS, Review
from app.reviews.policy import can_remove_review, can_review, must_say_why


def give_review(
    idea: Idea, *, by: User, marks: Mapping[str, int], strength: str, change: str, seen: int | None = None
) -> Review:
    """Say how far an idea is, of the revision `seen`, the present one if none is named. A later review takes the place
    of the person's earlier one. Raises Refusal without a single mark."""
    require(can_review(by, idea), _("You write this idea yourself: ask others to review it."))
    known = {each.key: marks[each.key] for each in CRITERIA if marks.get(each.key) in LEVELS}
    if not known:
        raise Refusal(_("Say of at least one thing how far it is."))
    with transaction():
        hold_shown(idea, by=by)
        own = select(Review).where(Review.idea_id == idea.id, Review.reviewer_id == by.id)
        review = db.session.scalar(own.execution_options(populate_existing=True))
        action = "review_revised" if review else "review_given"
        review = review or Review(idea_id=idea.id, reviewer_id=by.id)
        review.revision, review.given_at = min(seen or idea.revision, idea.revision), now()
        review.marks, review.strength, review.change = known, strength, change
        db.session.add(review)
        idea.active_at = max(idea.active_at, review.given_at)
        record(action, by=by, post_id=idea.id, person=idea.author)
    return review


def remove_review(review: Review, *, by: User, reason: str = "") -> None:
    """For good; a moderator's `reason` stands in the public log. Raises NotThere when it was removed
    meanwhile, Unfit when a moderator does not say why."""
    require(can_remove_review(by, review))
    if must_say_why(by, review) and not reason:
        raise Unfit(_("Say why it goes: the reason stands in the public log."))
    idea, reviewer = review.idea, review.reviewer
    with transaction():
        _read_anew(review)
        hold_shown(review.idea, by=by)
        _read_anew(review)
        db.session.delete(review)
        if must_say_why(by, review):
            record("review_deleted", by=by, post_id=idea.id, person=reviewer, note=reason)
        else:
            record("review_removed", by=by, post_id=idea.id, person=idea.author)


def _read_anew(review: Review) -> None:
    if db.session.get(Review, inspect(review).identity, populate_existing=True) is None:
        raise NotThere(_("This review was removed in the meantime."))
