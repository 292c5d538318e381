"""Topics and roles: loading them, adding to them, and remembering what was loaded."""

from __future__ import annotations

from pathlib import Path

import yaml
from flask import Flask

from app import ROOT
from app.database import db
from app.taxonomy.commands import load_taxonomy, remember_loaded, topic_for
from app.taxonomy.models import Role, Topic
from app.taxonomy.queries import all_roles, all_topics, is_loaded, topics_named

CONTENT = yaml.safe_load((ROOT / "app/content/course/topics.yaml").read_text())


def test_topics_and_roles_stand_in_the_order_of_the_content(app: Flask) -> None:
    assert [topic.id for topic in all_topics()] == [topic["id"] for topic in CONTENT["topics"]]
    assert [role.id for role in all_roles()] == [role["id"] for role in CONTENT["roles"]]


def test_loading_twice_changes_nothing(app: Flask) -> None:
    load_taxonomy(CONTENT)
    assert len(all_topics()) == 30
    assert len(all_roles()) == 13
    assert [topic.module for topic in all_topics()] == [topic["module"] for topic in CONTENT["topics"]]


def test_a_topic_that_left_the_content_stays_after_the_others_for_those_who_use_it(app: Flask) -> None:
    load_taxonomy({"roles": CONTENT["roles"][1:], "topics": CONTENT["topics"][1:]})
    assert all_topics()[-1].id == "data-definitions"
    assert db.session.get_one(Topic, "data-definitions").module is None
    assert all_roles()[-1].id == "citizen"


def test_a_definition_that_changed_reaches_its_row(app: Flask) -> None:
    first, *others = CONTENT["roles"]
    load_taxonomy({"roles": [{**first, "definition": "Anyone."}, *others], "topics": CONTENT["topics"]})
    assert db.session.get_one(Role, "citizen").definition == "Anyone."


def test_a_topic_is_added_once_and_after_the_others(app: Flask) -> None:
    added = topic_for("Change behaviour!")
    assert topic_for("change BEHAVIOUR").id == added.id == "change-behaviour"
    assert all_topics()[-1].id == "change-behaviour"
    assert topics_named(["change-behaviour"])[0].name == "Change behaviour!"


def test_a_file_counts_as_loaded_until_it_changes(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text("a: 1")
    assert not is_loaded([file])
    remember_loaded([file])
    assert is_loaded([file])
    file.write_text("a: 2")
    assert not is_loaded([file])
