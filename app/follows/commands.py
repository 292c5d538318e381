"""Follow, mute, keep a search, and take each back. None of it is told to anybody."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, exists, func, select

from app.accounts.models import User
from app.database import db, insert_into, now, transaction
from app.follows.events import search_renamed
from app.follows.models import MOST_SEARCHES, Followed, Following, Mutable, Mute, SavedSearch
from app.follows.policy import can_follow
from app.forum.commands import unfollow as unfollow_post
from app.forum.models import Follow, Post
from app.journal.commands import record
from app.matching.searching import words_of
from app.refusals import Conflict, require
from app.search.queries import SearchFilters
from app.taxonomy.models import Topic


def follow(subject: Followed, *, by: User) -> None:
    """Want to hear what is new with a topic or by a person, which is not muted any more; following it again changes
    nothing."""
    _require_another(subject, by=by)
    with transaction(is_shown=False):
        unmute(subject, by=by)
        if _add(Following, subject, by=by):
            record(f"{_kind_of(subject)}_followed", by=by, note=_name_of(subject))


def unfollow(subject: Followed, *, by: User) -> None:
    with transaction(is_shown=False):
        if _remove(Following, subject, by=by):
            record(f"{_kind_of(subject)}_unfollowed", by=by, note=_name_of(subject))


def mute(subject: Mutable, *, by: User) -> None:
    """Want to hear nothing of a post, topic or person, which is not followed any more, whatever else is; once more
    changes nothing."""
    _require_another(subject, by=by)
    with transaction(is_shown=False):
        if isinstance(subject, Post):
            unfollow_post(subject, by=by)
        else:
            unfollow(subject, by=by)
        if _add(Mute, subject, by=by):
            _record_about(subject, "muted", by=by)


def unmute(subject: Mutable, *, by: User) -> None:
    with transaction(is_shown=False):
        if _remove(Mute, subject, by=by):
            _record_about(subject, "unmuted", by=by)


def save_search(*, by: User, name: str, asked: str, filters: SearchFilters, is_told: bool) -> SavedSearch:
    """Keep a search, and hear of what it finds if `is_told`; one that is kept already gets this name. Raises Conflict
    when the person keeps as many as there is room for."""
    with transaction(is_shown=False):
        _hold_searches(by)
        search = _kept_search(by, asked, filters) or _new_search(by, name, asked, filters)
        _rename(search, name, by=by)
        _tell(search, is_told, by=by)
    return search


def remove_search(search: SavedSearch, *, by: User) -> None:
    with transaction(is_shown=False):
        removed = delete(SavedSearch).where(SavedSearch.id == search.id).returning(SavedSearch.id)
        if db.session.execute(removed).first() is not None:
            record("search_removed", by=by, note=search.asked)


def mute_search(search: SavedSearch, *, by: User) -> None:
    """Want to hear nothing of what it finds."""
    with transaction(is_shown=False):
        _tell(search, False, by=by)


def unmute_search(search: SavedSearch, *, by: User) -> None:
    with transaction(is_shown=False):
        _tell(search, True, by=by)


def let_go_of_muted(post_id: int) -> None:
    """Whoever mutes a post does not follow it because they wrote there, or because another was merged into it."""
    muted = exists().where(Mute.person_id == Follow.user_id, Mute.post_id == Follow.post_id)
    with transaction(is_shown=False):
        db.session.execute(delete(Follow).where(Follow.post_id == post_id, muted))


def _require_another(subject: Mutable, *, by: User) -> None:
    if isinstance(subject, User):
        require(can_follow(by, subject), _("You can follow and mute other people who write here."))


def _add(model: Any, subject: Mutable, *, by: User) -> bool:
    """Whether it was not there before."""
    added = insert_into(model).values(person_id=by.id, created_at=now(), **_target(subject))
    return db.session.execute(added.on_conflict_do_nothing().returning(model.id)).first() is not None


def _remove(model: Any, subject: Mutable, *, by: User) -> bool:
    """Whether it was there."""
    is_it = (getattr(model, column) == value for column, value in _target(subject).items())
    removed = delete(model).where(model.person_id == by.id, *is_it)
    return db.session.execute(removed.returning(model.id)).first() is not None


def _target(subject: Mutable) -> dict[str, Any]:
    """The column in which a row names its subject."""
    kind = _kind_of(subject)
    return {"user_id" if kind == "person" else f"{kind}_id": subject.id}


def _kind_of(subject: Mutable) -> str:
    return "topic" if isinstance(subject, Topic) else "person" if isinstance(subject, User) else "post"


def _name_of(subject: Followed) -> str:
    return subject.name if isinstance(subject, User) else str(subject.id)


def _record_about(subject: Mutable, action: str, *, by: User) -> None:
    if isinstance(subject, Post):
        record(action, by=by, post_id=subject.id)
    else:
        record(action, by=by, note=f"{_kind_of(subject)} {_name_of(subject)}")


def _hold_searches(by: User) -> None:
    """Let whoever keeps a search for the same person now come one after the other."""
    db.session.execute(select(User.id).where(User.id == by.id).with_for_update(key_share=True))


def _kept_search(by: User, asked: str, filters: SearchFilters) -> SavedSearch | None:
    return db.session.scalar(select(SavedSearch).filter_by(person_id=by.id, asked=asked, **_columns(filters)))


def _new_search(by: User, name: str, asked: str, filters: SearchFilters) -> SavedSearch:
    kept = db.session.scalar(select(func.count()).where(SavedSearch.person_id == by.id)) or 0
    if kept >= MOST_SEARCHES:
        raise Conflict(_("You keep %(most)d searches, and there is room for no more. Remove one first.", most=kept))
    words = words_of(asked)
    search = SavedSearch(person_id=by.id, name=name, asked=asked, words=words, is_told=False, **_columns(filters))
    db.session.add(search)
    record("search_saved", by=by, note=asked)
    return search


def _rename(search: SavedSearch, name: str, *, by: User) -> None:
    before, search.name = search.name, name
    if name != before:
        record("search_renamed", by=by, note=search.asked)
        search_renamed.send(search, before=before)


def _columns(filters: SearchFilters) -> dict[str, str]:
    return {name: value or "" for name, value in vars(filters).items()}


def _tell(search: SavedSearch, is_told: bool, *, by: User) -> None:
    if search.is_told != is_told:
        search.is_told = is_told
        record("unmuted" if is_told else "muted", by=by, note=f"search {search.asked}")
