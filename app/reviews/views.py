"""The reviews of an idea, and the form of one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.drafts.models import Place
from app.drafts.views import continued, keeping_of
from app.forum.forms import RemovalForm
from app.forum.views import person, was_saved
from app.ideas.models import Idea
from app.ideas.queries import idea_page
from app.limits import limiter
from app.refusals import require
from app.reviews import commands
from app.reviews.forms import ReviewForm, review_form
from app.reviews.models import CRITERIA, LEVELS
from app.reviews.policy import can_remove_review, can_review, must_say_why
from app.reviews.queries import own_review, review_with, reviews_of, summary_of
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("reviews", __name__)
bp.add_app_template_global(can_remove_review)
bp.add_app_template_global(must_say_why)


@bp.get("/ideas/<int:idea_id>/reviews")
def index_reviews(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    reviews = reviews_of(viewer(), idea)
    own = next((each for each in reviews if each.reviewer_id == viewer().id), None)
    facts: dict[str, Any] = {"summary": summary_of(reviews), "criteria": CRITERIA, "levels": LEVELS, "own": own}
    facts |= {"counted": sum(not each.by_author for each in reviews), "can_review": can_review(viewer(), idea)}
    return render("reviews/index.html", idea=idea, reviews=reviews, **facts)


@bp.get("/ideas/<int:idea_id>/reviews/new")
@login_required
def new_review(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_review(viewer(), idea), _("You write this idea yourself: ask others to review it."))
    begun = continued(Place("review", idea.id))
    return show_form(idea, review_form(idea, own_review(viewer(), idea), begun))


@bp.post("/ideas/<int:idea_id>/reviews")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
def create_review(idea_id: int) -> ResponseReturnValue:
    idea, form = idea_page(viewer(), idea_id), ReviewForm()
    require(can_review(viewer(), idea), _("You write this idea yourself: ask others to review it."))
    if not form.validate_on_submit():
        return show_form(idea, form), 422
    remarks = {"strength": form.strength.data, "change": form.change.data}
    review = commands.give_review(idea, by=person(), marks=form.marks, seen=form.seen.data, **remarks)
    flash(_("Your review is published. Thank you."), "success")
    return see_other(".index_reviews", idea_id=idea.id, _anchor=f"review-{review.id}")


@bp.get("/ideas/<int:idea_id>/reviews/<int:review_id>/removal")
@login_required
def new_removal(idea_id: int, review_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    review = review_with(idea, review_id)
    require(can_remove_review(viewer(), review))
    return render("reviews/removal.html", idea=idea, review=review, form=RemovalForm())


@bp.post("/ideas/<int:idea_id>/reviews/<int:review_id>/removal")
@login_required
def destroy_review(idea_id: int, review_id: int) -> ResponseReturnValue:
    """A moderator says why."""
    idea = idea_page(viewer(), idea_id)
    review, form = review_with(idea, review_id), RemovalForm()
    require(can_remove_review(viewer(), review))
    if must_say_why(viewer(), review) and not form.validate_on_submit():
        return render("reviews/removal.html", idea=idea, review=review, form=form), 422
    commands.remove_review(review, by=person(), reason=form.reason.data)
    flash(_("The review is removed."), "success")
    return see_other(".index_reviews", idea_id=idea.id)


@adds_to("ideas/show.html")
def add_whether_to_review(context: dict[str, Any]) -> dict[str, Any]:
    return {"can_review": can_review(viewer(), context["idea"])}


@adds_to("drafts/show.html", "drafts/version.html")
def name_parts_of_drafts(context: dict[str, Any]) -> dict[str, Any]:
    if context["draft"].kind != "review":
        return {}
    return {"parts": {"strength": _("What is strongest"), "change": _("One thing to change next")}}


def show_form(idea: Idea, form: ReviewForm) -> str:
    keeping = keeping_of(Place("review", idea.id))
    return render("reviews/new.html", idea=idea, form=form, keeping=keeping, criteria=CRITERIA)
