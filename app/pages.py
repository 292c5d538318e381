"""Lists in numbered pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import abort, request

PAGE_SIZE = 25
ON_DESK = 10
"""What waits for one person, of each kind."""
LAST_PAGE = 400


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    rows: Sequence[Any]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        return min(max(1, -(-self.total // self.size)), LAST_PAGE)


def wanted_page() -> int:
    """The page number in the address; anything but a page that could exist is 404."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= LAST_PAGE):
        abort(404)
    return int(text)


def page_of(rows: Sequence[Any], *, number: int, total: int, size: int = PAGE_SIZE) -> Page:
    """Raises 404 for a page after the last."""
    page = Page(rows, number, total, size)
    if number > page.pages:
        abort(404)
    return page


def page_url(number: int) -> str:
    """The address of another page of this list: the same filters, another page."""
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    if number > 1:
        arguments.append(("page", str(number)))
    return f"{request.path}?{urlencode(arguments)}" if arguments else request.path
