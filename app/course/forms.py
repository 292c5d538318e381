"""The filters of the resource library, as the address tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

FACETS = ("type", "module", "topic", "role", "language")


@dataclass(frozen=True)
class ResourceFilters:
    """What was chosen: facet -> values. A resource fits when it has one of the values of each facet that has any."""

    chosen: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> ResourceFilters:
        """As asked for in the address; empty values and other parameters are ignored."""
        wanted = {facet: tuple(sorted(set(filter(None, arguments.getlist(facet))))) for facet in FACETS}
        return cls({facet: values for facet, values in wanted.items() if values})

    def __len__(self) -> int:
        return sum(len(values) for values in self.chosen.values())

    def without(self, facet: str, value: str) -> dict[str, list[str]]:
        """The arguments of the address with this value taken out."""
        return {
            name: [other for other in values if (name, other) != (facet, value)] for name, values in self.chosen.items()
        }
