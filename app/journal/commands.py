"""Write down what happened."""

from __future__ import annotations

from app.accounts.models import User
from app.database import db, transaction
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry


def record(
    action: str,
    *,
    by: User | None,
    post_id: int | None = None,
    answer_id: int | None = None,
    comment_id: int | None = None,
    person: User | None = None,
    note: str = "",
    is_public: bool = False,
) -> JournalEntry:
    """Log a change of state and announce it, inside the transaction that makes it.

    `by` is None for what happens by itself; `person` is whom it concerns. With `is_public`, whoever may see the post
    may read of it on the page of its history.
    """
    with transaction(is_shown=is_public):
        entry = JournalEntry(
            action=action,
            by_id=by.id if by else None,
            post_id=post_id,
            answer_id=answer_id,
            comment_id=comment_id,
            person_id=person.id if person else None,
            note=note,
            is_public=is_public,
        )
        db.session.add(entry)
        db.session.flush()
        entry_recorded.send(entry)
    return entry
