"""Pages of ideas."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.forum.commands import StaleRevision, delete_post, sent_before
from app.forum.forms import filters_in
from app.forum.policy import can_revise
from app.forum.queries import comment_thread, post_address, relation_to, revision_of, revisions_of, tags_of
from app.forum.views import a_day, back_to, is_preview, known_of_writer, person, was_saved
from app.groups.queries import groups_to_write_in
from app.ideas.commands import publish_idea, revise_idea
from app.ideas.forms import IdeaForm, NewIdeaForm, RevisionForm, revision_form, wanted_ways
from app.ideas.models import SECTIONS, Idea
from app.ideas.queries import (
    SORTS,
    facets_of,
    filtered_ideas,
    idea_page,
    idea_rows,
    lineage_of,
    popular_ideas,
    tag_names,
)
from app.limits import limiter
from app.markdown import plain_words
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.refusals import require
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("ideas", __name__)


@bp.context_processor
def name_sections() -> dict[str, Any]:
    return {"idea_sections": SECTIONS}


def was_sent_before() -> bool:
    """A form that is sent again is answered with what it became, however soon."""
    return sent_before(Idea, _new_form().sent_as(person()), by=person()) is not None


def is_free() -> bool:
    return is_preview() or was_sent_before()


@bp.get("/ideas")
def index_ideas() -> ResponseReturnValue:
    number = wanted_page()
    names = tag_names()
    filters = filters_in(request.args, names, sorts=SORTS)
    facets = facets_of(viewer(), filters, names)
    here = filtered_ideas(viewer(), filters).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    page = page_of(idea_rows(here), number=number, total=facets.total)
    return render("ideas/index.html", page=page, filters=filters, facets=facets)


@bp.get("/ideas/new")
@login_required
def new_idea() -> ResponseReturnValue:
    return show_composer(_new_form(data={**known_of_writer(), "ways": wanted_ways(request.args)}))


@bp.post("/ideas")
@login_required
@limiter.limit("1 per 15 seconds", deduct_when=was_saved, exempt_when=is_free)
@limiter.limit(a_day(at_first=3, later=20), deduct_when=was_saved, exempt_when=is_preview)
def create_idea() -> ResponseReturnValue:
    form = _new_form()
    if form.preview.data:
        return show_composer(form)
    if not form.validate_on_submit():
        return show_composer(form), 422
    group, sent_as = form.groups[form.group.data], form.sent_as(person())
    idea = publish_idea(by=person(), group=group, sent_as=sent_as, **form.facts())
    flash(_("Your idea is published."), "success")
    return back_to(idea)


@bp.get("/ideas/<int:idea_id>")
@bp.get("/ideas/<int:idea_id>/<slug>")
def show_idea(idea_id: int, slug: str = "") -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    if slug != idea.slug:
        return redirect(post_address(idea), 301)
    return render(
        "ideas/show.html",
        idea=idea,
        post=idea,
        tags=tags_of([idea.id])[idea.id],
        comments=comment_thread(viewer(), idea.id),
        relation=relation_to(viewer(), idea.id),
        lineage=lineage_of(viewer(), idea.id),
        can_revise=can_revise(viewer(), idea),
        structured=_structured(idea),
    )


@bp.get("/ideas/<int:idea_id>/edit")
@login_required
def edit_idea(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    return show_composer(revision_form(idea, tags_of([idea.id])[idea.id]), idea)


@bp.get("/ideas/<int:idea_id>/revisions")
def index_revisions(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    return render("forum/revisions.html", post=idea, revisions=revisions_of(idea))


@bp.post("/ideas/<int:idea_id>/revisions")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
def create_revision(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    form = RevisionForm(idea)
    if form.preview.data:
        return show_composer(form, idea)
    if not form.validate_on_submit():
        return show_composer(form, idea), 422
    facts = {**form.facts(), "stage": form.stage.data, "reason": form.reason.data, "seen": form.seen.data}
    try:
        revise_idea(idea, by=person(), **facts)
    except StaleRevision:
        return _show_both(idea_id, form), 409
    flash(_("Your changes are saved."), "success")
    return back_to(idea)


@bp.get("/ideas/<int:idea_id>/revisions/<int:number>")
def show_revision(idea_id: int, number: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    return render("ideas/revision.html", post=idea, revision=revision_of(idea, number))


@bp.get("/ideas/<int:idea_id>/deletion")
@login_required
def new_deletion(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    return render("ideas/deletion.html", idea=idea)


@bp.post("/ideas/<int:idea_id>/deletion")
@login_required
def create_deletion(idea_id: int) -> ResponseReturnValue:
    delete_post(idea_page(viewer(), idea_id), by=person())
    flash(_("The idea is deleted."), "success")
    return see_other(".index_ideas")


@adds_to("errors/error.html")
def add_popular_ideas(context: dict[str, Any]) -> dict[str, Any]:
    """Somewhere to go on from a page that is not there."""
    return {"popular": popular_ideas(viewer())} if context["code"] == 404 else {}


def show_composer(form: IdeaForm, idea: Idea | None = None, **context: Any) -> str:
    """The form with what was typed, for a new idea or a revision of this one; `context` is for what stands beside."""
    return render("ideas/composer.html", form=form, idea=idea, **context)


def _show_both(idea_id: int, form: RevisionForm) -> str:
    """The editor's text, kept, beside the one saved meanwhile; sending it again replaces that one knowingly."""
    newer = idea_page(viewer(), idea_id)
    form.seen.data = newer.revision
    return show_composer(form, newer, newer=newer, newest=revision_of(newer, newer.revision))


def _new_form(**options: Any) -> NewIdeaForm:
    return NewIdeaForm(groups_to_write_in(viewer()), **options)


def _structured(idea: Idea) -> dict[str, Any]:
    """What search engines read: schema.org's DiscussionForumPosting."""
    return {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "headline": idea.title,
        "text": plain_words(idea.problem),
        "url": url_for(".show_idea", idea_id=idea.id, slug=idea.slug, _external=True),
        "inLanguage": idea.language,
        "datePublished": idea.published_at.isoformat(),
        "dateModified": (idea.edited_at or idea.published_at).isoformat(),
        "author": {"@type": "Person", "name": idea.author.display_name},
        "commentCount": idea.comment_count,
    }
