"""The numbers as a page and a terminal show them: sections of rows, with what they mean in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask_babel import format_date, format_decimal, format_percent, format_timedelta, ngettext
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.codes import language_name
from app.database import db, now
from app.matching.weights import weights_history
from app.quality.models import ENOUGH_JUDGEMENTS, ENOUGH_PEOPLE, LOOKED_AT, OTHERS, Measured
from app.taxonomy.queries import all_roles

HISTORY = timedelta(days=90)
ROOM = 1.05
"""Beyond the longest bar, so that a mark at its end is seen whole."""
DRAWN = ("precision", "unmatched")
"""Measures that are drawn over time."""


@dataclass(frozen=True)
class Row:
    """A part with its share, and beside it what stands in the table."""

    label: str
    cells: Sequence[str]
    share: float
    beside: float | None = None
    """The share that it is compared with."""


@dataclass(frozen=True)
class Chart:
    """A drawing and its table."""

    id: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    most: float = 1.0
    """The share that fills the width."""

    @property
    def table(self) -> list[tuple[str, Sequence[str]]]:
        return [(row.label, row.cells) for row in self.rows]


@dataclass(frozen=True)
class Line:
    """One share over days, oldest first, with its table."""

    id: str
    title: str
    column: str
    points: Sequence[tuple[date, float]]

    @property
    def table(self) -> list[tuple[str, Sequence[str]]]:
        """The newest first."""
        return [(format_date(day), [format_percent(share)]) for day, share in reversed(self.points)]


@dataclass(frozen=True)
class Figure:
    """One number with what it stands for."""

    value: str
    label: str


@dataclass(frozen=True)
class Section:
    """What one asks of matches, and the answer in numbers; `nothing` says why there are none."""

    id: str
    title: str
    meaning: str
    nothing: str
    figures: Sequence[Figure] = ()
    line: Line | None = None
    charts: Sequence[Chart] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    """Sentences by what they are about."""

    @property
    def is_empty(self) -> bool:
        return not (self.figures or self.charts)


@dataclass(frozen=True)
class Report:
    """Match quality as it was measured last."""

    measured_at: datetime | None
    sections: Sequence[Section]


Numbers = Mapping[str, Sequence[Measured]]


def quality_report() -> Report:
    """A few queries, however much there is."""
    newest = db.session.scalars(
        select(Measured).where(Measured.day == select(func.max(Measured.day)).scalar_subquery())
    ).all()
    numbers: dict[str, list[Measured]] = defaultdict(list)
    for each in sorted(newest, key=lambda each: (-each.share, each.part)):
        numbers[each.measure].append(each)
    past = _past()
    return Report(
        measured_at=max((each.measured_at for each in newest), default=None),
        sections=[
            _precision(numbers, past["precision"]),
            _unmatched(numbers, past["unmatched"]),
            _freshness(numbers),
            _exposure(numbers),
            _opened(numbers),
            _weights(numbers),
        ],
    )


def _past() -> dict[str, list[tuple[date, float]]]:
    whole = select(Measured).where(Measured.measure.in_(DRAWN), Measured.part == "")
    past: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for each in db.session.scalars(whole.where(Measured.day >= (now() - HISTORY).date()).order_by(Measured.day)):
        past[each.measure].append((each.day, each.share))
    return past


def _precision(numbers: Numbers, past: Sequence[tuple[date, float]]) -> Section:
    figures = [
        Figure(
            format_percent(each.share),
            _(
                "of %(total)s judgements by %(people)s people found the match useful or knew it",
                total=format_decimal(each.total),
                people=format_decimal(each.people),
            ),
        )
        for each in numbers["precision"]
    ]
    names = {"precision by list": kind_names(), "precision by strength": strength_names()}
    titles = {"precision by list": _("By list"), "precision by strength": _("By strength")}
    return Section(
        id="precision",
        title=_("Are matches on the subject?"),
        meaning=_(
            "Members say of a match that it is useful, that they knew it, or that it is about another topic. The share "
            "is useful and known ones among these three, over the last 90 days."
        ),
        nothing=_(
            "Not enough judgements yet: a number is shown from %(judgements)s judgements by %(people)s people on.",
            judgements=ENOUGH_JUDGEMENTS,
            people=ENOUGH_PEOPLE,
        ),
        figures=figures,
        line=Line("precision-days", _("Over time"), _("On the subject"), past) if len(past) > 1 else None,
        charts=[
            Chart(
                measure.replace(" ", "-"),
                title,
                _judged_columns(),
                [_judged_row(by_part[part], names[measure]) for part in names[measure] if part in by_part],
            )
            for measure, title in titles.items()
            if (by_part := {each.part: each for each in numbers[measure]})
        ],
    )


def _judged_columns() -> list[str]:
    return [_("On the subject"), _("Judgements"), _("People")]


def _judged_row(each: Measured, names: Mapping[str, str]) -> Row:
    cells = [format_percent(each.share), format_decimal(each.total), format_decimal(each.people)]
    return Row(names.get(each.part, each.part), cells, each.share)


def _unmatched(numbers: Numbers, past: Sequence[tuple[date, float]]) -> Section:
    return Section(
        id="unmatched",
        title=_("How many texts have no match?"),
        meaning=_(
            "What is not close enough is not shown, so some texts have nothing beside them. Counted once a day as a "
            "guest sees it, for at most %(most)s texts that stand evenly for all.",
            most=LOOKED_AT,
        ),
        nothing=_("Not counted yet."),
        figures=[
            Figure(
                format_percent(each.share),
                ngettext(
                    "of %(num)s text looked at has no match", "of %(num)s texts looked at have no match", each.total
                ),
            )
            for each in numbers["unmatched"]
        ],
        line=Line("unmatched-days", _("Over time"), _("Without a match"), past) if len(past) > 1 else None,
        charts=[
            Chart(
                measure.replace(" ", "-"),
                title,
                [_("Without a match"), _("Texts")],
                [
                    Row(name_of(each.part), [format_percent(each.share), format_decimal(each.total)], each.share)
                    for each in some
                ],
            )
            for measure, title, name_of in (
                ("unmatched by kind", _("By kind of text"), text_names().__getitem__),
                ("unmatched by language", _("By language of the text"), language_name),
            )
            if (some := numbers[measure])
        ],
    )


def _freshness(numbers: Numbers) -> Section:
    meanings = {
        "median": _("for half of the ideas, at most this long from saving to their matches"),
        "p95": _("for 19 of 20 ideas, at most this long"),
    }
    timed = {each.part: each for each in numbers["freshness"]}
    figures = [Figure(duration(timed[part].count), meaning) for part, meaning in meanings.items() if part in timed]
    figures += [
        Figure(
            format_decimal(each.count),
            ngettext("text waited when this was measured", "texts waited when this was measured", each.count),
        )
        for each in numbers["waiting"]
    ]
    return Section(
        id="freshness",
        title=_("How soon does an edit count?"),
        meaning=_("The time from saving an idea until it can be matched as it reads now, over the last 30 days."),
        nothing=_("Not measured yet."),
        figures=figures,
    )


def _exposure(numbers: Numbers) -> Section:
    roles = {role.id: role.name for role in all_roles()}
    facets: dict[str, tuple[str, Callable[[str], str]]] = {
        "language": (_("By language"), language_name),
        "role": (_("By role that a text serves"), lambda part: roles.get(part, part)),
        "author role": (_("By role of authors who may be asked"), lambda part: roles.get(part, part)),
    }
    others = _("Others")
    charts = []
    for facet, (title, name_of) in facets.items():
        shown = {each.part: each.share for each in numbers[f"shown by {facet}"]}
        texts = {each.part: each.share for each in numbers[f"texts by {facet}"]}
        parts = sorted(shown.keys() | texts.keys(), key=lambda part: (part == OTHERS, -texts.get(part, 0.0), part))
        rows = []
        for part in parts:
            share, beside = shown.get(part, 0.0), texts.get(part, 0.0)
            name = others if part == OTHERS else name_of(part)
            rows.append(Row(name, [format_percent(share), format_percent(beside)], share, beside))
        if rows:
            columns = [_("Of what was shown"), _("Of all texts")]
            most = ROOM * max(max(row.share, row.beside or 0.0) for row in rows)
            charts.append(Chart(f"exposure-{facet.replace(' ', '-')}", title, columns, rows, most))
    return Section(
        id="exposure",
        title=_("Is everyone’s text shown?"),
        meaning=_(
            "The bar is a group’s share of the ideas and questions that members were shown beside texts in the last 90 "
            "days; the mark is its share of all ideas and questions. A bar far short of its mark is a group that "
            "matches pass over. A text can serve several roles."
        ),
        nothing=too_few_shown(),
        charts=charts,
    )


def _opened(numbers: Numbers) -> Section:
    names = kind_names()
    rows = [
        Row(names[each.part], [format_percent(each.share), format_decimal(each.total)], each.share)
        for each in numbers["opened"]
    ]
    columns = [_("Opened"), _("Shown")]
    return Section(
        id="opened",
        title=_("Are matches opened?"),
        meaning=_(
            "Of the matches that members were shown in the last 90 days, each counted once a day, how many led to "
            "their page. Browsers that run no scripts do not tell, so the true share is higher."
        ),
        nothing=too_few_shown(),
        charts=[Chart("opened-by-list", _("By list"), columns, rows)] if rows else [],
    )


def _weights(numbers: Numbers) -> Section:
    judged = {each.part: each for each in numbers["precision by weights"]}
    history = weights_history()
    sets = sorted({name for record in history for name in record.scores})
    charts = [
        Chart(
            f"weights-set-{number}",
            _("Order on the judged texts “%(name)s”", name=name),
            ["nDCG@10"],
            [
                Row(record.name, [format_decimal(score)], score)
                for record in history
                if (score := record.scores.get(name)) is not None
            ],
        )
        for number, name in enumerate(sets, start=1)
    ]
    if judged:
        rows = [_judged_row(judged[record.name], {}) for record in history if record.name in judged]
        charts.insert(0, Chart("weights-judged", _("As members judged them"), _judged_columns(), rows))
    return Section(
        id="weights",
        title=_("Which weights were used, and how good were they?"),
        meaning=_(
            "Weights say how much each part of a match adds to its score. Beside what members say, they are measured "
            "on sets of texts that people judged elsewhere: nDCG@10 is 1 when the ten first are in the best order."
        ),
        nothing="",
        charts=charts,
        notes={
            f"{record.name}, {text_names().get(kind, kind)}": sentence
            for record in history
            for kind, sentence in record.measured.items()
        },
    )


def too_few_shown() -> str:
    return _(
        "Not enough was shown yet: shares are given from %(matches)s matches shown to %(people)s people on.",
        matches=ENOUGH_JUDGEMENTS,
        people=ENOUGH_PEOPLE,
    )


def duration(seconds: int) -> str:
    """In words, as exact as it is worth."""
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5) if seconds else _("under a second")


def kind_names() -> dict[str, str]:
    """Of lists of matches."""
    return {
        "idea": _("Ideas"),
        "question": _("Questions"),
        "person": _("People"),
        "resource": _("Course and library"),
    }


def text_names() -> dict[str, str]:
    return {
        "idea": _("Ideas"),
        "question": _("Questions"),
        "nugget": _("Course pieces"),
        "resource": _("Resources"),
        "person": _("People"),
    }


def strength_names() -> dict[str, str]:
    return {
        "close": _("Close"),
        "related": _("Related"),
        "worth a look": _("Worth a look"),
        "": _("For a role or topic alone"),
    }
