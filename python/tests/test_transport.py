"""Transports of the application's own, written in Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

import httpx
import pytest
from flask import Flask

from apitoolkit_flask import APIToolkit, Rejected, RetryLater, Transport
from conftest import Message, Service

DEADLINE_S = 60.0


class Kept:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.batches: list[list[Message]] = []
        self.timeouts_s: list[float] = []
        self.threads: list[int] = []

    def deliver(self, messages: Sequence[bytes], timeout_s: float) -> None:
        self.batches.append([json.loads(message) for message in messages])
        self.timeouts_s.append(timeout_s)
        self.threads.append(threading.get_ident())

    @property
    def messages(self) -> list[Message]:
        return [message for batch in self.batches for message in batch]


def record(toolkit: APIToolkit, *paths: str) -> None:
    app = Flask("site")
    toolkit.init_app(app)
    for path in paths:
        app.test_client().get(path).close()


def test_it_is_given_redacted_messages_in_a_thread_of_its_own(
    make_toolkit: Callable[..., APIToolkit],
) -> None:
    kept = Kept()
    assert isinstance(kept, Transport)
    toolkit = make_toolkit(transport=kept, tags=["t"])
    assert kept.threads == []
    record(toolkit, "/a?token=s3cret", "/b")
    assert toolkit.flush(DEADLINE_S)
    assert sorted(m["raw_url"] for m in kept.messages) == ["/a?token=[CLIENT_REDACTED]", "/b"]
    assert kept.messages[0]["tags"] == ["t"]
    assert set(kept.threads) != {threading.get_ident()}
    assert len(set(kept.threads)) == 1
    assert all(0 < timeout_s <= 10 for timeout_s in kept.timeouts_s)
    stats = toolkit.stats()
    assert (stats["sent"], stats["state"]) == (2, "ready")


def test_no_key_is_needed_and_the_core_says_no_more_than_without(
    make_toolkit: Callable[..., APIToolkit], caplog: pytest.LogCaptureFixture
) -> None:
    record(make_toolkit(transport=Kept()), "/")
    assert not caplog.records


class Fails(Kept):
    def __init__(self, *errors: BaseException) -> None:
        super().__init__()
        self.errors = list(errors)

    def deliver(self, messages: Sequence[bytes], timeout_s: float) -> None:
        super().deliver(messages, timeout_s)
        if self.errors:
            raise self.errors.pop(0)


class Exit(BaseException):
    pass


@pytest.mark.parametrize(
    ("error", "last_error"),
    [
        (OSError("s3cret"), "the transport raised OSError"),
        (Exit(), "the transport raised Exit"),
        (RetryLater("busy", after_s=0.01), "the transport wants to retry: busy"),
        (RetryLater(), "the transport wants to retry: "),
    ],
)
def test_what_it_raises_means_to_try_again(
    error: BaseException, last_error: str, make_toolkit: Callable[..., APIToolkit]
) -> None:
    fails = Fails(error, error)
    toolkit = make_toolkit(transport=fails)
    record(toolkit, "/a")
    assert toolkit.flush(DEADLINE_S)
    assert [m["raw_url"] for m in fails.messages] == ["/a"] * 3
    stats = toolkit.stats()
    assert (stats["sent"], stats["retried"], stats["dropped"]) == (1, 2, {})
    assert stats["last_error"] == last_error


def test_an_exception_is_logged_once(
    make_toolkit: Callable[..., APIToolkit], caplog: pytest.LogCaptureFixture
) -> None:
    toolkit = make_toolkit(transport=Fails(*(LookupError("mine") for _ in range(3))))
    record(toolkit, "/a")
    assert toolkit.flush(DEADLINE_S)
    assert caplog.text.count("LookupError: mine") == 1


def test_messages_that_are_rejected_are_dropped_and_the_others_not(
    make_toolkit: Callable[..., APIToolkit],
) -> None:
    class Picky(Kept):
        def deliver(self, messages: Sequence[bytes], timeout_s: float) -> None:
            if any(b"/bad" in message for message in messages):
                raise Rejected("no")
            super().deliver(messages, timeout_s)

    picky = Picky()
    toolkit = make_toolkit(transport=picky)
    record(toolkit, "/a", "/bad", "/b")
    assert toolkit.flush(DEADLINE_S)
    assert sorted(m["raw_url"] for m in picky.messages) == ["/a", "/b"]
    assert toolkit.stats()["dropped"] == {"rejected": 1}


def test_its_own_calls_are_not_recorded(
    make_toolkit: Callable[..., APIToolkit], service: Service
) -> None:
    class Posts(Kept):
        def deliver(self, messages: Sequence[bytes], timeout_s: float) -> None:
            super().deliver(messages, timeout_s)
            httpx.post(f"{service.url}/echo", content=b"x", timeout=timeout_s)

    posts = Posts()
    toolkit = make_toolkit(transport=posts)
    toolkit.instrument_httpx()
    record(toolkit, "/a")
    assert toolkit.flush(DEADLINE_S)
    assert toolkit.stats()["captured"] == 1


def test_closing_does_not_wait_for_one_that_hangs(make_toolkit: Callable[..., APIToolkit]) -> None:
    hangs = threading.Event()
    entered = threading.Event()

    class Hangs:
        def deliver(self, messages: Sequence[bytes], timeout_s: float) -> None:  # noqa: ARG002
            entered.set()
            hangs.wait(DEADLINE_S)

    toolkit = make_toolkit(transport=Hangs(), flush_timeout_s=0.2)
    record(toolkit, "/a")
    assert entered.wait(DEADLINE_S)
    toolkit.close()
    assert not hangs.is_set()
    assert toolkit.stats()["dropped"] == {"shutdown": 1}
    hangs.set()


def test_a_closed_toolkit_has_no_thread_left(make_toolkit: Callable[..., APIToolkit]) -> None:
    kept = Kept()
    toolkit = make_toolkit(transport=kept)
    record(toolkit, "/a")
    toolkit.close()
    assert len(kept.messages) == 1
    assert toolkit._delivery is not None
    assert toolkit._delivery.handoff.stop(0)
    record(toolkit, "/b")
    assert toolkit.stats()["dropped"] == {"shutdown": 1}


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # Python 3.12, with threads
def test_a_forked_child_delivers_its_own(make_toolkit: Callable[..., APIToolkit]) -> None:
    reader, writer = os.pipe()

    class Piped:
        def deliver(self, messages: Sequence[bytes], timeout_s: float) -> None:  # noqa: ARG002
            for message in messages:
                os.write(
                    writer, b"%d %s\n" % (os.getpid(), json.loads(message)["raw_url"].encode())
                )

    toolkit = make_toolkit(transport=Piped())
    record(toolkit, "/parent")
    assert toolkit.flush(DEADLINE_S)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            record(toolkit, "/child")
            status = 0 if toolkit.flush(DEADLINE_S) else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    record(toolkit, "/parent-again")
    assert toolkit.flush(DEADLINE_S)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        lines = [line.split() for line in pipe]
    parent = str(os.getpid()).encode()
    assert lines == [
        [parent, b"/parent"],
        [str(child).encode(), b"/child"],
        [parent, b"/parent-again"],
    ]


PROGRAM = """
    import sys, threading, time
    from flask import Flask
    from apitoolkit_flask import APIToolkit

    class Out:
        def deliver(self, messages, timeout_s):
            {deliver}
            sys.stdout.write("delivered %d\\n" % len(messages)); sys.stdout.flush()

    app = Flask("x")
    toolkit = APIToolkit(app, transport=Out(), flush_timeout_s={flush_timeout_s})
    for _ in range(3):
        app.test_client().get("/").close()
    {end}
