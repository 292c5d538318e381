"""Search: words and meaning together over everything that the viewer may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from flask_babel import get_locale

from app.accounts.models import Viewer
from app.matching.encoding import encoding
from app.matching.found import Found, explained
from app.matching.queries import IDEAS, best_first, compared_with, nearest, ranked
from app.matching.standing import standing_of, visible_now
from app.matching.statistics import Statistics, current_statistics
from app.matching.texts import NO_ENCODER, Candidate, Query, candidates, content_of, draft_query
from app.search.queries import FOUND_KINDS, Key, Kind, SearchFilters, SubjectText
from app.search.store import full_text
from ml.cuts import nearest_floor
from ml.languages import language_of_few_words
from ml.ranking import Match

BY_WORDS, BY_MEANING = 60, 30
"""Of each kind: some pages of results."""
RANK_DAMPING = 60


@dataclass(frozen=True)
class SearchResults:
    """One page of what a search found: by words or, above the cut, by meaning."""

    found: Sequence[Found]
    total: int
    counts: Mapping[Kind, int]
    """How many of each kind, whatever kind was chosen."""
    nearest: Sequence[Found]
    """What comes near in meaning, if anything does, when nothing was found."""
    is_basic: bool
    is_provisional: bool
    """By words alone, while the encoder is being loaded."""


def search_everything(viewer: Viewer, asked: str, filters: SearchFilters, *, start: int, size: int) -> SearchResults:
    """Everything visible that shares words with what is asked or means nearly the same, best first."""
    query = draft_query(_as_text(asked))
    standing = standing_of(viewer)
    statistics = current_statistics(standing)
    words = _hits_by_words(query, standing.groups)
    near = nearest(standing, query, kinds=FOUND_KINDS, limit=BY_MEANING)
    visible = candidates(standing, visible_now(viewer, standing, {*words, *(each.key for each in near)}))
    texts = {key: candidate for key, candidate in visible.items() if _admits(filters, candidate)}
    compared = compared_with(query, texts, statistics, standing.weights)
    every = (match for kind in FOUND_KINDS for match in ranked(compared, texts, kind, limit=len(texts), cut=False))
    by_meaning = sorted(every, key=best_first)
    found = [match for match in _fused(words, by_meaning) if match.says_enough or match.key in words]
    chosen = [match for match in found if filters.kind in (None, cast(Key, match.key)[0])]
    lists = [chosen[start : start + size], [] if chosen else _nearest(by_meaning, statistics)]
    shown, beside = explained(viewer, standing, query, texts, lists=lists, written={}, statistics=statistics)
    counts = Counter(cast(Key, match.key)[0] for match in found)
    return SearchResults(shown, len(chosen), counts, beside, encoding().is_basic, not query.is_embedded)


def words_of(asked: str) -> list[str]:
    """What a search looks for by words: those that say something or, when none does, all of them."""
    return content_of(_as_text(asked))["labels"] or asked.split()


def _as_text(asked: str) -> SubjectText:
    language = language_of_few_words(asked, otherwise=str(get_locale() or "en"))
    return SubjectText("search", 0, title=asked, sections={"title": asked}, language=language)


def _admits(filters: SearchFilters, candidate: Candidate) -> bool:
    roles = candidate.text.roles | candidate.text.needed_roles
    return filters.admit(language=candidate.text.language, topics=candidate.text.topics, roles=roles)


def _hits_by_words(query: Query, groups: frozenset[int]) -> list[Key]:
    """Best first, in the order of the full-text index."""
    hits = full_text().find(list(query.labels.values()), kinds=FOUND_KINDS, groups=groups, limit=BY_WORDS)
    return [hit.key for hit in hits]


def _nearest(by_meaning: Sequence[Match], statistics: Statistics) -> list[Match]:
    """The best of what is not close enough; to a search for nonsense nothing is near."""
    return [match for match in by_meaning if match.evidence >= nearest_floor(statistics[NO_ENCODER].encoder)][:IDEAS]


def _fused(words: Sequence[Key], by_meaning: Sequence[Match]) -> list[Match]:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, 2009) of the two orders."""
    places = {key: place for place, key in enumerate(words)}
    scores = {
        match.key: 1 / (RANK_DAMPING + place) + (1 / (RANK_DAMPING + places[key]) if key in places else 0.0)
        for place, match in enumerate(by_meaning)
        for key in [cast(Key, match.key)]
    }
    return sorted(by_meaning, key=lambda match: (-scores[match.key], str(match.key)))
