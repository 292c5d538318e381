"""What forms send to be kept, and whom someone lets read a draft."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, ValidationError

from app.accounts.models import User
from app.drafts.models import KINDS, LONGEST_KEY, LONGEST_TITLE, MOST_READERS, Draft, Fields, Place
from app.drafts.queries import readers_named
from app.forms import Form, clean, line
from app.gate import LARGEST_ID
from app.markdown import plain_words
from app.refusals import Unfit

LONGEST_DRAFT = 60_000
"""Characters: about twice what the longest form takes."""
MOST_FIELDS = 300
FIELD_NAME = re.compile(r"[a-z][a-z_-]{0,30}(-[0-9]{1,9})?")
TOKEN = re.compile(rf"[\w-]{{1,{LONGEST_KEY}}}", re.ASCII)
OF_THE_PAGE = {"csrf_token", "preview", "back", "post_id", "in-form"}
"""Fields that the page itself fills whenever it shows a form."""
CHOICES = {
    *("key", "kind", "seen", "base", "group", "parent", "section", "fork", "about", "keep_about"),
    *("country", "language", "roles", "needed_roles", "topics", "wanted", "needed_by"),
}
"""Fields in which nobody writes, whatever the form."""


@dataclass(frozen=True)
class TypedDraft:
    """A form as it was typed so far."""

    place: Place
    key: str
    seen: int
    """The version that it goes on from; 0 for none."""
    tab: str
    """The page on which it is typed; empty for what comes without a script."""
    fields: Fields
    turn: int = 0
    """How often something was changed on that page so far."""

    @property
    def fork(self) -> int | None:
        """The id of the idea that it began as a copy of."""
        return number_in(MultiDict([(name, value) for name, value in self.fields]), "fork") or None


def texts_in(fields: Fields, kind: str) -> list[str]:
    """What was written in a form of this kind, without what was chosen."""
    chosen = CHOICES | KINDS[kind].chosen
    return [value for name, value in fields if value and name not in chosen and not name.startswith(("way-", "take-"))]


def title_of(fields: Fields, kind: str) -> str:
    """The title as it is typed or, beside someone else's, chosen; without one the first words of the text, empty when
    there are none."""
    sent = dict(fields)
    title = sent.get("yours-title" if sent.get("take-title") == "yours" else "title")
    return plain_words(title or next(iter(texts_in(fields, kind)), ""), limit=LONGEST_TITLE)


def typed_draft(sent: MultiDict[str, str]) -> TypedDraft:
    """Of whatever form was sent. Raises Unfit for one that cannot be kept."""
    place = Place.named(sent.get("draft-of", ""))
    seen, turn = number_in(sent, "draft-seen"), number_in(sent, "draft-turn")
    key, tab = sent.get("draft-key") or secrets.token_urlsafe(16), sent.get("draft-tab", "")
    is_known = TOKEN.fullmatch(key) and (not tab or TOKEN.fullmatch(tab))
    if place is None or not is_known or seen is None or turn is None:
        raise Unfit(_("This form cannot be kept as a draft."))
    fields = [
        [name, clean(value)]
        for name, value in sent.items(multi=True)
        if name not in OF_THE_PAGE and not name.startswith("draft-") and FIELD_NAME.fullmatch(name)
    ]
    if len(fields) > MOST_FIELDS or sum(len(value) for _name, value in fields) > LONGEST_DRAFT:
        raise Unfit(_("This is too long to be kept as a draft. Shorten it, or copy it elsewhere."))
    return TypedDraft(place, key, seen, tab, fields, turn)


def number_in(sent: Mapping[str, str], name: str) -> int | None:
    """0 where it is left out, None for what is no number that we give."""
    text = sent.get(name) or "0"
    return int(text) if re.fullmatch("[0-9]{1,10}", text) and int(text) <= LARGEST_ID else None


def no_such_reader(name: str) -> str:
    """The same of people who may not see what the draft is about."""
    return _("There is no one member named %(name)s. The page of a person shows their short name.", name=name)


class ReadersForm(Form):
    """Names of those who may read a draft, one or several."""

    names = line(_l("Short names"), most=400, required=True)

    def __init__(self, draft: Draft, **options: Any) -> None:
        super().__init__(**options)
        self.draft, self.people = draft, list[User]()

    def validate_names(self, field: Field) -> None:
        names = [name for name in re.split(r"[\n,;]+", field.data) if name.strip("@ ")]
        if len(names) > MOST_READERS:
            raise ValidationError(_("At most %(most)d people, please.", most=MOST_READERS))
        people, unknown = readers_named(names, self.draft)
        if unknown:
            raise ValidationError(no_such_reader(unknown[0]))
        if any(person.id == self.draft.person_id for person in people):
            raise ValidationError(_("You can read your draft anyway. Name somebody else."))
        self.people = people
