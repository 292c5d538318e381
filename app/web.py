"""The way of a request: viewer(), render(), fragments, error pages, security headers. Only this module knows htmx."""

from __future__ import annotations

import re
import secrets
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import quote

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale, get_translations
from flask_babel import gettext as _
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from htmx_flask import Htmx
from jinja2_fragments.flask import render_block
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import BadHost, HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.accounts.models import Guest, Viewer
from app.accounts.queries import person_of_session
from app.database import db, is_unavailable
from app.refusals import Moved, Refusal
from app.settings import Settings

babel = Babel()
csrf = CSRFProtect()
login = LoginManager()
log = structlog.get_logger()
Addition = Callable[[dict[str, Any]], dict[str, Any]]
_additions: dict[str, list[Addition]] = defaultdict(list)

THEMES = ("auto", "light", "dark")
LOCAL_PATH = re.compile(r"/(?!/)(?![^?#]*//)[^\s\\\x00-\x1f\x7f-\x9f]*")
SECRET_FIELDS = ("csrf_token", "password", "present", "new")
WORTH_KEEPING = 12
"""Bytes of a text that nobody would want to write again: four letters of the East say as much as twelve of ours."""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


def init_app(app: Flask, settings: Settings) -> None:
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxy_hops, settings.proxy_hops)  # type: ignore[method-assign]
    Htmx(app)
    babel.init_app(app, locale_selector=choose_locale)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: translations().ugettext(text),
        lambda one, many, number: translations().ungettext(one, many, number),
        newstyle=True,
    )
    csrf.init_app(app)
    login.init_app(app, add_context_processor=False)  # templates have the viewer
    login.anonymous_user = Guest
    login.session_protection = None  # sessions are rows; see accounts
    login.user_loader(person_of_session)
    login.unauthorized_handler(ask_to_sign_in)
    app.context_processor(page_context)
    app.before_request(redirect_without_slash)
    app.after_request(add_headers)
    app.register_error_handler(Refusal, show_refusal)
    app.register_error_handler(CSRFError, show_expired_form)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(DBAPIError, show_database_error)
    app.register_error_handler(NoConnection, show_database_error)
    app.register_error_handler(Exception, show_fault)


def redirect_without_slash() -> ResponseReturnValue | None:
    """A page has one address: with a slash at its end, it leads to the one without."""
    is_read = request.method in ("GET", "HEAD") and request.routing_exception is None
    if not (is_read and request.path.endswith("/") and request.path != "/"):
        return None
    asked = f"?{request.query_string.decode()}" if request.query_string else ""
    return redirect(f"{request.script_root}/{quote(request.path.strip('/'))}{asked}", 308)


def viewer() -> Viewer:
    """Who asks: a person or a guest, never the proxy, which would stay one when assigned to a row."""
    if g.get("is_database_away"):
        return Guest()
    return cast(Viewer, current_user._get_current_object())


def adds_to(*templates: str) -> Callable[[Addition], Addition]:
    """Decorator: a higher domain adds context to pages of lower ones, which do not know of it.

    The function takes the page's context and returns what to add.
    """

    def declare(addition: Addition) -> Addition:
        for template in templates:
            _additions[template].append(addition)
        return addition

    return declare


def render(template: str, **context: Any) -> str:
    """The whole page or, when htmx asks for an element whose id names a block of the template, that block alone."""
    for add in _additions[template]:
        context |= add(context)
    block = _wanted_block(template)
    return render_block(template, block, **context) if block else render_template(template, **context)


def render_part(template: str, **context: Any) -> Markup:
    """A piece that is put into a page, whatever htmx asks for."""
    return Markup(render_template(template, **context))  # noqa: S704  (templates escape)


def wants_fragment() -> bool:
    """Whether htmx asks for a piece of a page, as opposed to a browser asking for a page."""
    return bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]


def see_other(endpoint: str, **values: Any) -> Response:
    """Redirect after a write. `_anchor` names an element of the page."""
    return cast(Response, redirect(url_for(endpoint, **values), 303))


def local_path(wanted: str | None) -> str:
    """The path, if it leads to a page of this site whatever a browser makes of it; the first page otherwise."""
    return wanted if wanted and LOCAL_PATH.fullmatch(wanted) else "/"


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast(str, g.csp_nonce)


def choose_locale() -> str:
    """The address wins, then the cookie, then the browser; only locales that we offer. Without a request, the first."""
    offered = current_app.config["LOCALES"]
    if not has_request_context():
        return cast(str, offered[0])
    for wanted in (request.args.get("lang"), request.cookies.get("lang")):
        if wanted in offered:
            return cast(str, wanted)
    return request.accept_languages.best_match(offered) or cast(str, offered[0])


def choose_theme() -> str:
    theme = request.cookies.get("theme", "")
    return theme if theme in THEMES else "auto"


def translations() -> Any:
    """The catalogue of this request's language, looked up once: a page asks for some hundred strings."""
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations


def page_context() -> dict[str, Any]:
    locale = get_locale()
    return {
        "viewer": viewer(),
        "theme": choose_theme(),
        "csp_nonce": csp_nonce,
        "locale": locale,
        "text_direction": locale.text_direction if locale else "ltr",
    }


def add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY.format(nonce=csp_nonce()))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static" or response.status_code >= 400:
        response.vary.update(["HX-Request", "HX-Target", "Cookie"])
        headers.setdefault("Cache-Control", "no-store" if "_user_id" in session else "private, no-cache")
    return response


