"""The invented community: complete, marked, loaded once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.queries import person_named
from app.codes import COUNTRIES
from app.course.commands import CONTENT as COURSE
from app.database import db, now
from app.demo.commands import CONTENT, TEAM, load_demo_community
from app.expertise.models import Endorsement, Verification
from app.forms import is_web_address
from app.forum.commands import delete_post
from app.forum.models import Comment, Follow, Post, Revision, Support
from app.forum.queries import post_address
from app.ideas.models import SECTIONS, STAGES, Idea
from app.jobs.models import Job
from app.journal.models import JournalEntry
from app.moderation.models import ModerationAction
from app.questions.models import Answer, AnswerRevision, Question
from app.taxonomy.queries import all_roles, all_topics
from tests.conftest import BeginWith
from tests.factories import make_person

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.long]


def content_of(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((CONTENT / f"{name}.yaml").read_text("utf-8"))[name])


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_all_that_the_content_tells_is_there_afterwards(begin_with: BeginWith) -> None:
    size = begin_with(load_demo_community)
    assert (size.people, size.ideas, size.questions) == (count(User), count(Idea), count(Question))
    assert size.people == len(content_of("people")) + 1
    assert (size.ideas, size.questions) == (len(content_of("ideas")), len(content_of("questions")))
    answers = [answer for question in content_of("questions") for answer in question.get("answers", ())]
    assert count(Answer) == len(answers)
    accepted = select(func.count()).where(Question.accepted_answer_id.is_not(None))
    assert db.session.scalar(accepted) == sum(1 for answer in answers if answer.get("accepted"))
    assert count(Support) == sum(len(idea.get("supporters", ())) for idea in content_of("ideas"))
    assert count(Comment) > 50
    assert count(Job) > size.ideas


def test_loading_again_changes_nothing(begin_with: BeginWith) -> None:
    begin_with(load_demo_community)
    before = {
        model: count(model) for model in (User, Post, Comment, Answer, Support, Follow, Revision, ModerationAction)
    }
    assert load_demo_community() is None
    assert {model: count(model) for model in before} == before


def test_only_what_is_new_in_the_content_is_added(begin_with: BeginWith, tmp_path: Path) -> None:
    begin_with(load_demo_community)
    folder = copytree(CONTENT, tmp_path / "demo")
    deleted = db.session.scalars(select(Idea).order_by(Idea.id)).first()
    assert deleted is not None
    delete_post(deleted, by=deleted.author)
    people = yaml.safe_load((folder / "people.yaml").read_text("utf-8"))
    people["people"].append({"name": "newly-made", "display_name": "Newly Made"})
    (folder / "people.yaml").write_text(yaml.safe_dump(people), "utf-8")
    size = load_demo_community(folder)
    assert size is not None
    assert (size.people, size.ideas, size.questions) == (1, 0, 0)
    assert deleted.deleted_at is not None


def test_everyone_is_marked_as_invented_and_cannot_sign_in(begin_with: BeginWith) -> None:
    begin_with(load_demo_community)
    for person in db.session.scalars(select(User)):
        assert person.is_demo
        assert person.password_hash is None
        assert person.email is None
        assert person.is_moderator == (person.name == TEAM["name"])


def test_a_member_who_has_the_name_already_keeps_it_and_writes_nothing() -> None:
    taken = content_of("ideas")[0]["author"]
    member = make_person(name=taken)
    load_demo_community()
    assert db.session.scalars(select(Post).where(Post.author_id == member.id)).all() == []
    assert person_named(f"{taken}-demo").is_demo


def test_moments_count_back_from_the_day_of_loading() -> None:
    load_demo_community()
    for content in content_of("ideas"):
        idea = db.session.scalars(select(Idea).where(Idea.source == f"demo:{content['key']}")).one()
        assert abs(now() - timedelta(days=content["days_ago"]) - idea.published_at) < timedelta(minutes=5)
        assert idea.published_at <= idea.active_at < now()
        assert idea.author.created_at < idea.published_at
    dated = (Comment, Answer, AnswerRevision, Support, Follow, Revision, ModerationAction, Verification, Endorsement)
    for model in (*dated, JournalEntry):
        assert db.session.scalar(select(func.max(model.created_at))) < now() - timedelta(minutes=5)
    for question in db.session.scalars(select(Question)):
        assert question.active_at < now() - timedelta(minutes=5)


def test_featured_ideas_are_featured_in_public(begin_with: BeginWith, client: FlaskClient) -> None:
    begin_with(load_demo_community)
    page = client.get("/featured").text
    for content in content_of("ideas"):
        if featured := content.get("featured"):
            assert content["title"].replace("'", "&#39;") in page
            assert featured["reason"].split(",")[0].replace("'", "&#39;") in page
    assert "Featured an idea" in client.get("/moderation/log").text


def test_some_people_are_verified_and_some_answers_endorsed(begin_with: BeginWith, client: FlaskClient) -> None:
    begin_with(load_demo_community)
    assert "Confirmed by" in client.get("/u/ingrid-vollan").text
    for content in content_of("questions"):
        for answer in content.get("answers", ()):
            for endorsement in answer.get("endorsements", ()):
                question = db.session.scalars(select(Question).where(Question.source == f"demo:{content['key']}")).one()
                page = client.get(post_address(question)).text
                assert "(verified in " in page
                assert endorsement["reason"] in page


def test_the_content_uses_only_what_exists() -> None:
    roles, topics = {role.id for role in all_roles()}, {topic.id for topic in all_topics()}
    names = {person["name"] for person in content_of("people")}
    sections = {section.key: section.limit for section in SECTIONS}
    for person in content_of("people"):
        assert {each["topic"] for each in person.get("verified", ())} <= topics, person["name"]
        assert set(person["roles"]) <= roles, person["name"]
        assert set(person["topics"]) <= topics, person["name"]
        assert person["country"] in COUNTRIES, person["name"]
    for idea in content_of("ideas"):
        assert set(idea["serves"]) | set(idea["needs_roles"]) <= roles, idea["key"]
        assert set(idea["topics"]) <= topics, idea["key"]
        assert idea["stage"] in STAGES
        assert {*idea.get("supporters", ()), *idea.get("followers", ()), idea["author"]} <= names
        assert idea["author"] not in idea.get("supporters", ()), idea["key"]
        assert all(len(text) <= sections[key] for key, text in idea["sections"].items()), idea["key"]
    for question in content_of("questions"):
        assert set(question["roles"]) <= roles, question["key"]
        assert set(question["topics"]) <= topics, question["key"]
    library = {each["url"] for each in yaml.safe_load((COURSE / "resources.yaml").read_text("utf-8"))["resources"]}
    sources = [
        source
        for question in content_of("questions")
        for each in question.get("answers", ())
        for source in each.get("sources", ())
    ]
    assert {source for source in sources if is_web_address(source)} <= library


def test_seeding_says_what_it_loads_and_the_second_time_nothing(app: Flask) -> None:
    runner = app.test_cli_runner()
    first, second = runner.invoke(args=["seed"]), runner.invoke(args=["seed"])
    assert first.exit_code == second.exit_code == 0
    assert "Course catalogue loaded: 5 modules" in first.output
    assert f"{len(content_of('ideas'))} ideas" in first.output
    assert second.output == ""


def test_seeding_without_the_demo_loads_the_course_alone(app: Flask) -> None:
    assert "Demo" not in app.test_cli_runner().invoke(args=["seed", "--no-demo"]).output
    assert count(Post) == 0
