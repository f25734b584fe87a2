"""Servers that end, fork, reload and wait: each request is recorded once, and nobody waits for it.

That every server delivers all of its last requests when it ends is in test_fidelity.py, too, which
ends each of them right after its last case.
"""

from __future__ import annotations

import re
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .fidelity_cases import Peer
from .processes import call, eventually
from .sink import Sink, standing_sink
from .test_fidelity import APPS
from .wsgi_servers import (
    FLASK_RUN_RELOADING,
    GUNICORN_GEVENT,
    GUNICORN_GTHREAD,
    GUNICORN_SYNC,
    UWSGI,
    UWSGI_THREADS,
    Running,
    WSGIServer,
    gunicorn,
    running,
)

Start = Callable[..., Running]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with standing_sink() as sink:
        yield sink


@pytest.fixture
def start(sink: Sink, tmp_path: Path) -> Iterator[Start]:
    file = tmp_path / "file.bin"
    file.write_bytes(b"file")
    with ExitStack() as stack:

        def start(server: WSGIServer, folder: Path = APPS) -> Running:
            environment = {
                **sink.environment,
                "FIDELITY_VARIANT": "init_app",
                "FIDELITY_FOLDER": str(tmp_path),
                "FIDELITY_FILE": str(file),
            }
            log = tmp_path / "server.log"
            started = stack.enter_context(running(server, "fidelity:app", folder, log, environment))
            started.wait_until_ready()
            return started

        yield start


def ask(server: Running, numbers: range) -> None:
    for number in numbers:
        answer = call(f"{server.url}/plain", headers={"X-Case": str(number)}, timeout=60)
        assert (answer.status, answer.body) == (200, b"plain text")


def asked(sink: Sink) -> Counter[str]:
    return Counter(m["request_headers"]["X-Case"] for m in sink.messages)


def each_once(numbers: range) -> Counter[str]:
    return Counter(map(str, numbers))


@pytest.mark.parametrize(
    "server",
    [
        gunicorn("sync", "--preload"),
        gunicorn("gthread", "--preload", "--threads", "4"),
        gunicorn("gevent", "--preload"),
        gunicorn("sync", "--max-requests", "7"),
        gunicorn("gthread", "--max-requests", "7"),
    ],
    ids=str,
)
def test_forked_and_recycled_workers_lose_and_repeat_nothing(
    server: WSGIServer, start: Start, sink: Sink
) -> None:
    started = start(server)
    ask(started, range(20))
    started.stop()
    assert asked(sink) == each_once(range(20))


@pytest.mark.parametrize(
    ("server", "reloaded"),
    [
        (GUNICORN_SYNC, "Worker is ready:"),
        (gunicorn("gevent", "--preload"), "Worker is ready:"),
        (UWSGI, "spawned uWSGI worker 1 "),
        (UWSGI_THREADS, "WSGI app 0 (mountpoint='') ready"),
    ],
    ids=str,
)
def test_a_server_that_reloads_loses_and_repeats_nothing(
    server: WSGIServer, reloaded: str, start: Start, sink: Sink
) -> None:
    started = start(server)
    ask(started, range(10))
    started.process.send_signal(signal.SIGHUP)
    eventually(lambda: started.said().count(reloaded) >= 2, "the new worker", 60)
    started.wait_until_ready()
    ask(started, range(10, 20))
    started.stop()
    assert asked(sink) == each_once(range(20))


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (GUNICORN_SYNC, "Handling signal: term"),
        (GUNICORN_GTHREAD, "Handling signal: term"),
        (GUNICORN_GEVENT, "Handling signal: term"),
        (UWSGI, "graceful shutdown triggered"),
        (UWSGI_THREADS, "graceful shutdown triggered"),
    ],
    ids=str,
)
def test_a_stream_under_way_when_the_server_is_told_to_end_is_recorded_whole(
    server: WSGIServer, told: str, start: Start, sink: Sink, tmp_path: Path
) -> None:
    started = start(server)
    peer = Peer(server, started.port, tmp_path, "late")
    client = peer.connect()
    client.send(peer.request("/gated"))
    client.read_until(b"first\n")
    end = threading.Thread(target=started.stop)
    end.start()
    eventually(lambda: told in started.said(), "the signal", 60)
    peer.signal("received")
    client.read_until(b"second\n")
    end.join()
    peer.close()
    (message,) = sink.messages
    assert message["response_body_size"] == len(b"first\nsecond\n")
    assert "aborted" not in message


@pytest.mark.parametrize("server", [GUNICORN_GEVENT, GUNICORN_GTHREAD, UWSGI], ids=str)
def test_a_receiver_that_hangs_holds_up_no_request(
    server: WSGIServer, start: Start, sink: Sink
) -> None:
    """Under gevent a thread that kept the GIL, or a lock that a greenlet needs, would stop all."""
    started = start(server)
    sink.gate.clear()
    ask(started, range(1))
    assert sink.waiting.wait(60)
    ask(started, range(1, 20))
    assert not sink.messages, "nothing was acknowledged when all had been answered"
    sink.gate.set()
    eventually(lambda: asked(sink) == each_once(range(20)), "all of them", 60)
    started.stop()
    assert asked(sink) == each_once(range(20))


def test_the_reloader_of_flask_run_neither_loses_nor_repeats(
    start: Start, sink: Sink, tmp_path: Path
) -> None:
    """Its Ctrl-C gives the application a quarter of a second: what was asked is awaited first."""
    folder = tmp_path / "app"
    folder.mkdir()
    source = Path(shutil.copy(APPS / "fidelity.py", folder))
    started = start(FLASK_RUN_RELOADING, folder)
    ask(started, range(10))
    source.write_text(source.read_text() + "\n# changed\n")
    eventually(lambda: len(re.findall("Debugger PIN", started.said())) >= 2, "the reload", 60)
    eventually(lambda: asked(sink) == each_once(range(10)), "what came before the reload", 60)
    ask(started, range(10, 20))
    eventually(lambda: asked(sink) == each_once(range(20)), "all of them", 60)
    started.stop()
    assert asked(sink) == each_once(range(20))
