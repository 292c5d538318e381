"""Whatever several people do with the stages of a few ideas, the log tells it and the lists count it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.database import db
from app.forum.commands import post_comment
from app.ideas.commands import revise_idea
from app.ideas.models import ARCHIVED, STAGE_NAMES, Idea
from app.journal.models import JournalEntry
from app.refusals import Conflict, NotAllowed, NotThere, Unfit
from app.stages.commands import move_idea, take_back_move
from app.stages.models import move_in
from app.stages.policy import can_move
from app.stages.queries import last_move, moves_of
from tests.factories import make_idea, make_moderator, make_person

IDEAS = st.integers(0, 2)
PEOPLE = st.sampled_from(["author", "stranger", "moderator"])
REASONS = st.sampled_from(["", "Because of the sand.", "a -> b: c"])
NEEDED = ("problem", "approach", "next_step")


def machine(app: Flask) -> type[RuleBasedStateMachine]:
    class Stages(RuleBasedStateMachine):
        @initialize()
        def publish(self) -> None:
            self.author, self.stranger, self.moderator = make_person(), make_person(), make_moderator()
            self.ideas = [make_idea(by=self.author, sections={"problem": "Bins burn."}) for _ in range(3)]
            self.expected: list[list[str]] = [["published"] for _ in self.ideas]

        def person(self, name: str) -> Any:
            return getattr(self, name)

        def seen(self, idea: Idea) -> int:
            last = last_move(idea.id)
            return last.id if last else 0

        @rule(number=IDEAS, who=PEOPLE, to=st.sampled_from([*STAGE_NAMES]), reason=REASONS)
        def move(self, number: int, who: str, to: str, reason: str) -> None:
            idea, person = self.ideas[number], self.person(who)
            before, may = idea.stage, can_move(person, idea, to, moves_of(idea.id))
            is_whole = all(getattr(idea, key) for key in NEEDED)
            was_ready = before in ("ready", "submitted") or "ready" in self.expected[number]
            is_asked_for = {"ready": is_whole, "submitted": is_whole and was_ready}.get(to, True)
            is_said = bool(reason) or (to == "ready" and before in ("published", "refining"))
            try:
                move_idea(idea, by=person, to=to, reason=reason, seen=self.seen(idea))
            except NotAllowed:
                assert not may
            except Unfit:
                assert may
                assert not (is_asked_for and is_said)
            else:
                assert may
                assert is_asked_for
                assert is_said
                self.expected[number].append(to)

        @rule(number=IDEAS, who=PEOPLE)
        def take_back(self, number: int, who: str) -> None:
            idea, person, stages = self.ideas[number], self.person(who), self.expected[number]
            may = len(stages) > 1 and can_move(person, idea, stages[-2], moves_of(idea.id))
            try:
                take_back_move(idea, by=person, seen=self.seen(idea))
            except NotThere:
                assert len(stages) == 1
            except NotAllowed:
                assert not may
            except Unfit:
                assert stages[-2] in ("ready", "submitted")
                assert not all(getattr(idea, key) for key in NEEDED)
            else:
                assert may
                stages.append(stages[-2])

        @precondition(lambda self: any(len(stages) > 1 for stages in self.expected))
        @rule(number=IDEAS, to=st.sampled_from([*STAGE_NAMES]))
        def move_from_an_old_page(self, number: int, to: str) -> None:
            idea = self.ideas[number]
            if self.seen(idea):
                try:
                    move_idea(idea, by=self.author, to=to, reason="Late", seen=0)
                except Conflict:
                    return
                raise AssertionError("An old page moved it.")

        @rule(number=IDEAS, whole=st.booleans())
        def write(self, number: int, whole: bool) -> None:
            idea = self.ideas[number]
            sections = {"problem": "Bins burn."} | ({"approach": "Sand.", "next_step": "May."} if whole else {})
            facts: dict[str, Any] = {"roles": [], "needed_roles": [], "topics": [], "country": None, "language": "en"}
            revise_idea(
                idea, by=self.author, title=idea.title, sections=sections, reason="", seen=idea.revision, **facts
            )

        @rule(number=IDEAS)
        def comment(self, number: int) -> None:
            post_comment(self.ideas[number], by=self.stranger, body="Which sand?")

        @invariant()
        def every_change_is_logged(self) -> None:
            for idea, stages in zip(self.ideas, self.expected, strict=True):
                db.session.refresh(idea)
                entries = db.session.query(JournalEntry).filter_by(action="stage_changed", post_id=idea.id)
                moves = [move_in(entry.note) for entry in entries.order_by(JournalEntry.id)]
                assert [(each.before, each.after) for each in moves if each] == list(pairwise(stages))
                assert idea.stage == stages[-1]

        @invariant()
        def lists_count_what_is_there(self) -> None:
            own = Counter(stages[-1] for stages in self.expected)
            client = app.test_client()
            page = client.get("/ideas").text
            counted = re.findall(r'id="stage-(\w+)"[^>]*>.*?<span class="count">(\d+)</span>', page)
            assert {stage: int(count) for stage, count in counted} == dict(own)
            assert page.count('class="row-title"') == sum(own.values()) - own[ARCHIVED]

        def teardown(self) -> None:
            for entry in db.session.query(Idea):
                db.session.delete(entry)
            db.session.commit()

    return Stages


def test_the_log_and_the_lists_agree_with_every_move(app: Flask) -> None:
    checked = settings(
        max_examples=8,
        stateful_step_count=15,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine(app), settings=checked)
