"""The command line: it starts the Commons, stops it, and refuses wrong settings in one line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from urllib.request import urlopen

import pytest

from app import ROOT
from app.settings import Settings

COMMONS = [sys.executable, "-m", "app.cli"]
WITHOUT_OUR_SETTINGS = {
    name: value for name, value in os.environ.items() if name.lower() not in {each.name for each in fields(Settings)}
}


def commons(*words: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**WITHOUT_OUR_SETTINGS, "INSTANCE_DIR": str(folder), **settings}
    return subprocess.run([*COMMONS, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A server that has said that it is ready."""
    settings = {"INSTANCE_DIR": str(folder), "PORT": str(port), "ENCODERS": "basic"}
    server = subprocess.Popen(
        [*COMMONS, "run"],
        cwd=ROOT,
        env=WITHOUT_OUR_SETTINGS | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield server
    finally:
        if server.poll() is None:
            server.kill()
        server.communicate()


def said_until_ready(server: subprocess.Popen[str]) -> list[str]:
    lines: list[str] = []
    assert server.stdout is not None
    for line in server.stdout:
        lines.append(line.strip())
        if line.startswith("Ready: "):
            return lines
    raise AssertionError("\n".join(lines))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.long
def test_one_command_prepares_everything_and_serves_and_the_next_time_only_serves(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, port) as server:
        lines = said_until_ready(server)
        assert lines[-1] == f"Ready: http://127.0.0.1:{port}"
        assert any(line.startswith("Course catalogue loaded: 5 modules") for line in lines)
        assert any(line.startswith("Demo community loaded: ") for line in lines)
        with urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            assert json.load(answer)["ready"] is True
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=40) == 0
    with serving(tmp_path, port) as server:
        assert said_until_ready(server) == [f"Ready: http://127.0.0.1:{port}"]
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=40) == 0


def test_the_settings_table_names_every_setting(tmp_path: Path) -> None:
    table = commons("settings", folder=tmp_path).stdout
    for each in fields(Settings):
        assert f"| `{each.name.upper()}` |" in table


def test_check_says_what_the_settings_amount_to(tmp_path: Path) -> None:
    said = commons("check", folder=tmp_path, PORT="8123").stdout
    assert said == "development: http://127.0.0.1:8123, sqlite\n"


def test_every_room_offers_its_commands(tmp_path: Path) -> None:
    helped = commons("--help", folder=tmp_path).stdout
    for name in (
        "check",
        "groups",
        "import",
        "matching",
        "migrate",
        "people",
        "prepare",
        "run",
        "seed",
        "settings",
        "worker",
    ):
        assert f"\n  {name} " in helped


def test_make_lists_its_targets() -> None:
    listed = subprocess.run(["make", "--silent"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("help", "install", "run", "test", "lint", "bench", "lock"):
        assert f"make {target} " in listed
