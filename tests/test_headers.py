"""Every answer carries its security headers, and every refusal is a page that helps."""

from __future__ import annotations

import base64
import re

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import TimeoutError as NoConnection
from structlog.testing import capture_logs

from app import create_app
from app.accounts.commands import register
from app.database import db
from app.settings import Settings
from tests.factories import make_person

SECRET = "a secret key of more than thirty-two characters"
PASSWORD = "copper kettle maple river"
ANSWERS = [
    ("GET", "/sign-in", 200),
    ("GET", "/people", 200),
    ("GET", "/healthz", 200),
    ("GET", "/static/favicon.svg", 200),
    ("GET", "/me", 303),
    ("GET", "/.well-known/change-password", 302),
    ("GET", "/u/AMA", 301),
    ("POST", "/sign-in", 422),
    ("POST", "/theme", 400),
    ("GET", "/people?q=%00", 400),
    ("GET", "/nothing", 404),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/sign-out", 405),
    ("HEAD", "/nothing", 404),
    ("OPTIONS", "/sign-in", 200),
    ("GET", "/" + "x" * 5000, 414),
    ("GET", "/version", 500),
]


@pytest.fixture
def faulty(app, monkeypatch):
    """The application as in production, with a page that breaks."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "status.show_version", break_down)
    make_person(name="ama")
    return app


def break_down():
    raise ValueError("a secret detail")


def nonce_of(answer) -> str:
    return re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_headers(faulty, client, method, path, status):
    answer = client.open(path, method=method)
    headers = answer.headers
    assert answer.status_code == status
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "style-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert "X-Powered-By" not in headers


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_the_nonce_is_long_and_new_each_time(faulty, client, method, path, status):
    nonces = {nonce_of(client.open(path, method=method)) for _ in range(5)}
    assert len(nonces) == 5
    assert all(len(base64.urlsafe_b64decode(nonce + "==")) >= 16 for nonce in nonces)


def test_the_page_uses_the_nonce_of_its_header(client):
    answer = client.get("/sign-in")
    assert f'"inlineScriptNonce":"{nonce_of(answer)}"' in answer.text


def test_no_page_holds_inline_scripts_or_styles(faulty, client, client_for):
    browser = client_for(make_person())
    pages = [
        client.get(path).text for path in ("/", "/sign-in", "/register", "/people", "/u/ama", "/nothing", "/version")
    ]
    pages += [browser.get(path).text for path in ("/", "/me", "/me/sessions", "/me/password", "/welcome")]
    for page in pages:
        assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page) == []


@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
def test_an_unchanged_file_is_not_sent_again(client, header):
    first = client.get("/static/favicon.svg")
    known = first.headers["ETag" if header == "If-None-Match" else "Last-Modified"]
    second = client.get("/static/favicon.svg", headers={header: known})
    assert (second.status_code, second.data) == (304, b"")
    assert "default-src 'none'" in second.headers["Content-Security-Policy"]
    assert nonce_of(second) != nonce_of(first)


def test_files_may_be_kept_and_pages_may_not(client, client_for):
    browser = client_for(make_person())
    assert "max-age=3600" in browser.get("/static/favicon.svg").headers["Cache-Control"]
    assert client.get("/people").headers["Cache-Control"] == "private, no-cache"
    for path in ("/people", "/me", "/nothing", "/static/nothing.css", "/sign-in"):
        assert browser.get(path).headers["Cache-Control"] == "no-store", path


def test_the_answer_to_a_sign_in_is_not_kept(client, app):
    register(name="ama", display_name="Ama", email=None, password=PASSWORD)
    answer = client.post("/sign-in", data={"name": "ama", "password": PASSWORD})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/people", "/nothing", "/me", "/static/nothing.css"])
def test_caches_are_told_what_a_page_depends_on(client, path):
    assert {"HX-Request", "HX-Target", "Cookie"} <= set(client.get(path).vary)


@pytest.mark.parametrize(
    ("path", "allowed"), [("/sign-out", {"POST"}), ("/theme", {"POST"}), ("/healthz", {"GET", "HEAD"})]
)
def test_a_method_that_is_not_possible_names_those_that_are(client, path, allowed):
    answer = client.delete(path)
    assert answer.status_code == 405
    assert allowed <= set(answer.allow)


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/nothing", 404, "Page not found"),
        ("/people?q=%00", 400, "This request could not be read"),
        ("/sign-out", 405, "Not possible here"),
        ("/version", 500, "Something broke on our side"),
    ],
)
def test_an_error_page_says_what_happened_and_where_to_go(faulty, client, path, status, title):
    answer = client.get(path)
    assert answer.status_code == status
    assert f"<title>{title} · E-waste Challenge Commons</title>" in answer.text
    assert answer.text.count("<h1") == 1
    assert f"<h1>{title}</h1>" in answer.text
    assert 'id="error-search"' in answer.text
    assert '<a href="/ideas">All ideas</a>' in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "oops" not in answer.text.lower()
    assert 'aria-label="Breadcrumbs"' not in answer.text


def test_a_fault_shows_its_number_and_nothing_else(faulty, client):
    with capture_logs() as lines:
        answer = client.get("/version")
    number = re.search(r"<code>([0-9a-f]{12})</code>", answer.text)[1]
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert [line["request_id"] for line in lines] == [number]


def test_a_refusal_has_no_number_to_quote(client):
    assert "<code>" not in client.get("/nothing").text


def test_htmx_gets_the_message_of_an_error_alone(faulty, client):
    answer = client.fragment("/nothing", "browse")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert answer.text.startswith("If you typed the address")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_boosted_link_gets_the_whole_error_page(client):
    assert "<h1>" in client.get("/nothing", headers={"HX-Request": "true", "HX-Boosted": "true"}).text


# In production


@pytest.fixture
def production(database_url, tmp_path) -> Flask:
    """The application as it runs behind https, on the same database."""
    settings = Settings(
        environment="production",
        database_url=database_url,
        instance_dir=tmp_path,
        secret_key=SECRET,
        base_url="https://commons.example",
        encoders="basic",
        rate_limits=False,
        trusted_hosts=("commons.example",),
    )
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


def test_cookies_in_production_are_sent_over_https_only(app, production):
    register(name="ama", display_name="Ama", email=None, password=PASSWORD)
    visitor = production.test_client()
    answers = [
        visitor.post("/sign-in", base_url="https://commons.example", data={"name": "ama", "password": PASSWORD}),
        visitor.post("/theme", base_url="https://commons.example", data={"theme": "dark"}),
    ]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-commons", "theme"}
    for cookie in cookies:
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie, cookie
        assert "Domain" not in cookie


def test_https_is_demanded_only_where_it_is_used(app, client, production):
    header = "Strict-Transport-Security"
    assert header not in client.get("/healthz").headers
    answer = production.test_client().get("/healthz", base_url="https://commons.example")
    assert int(re.search(r"max-age=(\d+)", answer.headers[header])[1]) >= 31536000


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/healthz", "/people?q=%00"])
def test_a_host_that_is_not_ours_is_refused(app, production, path):
    answer = production.test_client().get(path, base_url="https://evil.example")
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


# When the database is locked or away


@pytest.fixture
def impatient(app):
    """The application with a database that waits 50 ms for a lock, not 5 s."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("SQLite alone locks the whole database")

    def shorten(connection, *_):
        connection.execute("PRAGMA busy_timeout=50")

    event.listen(db.engine, "checkout", shorten)
    yield app
    event.remove(db.engine, "checkout", shorten)


