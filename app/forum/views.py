"""What can be done to any post: comment, support, follow. The pages of posts belong to ideas and questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.accounts.models import User
from app.codes import LANGUAGES
from app.database import now
from app.forms import clean
from app.forum import commands
from app.forum.changes import Revised, changes_of, rows_of, stretches, with_history
from app.forum.forms import SUGGESTED_REASONS, CommentForm, ReasonForm, RestorationForm
from app.forum.models import Post
from app.forum.policy import can_delete_comment, can_remove_reason, can_support
from app.forum.queries import (
    Since,
    changed_since,
    comment_replied_to,
    comment_thread,
    post_address,
    posts_by,
    reasons_for,
    relation_to,
    visible_comment,
    visible_post,
)
from app.journal.queries import Entry
from app.limits import limiter
from app.pages import PAGE_SIZE, Page, page_of, wanted_page
from app.refusals import NotThere
from app.web import adds_to, local_path, render, viewer, wants_fragment

bp = Blueprint("forum", __name__)
FIRST_DAY = timedelta(days=1)
bp.add_app_template_global(post_address)
bp.add_app_template_global(can_delete_comment)
bp.add_app_template_global(can_support)
bp.add_app_template_global(stretches)
bp.add_app_template_global(can_remove_reason)
bp.add_app_template_global(lambda: SUGGESTED_REASONS, "suggested_reasons")


def was_saved(response: Response) -> bool:
    """Only what was stored counts against a limit; a form that comes back does not."""
    return response.status_code == 303


def is_preview() -> bool:
    """The form is only shown again: that is free of limits."""
    return bool(request.form.get("preview"))


def a_day(*, at_first: int, later: int) -> Callable[[], str]:
    """A limit that is tighter on a person's first day here."""

    def limit() -> str:
        is_new = now() - person().created_at < FIRST_DAY
        return f"{at_first if is_new else later} per day"

    return limit


comments_at_once = limiter.shared_limit("1 per 5 seconds", scope="comments", deduct_when=was_saved)
comments_a_day = limiter.shared_limit(a_day(at_first=10, later=200), scope="comments", deduct_when=was_saved)


def known_of_writer() -> dict[str, Any]:
    """What a form for a new post begins with: the title in the address, and the writer's country and language."""
    writer = person()
    language = next((each for each in writer.languages if each in LANGUAGES), "en")
    return {"title": request.args.get("title", ""), "country": writer.country, "language": language}


