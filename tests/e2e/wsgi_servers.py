"""The WSGI servers that applications run under, each as a process on a port of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .processes import GUNICORN_SETTINGS, assert_no_worker_crashed, eventually

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class WSGIServer:
    """How to start it for an application `module:app` in a folder, and how it behaves.

    `address` finds its port in what it says; `ready` is what it says once it takes requests. `stop`
    is what ends it: its main process, or with SIGINT its process group, as Ctrl-C does.
    """

    name: str
    command: Callable[[str, Path, Path], list[str]]
    address: str
    ready: str
    stop: signal.Signals
    stops_with: int = 0  # its exit status then
    # Whether the application is called before the request's body is there as a whole.
    streams_uploads: bool = True
    # Whether a chunked request's body reaches the application.
    takes_chunked: bool = True
    # Whether it answers Expect: 100-continue before it has the body.
    says_continue: bool = True
    # Whether what a view leaves of a small body can be read within a time.
    lets_read_late: bool = True
    # Whether a view is given what came of an upload before its client went away.
    gives_cut_uploads: bool = True
    # The cases in which it hangs up without a word.
    silent_in: frozenset[str] = frozenset()
    # Whether it waits for the client to end the connection: always, or where it has more to read
    # than the view did.
    keeps_open: bool = False
    drains: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass
class Running:
    """A server's process; `stop` ends it in good order and may be called once."""

    server: WSGIServer
    process: subprocess.Popen[bytes]
    log: Path
    port: int = 0
    _stopped: bool = field(default=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until_ready(self) -> None:
        """To be called again after a reload, which may have brought another port."""
        self.port = int(eventually(self._address, f"{self.server} to be ready", 120))

    def _address(self) -> str | None:
        said = self.said()
        assert self.process.poll() is None, f"{self.server} ended: {said}"
        found = re.findall(self.server.address, said)
        return found[-1] if found and self.server.ready in said else None

    def stop(self) -> None:
        """Fails if it does not end in good order, or if a worker crashed meanwhile."""
        self._stopped = True
        if self.server.stop is signal.SIGINT:
            os.killpg(self.process.pid, signal.SIGINT)
        else:
            self.process.send_signal(self.server.stop)
        try:
            status = self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        said = self.said()
        assert status == self.server.stops_with, said
        assert_no_worker_crashed(0, said)
        for word in ("killed by signal", "Segmentation fault", "Fatal Python error", "MERCY"):
            assert word not in said, said

    def kill_unless_stopped(self) -> None:
        if not self._stopped and self.process.poll() is None:
            if self.server.stop is signal.SIGINT:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running(
    server: WSGIServer, app: str, folder: Path, log: Path, environment: dict[str, str]
) -> Iterator[Running]:
    """Starts it; the caller waits until it is ready, so that several can start at once."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            server.command(app, folder, log),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=server.stop is signal.SIGINT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        )
    started = Running(server, process, log)
    try:
        yield started
    finally:
        started.kill_unless_stopped()


def gunicorn(worker_class: str, *arguments: str) -> WSGIServer:
    def command(app: str, folder: Path, log: Path) -> list[str]:
        settings = log.with_suffix(".gunicorn.py")
        settings.write_text(GUNICORN_SETTINGS)
        return [
            *(sys.executable, "-m", "gunicorn", "--config", str(settings)),
            *("--bind", "127.0.0.1:0", "--chdir", str(folder), "--workers", "1"),
            *("--worker-class", worker_class, "--graceful-timeout", "60", *arguments, app),
        ]

    return WSGIServer(
        "-".join(("gunicorn", worker_class, *(a.lstrip("-") for a in arguments if a[0] == "-"))),
        command,
        r"Listening at: http://127\.0\.0\.1:(\d+) ",
        "Worker is ready:",
        signal.SIGTERM,
    )


def uwsgi(
    name: str, *arguments: str, buffers: bool = False, keeps_open: bool = False
) -> WSGIServer:
    def command(app: str, folder: Path, log: Path) -> list[str]:
        return [
            *(str(BIN / "uwsgi"), "--master", "--processes", "1", "--need-app"),
            *("--hook-master-start", "unix_signal:15 gracefully_kill_them_all"),
            *("--home", sys.prefix, "--chdir", str(folder), "--module", app, *arguments),
        ]

    return WSGIServer(
        name,
        command,
        r"bound to TCP address 127\.0\.0\.1:(\d+) ",
        "WSGI app 0 (mountpoint='') ready",
        signal.SIGTERM,
        streams_uploads=not buffers,
        takes_chunked=False,
        says_continue=False,
        lets_read_late=False,
        gives_cut_uploads=False,
        silent_in=frozenset(
            {"propagated-error", *(["client-leaves-uploading"] if buffers else [])}
        ),
        keeps_open=keeps_open,
    )


def _waitress(app: str, folder: Path, log: Path) -> list[str]:
    return [sys.executable, "-m", "waitress", "--listen=127.0.0.1:0", app]


def _flask_run(app: str, folder: Path, log: Path) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", app, "run", "--port", "0", "--no-reload"]


def _flask_run_reloading(app: str, folder: Path, log: Path) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", app, "run", "--port", "0", "--debug"]


GUNICORN_SYNC = gunicorn("sync")
GUNICORN_GTHREAD = gunicorn("gthread", "--threads", "4")
GUNICORN_GEVENT = gunicorn("gevent")
UWSGI = uwsgi("uwsgi", "--http-socket", "127.0.0.1:0")
UWSGI_THREADS = uwsgi(
    "uwsgi-threads-lazy",
    *("--http11-socket", "127.0.0.1:0", "--threads", "2", "--lazy-apps"),
    *("--post-buffering", "65536"),
    buffers=True,
    keeps_open=True,
)
# These two end at once, without Python's own end, on SIGTERM.
WAITRESS = WSGIServer(
    "waitress",
    _waitress,
    r"Serving on http://127\.0\.0\.1:(\d+)",
    "Serving on",
    signal.SIGINT,
    streams_uploads=False,
    silent_in=frozenset({"client-leaves-uploading"}),
)
FLASK_RUN = WSGIServer(
    "flask-run",
    _flask_run,
    r"Running on http://127\.0\.0\.1:(\d+)",
    "Running on",
    signal.SIGINT,
    drains=True,
)
FLASK_RUN_RELOADING = WSGIServer(
    "flask-run-reloading",
    _flask_run_reloading,
    r"Running on http://127\.0\.0\.1:(\d+)",
    "Debugger PIN",
    signal.SIGINT,
)
ALL = (
    GUNICORN_SYNC,
    GUNICORN_GTHREAD,
    GUNICORN_GEVENT,
    UWSGI,
    UWSGI_THREADS,
    WAITRESS,
    FLASK_RUN,
)
