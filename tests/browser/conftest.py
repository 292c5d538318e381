"""A real browser before a real server: Debian's Chromium, the demo community, the worker beside it.

Errors and warnings on a page's console, script errors, missing parts of a page and breaches of the content security
policy fail the test that met them.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, make_response
from flask import session as cookie
from flask_migrate import upgrade
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, WebError, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from app import ROOT, create_app
from app.accounts.commands import open_session
from app.accounts.models import User
from app.course.commands import load_catalogue
from app.database import db
from app.demo.commands import load_demo_community
from app.forum.commands import delete_post
from app.groups.commands import open_challenge_group
from app.ideas.models import Idea
from app.jobs.commands import run_all_jobs, work_waits
from app.jobs.worker import work
from app.matching.commands import refresh_statistics
from app.settings import Settings
from tests.browser.world import World, build_world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HERE = Path(__file__).parent
WORLD = "world.json"
TELL_BREACHES = """
document.addEventListener("securitypolicyviolation", (breach) =>
  console.error(`content security policy: ${breach.violatedDirective} ${breach.blockedURI}`));
"""
PageFor = Callable[..., Page]
expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM:
        return
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a community of its own, served on a free port of this machine; its worker runs."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(_prepared_community(tmp_path_factory), folder, dirs_exist_ok=True)
    app = _application(folder)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["ADDRESS"] = f"http://127.0.0.1:{server.server_port}"
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=work, args=(app,), kwargs={"stop": stop}, daemon=True),
    ]
    for thread in threads:
        thread.start()
    yield app
    stop.set()
    work_waits.set()
    server.shutdown()
    for thread in threads:
        thread.join()


@pytest.fixture(scope="session")
def world(site: Flask) -> World:
    """What the page states show beside the demo community."""
    return World(**json.loads((site.config["COMMONS"].instance_dir / WORLD).read_text("utf-8")))


@pytest.fixture(autouse=True)
def app_context(site: Flask) -> Iterator[None]:
    """For the test's own reads and factories."""
    with site.app_context():
        yield
        db.session.rollback()


@pytest.fixture(autouse=True)
def published_ideas_go(world: World, app_context: None) -> Iterator[None]:
    """Beside a later test's text, of two ideas with one title now the one and now the other would be shown."""
    before = set(db.session.scalars(select(Idea.id)))
    yield
    db.session.rollback()
    published = db.session.scalars(select(Idea).where(Idea.id.not_in(before), Idea.deleted_at.is_(None))).all()
    for idea in published:
        delete_post(idea, by=idea.author)
    if published:
        run_all_jobs()


@pytest.fixture(scope="session")
def base_url(site: Flask) -> str:
    return str(site.config["ADDRESS"])


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": CHROMIUM, "args": arguments}


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What browsers had to complain about during the test."""
    complaints: list[str] = []
    yield complaints
    assert complaints == []


@pytest.fixture
def page_for(site: Flask, base_url: str, new_context: Callable[..., BrowserContext], complaints: list[str]) -> PageFor:
    """A browser of one's own: a guest's, or that of the person with an id. Further arguments are Playwright's."""

    def open_browser(person_id: int | None = None, **options: Any) -> Page:
        context = new_context(**{"reduced_motion": "reduce", "viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(10_000)
        context.add_init_script(TELL_BREACHES)
        context.on("console", lambda message: _note(message, complaints))
        context.on("response", lambda answer: _note_answer(answer, complaints))
        context.on("weberror", lambda error: _note_error(error, complaints))
        if person_id is not None:
            context.add_cookies([{"name": "commons", "value": _session_cookie(site, person_id), "url": base_url}])
        return context.new_page()

    return open_browser


@pytest.fixture
def page(page_for: PageFor) -> Page:
    """A guest's browser."""
    return page_for()


def _prepared_community(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with catalogue, demo community, world and vectors: made once, however many test."""
    run = tmp_path_factory.getbasetemp()
    run = run.parent if run.name.startswith("popen-") else run
    folder = run / "prepared-community"
    with (run / "prepared-community.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = run / "unfinished-community"
            with _application(unfinished).app_context():
                upgrade(directory=str(ROOT / "migrations"))
                open_challenge_group()
                load_catalogue()
                load_demo_community()
                run_all_jobs()
                refresh_statistics()  # of the community alone, whichever job of a test comes first
                world = build_world()
                run_all_jobs()
                (unfinished / WORLD).write_text(json.dumps(asdict(world)), "utf-8")
                db.session.remove()
                db.engine.dispose()
            unfinished.rename(folder)
    return folder


def _application(folder: Path) -> Flask:
    return create_app(
        Settings(
            instance_dir=folder,
            encoders="basic",
            rate_limits=False,
            worker="off",
            sqlite_synchronous="NORMAL",
            locales=("en", "ar"),
        )
    )


def _session_cookie(site: Flask, person_id: int) -> str:
    with site.test_request_context():
        open_session(db.session.get_one(User, person_id))
        response = make_response("")
        site.session_interface.save_session(site, cookie._get_current_object(), response)  # type: ignore[attr-defined]
    return response.headers["Set-Cookie"].partition("=")[2].partition(";")[0]


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
        complaints.append(f"{message.type}: {message.text}")


def _note_answer(answer: Response, complaints: list[str]) -> None:
    """A page may be refused, as may a form that a script sent; whatever a page is made of must be there."""
    is_page = answer.request.is_navigation_request() or answer.status == 422
    if answer.status >= 500 or (answer.status >= 400 and not is_page):
        complaints.append(f"{answer.status}: {answer.url}")


def _note_error(error: WebError, complaints: list[str]) -> None:
    complaints.append(f"script: {error.error}")
