"""The catalogue as its pages show it. Everyone may see all of it; what a person has read, only they."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Select, Table, func, select

from app.accounts.models import Viewer
from app.course.models import (
    Course,
    Module,
    Nugget,
    NuggetReading,
    Resource,
    nugget_resource,
    nugget_topic,
    resource_role,
    resource_topic,
)
from app.database import db
from app.forum.queries import Tag
from app.refusals import NotThere
from app.taxonomy.models import Role, Topic

Chosen = Mapping[str, Sequence[str]]
Row = TypeVar("Row")


def course_nuggets() -> Select[Nugget]:
    """In the order of the course."""
    return select(Nugget).order_by(Nugget.module_number, Nugget.position)


def course_resources() -> Select[Resource]:
    """In the order of the content file."""
    return select(Resource).order_by(Resource.position)


def nuggets_read_by(viewer: Viewer) -> frozenset[int]:
    """The ids of those that this person says they have read; one query, none for guests."""
    if not viewer.is_signed_in:
        return frozenset()
    return frozenset(db.session.scalars(select(NuggetReading.nugget_id).where(NuggetReading.user_id == viewer.id)))


def nugget_address(key: str) -> str:
    return f"/course/nuggets/{key}"


def resource_address(key: str) -> str:
    return f"/resources/{key}"


@dataclass(frozen=True)
class ModuleRow:
    """A module on the route map."""

    number: int
    title: str
    aim: str
    week: str
    hours: float
    challenge_step: str
    nugget_count: int


@dataclass(frozen=True)
class NuggetRow:
    """A nugget in a list or on its page."""

    id: int
    key: str
    title: str
    type: str
    minutes: int
    summary: str
    activity: str
    module_number: int
    position: int
    """Counted from 1 in its module."""


@dataclass(frozen=True)
class ResourceRow:
    """A resource in a list or on its page."""

    id: int
    key: str
    title: str
    publisher: str
    year: int | None
    url: str
    type: str
    languages: list[str]
    module_number: int
    summary: str

    @property
    def host(self) -> str:
        """Where its link leads, for people."""
        return urlsplit(self.url).hostname or self.url


@dataclass(frozen=True)
class TaggedResource(ResourceRow):
    """A resource with what a filter may ask for."""

    topics: list[Tag]
    roles: list[Tag]
    """Whom it is for; none means everyone."""


@dataclass(frozen=True)
class CoursePage:
    title: str
    promise: str
    pathways: list[dict[str, Any]]
    challenge: dict[str, Any]
    modules: list[ModuleRow]
    resource_count: int


def course_page() -> CoursePage:
    """Raises NotThere before the catalogue is loaded."""
    columns = select(Course.title, Course.promise, Course.pathways, Course.challenge)
    course = db.session.execute(columns).mappings().one_or_none()
    if course is None:
        raise NotThere("The course is not here yet: its catalogue has not been loaded.")
    resource_count = db.session.scalar(select(func.count(Resource.id))) or 0
    return CoursePage(**course, modules=_module_rows(), resource_count=resource_count)


@dataclass(frozen=True)
class ModulePage:
    module: ModuleRow
    nuggets: list[NuggetRow]
    topics: list[Tag]
    """Those of its nuggets, the commonest first."""
    before: ModuleRow | None
    after: ModuleRow | None


def module_page(number: int) -> ModulePage:
    """Raises NotThere."""
    modules = _module_rows()
    place = next((place for place, module in enumerate(modules) if module.number == number), None)
    if place is None:
        raise NotThere("There is no module of this number.")
    nuggets = _nugget_rows(course_nuggets().where(Nugget.module_number == number))
    topics = _tags(nugget_topic, Topic, [nugget.id for nugget in nuggets])
    return ModulePage(modules[place], nuggets, _commonest(topics.values()), *_neighbours(modules, place))


@dataclass(frozen=True)
class NuggetPage:
    nugget: NuggetRow
    module_size: int
    """How many nuggets its module has."""
    topics: list[Tag]
    resources: list[ResourceRow]
    before: NuggetRow | None
    after: NuggetRow | None


def nugget_page(key: str) -> NuggetPage:
    """Raises NotThere."""
    nuggets = _nugget_rows(course_nuggets())
    index = next((index for index, nugget in enumerate(nuggets) if nugget.key == key), None)
    if index is None:
        raise NotThere("There is no nugget of this name.")
    nugget = nuggets[index]
    module_size = sum(other.module_number == nugget.module_number for other in nuggets)
    topics = _tags(nugget_topic, Topic, [nugget.id])[nugget.id]
    resources = course_resources().join(nugget_resource).where(nugget_resource.c.nugget_id == nugget.id)
    return NuggetPage(nugget, module_size, topics, _resource_rows(resources), *_neighbours(nuggets, index))


@dataclass(frozen=True)
class ResourcePage:
    resource: TaggedResource
    module_title: str
    nuggets: list[NuggetRow]
    """Those that use it."""


def resource_page(key: str) -> ResourcePage:
    """Raises NotThere."""
    found = _tagged_resources(course_resources().where(Resource.key == key))
    if not found:
        raise NotThere("There is no resource of this name.")
    resource = found[0]
    title = db.session.scalar(select(Module.title).where(Module.number == resource.module_number)) or ""
    users = course_nuggets().join(nugget_resource).where(nugget_resource.c.resource_id == resource.id)
    return ResourcePage(resource, title, _nugget_rows(users))


@dataclass(frozen=True)
class Option:
    """A value that a facet offers, and how many resources it would show beside what the other facets ask for."""

    value: str
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Library:
    resources: list[TaggedResource]
    """Those that fit."""
    total: int
    """How many there are without any filter."""
    facets: dict[str, list[Option]]


def library(chosen: Chosen, *, facets: Sequence[str]) -> Library:
    """The resources that fit the filters, and for each facet its values, commonest first, modules in their order.

    A resource for everyone fits every role. The whole catalogue is read: it is small, and each facet counts over others
    than the list shows.
    """
    every = _tagged_resources(course_resources())
    names = _names(every)
    return Library(
        resources=[resource for resource in every if _fits(resource, chosen)],
        total=len(every),
        facets={facet: _options(facet, every, chosen, names.get(facet, {})) for facet in facets},
    )


def _options(facet: str, every: list[TaggedResource], chosen: Chosen, names: Mapping[str, str]) -> list[Option]:
    others = {name: values for name, values in chosen.items() if name != facet}
    fitting = [resource for resource in every if _fits(resource, others)]
    everyone = sum(not resource.roles for resource in fitting) if facet == "role" else 0
    in_all, in_fitting = _counts(facet, every), _counts(facet, fitting)
    ticked = chosen.get(facet, ())
    values = sorted(in_all.keys() | set(ticked), key=lambda value: (facet != "module" and -in_all[value], value))
    return [Option(value, names.get(value, value), in_fitting[value] + everyone, value in ticked) for value in values]


def _fits(resource: TaggedResource, chosen: Chosen) -> bool:
    return all(
        (facet == "role" and not resource.roles) or not set(wanted).isdisjoint(_VALUES[facet](resource))
        for facet, wanted in chosen.items()
    )


def _counts(facet: str, resources: list[TaggedResource]) -> Counter[str]:
    return Counter(value for resource in resources for value in _VALUES[facet](resource))


_VALUES: dict[str, Callable[[TaggedResource], Sequence[str]]] = {
    "type": lambda resource: [resource.type],
    "module": lambda resource: [str(resource.module_number)],
    "topic": lambda resource: [topic.id for topic in resource.topics],
    "role": lambda resource: [role.id for role in resource.roles],
    "language": lambda resource: resource.languages,
}


def _names(resources: list[TaggedResource]) -> dict[str, dict[str, str]]:
    modules = db.session.execute(select(Module.number, Module.title))
    return {
        "module": {str(number): title for number, title in modules},
        "topic": {tag.id: tag.name for resource in resources for tag in resource.topics},
        "role": {tag.id: tag.name for resource in resources for tag in resource.roles},
    }


def _module_rows() -> list[ModuleRow]:
    count = select(func.count(Nugget.id)).where(Nugget.module_number == Module.number).scalar_subquery()
    columns = (Module.number, Module.title, Module.aim, Module.week, Module.hours, Module.challenge_step, count)
    return [ModuleRow(*row) for row in db.session.execute(select(*columns).order_by(Module.number))]


NUGGET_COLUMNS = (
    Nugget.id,
    Nugget.key,
    Nugget.title,
    Nugget.type,
    Nugget.minutes,
    Nugget.summary,
    Nugget.activity,
    Nugget.module_number,
    Nugget.position,
)
RESOURCE_COLUMNS = (
    Resource.id,
    Resource.key,
    Resource.title,
    Resource.publisher,
    Resource.year,
    Resource.url,
    Resource.type,
    Resource.languages,
    Resource.module_number,
    Resource.summary,
)


def _nugget_rows(nuggets: Select[Nugget]) -> list[NuggetRow]:
    return [NuggetRow(**row) for row in db.session.execute(nuggets.with_only_columns(*NUGGET_COLUMNS)).mappings()]


def _resource_rows(resources: Select[Resource]) -> list[ResourceRow]:
    return [ResourceRow(**row) for row in db.session.execute(resources.with_only_columns(*RESOURCE_COLUMNS)).mappings()]


def _tagged_resources(resources: Select[Resource]) -> list[TaggedResource]:
    rows = _resource_rows(resources)
    ids = [row.id for row in rows]
    topics, roles = _tags(resource_topic, Topic, ids), _tags(resource_role, Role, ids)
    return [TaggedResource(**vars(row), topics=topics[row.id], roles=roles[row.id]) for row in rows]


def _tags(links: Table, model: type[Topic] | type[Role], ids: list[int]) -> dict[int, list[Tag]]:
    """The topics or roles of these nuggets or resources, in one query; an id without any has an empty list."""
    owner, tag = links.columns
    tags: dict[int, list[Tag]] = defaultdict(list)
    columns = select(owner, model.id, model.name).join(model, model.id == tag).where(owner.in_(ids))
    for owner_id, tag_id, name in db.session.execute(columns.order_by(model.position, model.id)):
        tags[owner_id].append(Tag(tag_id, name))
    return tags


def _commonest(tag_lists: Iterable[list[Tag]]) -> list[Tag]:
    return [tag for tag, _ in Counter(tag for tags in tag_lists for tag in tags).most_common()]


def _neighbours(rows: Sequence[Row], place: int) -> tuple[Row | None, Row | None]:
    return (rows[place - 1] if place else None), (rows[place + 1] if place + 1 < len(rows) else None)
