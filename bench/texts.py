"""Generated texts: sentences of the demo community in new mixtures, and invented towns, so that some words are rare.

Everything depends on its number alone: the same number gives the same text in every run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from app.ideas.models import SECTIONS, STAGES
from app.markdown import plain_words
from ml.texts import split_sentences

DEMO = Path(__file__).parent.parent / "app" / "content" / "demo"
BEGINNINGS = ["Ka", "Mo", "Te", "Lu", "Ba", "Ni", "So", "Ra", "Pe", "Zu", "Di", "Va"]
MIDDLES = ["ru", "ban", "lo", "mi", "tan", "se", "gor", "ka", "vel", "du", "nor", "pi"]
ENDINGS = ["ma", "to", "li", "da", "ke", "sun", "ra", "vo", "na", "ba", "tu", "mo"]
THINGS = ["phones", "cables", "monitors", "torches", "printers", "fans", "radios", "kettles", "chargers", "modems"]
COUNTRIES = ["GH", "KE", "NG", "IN", "CO", "BR", "PT", "DE", "EG", "ID", "MX", "FR"]
SECTIONS_OF_AN_IDEA = 4
"""Beside its title, so that an idea has five sections with vectors."""
TITLE_MARK = " – "
"""Stands between the two parts of a title."""


@dataclass(frozen=True)
class GeneratedIdea:
    title: str
    sections: Mapping[str, str]
    facts: Mapping[str, Any]
    comments: list[str]


@dataclass(frozen=True)
class GeneratedPerson:
    name: str
    facts: Mapping[str, Any]


def generated_idea(number: int) -> GeneratedIdea:
    chance = Random(number)  # the mixture must be the same in every run
    first, second = chance.sample(demo_ideas(), 2)
    written = [section.key for section in SECTIONS if section.key in first["sentences"].keys() | second["sentences"]]
    chosen = {"problem", *chance.sample(written, min(len(written), SECTIONS_OF_AN_IDEA - 1))}
    for key in written:
        if len(chosen) < SECTIONS_OF_AN_IDEA:
            chosen.add(key)
    town = town_named(chance.randrange(len(BEGINNINGS) * len(MIDDLES) * len(ENDINGS)))
    sections = {key: mixed(first, second, key, chance) for key in written if key in chosen}
    sections["problem"] += f" In {town} we counted {len(town) * 37} {THINGS[len(town) % 10]} in one month."
    return GeneratedIdea(
        title=f"{first['title']}{TITLE_MARK}{town}"[:255],
        sections=sections,
        facts={
            "roles": first["serves"][:3],
            "needed_roles": second.get("needs_roles", [])[:2],
            "topics": first["topics"][:3],
            "stage": chance.choice(STAGES),
            "country": chance.choice(COUNTRIES),
        },
        comments=[" ".join(chance.sample(all_sentences(), 2)) for _ in range(number % 5)],
    )


def generated_person(number: int) -> GeneratedPerson:
    chance = Random(number)
    base = demo_people()[number % len(demo_people())]
    facts = {
        "display_name": f"{town_named(number * 7)} {town_named(number * 11 + 5)}",
        "roles": base.get("roles", []),
        "topics": base.get("topics", []),
        "languages": ["en"],
        "country": chance.choice(COUNTRIES),
        "organisation": "",
        "about": "",
        "offers": " ".join(chance.sample(all_sentences(), 3)),
        "asks_a_week": 3 if number % 3 else 0,
        "is_for_groups_only": False,
        "is_here_to_answer": False,
        "links": [],
    }
    return GeneratedPerson(f"person-{number}", facts)


@cache
def searches(count: int) -> list[str]:
    """What people might type: two words of one sentence, of those that are neither everywhere nor nowhere."""
    chance = Random(count)
    seen = Counter(word for sentence in all_sentences() for word in set(words_of(sentence)))
    asked = []
    while len(asked) < count:
        words = [word for word in words_of(chance.choice(all_sentences())) if 2 <= seen[word] <= 40 and len(word) > 4]
        if len(words) >= 2:
            asked.append(" ".join(chance.sample(words, 2)))
    return asked


def words_of(sentence: str) -> list[str]:
    return [word for word in sentence.lower().replace(",", " ").replace(".", " ").split() if word.isalpha()]


def mixed(first: dict[str, Any], second: dict[str, Any], key: str, chance: Random) -> str:
    """Up to three sentences of what the two ideas say in one section."""
    said = first["sentences"].get(key, []) + second["sentences"].get(key, [])
    return " ".join(chance.sample(said, min(3, len(said))))


def town_named(number: int) -> str:
    rest, beginning = divmod(number, len(BEGINNINGS))
    rest, middle = divmod(rest, len(MIDDLES))
    return BEGINNINGS[beginning] + MIDDLES[middle] + ENDINGS[rest % len(ENDINGS)]


@cache
def demo_ideas() -> list[dict[str, Any]]:
    """The English ideas of the demo community, each with its sentences by section."""
    ideas = yaml.safe_load((DEMO / "ideas.yaml").read_text("utf-8"))["ideas"]
    return [
        idea | {"sentences": {key: split_sentences(plain_words(text)) for key, text in idea["sections"].items()}}
        for idea in ideas
        if idea["language"] == "en"
    ]


@cache
def demo_people() -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = yaml.safe_load((DEMO / "people.yaml").read_text("utf-8"))["people"]
    return people


@cache
def all_sentences() -> list[str]:
    return [sentence for idea in demo_ideas() for said in idea["sentences"].values() for sentence in said]
