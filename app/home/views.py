"""The first page for guests, and the desk of those who have signed in."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.forum.queries import post_rows
from app.home.queries import counts, followed_posts, newest_ideas, open_questions
from app.moderation.queries import featured_ideas
from app.notices.queries import Filters, notice_groups
from app.web import render, viewer

bp = Blueprint("home", __name__)
FEATURED = 2
NOTICES = 3


@bp.get("/")
def show_home() -> ResponseReturnValue:
    person = viewer()
    lists = {"ideas": newest_ideas(person), "questions": open_questions(person)}
    if person.is_signed_in:
        notices = notice_groups(person, Filters(is_unread=True), limit=NOTICES)
        return render("home/desk.html", person=person, followed=followed_posts(person), notices=notices, **lists)
    return render(
        "home/first.html", featured=post_rows(featured_ideas(person).limit(FEATURED)), counts=counts(person), **lists
    )


@bp.get("/about")
def show_about() -> ResponseReturnValue:
    return render("home/about.html")
