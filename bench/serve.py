"""`python -m bench.serve commons|plain|hello`: one of the compared applications, all under the Commons' server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from app import create_app
from app.server import Server
from app.settings import Settings
from bench.plain import hello_app, plain_app

BUILDERS = {"commons": create_app, "plain": plain_app, "hello": hello_app}
FIRST_PORT = int(os.environ.get("BENCH_PORT") or 8120)
START_SECONDS = 60


class MeasuredServer(Server):
    """Its processes live as long as the measurement, and load the encoder before the first request."""

    def load_config(self) -> None:
        super().load_config()
        self.cfg.set("max_requests", 0)
        self.cfg.set("post_worker_init", warm)


def warm(process: Any) -> None:
    app = process.app.app
    if "encoding" in app.extensions:
        app.extensions["encoding"].warm()


@contextmanager
def serving(instance: Path, kinds: tuple[str, ...]) -> Iterator[Mapping[str, int]]:
    """All of these applications at once, each on its own port; yields the ports. They end with the block."""
    ports = {kind: FIRST_PORT + at for at, kind in enumerate(kinds)}
    servers = [start(kind, instance, port) for kind, port in ports.items()]
    try:
        for port, server in zip(ports.values(), servers, strict=True):
            wait_for(port, server)
        yield ports
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(30)


def start(kind: str, instance: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "INSTANCE_DIR": str(instance),
        "PORT": str(port),
        "WORKER": "off",
        "RATE_LIMITS": "off",
        "WEB_PROCESSES": "2",
    }
    return subprocess.Popen([sys.executable, "-m", "bench.serve", kind], env=environment, stderr=subprocess.DEVNULL)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Raises RuntimeError when the server does not answer."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            answer_from(port)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server on port {port} did not start")


def answer_from(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()


def main() -> None:
    settings = Settings.from_env()
    MeasuredServer(BUILDERS[sys.argv[1]](settings)).run()


if __name__ == "__main__":
    main()
