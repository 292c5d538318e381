"""Propose to merge an idea into another, answer that, and take it back."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import hold_posts, hold_shown, merge_posts, part_posts
from app.ideas.models import Idea
from app.journal.commands import record
from app.lineage.models import Merge
from app.lineage.policy import can_answer_merge, can_propose_merge, can_undo_merge
from app.lineage.queries import has_proposed, proposed_around
from app.refusals import Conflict, Unfit, require


def propose_merge(idea: Idea, *, into: Idea, by: User, line: str) -> Merge:
    """`into` is one that the person may see. Raises Unfit when the two cannot become one, Conflict while another
    proposal for the idea is open."""
    require(can_propose_merge(by, idea), _("Only its author proposes to merge an idea into another."))
    with transaction():
        _hold_both(idea, into, by=by)
        if why := why_not(idea, into):
            raise Unfit(why)
        if has_proposed(idea):
            raise Conflict(_("You have proposed a merge of this idea already. Take that back first."))
        merge = Merge(idea_id=idea.id, target_id=into.id, line=line)
        db.session.add(merge)
        record("idea_merge_proposed", by=by, post_id=into.id, person=into.author, note=line)
    return merge


def why_not(idea: Idea, into: Idea) -> str:
    """Why the two cannot become one; empty if they can."""
    if idea.id == into.id:
        return _("An idea cannot be merged into itself.")
    if idea.group_id != into.group_id:
        return _("Only ideas of the same group can be merged.")
    if not into.author.can_sign_in:
        return _("The author of that idea is not here to answer.")
    return ""


def withdraw_merge(merge: Merge, *, by: User) -> None:
    """Raises Conflict when it was answered."""
    require(can_propose_merge(by, merge.idea))
    with transaction():
        _still(merge, "proposed")
        merge.state, merge.answered_at = "withdrawn", now()
        record("idea_merge_withdrawn", by=by, post_id=merge.target_id, person=merge.target.author)


def decline_merge(merge: Merge, *, by: User, reply: str) -> None:
    """Raises Conflict when it was answered or taken back."""
    require(can_answer_merge(by, merge))
    with transaction():
        _still(merge, "proposed")
        merge.state, merge.reply, merge.answered_at = "declined", reply, now()
        record("idea_merge_declined", by=by, post_id=merge.target_id, person=merge.idea.author, note=reply)


def accept_merge(merge: Merge, *, by: User) -> None:
    """The idea leads to the other one now. Raises Conflict when it was answered or taken back, Gone when one of the two
    is gone."""
    require(can_answer_merge(by, merge))
    with transaction():
        _still(merge, "proposed")
        _hold_both(merge.idea, merge.target, by=by)
        if why := why_not(merge.idea, merge.target):
            raise Unfit(why)
        merge.state, merge.answered_at = "accepted", now()
        merge_posts(merge.idea, into=merge.target)
        record("idea_merged", by=by, post_id=merge.target_id, person=merge.idea.author, is_public=True)
        _set_others_aside(merge, by=by)


def undo_merge(merge: Merge, *, by: User) -> None:
    """The idea is one of its own again. Raises Conflict when that is too late, or the other one was merged itself."""
    require(can_undo_merge(by, merge))
    with transaction():
        _still(merge, "accepted")
        if not merge.can_be_undone:
            raise Conflict(_("A merge can be undone within 30 days."))
        if merge.target.merged_into_id is not None:
            raise Conflict(_("The other idea was merged into a third one since. Undo that first."))
        merge.state = "undone"
        part_posts(merge.idea, target=merge.target)
        other = merge.target.author if by.id == merge.idea.author_id else merge.idea.author
        record("idea_merge_undone", by=by, post_id=merge.target_id, person=other, is_public=True)


def _set_others_aside(accepted: Merge, *, by: User) -> None:
    """Nobody can answer what else was proposed to an idea that was taken in, or for it."""
    for merge in proposed_around(accepted.idea_id):
        merge.state, merge.answered_at = "declined", now()
        merge.reply = _("That idea was merged into another one.")
        record("idea_merge_set_aside", by=by, post_id=accepted.target_id, person=merge.idea.author)


def _still(merge: Merge, state: str) -> None:
    """Read it anew, while nobody else changes it or either idea. Raises Conflict when it is in another state by now."""
    hold_posts(merge.idea, merge.target)
    db.session.refresh(merge)
    if merge.state != state:
        raise Conflict(_("This was answered or taken back in the meantime."))


def _hold_both(idea: Idea, other: Idea, *, by: User) -> None:
    """Raises what `hold_shown` says of either."""
    hold_posts(idea, other)
    hold_shown(idea, by=by)
    hold_shown(other, by=by)
    if idea.hidden_at or other.hidden_at:
        raise Conflict(_("A moderator hid one of the two ideas."))
