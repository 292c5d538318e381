"""Move an idea to another stage, and back."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from app.accounts.models import User
from app.database import transaction
from app.forum.commands import author_unless, hold_shown
from app.forum.queries import tags_of
from app.ideas.commands import renew_listing_stamp
from app.ideas.models import ARCHIVED, STAGE_NAMES, Idea
from app.journal.commands import record
from app.refusals import Conflict, NotThere, Unfit, require
from app.search.events import subject_changed
from app.shown import listed
from app.stages.models import Move
from app.stages.policy import can_move
from app.stages.queries import MoveRow, criteria_of, feedback_on, missing, moves_of, was_ready


def move_idea(idea: Idea, *, by: User, to: str, seen: int, reason: str = "") -> None:
    """`seen` is the id of the last move that the person knows of, 0 for none. Raises Conflict when there is a later
    one, Unfit when the stage asks for something that is not there."""
    with transaction():
        moves = _hold(idea, seen=seen, by=by)
        require(can_move(by, idea, to, moves), _("Only its author moves this idea there."))
        move = Move(idea.stage, to, reason)
        if move.needs_reason and not reason:
            raise Unfit(_("Say why in one line."))
        _require_criteria(idea, to, moves)
        _move(idea, move, by=by)


def take_back_move(idea: Idea, *, by: User, seen: int) -> None:
    """Put the idea where it was before its last move, which is the one that the person saw. Raises Conflict when there
    is a later one, Unfit when the stage before asks for something that is not there any more."""
    with transaction():
        moves = _hold(idea, seen=seen, by=by)
        if not moves:
            raise NotThere(_("This idea was never moved."))
        last = moves[0].move
        require(can_move(by, idea, last.before, moves), _("Only its author moves this idea there."))
        _require_criteria(idea, last.before, moves)
        _move(idea, Move(idea.stage, last.before), by=by)


def what_is_missing(stage: str, texts: list[str]) -> str:
    return _("%(stage)s asks for this first: %(missing)s.", stage=STAGE_NAMES[stage], missing=listed(texts))


def _hold(idea: Idea, *, seen: int, by: User) -> list[MoveRow]:
    """Let others who move the same idea wait, and read what they did."""
    hold_shown(idea, by=by)
    moves = moves_of(idea.id)
    if (moves[0].id if moves else 0) != seen:
        name = moves[0].by.display_name if moves and moves[0].by else _("Someone")
        raise Conflict(_("%(name)s moved this idea meanwhile. See where it is now, then decide.", name=name))
    return moves


def _require_criteria(idea: Idea, to: str, moves: Sequence[MoveRow]) -> None:
    tags = tags_of([idea.id])[idea.id]
    criteria = criteria_of(idea, tags, feedback_on(idea), was_ready=was_ready(idea, moves))
    if lacking := missing(criteria[to]):
        raise Unfit(what_is_missing(to, [each.text for each in lacking]))


def _move(idea: Idea, move: Move, *, by: User) -> None:
    idea.stage = move.after
    record("stage_changed", by=by, post_id=idea.id, person=author_unless(idea, by), note=move.note, is_public=True)
    renew_listing_stamp()
    if ARCHIVED in (move.before, move.after):
        subject_changed.send(kind="idea", id=idea.id)  # matches say so
