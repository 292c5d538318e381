"""What people say of themselves, and the secrets they choose."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, PasswordField, RadioField, SelectMultipleField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional, StopValidation, ValidationError

from app.accounts.models import ASKS_A_WEEK, IMPORTED_NAMES, User
from app.codes import LANGUAGES, language_choices, language_name
from app.forms import (
    Form,
    LinesField,
    clean,
    country_field,
    is_web_address,
    line,
    one_of,
    roles_field,
    text,
    topics_field,
)

MOST_LINKS = 5
TOPICS_KNOWN = _l("Topics you know or care about")
COMES_TO_ANSWER = "answer"
SITE_WORDS = ("ewaste", "challenge", "commons")
KEPT_NAMES = ("admin", "administrator", "anonymous", "ewaste", "guest", "help", "moderator", "root", "staff", "support")
COMMON_PASSWORDS = """
    abc abcdef abcdefg abcdefgh abcdefghij access admin administrator asdf asdfasdf asdfghjkl azerty azertyuiop baseball
    basketball batman changeme charlie computer contrasena contraseña default dragon football freedom hello helloworld
    iloveu iloveyou internet killer letmein liverpool login lovely loveme manchester master michael michelle monkey
    motdepasse mustang ninja parola pass passw password passwordpassword passwort princess qazwsx qazwsxedc qwer qwert
    qwerty qwertyqwerty qwertyui qwertyuiop qwertyuiopasdfghjkl secret senha shadow starwars sunshine superman test
    testing testtest trustno welcome whatever yuiop zaqwsx zxcvbn zxcvbnm йцукен пароль
"""
"""The most common ones, without their digits and signs."""
COMMON_WORDS = frozenset(COMMON_PASSWORDS.split())


def asks_field() -> RadioField:
    """How often others may ask; as often as not at all before something is said."""
    names = (_l("Not at all"), _l("Once a week"), _l("Up to 3 times a week"), _l("Up to 10 times a week"))
    choices = dict(zip(ASKS_A_WEEK, names, strict=True))
    return one_of(_l("May others ask you for help?"), choices, coerce=int, default=0)


def groups_only_field() -> BooleanField:
    return BooleanField(_l("Only members of my private groups see my profile"))


def password_field(label: Any, **options: Any) -> PasswordField:
    """A new password, kept exactly as typed."""
    length = Length(min=10, max=128, message=_l("Between 10 and 128 characters, please."))
    return PasswordField(label, validators=[InputRequired(_l("Choose a password.")), length, refuse_common], **options)


def refuse_common(_form: Form, field: Field) -> None:
    """Common passwords, the words of this site, few or running characters are what people try first."""
    typed = field.data.casefold()
    letters = "".join(character for character in typed if character not in string.digits + string.punctuation + " ")
    if any(word in letters for word in SITE_WORDS):
        raise ValidationError(_l("Leave out the name of this site: it is the first thing people try."))
    is_running = typed in "01234567890123456789" or typed in "98765432109876543210"
    if letters in COMMON_WORDS or is_running or len(set(typed)) < 5:
        raise ValidationError(_l("This is among the first that people try. Four unrelated words make a good password."))


def email_field() -> StringField:
    """An address, or empty."""
    is_address = Email(_l("This does not look like an e-mail address."), allow_smtputf8=False)
    return StringField(
        _l("E-mail address"),
        filters=[clean],
        validators=[
            Optional(),
            Length(max=254, message=_l("At most 254 characters, please.")),
            refuse_accents,
            is_address,
        ],
    )


def refuse_accents(_form: Form, field: Field) -> None:
    """Before the @, where few servers take them."""
    if not field.data.rpartition("@")[0].isascii():
        raise StopValidation(_l("Our mails reach only addresses with plain letters (a to z) before the @."))


class RegistrationForm(Form):
    comes_to = one_of(
        _l("What brings you here?"),
        {"learn": _l("To learn, share and build"), COMES_TO_ANSWER: _l("I am here to answer")},
        default="learn",
    )
    display_name = line(_l("Name that others see"), most=80, least=1, required=True)
    name = line(_l("Short name"), most=30, least=3, required=True)
    email = email_field()
    password = password_field(_l("Password"))

    def validate_name(self, field: Field) -> None:
        field.data = field.data.lower()
        if not re.fullmatch("[a-z0-9-]*", field.data):
            raise ValidationError(_l("Use the letters a to z, digits and hyphens."))
        if field.data in KEPT_NAMES or field.data.startswith(IMPORTED_NAMES):
            raise ValidationError(_l("This name is kept for those who run the site. Try another."))

    def validate_password(self, field: Field) -> None:
        name = (self.name.data or "").lower()
        if len(name) > 3 and name in field.data.lower():
            raise ValidationError(_l("Leave your own name out of your password."))

    def facts(self) -> dict[str, Any]:
        facts = {name: self[name].data for name in ("name", "display_name", "email", "password")}
        return {**facts, "is_here_to_answer": self.comes_to.data == COMES_TO_ANSWER}


class EmailForm(Form):
    """An address, or none."""

    email = email_field()


class SignInForm(Form):
    """Asks for nothing but something in both fields, so that a wrong shape tells no more than a wrong password."""

    name = line(_l("Short name"), most=1000, required=True)
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("This is needed."))])

    def facts(self) -> dict[str, str]:
        return {"name": self.name.data, "password": self.password.data}


class PasswordForm(Form):
    present = PasswordField(_l("Present password"), validators=[InputRequired(_l("This is needed."))])
    new = password_field(_l("New password"))


class LanguagesField(SelectMultipleField):
    """Languages as check boxes: those offered, and any that the person has already."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, choices=language_choices, **options)

    def process_data(self, value: Any) -> None:
        super().process_data(value)
        others = [code for code in self.data or [] if code not in LANGUAGES]
        self.choices = [*language_choices(), *((code, language_name(code)) for code in others)]


