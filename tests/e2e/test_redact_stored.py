"""`apitoolkit redact-stored`: what is stored already, under the rules of today."""

from __future__ import annotations

import base64
import json
import random
import signal
import subprocess
from pathlib import Path

from .processes import BINARY, PROJECT, Server, call
from .test_server_process import message, publish

MASK = "[CLIENT_REDACTED]"
# What compression cannot take apart: no three characters of it stand elsewhere.
SECRET = "q7Zx9Kv3Wp5Jt1Gy"


def redact_stored(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BINARY), "redact-stored", "--data", str(data), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def files_with(folder: Path, secret: str) -> list[str]:
    """Names of files in which the secret stands, compressed or not: literals of a compressed
    frame are the bytes themselves where nothing like them was there before."""
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and secret.encode() in path.read_bytes()
    ]


def fill(server: Server, batches: int = 40) -> None:
    shuffled = random.Random(1)  # noqa: S311
    for batch in range(batches):
        messages = []
        for n in range(20):
            body = {"card": SECRET if n == 7 else f"{shuffled.getrandbits(120):030x}", "n": n}
            messages.append(
                message(
                    f"/orders/{batch}/{n}",
                    url_path="/orders/{id}",
                    request_body=base64.b64encode(json.dumps(body).encode()).decode(),
                )
            )
        assert publish(server, messages)[0] == 200


def add_rule(server: Server) -> None:
    """The JSONPath $.card of request bodies, by the owner in the browser."""
    answer = call(
        server.url + "/api/v1/session",
        "POST",
        json.dumps({"name": "owner", "password": "e2e correct horse battery staple"}).encode(),
        {"Content-Type": "application/json"},
    )
    assert answer.status == 200, answer.body
    cookie = (answer.header("Set-Cookie") or "").split(";")[0]
    rule = {"kind": "request_body", "value": "$.card"}
    made = call(
        server.url + "/api/v1/redaction",
        "POST",
        json.dumps(rule).encode(),
        {
            "Content-Type": "application/json",
            "Cookie": cookie,
            "X-CSRF-Token": answer.json()["csrf_token"],
        },
    )
    assert made.status == 201, made.body


def cards(server: Server) -> list[str]:
    exchanges = server.exchanges(limit=500, fields="request_body")
    return [exchange["request_body"]["card"] for exchange in exchanges]


def test_the_past_is_rewritten_and_nothing_of_it_is_left(server: Server) -> None:
    fill(server)
    publish(server, [b'{"method": "GET", "request_headers": {"X": "' + SECRET.encode() + b'"'])
    count = len(server.exchanges(limit=500, fields="id"))
    add_rule(server)
    assert SECRET in cards(server)  # rules apply to what comes from then on
    assert server.stop() == 0
    # The search finds it before, or finding nothing afterwards would mean nothing.
    assert files_with(server.data / "exchanges", SECRET) != []

    dry = redact_stored(server.data, "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert dry.stdout.startswith(f"would change {count} of {count} exchanges")
    assert files_with(server.data / "exchanges", SECRET) != []

    done = redact_stored(server.data, "--project", PROJECT, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    changes = json.loads(done.stdout)
    assert (changes["exchanges"], changes["exchanges_changed"]) == (count, count)
    assert changes["dead_letters_changed"] == 1
    assert files_with(server.data, SECRET) == []

    assert redact_stored(server.data).stdout.startswith(f"changed 0 of {count} exchanges")
    server.start()
    assert set(cards(server)) == {MASK}
    assert len(server.exchanges(limit=500, fields="id")) == count
    answer = call(
        server.url + "/api/v1/session",
        "POST",
        json.dumps({"name": "owner", "password": "e2e correct horse battery staple"}).encode(),
        {"Content-Type": "application/json"},
    )
    cookie = (answer.header("Set-Cookie") or "").split(";")[0]
    audit = call(server.url + "/api/v1/audit", headers={"Cookie": cookie}).json()["data"]
    assert audit[0]["action"] in {"exchanges.redact", "session.create"}
    assert "exchanges.redact" in [entry["action"] for entry in audit]


def test_it_is_refused_while_a_server_runs(server: Server) -> None:
    done = redact_stored(server.data)
    assert done.returncode == 1
    assert "a server runs on" in done.stderr
    assert "stop it" in done.stderr


def test_killed_in_the_middle_it_is_done_by_the_next_run(server: Server) -> None:
    fill(server, 150)
    count = len(server.exchanges(limit=500, fields="id"))
    add_rule(server)
    assert server.stop() == 0
    moments = random.Random(7)  # noqa: S311
    killed = 0
    for _ in range(12):
        process = subprocess.Popen(
            [str(BINARY), "redact-stored", "--data", str(server.data)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(timeout=moments.uniform(0.02, 0.4))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        # Whatever was done: everything is there, old or new.
        server.start()
        seen = cards(server)
        assert len(seen) == count
        assert MASK not in seen or set(seen) == {MASK}
        assert server.stop() == 0
    assert killed > 0
    assert redact_stored(server.data).returncode == 0
    assert files_with(server.data, SECRET) == []
    assert not list(server.data.rglob("*.rewrite*"))
    server.start()
    assert set(cards(server)) == {MASK}