def ask_to_sign_in() -> ResponseReturnValue:
    """A page redirects to the sign-in form; htmx is told to go there. A text that was sent is not lost on the way."""
    if request.method == "POST" and _typed_texts():
        if wants_fragment():
            return error_page(401, _("You are signed out. Sign in in a new tab and try again: your text stays here."))
        return error_page(401, _("You are signed out. Copy your text, sign in, open the form again and paste it."))
    address = url_for("accounts.new_session", next=_page_to_return_to())
    if not wants_fragment():
        return redirect(address, 303)
    return Response(status=204, headers={"HX-Redirect": address})


def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    if isinstance(refusal, Moved) and request.method in ("GET", "HEAD"):
        return redirect(refusal.address, 302 if refusal.became_id else 301)
    return error_page(refusal.status, refusal.message, **refusal.facts)


def show_expired_form(_error: CSRFError) -> ResponseReturnValue:
    """What is wrong with a form whose token is not this visitor's: they signed in or out since, or it is not ours."""
    if request.endpoint == "accounts.create_session" and viewer().is_signed_in:
        return redirect(local_path(request.form.get("next")), 303)
    if request.blueprint != "accounts" and not viewer().is_signed_in:
        return ask_to_sign_in()
    message = _(
        "This form was open too long or came from elsewhere. Copy your text, reload the page and send it again."
    )
    return error_page(400, message)


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    message = _explanations().get(error.code, _("The request could not be answered."))
    if error.code == 429 and error.description:
        limit = re.sub(r"per (\d+) (\w+)", _period, error.description)
        message = _("At most %(limit)s; new accounts start lower. %(rest)s", limit=limit, rest=message)
    response = error_page(error.code, message)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _period(found: re.Match[str]) -> str:
    number, unit = found.groups()
    return f"per {unit}" if number == "1" else f"in {number} {unit}s"


def show_database_error(error: DBAPIError | NoConnection) -> ResponseReturnValue:
    if isinstance(error, DBAPIError) and not is_unavailable(error):
        return show_fault(error)
    log.warning("database unavailable", request_id=request_id(), error=str(error).splitlines()[0])
    db.session.rollback()
    message = _("The Commons cannot save or read for the moment. Nothing you sent was kept; go back and try again.")
    response = error_page(503, message)
    response.headers["Retry-After"] = "10"
    return response


def show_fault(error: Exception) -> ResponseReturnValue:
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    log.error("fault", request_id=request_id(), path=request.path, exc_info=error)
    db.session.rollback()
    return error_page(500, _("Something broke on our side. It has been written down."))


def error_page(status: int, message: str, **facts: Any) -> Response:
    """The page for a status; for htmx, and under a strange host name, the message alone. As guests see it if the
    database is away. `facts` are for what other rooms add to it."""
    if wants_fragment() or isinstance(request.routing_exception, BadHost | SecurityError):
        return make_response(message, status, {"Content-Type": "text/plain; charset=utf-8"})
    title = _titles().get(status, _("This did not work"))
    number = request_id() if status >= 500 else None
    context = {
        "code": status,
        "title": title,
        "message": message,
        "request_id": number,
        "typed": _typed_texts(),
    } | facts
    try:
        page = render("errors/error.html", **context)
    except SQLAlchemyError:  # the page's own header asks who is signed in
        g.is_database_away = True
        page = render_template("errors/error.html", **context)
    return make_response(page, status)


def request_id() -> str:
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex[:12]
    return cast(str, g.request_id)


def _typed_texts() -> list[str]:
    """The texts of the form that was sent, so that a refusal loses nothing: pages of members are not stored, and so
    not there to go back to. Chosen words, addresses and codes are plain and have no spaces."""
    written = [text for name, text in form_read().items() if name not in SECRET_FIELDS]
    return [text for text in written if len(text.encode()) >= WORTH_KEEPING and (" " in text or not text.isascii())]


def form_read() -> Mapping[str, str]:
    """The form that was sent, if this request read it before, as what is refused unread stays unread; else empty."""
    return (vars(request).get("form") if has_request_context() else None) or {}


def _page_to_return_to() -> str:
    """The page that was asked for or, when something was to be written, the page it was written on."""
    if request.method in ("GET", "HEAD"):
        return local_path(request.full_path.rstrip("?"))
    return local_path((request.referrer or "/").removeprefix(request.host_url.rstrip("/")))


def _wanted_block(template: str) -> str | None:
    if not wants_fragment() or not request.htmx.target:  # type: ignore[attr-defined]
        return None
    name = str(request.htmx.target).replace("-", "_")  # type: ignore[attr-defined]
    return name if name in current_app.jinja_env.get_template(template).blocks else None


def _titles() -> dict[int, str]:
    return {
        400: _("This request could not be read"),
        401: _("Signed out in the meantime"),
        403: _("Not allowed"),
        404: _("Page not found"),
        405: _("Not possible here"),
        409: _("Changed in the meantime"),
        410: _("Deleted"),
        413: _("Too large"),
        414: _("Too long an address"),
        415: _("Of a kind this site cannot read"),
        429: _("A little slower, please"),
        500: _("Something broke on our side"),
        503: _("Back in a moment"),
    }


def _explanations() -> dict[int, str]:
    return {
        400: _("Some of what was sent could not be read."),
        404: _("If you typed the address, check it. If you followed a link, the page may have moved."),
        405: _("This address does not accept that kind of request."),
        413: _("What was sent is larger than this site accepts."),
        414: _("The address is longer than any page of this site has."),
        415: _("Send it as a form."),
        429: _("Wait a little and try again."),
    }