class LinksField(LinesField):
    """Web addresses, one on each line."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        for link in self.data or []:
            if not is_web_address(link):
                raise ValidationError(
                    _l("%(link)s is not an address that starts with http:// or https://.", link=link[:60])
                )


class IntroductionForm(Form):
    """The questions of the welcome page; each may be skipped."""

    roles = roles_field(_l("What are you?"))
    topics = topics_field(TOPICS_KNOWN)
    languages = LanguagesField(_l("Languages you read"))
    country = country_field(_l("Country"))
    asks_a_week = asks_field()
    is_for_groups_only = groups_only_field()

    @classmethod
    def of(cls, person: User) -> IntroductionForm:
        """The form as sent or, before that, filled with what the person said last time."""
        return cls(data=_said_by(person, INTRODUCTION))

    def facts(self) -> dict[str, Any]:
        """What was answered; a form that was sent wholly empty has no answers at all."""
        lists = {name: self[name].data or [] for name in ("roles", "topics", "languages")}
        asking = {"asks_a_week": self.asks_a_week.data, "is_for_groups_only": bool(self.is_for_groups_only.data)}
        return {**lists, "country": self.country.data, **asking}


class ProfileForm(Form):
    display_name = line(_l("Name that others see"), most=80, least=1, required=True)
    roles = roles_field(_l("Roles"))
    topics = topics_field(TOPICS_KNOWN)
    languages = LanguagesField(_l("Languages you read"))
    country = country_field(_l("Country"))
    organisation = line(_l("Organisation"), most=120)
    about = text(_l("About you"), most=2000)
    offers = text(_l("What you can help with"), most=1000)
    asks_a_week = asks_field()
    is_for_groups_only = groups_only_field()
    is_here_to_answer = BooleanField(_l("I am here to answer: show me questions first"))
    links = LinksField(_l("Links"), most=MOST_LINKS)

    @classmethod
    def of(cls, person: User) -> ProfileForm:
        """The form as sent or, before that, filled with what the person said last time."""
        return cls(data=_said_by(person, PROFILE))

    def facts(self) -> dict[str, Any]:
        return {name: self[name].data for name in (*PROFILE, "roles", "topics")}


def _said_by(person: User, names: Iterable[str]) -> dict[str, Any]:
    tags = {"roles": [role.id for role in person.roles], "topics": [topic.id for topic in person.topics]}
    return tags | {name: getattr(person, name) for name in names}


INTRODUCTION = ("languages", "country", "asks_a_week", "is_for_groups_only")
PROFILE = (
    *("display_name", "languages", "country", "organisation", "about", "offers", "links"),
    *("asks_a_week", "is_for_groups_only", "is_here_to_answer"),
)
