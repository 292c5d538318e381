"""What a person is told of, and how much of it is unread; Atom feeds: the same posts for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, Response, flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.queries import person_named
from app.atom import show_feed
from app.codes import country_name, language_name
from app.forms import clean
from app.forum.facets import Filters
from app.forum.forms import filters_in
from app.forum.models import Post
from app.forum.queries import post_address
from app.forum.views import person
from app.ideas.queries import tag_names
from app.limits import limiter
from app.notices import commands
from app.notices.feeds import (
    entries_about,
    entries_by,
    featured_entries,
    found_entries,
    idea_entries,
    public_post,
    question_entries,
    resource_entries,
    topic_entries,
)
from app.notices.forms import ReadingForm, filter_form, mail_form
from app.notices.mails import mail_choice, modes_before, modes_to_stop, unsubscription
from app.notices.models import KINDS
from app.notices.queries import (
    MOST_COUNTED,
    Unread,
    count_groups,
    followed_among,
    newest_notice_id,
    notice_groups,
    own_notice,
    question_of,
    unread_of,
)
from app.notices.sentences import group_sentence, reason_sentence, sentence
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.refusals import NotThere, Unfit
from app.search.queries import SearchFilters
from app.search.views import LONGEST as LONGEST_SEARCH
from app.search.views import filters_in as search_filters_in
from app.shown import listed
from app.taxonomy.queries import topics_named
from app.web import adds_to, csrf, local_path, render, see_other, viewer

bp = Blueprint("notices", __name__)
log = structlog.get_logger()
SORTS = {"ideas": ("needs-readers",), "questions": ("unanswered", "unaccepted")}
"""Of a list, those that leave something out: in a feed, the newest come first whatever the list's order."""
for each in (sentence, reason_sentence, group_sentence):
    bp.add_app_template_filter(each)


