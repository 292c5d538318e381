"""Pages of ideas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.drafts.models import Place
from app.drafts.views import Keeping, continued, keeping_of
from app.forum.commands import StaleRevision, delete_post, sent_before
from app.forum.forms import RestorationForm, filters_in
from app.forum.policy import can_delete_post, can_revise
from app.forum.queries import (
    comment_thread,
    post_address,
    reasons_for,
    revision_of,
    revisions_of,
    tags_of,
    told_of_post,
)
from app.forum.views import (
    a_day,
    back_to,
    comparison,
    is_preview,
    known_of_writer,
    person,
    revisions_page,
    show_restoration,
    to_comparison,
    try_to_restore,
    unread_changes,
    was_saved,
)
from app.groups.queries import groups_to_write_in
from app.ideas.commands import publish_idea, revert_idea, revise_idea
from app.ideas.forms import (
    IdeaForm,
    NewIdeaForm,
    RevisionForm,
    copy_of,
    revision_form,
    texts_taken,
    wanted_fork,
    wanted_ways,
)
from app.ideas.models import PARTS, SECTIONS, STAGE_WORDS, Idea
from app.ideas.queries import (
    SORTS,
    co_authored_by,
    contributors_of,
    facets_of,
    filtered_ideas,
    idea_page,
    idea_rows,
    lineage_of,
    popular_ideas,
    saves_after,
    tag_names,
)
from app.journal.queries import history_of
from app.limits import limiter
from app.markdown import plain_words
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.refusals import require
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("ideas", __name__)
Lead = Callable[[Idea], str | None]
_leads: list[Lead] = []


@bp.app_template_filter()
def stage_name(stage: str) -> str:
    return str(STAGE_WORDS.get(stage, stage))


@bp.context_processor
def name_sections() -> dict[str, Any]:
    return {"idea_sections": SECTIONS}


def was_sent_before() -> bool:
    """A form that is sent again is answered with what it became, however soon."""
    return sent_before(Idea, new_idea_form().sent_as(person()), by=person()) is not None


def is_free() -> bool:
    return is_preview() or was_sent_before()


ideas_at_once = limiter.shared_limit("1 per 15 seconds", scope="ideas", deduct_when=was_saved, exempt_when=is_free)
ideas_a_day = limiter.shared_limit(
    a_day(at_first=3, later=20), scope="ideas", deduct_when=was_saved, exempt_when=is_preview
)


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
    known = {**known_of_writer(), "ways": wanted_ways(request.args)}
    if fork := wanted_fork(request.args):
        source = idea_page(viewer(), fork)
        known |= copy_of(source, tags_of([source.id])[source.id])
    return _new_idea_page(new_idea_form(data=known, formdata=continued(Place("idea"))))


@bp.post("/ideas")
@login_required
@ideas_at_once
@ideas_a_day
def create_idea() -> ResponseReturnValue:
    form = new_idea_form()
    if form.preview.data:
        return _new_idea_page(form)
    if not form.validate_on_submit():
        return _new_idea_page(form), 422
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
    relation, told = told_of_post(viewer(), idea.id)
    return render(
        "ideas/show.html",
        idea=idea,
        post=idea,
        tags=tags_of([idea.id])[idea.id],
        comments=comment_thread(viewer(), idea.id),
        relation=relation,
        since=unread_changes(idea, PARTS, follows=relation.follows, read=relation.read),
        reasons=reasons_for(idea.id) if told["has_reasons"] else None,
        lineage=lineage_of(viewer(), idea.id),
        can_revise=can_revise(viewer(), idea),
        can_delete=can_delete_post(viewer(), idea),
        structured=_structured(idea),
        **told,
    )


@bp.get("/ideas/<int:idea_id>/supporters")
def index_supporters(idea_id: int) -> ResponseReturnValue:
    idea, number = idea_page(viewer(), idea_id), wanted_page()
    reasons = reasons_for(idea.id, most=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    page = page_of(reasons.rows, number=number, total=reasons.total)
    return render("forum/supporters.html", post=idea, page=page)


@bp.get("/ideas/<int:idea_id>/edit")
@login_required
def edit_idea(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    begun = continued(Place("idea-revision", idea.id))
    return _revision_page(revision_form(idea, tags_of([idea.id])[idea.id], begun), idea)


@bp.get("/ideas/<int:idea_id>/revisions")
def index_revisions(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    here, history = revisions_of(idea, number=wanted_page()), history_of(idea.id)
    page = revisions_page(here, PARTS, newest=idea.revision, history=history)
    return render("forum/revisions.html", post=idea, newest=idea.revision, page=page)


@bp.post("/ideas/<int:idea_id>/revisions")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
@limiter.limit("60 per hour", deduct_when=lambda response: not was_saved(response))  # texts are compared word by word
def create_revision(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    form = RevisionForm(idea)
    if form.preview.data:
        return _revision_page(form, idea)
    if not form.validate_on_submit():
        return _revision_page(form, idea), 422
    facts = {**form.facts(), "reason": form.reason.data, "seen": form.seen.data}
    try:
        revision = revise_idea(idea, by=person(), **facts)
    except StaleRevision:
        newest = idea_page(viewer(), idea_id)
        form.meet(newest.revision)
        return _three_way_page(form, newest), 409
    if revision is None and form.seen.data == idea.revision:
        flash(_("You changed nothing, so nothing was saved."), "info")
        return back_to(idea)
    flash(_("Your changes are saved."), "success")
    return after_saving(idea)


@bp.get("/ideas/<int:idea_id>/saves-after/<int:number>")
def index_saves(idea_id: int, number: int) -> ResponseReturnValue:
    """For whoever edits the idea from this revision: who saved it since, if anybody did.

    It asks nobody to sign in: that would lead away from what they write.
    """
    saves = saves_after(viewer(), idea_id, number) if viewer().is_signed_in else []
    if not saves:
        return "", 204
    return render("ideas/_saves.html", saves=saves, idea_id=idea_id)


@bp.get("/ideas/<int:idea_id>/revisions/<int:number>")
def show_revision(idea_id: int, number: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    revision = revision_of(idea, number)
    compared = comparison(revision, partial(revision_of, idea), PARTS, newest=idea.revision)
    can_restore = can_revise(viewer(), idea)
    return render("ideas/revision.html", post=idea, revision=revision, can_restore=can_restore, **compared)


@bp.get("/ideas/<int:idea_id>/revisions/comparison")
def compare_revisions(idea_id: int) -> ResponseReturnValue:
    return to_comparison(idea_page(viewer(), idea_id).revision)


@bp.get("/ideas/<int:idea_id>/revisions/<int:number>/restoration")
@login_required
def new_restoration(idea_id: int, number: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    return _restoration_page(idea, number)


@bp.post("/ideas/<int:idea_id>/revisions/<int:number>/restoration")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
def create_restoration(idea_id: int, number: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_revise(viewer(), idea))
    page, revert = partial(_restoration_page, idea, number), partial(revert_idea, idea, revision_of(idea, number))
    return try_to_restore(page, revert) or after_saving(idea)


@bp.get("/ideas/<int:idea_id>/contributors")
def index_contributors(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    return render("ideas/contributors.html", idea=idea, contributors=contributors_of(idea), parts=PARTS)


@bp.get("/ideas/<int:idea_id>/deletion")
@login_required
def new_deletion(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_delete_post(viewer(), idea))
    return render("ideas/deletion.html", idea=idea)


@bp.post("/ideas/<int:idea_id>/deletion")
@login_required
def create_deletion(idea_id: int) -> ResponseReturnValue:
    delete_post(idea_page(viewer(), idea_id), by=person())
    flash(_("The idea is deleted."), "success")
    return see_other(".index_ideas")


@adds_to("drafts/show.html", "drafts/version.html")
def name_parts_of_drafts(context: dict[str, Any]) -> dict[str, Any]:
    draft, written = context["draft"], context["written"]
    if not draft.kind.startswith("idea"):
        return {}
    taken = texts_taken(draft.post.id, written) if draft.kind == "idea-revision" and draft.post else {}
    return {"parts": {section.key: section.label for section in SECTIONS}, "written": written | taken}


@adds_to("accounts/person.html")
def add_co_authored(context: dict[str, Any]) -> dict[str, Any]:
    return {"co_authored": co_authored_by(viewer(), context["person"])}


def leads_on(lead: Lead) -> Lead:
    """Decorator: a higher room, which this one does not know, may lead whoever saved a revision to a page of its own.

    The function takes the idea and returns the address, or None.
    """
    _leads.append(lead)
    return lead


def after_saving(idea: Idea, element: str = "") -> Response:
    """To the first page that a higher room leads to, or back to the idea, there to this element."""
    address = next((address for lead in _leads if (address := lead(idea))), None)
    return cast(Response, redirect(address, 303)) if address else back_to(idea, element)


@adds_to("errors/error.html")
def add_popular_ideas(context: dict[str, Any]) -> dict[str, Any]:
    """Somewhere to go on from a page that is not there."""
    return {"popular": popular_ideas(viewer())} if context["code"] == 404 else {}


def show_composer(form: IdeaForm, keeping: Keeping, *, idea: Idea | None = None, **context: Any) -> str:
    """The form with what was typed, for a new idea or a revision of this one; `context` is for what stands beside."""
    return render("ideas/composer.html", form=form, keeping=keeping, idea=idea, **context)


def new_idea_form(**options: Any) -> NewIdeaForm:
    """What was sent or, with `data`, what a new idea begins with."""
    return NewIdeaForm(groups_to_write_in(viewer()), **options)


def _new_idea_page(form: NewIdeaForm) -> str:
    return show_composer(form, keeping_of(Place("idea"), key=form.key.data or ""))


def _restoration_page(idea: Idea, number: int, form: RestorationForm | None = None) -> str:
    revision, newest = revision_of(idea, number), revision_of(idea, idea.revision)
    return show_restoration(idea, revision, newest, PARTS, form=form)


def _revision_page(form: RevisionForm, idea: Idea) -> str:
    """The form as it was sent: with both texts, once it met another one."""
    if form.is_met:
        form.meet_again()
        return _three_way_page(form, idea)
    is_behind = form.preview.data and 0 < (form.seen.data or 0) < idea.revision
    saves = saves_after(viewer(), idea.id, form.seen.data) if is_behind else []
    return show_composer(form, keeping_of(Place("idea-revision", idea.id)), idea=idea, saves=saves)


def _three_way_page(form: RevisionForm, newest: Idea) -> str:
    """The editor's text, kept, and what was saved meanwhile, put together as far as they go together."""
    tags = tags_of([newest.id])[newest.id]
    is_known = form.met["title"].base is not None
    saves = saves_after(viewer(), newest.id, form.base.data if is_known else newest.revision - 1)
    return render(
        "ideas/three_way.html",
        form=form,
        keeping=keeping_of(Place("idea-revision", newest.id)),
        idea=newest,
        saves=saves,
        saved_otherwise=form.saved_otherwise(newest, tags),
        parts=PARTS,
    )


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
        "author": [{"@type": "Person", "name": author.display_name} for author in idea.authors],
        "commentCount": idea.comment_count,
    }
