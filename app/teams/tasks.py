"""What happens to requests and invitations when something happens to their idea."""

from __future__ import annotations

from app.journal.events import entry_recorded
from app.journal.models import JournalEntry
from app.teams.commands import set_aside_merged


@entry_recorded.connect
def set_aside_when_merged(entry: JournalEntry) -> None:
    if entry.action == "idea_merged" and entry.post_id and entry.by:
        set_aside_merged(entry.post_id, by=entry.by)
