"""Puts a team together that brings the roles an idea needs."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """Someone who may join: the roles they have, how well they match, and how often they were asked of late."""

    key: Hashable
    roles: frozenset[str]
    score: float
    asked: int = 0


@dataclass(frozen=True)
class Place:
    """Someone in a team, and the needed roles that they cover in it."""

    key: Hashable
    roles: Sequence[str]


@dataclass(frozen=True)
class Team:
    """Each covered role is covered by one place; `uncovered` are those that nobody brings."""

    places: Sequence[Place] = ()
    uncovered: Sequence[str] = ()


def proposed_team(needs: Sequence[str], candidates: Sequence[Candidate]) -> Team:
    """Cover the needs with few people: always next who covers most of what is open (greedy set cover, Chvatal, 1979).

    Of those who cover as much, who matches best; then who was asked least; then in the order of the candidates.
    """
    open_roles, places = list(dict.fromkeys(needs)), []
    while open_roles:
        best = max(candidates, key=lambda each: _worth(each, open_roles), default=None)
        if best is None or not best.roles & set(open_roles):
            break
        places.append(Place(best.key, [role for role in open_roles if role in best.roles]))
        open_roles = [role for role in open_roles if role not in best.roles]
    return Team(places, open_roles)


def _worth(candidate: Candidate, open_roles: Sequence[str]) -> tuple[int, float, int]:
    """Scores are rounded, because their last digits depend on what else was compared."""
    return len(candidate.roles & set(open_roles)), round(candidate.score, 6), -candidate.asked
