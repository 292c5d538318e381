"""Mails that were written to files, for whoever develops; nobody can ask for these pages in production."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue

from app.mail.queries import written_mail, written_mails

bp = Blueprint("mail", __name__)
POLICY_OF_MAILS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@bp.get("/dev/mail")
def index_mails() -> ResponseReturnValue:
    return fresh(render_template("mail/index.html", mails=written_mails()))


@bp.get("/dev/mail/<int:number>")
def show_mail(number: int) -> ResponseReturnValue:
    return fresh(render_template("mail/show.html", mail=written_mail(number)))


@bp.get("/dev/mail/<int:number>/html")
def show_html(number: int) -> ResponseReturnValue:
    """The HTML part as a page of its own, which can neither run nor load anything."""
    response = fresh(written_mail(number).html)
    response.headers["Content-Security-Policy"] = POLICY_OF_MAILS
    return response


def fresh(page: str) -> Response:
    """Not one that was kept for guests."""
    return make_response(page, {"Cache-Control": "no-store"})
