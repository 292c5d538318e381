"""What moderators decide in lower rooms stands in the log too."""

from __future__ import annotations

from app.database import db
from app.forum.models import Post
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry
from app.moderation.models import ModerationAction

DELETED = {"review_deleted": "review", "suggestion_deleted": "suggestion"}


@entry_recorded.connect
def log_deletion(entry: JournalEntry) -> None:
    if entry.action not in DELETED:
        return
    idea = db.session.get_one(Post, entry.post_id)
    db.session.add(
        ModerationAction(
            action="delete",
            subject_kind=DELETED[entry.action],
            subject_id=idea.id,
            subject_title=idea.title,
            group_id=idea.group_id,
            reason=entry.note,
            moderator_id=entry.by_id,
        )
    )
