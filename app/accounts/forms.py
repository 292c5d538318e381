"""What people say of themselves, and the secrets they choose."""

from __future__ import annotations

import re
import string
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, PasswordField, SelectMultipleField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, ValidationError

from app.accounts.models import IMPORTED_NAMES, User
from app.accounts.queries import Narrowing
from app.codes import COUNTRIES, LANGUAGES, language_choices, language_name
from app.forms import Form, clean, country_field, line, roles_field, text, topics_field

MOST_LINKS = 5
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


class RegistrationForm(Form):
    display_name = line(_l("Name that others see"), most=80, least=1, required=True)
    name = line(_l("Short name"), most=30, least=3, required=True)
    email = line(_l("E-mail address"), most=254)
    password = password_field(_l("Password"))

    def validate_name(self, field: Field) -> None:
        field.data = field.data.lower()
        if not re.fullmatch("[a-z0-9-]*", field.data):
            raise ValidationError(_l("Use the letters a to z, digits and hyphens."))
        if field.data in KEPT_NAMES or field.data.startswith(IMPORTED_NAMES):
            raise ValidationError(_l("This name is kept for those who run the site. Try another."))

    def validate_email(self, field: Field) -> None:
        if field.data:
            Email(_l("This does not look like an e-mail address."))(self, field)

    def validate_password(self, field: Field) -> None:
        name = (self.name.data or "").lower()
        if len(name) > 3 and name in field.data.lower():
            raise ValidationError(_l("Leave your own name out of your password."))

    def facts(self) -> dict[str, Any]:
        return {name: self[name].data for name in ("name", "display_name", "email", "password")}


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


class LinksField(TextAreaField):
    """Web addresses, one on each line."""

    def _value(self) -> str:
        return "\n".join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = [line for line in map(str.strip, clean(valuelist[0]).split("\n")) if line]

    def pre_validate(self, _form: Any) -> None:
        if len(self.data or []) > MOST_LINKS:
            raise ValidationError(_l("At most %(most)d links, please.", most=MOST_LINKS))
        for link in self.data or []:
            if not is_web_address(link):
                raise ValidationError(
                    _l("%(link)s is not an address that starts with http:// or https://.", link=link[:60])
                )


def is_web_address(link: str) -> bool:
    """Whether a link is safe to show: http or https, with a host, no user name, no spaces."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    is_clear = len(link) <= 300 and not re.search(r"[\s\\<>\"]", link) and "@" not in parts.netloc
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_clear


class IntroductionForm(Form):
    """The three questions of the welcome page; each may be skipped."""

    roles = roles_field(_l("What are you?"))
    topics = topics_field(_l("What would you like to read about?"))
    languages = LanguagesField(_l("Languages you read"))
    country = country_field(_l("Country"))
    may_be_asked = BooleanField(_l("Others may ask me for help"))

    def facts(self) -> dict[str, Any]:
        """What was answered; a form that was sent wholly empty has no answers at all."""
        lists = {name: self[name].data or [] for name in ("roles", "topics", "languages")}
        return {**lists, "country": self.country.data, "may_be_asked": bool(self.may_be_asked.data)}


class ProfileForm(Form):
    display_name = line(_l("Name that others see"), most=80, least=1, required=True)
    roles = roles_field(_l("Roles"))
    topics = topics_field(_l("Topics you know or care about"))
    languages = LanguagesField(_l("Languages you read"))
    country = country_field(_l("Country"))
    organisation = line(_l("Organisation"), most=120)
    about = text(_l("About you"), most=2000)
    offers = text(_l("What you can help with"), most=1000)
    may_be_asked = BooleanField(_l("Others may ask me for help"))
    links = LinksField(_l("Links"))

    @classmethod
    def of(cls, person: User) -> ProfileForm:
        """The form as sent or, before that, filled with what the person said last time."""
        facts = {name: getattr(person, name) for name in PROFILE}
        tags = {"roles": [role.id for role in person.roles], "topics": [topic.id for topic in person.topics]}
        return cls(data=facts | tags)

    def facts(self) -> dict[str, Any]:
        return {name: self[name].data for name in (*PROFILE, "roles", "topics")}


PROFILE = ("display_name", "languages", "country", "organisation", "about", "offers", "may_be_asked", "links")


def narrowing_in(arguments: MultiDict[str, str]) -> Narrowing:
    """What an address asks of the directory; what it cannot mean is left out."""
    country, language = arguments.get("country", ""), arguments.get("language", "")
    return Narrowing(
        roles=_values(arguments, "role"),
        topics=_values(arguments, "topic"),
        country=country if country in COUNTRIES else "",
        language=language if re.fullmatch("[a-z]{2,3}", language) else "",
    )


def _values(arguments: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(sorted({value for value in arguments.getlist(name) if re.fullmatch("[a-z0-9_-]{1,60}", value)}))
