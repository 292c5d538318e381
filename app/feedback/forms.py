"""What a button beside a match sends."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel import gettext as _

from app.codes import LANGUAGES
from app.refusals import Refusal
from app.search.queries import Key

KINDS = "idea|question|nugget|resource|person"
PLACE = re.compile(rf"(draft|{KINDS})-(\d{{1,9}}) ({KINDS})-(\d{{1,9}}) (\d{{1,3}}) ({'|'.join(LANGUAGES)})")


@dataclass(frozen=True)
class Place:
    """Where a match stood: beside which text, at which rank of its list."""

    subject: Key
    match: Key
    rank: int
    language: str
    """Of the match."""

    def __str__(self) -> str:
        subject, match = ("-".join(map(str, key)) for key in (self.subject, self.match))
        return f"{subject} {match} {self.rank} {self.language}"


def read_place(text: str) -> Place:
    """The inverse of `str`. Raises Refusal."""
    found = PLACE.fullmatch(text)
    if not found:
        raise Refusal(_("This button sent something that cannot be read. Reload the page and press it again."))
    subject_kind, subject_id, match_kind, match_id, rank, language = found.groups()
    return Place((subject_kind, int(subject_id)), (match_kind, int(match_id)), int(rank), language)
