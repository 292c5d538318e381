"""Whole pages as guests see them, kept until something changes: most readers of a forum are not signed in.

What differs between two guests, the nonce and the form token, is put in anew each time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Flask, Response, g, request, session
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf

from app.database import change_number
from app.kept import Kept, kept
from app.web import choose_theme, csp_nonce, wants_fragment

MOST_PAGES = 300
LONGEST_SECONDS = 60.0
"""Then "5 minutes ago" is no longer true."""
HEADERS_OF_OTHER_ANSWERS = ("Range", "If-None-Match", "If-Modified-Since")
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
    nonce: str
    token: str

    def is_current(self, change: int) -> bool:
        return self.change == change and time.monotonic() - self.kept_at < LONGEST_SECONDS

    def body_for(self, *, nonce: str, token: str) -> bytes:
        """Templates write both as a whole quoted value; elsewhere, in a text or a link, they are not replaced."""
        body = self.body
        for before, now in ((self.nonce, nonce), (self.token, token)):
            body = body.replace(f'"{before}"'.encode(), f'"{now}"'.encode())
        return body


def init_app(app: Flask) -> None:
    """Last of all: checks come before a kept page is shown, and other headers after it is kept."""
    app.before_request(show_kept_page)
    app.after_request(keep_page)


def show_kept_page() -> Response | None:
    is_page = request.method == "GET" and request.blueprint not in NO_PAGES and not wants_fragment()
    if not is_page or not _is_any_guest() or any(map(request.headers.get, HEADERS_OF_OTHER_ANSWERS)):
        return None
    change = change_number()
    key = (request.host_url, request.path, request.query_string, str(get_locale()), choose_theme())
    page: KeptPage | None = _pages().get(key)
    if page is None or not page.is_current(change):
        g.page_to_keep = (key, change)
        return None
    return Response(page.body_for(nonce=csp_nonce(), token=generate_csrf()), headers=page.headers)


def keep_page(response: Response) -> Response:
    if "page_to_keep" in g and _is_the_same_for_all(response):
        key, change = g.page_to_keep
        facts = {"nonce": csp_nonce(), "token": g.csrf_token}
        body, headers = response.get_data(), list(response.headers)
        _pages().put(key, KeptPage(change, time.monotonic(), body, headers, **facts))
    return response


def _is_the_same_for_all(response: Response) -> bool:
    is_page = response.status_code == 200 and response.mimetype == "text/html" and "csrf_token" in g
    return is_page and _is_any_guest() and not {"Set-Cookie", "Cache-Control"} & set(response.headers.keys())


def _is_any_guest() -> bool:
    return session.keys() <= GUEST_COOKIE


def _pages() -> Kept:
    return kept("pages", most=MOST_PAGES)
