"""Asking for a change of an idea, the ledger of what was asked, and the pages on which it is decided."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from app.forum.policy import can_revise
from app.forum.queries import comment_thread, visible_comment
from app.forum.views import a_day, back_to, comments_a_day, comments_at_once, person, was_saved
from app.gate import LARGEST_ID
from app.ideas.models import Idea
from app.ideas.queries import idea_page
from app.ideas.views import leads_on
from app.limits import limiter
from app.refusals import NotThere, require
from app.requests import commands
from app.requests.forms import (
    AnsweredForm,
    DeclinedForm,
    NewRequestForm,
    ProposalForm,
    ReopeningsForm,
    RequestForm,
    proposal_form,
)
from app.requests.models import ChangeRequest
from app.requests.policy import can_ask, can_ask_with
from app.requests.queries import (
    Ledger,
    Proposal,
    aim_of,
    is_concerned,
    ledger_of,
    proposal_for,
    request_by,
    request_on,
    revisions_since,
    undone_by,
    words_for,
)
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("requests", __name__)
bp.add_app_template_global(can_ask, "can_ask_for_change")
bp.add_app_template_global(can_ask_with)


@bp.get("/ideas/<int:idea_id>/requests")
def index_requests(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    can_decide = can_revise(viewer(), idea)
    return render("requests/index.html", idea=idea, ledger=ledger_of(idea.id), can_decide=can_decide)


@bp.post("/ideas/<int:idea_id>/requests")
@login_required
@comments_at_once
@comments_a_day
def create_request(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    form = NewRequestForm()
    if not form.validate_on_submit():
        thread = comment_thread(viewer(), idea.id)
        return render("forum/comment.html", post=idea, comments=thread, comment_form=form), 422
    asked = {"body": form.body.data, "section": form.section.data, "kind": form.kind.data}
    comment = commands.ask_for_change(idea, by=person(), **asked)
    return back_to(idea, f"comment-{comment.id}")


@bp.get("/comments/<int:comment_id>/request")
@login_required
def new_request(comment_id: int) -> ResponseReturnValue:
    comment = visible_comment(viewer(), comment_id)
    require(can_ask_with(viewer(), comment, comment.post))
    return render("requests/new.html", comment=comment, form=RequestForm())


@bp.post("/comments/<int:comment_id>/request")
@login_required
@limiter.limit(a_day(at_first=10, later=50), deduct_when=was_saved)
def create_request_with(comment_id: int) -> ResponseReturnValue:
    comment = visible_comment(viewer(), comment_id)
    require(can_ask_with(viewer(), comment, comment.post))
    form = RequestForm()
    if not form.validate_on_submit():
        return render("requests/new.html", comment=comment, form=form), 422
    commands.request_with(comment, by=person(), section=form.section.data, kind=form.kind.data)
    return back_to(comment.post, f"comment-{comment.id}")


@bp.post("/comments/<int:comment_id>/request/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_request(comment_id: int) -> ResponseReturnValue:
    comment = visible_comment(viewer(), comment_id)
    commands.withdraw_request(request_by(comment), by=person())
    return back_to(comment.post, f"comment-{comment.id}")


@bp.get("/ideas/<int:idea_id>/requests/answers")
@login_required
def new_answers(idea_id: int) -> ResponseReturnValue:
    idea, number = revised(idea_id)
    proposal = proposal_for(idea, number)
    return show_proposal(idea, number, proposal_form(proposal.requests, proposal.answered), proposal)


@bp.post("/ideas/<int:idea_id>/requests/answers")
@login_required
@limiter.limit("60 per minute")
def create_answers(idea_id: int) -> ResponseReturnValue:
    idea, number = revised(idea_id)
    form = proposal_form(ledger_of(idea.id).open)
    if not form.validate_on_submit():
        proposal = proposal_for(idea, number)
        form = proposal_form(proposal.requests)
        form.validate()
        return show_proposal(idea, number, form, proposal), 422
    answered = commands.answer_requests(idea, form.replies(), revision=number, by=person())
    if answered:
        flash(ngettext("%(num)s request is answered.", "%(num)s requests are answered.", answered), "success")
    return back_to(idea)


@bp.get("/ideas/<int:idea_id>/requests/reopenings")
@login_required
def new_reopenings(idea_id: int) -> ResponseReturnValue:
    idea, number = revised(idea_id)
    undone = undone_by(idea, number)
    form = ReopeningsForm(undone, formdata=None, requests=[row.comment_id for row in undone])
    return render("requests/reopenings.html", idea=idea, number=number, form=form)


@bp.post("/ideas/<int:idea_id>/requests/reopenings")
@login_required
@limiter.limit("60 per minute")
def create_reopenings(idea_id: int) -> ResponseReturnValue:
    idea, number = revised(idea_id)
    form = ReopeningsForm(undone_by(idea, number))
    if not form.validate_on_submit():
        return render("requests/reopenings.html", idea=idea, number=number, form=form), 422
    opened = commands.reopen_requests(idea, form.chosen(), by=person())
    if opened:
        flash(ngettext("%(num)s request is open again.", "%(num)s requests are open again.", opened), "success")
    return back_to(idea)


@bp.get("/ideas/<int:idea_id>/requests/<int:comment_id>")
@login_required
def show_request(idea_id: int, comment_id: int) -> ResponseReturnValue:
    return show_decision(to_decide(idea_id, comment_id))


@bp.post("/ideas/<int:idea_id>/requests/<int:comment_id>/answer")
@login_required
@limiter.limit("60 per minute")
def create_answer(idea_id: int, comment_id: int) -> ResponseReturnValue:
    asked = to_decide(idea_id, comment_id)
    form = AnsweredForm(revisions_since(asked))
    if not form.validate_on_submit():
        return show_decision(asked, answered=form), 422
    commands.answer_request(asked, by=person(), revision=form.revision.data, reply=form.reply.data)
    return to_ledger(idea_id, comment_id)


@bp.post("/ideas/<int:idea_id>/requests/<int:comment_id>/refusal")
@login_required
@limiter.limit("60 per minute")
def create_refusal(idea_id: int, comment_id: int) -> ResponseReturnValue:
    asked = to_decide(idea_id, comment_id)
    form = DeclinedForm()
    if not form.validate_on_submit():
        return show_decision(asked, declined=form), 422
    commands.decline_request(asked, by=person(), reason=form.reason.data)
    return to_ledger(idea_id, comment_id)


@bp.post("/ideas/<int:idea_id>/requests/<int:comment_id>/reopening")
@login_required
@limiter.limit("60 per minute")
def create_reopening(idea_id: int, comment_id: int) -> ResponseReturnValue:
    asked = request_on(idea_page(viewer(), idea_id), comment_id)
    commands.reopen_request(asked, by=person())
    return to_ledger(idea_id, comment_id)


@leads_on
def lead_to_reopenings(idea: Idea) -> str | None:
    """Whoever brought an older text back says which requests are not answered any more."""
    if not undone_by(idea, idea.revision):
        return None
    return url_for("requests.new_reopenings", idea_id=idea.id, revision=idea.revision)


@leads_on
def lead_to_answers(idea: Idea) -> str | None:
    """Whoever saved a revision says which of the requests on what it changed are answered by it."""
    if not is_concerned(idea, idea.revision):
        return None
    return url_for("requests.new_answers", idea_id=idea.id, revision=idea.revision)


@adds_to("ideas/show.html", "forum/comment.html")
def add_requests(context: dict[str, Any]) -> dict[str, Any]:
    """A form for a comment keeps what was chosen in it, also when it comes back as a preview or out of a draft."""
    post, returned, kept = context["post"], context.get("comment_form"), context.get("comment_fields")
    if post.kind != "idea":
        return {}
    asking = RequestForm() if kept is None else RequestForm(formdata=kept)
    return {
        "ledger": ledger_of(post.id) if context["comments"] else Ledger(),
        "asking": returned if isinstance(returned, RequestForm) else asking,
        "can_decide_requests": can_revise(viewer(), post),
    }


@adds_to("ideas/revision.html", "forum/revisions.html")
def add_what_was_answered(context: dict[str, Any]) -> dict[str, Any]:
    """By the revisions of an idea."""
    post = context["post"]
    return {"answered_by": ledger_of(post.id).by_revision} if post.kind == "idea" else {}


@adds_to("ideas/composer.html")
def add_what_is_asked(context: dict[str, Any]) -> dict[str, Any]:
    """Beside the text of each section what is asked of it."""
    idea = context["idea"]
    return {"asked_of": ledger_of(idea.id).open_by_section} if idea else {}


@adds_to("home/desk.html")
def add_words_of_requests(context: dict[str, Any]) -> dict[str, Any]:
    return {"words_of_requests": words_for(context["person"])}


def revised(idea_id: int) -> tuple[Idea, int]:
    """The idea, for whoever may revise it, and the revision that the address names: not the first."""
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    number = request.args.get("revision", default=idea.revision, type=int)
    if not 1 < number <= LARGEST_ID:
        raise NotThere(_("There is no such revision."))
    return idea, number


def to_decide(idea_id: int, comment_id: int) -> ChangeRequest:
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    return request_on(idea, comment_id)


def show_proposal(idea: Idea, number: int, form: ProposalForm, proposal: Proposal) -> str:
    return render("requests/answers.html", idea=idea, number=number, form=form, proposal=proposal)


def show_decision(
    asked: ChangeRequest, *, answered: AnsweredForm | None = None, declined: DeclinedForm | None = None
) -> str:
    """Both forms, one of which may have come back."""
    return render(
        "requests/decide.html",
        asked=asked,
        aim=aim_of(asked),
        answered=answered or AnsweredForm(revisions_since(asked), formdata=None),
        declined=declined or DeclinedForm(formdata=None),
    )


def to_ledger(idea_id: int, comment_id: int) -> ResponseReturnValue:
    return see_other(".index_requests", idea_id=idea_id, _anchor=f"request-{comment_id}")
