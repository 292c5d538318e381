"""Publish and revise ideas."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, insert_into, now, transaction
from app.forum.commands import (
    author_unless,
    authors_unless,
    begin_revision,
    count_support,
    follow,
    hold_shown,
    record_revision,
    restored_reason,
    sent_before,
)
from app.forum.events import post_authors_changed, post_published, post_revised
from app.forum.models import GIST_LENGTH, CoAuthor, Revision
from app.forum.policy import can_revise
from app.groups.models import Group
from app.groups.queries import is_member
from app.ideas.models import DIFFERS, FORKED, MOST_SOURCES, WAYS, Idea, Lineage, ListingStamp, Way
from app.ideas.queries import later_ideas, visible_idea_ids, visible_ideas, ways_of
from app.journal.commands import record
from app.markdown import plain_words
from app.refusals import Conflict, NotThere, Refusal, require
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
    fork_of: int | None = None,
) -> Idea:
    """Publish an idea in a group that the person belongs to; the person follows it.

    `sections` maps keys of SECTIONS to texts in Markdown; roles and topics are given by id. `sent_as` names the form
    that it comes from: what was published from it before is returned. `ways` say from which ideas it goes on, `fork_of`
    is the id of the one that it began as a copy of.
    """
    require(is_member(by, group.id), "You can only publish in a group that you belong to.")
    moment = published_at or now()
    with transaction():
        if before := sent_before(Idea, sent_as, by=by):
            return before
        idea = Idea(author_id=by.id, group_id=group.id, source=source, source_url=source_url, sent_as=sent_as)
        idea.published_at = idea.active_at = moment
        idea.stage = stage
        _write(idea, title=title, sections=sections, country=country, language=language)
        _tag(idea, roles=roles, needed_roles=needed_roles, topics=topics)
        db.session.add(idea)
        db.session.flush()
        record_revision(idea, by=by, sections=idea.sections, reason="")
        if fork_of is not None:
            _credit_fork(idea, fork_of, by=by)
        _record_lineage(idea, ways, by=by)
        follow(idea, by=by, is_own_doing=False)
        record("idea_published", by=by, post_id=idea.id)
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
    country: str | None,
    language: str,
    reason: str,
    seen: int,
    ways: Iterable[Way] | None = None,
) -> Revision | None:
    """Save a new revision; None, and nothing is saved, when the idea says all this already. Raises what `hold_shown`
    says, and StaleRevision if someone saved something else after revision `seen`.

    `ways` take the place of those before, as far as the editor sees these; None leaves them as they are.
    """
    require(can_revise(by, idea))
    text: dict[str, Any] = {"title": title, "sections": sections, "country": country, "language": language}
    tags = {"roles": roles, "needed_roles": needed_roles, "topics": topics}
    with transaction():
        hold_shown(idea, by=by)
        if _says_already(idea, text, tags) and (ways is None or _ways_seen(idea, by) == {*ways}):
            return None
        begin_revision(idea, seen=seen)
        _write(idea, **text)
        _tag(idea, **tags)
        revision = record_revision(idea, by=by, sections=idea.sections, reason=reason)
        if ways is not None:
            _record_lineage(idea, ways, by=by)
        record("idea_revised", by=by, post_id=idea.id, person=author_unless(idea, by), note=reason)
        post_revised.send(idea)
    return revision


def take_over(idea: Idea, *, by: User, part: str, text: str, proposer: User, reason: str, seen: int) -> Revision:
    """Save the title or one section in the words that someone else suggested: the credit is theirs. `part` is one of
    PARTS. Raises StaleRevision if someone saved after revision `seen`."""
    require(can_revise(by, idea))
    with transaction():
        begin_revision(idea, seen=seen)
        setattr(idea, part, text)
        idea.gist = plain_words(idea.problem, limit=GIST_LENGTH)
        revision = record_revision(idea, by=by, sections=idea.sections, reason=reason, proposer=proposer)
        record("idea_revised", by=by, post_id=idea.id, person=author_unless(idea, by), note=reason)
        post_revised.send(idea)
    return revision


def revert_idea(idea: Idea, revision: Revision, *, by: User, reason: str, seen: int) -> None:
    """Save the title and sections of an older revision as a new one; tags and stage stay. Raises StaleRevision if
    someone saved after revision `seen`, Conflict when the idea reads like this now."""
    require(can_revise(by, idea))
    with transaction():
        hold_shown(idea, by=by)
        begin_revision(idea, seen=seen)
        if (idea.title, idea.sections) == (revision.title, revision.sections):
            raise Conflict(_("The text reads like this now. There is nothing to bring back."))
        idea.title = revision.title
        idea.write(revision.sections)
        idea.gist = plain_words(idea.problem, limit=GIST_LENGTH)
        said = restored_reason(revision.number, reason)
        record_revision(idea, by=by, sections=idea.sections, reason=said, restored=revision.number)
        person = author_unless(idea, by)
        record("idea_reverted", by=by, post_id=idea.id, person=person, note=said, is_public=True)
        post_revised.send(idea)


def add_co_author(idea: Idea, *, person: User) -> None:
    """From now on the person writes it with its author, and follows it. Part of what is recorded by another name."""
    with transaction():
        if person.id not in idea.author_ids:
            idea.stays.append(CoAuthor(person=person))
            follow(idea, by=person, is_own_doing=False)
            _authors_changed(idea)


def end_co_authorship(idea: Idea, *, person: User) -> None:
    """The person writes it no more; that they did stays. Part of what is recorded by another name."""
    with transaction():
        for stay in idea.stays:
            if stay.person_id == person.id and stay.left_at is None:
                stay.left_at = now()
                _authors_changed(idea)


def hand_on(idea: Idea, *, to: User) -> None:
    """The person leads it from now on, and whoever did so writes it with them; both follow it or not, as before. Part
    of what is recorded by another name."""
    with transaction():
        former = idea.author
        end_co_authorship(idea, person=to)
        idea.author = to
        idea.stays.append(CoAuthor(person=former))
        _authors_changed(idea)


def _authors_changed(idea: Idea) -> None:
    """Whoever writes it does not back it as well."""
    db.session.flush()
    count_support(idea.id)
    post_authors_changed.send(idea)


def require_in_group_of(source: Idea, group_id: int) -> None:
    """What only a group may read is copied within it alone."""
    if source.group.is_private and source.group_id != group_id:
        raise Refusal(_("The copy of an idea in a private group stays in that group."))


def renew_listing_stamp() -> None:
    """Make every process count again what the list of ideas holds."""
    stamp = {"stamp": uuid.uuid4().hex}
    fresh = insert_into(ListingStamp).values(id=1, **stamp)
    with transaction():
        db.session.execute(fresh.on_conflict_do_update(index_elements=["id"], set_=stamp))


def _write(idea: Idea, *, title: str, sections: Mapping[str, str], country: str | None, language: str) -> None:
    idea.title, idea.country, idea.language = title, country, language
    idea.write(sections)
    idea.gist = plain_words(idea.problem, limit=GIST_LENGTH)


def _tag(idea: Idea, *, roles: Iterable[str], needed_roles: Iterable[str], topics: Iterable[str]) -> None:
    idea.roles, idea.needed_roles, idea.topics = roles_named(roles), roles_named(needed_roles), topics_named(topics)


def _says_already(idea: Idea, text: Mapping[str, Any], tags: Mapping[str, Iterable[str]]) -> bool:
    return all(getattr(idea, name) == said for name, said in text.items()) and all(
        {tag.id for tag in getattr(idea, name)} == {*chosen} for name, chosen in tags.items()
    )


def _ways_seen(idea: Idea, by: User) -> set[Way]:
    ways = ways_of(idea)
    visible = visible_idea_ids(by, [way.source_id for way in ways])
    return {way for way in ways if way.source_id in visible}


def _credit_fork(idea: Idea, source_id: int, *, by: User) -> None:
    source = db.session.scalar(visible_ideas(by).where(Idea.id == source_id))
    if source is None:
        raise NotThere(_("The idea that you copied is not there any more."))
    require_in_group_of(source, idea.group_id)
    db.session.add(Lineage(idea_id=idea.id, source_id=source.id, kind=FORKED))
    db.session.flush()
    credited: Sequence[User | None] = authors_unless(source, by) or [None]
    for person in credited:
        record("idea_forked", by=by, post_id=idea.id, person=person)


def _record_lineage(idea: Idea, ways: Iterable[Way], *, by: User) -> None:
    """What the person cannot see stays recorded, so that nobody loses their credit unseen; so does a fork."""
    recorded = db.session.scalars(select(Lineage).where(Lineage.idea_id == idea.id)).all()
    forked = {row.source_id for row in recorded if row.kind == FORKED}
    chosen = {way.source_id: way for way in ways if way.source_id not in forked}
    present = {row.source_id: row for row in recorded if row.source_id not in forked}
    visible = visible_idea_ids(by, [*chosen, *present])
    _require_sound(idea, chosen, visible, by=by)
    for source_id in (present.keys() & visible) - chosen.keys():
        db.session.delete(present[source_id])
    for source_id, way in chosen.items():
        lineage = present.get(source_id) or Lineage(idea_id=idea.id, source_id=source_id)
        lineage.kind, lineage.line = way.kind, way.line
        db.session.add(lineage)
    for source in db.session.scalars(select(Idea).where(Idea.id.in_(chosen.keys() - present.keys()))):
        for person in authors_unless(source, by):
            record("idea_built_on", by=by, post_id=idea.id, person=person)


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
