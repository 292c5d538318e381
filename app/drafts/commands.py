"""Keep what someone types, go back to how it was, give it up, and let named people read it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.accounts.models import User
from app.database import db, insert_into, now, transaction
from app.diffs import words_gained
from app.drafts.forms import TypedDraft, no_such_reader, texts_in, title_of
from app.drafts.models import MOST_DRAFTS, MOST_READERS, MOST_VERSIONS, SENT, Draft, DraftReader, DraftVersion, Fields
from app.drafts.policy import can_change
from app.drafts.queries import IS_UNSENT, SentDraft, draft_count, readers_named, version_of
from app.forum.models import Post
from app.forum.queries import visible_post, visible_posts
from app.journal.commands import record
from app.refusals import Conflict, Gone, Unfit, require

COMES_LATE = timedelta(days=60)
"""So long a browser keeps its own copy of what it could not save."""
GOES_ON = timedelta(minutes=2)
"""So long what is typed goes on in one version, so that twenty of them reach far back."""
FEW = 3
"""Words that are put otherwise while somebody goes on."""


class NewerDraft(Conflict):
    """Someone saved this draft on another page after the version that this one saw, or what was typed later on the same
    page came first; it is `version` now."""

    def __init__(self, version: int) -> None:
        super().__init__(_("This draft has a newer text, from another tab or device. Nothing was overwritten."))
        self.version = version


def save_draft(typed: TypedDraft, *, by: User) -> Draft:
    """Keep it as a new draft or as the newest version of the one with its key; the same text changes nothing.

    Raises SentDraft when the form with its key was sent, NewerDraft, Unfit for an empty one, and Conflict for one too
    many.
    """
    with transaction(is_shown=False):
        _hold(by)
        draft = _with_key(typed.key, by=by) or _begin(typed, by=by)
        if draft.kind == SENT:
            raise SentDraft
        newest = version_of(draft, draft.version) if draft.version else None
        if newest and newest.fields == typed.fields:
            return draft
        if newest and typed.seen != draft.version and not _follows(typed, newest):
            raise NewerDraft(draft.version)
        _write(draft, typed.fields, page=typed.tab, turn=typed.turn, before=newest)
    return draft


def restore_version(draft: Draft, number: int, *, by: User) -> None:
    """Go back to how the draft read then; how it reads now stays among the versions."""
    require(can_change(by, draft))
    with transaction(is_shown=False):
        _hold(by)
        db.session.refresh(draft)
        wanted, newest = version_of(draft, number), version_of(draft, draft.version)
        if wanted.number != newest.number:
            _write(draft, wanted.fields, before=newest)


def delete_draft(draft: Draft, *, by: User) -> None:
    """With all its versions; nobody can read it any more."""
    require(can_change(by, draft))
    with transaction(is_shown=False):
        db.session.execute(delete(Draft).where(Draft.id == draft.id))


def give_up_draft(key: str, *, by: User, became_id: int | None = None) -> None:
    """Of the form with this key, which was sent: what was typed in it before and comes late finds the key, and is not
    kept. Its address leads to the post that it became or was about, as long as the key is kept."""
    left: dict[str, Any] = {"kind": SENT, "place": "", "title": "", "version": 0, "saved_at": now()}
    if became_id is not None:
        left["post_id"] = became_id
    with transaction(is_shown=False):
        sent = insert_into(Draft).values(person_id=by.id, key=key, **left)
        sent = sent.on_conflict_do_update(index_elements=["person_id", "key"], set_=left)
        draft_id = db.session.scalar(sent.returning(Draft.id))
        db.session.execute(delete(DraftVersion).where(DraftVersion.draft_id == draft_id))
        long_ago = now() - COMES_LATE
        db.session.execute(delete(Draft).where(Draft.person_id == by.id, ~IS_UNSENT, Draft.saved_at < long_ago))


def share_draft(draft: Draft, people: Iterable[User], *, by: User) -> None:
    """Let these read it, as it reads whenever they look; who may already changes nothing. Raises Unfit for someone who
    may not see what it is about."""
    require(can_change(by, draft))
    with transaction(is_shown=False):
        _hold(by)
        present = set(db.session.scalars(select(DraftReader.person_id).where(DraftReader.draft_id == draft.id)))
        named = [person for person in people if person.id not in present and person.id != by.id]
        if len(present) + len(named) > MOST_READERS:
            raise Conflict(_("A draft can be shared with at most %(most)d people.", most=MOST_READERS))
        if unknown := readers_named([person.name for person in named], draft)[1]:
            raise Unfit(no_such_reader(unknown[0]))
        for person in named:
            db.session.add(DraftReader(draft_id=draft.id, person_id=person.id))
            record("draft_shared", by=by, person=person, note=draft.token)


def unshare_draft(draft: Draft, person: User, *, by: User) -> None:
    """Take it back; who could not read it changes nothing."""
    require(can_change(by, draft))
    with transaction(is_shown=False):
        named = delete(DraftReader).where(DraftReader.draft_id == draft.id, DraftReader.person_id == person.id)
        if db.session.execute(named.returning(DraftReader.person_id)).first() is not None:
            record("draft_unshared", by=by, person=person, note=draft.token)


def _begin(typed: TypedDraft, *, by: User) -> Draft:
    """Without a version yet; or what is left of it, when the form was sent just now."""
    place = typed.place
    if not texts_in(typed.fields, place.kind):
        raise Unfit(_("There is nothing to keep yet. Write a few words first."))
    if draft_count(by) >= MOST_DRAFTS:
        raise Conflict(_("You have %(most)d drafts already. Delete one to keep another.", most=MOST_DRAFTS))
    if place.post_id:
        with suppress(Gone):  # what was written on a post that was deleted meanwhile can still be copied
            visible_post(by, place.post_id)
        # Whoever sends the form holds the post before the draft; waiting the other way round would never end.
        db.session.execute(select(Post.id).where(Post.id == place.post_id).with_for_update(read=True, key_share=True))
    facts = {"kind": place.kind, "place": str(place), "post_id": place.post_id or _private_source(typed, by=by)}
    begun = insert_into(Draft).values(person_id=by.id, key=typed.key, **facts, title="", version=0, saved_at=now())
    db.session.execute(begun.on_conflict_do_nothing())
    draft = _with_key(typed.key, by=by)
    assert draft is not None
    return draft


def _with_key(key: str, *, by: User) -> Draft | None:
    """Sent or not; whoever sends the form meanwhile waits."""
    own = select(Draft).where(Draft.person_id == by.id, Draft.key == key).with_for_update(key_share=True)
    return db.session.scalar(own.execution_options(populate_existing=True))


def _private_source(typed: TypedDraft, *, by: User) -> int | None:
    """What it is a copy of, if only a group may read that: then only the group may read the copy."""
    source = db.session.scalar(visible_posts(by).where(Post.id == typed.fork)) if typed.fork else None
    return source.id if source and source.group.is_private else None


def _follows(typed: TypedDraft, newest: DraftVersion) -> bool:
    """On the same page, whose answers may have been lost."""
    return typed.tab != "" and typed.tab == newest.page and typed.turn >= newest.turn


def _write(draft: Draft, fields: Fields, *, before: DraftVersion | None, page: str = "", turn: int = 0) -> None:
    moment, texts = now(), texts_in(fields, draft.kind)
    draft.title, draft.version, draft.saved_at = title_of(fields, draft.kind), draft.version + 1, moment
    is_begun = before and page and page == before.page and moment - before.begun_at < GOES_ON
    if before and is_begun and _only_adds(texts, texts_in(before.fields, draft.kind)):
        version = before
    else:
        version = DraftVersion(draft_id=draft.id, begun_at=moment)
        db.session.add(version)
    version.tab, version.number, version.saved_at = f"{page} {turn}" if page else "", draft.version, moment
    version.fields, version.size = fields, sum(map(len, texts))
    db.session.flush()
    _give_up_oldest(draft)


def _only_adds(texts: list[str], before: list[str]) -> bool:
    is_shorter = sum(map(len, texts)) < sum(map(len, before))
    return not is_shorter and words_gained("\n".join(texts), "\n".join(before)) <= FEW


def _give_up_oldest(draft: Draft) -> None:
    own = DraftVersion.draft_id == draft.id
    oldest = select(DraftVersion.number).where(own).order_by(DraftVersion.number.desc()).offset(MOST_VERSIONS).limit(1)
    last = select(func.max(oldest.subquery().c.number)).scalar_subquery()
    db.session.execute(delete(DraftVersion).where(own, DraftVersion.number <= last))


def _hold(person: User) -> None:
    """Let what the same person saves elsewhere wait, and see what was saved before."""
    db.session.execute(select(User.id).where(User.id == person.id).with_for_update(key_share=True))
