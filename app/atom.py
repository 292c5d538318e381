"""Atom feeds (RFC 4287): what any room makes one of, and the answer to whoever reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, render_template, request

LENGTH = 30
"""Entries of a feed."""
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When an empty feed changed last."""
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """Something that was published. Its texts may hold whatever people write."""

    name: str
    """Stays the same for ever and is no other's: idea/7."""
    path: str
    title: str
    summary: str
    authors: Sequence[tuple[str, str]]
    """(short name, shown name); whoever has no page here has no short name."""
    published_at: datetime
    updated_at: datetime
    language: str = ""
    topics: Sequence[tuple[str, str]] = ()
    """(id, name)."""


def show_feed(title: str, *, address: str, page: str, entries: Sequence[Entry]) -> Response:
    """The feed at this address, with the page that shows the same; 304 for a reader that has it already."""
    site = current_app.config["COMMONS"].public_url
    updated_at = max((entry.updated_at for entry in entries), default=BEGINNING)
    facts = {"title": title, "address": address, "page": page, "entries": entries, "updated_at": updated_at}
    document = render_template("atom.xml", site=site, authority=urlsplit(site).hostname, **facts)
    response = make_response(NOT_IN_XML.sub("", document))  # even escaped, no XML document may hold these
    response.content_type = "application/atom+xml; charset=utf-8"
    response.add_etag()  # and no date: what is hidden leaves the feed without a newer entry
    return cast(Response, response.make_conditional(request))
