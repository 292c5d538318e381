"""How long one question to the matching takes, against a plain matrix product over as many vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.commands import open_session
from app.accounts.models import Guest, User
from app.database import db, transaction
from app.ideas.models import Idea
from app.matching.commands import move_generation
from app.matching.queries import CANDIDATES, matches_of
from app.matching.searching import search_everything
from app.pages import PAGE_SIZE
from app.search.queries import Key, SearchFilters
from bench.community import available_encoders, opened, section_vectors
from bench.report import Answer, Figure
from bench.runs import Run
from bench.texts import generated_idea, searches
from bench.timing import Call, in_pairs, percentile, shown, where_time_goes
from ml.encoders import Encoder, unit_rows

DIMENSION = 384
QUESTION = "Milliseconds to find what goes with a text, the encoder warm"
MOST_MILLISECONDS = {"related ideas": 40, "panel after one more sentence": 150}
UNWRITTEN = 10**6
"""Drafts are ideas from here on, which no instance has."""


@dataclass(frozen=True)
class Size:
    ideas: Sequence[int]
    aimed_at: int
    """The number of ideas that the aim speaks of."""
    calls: int


FULL = Size(ideas=(100, 2_000, 10_000, 20_000), aimed_at=10_000, calls=100)
QUICK = Size(ideas=(100, 200), aimed_at=200, calls=10)


def measure(run: Run) -> Answer:
    size = QUICK if run.is_quick else FULL
    figures, notes = [query_figure(available_encoders()[0], size)], []
    for ideas in size.ideas:
        asking = Asking(opened(run.communities.of(ideas)), ideas)
        product = matrix_product(asking.vectors)
        for what, call_of in asking.calls().items():
            aim = MOST_MILLISECONDS.get(what) if ideas == size.aimed_at else None
            figures.append(call_figure(f"{what}, {asking.amount}", call_of, product, size.calls, aim))
        if ideas == size.aimed_at:
            notes += [asking.where_it_goes(what, size.calls) for what in asking.calls()]
    notes.append(
        "Related ideas: each call asks for another idea, after a change to some idea; what did not change is kept."
    )
    notes.append(
        "The panel beside a form: the whole request of a member with its HTML; all but the last sentence was there at "
        "the pause before."
    )
    notes.append("Vectors are those of sections; each is the mean of its sentences' vectors by the real encoder.")
    return Answer(QUESTION, figures, notes)


class Asking:
    """What is asked of one instance, always something that was not asked before."""

    def __init__(self, app: Flask, ideas: int) -> None:
        self._app = app
        self.vectors = section_vectors(app)
        self.amount = f"{ideas:,} ideas, {self.vectors:,} vectors"
        with app.app_context():
            self._ids = db.session.scalars(select(Idea.__table__.c.id)).all()
        self._member = signed_in(app)

    def calls(self) -> dict[str, Callable[[int], Call]]:
        return {
            "related ideas": self.related,
            "panel of a new draft": self.new_draft,
            "panel after one more sentence": self.longer_draft,
            "search": self.search,
        }

    def related(self, number: int) -> Call:
        """As after a change: someone has just edited another idea."""
        asked, edited = (("idea", self._ids[(number * 37 + at) % len(self._ids)]) for at in (0, 1))
        self._ask(lambda: note_change(edited))
        return lambda: self._ask(lambda: matches_of(Guest(), asked))

    def new_draft(self, number: int) -> Call:
        self._app.extensions["encoding"].forget()
        return lambda: self._look_beside(number)

    def longer_draft(self, number: int) -> Call:
        """What a pause in typing asks for."""
        self.new_draft(number)()
        return lambda: self._look_beside(number, f" Since then {number} more shops asked for a box.")

    def _look_beside(self, number: int, more: str = "") -> None:
        headers = {"HX-Request": "true", "HX-Target": "similar"}
        with self._member.post("/matches/draft", data=draft_numbered(number, more), headers=headers) as answer:
            assert answer.status_code == 200, answer.status

    def search(self, number: int) -> Call:
        asked = searches(500)[number % 500]
        return lambda: self._ask(lambda: search_everything(Guest(), asked, SearchFilters(), start=0, size=PAGE_SIZE))

    def where_it_goes(self, what: str, calls: int) -> str:
        asked = (self.calls()[what](number) for number in range(calls, 2 * calls))
        return f"Where the time of “{what}” goes at {self.amount}, by the profiler: {where_time_goes(asked)}."

    def _ask(self, call: Call) -> object:
        """In a context of its own, as in a request."""
        with self._app.app_context():
            return call()


def note_change(key: Key) -> None:
    with transaction():
        move_generation([key])


def draft_numbered(number: int, more: str = "") -> dict[str, Any]:
    """As the form sends it."""
    idea = generated_idea(UNWRITTEN + number)
    fields = {"kind": "idea", "title": idea.title, "language": "en", **idea.sections}
    return {**fields, "problem": fields["problem"] + more}


def signed_in(app: Flask) -> FlaskClient:
    """A member's browser."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with app.test_request_context():
        member = db.session.scalars(select(User).where(User.kind == "member").order_by(User.id).limit(1)).one()
        open_session(member)
        token = member.session_token
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def query_figure(encoder: Encoder, size: Size) -> Figure:
    """Encoding a few words, as a search does."""
    product = matrix_product(10_000)
    asked = searches(size.calls)
    encoder.encode(asked[:1])
    ours, plain = in_pairs((lambda text=text: encoder.encode([text]), product) for text in asked)
    return figure("query of two words encoded", ours, plain, "numpy, nearest of 10,000 vectors")


def call_figure(what: str, call_of: Callable[[int], Call], product: Call, calls: int, aim: int | None) -> Figure:
    for number in range(calls // 4):
        call_of(calls + number)()
    pairs: Iterator[tuple[Call, Call]] = ((call_of(number), product) for number in range(calls))
    ours, plain = in_pairs(pairs)
    return figure(what, ours, plain, "numpy, nearest of as many vectors", aim)


def figure(what: str, ours: list[float], plain: list[float], against: str, aim: int | None = None) -> Figure:
    return Figure(
        what,
        shown(ours),
        f"{against}: {shown(plain)}",
        percentile(ours, 50) / percentile(plain, 50),
        f"p95 under {aim} ms" if aim else "",
        percentile(ours, 95) < aim if aim else None,
    )


def matrix_product(vectors: int) -> Call:
    """The nearest of so many random vectors, by numpy alone."""
    chance = np.random.default_rng(vectors)
    matrix = unit_rows(chance.normal(size=(vectors, DIMENSION)))
    asked = matrix[0]
    wanted = min(CANDIDATES, vectors - 1)
    return lambda: np.argpartition(-(matrix @ asked), wanted)[:wanted]
