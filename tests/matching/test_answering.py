"""Which requests a revision seems to answer, by the real encoders and by words alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from app.matching.answering import Added, Asked, additions, answered_by
from app.matching.encoding import encoding, encoding_for, use
from app.requests.models import SECTION_NAMES, SECTION_OF_KIND
from app.settings import EncoderSpec

Reading = Callable[[str], None]
CASES = yaml.safe_load(Path(__file__).with_name("revisions.yaml").read_text())


@pytest.fixture
def reading_with(app: Flask) -> Iterator[Reading]:
    before = encoding()

    def change(name: str) -> None:
        use(encoding_for((EncoderSpec(name),), app.config["COMMONS"]))
        encoding().warm()

    yield change
    use(before)


@dataclass
class Count:
    """What was proposed, beside what the revisions do answer."""

    answered: int = 0
    proposed: int = 0
    right: int = 0


def counted(cases: list[dict[str, Any]]) -> Count:
    count = Count()
    for case in cases:
        after = {**case["before"], **case["after"]}
        asked = [Asked(number, each["text"], places(each)) for number, each in enumerate(case["asked"])]
        proposed = answered_by(asked, case["before"], after, language=case["language"])
        answered = {number for number, each in enumerate(case["asked"]) if each["answered"]}
        count.answered += len(answered)
        count.proposed += len(proposed)
        count.right += len(proposed & answered)
    return count


def places(asked: dict[str, Any]) -> list[str]:
    where = asked["section"] or SECTION_OF_KIND.get(asked["kind"])
    return [where] if where else list(SECTION_NAMES)


@pytest.mark.encoder
def test_minilm_proposes_most_of_what_is_answered_and_little_else(reading_with: Reading) -> None:
    """Not more than was measured: see NOTES.md."""
    reading_with("minilm")
    looked_at, fresh = counted(CASES["looked at"]), counted(CASES["fresh"])
    assert looked_at.right >= 0.55 * looked_at.answered
    assert looked_at.right >= 0.8 * looked_at.proposed
    assert fresh.right >= 0.7 * fresh.answered
    assert fresh.right >= 0.6 * fresh.proposed


@pytest.mark.encoder
def test_the_multilingual_encoder_proposes_half_of_what_is_answered(reading_with: Reading) -> None:
    reading_with("use-multilingual")
    both = counted([*CASES["looked at"], *CASES["fresh"]])
    assert both.right >= 0.5 * both.answered
    assert both.right >= 0.8 * both.proposed


@pytest.mark.encoder
def test_an_answer_in_another_language_is_found(reading_with: Reading) -> None:
    reading_with("use-multilingual")
    asked = [Asked(1, "Que deviennent les données personnelles sur les vieux téléphones ?", ["approach"])]
    after = {"approach": "We collect phones. The personal data on each old phone are erased in front of its owner."}
    assert answered_by(asked, {"approach": "We collect phones."}, after, language="en") == {1}


def test_words_alone_propose_some(app: Flask) -> None:
    both = counted([*CASES["looked at"], *CASES["fresh"]])
    assert both.right >= 0.25 * both.answered
    assert both.right >= 0.65 * both.proposed


def test_words_that_stood_there_before_answer_nothing(app: Flask) -> None:
    asked = [Asked(1, "How heavy is the box?", ["approach"]), Asked(2, "Who empties it on Friday?", ["approach"])]
    after = {"approach": "A box in each class. A janitor empties the box each Friday."}
    assert answered_by(asked, {"approach": "A box in each class."}, after, language="en") == {2}


def test_another_section_answers_nothing(app: Flask) -> None:
    asked = [Asked(1, "Who empties it on Friday?", ["costs"])]
    assert answered_by(asked, {}, {"approach": "A janitor empties it each Friday."}, language="en") == set()


@pytest.mark.parametrize(
    ("before", "after", "added"),
    [
        ("", "A box costs 12 euro.", [Added("A box costs 12 euro.", "A box costs 12 euro.")]),
        ("Fridges leak when dealers cut teh pipes.", "Fridges leak when dealers cut the pipes.", []),
        ("One. Two is here.", "Two is here.", []),
        ("It costs little.", "It costs **40 euro** a box.", [Added("It costs 40 euro a box.", "40 euro a box")]),
        ("The same.", "The same.\n\n- The same.\n- A new line here.", None),
        ("", "   ", []),
        ("", "旧电池收集箱放在每个教室。", [Added("旧电池收集箱放在每个教室。", "旧电池收集箱放在每个教室。")]),
    ],
)
def test_what_a_revision_says_anew(before: str, after: str, added: list[Added] | None) -> None:
    found = additions(before, after)
    assert found == added if added is not None else "A new line here." in [each.sentence for each in found]


def test_a_request_without_a_word_is_answered_by_nothing(app: Flask) -> None:
    assert answered_by([Asked(1, "???", ["costs"])], {}, {"costs": "Twelve euro a box."}, language="en") == set()
