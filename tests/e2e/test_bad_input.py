"""Requests that are wrong in every way there is, at the doors for publishing and for metadata, all
to one server: each gets the answer that its protocol prescribes, and in the end the server is
alive, not grown, and right.

What is wrong with HTTP itself is in src/net/http_server_test.cc.
"""

from __future__ import annotations

import base64
import gzip
import json
import socket
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .processes import KEY, Answer, Server, call, held_port
from .test_server_process import message

MIB = 1 << 20
GROWN_MB_MAX = 40  # over ten rounds of everything, after three


def envelope(*messages: bytes) -> bytes:
    data = [{"data": base64.b64encode(m).decode()} for m in messages]
    return json.dumps({"messages": data}).encode()


def with_member(name: str, value: str) -> bytes:
    """A message in which one member is this JSON text."""
    whole: dict[str, Any] = json.loads(message("/bad"))
    whole.pop(name, None)
    return json.dumps(whole).encode()[:-1] + f', "{name}": {value}}}'.encode()


def bomb(megabytes: int, layers: int = 1) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(MIB)
    packed = b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


GZIP = {"Content-Encoding": "gzip"}


@dataclass
class Bad:
    name: str
    body: bytes
    status: int = 400
    google: str = "INVALID_ARGUMENT"  # the error's status; empty: HTTP's own words
    headers: dict[str, str] = field(default_factory=dict)


ENVELOPES = [
    Bad("nothing", b""),
    Bad("no-json", b"\x00\x01\x02 hello"),
    Bad("half-json", envelope(message("/half"))[:-20]),
    Bad("a-list", b"[1,2,3]"),
    Bad("a-number", b"1e999"),
    Bad("messages-a-number", b'{"messages": 7}'),
    Bad("messages-null", b'{"messages": null}'),
    Bad("a-message-null", b'{"messages": [null]}'),
    Bad("a-message-a-list", b'{"messages": [[]]}'),
    Bad("data-a-number", b'{"messages": [{"data": 7}]}'),
    Bad("data-an-object", b'{"messages": [{"data": {}}]}'),
    Bad("data-no-base64", b'{"messages": [{"data": "%%%%"}]}'),
    Bad("data-padded-wrongly", b'{"messages": [{"data": "e30=="}]}'),
    Bad("data-one-letter", b'{"messages": [{"data": "A"}]}'),
    Bad("attributes-a-list", b'{"messages": [{"data": "e30=", "attributes": []}]}'),
    Bad("attribute-a-number", b'{"messages": [{"data": "e30=", "attributes": {"a": 1}}]}'),
    Bad(
        "attributes-101",
        json.dumps(
            {"messages": [{"data": "e30=", "attributes": dict.fromkeys(map(str, range(101)), "")}]}
        ).encode(),
    ),
    Bad("messages-1001", b'{"messages": [' + b",".join([b'{"data":"e30="}'] * 1001) + b"]}"),
    Bad("empty-message", b'{"messages": [{"data": "", "attributes": {}}]}'),
    Bad("deep", b'{"messages": ' + b"[" * 100_000),
    Bad("deep-objects", b'{"messages":[' + b'{"a":' * 100_000),
    Bad("invalid-utf8", b'{"messages": [{"data": "\xff\xfe"}]}'),
    Bad("lone-surrogate-name", b'{"messages": [{"\\ud800": "x"}]}'),
    Bad("too-long", b" " * (14 * MIB + 1), 413, "UNKNOWN"),
    Bad("gzip-of-nothing", b"", 400, "INVALID_ARGUMENT", GZIP),
    Bad("gzip-garbage", b"no gzip at all", 400, "INVALID_ARGUMENT", GZIP),
    Bad("gzip-cut", gzip.compress(envelope(message("/cut")))[:-9], 400, "INVALID_ARGUMENT", GZIP),
    Bad("gzip-bomb", bomb(200), 413, "UNKNOWN", GZIP),
    Bad("gzip-bomb-in-gzip", bomb(200, layers=2), 400, "INVALID_ARGUMENT", GZIP),
    Bad("unknown-coding", envelope(b"{}"), 415, "UNKNOWN", {"Content-Encoding": "zstd"}),
    Bad("wrong-token", envelope(b"{}"), 401, "UNAUTHENTICATED", {"Authorization": "Bearer no"}),
    Bad(
        "other-jwt",
        envelope(b"{}"),
        401,
        "UNAUTHENTICATED",
        {"Authorization": "Bearer e30.e30.e30"},
    ),
]

# Well put into an envelope: each is answered 400 and becomes a dead letter.
MESSAGES = {
    "no-json": b"hello",
    "half": message("/half")[:-5],
    "a-list": b"[]",
    "a-number": b"7",
    "a-text": b'"text"',
    "nothing-in-it": b"{}",
    "only-nul": b"\x00\x00\x00",
    "invalid-utf8": message("/\udcff".encode("utf-8", "surrogateescape").decode("latin-1")).replace(
        b"GET", b"\xff\xfe\xfd"
    ),
    "deep": b'{"a":' * 100_000,
    "method-missing": with_member("method", "null"),
    "method-a-list": with_member("method", "[]"),
    "timestamp-words": with_member("timestamp", '"yesterday"'),
    "timestamp-a-number": with_member("timestamp", "1700000000"),
    "timestamp-13th-month": with_member("timestamp", '"2024-13-01T00:00:00Z"'),
    "duration-words": with_member("duration", '"long"'),
    "duration-endless": with_member("duration", "1e400"),
    "duration-an-object": with_member("duration", "{}"),
    "status-words": with_member("status_code", '"fine"'),
    "status-too-large": with_member("status_code", "99999999999999999999"),
    "body-no-base64": with_member("request_body", '"***"'),
    "body-an-object": with_member("response_body", "{}"),
    "headers-a-number": with_member("request_headers", "7"),
    "headers-a-text": with_member("response_headers", '"x"'),
    "msg_id-no-uuid": with_member("msg_id", '"42"'),
    "parent_id-a-number": with_member("parent_id", "42"),
    "errors-an-object": with_member("errors", "{}"),
    "error-a-number": with_member("errors", "[7]"),
    "tags-a-number": with_member("tags", "7"),
}

