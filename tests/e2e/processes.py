"""Starts the real processes that the end-to-end tests are about, on ports of their own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get("APITOOLKIT_BINARY", ROOT / "build" / "release" / "apitoolkit"))
KEY = "e2e-key-0123456789abcdef0123456789abcdef"
PASSWORD = "e2e correct horse battery staple"
PROJECT = "11111111-2222-4333-8444-555555555555"

T = TypeVar("T")


def eventually(read: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """The first value of `read` that is not None or empty; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = read()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.05)


@contextlib.contextmanager
def held_port() -> Iterator[int]:
    """A port that refuses connections and that nobody else is given, until a server that sets
    SO_REUSEADDR, as ours do, listens on it; it is kept for that server while it is down."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


@contextlib.contextmanager
def killed_after(process: subprocess.Popen[Any], seconds: float) -> Iterator[None]:
    """Ends a process that is silent for too long, so that a read of its output ends, too."""
    watchdog = threading.Timer(seconds, process.kill)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()
        watchdog.join()


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


def call(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = 30,
) -> Answer:
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return Answer(response.status, response.headers.items(), response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, list(error.headers.items()), error.read())


@dataclass
class Server:
    """`apitoolkit serve`, as a process."""

    data: Path
    log: Path
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    stdout: list[str] = field(default_factory=list)
    _reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        environment = {
            **os.environ,
            "APITOOLKIT_BOOTSTRAP_KEY": KEY,
            "APITOOLKIT_BOOTSTRAP_PASSWORD": PASSWORD,
            "APITOOLKIT_BOOTSTRAP_PROJECT": PROJECT,
            **self.environment,
        }
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [
                    str(BINARY),
                    "serve",
                    "--data",
                    str(self.data),
                    "--listen",
                    f"127.0.0.1:{self.port}",
                    # The golden vectors are of 2024, and every start prunes what is too old.
                    "--retention-days",
                    "3650",
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        assert self.process.stdout is not None
        with killed_after(self.process, 60):
            for line in self.process.stdout:
                self.stdout.append(line)
                found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
                if found:
                    self.port = int(found.group(1))
                    self._reader = threading.Thread(target=self._drain, daemon=True)
                    self._reader.start()
                    return self
        self._ended()
        raise AssertionError(f"the server did not start: {self.log.read_text()}")

    def _drain(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        self.stdout.extend(self.process.stdout)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self) -> int:
        assert self.process is not None and self.process.stdout is not None
        status = self.process.wait(timeout=30)
        if self._reader is not None:
            self._reader.join()
            self._reader = None
        self.process.stdout.close()
        return status

    def get(self, path: str, key: str | None = KEY) -> Answer:
        return call(self.url + path, headers={"Authorization": f"Bearer {key}"} if key else {})

    def wait_for(self, count: int, seconds: float = 30) -> None:
        """Until at least so many exchanges are stored."""
        eventually(lambda: len(self.exchanges()) >= count, f"{count} exchanges", seconds)

    def exchanges(self, **filters: str | int) -> list[dict[str, Any]]:
        """Every exchange that fits, all pages, newest first."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            query: dict[str, str | int] = {**filters, **({"cursor": cursor} if cursor else {})}
            answer = self.get("/api/v1/exchanges?" + urllib.parse.urlencode(query))
            assert answer.status == 200, answer.body
            page = answer.json()
            found += page["data"]
            cursor = page["next_cursor"]
            if not cursor:
                return found


# Says when a worker has loaded the application: until then it would not stop in good order.
# Its control socket would be in the home directory, the same one for every gunicorn.
GUNICORN_SETTINGS = """
control_socket_disable = True

def post_worker_init(worker):
    worker.log.info("Worker is ready: %s", worker.pid)
"""


@contextlib.contextmanager
def gunicorn(
    app: str,
    folder: Path,
    log: Path,
    environment: dict[str, str],
    arguments: tuple[str, ...] = (),
    workers: int = 2,
    *,
    kills_workers: bool = False,
) -> Iterator[str]:
    """The application `module:app` in `folder` under gunicorn; yields its base URL.

    Fails if gunicorn does not end in good order, or if a worker crashed meanwhile, unless the test
    `kills_workers` itself.
    """
    settings = log.with_suffix(".gunicorn.py")
    settings.write_text(GUNICORN_SETTINGS)
    with log.open("a") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--config", str(settings)),
                *("--bind", "127.0.0.1:0", "--chdir", str(folder)),
                *("--workers", str(workers), "--graceful-timeout", "40", *arguments, app),
            ],
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
        )

    def address() -> str | None:
        said = log.read_text()
        assert process.poll() is None, f"gunicorn ended: {said}"
        found = re.search(r"Listening at: (http://127\.0\.0\.1:\d+) ", said)
        is_up = found is not None and said.count("Worker is ready:") >= workers
        return found.group(1) if found is not None and is_up else None

    try:
        yield eventually(address, "gunicorn's workers", 60)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
    said = log.read_text()
    assert_no_worker_crashed(status, said.replace("SIGKILL", "") if kills_workers else said)


def assert_no_worker_crashed(status: int, said: str) -> None:
    """By what gunicorn says; SIGTERM is how it ends its workers itself."""
    assert status == 0, said
    ended = re.findall(r"was sent SIG(?!TERM\b)\w+|exited with code (?!0\b)\S+", said)
    assert ended == [], said
