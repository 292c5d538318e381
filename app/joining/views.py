"""The page on which one asks to join an idea, and the buttons that answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import escape

from app.forum.views import a_day, back_to, person, was_saved
from app.ideas.models import Idea
from app.ideas.queries import idea_page
from app.joining import commands
from app.joining.forms import JoiningForm
from app.joining.policy import can_answer, can_join, is_joining_offered
from app.joining.queries import ideas_to_join, is_with_unseen, joined_to, joinings_of, request_to, words_for
from app.limits import limiter
from app.refusals import require
from app.shown import isolated
from app.web import adds_to, render, viewer

bp = Blueprint("joining", __name__)


@bp.get("/ideas/<int:idea_id>/join")
@login_required
def new_joining(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_join(viewer(), idea.author), _("Nobody can be asked to let you join this idea."))
    own = joinings_of(viewer(), idea).own
    return show_form(idea, JoiningForm(data={"line": own.line if own else ""}))


@bp.post("/ideas/<int:idea_id>/join")
@login_required
@limiter.limit("1 per 5 seconds", deduct_when=was_saved)
@limiter.limit(a_day(at_first=10, later=50), deduct_when=was_saved)
def create_joining(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    form = JoiningForm()
    if not form.validate_on_submit():
        return show_form(idea, form), 422
    commands.ask_to_join(idea, by=person(), line=form.line.data)
    flash(escape(_("Your request is with %(name)s.")) % {"name": isolated(idea.author.display_name)}, "success")
    return back_to(idea)


@bp.post("/ideas/<int:idea_id>/join/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_joining(idea_id: int) -> ResponseReturnValue:
    is_unseen = is_with_unseen(viewer(), idea_id)
    commands.leave_idea(idea_id, by=person())
    if is_unseen:
        flash(_("Done: you are not with that idea, and have not asked to be."), "success")
        return redirect("/", 303)
    return back_to(idea_page(viewer(), idea_id))


@bp.post("/ideas/<int:idea_id>/joinings/<int:joining_id>/acceptance")
@login_required
@limiter.limit("60 per minute")
def create_acceptance(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.accept_joining(request_to(viewer(), idea, joining_id), by=person())
    return back_to(idea, "with")


@bp.post("/ideas/<int:idea_id>/joinings/<int:joining_id>/refusal")
@login_required
@limiter.limit("60 per minute")
def create_refusal(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.decline_joining(request_to(viewer(), idea, joining_id), by=person())
    return back_to(idea, "with")


@bp.get("/ideas/<int:idea_id>/joinings/<int:joining_id>/removal")
@login_required
def new_removal(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    return render("joining/removal.html", idea=idea, joining=joined_to(viewer(), idea, joining_id))


@bp.post("/ideas/<int:idea_id>/joinings/<int:joining_id>/removal")
@login_required
@limiter.limit("60 per minute")
def create_removal(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    joining = request_to(viewer(), idea, joining_id)
    commands.remove_joining(joining, by=person())
    name = isolated(joining.person.display_name)
    flash(escape(_("%(name)s is not named on your idea any more.")) % {"name": name}, "success")
    return back_to(idea)


@adds_to("ideas/show.html")
def add_who_is_with_it(context: dict[str, Any]) -> dict[str, Any]:
    idea = context["idea"]
    joinings = joinings_of(viewer(), idea)
    state = joinings.own.state if joinings.own else None
    is_offered = is_joining_offered(viewer(), idea.author, state)
    return {"joinings": joinings, "is_joining_offered": is_offered, "can_answer": can_answer(viewer(), idea)}


@adds_to("home/desk.html")
def add_words_of_joining(context: dict[str, Any]) -> dict[str, Any]:
    return {"words_of_joining": words_for(context["person"])}


@adds_to("matching/draft.html")
def add_ideas_to_join(context: dict[str, Any]) -> dict[str, Any]:
    """Beside the form of an idea, those that the writer might join instead."""
    rows = [found.row for found in context["matches"].ideas] if context["ways"] and context["matches"] else []
    return {"to_join": ideas_to_join(viewer(), {row.id: row.author for row in rows})}


@adds_to("errors/error.html")
def add_what_can_be_left(context: dict[str, Any]) -> dict[str, Any]:
    """Where an idea was that someone is with and may not see any more, they can still leave it."""
    idea_id = (request.view_args or {}).get("idea_id")
    if idea_id is None or context["code"] not in (404, 410) or not is_with_unseen(viewer(), idea_id):
        return {}
    return {"to_leave": idea_id}


def show_form(idea: Idea, form: JoiningForm) -> str:
    return render("joining/join.html", idea=idea, form=form, own=joinings_of(viewer(), idea).own)
