"""Load the vocabulary from the project's content, and add topics that come with an import."""

from __future__ import annotations

from typing import Any

from slugify import slugify

from app.database import db, transaction
from app.taxonomy.models import Role, Topic


def load_taxonomy(content: dict[str, Any]) -> None:
    """Insert or update the topics and roles of `content/course/topics.yaml`. Loading twice changes nothing."""
    with transaction():
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
            topic = Topic(id=topic_id, name=name, position=1000)
            db.session.add(topic)
            db.session.flush()
    return topic
