"""`apitoolkit redact` and `apitoolkit jsonpath`, as processes."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .processes import BINARY

MARKER = "[CLIENT_REDACTED]"


def run(*arguments: str, body: bytes | str = b"") -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    data = body.encode() if isinstance(body, str) else body
    done = subprocess.run([BINARY, *arguments], input=data, capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def redact(*arguments: str, body: bytes | str = b"") -> str:
    status, out, error = run("redact", *arguments, body=body)
    assert (status, error) == (0, "")
    return out


# --- jsonpath ---


def test_jsonpath_prints_a_line_a_node() -> None:
    body = '{"user":{"id":7,"tags":["a",\n "b"]}}'
    assert run("jsonpath", "$.user.*", body=body) == (
        0,
        "$['user']['id']\t7\n$['user']['tags']\t[\"a\",\"b\"]\n",
        "",
    )
    assert run("jsonpath", "$.nothing", body=body) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "body", "status", "error"),
    [
        (("$.a[",), "{}", 2, "expected a selector at column 5"),
        (("--strict", "$.credit-card"), "{}", 2, "at column"),
        (("$.a",), "{", 1, "the input is not JSON"),
        (("$.a", "--file", "/nowhere.json"), "", 1, "cannot read /nowhere.json: No such file"),
        ((), "", 2, "PATH"),
    ],
)
def test_jsonpath_says_what_is_wrong(
    arguments: tuple[str, ...], body: str, status: int, error: str
) -> None:
    ended, out, said = run("jsonpath", *arguments, body=body)
    assert ended == status
    assert out == ""
    assert error in said


# --- redact: bodies ---


def test_redact_masks_a_body() -> None:
    assert redact("-p", "$.p", "-p", "$..q", body='{"p":1, "r":{"q":[2]}}\n') == (
        f'{{"p":"{MARKER}", "r":{{"q":"{MARKER}"}}}}\n'
    )
    form = redact(
        "-p", "$.p", "--content-type", "application/x-www-form-urlencoded", body="p=1&q=2"
    )
    assert json.loads(form) == {"p": MARKER, "q": "2"}
    coded = gzip.compress(b'{"p":1}')
    assert redact("-p", "$.p", "--content-encoding", "gzip", body=coded) == f'{{"p":"{MARKER}"}}'
    scrubbed = redact("--scrub", "email", body='{"to":"mail bob@example.com"}')
    assert scrubbed == f'{{"to":"mail {MARKER}"}}'


def test_redact_says_why_a_whole_body_was_masked() -> None:
    reason = "apitoolkit: the whole body was masked: {}\n"
    assert run("redact", "-p", "$.p", body="{") == (
        0,
        f'"{MARKER}"',
        reason.format("invalid_json"),
    )
    text = ("redact", "-p", "$.p", "--content-type", "text/plain")
    assert run(*text, body="hello") == (0, "hello", "")
    assert run(*text, "--non-json", "mask", body="hello") == (
        0,
        f'"{MARKER}"',
        reason.format("non_json"),
    )
    assert run("redact", "--content-type", "image/png", body=b"\x89PNG") == (
        0,
        "",
        "apitoolkit: the body is binary, and never leaves\n",
    )


def test_redact_explains_its_plans() -> None:
    out = redact("--explain", "-p", "$.a.b", "-p", "$[?count(@.*)>1]")
    assert out.startswith("$.a.b: walk 1 (names only)\n$[?count(@.*)>1]: evaluator, since ")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("-p", "$.a["), '--path[0]: "$.a[": expected a selector at column 5'),
        (("--scrub", "emial"), 'did you mean "email"'),
        (("--header", "a b"), "expected a header's name at column 2"),
        (("--as", "neither"), "--as"),
        (("--config", "/nowhere.toml"), "cannot read /nowhere.toml: No such file"),
    ],
)
def test_redact_refuses_wrong_rules(arguments: tuple[str, ...], error: str) -> None:
    status, out, said = run("redact", *arguments, body="{}")
    assert (status, out) == (2, "")
    assert error in said


# --- redact: whole messages ---


def test_redact_masks_a_message() -> None:
    message = (
        "POST /users?token=t1&page=2 HTTP/1.1\r\n"
        "Authorization: Bearer t2\r\n"
        "X-Mine: t3\r\n"
        "Content-Type: application/json\r\n"
        "\r\n"
        '{"p":"t4"}'
    )
    assert redact("--header", "x-mine", "-p", "$.p", body=message) == (
        f"POST /users?token={MARKER}&page=2 HTTP/1.1\n"
        f"Authorization: {MARKER}\n"
        f"X-Mine: {MARKER}\n"
        "Content-Type: application/json\n"
        "\n"
        f'{{"p":"{MARKER}"}}'
    )
    status, _, error = run("redact", "--message", body="no header\nat all")
    assert status == 1
    assert "line 2: expected a header" in error


# --- redact: the SDK's file ---


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "apitoolkit.toml"
    path.write_text(
        'api_key = "not needed here"\n'
        'redact_headers = ["X-Mine"]\n'
        'redact_request_body = ["$.q"]\n'
        'redact_response_body = ["$.r"]\n'
        'scrub = ["email"]\n'
    )
    return str(path)


def test_redact_reads_the_rules_of_the_sdk(config: str) -> None:
    body = '{"q":1,"r":2,"s":"bob@example.com","t":3}'
    both = f'{{"q":"{MARKER}","r":"{MARKER}","s":"{MARKER}","t":3}}'
    assert redact("--config", config, body=body) == both
    only_request = f'{{"q":"{MARKER}","r":2,"s":"{MARKER}","t":"{MARKER}"}}'
    assert redact("--config", config, "--as", "request", "-p", "$.t", body=body) == only_request
    head = "HTTP/1.1 200 OK\nX-Mine: t\nContent-Type: application/json\n\n"
    assert redact("--config", config, "--message", body=head + '{"q":1,"r":2}').endswith(
        f'X-Mine: {MARKER}\nContent-Type: application/json\n\n{{"q":1,"r":"{MARKER}"}}'
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('redact_request_body = ["$.a", "$["]', 'redact_request_body[1]: "$[": expected'),
        ('\nredact_request_bodies = ["$.a"]', ":2: redact_request_bodies: expected one of "),
        ("redact_headers = 7", ":1: redact_headers: expected a list of strings"),
        ("redact_headers = [", ":1: "),
    ],
)
def test_redact_names_what_is_wrong_in_the_file(tmp_path: Path, text: str, error: str) -> None:
    path = tmp_path / "apitoolkit.toml"
    path.write_text(text)
    status, out, said = run("redact", "--config", str(path), body='{"a":1}')
    assert (status, out) == (2, "")
    assert said.startswith(f"apitoolkit: {path}")
    assert error in said


# --- redact: streams ---


def test_redact_streams_records_as_they_come() -> None:
    with subprocess.Popen(
        [BINARY, "redact", "-p", "$.p", "--content-type", "application/x-ndjson"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for number in range(3):
            process.stdin.write(b'{"p":%d}\nno json\n{"q"' % number)
            process.stdin.flush()
            # It answers before the stream goes on.
            assert process.stdout.readline() == f'{{"p":"{MARKER}"}}\n'.encode()
            assert process.stdout.readline() == f'"{MARKER}"\n'.encode()
            process.stdin.write(b":1}\n")
            process.stdin.flush()
            assert process.stdout.readline() == b'{"q":1}\n'
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.stderr.read() == (
            b"apitoolkit: 3 of 9 records were masked whole: invalid_json 3\n"
        )
        assert process.wait() == 0


def test_redact_reads_a_stream_of_any_length_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.ndjson"
    record = b'{"p":"%s","q":1}\n' % (b"x" * 1000)
    with path.open("wb") as file:
        for _ in range(200):
            file.write(record * 1000)
    bytes_max = 60 << 20
    # A child of its own, whose children this process's other tests are not.
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, BINARY, "redact", "-p", "$.p", "--file", path],
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert path.stat().st_size > 3 * bytes_max
    assert int(done.stdout) < bytes_max


def test_redact_shows_its_progress_on_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "long.ndjson"
    path.write_bytes(b'{"p":1}\n' * 200_000)
    main, terminal = pty.openpty()
    with subprocess.Popen(
        [BINARY, "redact", "-p", "$.p", "--file", path], stdout=subprocess.PIPE, stderr=terminal
    ) as process:
        os.close(terminal)
        assert process.stdout is not None
        # It writes more than a pipe holds, and so is still at work when the bar is due.
        process.stdout.read(1)
        time.sleep(0.6)
        process.stdout.read()
        assert process.wait() == 0
        shown = os.read(main, 1 << 16)
    os.close(main)
    assert shown.startswith(b"\rredacting")
    assert b" % " in shown
    assert b" of 1.60 MB" in shown
    assert shown.endswith(b"\r\x1b[K")


def test_redact_ends_when_its_reader_goes() -> None:
    command = [str(BINARY), "redact", "-p", "$.p", "--content-type", "application/jsonl"]
    with (
        subprocess.Popen(["yes", '{"p":1}'], stdout=subprocess.PIPE) as source,
        subprocess.Popen(
            command, stdin=source.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
    ):
        assert source.stdout is not None
        assert process.stdout is not None
        assert process.stderr is not None
        source.stdout.close()
        assert process.stdout.readline() == f'{{"p":"{MARKER}"}}\n'.encode()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) != 0
