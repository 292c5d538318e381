"""Pages of suggested edits, and what an idea's page and the desk say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.diffs import difference
from app.drafts.models import Place
from app.drafts.views import continued, keeping_of
from app.forum.commands import StaleRevision
from app.forum.forms import RemovalForm
from app.forum.queries import tags_of
from app.forum.views import a_day, back_to, is_preview, person, was_saved
from app.ideas.models import BUILDS_ON, PARTS, SECTIONS, Idea, Way
from app.ideas.queries import idea_page
from app.ideas.views import after_saving, ideas_a_day, ideas_at_once, show_composer
from app.limits import limiter
from app.pages import page_of, wanted_page
from app.refusals import NotThere, require
from app.suggestions import commands
from app.suggestions.forms import (
    AcceptanceForm,
    OwnIdeaForm,
    RejectionForm,
    SuggestionForm,
    acceptance_form,
    suggestion_form,
)
from app.suggestions.models import Suggestion
from app.suggestions.policy import can_decide, can_delete_suggestion, can_make_own, can_suggest, can_withdraw
from app.suggestions.queries import (
    PAGE_SIZE,
    counts_of,
    own_at_merged,
    suggestion_row,
    suggestion_to,
    suggestions_of,
    text_of,
    words_for,
)
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("suggestions", __name__)
bp.add_app_template_global(can_decide)
bp.add_app_template_global(can_delete_suggestion)
bp.add_app_template_global(can_make_own)
bp.add_app_template_global(can_withdraw)
bp.add_app_template_global(text_of)


@bp.context_processor
def name_parts() -> dict[str, Any]:
    return {"parts": PARTS, "idea_sections": SECTIONS}


@bp.get("/ideas/<int:idea_id>/suggestions")
def index_suggestions(idea_id: int) -> ResponseReturnValue:
    idea, number = idea_page(viewer(), idea_id), wanted_page()
    counts = counts_of(idea)
    rows = suggestions_of(viewer(), idea, number=number)
    page = page_of(rows, number=number, total=counts.total, size=PAGE_SIZE)
    return render("suggestions/index.html", idea=idea, page=page, counts=counts, is_offered=can_suggest(viewer(), idea))


@bp.get("/ideas/<int:idea_id>/suggestions/new")
@login_required
def new_suggestion(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_suggest(viewer(), idea), _("You cannot suggest an edit here."))
    begun = continued(Place("suggestion", idea.id))
    return show_form(idea, suggestion_form(idea, wanted_part(begun or request.values), formdata=begun))


@bp.post("/ideas/<int:idea_id>/suggestions")
@login_required
@limiter.limit("10 per minute", deduct_when=was_saved, exempt_when=is_preview)
@limiter.limit(a_day(at_first=10, later=50), deduct_when=was_saved, exempt_when=is_preview)
def create_suggestion(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_suggest(viewer(), idea), _("You cannot suggest an edit here."))
    form = suggestion_form(idea, wanted_part(request.values))
    if form.preview.data:
        return show_form(idea, form)
    if not form.validate_on_submit():
        return show_form(idea, form), 422
    said = {"part": form.part, "text": form["text"].data, "reason": form.reason.data, "seen": form.seen.data}
    suggestion = commands.suggest_edit(idea, by=person(), **said)
    flash(_("Your edit is suggested. You hear what becomes of it."), "success")
    return see_other(".show_suggestion", idea_id=idea_id, suggestion_id=suggestion.id)


@bp.get("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>")
def show_suggestion(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    if merged := own_at_merged(viewer(), idea_id, suggestion_id):
        idea, became = merged
        row = suggestion_row(viewer(), idea, suggestion_id)
        return render("suggestions/merged.html", idea=idea, row=row, became=became)
    return show_one(idea_page(viewer(), idea_id), suggestion_id)


@bp.get("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>/acceptance")
@login_required
def new_acceptance(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_decide(viewer(), idea))
    suggestion = suggestion_to(idea, suggestion_id)
    if suggestion.state != "open":
        return see_other(".show_suggestion", idea_id=idea_id, suggestion_id=suggestion_id)
    return show_both(idea, suggestion, acceptance_form(idea, suggestion))


@bp.post("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>/acceptance")
@login_required
@limiter.limit("60 per minute")
def create_acceptance(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    """As it was suggested or, with a text, as an author put it together with the text of today."""
    idea = idea_page(viewer(), idea_id)
    require(can_decide(viewer(), idea))
    suggestion = suggestion_to(idea, suggestion_id)
    if "text" in request.form:
        return accept_by_hand(idea, suggestion)
    if suggestion.state == "open" and not suggestion_row(viewer(), idea, suggestion_id).fits(idea):
        return see_other(".new_acceptance", idea_id=idea_id, suggestion_id=suggestion_id)
    commands.accept_suggestion(suggestion, by=person())
    return after_acceptance(idea, suggestion)


@bp.post("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>/rejection")
@login_required
@limiter.limit("60 per minute")
def create_rejection(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_decide(viewer(), idea))
    suggestion, form = suggestion_to(idea, suggestion_id), RejectionForm()
    if not form.validate_on_submit():
        return show_one(idea, suggestion_id, form=form), 422
    commands.reject_suggestion(suggestion, by=person(), reply=form.reply.data)
    flash(_("Your answer is with whoever suggested it."), "success")
    return see_other(".index_suggestions", idea_id=idea_id)


@bp.post("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_suggestion(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.withdraw_suggestion(suggestion_to(idea, suggestion_id), by=person())
    return see_other(".show_suggestion", idea_id=idea_id, suggestion_id=suggestion_id)


@bp.get("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>/deletion")
@login_required
def new_deletion(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_delete_suggestion(viewer()))
    return show_deletion(idea, suggestion_to(idea, suggestion_id), RemovalForm())


@bp.post("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>/deletion")
@login_required
def create_deletion(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_delete_suggestion(viewer()))
    suggestion, form = suggestion_to(idea, suggestion_id), RemovalForm()
    if not form.validate_on_submit():
        return show_deletion(idea, suggestion, form), 422
    commands.delete_suggestion(suggestion, by=person(), reason=form.reason.data)
    flash(_("The suggestion is deleted."), "success")
    return see_other(".index_suggestions", idea_id=idea_id)


@bp.get("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>/idea")
@login_required
def new_own_idea(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    suggestion = suggestion_to(idea, suggestion_id)
    require(can_make_own(viewer(), suggestion), _("This suggestion cannot become an idea of yours."))
    return show_own(suggestion, own_form(idea, suggestion))


@bp.post("/ideas/<int:idea_id>/suggestions/<int:suggestion_id>/idea")
@login_required
@ideas_at_once
@ideas_a_day
def create_own_idea(idea_id: int, suggestion_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    suggestion = suggestion_to(idea, suggestion_id)
    require(suggestion.proposer_id == person().id, _("This suggestion cannot become an idea of yours."))
    form = OwnIdeaForm(idea)
    if form.preview.data:
        return show_own(suggestion, form)
    if not form.validate_on_submit():
        return show_own(suggestion, form), 422
    group, sent_as = form.groups[form.group.data], form.sent_as(person())
    own = commands.make_own_idea(suggestion, by=person(), group=group, sent_as=sent_as, **form.facts())
    flash(_("Your idea is published."), "success")
    return back_to(own)


@adds_to("ideas/show.html")
def add_suggestions(context: dict[str, Any]) -> dict[str, Any]:
    idea = context["idea"]
    return {
        "decides": can_decide(viewer(), idea),
        "can_suggest": can_suggest(viewer(), idea),
    }


@adds_to("drafts/show.html", "drafts/version.html")
def name_parts_of_drafts(context: dict[str, Any]) -> dict[str, Any]:
    if context["draft"].kind != "suggestion":
        return {}
    return {"parts": {"text": PARTS.get(context["written"].get("section"), _("Text")), "reason": _("Why")}}


@adds_to("home/desk.html")
def add_words_of_suggestions(context: dict[str, Any]) -> dict[str, Any]:
    return {"words_of_suggestions": words_for(context["person"]), "parts": PARTS}


def wanted_part(named: Mapping[str, str]) -> str:
    """The part of the idea that an address, a form or a draft names. Raises NotThere."""
    part = named.get("section", "problem")
    if part not in PARTS:
        raise NotThere(_("An idea has no such section."))
    return part


def show_form(idea: Idea, form: SuggestionForm) -> str:
    return render("suggestions/new.html", idea=idea, form=form, keeping=keeping_of(Place("suggestion", idea.id)))


def show_one(idea: Idea, suggestion_id: int, form: RejectionForm | None = None) -> str:
    """With what was typed against it, if that came back."""
    return render("suggestions/show.html", idea=idea, row=suggestion_row(viewer(), idea, suggestion_id), rejection=form)


def show_both(idea: Idea, suggestion: Suggestion, form: AcceptanceForm) -> str:
    """The text as it reads now in a form, beside what was suggested."""
    row = suggestion_row(viewer(), idea, suggestion.id)
    since = difference(row.base, text_of(idea, row.part))
    return render("suggestions/acceptance.html", idea=idea, row=row, form=form, changed_since=since)


def show_deletion(idea: Idea, suggestion: Suggestion, form: RemovalForm) -> str:
    return render("suggestions/deletion.html", idea=idea, suggestion=suggestion, form=form)


def show_own(suggestion: Suggestion, form: OwnIdeaForm) -> str:
    """The form of a new idea, which is sent back to the suggestion that it comes from."""
    address = url_for(".create_own_idea", idea_id=suggestion.idea_id, suggestion_id=suggestion.id)
    keeping = keeping_of(place_of(suggestion), key=form.key.data or "")
    return show_composer(form, keeping, publish_address=address)


def place_of(suggestion: Suggestion) -> Place:
    """Where drafts of the idea out of it are kept."""
    return Place("idea-of-suggestion", suggestion.idea_id, comment_id=suggestion.id)


def own_form(idea: Idea, suggestion: Suggestion) -> OwnIdeaForm:
    """Filled with the sections as they would read, in the idea's group where the writer may write there; or with a
    draft. The title is the writer's own to find, so that nobody publishes under that of the other idea."""
    written = {**idea.sections, suggestion.part: suggestion.text}
    known = {"country": idea.country, "language": idea.language, "ways": (Way(idea.id, BUILDS_ON),)}
    begun = continued(place_of(suggestion))
    form = OwnIdeaForm(idea, data={**written, **known, **tags_of([idea.id])[idea.id].ids()}, formdata=begun)
    if begun is None and idea.group_id in form.groups:
        form.group.data = idea.group_id
    return form


def accept_by_hand(idea: Idea, suggestion: Suggestion) -> ResponseReturnValue:
    form = acceptance_form(idea, suggestion)
    if not form.validate_on_submit():
        return show_both(idea, suggestion, form), 422
    try:
        commands.accept_suggestion(suggestion, by=person(), text=form["text"].data, seen=form.seen.data)
    except StaleRevision:
        newer = idea_page(viewer(), idea.id)
        form.seen.data = newer.revision
        return show_both(newer, suggestion, form), 409
    return after_acceptance(idea, suggestion)


def after_acceptance(idea: Idea, suggestion: Suggestion) -> ResponseReturnValue:
    flash(_("Taken over, and credited to whoever suggested it."), "success")
    element = "title" if suggestion.part == "title" else f"{suggestion.part}-title"
    return after_saving(idea, element)
