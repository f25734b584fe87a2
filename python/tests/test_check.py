"""`python -m apitoolkit_flask check`."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from apitoolkit_flask import _check
from apitoolkit_flask.__main__ import main

VECTORS = Path(__file__).resolve().parents[2] / "wire/vectors"


class Server:
    """The two things that an APIToolkit server answers, as a test wants them."""

    def __init__(self) -> None:
        self.metadata_status = 200
        self.publish_status = 200
        self.has_broken_key = False
        self.rules: dict[str, list[str]] = {}
        self.published: list[dict[str, Any]] = []
        self.asked: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                return

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                owner.asked.append(self.headers["Authorization"])
                body = owner.metadata() if owner.metadata_status == 200 else b""
                self.answer(owner.metadata_status, body)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for message in body["messages"]:
                    owner.published.append(json.loads(base64.b64decode(message["data"])))
                ids = [str(i) for i in range(len(body["messages"]))]
                self.answer(owner.publish_status, json.dumps({"messageIds": ids}).encode())

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def metadata(self) -> bytes:
        golden = json.loads((VECTORS / "metadata.json").read_text())["accepted"][0]
        metadata: dict[str, Any] = golden["body"]
        if not self.has_broken_key:
            private_key = json.loads((VECTORS / "jwt.json").read_text())["private_key"]
            metadata["pubsub_push_service_account"]["private_key"] = private_key
        redact: dict[str, list[str]] = {
            "headers": [],
            "request_body": [],
            "response_body": [],
            "query": [],
        }
        metadata["apitoolkit"] = {
            "pubsub_endpoint": self.url,
            "redact": {**redact, **self.rules},
            "sample_rate": 1.0,
            "refresh_s": 60,
        }
        return json.dumps(metadata).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        thread.join()
        server.http.server_close()


class Checked:
    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text
        self.findings = {c["name"]: (c["status"], c["detail"]) for c in json.loads(text)["checks"]}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> Checked:
        status = main(["check", "--json", "--timeout", "60", *arguments])
        text = capsys.readouterr().out
        assert json.loads(text)["exit_status"] == status
        return Checked(status, text)

    return run


def test_all_is_well_and_nothing_was_sent(run: Any, server: Server) -> None:
    server.rules = {"request_body": ["$.password"]}
    checked = run("--api-key", "k", "--root-url", server.url)
    assert checked.status == 0
    assert checked.findings["configuration"][0] == "ok"
    assert checked.findings["server"][1].startswith(f"{server.url} answered 200 in ")
    assert checked.findings["key"][1].startswith("of the project ")
    assert checked.findings["server's redact_request_body"] == ("ok", "$.password")
    assert checked.findings["publishes to"][1].startswith(f"{server.url}/v1/projects/")
    assert checked.findings["publishing"][0] == "skipped"
    assert server.asked == ["Bearer k"]
    assert server.published == []


def test_the_topic_which_is_a_secret_is_not_shown(run: Any, server: Server) -> None:
    topic = json.loads(server.metadata())["topic_id"]
    assert topic not in run("--api-key", "k", "--root-url", server.url).text


def test_send_publishes_one_marked_exchange(run: Any, server: Server) -> None:
    checked = run("--api-key", "k", "--root-url", server.url, "--send")
    assert checked.status == 0
    assert "was acknowledged in" in checked.findings["publishing"][1]
    (message,) = server.published
    assert (message["url_path"], message["tags"]) == ("/apitoolkit-check", ["apitoolkit-check"])
    assert (message["method"], message["status_code"]) == ("GET", 204)


def test_a_publish_that_fails_is_reported(run: Any, server: Server) -> None:
    server.publish_status = 403
    checked = run("--api-key", "k", "--root-url", server.url, "--send")
    assert checked.status == 1
    assert checked.findings["publishing"] == ("failed", "publishing was answered 403")


def test_a_service_account_that_cannot_sign_is_reported(run: Any, server: Server) -> None:
    server.has_broken_key = True
    checked = run("--api-key", "k", "--root-url", server.url)
    assert checked.status == 1
    assert checked.findings["publishing"][0] == "failed"
    assert checked.findings["publishing"][1].startswith("cannot publish: ")


@pytest.mark.parametrize(
    ("status", "detail"),
    [(401, "the server does not accept the API key (401 from "), (503, "cannot get the client")],
)
def test_a_key_that_is_not_accepted_is_reported(
    status: int, detail: str, run: Any, server: Server
) -> None:
    server.metadata_status = status
    checked = run("--api-key", "k", "--root-url", server.url, "--send")
    assert checked.status == 1
    assert checked.findings["server"][0] == "ok"
    assert checked.findings["key"][0] == "failed"
    assert checked.findings["key"][1].startswith(detail)
    assert "publishing" not in checked.findings


def test_a_server_that_is_not_there_is_reported(run: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        checked = run("--api-key", "k", "--root-url", url)
    assert checked.status == 1
    word, detail = checked.findings["server"]
    assert word == "failed"
    assert detail.startswith(f"{url}/api/client_metadata: ")
    assert "onnect" in detail


def test_a_server_that_says_nothing_is_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        arguments = ["check", "--api-key", "k", "--root-url", url, "--timeout", "0.2"]
        assert main(arguments) == 1
    assert "no answer in time" in capsys.readouterr().out


def test_every_wrong_path_is_named_with_its_column(
    run: Any, server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "apitoolkit.toml"
    file.write_text(
        f"""
        api_key = "k"
        root_url = "{server.url}"
        redact_request_body = ["$.fine", "$.a["]
        redact_response_body = ["$..["]
        redact_headers = ["X-One", "X-Two"]
        scrub = ["ssn", "emial"]
        """
    )
    checked = run("--config", str(file))
    assert checked.status == 2
    findings = checked.findings
    assert findings["redact_request_body[0]"] == ("ok", "$.fine")
    assert findings["redact_request_body[1]"] == (
        "failed",
        '"$.a[": expected a selector at column 5',
    )
    assert "at column" in findings["redact_response_body[0]"][1]
    assert findings["redact_headers"] == ("ok", "X-One, X-Two")
    assert 'did you mean "email"?' in findings["scrub[1]"][1]
    assert findings["key"][0] == "ok"  # the rest is looked at all the same


@pytest.mark.parametrize(
    ("variable", "value", "detail"),
    [
        ("APITOOLKIT_DEBUG", "maybe", 'APITOOLKIT_DEBUG: expected 1 or 0, got "maybe"'),
        ("APITOOLKIT_ROOT_URL", "http://", "root_url: expected a URL that begins with http"),
        ("APITOOLKIT_CONFIG_FILE", "/nowhere.toml", "cannot read /nowhere.toml: No such file"),
        ("APITOOLKIT_API_KEY", "", "api_key: empty: nothing would be sent"),
        ("APITOOLKIT_API_KEY", "a b", "api_key: expected no blanks or control characters"),
    ],
)
def test_a_wrong_option_is_named(
    variable: str, value: str, detail: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APITOOLKIT_API_KEY", "k")
    monkeypatch.setenv(variable, value)
    checked = run()
    assert checked.status == 2
    assert detail in checked.text.replace('\\"', '"')


def test_without_a_key_the_paths_are_checked_all_the_same(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APITOOLKIT_REDACT_REQUEST_BODY", "$.fine")
    checked = run()
    assert checked.status == 2
    assert checked.findings["configuration"][1].startswith("api_key: missing")
    assert checked.findings["redact_request_body[0]"] == ("ok", "$.fine")


@pytest.mark.parametrize(
    ("variable", "value"), [("APITOOLKIT_ENABLED", "0"), ("APITOOLKIT_TRANSPORT", "memory")]
)
def test_what_sends_nothing_asks_no_server(
    variable: str, value: str, run: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    checked = run("--root-url", server.url, "--api-key", "k")
    assert checked.status == 0
    assert checked.findings["server"][0] == "skipped"
    assert server.asked == []


def test_the_proxy_in_between_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTPS_PROXY", "http://u:s3cret@proxy.example:3128")
    assert _check._proxy_of("https://h.example/x") == "proxy.example:3128 (HTTPS_PROXY)"
    assert _check._proxy_of("http://h.example/x") == ""
    monkeypatch.setenv("ALL_PROXY", "http://p:1")
    assert _check._proxy_of("http://h.example/x") == "p:1 (ALL_PROXY)"
    assert _check._proxy_of("http://127.0.0.1/x") == ""
    monkeypatch.setenv("NO_PROXY", "h.example")
    assert _check._proxy_of("http://h.example/x") == ""


def test_a_spool_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    assert _check.check_spool_dir(str(tmp_path / "new")).status == "ok"
    assert list(tmp_path.iterdir()) == []  # nothing is left, not even the directory
    assert _check.check_spool_dir(str(tmp_path)).status == "ok"
    assert tmp_path.is_dir()
    assert _check.check_spool_dir(str(tmp_path / "no" / "parent")).status == "FAILED"
    (tmp_path / "file").write_text("")
    finding = _check.check_spool_dir(str(tmp_path / "file"))
    assert (finding.status, finding.is_configuration) == ("FAILED", True)
    assert "file" in finding.detail


def test_the_whole_check_leaves_no_spool_behind(server: Server, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "apitoolkit_flask", "check", "--root-url", server.url],
        env={**os.environ, "APITOOLKIT_API_KEY": "k", "APITOOLKIT_SPOOL_DIR": str(tmp_path / "s")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert f"{tmp_path / 's'} can be written to" in done.stdout, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_prints_a_line_each(server: Server) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "apitoolkit_flask", "check", "--api-key", "k",
         "--root-url", server.url, "--send"],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["ok", "configuration"],
        ["ok", "server"],
        ["ok", "key"],
        ["ok", "publishes"],
        ["ok", "publishing"],
    ]
    assert len(server.published) == 1


@pytest.mark.parametrize("arguments", [[], ["chek"], ["check", "--timeout", "0"]])
def test_a_wrong_command_line_is_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m apitoolkit_flask" in capsys.readouterr().err