def test_a_write_while_the_database_is_locked_is_put_off(impatient, client):
    register(name="ama", display_name="Ama", email=None, password=PASSWORD)
    db.session.remove()
    with db.engine.connect().execution_options(writes=True) as connection:
        connection.exec_driver_sql("SELECT 1")
        answer = client.post("/sign-in", data={"name": "ama", "password": PASSWORD})
        reading = client.get("/people")
        connection.rollback()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "<h1>Back in a moment</h1>" in answer.text
    assert reading.status_code == 200
    assert client.post("/sign-in", data={"name": "ama", "password": PASSWORD}).status_code == 303


@pytest.fixture
def stranded(tmp_path):
    """The application with no database to be found, and the browser of someone who was signed in."""
    app = create_app(
        Settings(
            database_url="sqlite:////nowhere/commons.db", instance_dir=tmp_path, secret_key=SECRET, rate_limits=False
        )
    )
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = "a token", True
    return browser


@pytest.mark.parametrize("path", ["/people", "/u/ama", "/sign-in", "/me", "/"])
def test_pages_are_put_off_while_the_database_is_away(stranded, path):
    answer = stranded.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "<h1>Back in a moment</h1>" in answer.text
    assert "nowhere" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_refusals_that_need_no_database_are_made_without_it(stranded):
    assert stranded.get("/nothing").status_code == 404
    assert stranded.get("/people?q=%00").status_code == 400
    assert stranded.get("/static/favicon.svg").status_code == 200
    assert stranded.get("/healthz").status_code == 200


def test_a_wrong_statement_is_a_fault_and_no_wait(faulty, client, monkeypatch):
    monkeypatch.setitem(
        faulty.view_functions, "status.show_version", lambda: db.session.execute(text("SELECT nothing"))
    )
    assert client.get("/version").status_code == 500


def test_waiting_too_long_for_a_connection_is_no_fault(app, client, monkeypatch):
    def wait_in_vain():
        raise NoConnection("QueuePool limit reached")

    monkeypatch.setitem(app.view_functions, "status.show_version", wait_in_vain)
    assert client.get("/version").status_code == 503


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/ideas/", "/ideas"),
        ("/ideas/?sort=active&page=2", "/ideas?sort=active&page=2"),
        ("/course/modules/1/", "/course/modules/1"),
        ("/u/%C3%A4%3Fb/", "/u/%C3%A4%3Fb"),
    ],
)
def test_a_slash_at_the_end_leads_to_the_address_without(client, asked, canonical):
    answer = client.get(asked)
    assert (answer.status_code, answer.location) == (308, canonical)
    assert client.head(asked).status_code == 308


def test_a_slash_at_the_end_leads_nowhere_else(client):
    for path in ("//evil.example/", "/\\evil.example/", "/%2f%2fevil.example/", "/ideas//evil.example/"):
        answer = client.get(path)
        assert not (answer.location or "/").startswith(("//", "/\\", "http"))
    assert client.get("/").status_code == 200
    assert client.post("/theme/", data={"theme": "dark"}).status_code == 303


def test_a_text_that_is_refused_is_not_lost(client_for):
    text = "Pupils throw phone batteries into the bin, & <two> bins caught fire."
    answer = client_for(make_person()).post("/posts/4711/comments", data={"body": text})
    assert answer.status_code == 404
    assert "Pupils throw phone batteries into the bin, &amp; &lt;two&gt; bins caught fire.</textarea>" in answer.text
    assert "Copy it from here" not in client_for(make_person()).post("/posts/4711/support").text


def test_a_password_is_not_shown_on_a_page_that_refuses_it(app, client_for):
    phrase = "copper kettle maple river and one more word"
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client_for(make_person()).post("/me/password", data={"present": phrase, "new": phrase})
    app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400
    assert "copper" not in answer.text
