"""What happens to a request when its comment or its idea becomes something else."""

from __future__ import annotations

from app.accounts.models import User
from app.forum.models import Comment
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry
from app.questions.events import comment_asked
from app.requests.commands import set_aside_merged, withdraw_with_question


@comment_asked.connect
def close_request(comment: Comment, *, by: User) -> None:
    withdraw_with_question(comment, by=by)


@entry_recorded.connect
def set_aside_when_merged(entry: JournalEntry) -> None:
    if entry.action == "idea_merged" and entry.post_id and entry.by:
        set_aside_merged(entry.post_id, by=entry.by)
