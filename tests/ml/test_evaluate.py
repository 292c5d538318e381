"""The evaluation reads judged sets of any state and reports the product beside simple systems."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml import targets
from ml.evaluate import main
from ml.judged import read_judged_set
from ml.measures import average_precision, ndcg, recall, reciprocal_rank

CORPUS = [
    {
        "_id": 1,
        "title": "Battery boxes",
        "text": "Pupils collect phone batteries.",
        "metadata": {"group": "a", "created": 1},
    },
    {"_id": 2, "title": "", "text": "A fee on fridges.", "metadata": {"group": "a", "created": "2020-01-01T00:00:00Z"}},
    {"_id": 3, "title": "", "text": "", "metadata": None},
    {"_id": 4, "title": "Phone batteries", "text": "Phone batteries again.", "metadata": {"group": "b"}},
    {"_id": 5, "text": "Phone batteries at last", "metadata": {"group": "a", "created": "2030-01-01 00:00:00"}},
]
QUERIES = [
    {"_id": "q1", "text": "phone batteries", "metadata": {"group": "a", "created": 1700000000}},
    {"_id": "q2", "text": "phone batteries", "metadata": {"exclude": "4"}},
    {"_id": "q3", "text": ""},
    {"_id": "unjudged", "text": "fridges"},
]
JUDGEMENTS = "query-id\tcorpus-id\tscore\nq1\t1\t1\nq1\t5\t1\nq2\t1\t2\nq3\t2\t1\nq2\t4\t0\n"


def write_lines(path: Path, lines: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    write_lines(tmp_path / "corpus.jsonl", CORPUS)
    write_lines(tmp_path / "queries.jsonl", QUERIES)
    (tmp_path / "qrels.tsv").write_text(JUDGEMENTS)
    return tmp_path


def ranked(run: Path, query: str) -> list[str]:
    lines = (line.split() for line in run.read_text().splitlines())
    return [line[2] for line in lines if line[0] == query]


def evaluate(task: str, folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    main([task, str(folder), "--run", str(folder / "run"), "--encoder", "hashing", *more])
    report: dict[str, object] = json.loads(capsys.readouterr().out)
    return report


def test_related_prints_every_system_as_one_json_object(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = evaluate("related", judged, capsys)
    assert report["queries"] == 3
    systems = report["systems"]
    assert isinstance(systems, dict)
    assert {"commons", "commons, text only", "BM25", "TF-IDF", "plain encoder"} <= systems.keys()
    assert systems["commons"].keys() == {"nDCG@10", "MRR@10", "R@10", "R@100", "MAP"}


def test_candidates_are_those_of_the_group_without_the_excluded(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate("related", judged, capsys)
    assert set(ranked(judged / "run", "q1")) == {"1", "2", "5"}
    assert set(ranked(judged / "run", "q2")) == {"1", "2", "3", "5"}
    assert ranked(judged / "run", "q2")[-1] == "3"


def test_older_only_leaves_out_what_came_later(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate("related", judged, capsys, "--older-only")
    assert set(ranked(judged / "run", "q1")) == {"1", "2"}


def test_experts_are_ranked_by_their_posts_beside_activity_alone(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts = [{"_id": "p1", "user": 1, "text": "I collect phone batteries."}, {"_id": "p2", "user": 2, "text": ""}]
    write_lines(judged / "posts.jsonl", posts)
    systems = evaluate("experts", judged, capsys)["systems"]
    assert isinstance(systems, dict)
    assert "activity only" in systems
    order = ranked(judged / "run", "q1")
    assert order.index("1") < order.index("2")


def test_experts_are_compared_with_others_as_active(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1 beats 2, who has a post as well, for q1 and q2, and is its equal for the empty q3; 5 has no peer."""
    posts = [{"_id": f"p{user}", "user": user, "text": text} for user, text in ((1, "phone batteries"), (2, "fridges"))]
    write_lines(judged / "posts.jsonl", posts)
    report = evaluate("experts", judged, capsys)
    systems, compared = report["systems"], report["compared"]
    assert isinstance(systems, dict)
    assert isinstance(compared, dict)
    assert systems["commons"]["AUC"] == pytest.approx((1 + 1 + 1 / 2) / 3, abs=1e-4)
    assert {"AUC", "AUC, by pair", "AUC of late", "AUC of late, by pair"} <= systems["BM25"].keys()
    assert systems["activity only"]["AUC"] == systems["active of late only"]["AUC of late"] == 0.5
    assert compared["AUC"] == {"people": 3, "left out": 1, "queries": 3}


