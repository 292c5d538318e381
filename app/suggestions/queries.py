"""Suggested edits of an idea that the viewer may see: who sees the idea sees all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db, now
from app.diffs import Budget, Difference
from app.forum.changes import kept_difference
from app.forum.models import Post
from app.forum.queries import absent, ids_merged_into, revision_of, tells_of_posts
from app.ideas.models import Idea
from app.ideas.queries import IdeaLink, idea_links, is_co_authored_by, is_named
from app.pages import ON_DESK
from app.refusals import Moved, NotThere
from app.suggestions.models import Suggestion, taken_into

PAGE_SIZE = 10
"""Few, because each is compared word by word."""
TOLD_FOR = timedelta(days=14)
"""So long someone reads on their desk what was decided."""


@dataclass(frozen=True)
class SuggestionRow:
    """One suggestion as a page shows it."""

    id: int
    part: str
    base: str
    text: str
    reason: str
    state: str
    made_at: datetime
    decided_at: datetime | None
    reply: str
    revision: int | None
    proposer: Author
    decider: Author | None
    became: IdeaLink | None
    """As far as the viewer may see that idea."""
    budget: Budget
    """That all rows of the page share."""

    @property
    def proposer_id(self) -> int:
        return self.proposer.id

    @cached_property
    def difference(self) -> Difference:
        return kept_difference(self.base, self.text, budget=self.budget)

    def fits(self, idea: Idea) -> bool:
        """Whether it goes into the text of today without a hand."""
        return self.taken_into(idea) is not None

    def taken_into(self, idea: Idea) -> str | None:
        """How the part of today reads with it."""
        present = getattr(idea, self.part)
        return taken_into(present, part=self.part, base=self.base, text=self.text, budget=self.budget)


def suggestions_of(viewer: Viewer, idea: Idea, *, number: int) -> list[SuggestionRow]:
    """One page: the open ones, the oldest first, then the others, the last decided first. Two queries at most."""
    is_decided = Suggestion.state != "open"
    ordered = _rows(idea).order_by(is_decided, Suggestion.decided_at.desc(), Suggestion.id)
    return _shown(viewer, ordered.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))


def suggestion_row(viewer: Viewer, idea: Idea, suggestion_id: int) -> SuggestionRow:
    """Raises NotThere."""
    found = _shown(viewer, _rows(idea).where(Suggestion.id == suggestion_id))
    if not found:
        raise NotThere(_("There is no such suggestion."))
    return found[0]


def suggestion_to(idea: Idea, suggestion_id: int) -> Suggestion:
    """The row itself, to do something to it. Raises NotThere."""
    wanted = select(Suggestion).where(Suggestion.id == suggestion_id, Suggestion.idea_id == idea.id)
    suggestion = db.session.scalar(wanted.options(joinedload(Suggestion.proposer)))
    if suggestion is None:
        raise NotThere(_("There is no such suggestion."))
    return suggestion


def own_at_merged(viewer: Viewer, idea_id: int, suggestion_id: int) -> tuple[Idea, IdeaLink] | None:
    """The idea that the viewer suggested this edit of, and the one that took it in, as long as they may see that one
    and it lasts; one query for all other suggestions."""
    own = exists().where(Suggestion.id == suggestion_id, Suggestion.proposer_id == viewer.id)
    at_merged = own.where(Suggestion.idea_id == Idea.id)
    ideas = select(Idea).where(Idea.id == idea_id, Post.merged_into_id.is_not(None), is_named(viewer), at_merged)
    idea = db.session.scalar(ideas)
    moved = absent(viewer, idea_id) if idea else None
    if idea is None or not isinstance(moved, Moved) or moved.became_id is None:
        return None
    return idea, idea_links(viewer, [moved.became_id])[moved.became_id]


@dataclass(frozen=True)
class Counts:
    """How many suggestions an idea has, and how many of them wait."""

    total: int
    open: int


def counts_of(idea: Idea) -> Counts:
    """One query."""
    waiting = func.count().filter(Suggestion.state == "open")
    return Counts(*db.session.execute(select(func.count(), waiting).where(Suggestion.idea_id == idea.id)).one())


@tells_of_posts
def tell_of_suggestions(_viewer: Viewer, idea_id: int) -> dict[str, ColumnElement[Any]]:
    total = select(func.count()).select_from(Suggestion).where(Suggestion.idea_id == idea_id)
    waiting = total.where(Suggestion.state == "open")
    return {"suggestion_count": total.scalar_subquery(), "open_suggestion_count": waiting.scalar_subquery()}


def open_of(idea_id: int, person: User) -> Sequence[Suggestion]:
    """What a person has waiting on an idea."""
    own = select(Suggestion).where(Suggestion.idea_id == idea_id, Suggestion.proposer_id == person.id)
    return db.session.scalars(own.where(Suggestion.state == "open")).all()


def open_at_merged(target_id: int) -> Sequence[Suggestion]:
    """What waits at ideas that were merged into this one."""
    waiting = select(Suggestion).where(Suggestion.state == "open", Suggestion.idea_id.in_(ids_merged_into(target_id)))
    return db.session.scalars(waiting.options(joinedload(Suggestion.proposer)).order_by(Suggestion.id)).all()


def text_of(idea: Idea, part: str, *, number: int | None = None) -> str:
    """How a part reads now, or read at a revision. Raises NotThere when there is no such revision."""
    if number in (None, idea.revision):
        return str(getattr(idea, part))
    revision = revision_of(idea, number or 0)
    return revision.title if part == "title" else str(revision.sections.get(part, ""))


@dataclass(frozen=True)
class Word:
    """What someone hears of suggestions: one that waits for them, or what became of their own."""

    suggestion: Suggestion
    idea: Idea


def words_for(person: User) -> list[Word]:
    """What waits for this person to decide, the longest first, and what was decided of late on theirs. One query."""
    waits = and_(Suggestion.state == "open", or_(Post.author_id == person.id, is_co_authored_by(person)))
    answered = and_(
        Suggestion.proposer_id == person.id,
        Suggestion.state.in_(("accepted", "rejected", "set_aside")),
        Suggestion.decided_at >= now() - TOLD_FOR,
    )
    found = (
        select(Idea)
        .where(is_named(person))
        .join(Suggestion, Suggestion.idea_id == Idea.id)
        .where(Post.hidden_at.is_(None), or_(waits, answered))
        .add_columns(Suggestion)
        .options(joinedload(Suggestion.proposer))
        .order_by(Suggestion.state != "open", Suggestion.id)
        .limit(ON_DESK)
    )
    return [Word(suggestion, idea) for idea, suggestion in db.session.execute(found)]


_FACTS = ("id", "part", "base", "text", "reason", "state", "made_at", "decided_at", "reply", "revision")


def _rows(idea: Idea) -> Select[Any]:
    """The facts, what it became, who suggested it and who decided."""
    proposer, decider = aliased(User), aliased(User)
    people = [column for user in (proposer, decider) for column in (user.id, user.name, user.display_name, user.kind)]
    return (
        select(*(getattr(Suggestion, name) for name in _FACTS), Suggestion.became_id, *people)
        .join(proposer, proposer.id == Suggestion.proposer_id)
        .outerjoin(decider, decider.id == Suggestion.decider_id)
        .where(Suggestion.idea_id == idea.id)
    )


def _shown(viewer: Viewer, rows: Select[Any]) -> list[SuggestionRow]:
    found = db.session.execute(rows).all()
    budget = Budget()
    links = idea_links(viewer, {row.became_id for row in found if row.became_id})
    return [
        SuggestionRow(
            **dict(zip(_FACTS, row, strict=False)),
            proposer=Author(*row[-8:-4]),
            decider=Author(*row[-4:]) if row[-4] else None,
            became=links.get(row.became_id),
            budget=budget,
        )
        for row in found
    ]
