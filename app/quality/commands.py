"""Take the numbers of the day. Only what everyone may see takes part: see `feedback.queries.is_public`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, delete, func, literal, select

from app.accounts.models import Guest, user_role
from app.database import db, insert_into, now, transaction
from app.feedback.models import Impression
from app.feedback.queries import JudgedMatch, is_public, public_impressions, public_judgements
from app.forum.models import Post, post_role
from app.forum.queries import is_visible
from app.matching.commands import waiting_subjects
from app.matching.encoding import encoding
from app.matching.models import MatchableText
from app.matching.queries import matches_of
from app.quality.models import ENOUGH_JUDGEMENTS, ENOUGH_PEOPLE, LOOKED_AT, OTHERS, Measured
from app.search.queries import CONTENT_VERSION, Key, subject_ids, visible_keys
from app.search.rows import subject_rows

WINDOW = timedelta(days=90)
"""So far back go judgements and what was shown; those by weights go back to the first."""
RECENT = timedelta(days=30)
"""So far back go texts whose way to their matches is timed."""
TIMED = 2000
EVERYONE = Guest()


def measure_matches(*, looks_again: bool = True) -> None:
    """Replaces what was measured earlier on this day.

    Finding the matches of some hundred texts takes seconds: unless it `looks_again`, it is done once a day.
    """
    today = now().date()
    unmatched = [] if looks_again else _unmatched_on(today)
    numbers = [*_precision(), *_opened(), *(unmatched or _unmatched()), *_freshness(), *_exposure()]
    rows = [{"day": today, "measured_at": now(), **asdict(number)} for number in numbers]
    fresh = insert_into(Measured).values(rows)
    counted = {name: fresh.excluded[name] for name in ("count", "total", "people", "measured_at")}
    with transaction():
        db.session.execute(delete(Measured).where(Measured.day == today))
        # Another process may have measured meanwhile.
        db.session.execute(fresh.on_conflict_do_update(index_elements=["day", "measure", "part"], set_=counted))


@dataclass(frozen=True)
class Number:
    """What becomes a row of Measured."""

    measure: str
    part: str
    count: int
    total: int
    people: int = 0

    @property
    def is_enough(self) -> bool:
        return self.total >= ENOUGH_JUDGEMENTS and self.people >= ENOUGH_PEOPLE


def _precision() -> list[Number]:
    """Useful or known, of those judged by their topic: of all, by list, by strength, by weights."""
    every = public_judgements()
    recent = [each for each in every if each.judged_at >= now() - WINDOW]
    return [
        *_judged("precision", recent, lambda _each: ""),
        *_judged("precision by list", recent, lambda each: list_of(each.match[0])),
        *_judged("precision by strength", recent, lambda each: each.strength),
        *_judged("precision by weights", every, lambda each: each.weights),
    ]


def _judged(measure: str, judged: Iterable[JudgedMatch], part_of: Callable[[JudgedMatch], str]) -> Iterator[Number]:
    by_part: dict[str, list[JudgedMatch]] = defaultdict(list)
    for each in judged:
        by_part[part_of(each)].append(each)
    for part, some in by_part.items():
        relevant, people = sum(each.is_relevant for each in some), len({each.person_id for each in some})
        number = Number(measure, part, relevant, len(some), people)
        if number.is_enough:
            yield number


def list_of(kind: str) -> str:
    """Course pieces and resources stand in one list."""
    return "resource" if kind == "nugget" else kind


def _opened() -> list[Number]:
    """Of the matches that members were shown, how many led to their page."""
    kind = case((Impression.match_kind == "nugget", "resource"), else_=Impression.match_kind)
    shown = public_impressions(since=_window()).group_by(kind)
    found = shown.with_only_columns(kind, func.count(Impression.opened_at), *_how_many())
    return [number for row in db.session.execute(found) if (number := Number("opened", *row)).is_enough]


def _unmatched() -> Iterator[Number]:
    """Texts beside which a guest sees nothing, among some that stand evenly for all."""
    looked_at: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for key, row in subject_rows(EVERYONE, _evenly(_public_keys(), LOOKED_AT)).items():
        matches = matches_of(EVERYONE, key)
        if not matches.is_catching_up:
            for place in (("unmatched", ""), ("unmatched by kind", key[0]), ("unmatched by language", row.language)):
                looked_at[place].append(not matches.every)
    for (measure, part), each in looked_at.items():
        yield Number(measure, part, sum(each), len(each))


def _unmatched_on(day: date) -> list[Number]:
    """As counted before."""
    counted = select(Measured).where(Measured.day == day, Measured.measure.startswith("unmatched"))
    return [Number(each.measure, each.part, each.count, each.total) for each in db.session.scalars(counted)]


def _public_keys() -> list[Key]:
    posts = select(Post.kind, Post.id).where(is_visible(EVERYONE)).order_by(Post.kind, Post.id)
    pieces: list[Key] = [(kind, subject_id) for kind in ("nugget", "resource") for subject_id in subject_ids(kind)]
    return [(kind, post_id) for kind, post_id in db.session.execute(posts)] + pieces


def _evenly(keys: Sequence[Key], most: int) -> list[Key]:
    count = min(len(keys), most)
    return [keys[place * len(keys) // count] for place in range(count)]


def _freshness() -> Iterator[Number]:
    """Seconds from a saved idea to its matches, and how many texts wait now.

    Ideas alone: a question is embedded again with each answer, an answer with its question. Those written before the
    oldest vectors in use waited for nothing: they were there when texts were embedded anew.
    """
    waiting = waiting_subjects()
    yield Number("waiting", "", len(visible_keys(EVERYONE, waiting)), 0)
    in_use = (MatchableText.encoders == encoding().name, MatchableText.form == CONTENT_VERSION)
    oldest = db.session.scalar(select(func.min(MatchableText.embedded_at)).where(*in_use))
    if oldest is None:
        return
    saved_at = func.coalesce(Post.edited_at, Post.published_at)
    timed = (
        select(saved_at, MatchableText.embedded_at)
        .join(Post, Post.id == MatchableText.subject_id)
        .where(*in_use, MatchableText.subject_kind == "idea", is_visible(EVERYONE))
        .where(saved_at >= max(oldest, now() - RECENT), saved_at <= MatchableText.embedded_at)
        .order_by(saved_at.desc())
        .limit(TIMED)
    )
    seconds = sorted((embedded - saved).total_seconds() for saved, embedded in db.session.execute(timed))
    if seconds:
        for part, place in (("median", 0.5), ("p95", 0.95)):
            yield Number("freshness", part, round(seconds[int(place * (len(seconds) - 1))]), len(seconds))


def _exposure() -> list[Number]:
    """Of the ideas and questions that members were shown, and of all there are: how many in each language, for each
    role that they serve, by people of each role."""
    shown = public_impressions(since=_window()).join(Post, Post.id == Impression.match_id)
    shown = shown.where(Impression.match_kind.in_(("idea", "question")))
    total, people = db.session.execute(shown.with_only_columns(*_how_many())).one()
    if not Number("", "", 0, total, people).is_enough:
        return []
    texts = select(Post).select_from(Post).where(is_visible(EVERYONE))
    texts_total = db.session.scalar(texts.with_only_columns(func.count())) or 0
    numbers = []
    for facet, (column, table, joined_on) in _FACETS.items():
        by_part: dict[str, dict[str, int]] = {}
        for side, rows in (("shown", shown), ("texts", texts)):
            among = rows.join(table, joined_on) if table is not None else rows
            counted = among.with_only_columns(column, func.count()).group_by(column)
            by_part[side] = {str(part): count for part, count in db.session.execute(counted)}
        small = {part for part, count in by_part["texts"].items() if count < ENOUGH_PEOPLE}
        for side, whole in (("shown", total), ("texts", texts_total)):
            folded: Counter[str] = Counter()
            for part, count in by_part[side].items():
                folded[OTHERS if part in small else part] += count
            numbers += [Number(f"{side} by {facet}", part, count, whole) for part, count in folded.items()]
    return numbers


_FACETS: dict[str, tuple[Any, Table | None, ColumnElement[bool] | None]] = {
    "language": (Post.language, None, None),
    "role": (post_role.c.role_id, post_role, post_role.c.post_id == Post.id),
    "author role": (
        user_role.c.role_id,
        user_role,
        and_(user_role.c.user_id == Post.author_id, is_public(literal("person"), Post.author_id)),
    ),
}


def _how_many() -> tuple[Any, Any]:
    return func.count(), func.count(Impression.person_id.distinct())


def _window() -> date:
    moment: datetime = now() - WINDOW
    return moment.date()
