"""New ideas that need readers, in lists and on the desk; and what one is asked to read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.attention import commands
from app.attention.models import FAIR_SHARE
from app.attention.queries import needing_readers, new_ones, to_read
from app.forum.views import person
from app.limits import limiter
from app.web import adds_to, see_other, viewer

bp = Blueprint("attention", __name__)
IN_LIST = 2
ON_DESK = 3


@bp.post("/ideas/<int:idea_id>/reading/pass")
@login_required
@limiter.limit("60 per minute")
def create_pass(idea_id: int) -> ResponseReturnValue:
    commands.pass_reading(idea_id, by=person())
    flash(_("Thanks for saying so: somebody else is asked."), "success")
    return see_other("home.show_home")


@adds_to("ideas/index.html")
def add_new_ideas(context: dict[str, Any]) -> dict[str, Any]:
    """At the head of the whole list, when they stand farther down; whatever stands in a list counts as shown."""
    page, filters = context["page"], context["filters"]
    is_head = page.number == 1 and not filters.chosen_count and filters.sort != "needs-readers"
    needing = needing_readers(viewer(), besides=page.rows, limit=IN_LIST) if is_head else []
    commands.count_shown(new_ones([*page.rows, *needing], viewer()), to=viewer())
    return {"needing_readers": needing, "fair_share": FAIR_SHARE}


@adds_to("home/desk.html")
def add_what_needs_reading(context: dict[str, Any]) -> dict[str, Any]:
    """The other lists there leave them out."""
    who = context["person"]
    needing = needing_readers(who, limit=ON_DESK)
    ideas = [row for row in context["ideas"] if row.id not in {each.id for each in needing}]
    commands.count_shown(new_ones([*ideas, *needing], who), to=who)
    return {"to_read": to_read(who), "needing_readers": needing, "fair_share": FAIR_SHARE, "ideas": ideas}
