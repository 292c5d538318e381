"""Keeping what is typed, the list of one's drafts, reading and sharing one; and what the forms know of their drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, g, has_request_context, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf.csrf import generate_csrf
from markupsafe import escape
from werkzeug.datastructures import MultiDict

from app.accounts.queries import person_named
from app.database import unit_ending
from app.drafts import commands
from app.drafts.commands import NewerDraft
from app.drafts.forms import TOKEN, ReadersForm, TypedDraft, number_in, typed_draft
from app.drafts.models import MOST_DRAFTS, Draft, Fields, Place
from app.drafts.policy import can_change
from app.drafts.queries import (
    Begun,
    DraftRow,
    SentDraft,
    begun_draft,
    draft_count,
    draft_row,
    draft_with_key,
    drafts_at,
    drafts_of,
    drafts_on,
    drafts_shared_with,
    own_draft,
    post_of_sent,
    readable_draft,
    readers_of,
    version_of,
    versions_of,
)
from app.forum.events import post_published
from app.forum.forms import CommentForm
from app.forum.models import Post
from app.forum.queries import post_address
from app.forum.views import person, was_saved
from app.limits import limiter
from app.shown import isolated, listed
from app.web import adds_to, form_read, render, see_other, viewer, wants_fragment

bp = Blueprint("drafts", __name__)
DONE = "drafts-done"
"""The cookie that names the form that was sent and taken, so that the browser forgets its own copy."""
OFFERED = 5


@bp.get("/drafts")
@login_required
def index_drafts() -> ResponseReturnValue:
    shared = drafts_shared_with(person())
    return render("drafts/index.html", drafts=drafts_of(person()), shared=shared, most=MOST_DRAFTS)


@bp.post("/drafts")
@login_required
@limiter.limit("60 per minute")
def create_draft() -> ResponseReturnValue:
    """The same form sent again changes nothing. A script gets the version that it goes on from."""
    typed = typed_draft(request.form)
    try:
        draft = commands.save_draft(typed, by=person())
        row = draft_row(person(), draft)
    except NewerDraft as newer:
        return _newer_text(newer, typed), 409
    except SentDraft as sent:
        if not wants_fragment():
            raise
        return jsonify(was_sent=True, message=sent.message), 410
    if wants_fragment():
        return jsonify(version=row.version, saved_at=row.saved_at.isoformat(), address=row.continue_address)
    if readers_of(draft):
        flash(_("Your draft is saved. Those with whom you share it read it as it is now."), "success")
    else:
        flash(_("Your draft is saved. Only you can read it."), "success")
    return redirect(row.continue_address or url_for(".show_draft", token=row.token), 303)


@bp.get("/drafts/form-token")
@login_required
def show_form_token() -> ResponseReturnValue:
    """For a form that was open while its writer signed in again elsewhere."""
    return jsonify(person=person().id, csrf_token=generate_csrf())


@bp.get("/drafts/offers/<of>")
@login_required
def index_offers(of: str) -> ResponseReturnValue:
    """What was begun in this form: a fragment, for pages whose browser had kept more than the server."""
    place = Place.named(of)
    offers = drafts_at(person(), place) if place else []
    return render("drafts/_offers.html", offers=offers[:OFFERED], of=of)


@bp.get("/drafts/<token>")
@login_required
def show_draft(token: str) -> ResponseReturnValue:
    if post := post_of_sent(viewer(), token):
        return redirect(post_address(post), 303)
    return _draft_page(readable_draft(viewer(), token))


@bp.get("/drafts/<token>/versions/<int:number>")
@login_required
def show_version(token: str, number: int) -> ResponseReturnValue:
    draft = own_draft(viewer(), token)
    version = version_of(draft, number)
    return render("drafts/version.html", draft=draft_row(person(), draft), version=version, **_text_of(version.fields))


@bp.post("/drafts/<token>/versions/<int:number>/restoration")
@login_required
@limiter.limit("60 per minute")
def restore_version(token: str, number: int) -> ResponseReturnValue:
    draft = own_draft(viewer(), token)
    commands.restore_version(draft, number, by=person())
    flash(_("The draft reads as it did then. How it read before is among its versions."), "success")
    return see_other(".show_draft", token=token)


@bp.get("/drafts/<token>/deletion")
@login_required
def new_deletion(token: str) -> ResponseReturnValue:
    draft = own_draft(viewer(), token)
    return render("drafts/deletion.html", draft=draft_row(person(), draft))


@bp.post("/drafts/<token>/deletion")
@login_required
@limiter.limit("60 per minute")
def create_deletion(token: str) -> ResponseReturnValue:
    draft = own_draft(viewer(), token)
    key = draft.key
    commands.delete_draft(draft, by=person())
    flash(_("The draft is deleted."), "success")
    return _forgotten(see_other(".index_drafts"), key)


@bp.post("/drafts/<token>/readers")
@login_required
@limiter.limit("60 per hour", deduct_when=was_saved)
def create_readers(token: str) -> ResponseReturnValue:
    draft = own_draft(viewer(), token)
    form = ReadersForm(draft)
    if not form.validate_on_submit():
        return _draft_page(draft, form), 422
    commands.share_draft(draft, form.people, by=person())
    names = listed(isolated(each.display_name) for each in form.people)
    flash(escape(_("Can read your draft now: %(names)s. A notice leads them to it.")) % {"names": names}, "success")
    return see_other(".show_draft", token=token, _anchor="readers")


@bp.post("/drafts/<token>/readers/<name>/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_reader(token: str, name: str) -> ResponseReturnValue:
    draft, reader = own_draft(viewer(), token), person_named(name)
    commands.unshare_draft(draft, reader, by=person())
    sentence = escape(_("%(name)s cannot read your draft any more."))
    flash(sentence % {"name": isolated(reader.display_name)}, "success")
    return see_other(".show_draft", token=token, _anchor="readers")


# What the forms know of their drafts


@dataclass(frozen=True)
class Keeping:
    """What a form says of its draft, and what else was begun in the same form."""

    of: str
    key: str = ""
    """Empty for a form that was never kept: a script gives it one."""
    seen: int = 0
    tab: str = ""
    turn: int = 0
    saved_at: datetime | None = None
    offers: Sequence[DraftRow] = ()


def continued(place: Place) -> MultiDict[str, str] | None:
    """What the form begins with, when its address asks for a draft that the viewer wrote in it."""
    begun = _begun()
    return MultiDict(begun.fields) if begun and begun.place == place else None


def keeping_of(place: Place, *, key: str = "", begun_here: Sequence[DraftRow] | None = None) -> Keeping:
    """`key` is the form's own, if it has one; `begun_here` is what was begun in it, where that is known already."""
    begun, sent = _begun(), request.form
    if sent.get("draft-of") == str(place):  # it came back
        seen, turn = number_in(sent, "draft-seen") or 0, number_in(sent, "draft-turn") or 0
        return Keeping(str(place), sent.get("draft-key", key), seen, sent.get("draft-tab", ""), turn)
    if begun and begun.place == place:
        return Keeping(str(place), begun.key, begun.version, saved_at=begun.saved_at)
    if begun_here is None:
        begun_here = [] if _is_begun_afresh() else drafts_at(person(), place)
    return Keeping(str(place), key, offers=begun_here[:OFFERED])


