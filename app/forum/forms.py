"""What people send about any post."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SubmitField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.forms import Form, text
from app.gate import LARGEST_ID


class CommentForm(Form):
    """A comment, or a reply to the comment `parent`. A page holds several: each text has an id of its own."""

    body = text(_l("Your comment"), most=8000, least=1, required=True)
    parent = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(1, LARGEST_ID)])
    preview = SubmitField(_l("Preview"))

    def process(self, *arguments: object, **options: object) -> None:
        super().process(*arguments, **options)
        self.body.id = f"reply-to-{self.parent.data}" if self.parent.data else "new-comment"
