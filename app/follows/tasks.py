"""What is followed and muted when something happens to a post."""

from __future__ import annotations

from app.accounts.models import User
from app.follows.commands import let_go_of_muted, unmute
from app.forum.events import post_followed
from app.forum.models import Post
from app.journal.events import entry_recorded
from app.journal.models import JournalEntry


@post_followed.connect
def choose_when_followed(post: Post, *, by: User, is_own_doing: bool) -> None:
    if is_own_doing:
        unmute(post, by=by)
    else:
        let_go_of_muted(post.id)


@entry_recorded.connect
def let_go_when_merged(entry: JournalEntry) -> None:
    if entry.action in ("idea_merged", "idea_merge_undone") and entry.post_id:
        let_go_of_muted(entry.post_id)
