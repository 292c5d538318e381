"""Who works on an idea: asking to join it, inviting to it, the buttons that answer, and the team it could have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import Markup, escape

from app.forum.queries import writers_of
from app.forum.views import a_day, back_to, person, was_saved
from app.ideas.models import Idea
from app.ideas.queries import idea_page
from app.limits import limiter
from app.matching.teams import ideas_that_need, team_for
from app.refusals import require
from app.shown import isolated, listed
from app.teams import commands
from app.teams.forms import InvitationForm, JoiningForm, RefusalForm, invitation_form
from app.teams.models import Joining
from app.teams.policy import can_answer, can_join, is_joining_offered
from app.teams.queries import (
    JoiningRow,
    ideas_to_join,
    invitable_of,
    invitation_to,
    is_with_unseen,
    joined_to,
    joinings_of,
    needs_of,
    request_to,
    words_for,
)
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("teams", __name__)


@bp.get("/ideas/<int:idea_id>/team")
def show_team(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    needs = needs_of([idea.id])[idea.id]
    team = team_for(viewer(), idea, needs)
    can_invite = can_answer(viewer(), idea)
    joinings = joinings_of(viewer(), idea) if can_invite else None
    return render("teams/team.html", idea=idea, needs=needs, team=team, can_invite=can_invite, joinings=joinings)


@bp.get("/me/needed")
@login_required
def index_needed() -> ResponseReturnValue:
    return render("teams/needed.html", person=person(), needed_ideas=ideas_that_need(person()))


@bp.get("/ideas/<int:idea_id>/invitations/new")
@login_required
def new_invitation(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_answer(viewer(), idea), _("Only the author of an idea invites to it."))
    form = invitation_form(idea, request.args)
    return show_invitations(idea, form), 422 if form.hindered and not form.ready else 200


@bp.post("/ideas/<int:idea_id>/invitations")
@login_required
@limiter.limit("1 per 5 seconds", deduct_when=was_saved)
@limiter.limit(a_day(at_first=5, later=30), deduct_when=was_saved)
def create_invitation(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_answer(viewer(), idea), _("Only the author of an idea invites to it."))
    form = invitation_form(idea, request.form)
    if not form.validate_on_submit():
        return show_invitations(idea, form), 422
    invited = commands.invite(idea, form.invitations(), by=person())
    flash(what_was_done(invited), "success")
    return back_to(idea, "with")


@bp.get("/ideas/<int:idea_id>/invitation")
@login_required
def show_invitation(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    return show_answers(idea, invitation_to(viewer(), idea), RefusalForm())


@bp.post("/ideas/<int:idea_id>/invitation/acceptance")
@login_required
@limiter.limit("60 per minute")
def accept_invitation(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.accept_invitation(idea, by=person())
    return back_to(idea, "with")


@bp.post("/ideas/<int:idea_id>/invitation/refusal")
@login_required
@limiter.limit("60 per minute")
def refuse_invitation(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    form = RefusalForm()
    if not form.validate_on_submit():
        return show_answers(idea, invitation_to(viewer(), idea), form), 422
    commands.refuse_invitation(idea, by=person(), reply=form.reply.data)
    flash(escape(_("Your answer is with %(name)s.")) % {"name": isolated(idea.author.display_name)}, "success")
    return back_to(idea)


@bp.post("/ideas/<int:idea_id>/joinings/<int:joining_id>/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_invitation(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.withdraw_invitation(request_to(viewer(), idea, joining_id), by=person())
    return back_to(idea, "with")


@bp.get("/ideas/<int:idea_id>/join")
@login_required
def new_joining(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_join(viewer(), idea.author), _("Nobody can be asked to let you join this idea."))
    own = joinings_of(viewer(), idea).own
    role = request.args.get("role") or (own.role_id if own else None)
    return show_form(idea, JoiningForm(data={"line": own.line if own else "", "role": role}))


@bp.post("/ideas/<int:idea_id>/join")
@login_required
@limiter.limit("1 per 5 seconds", deduct_when=was_saved)
@limiter.limit(a_day(at_first=10, later=50), deduct_when=was_saved)
def create_joining(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    form = JoiningForm()
    if not form.validate_on_submit():
        return show_form(idea, form), 422
    joining = commands.ask_to_join(idea, by=person(), line=form.line.data, role=form.role.data)
    if joining.state == "joined":
        return back_to(idea, "with")
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


@bp.get("/ideas/<int:idea_id>/lead")
@login_required
def show_lead(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_answer(viewer(), idea), _("Only who leads an idea hands it on."))
    return render("teams/lead.html", idea=idea, joinings=joinings_of(viewer(), idea))


@bp.post("/ideas/<int:idea_id>/joinings/<int:joining_id>/lead")
@login_required
@limiter.limit("60 per hour")
def create_lead(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    joining = joined_to(viewer(), idea, joining_id)
    commands.ask_to_lead(joining, by=person())
    name = isolated(joining.person.display_name)
    flash(escape(_("%(name)s is asked. Nothing changes until they accept.")) % {"name": name}, "success")
    return see_other(".show_lead", idea_id=idea.id)


@bp.post("/ideas/<int:idea_id>/joinings/<int:joining_id>/lead/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_lead(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.withdraw_lead(joined_to(viewer(), idea, joining_id), by=person())
    return see_other(".show_lead", idea_id=idea.id)


@bp.post("/ideas/<int:idea_id>/lead/acceptance")
@login_required
@limiter.limit("60 per minute")
def accept_lead(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.accept_lead(idea, by=person())
    flash(_("You lead this idea now."), "success")
    return back_to(idea, "with")


@bp.post("/ideas/<int:idea_id>/lead/refusal")
@login_required
@limiter.limit("60 per minute")
def decline_lead(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.decline_lead(idea, by=person())
    flash(escape(_("Your answer is with %(name)s.")) % {"name": isolated(idea.author.display_name)}, "success")
    return back_to(idea)


@bp.get("/ideas/<int:idea_id>/joinings/<int:joining_id>/removal")
@login_required
def new_removal(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    return render("teams/removal.html", idea=idea, joining=joined_to(viewer(), idea, joining_id))


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
    is_author = can_answer(viewer(), idea)
    return {
        "joinings": joinings,
        "is_joining_offered": is_offered,
        "can_answer": is_author,
        "invitable": invitable_of(idea, writers_of(context["comments"])) if is_author else set(),
        "open_needs": needs_of([idea.id])[idea.id],
    }


@adds_to("home/desk.html")
def add_words_of_teams(context: dict[str, Any]) -> dict[str, Any]:
    return {"words_of_teams": words_for(context["person"])}


@adds_to("matching/draft.html")
def add_ideas_to_join(context: dict[str, Any]) -> dict[str, Any]:
    """Beside the form of an idea, those that the writer might join instead."""
    rows = [found.row for found in context["matches"].ideas] if context["ways"] and context["matches"] else []
    return {"to_join": ideas_to_join(viewer(), {row.id: row.author for row in rows})}


@adds_to("errors/error.html")
def add_what_can_be_left(context: dict[str, Any]) -> dict[str, Any]:
    """Where an idea was that someone is with and may not see any more, they can still leave it."""
    idea_id = (request.view_args or {}).get("idea_id")
    is_gone = context["code"] in (404, 410) or "hidden_post_id" in context
    if idea_id is None or not is_gone or not is_with_unseen(viewer(), idea_id):
        return {}
    return {"to_leave": idea_id}


@adds_to("lineage/merged.html")
def add_whether_to_leave(context: dict[str, Any]) -> dict[str, Any]:
    """An idea that another took in has no page of its own: a co-author leaves it where its text is still read."""
    return {"leaves": is_with_unseen(viewer(), context["idea"].id)}


def show_form(idea: Idea, form: JoiningForm) -> str:
    return render("teams/join.html", idea=idea, form=form, own=joinings_of(viewer(), idea).own)


def show_invitations(idea: Idea, form: InvitationForm) -> str:
    """The form for these people; who cannot be invited is named in it with the reason."""
    return render("teams/invite.html", idea=idea, form=form)


def show_answers(idea: Idea, invitation: JoiningRow, form: RefusalForm) -> str:
    return render("teams/invitation.html", idea=idea, invitation=invitation, form=form)


def what_was_done(joinings: Sequence[Joining]) -> str:
    """Who was invited, and who had asked before and is with the idea now."""
    said = [
        (_("Invited: %(names)s."), [each for each in joinings if each.state == "invited"]),
        (_("With your idea now: %(names)s."), [each for each in joinings if each.state == "joined"]),
    ]
    sentences = [
        escape(sentence) % {"names": listed(isolated(each.person.display_name) for each in some)}
        for sentence, some in said
        if some
    ]
    return Markup(" ").join(sentences)
