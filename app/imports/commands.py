"""Import ideas that were written elsewhere. Importing the same file again adds only what is not there yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, Literal

from slugify import slugify
from sqlalchemy import select

from app.accounts.events import person_registered
from app.accounts.models import IMPORTED_NAMES, User
from app.accounts.queries import find_person
from app.codes import LANGUAGES
from app.database import db, now, transaction
from app.forms import clean
from app.forum.models import Post
from app.groups.commands import join_group, open_group
from app.groups.models import Group
from app.ideas.commands import publish_idea
from app.markdown import plain_words
from app.taxonomy.commands import topic_for

BATCH = 200
"""Lines that are committed together."""
LONGEST_ID = 300
LONGEST_TITLE = 255
LONGEST_TEXT = 30_000
LONGEST_NAME = 80
"""Of a group or topic."""
LONGEST_LINK = 2000
GroupsAs = Literal["topics", "groups", "ignore"]


class Unusable(Exception):
    """A line that cannot be imported; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What became of one line."""

    line: int
    state: Literal["imported", "known", "skipped"]
    note: str = ""
    """Why it was skipped, or what was changed."""


@dataclass(frozen=True)
class Text:
    """One line of the file, checked and cleaned."""

    id: str
    title: str
    body: str
    author: str
    created_at: datetime
    group: str
    language: str
    url: str | None
    note: str


def import_ideas(
    lines: Iterable[bytes], *, dataset: str, groups_as: GroupsAs, group: Group, language: str = "en"
) -> Iterator[Outcome]:
    """Publish one idea for each line `{_id, title, text, metadata{author, created, group, type, url, language}}`.

    `dataset` tells equal ids of different files apart. Ideas live in `group` or, with `groups_as="groups"`, in an open
    group of their own group's name. `language` is that of texts which do not say theirs. Blank lines have no outcome.
    """
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    publish = partial(_publish, dataset=dataset, groups_as=groups_as, group=group)
    while batch := list(islice(numbered, BATCH)):
        outcomes = []
        with transaction():
            for number, line in batch:
                outcomes.append(_import_line(number, line, dataset=dataset, language=language, publish=publish))
        yield from outcomes


def _import_line(number: int, line: bytes, *, dataset: str, language: str, publish: Any) -> Outcome:
    try:
        text = _read(line, language=language)
    except Unusable as reason:
        return Outcome(number, "skipped", str(reason))
    if db.session.scalar(select(Post.id).where(Post.source == _source(dataset, text))) is not None:
        return Outcome(number, "known")
    publish(text)
    return Outcome(number, "imported", text.note)


def _publish(text: Text, *, dataset: str, groups_as: GroupsAs, group: Group) -> None:
    topics: tuple[str, ...] = ()
    if text.group and groups_as == "topics":
        topics = (topic_for(_name_of(text.group)).id,)
    if text.group and groups_as == "groups":
        group = open_group(
            slug=slugify(text.group, max_length=60) or "other", name=_name_of(text.group), is_private=False
        )
    author = _author(text.author or dataset)
    join_group(group, person=author)
    publish_idea(
        by=author,
        group=group,
        title=text.title,
        sections={"problem": text.body},
        topics=topics,
        language=text.language,
        published_at=text.created_at,
        source=_source(dataset, text),
        source_url=text.url,
    )


def _author(author: str) -> User:
    """The person who stands for whoever wrote this elsewhere."""
    digest = hashlib.sha256(author.encode()).hexdigest()
    name = f"{IMPORTED_NAMES}{digest[:12]}"
    person = find_person(name)
    if person is None:
        person = User(name=name, display_name=f"Imported author {digest[:4]}", kind="imported", languages=[])
        db.session.add(person)
        db.session.flush()
        person_registered.send(person)
    return person


def _read(line: bytes, *, language: str) -> Text:
    try:
        content = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unusable("not UTF-8") from None
    except (ValueError, RecursionError):
        raise Unusable("not JSON") from None
    metadata = content.get("metadata") or {} if isinstance(content, dict) else None
    if not isinstance(metadata, dict):
        raise Unusable("not an object with an object `metadata`")
    title, body = _words(content, "title"), _words(content, "text")
    if not title and not body:
        raise Unusable("neither title nor text")
    return Text(
        id=_id(content),
        title=title[:LONGEST_TITLE] or plain_words(body[:LONGEST_TITLE], limit=LONGEST_NAME) or "Untitled",
        body=body[:LONGEST_TEXT],
        author=_words(metadata, "author"),
        created_at=_moment(metadata.get("created")),
        group=_words(metadata, "group"),
        language=_known_language(_words(metadata, "language")) or language,
        url=_link(_words(metadata, "url")),
        note=_cut(title, body),
    )


def _words(content: dict[str, Any], name: str) -> str:
    """A text as we store it, without halves of characters; missing is empty."""
    text = content.get(name)
    if text is not None and not isinstance(text, str):
        raise Unusable(f"`{name}` is not a text")
    return clean((text or "").encode("utf-8", "ignore").decode("utf-8"))


def _id(content: dict[str, Any]) -> str:
    identity = content.get("_id")
    text = str(identity) if isinstance(identity, int) else _words(content, "_id")
    if not 1 <= len(text) <= LONGEST_ID:
        raise Unusable(f"`_id` is missing or longer than {LONGEST_ID} characters")
    return text


def _moment(created: Any) -> datetime:
    """ISO 8601, taken as UTC when it names no zone, or seconds since 1970; missing is now."""
    if created is None or created == "":
        return now()
    try:
        seconds = None if isinstance(created, str) and not created.isdecimal() else float(created)
        moment = datetime.fromisoformat(created) if seconds is None else datetime.fromtimestamp(seconds, UTC)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unusable("`created` is not a moment") from None
    if moment > now():
        raise Unusable("`created` lies in the future")
    return moment


def _known_language(code: str) -> str:
    return code if code in LANGUAGES else ""


def _link(url: str) -> str | None:
    is_usable = url.startswith(("http://", "https://")) and len(url) <= LONGEST_LINK and not set(url) & set(' "<>\n')
    return url if is_usable else None


def _cut(title: str, body: str) -> str:
    cuts = ((title, "title", LONGEST_TITLE), (body, "text", LONGEST_TEXT))
    return ", ".join(f"{name} cut to {limit:,} characters" for text, name, limit in cuts if len(text) > limit)


def _name_of(group: str) -> str:
    """A readable name: `gender-equality` becomes Gender equality."""
    name = group if " " in group else group.replace("-", " ").replace("_", " ").strip()
    return name[:1].upper() + name[1:LONGEST_NAME]


def _source(dataset: str, text: Text) -> str:
    return f"import:{dataset}:{text.id}"
