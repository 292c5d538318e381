"""The page of an idea's stage: what each asks for, the moves, and the way back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.forum.queries import post_address, tags_of
from app.forum.views import person
from app.ideas.models import ARCHIVED, STAGE_NAMES, Idea
from app.ideas.queries import idea_page
from app.limits import limiter
from app.refusals import require
from app.stages import commands
from app.stages.forms import MoveForm, SeenForm
from app.stages.models import ASIDE, PATH, move_in
from app.stages.policy import can_move
from app.stages.queries import criteria_of, feedback_on, last_move, missing, moves_of, was_ready
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("stages", __name__)
bp.add_app_template_filter(move_in)
bp.add_app_template_global(can_move)


@bp.get("/ideas/<int:idea_id>/stage")
def show_stage(idea_id: int) -> ResponseReturnValue:
    return show_page(idea_page(viewer(), idea_id))


@bp.post("/ideas/<int:idea_id>/stage")
@login_required
@limiter.limit("30 per minute")
def create_move(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    facts = facts_of(idea)
    is_allowed = any(can_move(viewer(), idea, stage, facts["moves"]) for stage in STAGE_NAMES)
    require(is_allowed, _("Only its author moves this idea."))
    form = MoveForm(idea.stage, facts["criteria"])
    if not form.validate_on_submit():
        return show_page(idea, form=form, **facts), 422
    commands.move_idea(idea, by=person(), to=form.stage.data, seen=form.seen.data, reason=form.reason.data)
    flash(_("The stage of this idea is now: %(stage)s.", stage=STAGE_NAMES[idea.stage]), "success")
    return see_other(".show_stage", idea_id=idea.id)


@bp.post("/ideas/<int:idea_id>/stage/reversal")
@login_required
@limiter.limit("30 per minute")
def create_reversal(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    form = SeenForm()
    if not form.validate_on_submit():
        return redirect(post_address(idea), 303)
    commands.take_back_move(idea, by=person(), seen=form.seen.data)
    flash(_("Taken back. The stage of this idea is now: %(stage)s.", stage=STAGE_NAMES[idea.stage]), "success")
    return see_other(".show_stage", idea_id=idea.id)


@adds_to("ideas/show.html")
def add_why_it_is_archived(context: dict[str, Any]) -> dict[str, Any]:
    idea = context["idea"]
    return {"archiving": last_move(idea.id)} if idea.stage == ARCHIVED else {}


def facts_of(idea: Idea) -> dict[str, Any]:
    """What the page shows of the idea: its moves, and what each stage asks of it."""
    moves, tags = moves_of(idea.id), tags_of([idea.id])[idea.id]
    criteria = criteria_of(idea, tags, feedback_on(idea), was_ready=was_ready(idea, moves))
    return {"moves": moves, "criteria": criteria, "lacking": {stage: missing(criteria[stage]) for stage in criteria}}


def show_page(idea: Idea, *, form: MoveForm | None = None, **facts: Any) -> str:
    """`form` is the one that came back."""
    return render("stages/show.html", idea=idea, path=PATH, aside=ASIDE, form=form, **(facts or facts_of(idea)))
