"""How long a person's queue takes, as a whole request, against the plain list of unanswered questions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from random import Random

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from tqdm import tqdm

from app.accounts.commands import open_session
from app.accounts.models import User
from app.database import db, now, transaction
from app.groups.queries import challenge_group
from app.jobs.models import Job
from app.matching.commands import embed_waiting
from app.questions.commands import answer_question, ask_question
from bench.community import BATCH, Communities, Prepared, index_all, opened
from bench.report import Answer, Figure
from bench.runs import Run
from bench.texts import generated_idea
from bench.timing import Call, in_pairs, percentile, shown, where_time_goes
from ml.encoder_sets import EncoderSet

QUESTION = "Milliseconds for the page of the expert queue, the encoder warm"
MOST_MILLISECONDS = 100
OPEN, OPEN_QUICK = (1_000, 10_000), (100, 200)
CALLS, CALLS_QUICK = 100, 10
DAYS = 30
PEOPLE_ASKING = 20
"""Members whose queues are looked at in turns."""


def measure(run: Run) -> Answer:
    sizes, calls = (OPEN_QUICK, CALLS_QUICK) if run.is_quick else (OPEN, CALLS)
    figures, notes = [], []
    for size in sizes:
        queue, plain = pages_of(opened(with_questions(run.communities, run.folder, size)))
        for _ in range(calls // 4):
            queue()
            plain()
        ours, theirs = in_pairs((queue, plain) for _ in range(calls))
        is_aimed_at = size == sizes[-1]
        figures.append(
            Figure(
                f"queue, {size:,} open questions",
                shown(ours),
                f"list of unanswered questions: {shown(theirs)}",
                percentile(ours, 50) / percentile(theirs, 50),
                f"p95 under {MOST_MILLISECONDS} ms" if is_aimed_at else "",
                percentile(ours, 95) < MOST_MILLISECONDS if is_aimed_at else None,
            )
        )
        if is_aimed_at:
            notes.append(f"Where the time goes, by the profiler: {where_time_goes(queue for _ in range(calls))}.")
    notes.append(f"The whole request of a member with its HTML; {PEOPLE_ASKING} members in turns.")
    return Answer(QUESTION, figures, notes)


def pages_of(app: Flask) -> tuple[Call, Call]:
    """The queue, and the list that everyone sees, each time of another member."""
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        ids = db.session.scalars(select(User.id).where(User.kind == "member").order_by(User.id).limit(PEOPLE_ASKING))
        members = [signed_in(app, person_id) for person_id in ids.all()]
    return reader(members, "/queue"), reader(members, "/questions?sort=unanswered")


def reader(members: list[FlaskClient], path: str) -> Callable[[], None]:
    turns = cycle(members)

    def read() -> None:
        with next(turns).get(path) as page:
            assert page.status_code == 200, page.status

    return read


def signed_in(app: Flask, person_id: int) -> FlaskClient:
    client = app.test_client()
    with app.test_request_context():
        person = db.session.get_one(User, person_id)
        open_session(person)
        token = person.session_token
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def with_questions(communities: Communities, folder: Path, count: int) -> Path:
    """An instance in which so many questions are open, asked over a month; every third has an answer."""
    instance = communities.copy_of(100, f"{folder.name}-{count}-questions")
    app = opened(instance, sqlite_synchronous="NORMAL")
    app.extensions["encoding"] = Prepared(app.config["COMMONS"], EncoderSet(communities.encoders.encoders))
    with app.app_context():
        for start in tqdm(range(0, count, BATCH), desc="questions, by hundreds", file=sys.stderr):
            with transaction():
                ask(range(start, min(start + BATCH, count)))
            db.session.remove()
        index_all()
        embed_waiting()
        with transaction():
            db.session.execute(delete(Job))
        db.session.remove()
        db.engine.dispose()
    return instance


def ask(numbers: range) -> None:
    group = challenge_group()
    people = db.session.scalars(select(User).where(User.kind == "member").order_by(User.id)).all()
    for number in numbers:
        chance, text = Random(number), generated_idea(number)
        question = ask_question(
            by=people[number % len(people)],
            group=group,
            title=f"Who has done this: {text.title}?"[:255],
            body=text.sections["problem"],
            roles=text.facts["needed_roles"],
            topics=text.facts["topics"],
            country=text.facts["country"],
            published_at=now() - timedelta(days=chance.random() * DAYS),
        )
        if number % 3 == 0:
            answer_question(question, by=people[(number + 1) % len(people)], body=text.sections["problem"])
