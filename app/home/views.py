"""The first page for guests, and the desk of those who have signed in."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.home.queries import counts, featured_ideas, newest_ideas, open_questions
from app.web import render, viewer

bp = Blueprint("home", __name__)


@bp.get("/")
def show_home() -> ResponseReturnValue:
    person = viewer()
    lists = {"ideas": newest_ideas(person), "questions": open_questions(person)}
    if person.is_signed_in:
        return render("home/desk.html", person=person, **lists)
    return render("home/first.html", featured=featured_ideas(person), counts=counts(person), **lists)


@bp.get("/about")
def show_about() -> ResponseReturnValue:
    return render("home/about.html")
