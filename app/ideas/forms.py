"""What people send about ideas."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, IntegerField, SubmitField, TextAreaField, ValidationError
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.diffs import Budget
from app.forms import Form, clean, country_field, language_field, line, roles_field, text, topics_field
from app.forum.forms import NewPostForm, reason_field, seen_field, shortest_title
from app.forum.queries import Tags
from app.gate import LARGEST_ID
from app.groups.queries import is_member
from app.ideas.models import (
    BUILDS_ON,
    DIFFERS,
    LONGEST_LINE,
    MOST_SOURCES,
    PARTS,
    SECTIONS,
    WAYS,
    Idea,
    Way,
)
from app.ideas.queries import IdeaLink, idea_links, later_ideas, texts_at, ways_of
from app.three_way import ThreeWay
from app.web import viewer

WAY = re.compile(r"way-([1-9][0-9]{0,8})")
TAKES = ("theirs", "yours", "hand")
MOST_LEFT = 5
"""Texts of one part that stay in sight though they were not taken."""
MOST_READ = 50
"""Ways of a form that are read: more than stand in a form and beside it."""


def section_field(key: str, **options: Any) -> TextAreaField:
    section = next(section for section in SECTIONS if section.key == key)
    return text(section.label, most=section.limit, description=section.help, **options)


class WaysField(Field):
    """From which ideas this one goes on: for the idea 7 the fields `way-7` and, how it differs from it, `differs-7`."""

    own_id: int | None = None
    """Of the idea that is revised."""
    wrong: int | None = None
    """The idea of which it is not said well how this one differs."""

    def process(self, formdata: Any, data: Any = (), **_options: Any) -> None:
        self.process_errors: list[str] = []
        self.data = tuple(way for way in typed_ways(formdata).values() if way.kind) if formdata else tuple(data or ())

    @cached_property
    def links(self) -> Mapping[int, IdeaLink]:
        """Those of the chosen ideas that the writer may see, by id."""
        return idea_links(viewer(), [way.source_id for way in self.data])

    @property
    def rows(self) -> list[tuple[Way, IdeaLink]]:
        """What the form shows."""
        return [(way, self.links[way.source_id]) for way in self.data if way.source_id in self.links]

    def pre_validate(self, _form: Any) -> None:
        if len(self.data) > MOST_SOURCES:
            raise ValidationError(_("Choose at most %(most)d ideas.", most=MOST_SOURCES))
        if any(way.source_id == self.own_id for way in self.data):
            raise ValidationError(_("An idea cannot build on itself or differ from itself."))
        if len(self.rows) < len(self.data):
            raise ValidationError(_("An idea that you chose is not there any more. Send the form again without it."))
        later = later_ideas(viewer(), self.own_id, self.links) if self.own_id else ()
        for way, idea in self.rows:
            if way.source_id in later:
                message = _("“%(title)s” is not older than your idea, which cannot go on from it.", title=idea.title)
                raise ValidationError(message)
            if way.kind == DIFFERS and not 0 < len(way.line) <= LONGEST_LINE:
                self.wrong, self.id = way.source_id, f"differs-{way.source_id}"  # where the summary leads
            if way.kind == DIFFERS and not way.line:
                raise ValidationError(_("Say in one line how yours differs from “%(title)s”.", title=idea.title))
            if way.kind == DIFFERS and len(way.line) > LONGEST_LINE:
                raise ValidationError(_("How it differs: at most %(most)d characters, please.", most=LONGEST_LINE))

    def stated(self) -> tuple[Way, ...]:
        """What is recorded: a line belongs to a difference."""
        return tuple(way if way.kind == DIFFERS else Way(way.source_id, way.kind) for way in self.data)


def wanted_fork(arguments: Any) -> int | None:
    """The idea that the address says a new one begins as a copy of."""
    wanted = arguments.get("fork", "")
    return int(wanted) if WAY.fullmatch(f"way-{wanted}") else None


def copy_of(idea: Idea, tags: Tags) -> dict[str, Any]:
    """What a form begins with that forks this idea; its title is the writer's to find. A copy stays in a private group;
    of an open one the writer need not be a member."""
    written = {"country": idea.country, "language": idea.language, "fork": idea.id}
    if idea.group.is_private or is_member(viewer(), idea.group_id):
        written["group"] = idea.group_id
    return {**written, **idea.sections, **tags.ids()}


def typed_ways(fields: Any) -> dict[int, Way]:
    """What was chosen and typed for each idea, by its id; its kind is empty where the writer carries on."""
    names = [found for name in fields if (found := WAY.fullmatch(name))][:MOST_READ]
    return {int(name[1]): _way(fields, name[1]) for name in names}


def wanted_ways(arguments: Any) -> tuple[Way, ...]:
    """What a new idea begins with: the ideas that the address says it builds on."""
    wanted = dict.fromkeys(text for text in arguments.getlist(BUILDS_ON) if WAY.fullmatch(f"way-{text}"))
    return tuple(Way(int(text), BUILDS_ON) for text in wanted)[:MOST_SOURCES]


def _way(fields: Any, source_id: str) -> Way:
    kind = fields.get(f"way-{source_id}")
    return Way(
        int(source_id), kind if kind in WAYS else "", " ".join(clean(fields.get(f"differs-{source_id}")).split())
    )


@dataclass(frozen=True)
class WaysBeside:
    """The choices that stand beside a form, outside of it, while it is written: one for each older idea shown there.

    An idea has its choice in one place. What stands in the form stays there, whatever is shown beside; what was chosen
    beside moves into the form when its idea is shown there no more.
    """

    typed: Mapping[int, Way]
    shown: Collection[int]
    in_form: Collection[int]
    form_id: str
    """Of the form that sends them."""

    def way_from(self, idea_id: int) -> Way:
        """What was chosen so far."""
        return self.typed.get(idea_id) or Way(idea_id, "")

    @property
    def names(self) -> set[str]:
        """The fields that are shown, and what only the panel reads."""
        return {"in-form"} | {f"{name}-{idea_id}" for idea_id in self.shown for name in ("way", "differs")}

    def rows_to_move(self) -> list[tuple[Way, IdeaLink]]:
        """What moves into the form."""
        staying = {*self.shown, *self.in_form}
        moving = [way for idea_id, way in self.typed.items() if way.kind and idea_id not in staying]
        links = idea_links(viewer(), [way.source_id for way in moving])
        return [(way, links[way.source_id]) for way in moving if way.source_id in links]


def ways_beside(fields: Any, found: Collection[int], *, own_id: int, is_page: bool) -> WaysBeside:
    """In the panel beside the form, which says in its fields `in-form` what stands in it; or on the page that comes
    without scripts, where the form is hidden: there the choice for what is shown is made anew.

    `own_id` is that of the idea being revised, or 0: it has no choice for a later one.
    """
    typed = typed_ways(fields)
    shown = {*found} - later_ideas(viewer(), own_id, found) if own_id else {*found}
    if is_page:
        return WaysBeside(typed, shown, typed.keys() - shown, "back-to-text")
    in_form = {int(text) for text in fields.getlist("in-form") if WAY.fullmatch(f"way-{text}")}
    return WaysBeside(typed, shown, in_form, "idea-form")


class IdeaForm(Form):
    """An idea as it is written or revised."""

    title = line(_l("Title"), most=255, required=True)
    problem = section_field("problem", least=1, required=True)
    place = section_field("place")
    approach = section_field("approach")
    evidence = section_field("evidence")
    impact = section_field("impact")
    costs = section_field("costs")
    needs = section_field("needs")
    next_step = section_field("next_step")
    roles = roles_field(_l("Whom it serves"))
    needed_roles = roles_field(_l("Who is still needed"))
    topics = topics_field(_l("Topics"))
    country = country_field(_l("Country"))
    language = language_field(_l("Language you write in"))
    ways = WaysField(_l("Where this comes from"))
    preview = SubmitField(_l("Preview"))

    def validate_title(self, field: Field) -> None:
        least = shortest_title(self.language.data)
        if len(field.data) < least:
            raise ValidationError(_("At least %(least)d characters: what would you tell a neighbour?", least=least))

    def sections(self) -> dict[str, str]:
        """The written sections by key, in order."""
        return {section.key: written for section in SECTIONS if (written := self[section.key].data)}

    def facts(self) -> dict[str, Any]:
        """What the commands take."""
        names = ("title", "roles", "needed_roles", "topics", "country", "language")
        chosen = {name: self[name].data for name in names}
        return {"sections": self.sections(), **chosen, "ways": self.ways.stated()}


class NewIdeaForm(IdeaForm, NewPostForm):
    """An idea before it is published; `fork` is the one that it began as a copy of."""

    fork = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(1, LARGEST_ID)])

    @cached_property
    def forked(self) -> IdeaLink | None:
        """The copied idea, if the writer may see it."""
        source_id = self.fork.data if 0 < (self.fork.data or 0) <= LARGEST_ID else None
        return idea_links(viewer(), [source_id]).get(source_id) if source_id else None

    def validate_fork(self, _field: Field) -> None:
        if self.forked is None:
            raise ValidationError(_("The idea that you copied is not there any more."))
        if (private := self.forked.private_group_id) and private != self.group.data:
            raise ValidationError(_("The copy of an idea in a private group stays in that group."))

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "fork_of": self.fork.data}


@dataclass(frozen=True)
class Choice:
    """What an editor says of a part that someone else changed, in its fields `take-`, `yours-` and `left-`."""

    take: str | None
    """One of TAKES; empty while it is not decided, None where both changes went together."""
    yours: str
    typed: str
    """By hand."""
    left: tuple[str, ...]
    """Texts of theirs that were not taken before."""

    @property
    def untaken(self) -> tuple[str, ...]:
        """What they wrote and do not save."""
        wrote = () if self.take is None else (self.yours, self.typed)
        taken = {"yours": self.yours, "theirs": ""}.get(self.take or "", self.typed)
        return tuple(text for text in dict.fromkeys((*self.left, *wrote)) if text and text != taken)[:MOST_LEFT]


@dataclass(frozen=True)
class MetPart(ThreeWay):
    """A part as two people changed it, and what the form holds of it."""

    typed: str
    take: str
    left: tuple[str, ...]


class RevisionForm(IdeaForm):
    """An idea and what its editor says of the change.

    When somebody else saved meanwhile, it comes back with `base`, the revision that both began from, or 0 for one that
    is not known; `seen` is the other's then, and the fields hold what the choices between both texts come to.
    """

    reason = reason_field()
    seen = seen_field()
    base = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(0, LARGEST_ID)])

    def __init__(self, idea: Idea, **options: Any) -> None:
        self.idea = idea
        super().__init__(**options)
        self.ways.own_id = idea.id

    def process(self, formdata: Any = None, *arguments: Any, **options: Any) -> None:
        sent = self.meta.wrap_formdata(self, formdata)
        self.choices = _choices_in(sent or {})
        super().process(self._with_choices_made(sent), *arguments, **options)

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        undecided = [key for key, choice in self.choices.items() if choice.take == ""]
        for key in undecided:
            self[key].errors = [
                *self[key].errors,
                _("Not decided yet. Take one of the two texts, or write it by hand."),
            ]
        return is_valid and not undecided

    @property
    def is_met(self) -> bool:
        """Whether it came back because someone else saved."""
        return self.base.data is not None

    def texts(self) -> dict[str, str]:
        """What it says of each part."""
        return {key: self[key].data or "" for key in PARTS}

    def meet(self, newest: int) -> None:
        """From now on it is based on the newest revision, which someone else saved, with both changes put together."""
        self.base.data, self.seen.data = self.seen.data, newest
        left = {key: choice.untaken for key, choice in self.choices.items()}
        self.met = self._side_by_side(self.texts())
        self.met = {key: replace(part, typed=part.text, left=left.get(key, ())) for key, part in self.met.items()}
        for key, part in self.met.items():
            self[key].data = part.text

    def meet_again(self) -> None:
        """It shows what it showed when both met, with the choices made since."""
        texts = self.texts()
        yours = {key: choice.yours for key, choice in self.choices.items()}
        self.met = self._side_by_side({**texts, **yours})
        for key, choice in self.choices.items():
            typed = texts[key] if choice.take is None else choice.typed
            self.met[key] = replace(self.met[key], typed=typed, take=choice.take or "", left=choice.left)

    def saved_otherwise(self, newest: Idea, tags: Tags) -> dict[str, list[str]]:
        """By field, the names of what is saved now where the form chooses otherwise; no revision keeps such choices."""
        ids = tags.ids()
        differing = [name for name in ids if {*ids[name]} != {*(self[name].data or ())}]
        saved = {name: [tag.name for tag in getattr(tags, name)] for name in differing}
        for name in ("country", "language"):
            value = getattr(newest, name)
            if (self[name].data or None) != value:
                saved[name] = [str(dict(self[name].choices)[value or ""])]
        ways, chosen = ways_of(newest), self.ways.stated()
        links = idea_links(viewer(), [way.source_id for way in (*ways, *chosen)])
        shown = [way for way in ways if way.source_id in links]
        if {*shown} != {way for way in chosen if way.source_id in links}:
            saved["ways"] = [links[way.source_id].title for way in shown]
        return saved

    def _side_by_side(self, yours: Mapping[str, str]) -> dict[str, MetPart]:
        base, budget = texts_at(self.idea.id, self.base.data) or {}, Budget()
        theirs = texts_at(self.idea.id, self.seen.data) or {"title": self.idea.title, **self.idea.sections}
        return {
            key: MetPart(
                base[key] if base else None,
                theirs.get(key, ""),
                yours[key],
                typed=yours[key],
                take="",
                left=(),
                budget=budget,
            )
            for key in PARTS
        }

    def _with_choices_made(self, sent: Any) -> Any:
        made = _taken(self.idea.id, self.choices, sent)
        if not made:
            return sent
        kept = [(name, value) for name, value in sent.items(multi=True) if name not in made]
        return MultiDict([*kept, *made.items()])


def texts_taken(idea_id: int, sent: Mapping[str, str]) -> dict[str, str]:
    """By key, what its editor chose of two texts in a form that was kept."""
    fields = MultiDict(sent)
    return _taken(idea_id, _choices_in(fields), fields)


def _taken(idea_id: int, choices: Mapping[str, Choice], sent: MultiDict[str, str]) -> dict[str, str]:
    taken = [key for key, choice in choices.items() if choice.take == "theirs"]
    theirs = texts_at(idea_id, sent.get("seen", type=int)) if taken else None
    yours = {key: choice.yours for key, choice in choices.items() if choice.take == "yours"}
    return yours | ({key: theirs[key] for key in taken} if theirs else {})


def _choices_in(sent: Any) -> dict[str, Choice]:
    choices = {}
    for key in PARTS:
        if f"yours-{key}" in sent:
            take = sent.getlist(f"take-{key}")[-1] if f"take-{key}" in sent else None
            left = tuple(map(clean, sent.getlist(f"left-{key}")))
            known = take if take is None or take in TAKES else ""
            choices[key] = Choice(known, clean(sent[f"yours-{key}"]), clean(sent.get(key)), left)
    return choices


def revision_form(idea: Idea, tags: Tags, begun: MultiDict[str, str] | None = None) -> RevisionForm:
    """Filled with the idea as it reads now, or with what the editor had `begun` to write."""
    written = {name: getattr(idea, name) for name in ("title", "country", "language")}
    written |= {**idea.sections, **tags.ids(), "seen": idea.revision, "ways": ways_of(idea)}
    return RevisionForm(idea, formdata=begun, data=written)