@unit_ending.connect
def give_up_what_is_sent(_sender: object) -> None:
    """A form that is taken is a draft no more: with what its text becomes, or not at all."""
    if key := _sent_key():
        commands.give_up_draft(key, by=person(), became_id=g.get("sent_post_id"))


@post_published.connect
def note_what_is_sent(post: Post) -> None:
    """For the draft of the form that this request takes."""
    if has_request_context():
        g.sent_post_id = post.id


@bp.after_app_request
def let_browser_forget_what_was_sent(response: Response) -> Response:
    is_sent = was_saved(response) and (key := _sent_key())
    return _forgotten(response, key) if is_sent else response


@adds_to("ideas/show.html", "questions/show.html", "forum/comment.html")
def add_drafts_on_post(context: dict[str, Any]) -> dict[str, Any]:
    """Of its answers and comments; a comment that goes on stands in its form, and rooms that add fields to that find
    theirs in `comment_fields`."""
    if not viewer().is_signed_in:
        return {}
    post, begun = context["post"], _begun()
    goes_on = begun is not None and begun.place.post_id == post.id
    rows = [] if goes_on or _is_begun_afresh() else drafts_on(person(), post.id)
    added: dict[str, Any] = {"comment_offers": [row for row in rows if row.kind == "comment"][:OFFERED]}
    if post.kind == "question":
        answers = [row for row in rows if row.kind == "answer"]
        added["keeping"] = keeping_of(Place("answer", post.id), begun_here=answers)
    if goes_on and begun and begun.place.kind == "comment":
        answer_id, fields = begun.place.answer_id or None, MultiDict(begun.fields)
        added["comment_form"] = CommentForm(answer_id=answer_id, formdata=fields)
        added["comment_fields"] = fields
        added["comment_keeping"] = keeping_of(begun.place)
    elif (sent := Place.named(request.form.get("draft-of", ""))) and sent.kind == "comment":
        added["comment_keeping"] = keeping_of(sent)
    return added


