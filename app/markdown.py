"""Markdown as people write it: to safe HTML, and to plain words."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
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
MOST_MENTIONS = 10
"""People that one text can name."""
HTML_TAG = re.compile(r'(<(?:[^">]|"[^"]*")*>)')
NO_PROSE = ("a", "code", "pre")
"""In these `@` is no mention."""
MENTION = re.compile(r"(?<![\w@/.])@([a-z0-9-]+)(?![\w@/])", re.IGNORECASE)


@lru_cache(maxsize=2000)
def render_markdown(text: str) -> Markup:
    """Safe HTML of a text. Headings start at h3, below those of the page; pictures become links to themselves."""
    raw = cmarkgfm.github_flavored_markdown_to_html(text[:LIMIT])
    lowered = re.sub(r"<(/?)h([1-4])>", lambda tag: f"<{tag[1]}h{int(tag[2]) + 2}>", raw)
    cleaned = nh3.clean(
        lowered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="nofollow ugc noopener"
    )
    return Markup(cleaned)  # noqa: S704  (nh3 has just cleaned it)


def mentioned_names(text: str) -> list[str]:
    """The short names that a text mentions as `@name`, whoever has them: the first ones, each once."""
    if "@" not in text:
        return []
    prose = "\n".join(words for words, is_prose in _pieces(render_markdown(text)) if is_prose)
    return list(dict.fromkeys(name.lower() for name in MENTION.findall(prose)))[:MOST_MENTIONS]


def with_mentions(rendered: Markup, names: Collection[str]) -> Markup:
    """HTML of `render_markdown` where each `@name` among `names` leads to that person."""

    def link(found: re.Match[str]) -> str:
        name = found[1].lower()
        return f'<a class="mention" dir="ltr" href="/u/{name}">{found[0]}</a>' if name in names else found[0]

    pieces = (MENTION.sub(link, words) if is_prose else words for words, is_prose in _pieces(rendered))
    return Markup("".join(pieces))  # noqa: S704  (it was clean, and what is added consists of letters)


def _pieces(rendered: str) -> Iterator[tuple[str, bool]]:
    """The tags and the texts between them, in order, each with whether a mention may stand in it."""
    depth = 0
    for place, piece in enumerate(HTML_TAG.split(rendered)):
        if place % 2:
            opened = re.match(r"<(/?)(\w+)", piece)
            if opened and opened[2] in NO_PROSE:
                depth += -1 if opened[1] else 1
        yield piece, place % 2 == 0 and depth == 0


def plain_words(text: str, *, limit: int | None = None) -> str:
    """The words of a text without its markup, cut at a word's end after `limit` characters."""
    words = html.unescape(re.sub(r"<[^>]+>", " ", render_markdown(text)))
    line = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(words.split()))
    if limit is None or len(line) <= limit:
        return line
    return line[:limit].rsplit(" ", 1)[0].rstrip(".,;:") + "…"
