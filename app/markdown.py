"""Markdown as people write it: to safe HTML, and to plain words."""

from __future__ import annotations

import html
import re
from functools import lru_cache

import cmarkgfm
import nh3
from markupsafe import Markup

LIMIT = 32_000
"""Characters of one text."""

TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h3",
        "h4",
        "h5",
        "h6",
        "strong",
        "em",
        "del",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "a",
    ),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}
SCHEMES = {"http", "https", "mailto"}


@lru_cache(maxsize=2000)
def render_markdown(text: str) -> Markup:
    """Safe HTML of a text. Headings start at h3, below those of the page; pictures become links to themselves."""
    raw = cmarkgfm.github_flavored_markdown_to_html(text[:LIMIT])
    lowered = re.sub(r"<(/?)h([1-4])>", lambda tag: f"<{tag[1]}h{int(tag[2]) + 2}>", raw)
    cleaned = nh3.clean(
        lowered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="nofollow ugc noopener"
    )
    return Markup(cleaned)  # noqa: S704  (nh3 has just cleaned it)


def plain_words(text: str, *, limit: int | None = None) -> str:
    """The words of a text without its markup, cut at a word's end after `limit` characters."""
    words = html.unescape(re.sub(r"<[^>]+>", " ", render_markdown(text)))
    line = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(words.split()))
    if limit is None or len(line) <= limit:
        return line
    return line[:limit].rsplit(" ", 1)[0].rstrip(".,;:") + "…"
