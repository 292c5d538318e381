"""The input gate: what no page could make sense of is refused before any page sees it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, abort, current_app, request
from werkzeug.routing import IntegerConverter

MAX_BODY_BYTES = 1024 * 1024
MAX_FORM_PARTS = 500
LARGEST_ID = 2**31 - 1


class IdConverter(IntegerConverter):
    """A whole number that fits the database's columns; larger ones are no address of ours."""

    def __init__(self, map: Any, **options: Any) -> None:
        super().__init__(map, max=LARGEST_ID, **options)


def init_app(app: Flask) -> None:
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES, MAX_FORM_PARTS=MAX_FORM_PARTS)
    app.url_map.converters["int"] = IdConverter
    app.before_request(check_input)


def check_input() -> None:
    """Answer 400 to bytes that are not UTF-8, to NUL and lone surrogates, broken JSON and unknown locales; 413 to too much."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        abort(413)
    _check_bytes(request.environ.get("PATH_INFO", "").encode("latin-1", "replace"))
    _check_bytes(unquote_to_bytes(request.query_string.replace(b"+", b" ")))
    for name, value in request.form.items(multi=True):
        _check_text(name)
        _check_text(value)
    if request.is_json:
        _check_json()
    if (locale := request.args.get("lang")) is not None and locale not in current_app.config["LOCALES"]:
        abort(400)


def _check_bytes(raw: bytes) -> None:
    try:
        _check_text(raw.decode("utf-8"))
    except UnicodeDecodeError:
        abort(400)


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        abort(400)


def _check_json() -> None:
    try:
        content = request.get_json()
        request.get_data(cache=True).decode("utf-8")
        _check_text(str(content))
    except (RecursionError, UnicodeDecodeError):
        abort(400)
    if not isinstance(content, dict):
        abort(400)
