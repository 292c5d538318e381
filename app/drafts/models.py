"""Drafts, their versions, and who may read them beside their writers."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now


@dataclass(frozen=True)
class Kind:
    """A form that is kept. Its room shows it with views.keeping_of, fills it with views.continued, and names its fields
    on the page of a draft."""

    name: str
    form: str = ""
    """Its address, of a Place; empty for one that stands on the page of what it is about."""
    chosen: frozenset[str] = frozenset()
    """Fields of this form in which nobody writes, beside those that no form writes in."""


KINDS = {
    "idea": Kind(_l("New idea"), "/ideas/new"),
    "idea-of-suggestion": Kind(_l("New idea from a suggestion"), "/ideas/{0.post_id}/suggestions/{0.comment_id}/idea"),
    "idea-revision": Kind(_l("Change to an idea"), "/ideas/{0.post_id}/edit"),
    "question": Kind(_l("New question"), "/questions/new"),
    "question-of-comment": Kind(_l("Question from a comment"), "/comments/{0.comment_id}/question"),
    "question-revision": Kind(_l("Change to a question"), "/questions/{0.post_id}/edit"),
    "answer": Kind(_l("Answer")),
    "answer-revision": Kind(_l("Change to an answer"), "/answers/{0.answer_id}/edit"),
    "comment": Kind(_l("Comment")),
    "suggestion": Kind(_l("Suggested edit"), "/ideas/{0.post_id}/suggestions/new"),
    "review": Kind(
        _l("Review"),
        "/ideas/{0.post_id}/reviews/new",
        frozenset(("problem", "approach", "evidence", "safety", "feasibility")),
    ),
}
SENT = "sent"
"""The kind of what is left of a draft once its text was sent: its key, so that what comes late is not kept, and its
address, which leads to what it became."""
MOST_DRAFTS = 50
"""That a person may have."""
MOST_VERSIONS = 20
"""Of one draft; older ones are given up."""
MOST_READERS = 20
LONGEST_KEY = 64
LONGEST_TITLE = 120
"""Characters of what a list shows."""

Fields = list[list[str]]
"""What a form holds, as pairs of a name and a value, in its order."""

_PLACE = re.compile(rf"({'|'.join(sorted(KINDS, key=len, reverse=True))})((?:-(?:0|[1-9][0-9]{{0,8}})){{0,3}})")


@dataclass(frozen=True)
class Place:
    """The form that a draft is written in; as text it is `idea`, `idea-revision-7` or `comment-7-0-12`."""

    kind: str
    """One of KINDS."""
    post_id: int = 0
    answer_id: int = 0
    comment_id: int = 0
    """That is replied to, or asked as a question; of an idea out of a suggestion, that one."""

    def __str__(self) -> str:
        ids = [self.post_id, self.answer_id, self.comment_id]
        while ids and not ids[-1]:
            ids.pop()
        return "-".join([self.kind, *map(str, ids)])

    @property
    def form_address(self) -> str:
        """Empty where the form has no page of its own."""
        return KINDS[self.kind].form.format(self)

    @classmethod
    def named(cls, text: str) -> Place | None:
        """None for what is no place, such as a comment on nothing."""
        found = _PLACE.fullmatch(text)
        if found is None:
            return None
        place = cls(found[1], *map(int, found[2].split("-")[1:]))
        is_new = place.kind in ("idea", "question")
        is_whole = bool(place.answer_id) >= (place.kind == "answer-revision")
        is_whole = is_whole and bool(place.comment_id) >= (place.kind in ("question-of-comment", "idea-of-suggestion"))
        return place if str(place) == text and is_whole and is_new == (not place.post_id) else None


class Draft(Model):
    """One text that was not sent yet."""

    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_urlsafe(16))
    """Its address; whoever is not to read it learns nothing from it."""
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str]
    """Tells the form from every other one of the same writer, in whatever tab or device it is open."""
    kind: Mapped[str]
    """One of KINDS, or SENT."""
    place: Mapped[str]
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    """What it would change, answer or remark on, or is a copy of, where only a group may read that.
    Once it was sent, what it became."""
    title: Mapped[str]
    """Its first words, for lists."""
    version: Mapped[int]
    """Number of the newest version, 0 without any; who saves says which one they saw."""
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)

    person: Mapped[User] = relationship()


class DraftVersion(Model):
    """How a draft read once."""

    __table_args__ = (UniqueConstraint("draft_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    number: Mapped[int]
    fields: Mapped[Fields] = mapped_column(JSON)
    size: Mapped[int]
    """Characters of its texts."""
    tab: Mapped[str]
    """The page on which it was typed, and how often something was changed there until then: `page 17`. What goes on
    there may always be saved, and what comes late from there is older. Empty for what came without a script."""
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """Until it is older, or loses words, what is typed on the same page goes on in it."""
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)

    @property
    def page(self) -> str:
        return self.tab.partition(" ")[0]

    @property
    def turn(self) -> int:
        return int(self.tab.partition(" ")[2] or 0)


class DraftReader(Model):
    """Someone whom the writer lets read a draft."""

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    shared_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    person: Mapped[User] = relationship()
