"""Busy clients: wrk for pages, where it is installed; threads of our own for forms, and for pages where it is not."""

from __future__ import annotations

import random
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import urlencode

CONNECTIONS = 8
NO_COOKIES: Mapping[str, str] = {}
SCRIPT = """
local paths = {%s}
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
"""
Client = Callable[[], None]
"""Sends one request. Raises RuntimeError when it is refused."""


def in_turns(rounds: int, rate_of: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Requests a second of each application, round by round, one after the other, so that drift falls on all."""
    rates: dict[str, list[float]] = {kind: [] for kind in rate_of}
    for _ in range(rounds):
        for kind, measure in rate_of.items():
            rates[kind].append(measure())
    return rates


def median_ratio(rates: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios within each round."""
    return statistics.median(one / other for one, other in zip(rates, others, strict=True))


def has_wrk() -> bool:
    return shutil.which("wrk") is not None


def page_rate(port: int, paths: Sequence[str], seconds: float, cookies: Mapping[str, str] = NO_COOKIES) -> float:
    """Requests a second over these paths in turn. Raises RuntimeError when one is answered with an error."""
    if not has_wrk():
        return client_rate([Reader(port, paths, at, cookies) for at in range(CONNECTIONS)], seconds)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        start = random.randrange(len(paths))  # a new round begins elsewhere
        script.write(SCRIPT % ", ".join(f'"{path}"' for path in [*paths[start:], *paths[:start]]))
        script.flush()
        address = f"http://127.0.0.1:{port}"
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", script.name, "--timeout", "20s"]
        options += ["-H", f"Cookie: {cookie_header(cookies)}"] if cookies else []
        told = subprocess.run(["wrk", *options, address], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(f"not every page was served:\n{told}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    return float(found[1]) if found else 0.0


def client_rate(clients: Sequence[Client], seconds: float) -> float:
    """Requests a second of all clients together, each in a thread of its own."""
    counts = [0] * len(clients)
    faults: list[Exception] = []
    end = time.monotonic() + seconds

    def work(at: int) -> None:
        try:
            while time.monotonic() < end:
                clients[at]()
                counts[at] += 1
        except Exception as fault:
            faults.append(fault)

    started = time.monotonic()
    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return sum(counts) / (time.monotonic() - started)


def cookie_header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


class Browser:
    """One kept connection, with cookies."""

    def __init__(self, port: int, cookies: Mapping[str, str] = NO_COOKIES) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = dict(cookies)

    def get(self, path: str) -> str:
        return self._send("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> str:
        return self._send("POST", path, urlencode(fields))

    def _send(self, method: str, path: str, body: str | None) -> str:
        headers = {"Cookie": cookie_header(self.cookies)}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        except (BrokenPipeError, ConnectionResetError, RemoteDisconnected):  # closed by the server while it was idle
            self._connection.close()
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        if answer.status != (303 if method == "POST" else 200):
            raise RuntimeError(f"{method} {path} was answered with {answer.status}")
        return page


class Reader(Browser):
    """Reads the paths in turn, from its own place among them."""

    def __init__(self, port: int, paths: Sequence[str], at: int, cookies: Mapping[str, str]) -> None:
        super().__init__(port, cookies)
        self._paths, self._at = paths, at * len(paths) // CONNECTIONS

    def __call__(self) -> None:
        self.get(self._paths[self._at % len(self._paths)])
        self._at += 1


class HiddenFields(HTMLParser):
    """The hidden fields of the form with this action."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._action, self._is_inside = action, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("action") == self._action
        if tag == "input" and self._is_inside and given.get("type") == "hidden":
            self.found[given["name"] or ""] = given.get("value") or ""


def hidden_fields(page: str, action: str) -> dict[str, str]:
    reader = HiddenFields(action)
    reader.feed(page)
    return reader.found
