"""Keeps the full-text index equal to the texts."""

from __future__ import annotations

from typing import Any

from app.database import transaction
from app.jobs.commands import task
from app.search.events import subject_changed
from app.search.queries import FOUND_KINDS, Kind, subject_texts
from app.search.store import full_text


@task
def index_words(kind: Kind, id: int) -> None:
    """Put a subject's words into the index, or take them out when it can no longer be found."""
    index = full_text()
    with transaction():
        texts = subject_texts(kind, [id])
        if not texts:
            index.remove(kind, id)
        for found in texts:
            body = "\n\n".join([*(part for name, part in found.sections.items() if name != "title"), found.extra_words])
            group_id = None if found.is_public else found.group_id
            index.put(kind, id, title=found.title, body=body, language=found.language, group_id=group_id)


@subject_changed.connect
def index_when_changed(_sender: Any, *, kind: Kind, id: int) -> None:
    if kind in FOUND_KINDS:
        index_words.later(kind=kind, id=id)
