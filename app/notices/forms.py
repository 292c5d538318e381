"""Which notices someone wants to see, up to which they have read, and what they want by mail."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel.core import get_global
from babel.dates import get_day_names
from flask import request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, ValidationError

from app.forms import Form, choices_of
from app.gate import LARGEST_ID
from app.notices.models import AT_ONCE, DAILY, KINDS, OFF, WEEKLY, MailChoice
from app.notices.queries import Filters


class FilterForm(Form):
    """Those that are not read, or of one kind; what is asked beside is not heard."""

    show = SelectField(choices=choices_of({"": _l("All"), "unread": _l("Unread")}), default="")
    kind = SelectField(_l("Kind"), choices=choices_of({"": _l("Every kind"), **KINDS}), default="")

    def filters(self) -> Filters:
        kind = self.kind.data if self.kind.data in KINDS else ""
        return Filters(is_unread=self.show.data == "unread", kind=kind)


class ReadingForm(Form):
    """Names the newest notice that was shown."""

    until = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_ID)])


def filter_form() -> FilterForm:
    return FilterForm(formdata=request.args)


MODE_NAMES = {AT_ONCE: _l("At once"), DAILY: _l("Daily"), WEEKLY: _l("Weekly"), OFF: _l("Off")}
ZONE_AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


def hour_or_none(value: Any) -> int | None:
    return None if value in ("", None) else int(value)


HOURS = {hour: f"{hour:02}:00" for hour in range(24)}


def weekdays() -> list[SelectChoice]:
    return choices_of(get_day_names("wide", "stand-alone", locale=get_locale()))


@lru_cache(maxsize=32)
def time_zones(chosen: str) -> dict[str, list[SelectChoice]]:
    """By area: the names of the IANA list that mean a place, of several for the same only the present one, unless it is
    the one that was chosen. With the older names, by which browsers call some."""
    areas: dict[str, list[SelectChoice]] = {"UTC": choices_of({"UTC": "UTC"})}
    older_names = defaultdict[str, list[str]](list)
    for older, present in get_global("zone_aliases").items():
        if older != chosen:
            older_names[present].append(older)
    for zone in sorted(available_timezones().difference(*older_names.values())):
        area, _slash, place = zone.partition("/")
        if place and area in ZONE_AREAS:
            also = {"data-also": " ".join(older_names[zone])} if zone in older_names else {}
            areas.setdefault(area, []).append(SelectChoice(zone, place.replace("_", " "), also))
    return areas


QUIET_HOURS = choices_of({"": _l("Never quiet"), **HOURS})


class MailForm(Form):
    """What comes by mail and when; for each kind of notice a field of its own, `mode_` and the kind."""

    is_off = BooleanField(_l("No mail at all"))
    time_zone = SelectField(_l("Time zone"))
    digest_hour = SelectField(_l("Hour of digests"), choices=choices_of(HOURS), coerce=int)
    digest_weekday = SelectField(_l("Day of the weekly ones"), choices=weekdays, coerce=int)
    quiet_from = SelectField(_l("No mail from"), choices=QUIET_HOURS, coerce=hour_or_none)
    quiet_until = SelectField(_l("until"), choices=QUIET_HOURS, coerce=hour_or_none)

    def validate_quiet_until(self, field: Field) -> None:
        if (field.data is None) != (self.quiet_from.data is None):
            raise ValidationError(_l("Choose both hours, or neither."))
        if field.data is not None and field.data == self.quiet_from.data:
            raise ValidationError(_l("Choose two different hours. For no mail at all, there is the box above."))

    @property
    def mode_fields(self) -> list[Field]:
        return [self[f"mode_{kind}"] for kind in KINDS]

    def facts(self) -> dict[str, Any]:
        names = ("is_off", "time_zone", "digest_hour", "digest_weekday", "quiet_from", "quiet_until")
        modes = {kind: self[f"mode_{kind}"].data for kind in KINDS}
        return {"modes": modes, **{name: self[name].data for name in names}}


def mail_form(choice: MailChoice) -> MailForm:
    fields = {f"mode_{kind}": SelectField(name, choices=choices_of(MODE_NAMES)) for kind, name in KINDS.items()}
    modes = {f"mode_{kind}": choice.chosen_mode_of(kind) for kind in KINDS}
    form: MailForm = type("OwnMailForm", (MailForm,), fields)(obj=choice, data=modes)
    form.time_zone.choices = time_zones(choice.time_zone)
    return form
