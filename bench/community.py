"""Throw-away instances of the Commons with many ideas, made through its own commands, and embedded."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import delete, func, select
from tqdm import tqdm

from app import ROOT, create_app
from app.accounts.commands import change_profile, register
from app.accounts.models import User
from app.course.commands import load_catalogue
from app.database import db, transaction
from app.forum.commands import post_comment
from app.groups.commands import open_challenge_group
from app.groups.models import Group
from app.groups.queries import challenge_group
from app.ideas.commands import publish_idea
from app.ideas.models import Idea
from app.jobs.models import Job
from app.kept import Kept
from app.matching.commands import embed_waiting
from app.matching.encoding import KEPT_TEXTS, Encoding, can_encode
from app.matching.models import Passage
from app.search.tasks import index_words
from app.settings import Settings
from bench.texts import TITLE_MARK, generated_idea, generated_person
from ml.encoder_sets import EncoderSet
from ml.encoders import Encoder, HashingEncoder, MiniLM, Vectors, has_word, unit_rows
from ml.multilingual import MultilingualUSE

PASSWORD = "a long enough bench password"
PEOPLE = 200
BATCH = 200
PIECES = re.compile(rf"(?<=[.!?])\s+|\n|{TITLE_MARK}")


class Communities:
    """Instances by their number of ideas; a larger one grows from a copy of the largest smaller one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.encoders = EncoderSet(tuple(Composed(encoder) for encoder in available_encoders()))

    def of(self, ideas: int) -> Path:
        """The folder of an instance with this many ideas."""
        instance = self._folder / f"{ideas}-ideas"
        if not instance.exists():
            smaller = [size for size in self._sizes() if size < ideas]
            if smaller:
                shutil.copytree(self._folder / f"{max(smaller)}-ideas", instance)
            grow(instance, ideas, self.encoders)
        return instance

    def copy_of(self, ideas: int, name: str) -> Path:
        """A copy that may be changed."""
        return Path(shutil.copytree(self.of(ideas), self._folder / name))

    def _sizes(self) -> list[int]:
        return [int(folder.name.split("-")[0]) for folder in self._folder.glob("*-ideas")]


class Composed:
    """Gives a passage the mean of its sentences' vectors: near what the encoder says of the whole, many times faster.

    What it makes stands under the encoder's own name, so that the encoder's queries meet it.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.dimension, self.languages = encoder.name, encoder.dimension, encoder.languages
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n,) texts -> float32 unit rows (n, dimension)."""
        pieces = {text: [piece for piece in PIECES.split(text) if has_word(piece)] for text in texts}
        unknown = sorted({piece for some in pieces.values() for piece in some} - self._known.keys())
        self._known |= dict(zip(unknown, self._encoder.encode(unknown), strict=True))
        means = [np.mean([self._known[piece] for piece in pieces[text]], axis=0) for text in texts]
        return unit_rows(np.stack(means))


class Prepared(Encoding):
    """An encoding whose encoders are given, loaded."""

    def __init__(self, settings: Settings, encoders: EncoderSet) -> None:
        super().__init__(settings.encoder_specs, threads=1)
        self.wanted = self._loaded = encoders

    def forget(self) -> None:
        """Encode again what was encoded before."""
        self._kept = Kept(KEPT_TEXTS)


@cache
def available_encoders() -> tuple[Encoder, ...]:
    """The product's encoders with the threads of one of two web processes; the plain one where weights are missing."""
    threads = max(1, (os.cpu_count() or 1) // 2)
    return tuple(filter(can_encode, (MiniLM(threads=threads), MultilingualUSE(threads=threads)))) or (HashingEncoder(),)


def settings_of(instance: Path, **changes: Any) -> Settings:
    """As in daily use, but without limits, which one busy client would meet, and without jobs, which would disturb."""
    return Settings(**{"instance_dir": instance, "worker": "off", "rate_limits": False, **changes})


def opened(instance: Path, **changes: Any) -> Flask:
    """The application on this instance, its encoder warm."""
    settings = settings_of(instance, **changes)
    app = create_app(settings)
    app.extensions["encoding"] = Prepared(settings, EncoderSet(available_encoders()))
    return app


def section_vectors(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(Passage.level == "section")) or 0


def grow(instance: Path, ideas: int, encoders: EncoderSet) -> None:
    """Bring the instance to this many ideas, indexed and embedded, with no job left."""
    settings = settings_of(instance, sqlite_synchronous="NORMAL")
    app = create_app(settings)
    app.extensions["encoding"] = Prepared(settings, encoders)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        people = settled_people()
        present = db.session.scalar(select(func.count()).select_from(Idea)) or 0
        publish(range(present, ideas), people)
        index_all()
        embed_waiting()
        with transaction():
            db.session.execute(delete(Job))
        db.session.remove()
        db.engine.dispose()


def settled_people() -> list[int]:
    """Ids of the people who write, brought in with the course when there are none."""
    open_challenge_group()
    if load_catalogue() is not None:
        for number in range(PEOPLE):
            newcomer = generated_person(number)
            facts = dict(newcomer.facts)
            person = register(name=newcomer.name, display_name=facts["display_name"], email=None, password=PASSWORD)
            change_profile(person, by=person, **facts)
    return list(db.session.scalars(select(User.id).where(User.kind == "member").order_by(User.id)))


def publish(numbers: range, people: Sequence[int]) -> None:
    for start in tqdm(range(numbers.start, numbers.stop, BATCH), desc="ideas, by hundreds", file=sys.stderr):
        group = challenge_group()
        writers = {person.id: person for person in db.session.scalars(select(User).where(User.id.in_(people)))}
        with transaction():
            for number in range(start, min(start + BATCH, numbers.stop)):
                publish_one(number, [writers[person] for person in people], group)
        db.session.remove()


def publish_one(number: int, writers: Sequence[User], group: Group) -> None:
    text = generated_idea(number)
    idea = publish_idea(
        by=writers[number % len(writers)], group=group, title=text.title, sections=text.sections, **text.facts
    )
    for at, body in enumerate(text.comments, start=1):
        post_comment(idea, by=writers[(number + 7 * at) % len(writers)], body=body)


def index_all() -> None:
    """What the jobs that wait would do one by one, in larger transactions."""
    waiting = db.session.scalars(select(Job.arguments).where(Job.task == index_words.name)).all()
    for start in range(0, len(waiting), BATCH):
        with transaction():
            for arguments in waiting[start : start + BATCH]:
                index_words(**arguments)
        db.session.expunge_all()
