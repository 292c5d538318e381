"""What happens to a request when its comment becomes something else."""

from __future__ import annotations

from app.accounts.models import User
from app.forum.models import Comment
from app.questions.events import comment_asked
from app.requests.commands import withdraw_with_question


@comment_asked.connect
def close_request(comment: Comment, *, by: User) -> None:
    withdraw_with_question(comment, by=by)
