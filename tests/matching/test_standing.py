"""What a process keeps of subjects stays while they stay, and goes with the change that touches them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.commands import change_profile
from app.accounts.models import Guest, User
from app.course.events import catalogue_loaded
from app.database import db, transaction
from app.forum.commands import delete_post
from app.forum.models import Post
from app.ideas.models import Idea
from app.matching import commands
from app.matching.commands import forget_old_changes, move_generation
from app.matching.models import IndexGeneration
from app.matching.standing import Standing, known_to, standing_of, visible_now, visible_rows, willing_people
from app.moderation.commands import hide_post, restore_post
from app.search.queries import Key
from app.taxonomy.models import Topic
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, revise


def key_of(idea: Idea) -> Key:
    return ("idea", idea.id)


def shown_title(idea: Idea) -> str | None:
    standing = standing_of(Guest())
    if key_of(idea) not in visible_now(Guest(), standing, [key_of(idea)]):
        return None
    return visible_rows(Guest(), standing, [key_of(idea)])[key_of(idea)].title


def learnt(*ideas: Idea) -> Standing:
    """A guest's standing after a page showed these ideas."""
    for idea in ideas:
        shown_title(idea)
    return standing_of(Guest())


def change_facts(person: User, **facts: object) -> None:
    kept = {"display_name": person.display_name, "roles": [], "topics": [], "languages": ["en"], "country": None}
    stated = {
        "organisation": "",
        "about": "",
        "offers": "",
        "asks_a_week": 0,
        "is_for_groups_only": False,
        "is_here_to_answer": False,
        "links": [],
    }
    change_profile(person, by=person, **{**kept, **stated, **facts})


def test_an_edit_is_seen_at_once(client: FlaskClient) -> None:
    idea = make_idea(title="A box for batteries in the hall")
    learnt(idea)
    revise(idea, title="A cage for batteries in the yard")
    assert shown_title(idea) == "A cage for batteries in the yard"


def test_what_others_changed_does_not_make_a_text_be_read_again(client: FlaskClient, count_queries: list[str]) -> None:
    idea, other = make_idea(), make_idea()
    learnt(idea, other)
    revise(other, title="A cage for batteries in the yard")
    keys = [key_of(idea)]
    db.session.commit()
    count_queries.clear()
    assert visible_now(Guest(), standing_of(Guest()), keys) == set(keys)
    assert list(visible_rows(Guest(), standing_of(Guest()), keys)) == keys
    assert not any("FROM post" in statement for statement in count_queries)


def test_a_deleted_text_is_gone_at_once(client: FlaskClient) -> None:
    idea = make_idea()
    learnt(idea)
    delete_post(idea, by=idea.author)
    assert shown_title(idea) is None


def test_a_hidden_text_is_gone_at_once_and_back_when_it_is_back(client: FlaskClient) -> None:
    idea, moderator = make_idea(), make_moderator()
    learnt(idea)
    hide_post(idea, by=moderator, reason="Off the subject")
    assert shown_title(idea) is None
    restore_post(idea, by=moderator, reason="It was on the subject")
    assert shown_title(idea) == idea.title


@pytest.mark.parametrize("end", [delete_post, partial(hide_post, reason="Off the subject")])
def test_the_answers_go_with_their_question_and_come_back_with_it(
    client: FlaskClient, end: Callable[..., object]
) -> None:
    answer, moderator = make_answer(), make_moderator()
    key = ("answer", answer.id)
    assert visible_now(Guest(), standing_of(Guest()), [key]) == {key}
    end(answer.question, by=moderator)
    assert visible_now(Guest(), standing_of(Guest()), [key]) == set()
    if answer.question.hidden_at:
        restore_post(answer.question, by=moderator, reason="It was on the subject")
        assert visible_now(Guest(), standing_of(Guest()), [key]) == {key}


def test_a_new_name_shows_beside_everything_that_the_person_wrote(client: FlaskClient) -> None:
    idea = make_idea(by=make_person(display_name="Ama Mensah"))
    learnt(idea)
    change_facts(idea.author, display_name="Ama Owusu")
    row = visible_rows(Guest(), standing_of(Guest()), [key_of(idea)])[key_of(idea)]
    assert row.author is not None
    assert row.author.display_name == "Ama Owusu"


def test_consent_that_is_withdrawn_counts_at_once(client: FlaskClient) -> None:
    person = make_person(asks_a_week=3)
    key = ("person", person.id)
    standing = standing_of(Guest())
    assert visible_now(Guest(), standing, [key]) == {key}
    assert person.id in willing_people(standing)
    change_facts(person, asks_a_week=0)
    standing = standing_of(Guest())
    assert visible_now(Guest(), standing, [key]) == set()
    assert person.id not in willing_people(standing)


def test_a_topic_that_is_named_anew_is_named_so_everywhere(client: FlaskClient) -> None:
    idea = make_idea(topics=["batteries"])
    learnt(idea)
    with transaction():
        db.session.get_one(Topic, "batteries").name = "Cells and batteries"
        catalogue_loaded.send(None)
    row = visible_rows(Guest(), standing_of(Guest()), [key_of(idea)])[key_of(idea)]
    assert row.topics == {"batteries": "Cells and batteries"}


def test_whoever_is_too_far_behind_forgets_everything(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "KEPT_CHANGES", 2)
    idea = make_idea(title="A box for batteries in the hall")
    learnt(idea)
    revise(idea, title="A cage for batteries in the yard")
    for _ in range(4):
        with transaction():
            move_generation([("nugget", 1)])
    forget_old_changes()
    assert shown_title(idea) == "A cage for batteries in the yard"


def test_a_database_that_was_brought_back_from_earlier_is_read_again(client: FlaskClient) -> None:
    idea = make_idea()
    with transaction():
        db.session.execute(update(IndexGeneration).values(number=IndexGeneration.number + 1000))
    learnt(idea)
    with transaction():
        db.session.execute(update(IndexGeneration).values(number=IndexGeneration.number - 900))
        db.session.execute(update(Post).where(Post.id == idea.id).values(title="As it read last week"))
    assert shown_title(idea) == "As it read last week"


def test_what_was_read_before_a_change_is_not_kept_after_it(client: FlaskClient) -> None:
    idea = make_idea(title="A box for batteries in the hall")
    before = standing_of(Guest())
    known_to(before)
    slow = visible_rows(Guest(), before, [key_of(idea)])
    known_to(before).rows.clear()
    revise(idea, title="A cage for batteries in the yard")
    known = known_to(standing_of(Guest()))
    known.learn(before, known.rows, slow)
    assert shown_title(idea) == "A cage for batteries in the yard"


def test_what_a_private_group_holds_is_not_known_to_others(
    client: FlaskClient, client_for: Callable[[User], FlaskClient]
) -> None:
    member = make_person()
    idea = make_idea(by=member, group=make_private_group(member))
    standing = standing_of(member)
    assert key_of(idea) in visible_now(member, standing, [key_of(idea)])
    visible_rows(member, standing, [key_of(idea)])
    assert shown_title(idea) is None
    assert db.session.get(Idea, idea.id) is not None
