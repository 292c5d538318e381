"""Measures the product's own ranking on a judged set, beside simple rankings, in one run.

    python -m ml.evaluate related DIR --run FILE [--older-only]
    python -m ml.evaluate experts DIR --run FILE

Prints one JSON object; writes the product's ranking as a TREC run file. For experts there is the matched AUC besides,
of people who really commented against others as active (`ml.peers`): with as many posts before (AUC), or with as much
of what the product itself gives for being active of late (AUC of late).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ml.baselines import Scores, cosines, mixture
from ml.encoders import Encoder, HashingEncoder, MiniLM
from ml.features import Text
from ml.judged import Document, JudgedSet, read_judged_set
from ml.library import Field, Library
from ml.measures import mean_measures
from ml.peers import MatchedAuc, matched_auc
from ml.ranking import Match, rank_people, rank_texts

PRODUCT = "commons"
ACTIVITY = "activity only"
OF_LATE = "active of late only"
PARTS_OF_LATE = frozenset({"activity", "presence"})
MATCHED = {"AUC": ACTIVITY, "AUC of late": OF_LATE}
"""By the ranking that says how active people are."""
PLAIN = "plain encoder"
FUSION = "0.7 plain + 0.3 BM25"
DEPTH = 1000

Ranked = list[tuple[str, float]]
Rankings = dict[str, Ranked]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    judged = read_judged_set(options.folder).limited(older_only=options.older_only)
    library = Library.of(judged, ENCODERS[options.encoder]())
    evaluate = evaluate_experts if options.task == "experts" else evaluate_related
    systems = evaluate(judged, library, older_only=options.older_only)
    write_run(options.run, systems[PRODUCT])
    print(json.dumps(report(options, judged, library, systems), indent=2))


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ml.evaluate", description=__doc__.split("\n")[0])
    parser.add_argument("task", choices=["related", "experts"])
    parser.add_argument("folder", type=Path, help="holds corpus.jsonl, queries.jsonl, qrels.tsv")
    parser.add_argument("--run", type=Path, required=True, help="where the TREC run file goes")
    parser.add_argument("--older-only", action="store_true", help="candidates with an earlier metadata.created only")
    parser.add_argument("--encoder", choices=sorted(ENCODERS), default="minilm")
    return parser.parse_args(arguments)


ENCODERS: Mapping[str, Callable[[], Encoder]] = {"minilm": MiniLM, "hashing": HashingEncoder}


def evaluate_related(judged: JudgedSet, library: Library, *, older_only: bool) -> dict[str, Rankings]:
    """Rankings of texts by system and query."""
    systems: dict[str, Rankings] = {}
    for query in tqdm(judged.queries.values(), desc="queries", file=sys.stderr):
        candidates = judged.candidates(query, older_only=older_only)
        field = library.field(query.group)
        keys = [candidate.key for candidate in candidates]
        wanted, texts = library.text(query), [library.text(candidate) for candidate in candidates]
        rank = partial(rank_texts, statistics=field.statistics, kind="idea", limit=DEPTH, cut=False)
        note(systems, PRODUCT, query, as_ranked(rank(wanted, texts)))
        note(systems, f"{PRODUCT}, text only", query, as_ranked(rank(bare(wanted), [bare(text) for text in texts])))
        note_baselines(systems, field, library, query, keys)
    return systems


def evaluate_experts(judged: JudgedSet, library: Library, *, older_only: bool) -> dict[str, Rankings]:
    """Rankings of people by system and query; a person is the posts.jsonl of theirs, or else their document."""
    systems: dict[str, Rankings] = {}
    for query in tqdm(judged.queries.values(), desc="queries", file=sys.stderr):
        candidates = judged.candidates(query, older_only=older_only)
        field = library.field(query.group)
        keys = [candidate.key for candidate in candidates]
        rank = partial(rank_people, statistics=field.statistics, limit=DEPTH, cut=False)
        people = [library.person(candidate, judged) for candidate in candidates]
        note(systems, f"{PRODUCT}, posts only", query, as_ranked(rank(library.text(query), people)))
        put_up = [library.with_own_ideas(person, query, judged) for person in people]
        matches = rank(library.text(query), put_up)
        note(systems, PRODUCT, query, as_ranked(matches))
        note(systems, f"{PRODUCT}, texts only", query, by_parts(matches, of_late=False))
        note(systems, OF_LATE, query, by_parts(matches, of_late=True))
        note_baselines(systems, field, library, query, keys)
        posts = np.array([library.plain_of_posts(candidate, judged) for candidate in candidates])
        note(systems, "mean of posts", query, by_score(keys, cosines(library.plain(query.whole), posts)))
        activity = [candidate.activity or len(judged.posts.get(candidate.key, ())) for candidate in candidates]
        note(systems, ACTIVITY, query, by_score(keys, np.array(activity, dtype=float)))
    return systems


def bare(text: Text) -> Text:
    """The text alone, without whatever else is known of it."""
    return replace(text, written_at=None, author=None, phase=None, topics=frozenset())


def note_baselines(
    systems: dict[str, Rankings], field: Field, library: Library, query: Document, keys: Sequence[str]
) -> None:
    rows = [field.rows[key] for key in keys]
    words = field.bm25.scores(library.text(query).terms)[rows]
    plain = cosines(library.plain(query.whole), field.plain)[rows]
    note(systems, "BM25", query, by_score(keys, words))
    note(systems, "TF-IDF", query, by_score(keys, field.tf_idf.scores(query.whole)[rows]))
    note(systems, PLAIN, query, by_score(keys, plain))
    note(systems, FUSION, query, by_score(keys, mixture(plain, words)))


def note(systems: dict[str, Rankings], system: str, query: Document, ranked: Ranked) -> None:
    systems.setdefault(system, {})[query.key] = ranked


def as_ranked(matches: Iterable[Match]) -> Ranked:
    return [(str(match.key), match.score) for match in matches]


def by_parts(matches: Sequence[Match], *, of_late: bool) -> Ranked:
    """Ranked by how active people are of late alone, or by all but that."""

    def counted(match: Match) -> float:
        return sum(part for name, part in match.parts.items() if (name in PARTS_OF_LATE) == of_late)

    return by_score([str(match.key) for match in matches], np.array([counted(match) for match in matches]).round(6))


def by_score(keys: Sequence[str], scores: Scores) -> Ranked:
    ordered = sorted(range(len(keys)), key=lambda row: (-scores[row], keys[row]))
    return [(keys[row], float(scores[row])) for row in ordered[:DEPTH]]


def write_run(path: Path, rankings: Rankings) -> None:
    """TREC format: query Q0 document rank score system."""
    with path.open("w", encoding="utf-8") as file:
        for query, ranked in rankings.items():
            for rank, (key, score) in enumerate(ranked, start=1):
                file.write(f"{query} Q0 {key} {rank} {score:.6f} {PRODUCT}\n")


def measured(judged: JudgedSet, systems: Mapping[str, Rankings]) -> dict[str, dict[str, float]]:
    """Each measure of each system."""
    return {
        system: mean_measures(
            {query: [key for key, _ in ranked] for query, ranked in rankings.items()}, judged.relevant
        )
        | matched_measures(judged, systems, rankings)
        for system, rankings in systems.items()
    }


def matched_measures(judged: JudgedSet, systems: Mapping[str, Rankings], rankings: Rankings) -> dict[str, float]:
    """None where no ranking says how active people are."""
    found: dict[str, float] = {}
    for name, auc in matched(judged, systems, rankings).items():
        found |= {name: round(auc.mean, 4), f"{name}, by pair": round(auc.by_pair, 4)}
    return found


def matched(judged: JudgedSet, systems: Mapping[str, Rankings], rankings: Rankings) -> dict[str, MatchedAuc]:
    return {
        name: matched_auc(rankings, systems[activity], judged.relevant)
        for name, activity in MATCHED.items()
        if activity in systems
    }


def report(
    options: argparse.Namespace, judged: JudgedSet, library: Library, systems: dict[str, Rankings]
) -> dict[str, object]:
    return {
        "set": options.folder.resolve().name,
        "task": options.task,
        "older_only": options.older_only,
        "encoder": library.encoder.name,
        "documents": len(judged.documents),
        "queries": len(judged.queries),
        "systems": measured(judged, systems),
        "compared": {
            name: {"people": auc.people, "left out": auc.left_out, "queries": auc.queries}
            for name, auc in matched(judged, systems, systems[PRODUCT]).items()
        },
    }


if __name__ == "__main__":
    main()