def test_texts_have_no_matched_auc(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate("related", judged, capsys)["compared"] == {}


def test_measures_follow_their_definitions() -> None:
    gains = {"a": 1.0, "b": 1.0}
    assert ndcg(["a", "b"], gains, 10) == 1
    assert ndcg(["x", "a", "b"], gains, 10) == pytest.approx((0.6309 + 0.5) / 1.6309, abs=1e-3)
    assert reciprocal_rank(["x", "a"], gains, 10) == 0.5
    assert reciprocal_rank(["x"], gains, 10) == 0
    assert recall(["x", "a"], gains, 10) == 0.5


def test_importing_the_ranking_loads_nothing_heavier_than_numpy() -> None:
    code = "import sys, ml, ml.ranking, ml.encoders, ml.explaining, ml.texts; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "sklearn", "scipy", "sentence_transformers", "flask", "sqlalchemy"} & set(loaded)


def test_average_precision_counts_relevant_documents_that_were_not_ranked() -> None:
    assert average_precision(["a", "x", "b"], {"a": 1, "b": 1}) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(["a"], {"a": 1, "b": 1}) == pytest.approx(0.5)
    assert average_precision([], {}) == 0


def test_where_a_set_lists_candidates_others_are_not_ranked_if_so_asked(judged: Path) -> None:
    (judged / "candidates.tsv").write_text("query-id\tcorpus-id\tscore\nq2\t2\t0\nq2\t1\t2\n")
    listed, every = read_judged_set(judged, listed_only=True), read_judged_set(judged)
    names = [each.key for each in listed.candidates(listed.queries["q2"], older_only=False)]
    assert names == ["1", "2"]
    assert len(every.candidates(every.queries["q2"], older_only=False)) > 2


def test_targets_are_printed_beside_simple_rankings_and_absent_sets_are_named(
    judged: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("sets")
    (folder / "stackfaq").symlink_to(judged)
    targets.main([str(folder), "--encoder", "hashing"])
    head, _rule, *rows = [line.strip("| \n").split(" | ") for line in capsys.readouterr().out.splitlines()]
    assert head[4:8] == ["reached", "BM25", "TF-IDF", "plain encoder"]
    (stackfaq,) = [row for row in rows if row[0] == "stackfaq"]
    assert stackfaq[2:4] == ["nDCG@10", "0.965"]
    assert 0 < float(stackfaq[4]) <= 1
    assert [row[0] for row in rows if row[1].startswith("not there")] == [
        "openideo-related-dev",
        "semeval16-q2q-dev",
        "openideo-experts-dev",
    ]


def test_people_have_an_aim_for_each_measure_of_theirs(
    judged: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("sets")
    (folder / "openideo-experts-dev").symlink_to(judged)
    targets.main([str(folder), "--encoder", "hashing"])
    head, _rule, *rows = [line.strip("| \n").split(" | ") for line in capsys.readouterr().out.splitlines()]
    aims = {row[2]: row for row in rows if row[0] == "openideo-experts-dev"}
    assert {measure: row[3] for measure, row in aims.items()} == {
        "nDCG@10": "0.380",
        "AUC": "0.620",
        "AUC of late": "0.620",
    }
    assert aims["AUC"][head.index("activity only")] == "0.500"
    assert aims["AUC of late"][head.index("active of late only")] == "0.500"
