"""Load the vocabulary from the project's content, and add topics that come with an import."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from slugify import slugify
from sqlalchemy import update

from app.database import db, transaction
from app.taxonomy.models import LoadedContent, Role, Topic
from app.taxonomy.queries import content_name, digest_of

AFTER_ALL_OTHERS = 1000


def load_taxonomy(content: dict[str, Any]) -> None:
    """Insert or update the topics and roles of `content/course/topics.yaml`. Loading twice changes nothing.

    Those that are no longer in the content stay, after the others: people and texts are tagged with them.
    """
    with transaction():
        db.session.execute(update(Role).values(position=AFTER_ALL_OTHERS))
        db.session.execute(update(Topic).values(position=AFTER_ALL_OTHERS, module=None))
        for position, role in enumerate(content["roles"]):
            db.session.merge(Role(position=position, **role))
        for position, topic in enumerate(content["topics"]):
            db.session.merge(Topic(position=position, **topic))


def topic_for(name: str) -> Topic:
    """The topic of this name, added after the others when there is none."""
    topic_id = slugify(name, max_length=60) or "other"
    with transaction():
        topic = db.session.get(Topic, topic_id)
        if topic is None:
            topic = Topic(id=topic_id, name=name, position=AFTER_ALL_OTHERS)
            db.session.add(topic)
            db.session.flush()
    return topic


def remember_loaded(files: Iterable[Path]) -> None:
    """Note how these content files read now, so that `is_loaded` knows them."""
    with transaction():
        for file in files:
            db.session.merge(LoadedContent(name=content_name(file), digest=digest_of(file)))