@bp.get("/notices")
@login_required
def index_notices() -> ResponseReturnValue:
    number, wanted = wanted_page(), filter_form().filters()
    groups = notice_groups(person(), wanted, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    page = page_of(groups, number=number, total=count_groups(person(), wanted))
    known = {"newest_id": newest_notice_id(person()), "followed": followed_among(person(), groups)}
    return render("notices/index.html", page=page, filters=wanted, kinds=KINDS, **known)


@bp.get("/notices/count")
def show_count() -> ResponseReturnValue:
    """The number on the bell; 304 as long as it stays. A page left open does not send those away who have signed out:
    they may have a text in it."""
    if not viewer().is_signed_in:
        return "", 204
    response = make_response(render("notices/_count.html"))
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


@bp.post("/notices/<int:notice_id>/reading")
@login_required
def create_reading(notice_id: int) -> ResponseReturnValue:
    commands.mark_read(own_notice(person(), notice_id), by=person())
    return back()


@bp.post("/notices/reading")
@login_required
def create_all_readings() -> ResponseReturnValue:
    form = ReadingForm()
    if not form.validate_on_submit():
        raise Unfit(_("This form does not say which notices you saw. Reload the page."))
    commands.mark_all_read(by=person(), until=form.until.data)
    return back()


def back() -> ResponseReturnValue:
    """To the list that the button stands on."""
    return redirect(local_path(request.form.get("next")), 303)


@bp.get("/me/notices")
@login_required
def edit_mail() -> ResponseReturnValue:
    return render("notices/settings.html", form=mail_form(mail_choice(person().id)))


@bp.post("/me/notices")
@login_required
@limiter.limit("60 per hour")
def update_mail() -> ResponseReturnValue:
    form = mail_form(mail_choice(person().id))
    if not form.validate_on_submit():
        return render("notices/settings.html", form=form), 422
    commands.choose_mail(person(), by=person(), **form.facts())
    flash(_("What comes by mail is saved."), "success")
    return see_other(".edit_mail")


@bp.get("/unsubscribe/<token>")
def new_unsubscription(token: str) -> ResponseReturnValue:
    """For whoever reads the mail, signed in or not; programs that open links in mails stop nothing."""
    return show_unsubscription(token)


@bp.post("/unsubscribe/<token>")
@csrf.exempt
def create_unsubscription(token: str) -> ResponseReturnValue:
    """Also what mail programs send by themselves (RFC 8058): without a form of ours, a cookie or a redirect."""
    commands.stop_mail(unsubscription(token))
    return show_unsubscription(token)


@bp.post("/unsubscribe/<token>/withdrawal")
def destroy_unsubscription(token: str) -> ResponseReturnValue:
    commands.resume_mail(unsubscription(token))
    flash(_("These mails come again."), "success")
    return see_other(".new_unsubscription", token=token)


def show_unsubscription(token: str) -> ResponseReturnValue:
    wanted = unsubscription(token)
    choice = mail_choice(wanted.person_id)
    to_stop, before = modes_to_stop(wanted, choice), modes_before(wanted, choice)
    page = render(
        "notices/unsubscription.html",
        token=token,
        kinds=[KINDS[kind] for kind in to_stop or before or wanted.modes],
        is_of_digests=wanted.is_of_digests,
        is_all_off=choice.is_off,
        is_stopped=not to_stop,
        can_resume=bool(before),
    )
    return page, {"Cache-Control": "no-store"}


@bp.app_template_global()
def unread_notices() -> int:
    """Of the viewer, up to `most_counted_notices`, without those that this page shows the matter of; asked once a
    request."""
    if "unread_notices" not in g:
        g.unread_notices = unread_of(viewer(), post_id=post_of_page())
    return sum(not (is_seen_here(each) or each.is_said_again) for each in g.unread_notices)


@bp.after_app_request
def mark_what_is_seen(response: Response) -> Response:
    """Opening what notices are about, or where it was, reads them, also by another way than theirs. The bell of the
    page knows which these are, so that a page without any costs nothing."""
    seen = [each.id for each in g.get("unread_notices", ()) if is_seen_here(each)]
    if seen and (response.status_code in (200, 410) or "tells_why_hidden" in g):
        try:
            commands.mark_seen(seen, by=person())
        except SQLAlchemyError as error:  # the page is there to be read all the same
            log.warning("notices were not marked", reason=type(error).__name__)
    return response


@adds_to("errors/error.html")
def note_that_hiding_is_told(context: dict[str, Any]) -> dict[str, Any]:
    """Whoever writes a hidden post reads there that it is hidden, and why."""
    if "hidden_post_id" in context:
        g.tells_why_hidden = True
    return {}


def is_seen_here(notice: Unread) -> bool:
    """Whether the page that is read is one of the post, or the very page, that the notice is about."""
    is_of_post = notice.post_id is not None and notice.post_id == post_of_page()
    return (is_of_post or notice.path == request.path) and request.method == "GET"


def post_of_page() -> int | None:
    """The id of the post whose page, or a page below it or of an answer to it, is asked for."""
    if "post_of_page" not in g:
        named = request.view_args or {}
        of_answer = question_of(named["answer_id"]) if "answer_id" in named else None
        g.post_of_page = named.get("idea_id") or named.get("question_id") or of_answer
    post_id: int | None = g.post_of_page
    return post_id


@bp.app_template_global()
def most_counted_notices() -> int:
    return MOST_COUNTED


@dataclass(frozen=True)
class Feed:
    """A feed as a page names it."""

    title: str
    address: str


@bp.get("/ideas/feed.atom")
def show_ideas_feed() -> Response:
    names = tag_names()
    filters = filters_in(request.args, names, sorts=SORTS["ideas"])
    feed = feed_of_list("ideas", filters, names)
    page = url_for("ideas.index_ideas", **filters.arguments())
    return show_feed(feed.title, address=feed.address, page=page, entries=idea_entries(filters))


@bp.get("/questions/feed.atom")
def show_questions_feed() -> Response:
    names = tag_names()
    filters = filters_in(request.args, {facet: names[facet] for facet in ("role", "topic")}, sorts=SORTS["questions"])
    feed = feed_of_list("questions", filters, names)
    page = url_for("questions.index_questions", **filters.arguments())
    return show_feed(feed.title, address=feed.address, page=page, entries=question_entries(filters))


@bp.get("/featured/feed.atom")
def show_featured_feed() -> Response:
    feed = feed_of_featured()
    return show_feed(feed.title, address=feed.address, page="/featured", entries=featured_entries())


@bp.get("/resources/feed.atom")
def show_resources_feed() -> Response:
    feed = feed_of_resources()
    return show_feed(feed.title, address=feed.address, page="/resources", entries=resource_entries())


@bp.get("/topics/<topic_id>/feed.atom")
def show_topic_feed(topic_id: str) -> Response:
    topics = topics_named([topic_id])
    if not topics:
        raise NotThere(_("There is no such topic."))
    feed = feed_of_topic(topic_id, topics[0].name)
    page = url_for("ideas.index_ideas", topic=topic_id)
    return show_feed(feed.title, address=feed.address, page=page, entries=topic_entries(topic_id))


@bp.get("/ideas/<int:idea_id>/feed.atom")
def show_idea_feed(idea_id: int) -> Response:
    return show_post_feed(public_post("idea", idea_id))


@bp.get("/questions/<int:question_id>/feed.atom")
def show_question_feed(question_id: int) -> Response:
    return show_post_feed(public_post("question", question_id))


@bp.get("/u/<name>/feed.atom")
def show_person_feed(name: str) -> ResponseReturnValue:
    person = person_named(name)
    if name != person.name:
        return see_other(".show_person_feed", name=person.name)
    feed = feed_of_person(person.name, person.display_name)
    return show_feed(feed.title, address=feed.address, page=f"/u/{person.name}", entries=entries_by(person))


@bp.get("/search/feed.atom")
@limiter.limit("120 per minute")
def show_search_feed() -> Response:
    asked, filters = clean(request.args.get("q"))[:LONGEST_SEARCH], search_filters_in(request.args)
    if not asked:
        raise NotThere(_("Say what to look for: a feed is there for each search."))
    feed = feed_of_search(asked, filters)
    page = url_for("search.search", q=asked, **vars(filters))
    return show_feed(feed.title, address=feed.address, page=page, entries=found_entries(asked, filters))


@adds_to("home/first.html")
def add_feeds_of_site(_context: dict[str, Any]) -> dict[str, Any]:
    lists = (feed_of_list(room, Filters(), {}) for room in SORTS)
    return {"feeds": [*lists, feed_of_featured()]}


@adds_to("moderation/featured.html")
def add_feed_of_featured(_context: dict[str, Any]) -> dict[str, Any]:
    return {"feeds": [feed_of_featured()]}


@adds_to("course/resources.html")
def add_feed_of_resources(_context: dict[str, Any]) -> dict[str, Any]:
    return {"feeds": [feed_of_resources()]}


@adds_to("ideas/index.html")
def add_feed_of_ideas(context: dict[str, Any]) -> dict[str, Any]:
    return feeds_of_list("ideas", context)


@adds_to("questions/index.html")
def add_feed_of_questions(context: dict[str, Any]) -> dict[str, Any]:
    return feeds_of_list("questions", context)


@adds_to("ideas/show.html", "questions/show.html")
def add_feed_of_post(context: dict[str, Any]) -> dict[str, Any]:
    """What not everyone sees has none."""
    post = context["post"]
    return {} if post.group.is_private or post.hidden_at else {"feeds": [feed_of_post(post)]}


@adds_to("accounts/person.html")
def add_feed_of_person(context: dict[str, Any]) -> dict[str, Any]:
    return {"feeds": [feed_of_person(context["person"].name, context["person"].display_name)]}


@adds_to("search/results.html")
def add_feed_of_search(context: dict[str, Any]) -> dict[str, Any]:
    """Of what people publish: the course has no news."""
    filters = context["filters"]
    has_one = context["asked"] and filters.kind in (None, "idea", "question")
    return {"feeds": [feed_of_search(context["asked"], filters)]} if has_one else {}


def show_post_feed(post: Post) -> Response:
    feed = feed_of_post(post)
    return show_feed(feed.title, address=feed.address, page=post_address(post), entries=entries_about(post))


def feeds_of_list(room: str, context: dict[str, Any]) -> dict[str, Any]:
    """That of the list as it is filtered and, where one topic narrows it, that of the topic."""
    filters, values = context["filters"], context["facets"].values
    names = {facet: {value.id: value.name for value in values[facet]} for facet in values}
    feeds = [feed_of_list(room, filters, names)]
    if len(topics := filters.chosen.get("topic", ())) == 1:
        feeds.append(feed_of_topic(topics[0], names["topic"][topics[0]]))
    return {"feeds": feeds}


def feed_of_list(room: str, filters: Filters, names: Mapping[str, Mapping[str, str]]) -> Feed:
    """`names` are those of what can be filtered by, by facet and id; countries and languages need none."""
    kept = Filters(filters.sort if filters.sort in SORTS[room] else "new", filters.chosen)
    left = {"needs-readers": _("needs readers"), "unanswered": _("unanswered"), "unaccepted": _("unaccepted")}
    ways = {"country": country_name, "language": language_name}
    chosen = [
        ways[facet](value) if facet in ways else names[facet][value]
        for facet, values in kept.chosen.items()
        for value in values
    ]
    words = [*filter(None, [left.get(kept.sort)]), *chosen]
    title = _("New ideas") if room == "ideas" else _("New questions")
    address = url_for(f"notices.show_{room}_feed", **kept.arguments())
    return Feed(f"{title}: {listed(words)}" if words else title, address)


def feed_of_featured() -> Feed:
    return Feed(_("Featured ideas"), url_for("notices.show_featured_feed"))


def feed_of_resources() -> Feed:
    return Feed(_("New resources"), url_for("notices.show_resources_feed"))


def feed_of_topic(topic_id: str, name: str) -> Feed:
    title = _("Ideas and questions on %(topic)s", topic=name)
    return Feed(title, url_for("notices.show_topic_feed", topic_id=topic_id))


def feed_of_post(post: Post) -> Feed:
    title = _("What happens to: %(title)s", title=post.title)
    place: dict[str, Any] = {f"{post.kind}_id": post.id}
    return Feed(title, url_for(f"notices.show_{post.kind}_feed", **place))


def feed_of_person(name: str, display_name: str) -> Feed:
    title = _("Ideas and questions by %(name)s", name=display_name)
    return Feed(title, url_for("notices.show_person_feed", name=name))


def feed_of_search(asked: str, filters: SearchFilters) -> Feed:
    title = _("Newest that says: %(asked)s", asked=asked)
    return Feed(title, url_for("notices.show_search_feed", q=asked, **vars(filters)))
