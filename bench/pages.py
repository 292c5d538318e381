"""How many pages a second, against the same pages from plain SQL and against a bare Flask hello; queries per page."""

from __future__ import annotations

import pickle
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select

from app.accounts.models import Guest
from app.database import db
from app.forum.models import Post
from app.forum.queries import post_address
from app.ideas.queries import Filters, facets_of, tag_names
from app.matching.queries import matches_of
from bench.community import PASSWORD, opened
from bench.load import CONNECTIONS, Browser, client_rate, has_wrk, hidden_fields, in_turns, median_ratio, page_rate
from bench.plain import KEPT
from bench.queries import query_figures
from bench.report import Answer, Figure
from bench.runs import Run
from bench.serve import serving
from bench.texts import generated_idea, searches

QUESTION = "Pages a second with two processes, and queries per page"
LEAST_RATIO = 0.5
WARM_UPS = 2
"""Rounds before the first that counts: each process must have read each popular idea."""
NODEBB = (
    "For scale, NodeBB 4.11 (two processes, nginx, Redis), measured earlier on such a machine with the same load: "
    "241 topic pages, 298 topic lists, 241 searches, 148 new posts a second."
)
KINDS = ("commons", "plain", "hello")


@dataclass(frozen=True)
class Size:
    ideas: int
    popular: int
    """Ideas that are read again and again."""
    rounds: int
    seconds: float


FULL = Size(ideas=10_000, popular=50, rounds=4, seconds=4)
QUICK = Size(ideas=200, popular=20, rounds=1, seconds=1)


def measure(run: Run) -> Answer:
    size = QUICK if run.is_quick else FULL
    instance = run.communities.copy_of(size.ideas, "pages")
    app = opened(instance, rate_limits=True)
    paths = idea_paths(app)
    popular, others = paths[: size.popular], paths[size.popular :]
    keep(app, instance, popular)
    pages = {
        "idea page": popular,
        "list page": [f"/ideas?page={number}" for number in range(1, min(20, size.ideas // 25) + 1)],
        "search page": [f"/search?q={quote(asked)}" for asked in searches(1000)],
    }
    counts = query_figures(app, [path[0] for path in pages.values()])
    with serving(instance, KINDS) as ports:
        figures = [figure for what, some in pages.items() for figure in page_figures(what, some, ports, size)]
        figures.append(first_view_figure(popular, others, ports["commons"], size))
        figures.append(posting_figure(ports, size))
    return Answer(QUESTION, [*figures, *counts], notes(size))


def idea_paths(app: Flask) -> list[str]:
    with app.app_context():
        posts = db.session.scalars(select(Post).where(Post.kind == "idea").order_by(Post.id)).all()
        return [post_address(post) for post in posts]


def keep(app: Flask, instance: Path, paths: Sequence[str]) -> None:
    """Hand to the plain application what the Commons keeps from one request to the next."""
    ids = [int(path.split("/")[2]) for path in paths]
    with app.app_context():
        matches = {idea_id: matches_of(Guest(), ("idea", idea_id)) for idea_id in ids}
        facets = facets_of(Guest(), Filters(), tag_names())
    (instance / KEPT).write_bytes(pickle.dumps({"matches": matches, "facets": facets}))
    forget(app)


def forget(app: Flask) -> None:
    """As after a restart: nothing is kept."""
    for name in [name for name in app.extensions if name.startswith("kept_")]:
        del app.extensions[name]


def page_figures(what: str, paths: Sequence[str], ports: Mapping[str, int], size: Size) -> list[Figure]:
    """Of a member, for whom every page is made anew, and of guests, for whom the Commons keeps pages that stay."""
    member = signed_in(ports["commons"]).cookies
    rate_of = {
        "member": partial(page_rate, ports["commons"], paths, size.seconds, member),
        "guest": partial(page_rate, ports["commons"], paths, size.seconds),
        "plain": partial(page_rate, ports["plain"], paths, size.seconds),
        "hello": partial(page_rate, ports["hello"], ["/"], size.seconds),
    }
    for rate in rate_of.values():
        for _ in range(WARM_UPS):
            rate()
    rates = in_turns(size.rounds, rate_of)
    against = {"plain": "plain SQL, same template", "hello": "bare Flask hello"}
    return [
        ratio_figure(
            f"{what}, {reader}",
            rates[reader],
            f"{against[other]}: {shown(rates[other])}",
            rates[other],
            has_aim=(what, other) == ("idea page", "plain"),
        )
        for reader in ("member", "guest")
        for other in against
    ]


def ratio_figure(
    what: str, rates: Sequence[float], against: str, others: Sequence[float], *, has_aim: bool = False
) -> Figure:
    ratio = median_ratio(rates, others)
    aim = f"at least {LEAST_RATIO}" if has_aim else ""
    return Figure(what, shown(rates), against, ratio, aim, ratio >= LEAST_RATIO if has_aim else None)


def first_view_figure(popular: Sequence[str], others: Sequence[str], port: int, size: Size) -> Figure:
    """Ideas that nobody has read since something changed: their matches are found anew."""
    share = len(others) // size.rounds
    unread = iter([others[at * share : (at + 1) * share] for at in range(size.rounds)])
    rates = in_turns(
        size.rounds,
        {
            "read before": lambda: page_rate(port, popular, size.seconds),
            "first": lambda: page_rate(port, next(unread), size.seconds),
        },
    )
    before = f"idea page, read before: {shown(rates['read before'])}"
    return ratio_figure("idea page, nobody read it since a change", rates["first"], before, rates["read before"])


def posting_figure(ports: Mapping[str, int], size: Size) -> Figure:
    writers = {
        "commons": [commons_writer(ports["commons"], number) for number in range(CONNECTIONS)],
        "plain": [partial(post_idea, Browser(ports["plain"]), {}, iter(range(10**6))) for _ in range(CONNECTIONS)],
    }
    rates = in_turns(size.rounds, {kind: partial(client_rate, some, size.seconds) for kind, some in writers.items()})
    plain = f"plain SQL, the same rows: {shown(rates['plain'])}"
    return ratio_figure("new idea posted", rates["commons"], plain, rates["plain"])


def commons_writer(port: int, number: int) -> Callable[[], None]:
    """A person who has signed in and opened the form."""
    browser = signed_in(port, number)
    return partial(post_idea, browser, hidden_fields(browser.get("/ideas/new"), "/ideas"), iter(range(10**6)))


def signed_in(port: int, number: int = 0) -> Browser:
    browser = Browser(port)
    fields = hidden_fields(browser.get("/sign-in"), "/sign-in")
    browser.post("/sign-in", {**fields, "name": f"person-{number}", "password": PASSWORD})
    return browser


def post_idea(browser: Browser, fields: Mapping[str, str], numbers: Iterator[int]) -> None:
    text = generated_idea(next(numbers))
    browser.post("/ideas", {**fields, "title": text.title, "problem": text.sections["problem"], "language": "en"})


def shown(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f}/s"


def notes(size: Size) -> list[str]:
    client = "wrk" if has_wrk() else "threads in Python, which take a share of the cores: wrk is not installed"
    return [
        f"{size.ideas:,} ideas; {CONNECTIONS} connections from {client}; "
        f"{size.rounds} rounds of {size.seconds:g} s in turns, medians.",
        "Pages of members are made for each request; those of guests are kept until a change, at most a minute.",
        "Served without rate limits, which one busy client would meet; queries are counted with them.",
        NODEBB,
    ]
