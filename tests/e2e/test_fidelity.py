"""What a client receives is the same with and without the package, under every server; and what is
recorded is what happened, each request once.

Each server is started once bare and once for each way to use the package. All cases are played
with all of them at once, then the servers are ended, and the tests judge what they left.
"""

from __future__ import annotations

import base64
import dataclasses
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .fidelity_cases import CASES, FILE_BYTES, UNKNOWN, Case, Peer, Recorded
from .sink import Sink, standing_sink
from .wsgi_servers import ALL, Running, WSGIServer, running

APPS = Path(__file__).parent / "apps"
WAYS = ("init_app", "hooks", "wsgi")


@dataclasses.dataclass
class Played:
    """What became of all cases under one server in one variant."""

    transcripts: dict[str, list[bytes]] = dataclasses.field(default_factory=dict)
    failures: dict[str, BaseException] = dataclasses.field(default_factory=dict)
    entered: list[str] = dataclasses.field(default_factory=list)
    messages: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    end: BaseException | None = None

    def transcript(self, case: Case) -> list[bytes]:
        if case.name in self.failures:
            raise self.failures[case.name]
        return self.transcripts[case.name]

    def recorded(self, case: Case) -> list[dict[str, Any]]:
        found = [m for m in self.messages if m["request_headers"]["X-Case"] == case.name]
        return sorted(found, key=lambda message: str(message["timestamp"]))


@dataclasses.dataclass
class Variant:
    name: str
    server: Running
    folder: Path
    sink: Sink

    def play_all(self) -> Played:
        played = Played()
        self.server.wait_until_ready()
        for case in CASES:
            peer = Peer(self.server.server, self.server.port, self.folder, case.name)
            try:
                case.play(peer)
                played.transcripts[case.name] = peer.transcripts()
            except Exception as failure:
                played.failures[case.name] = failure
            finally:
                peer.close()
        try:
            self.server.stop()
        except Exception as failure:
            played.end = failure
        played.entered = (self.folder / "entered").read_text().splitlines()
        played.messages = self.sink.messages
        return played


@pytest.fixture(scope="module", params=ALL, ids=str)
def server(request: pytest.FixtureRequest) -> WSGIServer:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def played(
    server: WSGIServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Played]]:
    """By variant."""
    root = tmp_path_factory.mktemp(server.name)
    file = root / "file.bin"
    file.write_bytes(bytes(i % 251 for i in range(FILE_BYTES)))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    with ExitStack() as stack:
        variants = []
        for name in ("bare", *WAYS):
            folder = root / name
            folder.mkdir()
            sink = stack.enter_context(standing_sink())
            environment = {
                **sink.environment,
                "FIDELITY_VARIANT": name,
                "FIDELITY_FOLDER": str(folder),
                "FIDELITY_FILE": str(file),
            }
            started = running(server, "fidelity:app", APPS, root / f"{name}.log", environment)
            variants.append(Variant(name, stack.enter_context(started), folder, sink))
        pool = stack.enter_context(ThreadPoolExecutor(len(variants)))
        yield dict(zip(("bare", *WAYS), pool.map(Variant.play_all, variants)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_client_receives_the_same_bytes(
    server: WSGIServer, played: dict[str, Played], case: Case
) -> None:
    bare = played["bare"].transcript(case)
    assert all(bare) or case.name in server.silent_in, "there is something to compare"
    for way in WAYS:
        assert played[way].transcript(case) == bare, way


def sent_once(played: Played) -> None:
    assert Counter(m["request_headers"]["X-Case"] for m in played.messages) == Counter(
        played.entered
    )
    ids = [m["msg_id"] for m in played.messages]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("way", WAYS)
def test_every_request_is_recorded_once(played: dict[str, Played], way: str) -> None:
    """Also those that the server was still busy with when it was told to end."""
    assert played[way].entered == played["bare"].entered
    sent_once(played[way])


@pytest.mark.parametrize("way", ["bare", *WAYS])
def test_the_server_ends_in_good_order(played: dict[str, Played], way: str) -> None:
    if (end := played[way].end) is not None:
        raise end


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", [c for c in CASES if c.recorded(ALL[0])], ids=str)
def test_what_is_recorded_is_what_happened(
    server: WSGIServer, played: dict[str, Played], case: Case, way: str
) -> None:
    if case.name not in played["bare"].entered:
        assert not server.streams_uploads, "the server has answered by itself"
        assert played[way].recorded(case) == []
        return
    messages = played[way].recorded(case)
    expected = case.recorded(server)
    assert len(messages) == len(expected)
    for message, wanted in zip(messages, expected):
        assert described(message, wanted, way) == description(wanted, way)
        assert message["host"] == "fidelity.example"
        assert 0 < message["ttfb"] <= message["duration"]


def described(message: dict[str, Any], wanted: Recorded, way: str) -> dict[str, Any]:
    """What a message says of that which `wanted` knows."""
    errors = message.get("errors") or []
    said: dict[str, Any] = {
        "status": message["status_code"],
        "method": message["method"],
        "url": message["raw_url"],
        "route": message["url_path"],
        "request": base64.b64decode(message.get("request_body") or ""),
        "request_size": message.get("request_body_size", UNKNOWN),
        "request_truncated": message.get("request_body_truncated", False),
        "response": base64.b64decode(message.get("response_body") or ""),
        "response_size": message["response_body_size"],
        "response_truncated": message.get("response_body_truncated", False),
        "aborted": message.get("aborted", False),
        "errors": tuple(error["error_type"] for error in errors),
    }
    known = description(wanted, way)
    return {name: value for name, value in said.items() if name in known}


def description(wanted: Recorded, way: str) -> dict[str, Any]:
    says = dataclasses.asdict(wanted)
    says["route"] = wanted.route or wanted.url.partition("?")[0]
    if way == "wsgi":
        del says["route"], says["errors"]
    return {name: value for name, value in says.items() if value is not None}
