"""What the list of ideas does when a post changes."""

from __future__ import annotations

from app.forum.events import post_deleted, post_hidden, post_published, post_restored, post_revised
from app.forum.models import Post
from app.ideas.commands import renew_listing_stamp
from app.ideas.models import Idea


@post_published.connect
@post_revised.connect
@post_deleted.connect
@post_hidden.connect
@post_restored.connect
def count_ideas_again(post: Post) -> None:
    if isinstance(post, Idea):
        renew_listing_stamp()
