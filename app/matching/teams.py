"""Who could bring what an idea lacks, which ideas lack what a person brings, and which roles a text calls for."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from app.accounts.models import User, Viewer
from app.forum.queries import Tag
from app.ideas.models import Idea
from app.matching.encoding import encoding
from app.matching.found import Found, explained, in_full
from app.matching.queries import (
    best_first,
    compared_with,
    ideas_needing_roles_of,
    nearest_texts,
    needing,
    people_beside,
    ranked,
    said_to,
    texts_beside,
)
from app.matching.standing import Standing, standing_of, visible_now, willing_people
from app.matching.statistics import current_statistics
from app.matching.suggesting import LANGUAGE, defined
from app.matching.texts import Candidate, Query, candidates, person_query, quotes_of, spoken_by, stored_query
from app.search.queries import Key
from app.taxonomy.queries import all_roles
from app.teams.queries import Bringing, Load, Need, loads_of, needs_of, people_bringing
from ml.ranking import Match
from ml.suggesting import called_for
from ml.teams import Candidate as Member
from ml.teams import Team, proposed_team
from ml.words import terms

OF_EACH_ROLE = 5
NEAR = 200
"""Texts of each kind among which people are looked for: a rare role may be farther from the text than a common one."""
MOST_PEOPLE = 500
MOST_NEEDED = 30
"""Ideas on the page of those that need a person."""
CALLED = 3
"""Roles that a text calls for at most."""


@dataclass(frozen=True)
class Suggested:
    """Someone who could bring some of what an idea lacks."""

    found: Found
    roles: Sequence[Tag]
    """Those that the idea lacks and this person has; in a proposal those that they would cover."""
    load: Load
    can_answer: bool
    has_asked: bool

    @property
    def role_id(self) -> str | None:
        """The role to invite them for; none where they cover several."""
        return self.roles[0].id if len(self.roles) == 1 else None


@dataclass(frozen=True)
class TeamOffer:
    """The people by role, in the order of the needs, and few of them who together bring as much as can be."""

    by_role: Sequence[tuple[Need, Sequence[Suggested]]] = ()
    proposal: Sequence[Suggested] = ()
    uncovered: Sequence[Need] = ()
    is_catching_up: bool = False
    """The idea has not been embedded yet."""

    @property
    def to_invite(self) -> list[Suggested]:
        return [each for each in self.proposal if each.can_answer]


def team_for(viewer: Viewer, idea: Idea, needs: Sequence[Need]) -> TeamOffer:
    """People whom the viewer may see, who agreed to be asked and can be this week, who have a role that the idea lacks
    and whose texts or statement pass the cut of people on its subject."""
    bringing = people_bringing(viewer, idea, [need.role.id for need in needs]) if needs else {}
    if not bringing:
        return TeamOffer([(need, ()) for need in needs], uncovered=needs)
    standing = standing_of(viewer)
    query = lacking(stored_query(standing, ("idea", idea.id)), needs)
    people = _people_on_subject(viewer, standing, query, bringing)
    team = _covering([need.role.id for need in needs], list(people.values()))
    return TeamOffer(
        by_role=[(need, _with_role(need, needs, people.values())) for need in needs],
        proposal=[people[place.key].suggested(needs, place.roles) for place in team.places],
        uncovered=[need for need in needs if need.role.id in team.uncovered],
        is_catching_up=not query.is_embedded,
    )


@dataclass(frozen=True)
class OnSubject:
    """Someone who brings something and passed the cut."""

    match: Match
    found: Found
    brings: Bringing
    load: Load

    def suggested(self, needs: Sequence[Need], roles: Collection[str]) -> Suggested:
        """With those of these roles, in the order of the needs."""
        named = [need.role for need in needs if need.role.id in roles]
        return Suggested(self.found, named, self.load, self.brings.can_answer, self.brings.has_asked)


def _with_role(need: Need, needs: Sequence[Need], people: Iterable[OnSubject]) -> list[Suggested]:
    """Invented people are shown only where nobody else has it."""
    having = [each for each in people if need.role.id in each.brings.roles]
    here = [each for each in having if each.brings.can_answer] or having
    return [each.suggested(needs, each.brings.roles) for each in here[:OF_EACH_ROLE]]


def _covering(roles: Sequence[str], people: Sequence[OnSubject]) -> Team:
    """Invented people stand in only for what nobody else brings."""
    members = [Member(each.match.key, each.brings.roles, each.match.score, each.load.asked) for each in people]
    real = proposed_team(
        roles, [member for member, each in zip(members, people, strict=True) if each.brings.can_answer]
    )
    invented = proposed_team(real.uncovered, members)
    return Team([*real.places, *invented.places], invented.uncovered)


def _people_on_subject(
    viewer: Viewer, standing: Standing, query: Query, bringing: Mapping[int, Bringing]
) -> dict[Hashable, OnSubject]:
    """Those of these people who pass the cut, by key, whoever can answer first and then the best; each explained."""
    statistics, said = current_statistics(standing), said_to(standing, viewer)
    texts = texts_beside(viewer, standing, query, statistics, limit=NEAR)
    loads = loads_of(_near(standing, query, texts, bringing))
    free: set[Key] = {("person", person_id) for person_id, load in loads.items() if not load.is_full}
    statements = candidates(standing, visible_now(viewer, standing, free))
    every = {**texts, **statements}
    compared = compared_with(query, every, statistics, standing.weights)
    matches = [
        match
        for match in compared.ranked_people(people_beside(compared, texts, statements), limit=len(statements))
        if not said.hides(cast(Key, query.key), cast(Key, match.key), "")
    ]
    by_key = {cast(Key, match.key): match for match in matches}
    written = nearest_texts(compared, texts, by_key)
    (found,) = explained(viewer, standing, query, every, lists=[matches], written=written, statistics=statistics)
    people = [OnSubject(by_key[each.row.key], each, bringing[each.row.id], loads[each.row.id]) for each in found]
    return {each.found.row.key: each for each in sorted(people, key=lambda each: not each.brings.can_answer)}


def _near(
    standing: Standing, query: Query, texts: Mapping[Key, Candidate], bringing: Mapping[int, Bringing]
) -> list[int]:
    """Those of these people who wrote one of the texts, or say that they know the subject."""
    authors = {candidate.author_id for candidate in texts.values()}
    willing = willing_people(standing)
    near = [each for each in bringing if each in authors or willing.get(each, frozenset()) & query.text.topics]
    return sorted(near, key=lambda each: (each not in authors, each))[:MOST_PEOPLE]


def lacking(query: Query, needs: Sequence[Need]) -> Query:
    """The same text, as one that needs these roles."""
    roles = frozenset(need.role.id for need in needs)
    by_encoder = {name: replace(text, needed_roles=roles) for name, text in query.by_encoder.items()}
    return replace(query, text=replace(query.text, needed_roles=roles), by_encoder=by_encoder)


@dataclass(frozen=True)
class NeededBy:
    """An idea that lacks roles which a person has."""

    found: Found
    needs: Sequence[Need]


def ideas_that_need(person: User) -> list[NeededBy]:
    """Visible ideas, of others, that lack a role of the person and speak of what they speak of or name as a topic."""
    keys = ideas_needing_roles_of(person)
    if not keys:
        return []
    standing, own = standing_of(person), {role.id for role in person.roles}
    query, texts, statistics = person_query(standing, person), candidates(standing, keys), current_statistics(standing)
    compared = compared_with(query, texts, statistics, standing.weights)
    said = said_to(standing, person)

    def is_wanted(match: Match) -> bool:
        text = texts[cast(Key, match.key)].text
        is_on_subject = match.says_enough or bool(text.topics & query.text.topics)
        return is_on_subject and not said.hides(("person", person.id), cast(Key, match.key), text.language)

    def readable_first(match: Match) -> tuple[bool, float, str]:
        return texts[cast(Key, match.key)].text.language not in person.languages, *best_first(match)

    every = ranked(compared, texts, "idea", limit=len(texts), cut=False)
    chosen = sorted(filter(is_wanted, every), key=readable_first)[:MOST_NEEDED]
    (found,) = explained(person, standing, query, texts, lists=[chosen], written={}, statistics=statistics)
    needs = needs_of([each.row.id for each in found])
    return [
        NeededBy(each, [need for need in needs[each.row.id] if need.role.id in own]) for each in needing(person, found)
    ]


def called_roles(standing: Standing, idea_ids: Sequence[int]) -> dict[int, tuple[str, dict[str, str]]]:
    """The digest of each of these ideas that are embedded, and the roles that its section on needs calls for, each with
    the sentence."""
    found = candidates(standing, [("idea", idea_id) for idea_id in idea_ids])
    quotes, statistics = quotes_of(found), current_statistics(standing)
    readers = encoding().known.reading(LANGUAGE)
    roles = all_roles()
    called: dict[int, tuple[str, dict[str, str]]] = {}
    for key, candidate in found.items():
        spoken, sentences = spoken_by(candidate, quotes[key]), {}
        encoder = next((each for each in readers if each.name in spoken and each.name in statistics), None)
        rows = [row for row, quote in enumerate(quotes[key]) if quote.section == "needs"]
        if encoder and rows and len(spoken[encoder.name].sentences):
            own, said = statistics[encoder.name], [quotes[key][row] for row in rows]
            vectors = own.sentences(in_full(spoken[encoder.name].sentences))[rows]
            words = [terms(quote.text, quote.language) for quote in said]
            calls = called_for(vectors, words, defined(roles, encoder, own, standing), own, limit=CALLED)
            sentences = {call.tag: said[call.sentence].text for call in calls}
        if candidate.digest:
            called[key[1]] = (candidate.digest, sentences)
    return called