@bp.post("/posts/<int:post_id>/comments")
@login_required
@comments_at_once
@comments_a_day
def create_comment(post_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    form = CommentForm()
    if form.preview.data:
        return show_comment_form(post, form)
    if not form.validate_on_submit():
        return show_comment_form(post, form), 422
    parent = comment_replied_to(post, form.parent.data)
    comment = commands.post_comment(post, by=person(), body=form.body.data, parent=parent)
    return back_to(post, f"comment-{comment.id}")


@bp.post("/comments/<int:comment_id>/deletion")
@login_required
def destroy_comment(comment_id: int) -> ResponseReturnValue:
    comment = visible_comment(viewer(), comment_id)
    commands.delete_comment(comment, by=person())
    return back_to(comment.post, f"answer-{comment.answer_id}" if comment.answer_id else "comments")


@bp.post("/posts/<int:post_id>/support")
@login_required
@limiter.limit("60 per minute")
def create_support(post_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    commands.support(post, by=person())
    return back_to(post)


@bp.post("/posts/<int:post_id>/support/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_support(post_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    commands.withdraw_support(post, by=person())
    return back_to(post)


@bp.post("/posts/<int:post_id>/support/reason")
@login_required
@limiter.limit("30 per minute")
def create_reason(post_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        context = {"relation": relation_to(viewer(), post.id), "reasons": reasons_for(post.id)}
        return render("forum/supporting.html", post=post, reason_form=form, **context), 422
    if form.said:
        commands.give_reason(post, by=person(), reason=form.said)
    else:
        commands.remove_reason(post, supporter_id=person().id, by=person())
    return back_to(post, "support")


@bp.post("/posts/<int:post_id>/supporters/<int:supporter_id>/reason/removal")
@login_required
@limiter.limit("60 per minute")
def destroy_reason(post_id: int, supporter_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    commands.remove_reason(post, supporter_id=supporter_id, by=person())
    return back_to(post, "support")


@bp.post("/posts/<int:post_id>/follow")
@login_required
@limiter.limit("60 per minute")
def create_follow(post_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    commands.follow(post, by=person())
    return back_from(post)


@bp.post("/posts/<int:post_id>/follow/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_follow(post_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    commands.unfollow(post, by=person())
    return back_from(post)


@adds_to("accounts/person.html")
def add_posts_of_person(context: dict[str, Any]) -> dict[str, Any]:
    return {"posts": posts_by(viewer(), context["person"])}


@bp.post("/preview")
@login_required
@limiter.limit("2 per second")
def create_preview() -> ResponseReturnValue:
    """The field `body` as it will be shown: a fragment, for forms that preview in place."""
    return render("forum/_preview.html", text=clean(request.form.get("body")))


def revisions_page(
    revisions: Sequence[Revised], labels: Mapping[str, str], *, newest: int, history: Sequence[Entry] = ()
) -> Page:
    """The page of RevisionRows that the address asks for, with what else happened at the time; `revisions` are those on
    it, and the one after these."""
    page = page_of(rows_of(revisions, labels, size=PAGE_SIZE), number=wanted_page(), total=newest)
    before = revisions[PAGE_SIZE] if len(revisions) > PAGE_SIZE else None
    return replace(page, rows=with_history(page.rows, history, is_newest=page.number == 1, before=before))


def to_comparison(newest: int) -> Response:
    """From the form below a list of revisions to the page that compares two. Raises NotThere."""
    older, newer = sorted(_number_wanted(name, newest) for name in ("one", "other"))
    path = request.path.rsplit("/", 1)[0]
    return cast(Response, redirect(f"{path}/{newer}?against={older}", 303))


def comparison(
    revision: Revised, numbered: Callable[[int], Revised], labels: Mapping[str, str], *, newest: int
) -> dict[str, Any]:
    """For the page of a revision: what changed against the one that the address names, or the one before.

    `numbered` finds a revision of the same text. Raises NotThere.
    """
    is_asked = "against" in request.args
    against = _number_wanted("against", newest) if is_asked else revision.number - 1
    before = numbered(against) if against else None
    return {
        "before": before,
        "changes": changes_of(before, revision, labels) if before else [],
        "is_side": request.args.get("view") == "side",
        "is_whole": "whole" in request.args,
    }


def show_restoration(
    post: Post,
    revision: Revised,
    newest: Revised,
    labels: Mapping[str, str],
    *,
    form: RestorationForm | None,
    **context: Any,
) -> str:
    """The form that brings an older text back, with what that would change now; `form` is the one that came back."""
    form = form or RestorationForm(formdata=None)
    is_stale = form.seen.data not in (None, newest.number)
    form.seen.data = newest.number
    changes = changes_of(newest, revision, labels)
    context |= {"post": post, "revision": revision, "form": form, "changes": changes, "is_stale": is_stale}
    return render("forum/restoration.html", **context)


def try_to_restore(page: Callable[[RestorationForm], str], revert: Callable[..., None]) -> ResponseReturnValue | None:
    """Bring an older text back with what the form says. The `page` again where that is not done; None once it is."""
    form = RestorationForm()
    if not form.validate_on_submit():
        return page(form), 422
    try:
        revert(by=person(), **form.facts())
    except commands.StaleRevision:
        return page(form), 409
    flash(_("The earlier text is back."), "success")
    return None


def unread_changes(post: Post, labels: Mapping[str, str], *, follows: bool, read: int) -> Since | None:
    """What changed after the revision that the viewer has read, for the page on which they read it now; none for those
    who neither write nor follow the post."""
    is_told = follows or (viewer().is_signed_in and viewer().id in post.author_ids)
    if not is_told or read >= post.revision or wants_fragment():
        return None
    commands.note_reading(post, by=person())
    return changed_since(post, read, labels) if read else None


def person() -> User:
    """Who asks, in views that guests do not reach."""
    return cast(User, viewer())


def back_to(post: Post, element: str = "") -> Response:
    """Redirect to the post's own page or, when htmx follows, to the block that it asked for."""
    anchor = f"#{element}" if element else ""
    return cast(Response, redirect(post_address(post) + anchor, 303))


def back_from(post: Post) -> Response:
    """As `back_to`, unless the button stands on a page that it names as `next`."""
    if "next" in request.form:
        return cast(Response, redirect(local_path(request.form["next"]), 303))
    return back_to(post)


def show_comment_form(post: Post, form: CommentForm) -> str:
    """The thread again, with what was typed and what is wrong with it."""
    return render("forum/comment.html", post=post, comments=comment_thread(viewer(), post.id), comment_form=form)


def _number_wanted(name: str, newest: int) -> int:
    """The number of a revision in the address. Raises NotThere."""
    number = request.args.get(name, default=0, type=int)
    if not 1 <= number <= newest:
        raise NotThere(_("There is no such revision."))
    return number
