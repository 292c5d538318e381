"""Whole pages as guests see them, kept until something changes: most readers of a forum are not signed in.

What differs between two guests, the nonce and the form token, is put in anew each time.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request, session
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import SQLAlchemyError

from app.database import change_number, db
from app.web import csp_nonce

MOST_PAGES = 300
LONGEST_SECONDS = 60.0
"""Then "5 minutes ago" is no longer true."""
HEADERS_OF_OTHER_ANSWERS = ("HX-Request", "Range", "If-None-Match", "If-Modified-Since")
NO_PAGES = (None, "status")
"""Static files and addresses that are none; the answers to whoever watches the server."""
GUEST_COOKIE = {"csrf_token"}
"""All that a guest's cookie may hold; a message to be shown once, for instance, is theirs alone."""


@dataclass(frozen=True)
class KeptPage:
    change: int
    kept_at: float
    body: bytes
    headers: list[tuple[str, str]]
    nonce: bytes
    token: bytes

    def is_current(self, change: int) -> bool:
        return self.change == change and time.monotonic() - self.kept_at < LONGEST_SECONDS


def init_app(app: Flask) -> None:
    """Last of all: limits and checks come before a kept page is shown, and other headers after it is kept."""
    app.before_request(show_kept_page)
    app.after_request(keep_page)


def show_kept_page() -> Response | None:
    is_page = request.method == "GET" and request.blueprint not in NO_PAGES
    if not is_page or not _is_any_guest() or any(map(request.headers.get, HEADERS_OF_OTHER_ANSWERS)):
        return None
    try:
        change = change_number()
    except SQLAlchemyError:  # the page itself says so
        db.session.rollback()
        return None
    key = (request.host_url, request.full_path, str(get_locale()), request.cookies.get("theme"))
    kept = _pages().get(key)
    if kept is None or not kept.is_current(change):
        g.page_to_keep = (key, change)
        return None
    with suppress(KeyError):  # another thread may have let it go
        _pages().move_to_end(key)
    body = kept.body.replace(kept.nonce, csp_nonce().encode()).replace(kept.token, generate_csrf().encode())
    return Response(body, headers=kept.headers)


def keep_page(response: Response) -> Response:
    if "page_to_keep" in g and _is_the_same_for_all(response):
        key, change = g.page_to_keep
        body, headers = response.get_data(), list(response.headers)
        kept = KeptPage(change, time.monotonic(), body, headers, csp_nonce().encode(), g.csrf_token.encode())
        _pages()[key] = kept
        while len(_pages()) > MOST_PAGES:
            _pages().popitem(last=False)
    return response


def _is_the_same_for_all(response: Response) -> bool:
    is_page = response.status_code == 200 and response.mimetype == "text/html" and "csrf_token" in g
    return is_page and _is_any_guest() and not {"Set-Cookie", "Cache-Control"} & set(response.headers.keys())


def _is_any_guest() -> bool:
    return session.keys() <= GUEST_COOKIE


def _pages() -> OrderedDict[Hashable, KeptPage]:
    pages: OrderedDict[Hashable, KeptPage] = current_app.extensions.setdefault("kept_pages", OrderedDict())
    return pages
