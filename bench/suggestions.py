"""How often the suggested topics and roles are those that a text carries: each text of the demo community and each
nugget is asked about as if it carried none.

    python -m bench.suggestions      # on the database that the settings name
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean
from unittest.mock import patch

from app import create_app
from app.accounts.models import Guest
from app.matching import suggesting
from app.matching.encoding import encoding
from app.matching.queries import look_around
from app.matching.standing import Standing, standing_of
from app.matching.texts import Query, stored_query
from app.search.queries import Key, subject_ids
from app.taxonomy.queries import all_roles, all_topics
from ml import suggesting as scoring

PRECISION_AT, RECALL_AT = 3, 4
DEFINITIONS_ALONE = {"definition": 1.0, "carried": 0.0, "words": 0.0}
Ranked = Callable[[Query], Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """A text as if it carried no tags, and those that it does."""

    query: Query
    own: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, standing: Standing, key: Key) -> Asked:
        query = stored_query(standing, key)
        bare = {"topics": frozenset[str](), "roles": frozenset[str]()}
        by_encoder = {name: replace(text, **bare) for name, text in query.by_encoder.items()}
        own = {"topics": query.text.topics, "roles": query.text.roles}
        return cls(replace(query, text=replace(query.text, **bare), by_encoder=by_encoder), own)


def main() -> None:
    app = create_app()
    with app.test_request_context():
        encoding().warm()
        standing = standing_of(Guest())
        texts = [Asked.of(standing, (kind, each)) for kind in ("idea", "nugget") for each in subject_ids(kind)]
        for place, tags in (("topics", all_topics()), ("roles", all_roles())):
            asked = [text for text in texts if text.own[place]]
            print(f"{place}, {len(asked)} texts{'':12} precision@{PRECISION_AT}  recall@{RECALL_AT}")
            for name, ranked in systems(standing, place, asked, [tag.id for tag in tags]).items():
                precision, recall = measured(asked, place, ranked)
                print(f"  {name:28} {precision:11.3f}  {recall:8.3f}")


def systems(standing: Standing, place: str, asked: Sequence[Asked], tags: Sequence[str]) -> dict[str, Ranked]:
    carried = Counter(tag for text in asked for tag in text.own[place])
    own = {text.query.key: text.own[place] for text in asked}

    def most_frequent(query: Query) -> Sequence[str]:
        """Among the other texts."""
        return sorted(tags, key=lambda tag: (-(carried[tag] - (tag in own[query.key])), tags.index(tag)))

    def suggested(query: Query) -> Sequence[str]:
        return [tag.id for tag in getattr(suggesting.tags_for(look_around(Guest(), standing, query)), place)]

    def uncut(query: Query, weights: Mapping[str, float]) -> Sequence[str]:
        with (
            patch.object(scoring, "tag_cut", lambda _encoder: 0.0),
            patch.object(scoring, "WEIGHTS", weights),
            patch.object(suggesting, "TOPICS", RECALL_AT),
            patch.object(suggesting, "ROLES", RECALL_AT),
        ):
            return suggested(query)

    weights = scoring.WEIGHTS
    return {
        "most frequent": most_frequent,
        "definitions alone": lambda query: uncut(query, DEFINITIONS_ALONE),
        "suggested, without a cut": lambda query: uncut(query, weights),
        "suggested": suggested,
    }


def measured(asked: Sequence[Asked], place: str, ranked: Ranked) -> tuple[float, float]:
    """The means over the texts; places that stay empty count as wrong ones."""
    found = [(ranked(text.query), text.own[place]) for text in asked]
    precision = mean(hits(tags, own, PRECISION_AT) / PRECISION_AT for tags, own in found)
    return precision, mean(hits(tags, own, RECALL_AT) / len(own) for tags, own in found)


def hits(tags: Sequence[str], own: Collection[str], most: int) -> int:
    return len(set(tags[:most]) & set(own))


if __name__ == "__main__":
    main()
