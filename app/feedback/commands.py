"""Say what one thinks of a match, take it back; write down who was shown what."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from app.accounts.models import User, Viewer
from app.database import db, insert_into, now, transaction, write_when_sent
from app.feedback.forms import Place
from app.feedback.models import PLACE, Impression, Judgement
from app.kept import kept
from app.refusals import NotThere, Refusal
from app.search.queries import Key, visible_keys

VERDICTS = ("useful", "wrong-topic", "wrong-language", "known", "unsafe")
KEPT_IMPRESSIONS = 4000


def judge_match(place: Place, *, by: User, verdict: str, weights: str) -> None:
    """The last word on a match beside a text counts. Raises NotThere for what the person may not see.

    `weights` are those in use: it is said of the list that was shown, as far as that was logged.
    """
    if verdict not in VERDICTS:
        raise Refusal(_("Say one of: useful, wrong topic, wrong language, knew it, unsafe."))
    _require_visible(place, by)
    shown_by = select(Impression.weights).filter_by(**_keys(place, by)).order_by(Impression.shown_on.desc()).limit(1)
    row = {**_keys(place, by), "verdict": verdict, "language": place.language, "rank": place.rank}
    row["weights"] = db.session.scalar(shown_by) or weights
    said = insert_into(Judgement).values(**row, judged_at=now())
    new = {name: said.excluded[name] for name in ("verdict", "language", "rank", "weights", "judged_at")}
    with transaction(is_shown=False):
        db.session.execute(said.on_conflict_do_update(index_elements=PLACE, set_=new))


def take_back(place: Place, *, by: User) -> None:
    """As if nothing had been said. What is not there any more can be taken back too."""
    with transaction(is_shown=False):
        db.session.execute(delete(Judgement).filter_by(**_keys(place, by)))


def log_shown(places: Sequence[tuple[Place, str | None]], *, to: Viewer, weights: str) -> None:
    """Write down once the answer is sent that a member was shown these matches, each with its strength.

    Nobody waits for it. What this process wrote today it does not write again.
    """
    day, known = now().date(), kept("impressions", most=KEPT_IMPRESSIONS)
    seen = (to.id, day, tuple(places))
    if not to.is_signed_in or not places or known.get(seen):
        return
    known.put(seen, True)
    rows = [
        {**_keys(place, to), "shown_on": day, "rank": place.rank, "strength": strength or "", "weights": weights}
        for place, strength in places
    ]
    write_when_sent(insert_into(Impression).on_conflict_do_nothing(), rows, what="impressions")


def log_opened(place: Place, *, by: Viewer) -> None:
    """The newest time that this match was shown here led to it."""
    if not by.is_signed_in:
        return
    shown = update(Impression).filter_by(**_keys(place, by))
    with transaction(is_shown=False):
        db.session.execute(
            shown.where(Impression.opened_at.is_(None), Impression.shown_on >= now().date()).values(opened_at=now())
        )


def _require_visible(place: Place, person: User) -> None:
    mine: set[Key] = {("draft", place.subject[1]), ("person", person.id)}
    wanted = {place.match, place.subject} - mine
    if wanted - visible_keys(person, wanted):
        raise NotThere(_("There is no such match."))


def _keys(place: Place, person: Viewer) -> dict[str, object]:
    (subject_kind, subject_id), (match_kind, match_id) = place.subject, place.match
    return {
        "person_id": person.id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "match_kind": match_kind,
        "match_id": match_id,
    }
