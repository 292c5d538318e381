"""Fifty people save one idea from the same revision at once: one is saved, and nobody's text is lost."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db
from app.forum.models import Revision
from app.journal.models import JournalEntry
from tests.factories import make_idea, make_person

EDITORS = 50


def texts_of(number: int) -> dict[str, str]:
    return {
        "title": f"Battery boxes, as number {number} would have them",
        "problem": f"Bin {number} caught fire.\n\nIt was <hot> & 'loud', said {number} people.",
        "place": f"Tema, street {number}",
        "costs": f"{number * 7919} cedis for each box",
    }


def test_of_fifty_editors_one_saves_and_the_others_keep_their_whole_text(
    app: Flask, client_for: Callable[[User], FlaskClient]
) -> None:
    author = make_person()
    idea = make_idea(by=author)
    cookie = client_for(author).get_cookie("commons")
    assert cookie
    path, start = f"/ideas/{idea.id}/revisions", Barrier(EDITORS)
    db.session.rollback()

    def send(number: int) -> tuple[int, str]:
        browser = FlaskClient(app, app.response_class)
        browser.set_cookie("commons", cookie.value)
        data = {**texts_of(number), "language": "en", "reason": f"Change {number}", "seen": "1"}
        start.wait()
        answer = browser.post(path, data=data)
        return answer.status_code, html.unescape(answer.text)

    with ThreadPoolExecutor(EDITORS) as pool:
        answers = list(pool.map(send, range(EDITORS)))
    assert Counter(status for status, _page in answers) == {303: 1, 409: EDITORS - 1}
    for number, (status, page) in enumerate(answers):
        if status == 409:
            assert all(text in page for text in (*texts_of(number).values(), f"Change {number}"))
    numbers = select(Revision.number).where(Revision.post_id == idea.id).order_by(Revision.number)
    assert db.session.scalars(numbers).all() == [1, 2]
    revised = JournalEntry.action == "idea_revised"
    assert db.session.scalar(select(func.count()).select_from(JournalEntry).where(revised)) == 1
    winner = next(number for number, (status, _page) in enumerate(answers) if status == 303)
    db.session.refresh(idea)
    assert idea.costs == texts_of(winner)["costs"]
