"""Publish and revise ideas."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, insert_into, now, transaction
from app.forum.commands import begin_revision, follow, record_revision, sent_before
from app.forum.events import post_published, post_revised
from app.forum.models import GIST_LENGTH, Revision
from app.forum.policy import can_revise
from app.groups.models import Group
from app.groups.queries import is_member
from app.ideas.models import DIFFERS, MOST_SOURCES, WAYS, Idea, Lineage, ListingStamp, Way
from app.ideas.queries import later_ideas, visible_idea_ids
from app.markdown import plain_words
from app.refusals import NotThere, Refusal, require
from app.taxonomy.queries import roles_named, topics_named


def publish_idea(
    *,
    by: User,
    group: Group,
    title: str,
    sections: Mapping[str, str],
    roles: Iterable[str] = (),
    needed_roles: Iterable[str] = (),
    topics: Iterable[str] = (),
    stage: str = "published",
    country: str | None = None,
    language: str = "en",
    published_at: datetime | None = None,
    source: str | None = None,
    source_url: str | None = None,
    sent_as: str | None = None,
    ways: Iterable[Way] = (),
) -> Idea:
    """Publish an idea in a group that the person belongs to; the person follows it.

    `sections` maps keys of SECTIONS to texts in Markdown; roles and topics are given by id. `sent_as` names the form
    that it comes from: what was published from it before is returned. `ways` say from which ideas it goes on.
    """
    require(is_member(by, group.id), "You can only publish in a group that you belong to.")
    moment = published_at or now()
    with transaction():
        if before := sent_before(Idea, sent_as, by=by):
            return before
        idea = Idea(author_id=by.id, group_id=group.id, source=source, source_url=source_url, sent_as=sent_as)
        idea.published_at = idea.active_at = moment
        _write(idea, title=title, sections=sections, stage=stage, country=country, language=language)
        _tag(idea, roles=roles, needed_roles=needed_roles, topics=topics)
        db.session.add(idea)
        db.session.flush()
        record_revision(idea, by=by, sections=idea.sections, reason="")
        _record_lineage(idea, ways, by=by)
        follow(idea, by=by)
        post_published.send(idea)
    return idea


def revise_idea(
    idea: Idea,
    *,
    by: User,
    title: str,
    sections: Mapping[str, str],
    roles: Iterable[str],
    needed_roles: Iterable[str],
    topics: Iterable[str],
    stage: str,
    country: str | None,
    language: str,
    reason: str,
    seen: int,
    ways: Iterable[Way] | None = None,
) -> Revision:
    """Save a new revision. Raises StaleRevision if someone saved after revision `seen`.

    `ways` take the place of those before, as far as the editor sees these; None leaves them as they are.
    """
    require(can_revise(by, idea))
    with transaction():
        begin_revision(idea, seen=seen)
        _write(idea, title=title, sections=sections, stage=stage, country=country, language=language)
        _tag(idea, roles=roles, needed_roles=needed_roles, topics=topics)
        revision = record_revision(idea, by=by, sections=idea.sections, reason=reason)
        if ways is not None:
            _record_lineage(idea, ways, by=by)
        post_revised.send(idea)
    return revision


def renew_listing_stamp() -> None:
    """Make every process count again what the list of ideas holds."""
    stamp = {"stamp": uuid.uuid4().hex}
    fresh = insert_into(ListingStamp).values(id=1, **stamp)
    with transaction():
        db.session.execute(fresh.on_conflict_do_update(index_elements=["id"], set_=stamp))


def _write(
    idea: Idea, *, title: str, sections: Mapping[str, str], stage: str, country: str | None, language: str
) -> None:
    idea.title, idea.stage, idea.country, idea.language = title, stage, country, language
    idea.write(sections)
    idea.gist = plain_words(idea.problem, limit=GIST_LENGTH)


def _tag(idea: Idea, *, roles: Iterable[str], needed_roles: Iterable[str], topics: Iterable[str]) -> None:
    idea.roles, idea.needed_roles, idea.topics = roles_named(roles), roles_named(needed_roles), topics_named(topics)


def _record_lineage(idea: Idea, ways: Iterable[Way], *, by: User) -> None:
    """What the person cannot see stays recorded, so that nobody loses their credit unseen."""
    chosen = {way.source_id: way for way in ways}
    present = {row.source_id: row for row in db.session.scalars(select(Lineage).where(Lineage.idea_id == idea.id))}
    visible = visible_idea_ids(by, [*chosen, *present])
    _require_sound(idea, chosen, visible, by=by)
    for source_id in (present.keys() & visible) - chosen.keys():
        db.session.delete(present[source_id])
    for source_id, way in chosen.items():
        lineage = present.get(source_id) or Lineage(idea_id=idea.id, source_id=source_id)
        lineage.kind, lineage.line = way.kind, way.line
        db.session.add(lineage)


def _require_sound(idea: Idea, chosen: Mapping[int, Way], visible: set[int], *, by: User) -> None:
    """The form says the same beside its fields; this is for whatever changed since, and for other callers."""
    if len(chosen) > MOST_SOURCES:
        raise Refusal(_("An idea can name at most %(most)d others.", most=MOST_SOURCES))
    if idea.id in chosen:
        raise Refusal(_("An idea cannot build on itself or differ from itself."))
    if chosen.keys() - visible:
        raise NotThere(_("An idea that you chose is not there."))
    if later_ideas(by, idea.id, chosen):
        raise Refusal(_("An idea builds on older ones and differs from older ones."))
    if any(way.kind not in WAYS or (way.kind == DIFFERS and not way.line) for way in chosen.values()):
        raise Refusal(_("Say in one line how your idea differs."))
