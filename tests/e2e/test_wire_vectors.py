"""The golden vectors through the real server's door: what every SDK sends is stored as meant."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from .processes import ROOT, Server
from .test_server_process import publish

VECTORS = ROOT / "wire" / "vectors" / "messages"
# Members of the vectors' `expect` that REST shows under the same name, with their defaults.
SAME = {
    "method": "",
    "url_path": "",
    "status_code": 0,
    "sdk_type": "",
    "service_version": "",
    "tags": [],
    "proto_major": 1,
    "proto_minor": 1,
}


def text_of(vector: dict[str, Any]) -> bytes:
    if "message_text" in vector:
        return str(vector["message_text"]).encode()
    return json.dumps(vector["message"]).encode()


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.json")), ids=lambda path: path.stem)
def test_a_golden_message_is_stored_or_kept_as_a_dead_letter(path: Path, server: Server) -> None:
    vector = json.loads(path.read_text())
    status, answer = publish(server, [text_of(vector)])
    letters = server.get("/api/v1/dead-letters").json()["data"]
    if "error" in vector:
        assert (status, server.exchanges()) == (400, [])
        assert [base64.b64decode(letter["bytes"]) for letter in letters] == [text_of(vector)]
        return
    assert (status, letters) == (200, []), answer
    [stored] = server.exchanges()
    expect = vector["expect"]
    for member, default in SAME.items():
        assert stored[member] == expect.get(member, default), member
    assert stored["request_type"] == expect.get("direction", "incoming")
    assert stored["duration"] == expect.get("duration_ns", 0)
