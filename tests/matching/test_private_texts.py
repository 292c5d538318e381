"""What is written and said in a private group changes nothing that an outsider can see."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.queries import post_address
from app.groups.commands import join_group
from app.groups.models import Group
from app.ideas.models import Idea, Way
from app.matching.commands import embed_waiting
from app.matching.models import KeptStatistics
from app.matching.training import train
from app.matching.weights import weights_history, weights_now
from app.quality.commands import measure_matches
from tests.factories import (
    judge,
    make_answer,
    make_idea,
    make_person,
    make_private_group,
    make_question,
)
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

ClientFor = Callable[[User], FlaskClient]
DRAFT = {"kind": "idea", "title": "Boxes for swollen batteries", "problem": PROBLEM, "country": "GH"}
WORDS = ["batteries", "swollen", "fridge", "gas", "school", "pupils", "fire", "cable", "teacher", "bin", "phone"]
CHANGING = re.compile(r'name="csrf_token" value="[^"]*"|Measured.*?</time>|[0-9]+ seconds? ago', re.DOTALL)

some_text = st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(" ".join)
tags = st.lists(st.sampled_from(["batteries", "repair", "policy"]), unique=True, max_size=2)
roles = st.lists(st.sampled_from(["teacher", "recycler"]), unique=True, max_size=2)


@pytest.fixture
def public(app: object) -> Idea:
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem}, topics=["repair"], country="GH")
    idea = make_idea(title="Battery fire drill at school", sections={"problem": NEAR}, topics=["batteries"])
    make_answer(make_question(title="Who takes swollen batteries?", body=PROBLEM), by=make_person(asks_a_week=3))
    embed_waiting()
    measure_matches()
    return idea


@pytest.fixture
def group() -> Group:
    return make_private_group()


@settings(
    max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(title=some_text, body=some_text, topics=tags, served=roles, answer=some_text)
def test_an_outsider_sees_the_same_as_before(
    public: Idea,
    group: Group,
    client_for: ClientFor,
    client: FlaskClient,
    *,
    title: str,
    body: str,
    topics: list[str],
    served: list[str],
    answer: str,
) -> None:
    outsider = client_for(make_person(asks_a_week=3, topics=["batteries"]))
    member = make_person()
    join_group(group, person=member)
    embed_waiting()
    before = [seen_by(browser, public) for browser in (client, outsider)]
    facts = {"group": group, "topics": topics, "roles": served, "country": "GH"}
    secret = make_idea(by=member, title=title, sections={"problem": body, "approach": answer}, **facts)
    make_idea(
        by=member, title=f"{title} again", sections={"problem": body}, ways=[Way(public.id, "builds-on")], **facts
    )
    question = make_question(by=member, group=group, title=title, body=body)
    make_answer(question, by=member, body=answer)
    judge(secret, [public], verdicts=["wrong-topic"], by=[member])
    judge(public, [secret], verdicts=["useful"], by=[member])
    embed_waiting()
    after = [seen_by(browser, public) for browser in (client, outsider)]
    for now_seen, seen in zip(after, before, strict=True):
        assert [place for place in seen if now_seen[place] != seen[place]] == []


def seen_by(browser: FlaskClient, public: Idea) -> dict[str, object]:
    """Every page that matches stand on, and what they are made from."""
    measure_matches()
    pages = [
        post_address(public),
        "/match-quality",
        "/search?q=swollen+batteries",
        "/course/nuggets/m2n1",
        "/ideas",
        "/people",
    ]
    seen: dict[str, object] = {page: told_by(browser.get(page).text) for page in pages}
    seen["panel"] = told_by(browser.post("/matches/draft", data=DRAFT, follow_redirects=True).text)
    seen["statistics"] = db.session.scalars(select(KeptStatistics.content)).all()
    seen["lessons"] = train([], is_kept=False)
    seen["weights"] = (weights_now(), weights_history())
    return seen


def told_by(page: str) -> str:
    """What the page says, without what differs each time."""
    return CHANGING.sub("", page[page.index("<main") : page.index("</main>")])