"""


def run_program(
    deliver: str = "pass", end: str = "pass", flush_timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(PROGRAM).format(
        deliver=deliver, end=end, flush_timeout_s=flush_timeout_s
    )
    return subprocess.run(  # noqa: S603
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("end", ["pass", "sys.exit(0)", "raise KeyboardInterrupt"])
def test_what_waits_at_the_end_of_the_process_is_delivered(end: str) -> None:
    done = run_program(end=end)
    counts = [int(line.split()[1]) for line in done.stdout.splitlines()]
    assert sum(counts) == 3, done.stderr
    assert "Fatal" not in done.stderr
    if "Interrupt" not in end:
        assert (done.returncode, done.stderr) == (0, "")


def test_a_process_ends_while_the_transport_is_at_it() -> None:
    done = run_program(
        deliver="time.sleep(0.3)",
        end="toolkit.flush(0)",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "delivered" in done.stdout


def test_a_process_does_not_wait_for_a_transport_that_hangs() -> None:
    done = run_program(deliver="time.sleep(1e6)", flush_timeout_s=0.1)
    assert done.returncode == 0
    assert done.stdout == ""
    assert "dropped: shutdown" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_starts_before_the_first_event(make_toolkit: Callable[..., APIToolkit]) -> None:
    tasks = Path("/proc/self/task")
    before = len(list(tasks.iterdir()))
    toolkits = [make_toolkit(transport=Kept()) for _ in range(5)]
    assert len(list(tasks.iterdir())) <= before
    record(toolkits[0], "/")
    assert toolkits[0].flush(DEADLINE_S)


def test_without_a_thread_to_be_had_the_next_event_tries_again(
    make_toolkit: Callable[..., APIToolkit], monkeypatch: pytest.MonkeyPatch
) -> None:
    from apitoolkit_flask import _delivery_thread

    def refuse(_: Any) -> None:
        raise RuntimeError("can't start new thread")

    kept = Kept()
    toolkit = make_toolkit(transport=kept)
    with monkeypatch.context() as patch:
        patch.setattr(_delivery_thread, "_start_thread", refuse)
        record(toolkit, "/a")
    record(toolkit, "/b")
    assert toolkit.flush(DEADLINE_S)
    assert sorted(m["raw_url"] for m in kept.messages) == ["/a", "/b"]


def test_under_gevent_the_thread_is_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what gevent offers in its place, so that it need not be installed."""
    import types

    from apitoolkit_flask import _delivery_thread

    asked: list[tuple[str, str]] = []
    started: list[Any] = []

    def get_original(module: str, name: str) -> Any:
        asked.append((module, name))
        return lambda run, args: started.append((run, args))

    monkey = types.SimpleNamespace(get_original=get_original)
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)

    def run() -> None: ...

    _delivery_thread._start_thread(run)
    assert asked == [("_thread", "start_new_thread")]
    assert started == [(run, ())]
