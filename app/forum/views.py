"""What can be done to any post: comment, support, follow. The pages of posts belong to ideas and questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from app.accounts.models import User
from app.codes import LANGUAGES
from app.database import now
from app.forms import clean
from app.forum import commands
from app.forum.forms import CommentForm
from app.forum.models import Post
from app.forum.policy import can_delete_comment, can_support
from app.forum.queries import comment_replied_to, comment_thread, post_address, posts_by, visible_comment, visible_post
from app.limits import limiter
from app.web import adds_to, render, viewer

bp = Blueprint("forum", __name__)
FIRST_DAY = timedelta(days=1)
bp.add_app_template_global(post_address)
bp.add_app_template_global(can_delete_comment)
bp.add_app_template_global(can_support)


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


def known_of_writer() -> dict[str, Any]:
    """What a form for a new post begins with: the title in the address, and the writer's country and language."""
    writer = person()
    language = next((each for each in writer.languages if each in LANGUAGES), "en")
    return {"title": request.args.get("title", ""), "country": writer.country, "language": language}


@bp.post("/posts/<int:post_id>/comments")
@login_required
@limiter.limit("1 per 5 seconds", deduct_when=was_saved)
@limiter.limit(a_day(at_first=10, later=200), deduct_when=was_saved)
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
    return back_to(comment.post, "comments")


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


@bp.post("/posts/<int:post_id>/follow")
@login_required
@limiter.limit("60 per minute")
def create_follow(post_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    commands.follow(post, by=person())
    return back_to(post)


@bp.post("/posts/<int:post_id>/follow/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_follow(post_id: int) -> ResponseReturnValue:
    post = visible_post(viewer(), post_id)
    commands.unfollow(post, by=person())
    return back_to(post)


@adds_to("accounts/person.html")
def add_posts_of_person(context: dict[str, Any]) -> dict[str, Any]:
    return {"posts": posts_by(viewer(), context["person"])}


@bp.post("/preview")
@login_required
@limiter.limit("2 per second")
def create_preview() -> ResponseReturnValue:
    """The field `body` as it will be shown: a fragment, for forms that preview in place."""
    return render("forum/_preview.html", text=clean(request.form.get("body")))


def person() -> User:
    """Who asks, in views that guests do not reach."""
    return cast(User, viewer())


def back_to(post: Post, element: str = "") -> Response:
    """Redirect to the post's own page or, when htmx follows, to the block that it asked for."""
    anchor = f"#{element}" if element else ""
    return cast(Response, redirect(post_address(post) + anchor, 303))


def show_comment_form(post: Post, form: CommentForm) -> str:
    """The thread again, with what was typed and what is wrong with it."""
    return render("forum/comment.html", post=post, comments=comment_thread(viewer(), post.id), comment_form=form)
