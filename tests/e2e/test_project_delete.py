"""`apitoolkit project delete`: the project is gone, and so is every byte that was stored of it."""

from __future__ import annotations

import base64
import os
import pty
import subprocess

import pytest

from .processes import BINARY, Server, call, eventually
from .test_redact_stored import SECRET, files_with
from .test_server_process import message, publish


def apitoolkit(
    server: Server, *arguments: str, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BINARY), *arguments, "--data", str(server.data)],
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def doomed(server: Server) -> str:
    """The key of a second project, which has the secret, beside one that stays."""
    assert apitoolkit(server, "project", "create", "doomed").returncode == 0
    made = apitoolkit(
        server, "key", "create", "k", "--project", "doomed", "--scope", "ingest", "--scope", "read"
    )
    assert made.returncode == 0, made.stderr
    key = made.stdout.split()[-1]
    eventually(lambda: server.get("/api/client_metadata", key).status == 200, "the key")
    metadata = server.get("/api/client_metadata", key).json()
    path = f"/v1/projects/{metadata['pubsub_project_id']}/topics/{metadata['topic_id']}:publish"
    for n in range(20):
        secret = base64.b64encode(f"{n} {SECRET}".encode()).decode()
        sent = base64.b64encode(message(f"/{n}", request_body=secret)).decode()
        body = b'{"messages": [{"data": "' + sent.encode() + b'"}]}'
        answer = call(server.url + path, "POST", body, {"Content-Type": "application/json"})
        assert answer.status == 200
        assert publish(server, [message(f"/kept/{n}")])[0] == 200
    assert files_with(server.data, SECRET) != []
    return key


def test_a_running_server_takes_it_up(server: Server, doomed: str) -> None:
    done = apitoolkit(server, "project", "delete", "doomed", "--yes")
    assert (done.returncode, done.stdout) == (0, "")
    assert "the server that runs" in done.stderr
    eventually(lambda: server.get("/api/v1/stats", doomed).status == 401, "the key to go")
    eventually(lambda: files_with(server.data, SECRET) == [], "the exchanges to go")
    assert len(server.exchanges()) == 20
    assert publish(server, [message("/more")])[0] == 200


def test_without_a_server_it_is_done_at_once(server: Server, doomed: str) -> None:
    assert server.stop() == 0
    done = apitoolkit(server, "project", "delete", "doomed", "--yes")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert files_with(server.data, SECRET) == []
    server.start()
    assert len(server.exchanges()) == 20
    assert server.get("/api/v1/stats", doomed).status == 401


def test_it_asks_first(server: Server, doomed: str) -> None:
    unasked = apitoolkit(server, "project", "delete", "doomed")
    assert unasked.returncode == 1
    assert "--yes" in unasked.stderr
    for said, status in (("y", 1), ("doomed", 0)):
        typed, terminal = pty.openpty()
        os.write(typed, said.encode() + b"\n")
        done = apitoolkit(server, "project", "delete", "doomed", stdin=terminal)
        os.close(terminal)
        os.close(typed)
        assert done.returncode == status, done.stderr
        assert "goes with all that is stored of it" in done.stderr
    gone = apitoolkit(server, "project", "delete", "doomed", "--yes")
    assert gone.returncode == 1
    assert 'no project "doomed"' in gone.stderr
    eventually(lambda: server.get("/api/v1/stats", doomed).status == 401, "the key to go")


def test_the_last_project_stays(server: Server) -> None:
    listed = apitoolkit(server, "project", "list")
    name = listed.stdout.splitlines()[1].split()[0]
    done = apitoolkit(server, "project", "delete", name, "--yes")
    assert done.returncode == 1
    assert "the last project cannot go" in done.stderr
