"""Where the ideas of a graph and the arcs between them are drawn, in units of the drawing."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from app.ideas.queries import IdeaLink
from app.lineage.queries import Edge, Graph

WIDTH = 320
ROW = 58
"""From one idea to the next, which stands below, if its title takes one line and it has one author."""
LINES, LINE = 2, 18
"""Of a title: how many there are at most, and from one to the next, as from one author to the next."""
LETTER = 7.5
"""How wide a letter of a title is, on average; letters of the East are twice as wide."""
SMALL = 6.6
"""As LETTER, of what is said below a title."""
FEWEST = 6
"""Letters of a name that are shown however much stands before it."""
NARROWEST, WIDER, WIDEST = 16, 9, 60
"""How far an arc bends aside: from an idea to the next one, more for each in between, and at most."""
MARGIN = 10


@dataclass(frozen=True)
class Dot:
    """One idea."""

    link: IdeaLink
    lines: Sequence[str]
    """Of its title, as far as there is room."""
    is_own: bool
    y: int
    kinds: Sequence[str]
    """How it goes on from those above, each kind once."""

    @property
    def is_cut(self) -> bool:
        return "".join(self.lines).replace(" ", "") != "".join(self.link.title.split())

    @property
    def last_line(self) -> int:
        """From the first line of the title down to its last."""
        return LINE * (len(self.lines) - 1)


@dataclass(frozen=True)
class Arc:
    """From an older idea down to a newer one."""

    edge: Edge
    path: str


@dataclass(frozen=True)
class Drawing:
    """A column of ideas, the older ones above, with arcs at its side."""

    dots: Sequence[Dot]
    arcs: Sequence[Arc]
    x: int
    """Of all dots."""
    text_x: int
    width: int
    height: int
    room: int
    """How wide a line of text can be."""
    line: int = LINE

    def fitted(self, name: str, before: str) -> str:
        """A name as far as there is room for it after what stands before it in its line."""
        most = max(FEWEST, int(self.room / _width(name, SMALL)) - len(before))
        return name if len(name) <= most else _cut(name, most)


def drawing_of(graph: Graph, *, is_right_to_left: bool) -> Drawing:
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    edges = [edge for edge in graph.edges if edge.newer in numbers and edge.older in numbers]
    spans = [abs(numbers[edge.newer] - numbers[edge.older]) for edge in edges]
    side = max((_bend(span) for span in spans), default=0) + MARGIN

    def at(x: int) -> int:
        return WIDTH - x if is_right_to_left else x

    dots, below, room = list[Dot](), MARGIN + 12, WIDTH - side - 16
    for node in graph.nodes:
        kinds = tuple(dict.fromkeys(edge.kind for edge in edges if edge.newer == node.id))
        dots.append(Dot(node, _lines(node.title, room), node.id == graph.own, below, kinds))
        below += ROW + dots[-1].last_line + LINE * (len(node.authors) - 1)
    places = {dot.link.id: dot.y for dot in dots}
    arcs = [
        Arc(edge, _path(at(side), at(side - _bend(span)), *sorted((places[edge.older], places[edge.newer]))))
        for edge, span in zip(edges, spans, strict=True)
    ]
    return Drawing(dots, arcs, at(side), at(side + 16), WIDTH, below + MARGIN - 20, room)


def _lines(title: str, room: int) -> list[str]:
    most = int(room / _width(title, LETTER))
    lines = textwrap.wrap(title, most)
    last = lines[LINES - 1 : LINES]
    return lines[: LINES - 1] + ([_cut(each, most) for each in last] if len(lines) > LINES else last)


def _width(text: str, letter: float) -> float:
    """Of each letter of a text, where one is so wide on average."""
    return letter * (2 if any(east_asian_width(each) in "WF" for each in text) else 1)


def _cut(text: str, most: int) -> str:
    return f"{text[: most - 1].rstrip()}…"


def _bend(span: int) -> int:
    return min(NARROWEST + WIDER * (span - 1), WIDEST)


def _path(x: int, bent_x: int, top: int, bottom: int) -> str:
    """Out of the dot above, down, and into the dot below, with round corners."""
    corner = min(14, (bottom - top) // 2)
    return f"M{x} {top}Q{bent_x} {top} {bent_x} {top + corner}V{bottom - corner}Q{bent_x} {bottom} {x} {bottom}"
