"""Publish and revise ideas."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from app.accounts.models import User
from app.database import db, insert_into, now, transaction
from app.forum.commands import begin_revision, follow, record_revision, sent_before
from app.forum.events import post_published, post_revised
from app.forum.models import GIST_LENGTH, Revision
from app.forum.policy import can_revise
from app.groups.models import Group
from app.groups.queries import is_member
from app.ideas.models import Idea, ListingStamp
from app.markdown import plain_words
from app.refusals import require
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
) -> Idea:
    """Publish an idea in a group that the person belongs to; the person follows it.

    `sections` maps keys of SECTIONS to texts in Markdown; roles and topics are given by id. `sent_as` names the form
    that it comes from: what was published from it before is returned.
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
) -> Revision:
    """Save a new revision. Raises StaleRevision if someone saved after revision `seen`."""
    require(can_revise(by, idea))
    with transaction():
        begin_revision(idea, seen=seen)
        _write(idea, title=title, sections=sections, stage=stage, country=country, language=language)
        _tag(idea, roles=roles, needed_roles=needed_roles, topics=topics)
        revision = record_revision(idea, by=by, sections=idea.sections, reason=reason)
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
