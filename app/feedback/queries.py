"""What a person said of matches, and what follows for their lists."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.accounts.models import Guest, User, Viewer
from app.database import db
from app.feedback.forms import Place
from app.feedback.models import Impression, Judgement
from app.forum.models import Post
from app.forum.queries import is_visible
from app.groups.queries import is_listed_to
from app.search.queries import Key
from app.search.rows import SubjectRow, subject_rows

NEWEST = 500
"""So many judgements of a person have an effect; older ones are kept and counted."""


@dataclass(frozen=True)
class Said:
    """A person's judgements, as their lists are made by them."""

    beside: dict[tuple[Key, Key], str] = field(default_factory=dict)
    """The verdict by subject and match."""
    unsafe: frozenset[Key] = frozenset()
    known: frozenset[Key] = frozenset()
    languages: frozenset[str] = frozenset()
    """Of which the person wants no matches."""

    def hides(self, subject: Key, match: Key, language: str) -> bool:
        """People are hidden by what was said of them, never by the language in which they describe themselves."""
        verdict = self.beside.get((subject, match))
        is_known_already = subject[0] == "person" and match in self.known
        is_in_unwanted_language = match[0] != "person" and language in self.languages
        is_said_so = verdict not in (None, "useful") or match in self.unsafe
        return is_said_so or is_in_unwanted_language or is_known_already

    def mark(self) -> Hashable:
        """Equal marks hide and show the same."""
        return frozenset(self.beside.items())


def said_by(viewer: Viewer) -> Said:
    rows = judgements_of(viewer)
    return Said(
        beside={(row.subject, row.match): row.verdict for row in rows},
        unsafe=frozenset(row.match for row in rows if row.verdict == "unsafe"),
        known=frozenset(row.match for row in rows if row.verdict == "known"),
        languages=frozenset(
            row.language for row in rows if row.verdict == "wrong-language" and row.match_kind != "person"
        ),
    )


def judgements_of(person: Viewer) -> Sequence[Judgement]:
    """The newest first."""
    own = select(Judgement).where(Judgement.person_id == person.id)
    return db.session.scalars(own.order_by(Judgement.judged_at.desc(), Judgement.id.desc()).limit(NEWEST)).all()


@dataclass(frozen=True)
class JudgementRow:
    """One of one's own judgements, as the page of them shows it. Rows of what one may not see any more are None."""

    judgement: Judgement
    match: SubjectRow | None
    subject: SubjectRow | None

    @property
    def place(self) -> Place:
        told = self.judgement
        return Place(told.subject, told.match, told.rank, told.language)


def judgement_rows(person: User) -> list[JudgementRow]:
    judgements = judgements_of(person)
    rows = subject_rows(person, {key for each in judgements for key in (each.match, each.subject)})
    return [JudgementRow(each, rows.get(each.match), rows.get(each.subject)) for each in judgements]


@dataclass(frozen=True)
class UnsafeMatch:
    row: SubjectRow
    people: int
    """How many said that it is unsafe."""


def unsafe_matches(moderator: Viewer) -> list[UnsafeMatch]:
    """What members marked as unsafe, most often first, of what the moderator may see and is not hidden."""
    counted = (
        select(Judgement.match_kind, Judgement.match_id, func.count(Judgement.person_id.distinct()).label("people"))
        .where(Judgement.verdict == "unsafe")
        .group_by(Judgement.match_kind, Judgement.match_id)
        .order_by(func.count(Judgement.person_id.distinct()).desc(), Judgement.match_kind, Judgement.match_id)
    )
    found = {(kind, match_id): people for kind, match_id, people in db.session.execute(counted)}
    rows = subject_rows(moderator, found)
    return [UnsafeMatch(rows[key], people) for key, people in found.items() if key in rows]


@dataclass(frozen=True)
class JudgedMatch:
    """What someone said of a match of two texts that everyone may see, and that they were shown."""

    subject: Key
    """The text beside which the match stood: what was asked with."""
    match: Key
    is_relevant: bool
    """Useful or known already, as opposed to about another topic."""
    person_id: int
    strength: str
    """As it was shown last; empty where the match stood for another reason than what the texts share."""
    weights: str
    judged_at: datetime


RELEVANT = {"useful": True, "known": True, "wrong-topic": False}
"""What verdicts say of ranking; the others speak of a language or of a harm."""


def public_judgements() -> list[JudgedMatch]:
    """Judgements from which weights may learn and by which they are measured, oldest first, in one query.

    Drafts, private groups and people who did not agree to be listed take no part, on either side.
    """
    its_impressions = select(Impression.strength).where(
        Impression.person_id == Judgement.person_id, *(at(Impression) == at(Judgement) for at in _PLACE)
    )
    strength = its_impressions.order_by(Impression.shown_on.desc()).limit(1).scalar_subquery()
    judged = (
        select(Judgement, strength)
        .where(*_is_public_place(Judgement), Judgement.verdict.in_(RELEVANT), its_impressions.exists())
        .order_by(Judgement.judged_at, Judgement.id)
    )
    return [
        JudgedMatch(
            subject=judgement.subject,
            match=judgement.match,
            is_relevant=RELEVANT[judgement.verdict],
            person_id=judgement.person_id,
            strength=shown_as,
            weights=judgement.weights,
            judged_at=judgement.judged_at,
        )
        for judgement, shown_as in db.session.execute(judged)
    ]


def public_impressions(*, since: date) -> Select[Impression]:
    """What members were shown beside texts that everyone may see, of such texts."""
    shown = select(Impression).select_from(Impression)
    return shown.where(Impression.shown_on >= since, *_is_public_place(Impression))


def is_public(kind: Any, subject_id: Any) -> ColumnElement[bool]:
    """Whether everyone may see the subject, as a condition on its two columns."""
    posts = select(Post.id).where(is_visible(Guest())).correlate(None)
    listed = select(User.id).where(is_listed_to(Guest())).correlate(None)
    return or_(
        kind.in_(("nugget", "resource")),
        and_(kind.in_(("idea", "question")), subject_id.in_(posts)),
        and_(kind == "person", subject_id.in_(listed)),
    )


def _is_public_place(model: type[Judgement] | type[Impression]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return is_public(model.subject_kind, model.subject_id), is_public(model.match_kind, model.match_id)


_PLACE = tuple(attrgetter(name) for name in ("subject_kind", "subject_id", "match_kind", "match_id"))
