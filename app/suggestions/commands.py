"""Suggest another wording, take it over, reject it, take it back, or go one's own way with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import authors_unless, hold_shown, sent_before
from app.forum.models import Revision
from app.groups.models import Group
from app.ideas.commands import publish_idea, require_in_group_of, take_over
from app.ideas.models import BUILDS_ON, Idea, Way
from app.journal.commands import record
from app.refusals import Conflict, NotThere, require
from app.suggestions.models import MOST_OPEN, OWN_WAY, Suggestion, taken_into
from app.suggestions.policy import can_decide, can_delete_suggestion, can_suggest
from app.suggestions.queries import open_at_merged, open_of, text_of


def suggest_edit(idea: Idea, *, by: User, part: str, text: str, reason: str, seen: int) -> Suggestion:
    """`seen` is the revision that the person read; the same sent twice is one. Raises Conflict when too many wait."""
    require(can_suggest(by, idea), _("You cannot suggest an edit here."))
    with transaction():
        hold_shown(idea, by=by)
        waiting = open_of(idea.id, by)
        if before := next((each for each in waiting if (each.part, each.text) == (part, text)), None):
            return before
        if len(waiting) >= MOST_OPEN:
            raise Conflict(_("%(most)d of your edits wait here already. Take one back, or wait.", most=MOST_OPEN))
        base = text_of(idea, part, number=seen)
        suggestion = Suggestion(idea_id=idea.id, proposer_id=by.id, part=part, base=base, text=text, reason=reason)
        db.session.add(suggestion)
        record("suggestion_made", by=by, post_id=idea.id, person=idea.author, note=reason)
    return suggestion


def accept_suggestion(
    suggestion: Suggestion, *, by: User, text: str | None = None, seen: int | None = None
) -> Revision:
    """Save a revision that credits the proposer. `text` is what an author made of both, who saw revision `seen`.

    Raises Conflict when it was decided meanwhile, changes nothing or takes a hand; StaleRevision when somebody saved
    after `seen`.
    """
    require(can_decide(by, suggestion.idea))
    with transaction():
        idea = _hold_open(suggestion, by=by)
        present = text_of(idea, suggestion.part)
        taken = taken_into(present, part=suggestion.part, base=suggestion.base, text=suggestion.text)
        wording = taken if text is None else text
        if wording is None:
            raise Conflict(_("This part was changed meanwhile. Put both together by hand."))
        if wording == present:
            raise Conflict(_("The text reads like this already. Reject the suggestion, and say so."))
        proposer, reason = suggestion.proposer, suggestion.reason
        revision = take_over(
            idea,
            by=by,
            part=suggestion.part,
            text=wording,
            proposer=proposer,
            reason=reason,
            seen=seen or idea.revision,
        )
        suggestion.revision = revision.number
        _decide(suggestion, "accepted", by=by)
        record("suggestion_accepted", by=by, post_id=idea.id, person=proposer, note=reason, is_public=True)
    return revision


def reject_suggestion(suggestion: Suggestion, *, by: User, reply: str) -> None:
    """`reply` says why. Raises Conflict when it was decided meanwhile."""
    require(can_decide(by, suggestion.idea))
    with transaction():
        _hold_open(suggestion, by=by)
        suggestion.reply = reply
        _decide(suggestion, "rejected", by=by)
        record("suggestion_rejected", by=by, post_id=suggestion.idea_id, person=suggestion.proposer, note=reply)


def withdraw_suggestion(suggestion: Suggestion, *, by: User) -> None:
    """Raises Conflict when it was decided meanwhile."""
    require(by.id == suggestion.proposer_id)
    with transaction():
        idea = _hold_open(suggestion, by=by)
        _decide(suggestion, "withdrawn", by=by)
        record("suggestion_withdrawn", by=by, post_id=idea.id, person=idea.author)


def make_own_idea(
    suggestion: Suggestion, *, by: User, group: Group, ways: Iterable[Way] = (), sent_as: str | None, **facts: Any
) -> Idea:
    """Publish what was suggested as an idea of the proposer's, with the facts of `publish_idea`; sent twice, it is one.

    It credits the idea that the suggestion was for, and stays in its group where that is private. Raises Conflict when
    it was taken over, or became an idea before.
    """
    require(by.id == suggestion.proposer_id)
    with transaction():
        source = _hold(suggestion, by=by)
        if before := sent_before(Idea, sent_as, by=by):
            return before
        if suggestion.state not in OWN_WAY:
            raise Conflict(_("This was taken over, or became an idea before."))
        require_in_group_of(source, group.id)
        credited = {source.id: Way(source.id, BUILDS_ON)} | {way.source_id: way for way in ways}
        idea = publish_idea(by=by, group=group, ways=credited.values(), sent_as=sent_as, **facts)
        suggestion.state, suggestion.became_id = "became_idea", idea.id
        suggestion.decided_at = suggestion.decided_at or now()
        for person in authors_unless(source, by):
            record("suggestion_became_idea", by=by, post_id=idea.id, person=person)
    return idea


def delete_suggestion(suggestion: Suggestion, *, by: User, reason: str) -> None:
    """By a moderator, for good; `reason` stands in the public log. A revision that took it over keeps its credit."""
    require(can_delete_suggestion(by))
    with transaction():
        idea = _hold(suggestion, by=by)
        proposer = suggestion.proposer
        db.session.delete(suggestion)
        record("suggestion_deleted", by=by, post_id=idea.id, person=proposer, note=reason)


def set_aside_merged(target_id: int, *, by: User) -> None:
    """What waits at ideas that this one, which is held, took in: nobody can decide it there any more. It stays so when
    the merge is undone; the proposer may suggest it anew."""
    with transaction():
        for suggestion in open_at_merged(target_id):
            _decide(suggestion, "set_aside", by=by)
            record("suggestion_set_aside", by=by, post_id=target_id, person=suggestion.proposer)


def _decide(suggestion: Suggestion, state: str, *, by: User) -> None:
    suggestion.state, suggestion.decider_id, suggestion.decided_at = state, by.id, now()


def _hold_open(suggestion: Suggestion, *, by: User) -> Idea:
    idea = _hold(suggestion, by=by)
    if suggestion.state != "open":
        raise Conflict(_("This was decided or taken back in the meantime."))
    return idea


def _hold(suggestion: Suggestion, *, by: User) -> Idea:
    """Read both anew, while nobody else decides at the same idea. Raises NotThere when a moderator deleted it."""
    _read_anew(suggestion)
    idea = suggestion.idea
    hold_shown(idea, by=by)
    _read_anew(suggestion)
    return idea


def _read_anew(suggestion: Suggestion) -> None:
    if db.session.get(Suggestion, inspect(suggestion).identity, populate_existing=True) is None:
        raise NotThere(_("This suggestion was deleted in the meantime."))
