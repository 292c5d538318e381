"""Load the course catalogue from the project's content, and note what a person has read of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.course.events import catalogue_loaded
from app.course.models import Course, Module, Nugget, NuggetReading, Resource
from app.database import db, insert_into, now, transaction
from app.taxonomy.commands import load_taxonomy, remember_loaded
from app.taxonomy.models import Topic
from app.taxonomy.queries import all_roles, all_topics, is_loaded

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML may be built without its C part, which is several times as fast
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

CONTENT = Path(__file__).parent.parent / "content" / "course"
THE_COURSE = 1
FOR_EVERYONE = "all"
Content = dict[str, Any]
Keyed = TypeVar("Keyed", Nugget, Resource)


@dataclass(frozen=True)
class CatalogueSize:
    """How much was loaded, and how many resources were left out because nobody confirmed their address."""

    topics: int
    roles: int
    modules: int
    nuggets: int
    resources: int
    unconfirmed: int

    def __str__(self) -> str:
        return (
            f"{self.modules} modules, {self.nuggets} nuggets, {self.resources} resources "
            f"({self.unconfirmed} unconfirmed left out), {self.topics} topics, {self.roles} roles"
        )


def load_catalogue(folder: Path = CONTENT) -> CatalogueSize | None:
    """Make the catalogue equal to the content files of `folder`; rows keep their ids, what left the files is removed.

    Returns None, having done nothing, when the files read as they did at the last load.
    """
    files = [folder / name for name in ("topics.yaml", "modules.yaml", "resources.yaml")]
    if is_loaded(files):
        return None
    taxonomy, course, library = (yaml.load(file.read_bytes(), Loader) for file in files)
    resources = [resource for resource in library["resources"] if resource["confirmed"] == "yes"]
    with transaction():
        load_taxonomy(taxonomy)
        _load_course(course)
        _load_resources(resources)
        _load_nuggets(course["modules"])
        _remove_all_but(resources, course["modules"])
        remember_loaded(files)
        catalogue_loaded.send()
    return _size(taxonomy, course["modules"], resources, unconfirmed=len(library["resources"]) - len(resources))


def mark_read(nugget_id: int, *, by: User) -> None:
    """Once is enough; the first time is kept."""
    row = insert_into(NuggetReading).values(user_id=by.id, nugget_id=nugget_id, read_at=now())
    with transaction(is_shown=False):
        db.session.execute(row.on_conflict_do_nothing())


def mark_unread(nugget_id: int, *, by: User) -> None:
    """As if it had never been read."""
    with transaction(is_shown=False):
        db.session.execute(delete(NuggetReading).filter_by(user_id=by.id, nugget_id=nugget_id))


def _load_course(content: Content) -> None:
    db.session.merge(Course(id=THE_COURSE, **content["course"]))
    for module in content["modules"]:
        facts = {name: module[name] for name in ("number", "title", "aim", "week", "hours", "challenge_step")}
        db.session.merge(Module(**facts))


def _load_resources(contents: list[Content]) -> None:
    links = selectinload(Resource.topics), selectinload(Resource.roles)
    known = _by_key(select(Resource).options(*links))
    topics, roles = _topics(), {role.id: role for role in all_roles()}
    for position, content in enumerate(contents):
        resource = known.get(content["id"]) or Resource(key=content["id"])
        resource.position = position
        resource.module_number = content["module"]
        for fact in ("title", "publisher", "year", "url", "type", "nugget_kind", "languages", "summary"):
            setattr(resource, fact, content[fact])
        resource.topics = [topics[topic] for topic in content["topics"]]
        resource.roles = [roles[role] for role in content["roles"] if role != FOR_EVERYONE]
        db.session.add(resource)


def _load_nuggets(modules: list[Content]) -> None:
    links = selectinload(Nugget.topics), selectinload(Nugget.resources)
    known = _by_key(select(Nugget).options(*links))
    topics, resources = _topics(), _by_key(select(Resource))
    for module in modules:
        for position, content in enumerate(module["nuggets"], start=1):
            nugget = known.get(content["id"]) or Nugget(key=content["id"])
            nugget.module_number, nugget.position = module["number"], position
            for fact in ("title", "type", "minutes", "summary", "activity"):
                setattr(nugget, fact, content[fact])
            nugget.topics = [topics[topic] for topic in content["topics"]]
            nugget.resources = [resources[key] for key in content["resources"] if key in resources]
            db.session.add(nugget)


def _topics() -> dict[str, Topic]:
    return {topic.id: topic for topic in all_topics()}


def _by_key(rows: Select[Keyed]) -> dict[str, Keyed]:
    return {row.key: row for row in db.session.scalars(rows)}


def _remove_all_but(resources: list[Content], modules: list[Content]) -> None:
    kept = (
        (Nugget, Nugget.key, [nugget["id"] for nugget in _nuggets(modules)]),
        (Resource, Resource.key, [resource["id"] for resource in resources]),
        (Module, Module.number, [module["number"] for module in modules]),
    )
    for model, name, names in kept:
        db.session.execute(delete(model).where(name.not_in(names)))


def _size(taxonomy: Content, modules: list[Content], resources: list[Content], *, unconfirmed: int) -> CatalogueSize:
    return CatalogueSize(
        topics=len(taxonomy["topics"]),
        roles=len(taxonomy["roles"]),
        modules=len(modules),
        nuggets=len(_nuggets(modules)),
        resources=len(resources),
        unconfirmed=unconfirmed,
    )


def _nuggets(modules: list[Content]) -> list[Content]:
    return [nugget for module in modules for nugget in module["nuggets"]]
