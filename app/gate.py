"""The input gate: what no page could make sense of is refused before any page sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, abort, current_app, request
from werkzeug.routing import IntegerConverter

MAX_BODY_BYTES = 1024 * 1024
MAX_FORM_PARTS = 500
MAX_ADDRESS_BYTES = 4000
LARGEST_ID = 2**31 - 1
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class IdConverter(IntegerConverter):
    """A whole number that fits the database's columns; larger ones are no address of ours."""

    regex = "[0-9]{1,10}"

    def __init__(self, map: Any, **options: Any) -> None:
        super().__init__(map, max=LARGEST_ID, **options)


def init_app(app: Flask) -> None:
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES, MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES, MAX_FORM_PARTS=MAX_FORM_PARTS
    )
    app.url_map.converters["int"] = IdConverter
    app.before_request(check_input)


def check_input() -> None:
    """Refuse wrong bytes, NUL, lone surrogates, broken JSON and unknown locales with 400, too much with 413 or 414."""
    _check_size()
    _check_bytes(request.environ.get("PATH_INFO", "").encode("latin-1", "replace"))
    _check_encoded(request.query_string)
    _check_form()
    if request.is_json and _body():
        _check_json()
    if (locale := request.args.get("lang")) is not None and locale not in current_app.config["LOCALES"]:
        abort(400)


def _check_size() -> None:
    if (request.content_length or 0) > MAX_BODY_BYTES:
        abort(413)
    if len(request.environ.get("PATH_INFO", "")) + len(request.query_string) > MAX_ADDRESS_BYTES:
        abort(414)


def _check_form() -> None:
    """A urlencoded form is checked as it came: the parser hides wrong bytes, and counts the parts of others only."""
    if request.mimetype == "application/x-www-form-urlencoded":
        body = _body()
        if body.count(b"&") >= MAX_FORM_PARTS:
            abort(413)
        _check_encoded(body)
    for name, value in request.form.items(multi=True):
        _check_text(name)
        _check_text(value)


def _check_encoded(raw: bytes) -> None:
    _check_bytes(unquote_to_bytes(raw))


def _check_bytes(raw: bytes) -> None:
    try:
        _check_text(raw.decode("utf-8"))
    except UnicodeDecodeError:
        abort(400)


def _check_text(text: str) -> None:
    if UNSTORABLE.search(text):
        abort(400)


def _check_json() -> None:
    _check_bytes(_body())
    try:
        content = request.get_json()
    except RecursionError:
        abort(400)
    if not isinstance(content, dict):
        abort(400)
    for text in _texts_in(content):
        _check_text(text)


def _body() -> bytes:
    """The whole body. One that does not say its length is cut off at the limit, so that reaching it means too much."""
    body = request.get_data()
    if request.content_length is None and len(body) >= MAX_BODY_BYTES:
        abort(413)
    return body


def _texts_in(content: object) -> Iterator[str]:
    """Every key and string of a JSON value, however deep: escapes such as \\ud800 are seen only here."""
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
