"""Whatever people do one after the other, counts are those of the rows and pages say what is so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.follows.commands import follow as follow_other
from app.follows.commands import mute, unmute
from app.follows.commands import unfollow as unfollow_other
from app.follows.models import Following, Mute
from app.follows.queries import followers_of_new, muting
from app.forum.commands import follow, support, unfollow, withdraw_support
from app.forum.models import Follow, Post, Support
from app.forum.queries import post_address
from app.journal.models import JournalEntry
from app.refusals import NotAllowed
from tests.factories import make_idea, make_person, make_question

ClientFor = Callable[[User], FlaskClient]
PEOPLE, POSTS = 3, 3
people, posts = st.integers(0, PEOPLE - 1), st.integers(0, POSTS - 1)
ACTIONS = {
    "support": ("support_withdrawn", "support_given"),
    "follow": ("post_unfollowed", "post_followed"),
    "person": ("person_unfollowed", "person_followed"),
    "mute": ("unmuted", "muted"),
}
"""How the end and the beginning of each is written down."""


@pytest.mark.usefixtures("app")
def test_counts_and_pages_agree_with_what_people_did(client_for: ClientFor) -> None:
    class Machine(RuleBasedStateMachine):
        """Everything that is believed stands in sets of pairs (who, what)."""

        @initialize()
        def gather(self) -> None:
            self.people = [make_person() for _ in range(PEOPLE)]
            self.posts: list[Post] = [make_idea(by=self.people[0]), make_question(by=self.people[1]), make_idea()]
            self.clients = [client_for(person) for person in self.people]
            self.written: Counter[str] = Counter()
            self.supports: set[tuple[int, int]] = set()
            self.follows = {(0, 0), (1, 1)}
            self.mutes: set[tuple[int, int]] = set()
            self.follows_person: set[tuple[int, int]] = set()
            self.mutes_person: set[tuple[int, int]] = set()

        @rule(who=people, what=posts, is_on=st.booleans())
        def support(self, who: int, what: int, is_on: bool) -> None:
            post, person = self.posts[what], self.people[who]
            if is_on and post.author_id == person.id:
                with pytest.raises(NotAllowed):
                    support(post, by=person)
                return
            (support if is_on else withdraw_support)(post, by=person)
            self.turn("support", self.supports, (who, what), is_on)

        @rule(who=people, what=posts, is_on=st.booleans())
        def follow(self, who: int, what: int, is_on: bool) -> None:
            (follow if is_on else unfollow)(self.posts[what], by=self.people[who])
            self.turn("follow", self.follows, (who, what), is_on)
            if is_on:
                self.turn("mute", self.mutes, (who, what), False)

        @rule(who=people, what=posts, is_on=st.booleans())
        def mute(self, who: int, what: int, is_on: bool) -> None:
            (mute if is_on else unmute)(self.posts[what], by=self.people[who])
            self.turn("mute", self.mutes, (who, what), is_on)
            if is_on:
                self.turn("follow", self.follows, (who, what), False)

        @rule(who=people, whom=people, is_on=st.booleans(), is_mute=st.booleans())
        def attend(self, who: int, whom: int, is_on: bool, is_mute: bool) -> None:
            acts: Any = (mute, unmute) if is_mute else (follow_other, unfollow_other)
            if who == whom:
                with pytest.raises(NotAllowed):
                    acts[0](self.people[whom], by=self.people[who])
                return
            acts[not is_on](self.people[whom], by=self.people[who])
            done, ended = ("mute", self.mutes_person), ("person", self.follows_person)
            if not is_mute:
                done, ended = ended, done
            self.turn(*done, (who, whom), is_on)
            if is_on:
                self.turn(*ended, (who, whom), False)

        @rule(who=people, what=posts)
        def look(self, who: int, what: int) -> None:
            page = self.clients[who].get(post_address(self.posts[what])).text
            pressed = dict(re.findall(r'id="(\w+)-button" type="submit"[^>]* aria-pressed="(\w+)"', page))
            assert pressed["follow"] == said((who, what) in self.follows)
            assert pressed["mute"] == said((who, what) in self.mutes)
            if "support" in pressed:
                assert pressed["support"] == said((who, what) in self.supports)

        @rule(who=people, whom=people)
        def look_at_person(self, who: int, whom: int) -> None:
            page = self.clients[who].get(f"/u/{self.people[whom].name}").text
            pressed = dict(re.findall(r'id="(\w+)-button" type="submit" aria-pressed="(\w+)"', page))
            facts = {"follow": self.follows_person, "mute": self.mutes_person}
            expected = {} if who == whom else {name: said((who, whom) in pairs) for name, pairs in facts.items()}
            assert pressed == expected

        @invariant()
        def rows_are_what_was_done(self) -> None:
            if not hasattr(self, "people"):
                return
            db.session.rollback()
            assert self.pairs(Support.user_id, Support.post_id) == self.supports
            assert self.pairs(Follow.user_id, Follow.post_id) == self.follows
            assert self.pairs(Mute.person_id, Mute.post_id) == self.mutes
            assert self.pairs(Following.person_id, Following.user_id) == self.follows_person
            assert self.pairs(Mute.person_id, Mute.user_id) == self.mutes_person
            for number, post in enumerate(self.posts):
                db.session.refresh(post)
                assert post.support_count == len([pair for pair in self.supports if pair[1] == number])

        @invariant()
        def who_hears_is_who_follows_and_does_not_mute(self) -> None:
            if not hasattr(self, "people"):
                return
            ids = [person.id for person in self.people]
            for number, post in enumerate(self.posts):
                author = ids.index(post.author_id) if post.author_id in ids else -1
                muted = {who for who, what in self.mutes if what == number}
                muted |= {who for who, whom in self.mutes_person if whom == author}
                assert muting(ids, post_id=post.id, by_id=post.author_id) == {ids[who] for who in muted}
                fans = {who for who, whom in self.follows_person if whom == author} - muted
                assert set(followers_of_new(post)) == {ids[who] for who in fans}

        def pairs(self, who: Any, what: Any) -> set[tuple[int, int]]:
            """Rows of the people and posts or people of this run; each is there once."""
            ids = [person.id for person in self.people]
            others = [post.id for post in self.posts] if what.key == "post_id" else ids
            found = db.session.execute(select(who, what).where(who.in_(ids), what.in_(others))).all()
            assert len(set(found)) == len(found)
            return {(ids.index(one), others.index(other)) for one, other in found}

        def turn(self, what: str, pairs: set[tuple[int, int]], pair: tuple[int, int], is_on: bool) -> None:
            if (pair in pairs) != is_on:
                self.written[ACTIONS[what][is_on]] += 1
            (pairs.add if is_on else pairs.discard)(pair)

        def teardown(self) -> None:
            """Each change was written down once, for nobody to read; what was so already was no change."""
            if not hasattr(self, "people"):
                return
            every = [action for pair in ACTIONS.values() for action in pair]
            done = select(JournalEntry).where(JournalEntry.action.in_(every))
            entries = db.session.scalars(
                done.where(JournalEntry.by_id.in_([person.id for person in self.people]))
            ).all()
            assert Counter(entry.action for entry in entries) == self.written
            assert not [entry for entry in entries if entry.is_public]

    few = settings(
        max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Machine, settings=few)


def said(is_on: bool) -> str:
    return "true" if is_on else "false"
