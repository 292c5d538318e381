"""Weights are learned from what members say, used where they are better, and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db
from app.feedback.models import Impression, Judgement
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.matching import training
from app.matching.commands import embed_waiting
from app.matching.models import LearnedWeights
from app.matching.training import JudgedFolder, roll_back, train
from app.matching.weights import weights_history, weights_now
from app.refusals import Conflict
from ml.training import ENOUGH_LISTS, Lesson
from ml.weights import shipped_weights
from tests.conftest import BeginWith
from tests.factories import judge, make_idea, make_person, make_private_group
from tests.matching.test_matches_on_pages import FILLER, NEAR, PROBLEM

ClientFor = Callable[[User], FlaskClient]

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.long]


def make_ideas(count: int = ENOUGH_LISTS + 2, **facts: object) -> list[Idea]:
    """Two, and many others beside which they stand: one says more of the same, one shares the topic."""
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem}, **facts)
    same_words = make_idea(title="Bins of a school", sections={"problem": NEAR}, topics=["repair"], **facts)
    same_topic = make_idea(
        title="Boxes in a library",
        sections={"problem": "Readers bring old phone batteries."},
        topics=["batteries"],
        **facts,
    )
    subjects = [
        make_idea(title=f"School number {number}", sections={"problem": PROBLEM}, topics=["batteries"], **facts)
        for number in range(count)
    ]
    embed_waiting()
    return [same_words, same_topic, *subjects]


def judge_by_topic(ideas: Sequence[Idea], *, people: int = 5) -> None:
    same_words, same_topic, *subjects = ideas
    judges = [make_person() for _ in range(people)]
    for subject in subjects:
        judge(subject, [same_words, same_topic], verdicts=["wrong-topic", "useful"], by=judges)


def judged_ideas() -> None:
    judge_by_topic(make_ideas())


def test_what_members_judge_by_weighs_more_from_then_on() -> None:
    ideas = make_ideas()
    judge_by_topic(ideas)
    (lesson,) = train([])
    assert lesson.wins
    assert lesson.after["members"] > lesson.before["members"]
    before, after = shipped_weights().parts, weights_now().parts
    assert after["idea"]["topics"] > before["idea"]["topics"]
    assert after["question"] == after["idea"]
    assert after["person"] == before["person"]
    assert weights_now().name.startswith("learned-")


def test_lists_are_made_anew_by_the_learned_weights_and_their_name_is_logged(client_for: ClientFor) -> None:
    ideas = make_ideas()
    judge_by_topic(ideas)
    well, pump = (
        make_idea(title=title, sections={"problem": f"{said} The well of the village is dry since the pump broke."})
        for title, said in (("A pump for the well", "Women walk an hour."), ("Who mends our well", "Boys carry cans."))
    )
    embed_waiting()
    member = make_person()
    reader = client_for(member)
    reader.get(post_address(well)).close()
    train([])
    reader.get(post_address(pump)).close()
    logged = select(Impression.weights).where(Impression.person_id == member.id).distinct()
    assert set(db.session.scalars(logged)) == {shipped_weights().name, weights_now().name}


def test_a_rollback_brings_back_the_weights_before_and_keeps_the_history(begin_with: BeginWith) -> None:
    begin_with(judged_ideas)
    train([])
    first = weights_now().name
    assert roll_back() == first
    assert weights_now() == shipped_weights()
    assert roll_back() is None
    assert [record.name for record in weights_history()] == [shipped_weights().name, first]
    train([])
    assert weights_now().name not in (first, shipped_weights().name)


def test_what_wins_once_does_not_win_again_over_itself(begin_with: BeginWith) -> None:
    begin_with(judged_ideas)
    train([])
    first = weights_now().name
    (again,) = train([])
    assert not again.wins
    assert weights_now().name == first


def test_a_try_changes_nothing(begin_with: BeginWith) -> None:
    begin_with(judged_ideas)
    (lesson,) = train([], is_kept=False)
    assert lesson.wins
    assert weights_now() == shipped_weights()
    assert db.session.scalar(select(func.count(LearnedWeights.id))) == 0


def test_what_fewer_than_five_people_say_teaches_nothing() -> None:
    ideas = make_ideas(count=50)
    judge_by_topic(ideas, people=4)
    assert train([]) == []
    judge(ideas[2], ideas[:2], verdicts=["wrong-topic", "useful"], people=1)
    assert train([])


def test_one_person_cannot_teach_by_judging_much() -> None:
    same_words, same_topic, *subjects = make_ideas()
    busy = make_person()
    for subject in subjects:
        judge(subject, [same_words, same_topic], verdicts=["wrong-topic", "useful"], by=[busy])
    for subject in subjects[:4]:
        judge(subject, [same_words, same_topic], verdicts=["wrong-topic", "useful"], people=1)
    assert train([]) == []


def test_weights_of_another_version_with_other_parts_are_not_used(client: FlaskClient) -> None:
    ideas = make_ideas()
    db.session.add(LearnedWeights(name="older", parts={"idea": {"gone": 1.0}}, scores={}, measured={}))
    db.session.commit()
    assert weights_now() == shipped_weights()
    assert client.get(post_address(ideas[0])).status_code == 200


def test_what_was_learned_beside_weights_that_were_taken_back_meanwhile_is_not_used(
    begin_with: BeginWith,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin_with(judged_ideas)
    train([])
    judge_by_meaning = training.judged_lists

    def meanwhile(folders: Sequence[JudgedFolder]) -> training.Lists:
        roll_back()
        return judge_by_meaning(folders)

    monkeypatch.setattr(training, "judged_lists", meanwhile)
    monkeypatch.setattr(Lesson, "wins", True)
    with pytest.raises(Conflict):
        train([])
    assert weights_now() == shipped_weights()


def test_judgements_in_a_private_group_change_no_weights() -> None:
    member = make_person()
    group = make_private_group(member)
    judge_by_topic(make_ideas(by=member, group=group))
    assert db.session.scalar(select(func.count(Judgement.id)))
    assert train([]) == []


def test_the_page_of_match_quality_tells_of_learned_weights(begin_with: BeginWith, client: FlaskClient) -> None:
    begin_with(judged_ideas)
    train([])
    page = client.get("/match-quality").text
    assert weights_now().name in page
    assert "Pairwise logistic regression on" in page


def write_set(folder: Path) -> None:
    """Each query has one relevant document, which shares its topic and no more words than the other."""
    corpus, queries, judgements = [], [], ["query-id\tcorpus-id\tscore"]
    for number in range(60):
        about = {"group": f"g{number}", "created": 1}
        corpus += [
            {"_id": f"y{number}", "text": "Old phones.", "metadata": {**about, "themes": ["batteries"]}},
            {"_id": f"n{number}", "text": "Phone batteries end in the classroom.", "metadata": about},
        ]
        queries.append(
            {"_id": f"q{number}", "text": PROBLEM, "metadata": {**about, "created": 2, "themes": ["batteries"]}}
        )
        judgements.append(f"q{number}\ty{number}\t1")
    for name, lines in (("corpus", corpus), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "qrels.tsv").write_text("\n".join(judgements))


def test_the_command_learns_from_a_folder_says_what_it_is_worth_and_takes_it_back(app: Flask, tmp_path: Path) -> None:
    write_set(tmp_path)
    run = app.test_cli_runner().invoke
    tried = run(args=["matching", "train", "--texts", str(tmp_path), "--try"]).output
    assert f"{tmp_path.name}: " in tried
    assert f"ranked by {shipped_weights().name}" in tried
    trained = run(args=["matching", "train", "--texts", str(tmp_path)]).output
    assert "Better." in trained
    assert f"ranked by {weights_now().name}" in trained
    told = json.loads(run(args=["matching", "weights"]).output)
    assert told["name"] == weights_now().name
    assert told["parts"]["idea"]["topics"] > shipped_weights().parts["idea"]["topics"]
    assert "is out of use" in run(args=["matching", "rollback"]).output
    assert "Nothing learned here is in use" in run(args=["matching", "rollback"]).output
    assert weights_now() == shipped_weights()


def test_the_command_says_in_plain_words_what_is_missing(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    assert "Too little was judged" in run(args=["matching", "train"]).output
    empty = run(args=["matching", "train", "--texts", str(tmp_path)])
    assert empty.exit_code == 1
    assert "cannot be read" in empty.output
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n")
    (tmp_path / "corpus.jsonl").write_text('{"_id": "1", "text": "a"}\n["2"]\n')
    assert "corpus.jsonl, line 2" in run(args=["matching", "train", "--texts", str(tmp_path)]).output