METADATA: dict[str, tuple[str, dict[str, str], int]] = {
    "no-key": ("GET", {}, 401),
    "empty-key": ("GET", {"Authorization": "Bearer "}, 401),
    "basic": ("GET", {"Authorization": "Basic YTpi"}, 401),
    "long-key": ("GET", {"Authorization": "Bearer " + "k" * 50_000}, 401),
    "not-ascii": ("GET", {"Authorization": "Bearer caf\xe9"}, 401),
    "key-with-blank": ("GET", {"Authorization": f"Bearer {KEY} x"}, 401),
    "post": ("POST", {"Authorization": f"Bearer {KEY}"}, 405),
    "delete": ("DELETE", {"Authorization": f"Bearer {KEY}"}, 405),
}


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("bad-input")
    with held_port() as port:
        running = Server(folder / "data", folder / "log", port=port).start()
        yield running
        # Whatever the tests have sent, it ends in good order.
        assert running.stop() == 0, running.log.read_text()


@pytest.fixture(scope="module")
def publish_url(one_server: Server) -> str:
    metadata = one_server.get("/api/client_metadata").json()
    path = f"/v1/projects/{metadata['pubsub_project_id']}/topics/{metadata['topic_id']}:publish"
    return one_server.url + path


def send(url: str, bad: Bad) -> Answer:
    return call(url, "POST", bad.body, {"Content-Type": "application/json", **bad.headers})


def assert_google(answer: Answer, status: int, google: str) -> None:
    assert answer.status == status, answer.body[:300]
    if not google:
        return
    error = answer.json()["error"]
    assert (error["code"], error["status"]) == (status, google)
    assert error["message"]


@pytest.mark.parametrize("bad", ENVELOPES, ids=lambda bad: bad.name)
def test_a_wrong_envelope_is_refused_whole(publish_url: str, one_server: Server, bad: Bad) -> None:
    assert_google(send(publish_url, bad), bad.status, bad.google)
    assert one_server.exchanges() == []
    assert one_server.get("/api/v1/dead-letters").json()["data"] == []


@pytest.mark.parametrize("name", METADATA)
def test_metadata_are_for_keys_alone(one_server: Server, name: str) -> None:
    method, headers, status = METADATA[name]
    answer = call(one_server.url + "/api/client_metadata", method, headers=headers)
    assert (answer.status, answer.body) == (status, b""), "SDKs read any body as metadata"


def test_topics_that_are_not_there_are_404(one_server: Server, publish_url: str) -> None:
    for path in (
        "/v1/projects/p/topics/t:publish",
        "/v1/projects/p/topics/%00:publish",
        "/v1/projects/../../etc/topics/passwd:publish",
        "/v1/projects/p/topics/" + "t" * 5000 + ":publish",
    ):
        answer = call(one_server.url + path, "POST", envelope(message("/a")))
        assert_google(answer, 404, "NOT_FOUND")
    assert_google(call(publish_url), 405, "UNKNOWN")


@pytest.mark.parametrize("name", MESSAGES)
def test_a_wrong_message_is_told_and_kept(one_server: Server, publish_url: str, name: str) -> None:
    before, stored = letters(one_server), len(one_server.exchanges())
    assert_google(send(publish_url, Bad(name, envelope(MESSAGES[name]))), 400, "INVALID_ARGUMENT")
    assert letters(one_server) == before + 1
    assert len(one_server.exchanges()) == stored


def letters(server: Server) -> int:
    return len(server.get("/api/v1/dead-letters?limit=1000").json()["data"])


def send_halves(server: Server, publish_url: str) -> None:
    """Connections that end in the middle of what they announced."""
    path = publish_url[len(server.url) :]
    body = envelope(message("/half"))
    head = f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    whole = head + body
    for end in (1, len(head) // 2, len(head) - 2, len(head), len(head) + 10, len(whole) - 1):
        with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
            connection.sendall(whole[:end])


def rss_mb(server: Server) -> float:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]
    return int(kilobytes) * 1024 / 1e6


def test_the_server_does_not_grow_by_it_and_stays_right(
    one_server: Server, publish_url: str
) -> None:
    def round_of_everything() -> None:
        for bad in ENVELOPES:
            assert send(publish_url, bad).status == bad.status, bad.name
        for bytes_ in MESSAGES.values():
            assert send(publish_url, Bad("", envelope(bytes_))).status == 400
        send_halves(one_server, publish_url)

    for _ in range(3):
        round_of_everything()
    before_mb = rss_mb(one_server)
    for _ in range(10):
        round_of_everything()
    assert rss_mb(one_server) < before_mb + GROWN_MB_MAX
    assert one_server.exchanges() == []
    answer = send(publish_url, Bad("", envelope(message("/right"))))
    assert answer.status == 200
    assert [e["url_path"] for e in one_server.exchanges()] == ["/right"]
