"""What the composer sends while someone writes."""

from __future__ import annotations

from typing import Any

from app.accounts.models import Viewer
from app.codes import LANGUAGES
from app.forms import clean
from app.ideas.models import SECTIONS
from app.search.queries import SubjectText

MOST_CHARACTERS = 6000
"""Of each section: beyond that a draft tells no more about what goes with it."""


def draft_from(fields: Any, *, by: Viewer) -> SubjectText:
    """The text being written, from whatever fields of an idea's or question's form are filled. Nothing is refused."""
    kind = "question" if fields.get("kind") == "question" else "idea"
    names = ["title", "body", "tried"] if kind == "question" else ["title", *(section.key for section in SECTIONS)]
    sections = {name: text for name in names if (text := clean(fields.get(name, ""))[:MOST_CHARACTERS])}
    return SubjectText(
        kind=kind,
        id=_number(fields.get("post_id", "")),
        title=sections.get("title", ""),
        sections={name: text for name, text in sections.items() if any(letter.isalpha() for letter in text)},
        language=fields.get("language") if fields.get("language") in LANGUAGES else "en",
        author_id=by.id,
        country=fields.get("country") or None,
        topics=frozenset(fields.getlist("topics")),
        roles=frozenset(fields.getlist("roles")),
        needed_roles=frozenset(fields.getlist("needed_roles")),
    )


def is_enough(draft: SubjectText) -> bool:
    """Whether there is something to compare: ten characters, as long as a short title."""
    return sum(len(text) for text in draft.sections.values()) >= 10


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
