"""Loading the course catalogue from the content files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import func, select, text

from app.course.commands import CONTENT, CatalogueSize, load_catalogue
from app.course.events import catalogue_loaded
from app.course.models import Module, Nugget, Resource, nugget_resource, nugget_topic, resource_role, resource_topic
from app.database import db
from app.taxonomy.models import LoadedContent, Role, Topic

TABLES = (
    "course",
    "module",
    "nugget",
    "resource",
    "nugget_topic",
    "nugget_resource",
    "resource_topic",
    "resource_role",
    "topic",
    "role",
)
Change = Callable[[str, Callable[[Any], None]], Path]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content files that a test may change."""
    return Path(shutil.copytree(CONTENT, tmp_path / "course"))


@pytest.fixture
def change(content: Path) -> Change:
    """Change what one of the files says, and return the folder."""

    def apply(name: str, edit: Callable[[Any], None]) -> Path:
        file = content / name
        read = yaml.safe_load(file.read_text())
        edit(read)
        file.write_text(yaml.safe_dump(read, allow_unicode=True))
        return content

    return apply


def test_the_whole_catalogue_is_loaded(catalogue: CatalogueSize) -> None:
    assert catalogue == CatalogueSize(topics=30, roles=13, modules=5, nuggets=36, resources=111, unconfirmed=6)
    assert [rows_of(model) for model in (Topic, Role, Module, Nugget, Resource)] == [30, 13, 5, 36, 111]


def test_the_numbers_are_told_in_one_line(catalogue: CatalogueSize) -> None:
    assert str(catalogue) == "5 modules, 36 nuggets, 111 resources (6 unconfirmed left out), 30 topics, 13 roles"


def test_unconfirmed_resources_are_left_out_and_nuggets_do_not_point_to_them(catalogue: CatalogueSize) -> None:
    assert resource_named("espr") is None
    assert "espr" not in [resource.key for resource in nugget_named("m4n8").resources]


def test_a_nugget_shows_its_resources_in_the_order_of_the_content_file(catalogue: CatalogueSize) -> None:
    positions = [resource.position for resource in nugget_named("m2n5").resources]
    assert len(positions) == 6
    assert positions == sorted(positions)


def test_a_resource_for_all_has_no_roles(catalogue: CatalogueSize) -> None:
    assert resource_named("mooc-2016-page").roles == []
    assert [role.id for role in resource_named("gem-2014").roles]


def test_loading_again_does_nothing_and_reads_only_the_digests(
    catalogue: CatalogueSize, count_queries: list[str]
) -> None:
    before = everything()
    count_queries.clear()
    assert load_catalogue() is None
    assert len(count_queries) == 1
    assert everything() == before


def test_loading_the_same_content_again_in_full_leaves_every_row_as_it_was(catalogue: CatalogueSize) -> None:
    before = everything()
    forget_what_was_loaded()
    assert load_catalogue() == catalogue
    assert everything() == before


def test_a_changed_text_reaches_its_row_which_keeps_its_id(catalogue: CatalogueSize, change: Change) -> None:
    id_before = nugget_named("m2n5").id
    load_catalogue(change("modules.yaml", lambda read: nugget_in(read, "m2n5").update(title="Collection, again")))
    assert (nugget_named("m2n5").id, nugget_named("m2n5").title) == (id_before, "Collection, again")


def test_what_left_the_files_is_removed_with_its_links(catalogue: CatalogueSize, change: Change) -> None:
    gone_nugget, gone_resource = nugget_named("m5n8").id, resource_named("gem-2014").id
    change("modules.yaml", lambda read: read["modules"][4]["nuggets"].pop())
    load_catalogue(change("resources.yaml", lambda read: read["resources"].remove(resource_in(read, "gem-2014"))))
    assert nugget_named("m5n8") is None
    assert resource_named("gem-2014") is None
    assert rows_of(Resource) == 110
    for links, owner, gone in (
        (nugget_topic, "nugget_id", gone_nugget),
        (nugget_resource, "nugget_id", gone_nugget),
        (nugget_resource, "resource_id", gone_resource),
        (resource_topic, "resource_id", gone_resource),
        (resource_role, "resource_id", gone_resource),
    ):
        assert db.session.scalars(select(links).where(links.c[owner] == gone)).all() == []


def test_a_module_that_left_the_files_is_removed_with_its_nuggets(catalogue: CatalogueSize, change: Change) -> None:
    load_catalogue(change("modules.yaml", lambda read: read["modules"].pop()))
    assert db.session.get(Module, 5) is None
    assert rows_of(Nugget) == 28


def test_a_resource_that_is_no_longer_confirmed_is_removed(catalogue: CatalogueSize, change: Change) -> None:
    load_catalogue(change("resources.yaml", lambda read: resource_in(read, "gem-2014").update(confirmed="no")))
    assert resource_named("gem-2014") is None


def test_a_failed_load_changes_nothing_and_is_tried_again(catalogue: CatalogueSize, change: Change) -> None:
    before = everything()
    broken = change("resources.yaml", lambda read: resource_in(read, "gem-2014").update(topics=["no-such-topic"]))
    with pytest.raises(KeyError):
        load_catalogue(broken)
    assert everything() == before
    assert load_catalogue() is None


def test_a_load_is_announced_once(app: Flask) -> None:
    announced: list[int] = []

    def note(_sender: object) -> None:
        announced.append(rows_of(Resource))

    with catalogue_loaded.connected_to(note):
        load_catalogue()
        load_catalogue()
    assert announced == [111]


def rows_of(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def everything() -> dict[str, list[str]]:
    """All rows of the catalogue, as text in an order of their own."""
    db.session.rollback()
    return {table: sorted(map(str, db.session.execute(text(f"SELECT * FROM {table}")))) for table in TABLES}


def forget_what_was_loaded() -> None:
    db.session.execute(LoadedContent.__table__.delete())
    db.session.commit()


def nugget_named(key: str) -> Any:
    return db.session.scalar(select(Nugget).where(Nugget.key == key))


def resource_named(key: str) -> Any:
    return db.session.scalar(select(Resource).where(Resource.key == key))


def nugget_in(read: Any, key: str) -> Any:
    return next(nugget for module in read["modules"] for nugget in module["nuggets"] if nugget["id"] == key)


def resource_in(read: Any, key: str) -> Any:
    return next(resource for resource in read["resources"] if resource["id"] == key)
