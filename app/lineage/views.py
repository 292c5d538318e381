"""The graph of an idea's lineage, small on its page and larger on one of its own; and ideas that become one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import login_required

from app.forum.queries import comment_thread
from app.forum.views import back_to, person
from app.ideas.models import SECTIONS, Idea
from app.ideas.queries import idea_page
from app.limits import limiter
from app.lineage import commands
from app.lineage.drawing import drawing_of
from app.lineage.forms import ProposalForm, ReplyForm
from app.lineage.policy import can_propose_merge, can_read_merged, can_see_target, can_undo_merge
from app.lineage.queries import Merges, graph_of, merge_of, merge_with, merges_for, merges_of
from app.refusals import require
from app.web import adds_to, render, viewer

bp = Blueprint("lineage", __name__)
bp.add_app_template_global(can_undo_merge)
bp.add_app_template_global(can_read_merged)
bp.add_app_template_global(can_see_target)
bp.add_app_template_global(can_propose_merge)
MOST_BESIDE = 12
MOST_ON_PAGE = 40


@bp.get("/ideas/<int:idea_id>/lineage")
def show_lineage(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    return render("lineage/show.html", idea=idea, **graph_for(idea, MOST_ON_PAGE))


@bp.get("/ideas/<int:idea_id>/merges/new")
@login_required
def new_merge(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_propose_merge(viewer(), idea), _("Only its author proposes to merge an idea into another."))
    return show_proposal(idea, ProposalForm(idea, data={"into": request.args.get("into", "")}))


@bp.post("/ideas/<int:idea_id>/merges")
@login_required
@limiter.limit("10 per hour")
def create_merge(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_propose_merge(viewer(), idea), _("Only its author proposes to merge an idea into another."))
    form = ProposalForm(idea)
    if not form.validate_on_submit() or form.target is None:
        return show_proposal(idea, form), 422
    commands.propose_merge(idea, into=form.target, by=person(), line=form.line.data)
    flash(_("Your proposal is with the author of the other idea. Nothing changes until they accept."), "success")
    return back_to(idea)


@bp.post("/ideas/<int:idea_id>/merges/<int:merge_id>/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_merge(idea_id: int, merge_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.withdraw_merge(merge_with(viewer(), idea, merge_id), by=person())
    return back_to(idea)


@bp.get("/ideas/<int:idea_id>/merges/<int:merge_id>")
@login_required
def show_merge(idea_id: int, merge_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    return render("lineage/merge.html", idea=idea, merge=merge_with(viewer(), idea, merge_id), form=ReplyForm())


@bp.post("/ideas/<int:idea_id>/merges/<int:merge_id>/acceptance")
@login_required
@limiter.limit("60 per minute")
def accept_merge(idea_id: int, merge_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.accept_merge(merge_with(viewer(), idea, merge_id), by=person())
    flash(_("The two ideas are one now. Either author can undo that within 30 days."), "success")
    return back_to(idea)


@bp.post("/ideas/<int:idea_id>/merges/<int:merge_id>/refusal")
@login_required
@limiter.limit("60 per minute")
def decline_merge(idea_id: int, merge_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    merge, form = merge_with(viewer(), idea, merge_id), ReplyForm()
    if not form.validate_on_submit():
        return render("lineage/merge.html", idea=idea, merge=merge, form=form), 422
    commands.decline_merge(merge, by=person(), reply=form.reply.data)
    flash(_("Your answer is with the other author. Both ideas stay as they are."), "success")
    return back_to(idea)


@bp.get("/ideas/<int:idea_id>/merged")
@login_required
def show_merged(idea_id: int) -> ResponseReturnValue:
    merge = merge_of(viewer(), idea_id)
    comments = comment_thread(viewer(), idea_id)
    return render("lineage/merged.html", merge=merge, idea=merge.idea, comments=comments, idea_sections=SECTIONS)


@bp.post("/ideas/<int:idea_id>/merged/reversal")
@login_required
@limiter.limit("60 per minute")
def undo_merge(idea_id: int) -> ResponseReturnValue:
    merge = merge_of(viewer(), idea_id)
    commands.undo_merge(merge, by=person())
    flash(_("Undone: both ideas are there again, each with its own supporters."), "success")
    return back_to(merge.idea)


@adds_to("ideas/show.html")
def add_merges(context: dict[str, Any]) -> dict[str, Any]:
    return {"merges": merges_of(viewer(), context["idea"]) if context["has_merges"] else Merges()}


@adds_to("ideas/contributors.html")
def add_taken_in(context: dict[str, Any]) -> dict[str, Any]:
    return {"taken_in": merges_of(viewer(), context["idea"]).taken_in}


@adds_to("ideas/show.html")
def add_graph(context: dict[str, Any]) -> dict[str, Any]:
    has_lineage = context["lineage"].older or context["lineage"].newer or context["merges"].taken_in
    return graph_for(context["idea"], MOST_BESIDE) if has_lineage else {}


@adds_to("home/desk.html")
def add_proposed_merges(context: dict[str, Any]) -> dict[str, Any]:
    return {"proposed_merges": merges_for(context["person"])}


def show_proposal(idea: Idea, form: ProposalForm) -> str:
    return render("lineage/propose.html", idea=idea, form=form)


def graph_for(idea: Idea, most: int) -> dict[str, Any]:
    """The graph and how it is drawn for the reader's language."""
    graph, locale = graph_of(viewer(), idea, most=most), get_locale()
    is_right_to_left = locale is not None and locale.text_direction == "rtl"
    return {"graph": graph, "drawing": drawing_of(graph, is_right_to_left=is_right_to_left)}
