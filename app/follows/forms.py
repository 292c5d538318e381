"""A search as someone keeps it."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from app.follows.models import LONGEST_FILTER, LONGEST_NAME, LONGEST_SEARCH
from app.forms import Form, clean, line
from app.search.queries import SearchFilters
from app.search.views import filters_in


def _filter() -> StringField:
    return StringField(widget=HiddenInput(), filters=[clean], validators=[Length(max=LONGEST_FILTER)])


class SearchForm(Form):
    """The search itself is as it stands on its page; its name is what it asks unless another is given."""

    q = line(_l("Search for"), most=LONGEST_SEARCH, required=True)
    kind = _filter()
    topic = _filter()
    role = _filter()
    language = _filter()
    name = line(_l("Name"), most=LONGEST_NAME)
    is_told = BooleanField(_l("Tell me about new ideas and questions that it finds"))

    def facts(self) -> dict[str, Any]:
        """What the command takes."""
        asked: str = self.q.data
        name = self.name.data or asked[:LONGEST_NAME]
        return {"name": name, "asked": asked, "filters": self.filters(), "is_told": self.is_told.data}

    def filters(self) -> SearchFilters:
        return filters_in({name: self[name].data for name in ("kind", "topic", "role", "language")})


def search_form_in_address() -> SearchForm:
    """As the search page's own address says it."""
    return SearchForm(formdata=request.args)