@adds_to("home/desk.html")
def add_draft_count(context: dict[str, Any]) -> dict[str, Any]:
    return {"draft_count": draft_count(context["person"])}


@adds_to("errors/error.html")
def add_where_the_text_is(_context: dict[str, Any]) -> dict[str, Any]:
    """Of a form whose text the browser keeps."""
    place = Place.named(form_read().get("draft-of", ""))
    return {"is_kept_in_browser": place is not None, "form_address": place.form_address if place else ""}


def _draft_page(draft: Draft, form: ReadersForm | None = None) -> str:
    """With all that its writer can do with it; whom it is shared with only reads."""
    version = version_of(draft, draft.version)
    is_own = can_change(viewer(), draft)
    return render(
        "drafts/show.html",
        draft=draft_row(person(), draft),
        is_own=is_own,
        readers=readers_of(draft) if is_own else [],
        versions=versions_of(draft) if is_own else [],
        form=form or ReadersForm(draft, formdata=None),
        address=url_for(".show_draft", token=draft.token, _external=True),
        **_text_of(version.fields),
    )


def _text_of(fields: Fields) -> dict[str, Any]:
    """What pages show of a draft; the rooms of the forms add how its parts are called."""
    written = dict(reversed([(name, value) for name, value in fields]))  # the first of each name
    return {"written": written, "language": written.get("language") or False, "parts": {"body": _("Text")}}


def _newer_text(newer: NewerDraft, typed: TypedDraft) -> Response | str:
    draft = draft_with_key(person(), typed.key)
    if draft is None:
        raise newer
    row = draft_row(person(), draft)
    if wants_fragment():
        return jsonify(version=row.version, message=newer.message, address=url_for(".show_draft", token=row.token))
    return render("drafts/newer.html", draft=row, message=newer.message, sent=request.form)


def _is_begun_afresh() -> bool:
    return request.method == "POST" or "afresh" in request.args


def _begun() -> Begun | None:
    """The viewer's draft that the address asks for, read once."""
    if "begun_draft" not in g:
        token = request.args.get("draft", "")
        g.begun_draft = begun_draft(viewer(), token) if token and viewer().is_signed_in else None
    begun: Begun | None = g.begun_draft
    return begun


def _sent_key() -> str:
    """Of the form of which this request is; empty for one that has no draft."""
    key = form_read().get("draft-key", "")
    is_draft = TOKEN.fullmatch(key) and request.blueprint != bp.name and viewer().is_signed_in
    return key if is_draft else ""


def _forgotten(response: Response, key: str) -> Response:
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(DONE, key, max_age=600, secure=is_secure, samesite="Lax")
    return response
