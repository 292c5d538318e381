"""Ask for a change, take that back, mark it as answered, decline it, open it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask_babel import gettext as _

from app.accounts.models import User
from app.database import db, transaction
from app.forum.commands import hold_shown, post_comment
from app.forum.models import Comment
from app.forum.policy import can_revise
from app.ideas.models import Idea
from app.journal.commands import record
from app.questions.queries import is_asked
from app.refusals import Conflict, NotThere, require
from app.requests.models import ChangeRequest
from app.requests.policy import can_ask, can_ask_with, can_reopen, can_withdraw
from app.requests.queries import open_at_merged, requests_still


def ask_for_change(idea: Idea, *, by: User, body: str, section: str | None, kind: str) -> Comment:
    """Comment on an idea and ask for a change with it. Raises what `hold_shown` says."""
    require(can_ask(by, idea), _("You can change your own idea yourself."))
    with transaction():
        comment = post_comment(idea, by=by, body=body)
        request_with(comment, by=by, section=section, kind=kind)
    return comment


def request_with(comment: Comment, *, by: User, section: str | None, kind: str) -> ChangeRequest:
    """A comment of the person's asks for a change; asked anew before it was decided, what is said last counts.

    Raises Conflict when it was decided or the comment became a question, and what `hold_shown` says.
    """
    require(can_ask_with(by, comment, comment.post), _("Only whoever wrote a comment can ask for a change with it."))
    with transaction():
        hold_shown(comment.post, by=by)
        db.session.refresh(comment)
        request = db.session.get(ChangeRequest, comment.id, populate_existing=True)
        if request and request.state in ("answered", "declined"):
            raise Conflict(_("This was answered or declined already. You can open it again."))
        if comment.deleted_at is not None or comment.hidden_at is not None:
            raise Conflict(_("This comment is not shown any more."))
        if is_asked(comment):
            raise Conflict(_("This comment was asked as a question already."))
        if request is None:
            request = ChangeRequest(comment_id=comment.id, idea_id=comment.post_id, section=section, kind=kind)
            db.session.add(request)
        elif (request.state, request.section, request.kind) == ("open", section, kind):
            return request
        request.section, request.kind = section, kind
        request.open_again()
        _record("request_made", request, by=by, person=comment.post.author)
    return request


def withdraw_request(request: ChangeRequest, *, by: User) -> None:
    """Raises Conflict when it was decided."""
    require(can_withdraw(by, request))
    with transaction():
        _still(request, "open", by=by)
        _withdraw(request, by=by, action="request_withdrawn")


def withdraw_with_question(comment: Comment, *, by: User) -> None:
    """A comment that became a question is answered as one: what it asked of the text before is asked no more."""
    with transaction():
        for request in requests_still("open", comment.post_id, [comment.id]):
            _withdraw(request, by=by, action="request_became_question")


def set_aside_merged(target_id: int, *, by: User) -> None:
    """What is asked of ideas that this one, which is held, took in: nobody can answer it any more. It stays so when the
    merge is undone; whoever asked may ask anew."""
    with transaction():
        for request in open_at_merged(target_id):
            request.state = "withdrawn"
            record("request_set_aside", by=by, post_id=target_id, person=request.comment.author)


def answer_request(request: ChangeRequest, *, by: User, revision: int, reply: str = "") -> None:
    """By the revision of this number. Raises Conflict when it was decided or taken back."""
    require(can_revise(by, request.idea))
    with transaction():
        _still(request, "open", by=by)
        _answer(request, by=by, revision=revision, reply=reply)


def answer_requests(idea: Idea, replies: Mapping[int, str], *, revision: int, by: User) -> int:
    """By one revision all that these comments ask, each with a line that may be empty. What was decided or taken back
    meanwhile is passed by; returned is how many were answered."""
    require(can_revise(by, idea))
    with transaction():
        hold_shown(idea, by=by)
        still = requests_still("open", idea.id, replies.keys())
        for request in still:
            _answer(request, by=by, revision=revision, reply=replies[request.comment_id])
    return len(still)


def decline_request(request: ChangeRequest, *, by: User, reason: str) -> None:
    """Raises Conflict when it was decided or taken back."""
    require(can_revise(by, request.idea))
    with transaction():
        _still(request, "open", by=by)
        request.decide("declined", by=by, reply=reason)
        _record("request_declined", request, by=by, person=request.comment.author, note=reason)


def reopen_request(request: ChangeRequest, *, by: User) -> None:
    """Raises Conflict when it is open."""
    require(can_reopen(by, request))
    with transaction():
        _still(request, "answered", "declined", by=by)
        _open_again(request, by=by)


def reopen_requests(idea: Idea, comment_ids: Collection[int], *, by: User) -> int:
    """All that these comments ask, as the text that answered it is gone. What is not answered any more is passed by;
    returned is how many were opened."""
    require(can_revise(by, idea))
    with transaction():
        hold_shown(idea, by=by)
        still = requests_still("answered", idea.id, comment_ids)
        for request in still:
            _open_again(request, by=by)
    return len(still)


def _answer(request: ChangeRequest, *, by: User, revision: int, reply: str) -> None:
    if not 1 <= revision <= request.idea.revision:
        raise NotThere(_("There is no such revision."))
    request.decide("answered", by=by, reply=reply, revision=revision)
    _record("request_answered", request, by=by, person=request.comment.author, note=reply, is_public=True)


def _open_again(request: ChangeRequest, *, by: User) -> None:
    """The history tells it where it told the answer; it tells of no refusal."""
    was_told = request.state == "answered"
    request.open_again()
    if by.id == request.comment.author_id:
        _record("request_reopened", request, by=by, person=request.idea.author, is_public=was_told)
    else:
        _record("request_taken_up_again", request, by=by, person=request.comment.author, is_public=was_told)


def _withdraw(request: ChangeRequest, *, by: User, action: str) -> None:
    request.state = "withdrawn"
    _record(action, request, by=by, person=request.idea.author)


def _record(
    action: str, request: ChangeRequest, *, by: User, person: User, note: str = "", is_public: bool = False
) -> None:
    where = {"post_id": request.idea_id, "comment_id": request.comment_id}
    record(action, by=by, person=person, note=note, is_public=is_public, **where)


def _still(request: ChangeRequest, *states: str, by: User) -> None:
    """Read it anew, while nobody else changes it. Raises Conflict when it is in another state by now."""
    hold_shown(request.idea, by=by)
    db.session.refresh(request)
    db.session.refresh(request.comment)
    if request.comment.deleted_at is not None or request.comment.hidden_at is not None:
        raise Conflict(_("The comment that asks for it is not shown any more."))
    if request.state not in states:
        raise Conflict(_("This was decided or taken back in the meantime."))
