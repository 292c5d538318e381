"""How an idea came to its stage, and what each stage asks of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names
from flask_babel import gettext as _
from sqlalchemy import TableClause, column, func, select

from app.accounts.models import User
from app.accounts.queries import Author
from app.database import db
from app.forum.models import Comment, Post
from app.forum.queries import Tags, writes
from app.ideas.models import ARCHIVED, Idea
from app.journal.models import JournalEntry
from app.questions.models import Question
from app.stages.models import ACTION, Move, move_in

REQUESTS = TableClause("change_request", column("comment_id"), column("idea_id"), column("state"))
"""Of a higher room."""
MOVES_SHOWN = 50
ENOUGH_COMMENTS = 2
IN_FIGURES = re.compile(r"\d{1,2}\.\s?\d{1,2}\.|\b\d{1,2}/\d{1,2}\b|\b\d{4}-\d{1,2}\b|\b20\d\d\b|\d\s?[月日월일]")
"""A date in figures, in digits of any script."""
LINK = re.compile(r"https?://\S|\bdoi:\s?10\.", re.IGNORECASE)


@dataclass(frozen=True)
class MoveRow:
    """A move with who made it and when."""

    id: int
    """Of its entry in the journal."""
    move: Move
    by: Author | None
    moved_at: datetime


def moves_of(idea_id: int, *, most: int = MOVES_SHOWN) -> list[MoveRow]:
    """The last one first; one query."""
    found = db.session.execute(
        select(JournalEntry.id, JournalEntry.note, JournalEntry.created_at, User.id, User.name)
        .add_columns(User.display_name, User.kind)
        .outerjoin(User, User.id == JournalEntry.by_id)
        .where(JournalEntry.post_id == idea_id, JournalEntry.action == ACTION)
        .order_by(JournalEntry.id.desc())
        .limit(most)
    )
    return [
        MoveRow(entry_id, move, None if author[0] is None else Author(*author), moved_at)
        for entry_id, note, moved_at, *author in found
        if (move := move_in(note))
    ]


def last_move(idea_id: int) -> MoveRow | None:
    return next(iter(moves_of(idea_id, most=1)), None)


@dataclass(frozen=True)
class Criterion:
    """One thing that a stage asks for."""

    text: str
    is_met: bool
    is_hard: bool = False
    """Without it the idea does not get there."""
    section: str = ""
    """Where the editor is to open: a section, or a field of tags."""

    @property
    def anchor(self) -> str:
        return self.section if self.section in ("problem", "needed_roles") else f"{self.section}-part"


@dataclass(frozen=True)
class Feedback:
    """What others than its authors gave to an idea, as far as everyone who sees it may know."""

    comments: int = 0
    questions: int = 0
    answered: int = 0
    worked_in: int = 0
    """Requests that a revision answers, and that nobody opened again."""


def feedback_on(idea: Idea) -> Feedback:
    """One query."""
    comments = select(func.count(Comment.id)).where(
        Comment.post_id == idea.id,
        ~writes(Comment.author_id, idea.id),
        Comment.deleted_at.is_(None),
        Comment.hidden_at.is_(None),
    )
    questions = (
        select(func.count(Question.id))
        .where(Question.idea_id == idea.id, ~writes(Post.author_id, idea.id), Post.group_id == idea.group_id)
        .where(Post.deleted_at.is_(None), Post.hidden_at.is_(None))
    )
    answered = questions.where(Question.answer_count > 0)
    worked_in = (
        select(func.count(REQUESTS.c.comment_id))
        .join(Comment, Comment.id == REQUESTS.c.comment_id)
        .where(REQUESTS.c.idea_id == idea.id, REQUESTS.c.state == "answered", ~writes(Comment.author_id, idea.id))
        .where(Comment.deleted_at.is_(None), Comment.hidden_at.is_(None))
    )
    counts = [each.scalar_subquery() for each in (comments, questions, answered, worked_in)]
    return Feedback(*db.session.execute(select(*counts)).one())


Criteria = Mapping[str, Sequence[Criterion]]
"""By stage. What is said with the move itself is not among them."""


def criteria_of(idea: Idea, tags: Tags, feedback: Feedback, *, was_ready: bool) -> Criteria:
    """What each stage asks of the idea as it reads now."""
    plan = [
        Criterion(_("The problem is said"), bool(idea.problem), True, "problem"),
        Criterion(_("What you would do is said"), bool(idea.approach), True, "approach"),
        Criterion(_("The next step is said"), bool(idea.next_step), True, "next_step"),
        Criterion(_("The next step has a date"), has_date(idea.next_step, idea.language), False, "next_step"),
        Criterion(_("Place and people are said"), bool(idea.place), False, "place"),
        Criterion(_("The impact is said"), bool(idea.impact), False, "impact"),
        Criterion(_("What it needs or costs is said"), bool(idea.needs or idea.costs), False, "needs"),
        Criterion(_("The evidence links to a source"), bool(LINK.search(idea.evidence)), False, "evidence"),
        Criterion(_("The roles that it still needs are named"), bool(tags.needed_roles), False, "needed_roles"),
        Criterion(
            _("Two comments of others, an answered question about it, or a request that was worked in"),
            feedback.comments >= ENOUGH_COMMENTS or feedback.answered > 0 or feedback.worked_in > 0,
        ),
    ]
    return {
        "published": plan[:1],
        "refining": [
            Criterion(
                _("Somebody else commented on it or asked about it"), bool(feedback.comments or feedback.questions)
            )
        ],
        "ready": plan,
        "submitted": [Criterion(_("It was ready before"), was_ready, True), *plan],
        "featured": [
            Criterion(_("It was submitted"), idea.stage == "submitted"),
            Criterion(_("A moderator says in public why it is good work"), idea.featured_at is not None, True),
        ],
        ARCHIVED: [],
    }


def was_ready(idea: Idea, moves: Sequence[MoveRow]) -> bool:
    return idea.stage in ("ready", "submitted") or any("ready" in (row.move.before, row.move.after) for row in moves)


def missing(criteria: Sequence[Criterion]) -> list[Criterion]:
    """Those without which the idea does not get there."""
    return [each for each in criteria if each.is_hard and not each.is_met]


def has_date(text: str, language: str) -> bool:
    """Whether a text names a day, a month or a year, in figures or in the words of its language."""
    words = {word.strip(".,;:()") for word in text.split()}
    return bool(IN_FIGURES.search(text)) or not words.isdisjoint(_names_of_days(language))


@lru_cache(maxsize=64)
def _names_of_days(language: str) -> frozenset[str]:
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    wide = [get_month_names("wide", locale=locale), get_month_names("wide", "stand-alone", locale=locale)]
    wide.append(get_day_names("wide", locale=locale))
    return frozenset(form for names in wide for name in names.values() for form in (name, name.capitalize()))
