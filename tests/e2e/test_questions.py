"""`apitoolkit query` and `tail`, against a server process."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
from base64 import b64encode
from collections.abc import Iterator

import pytest

from .processes import BINARY, KEY, Server, eventually, killed_after
from .test_server_process import message, publish


def start(*arguments: str, url: str, output: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(BINARY), *arguments],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "APITOOLKIT_ROOT_URL": url, "APITOOLKIT_API_KEY": KEY, "NO_COLOR": ""},
    )


def run(*arguments: str, url: str) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    process = start(*arguments, url=url)
    out, said = process.communicate(timeout=120)
    return process.returncode, out, said


@pytest.fixture
def shop(server: Server) -> Server:
    status, _ = publish(
        server,
        [
            message("/orders", status_code=200, duration=12_000_000),
            message("/orders", status_code=503, duration=40_000_000),
            message("/evil", consumer="\x1b]0;title\x07=1+1\u202e"),
        ],
    )
    assert status == 200
    return server


# --- query ---


def test_a_query_is_answered_as_a_table(shop: Server) -> None:
    question = "summarize n = count(), slowest = max(duration) by url_path | sort by n desc"
    assert run("query", question, url=shop.url) == (
        0,
        "url_path  n  slowest\n/orders   2     40ms\n/evil     1      1us\n",
        "",
    )


def test_a_query_is_answered_in_other_formats(shop: Server) -> None:
    question = 'url_path == "/evil" | project url_path, consumer'
    _, out, _ = run("query", question, "--format", "ndjson", url=shop.url)
    assert json.loads(out) == {"url_path": "/evil", "consumer": "\x1b]0;title\x07=1+1\u202e"}
    _, out, _ = run("query", question, "--format", "json", url=shop.url)
    assert json.loads(out)["columns"][0] == {"name": "url_path", "type": "text"}
    _, out, _ = run("query", "project status_code", "--format", "csv", "--limit", "1", url=shop.url)
    assert out == "status_code\n200\n"
    _, out, _ = run("query", question, url=shop.url)
    assert out.splitlines()[1] == "/evil     \\x1b]0;title\\x07=1+1\\u202e"


def test_an_answer_that_is_cut_says_so(shop: Server) -> None:
    status, out, said = run("query", "project url_path", "--limit", "2", url=shop.url)
    assert (status, len(out.splitlines())) == (0, 3)
    assert "there are more rows" in said
    status, out, said = run("query", "project url_path", "--until", "-1h", url=shop.url)
    assert (status, out, said) == (0, "url_path\n", "")


def test_a_query_that_is_wrong_shows_where(shop: Server) -> None:
    status, out, said = run("query", "where staus_code == 200", url=shop.url)
    assert (status, out) == (2, "")
    assert said == (
        "apitoolkit: line 1, column 7: there is no field 'staus_code'; "
        "did you mean 'status_code'?\n"
        "where staus_code == 200\n"
        "      ^^^^^^^^^^\n"
    )
    status, _, said = run("query", "take 1", "--since", "yesterday", url=shop.url)
    assert status == 2
    assert said.startswith("apitoolkit: since: expected an RFC 3339 time")
    assert run("query", "take 1", "--format", "xml", url=shop.url)[0] == 2
    assert run("query", url=shop.url)[0] == 2


def test_a_query_says_who_does_not_answer(shop: Server, refusing_service: str) -> None:
    status, out, said = run("query", "take 1", url=refusing_service)
    assert (status, out) == (1, "")
    assert said.startswith(f"apitoolkit: {refusing_service}: ")
    status, _, said = run("query", "take 1", "--key", "wrong", url=shop.url)
    assert status == 1
    assert "key" in said


def test_a_table_fits_the_terminal(shop: Server) -> None:
    """A terminal of 40 columns."""
    assert publish(shop, [message("/" + "long" * 40, consumer="somebody")])[0] == 200
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", "40"], stdin=theirs, check=True)
    with start("query", "project url_path, consumer", url=shop.url, output=theirs) as process:
        os.close(theirs)
        text = b""
        with killed_after(process, 60):
            while True:
                try:
                    piece = os.read(ours, 4096)
                except OSError:  # the other end is closed
                    break
                if not piece:
                    break
                text += piece
        assert process.wait() == 0
    os.close(ours)
    lines = text.decode().replace("\r", "").splitlines()
    assert max(len(line) for line in lines) == 40
    assert any("…" in line for line in lines)


# --- tail ---


@pytest.fixture
def tails(server: Server) -> Iterator[list[subprocess.Popen[str]]]:
    """Those that a test starts, ended at its end."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def listeners(server: Server) -> int:
    metrics = server.get("/metrics").body.decode()
    found = [line for line in metrics.splitlines() if line.startswith("apitoolkit_tail_listeners ")]
    return int(float(found[0].split()[1]))


def test_the_tail_shows_what_is_committed_from_then_on(
    shop: Server, tails: list[subprocess.Popen[str]]
) -> None:
    tail = start("tail", "status_code >= 500", "--count", "2", url=shop.url)
    tails.append(tail)
    eventually(lambda: listeners(shop) == 1, "the tail to listen")
    publish(shop, [message("/fine"), message("/broken", status_code=500, host="h")])
    publish(shop, [message("/evil", status_code=500, host="\x1b[31m", consumer="\u202e")])
    with killed_after(tail, 60):
        out, said = tail.communicate()
    assert (tail.returncode, said) == (0, "")
    first, second = out.splitlines()
    assert first.split("  ")[1:] == ["500", "GET", "h/broken", "1us"]
    assert second.split("  ")[1:] == ["500", "GET", "\\x1b[31m/evil", "1us", "\\u202e"]


def test_the_tail_is_lines_of_json_and_ends_by_ctrl_c(
    shop: Server, tails: list[subprocess.Popen[str]]
) -> None:
    tail = start("tail", "--format", "ndjson", url=shop.url)
    tails.append(tail)
    eventually(lambda: listeners(shop) == 1, "the tail to listen")
    publish(shop, [message("/one")])
    assert tail.stdout is not None
    with killed_after(tail, 60):
        assert json.loads(tail.stdout.readline())["url_path"] == "/one"
        tail.send_signal(signal.SIGINT)
        assert tail.wait() == 0


def test_the_tail_comes_back_and_misses_nothing(
    server: Server, tails: list[subprocess.Popen[str]]
) -> None:
    tail = start("tail", "--format", "ndjson", "--count", "4", url=server.url)
    tails.append(tail)
    eventually(lambda: listeners(server) == 1, "the tail to listen")
    publish(server, [message("/1"), message("/2")])
    assert tail.stdout is not None
    with killed_after(tail, 120):
        seen = [json.loads(tail.stdout.readline())["url_path"] for _ in range(2)]
        server.kill()
        server.start()
        # Perhaps before the tail is there again.
        publish(server, [message("/3"), message("/4")])
        seen += [json.loads(tail.stdout.readline())["url_path"] for _ in range(2)]
        assert tail.wait() == 0
    assert seen == ["/1", "/2", "/3", "/4"]
    assert tail.stderr is not None
    said = tail.stderr.read()
    assert "trying again" in said
    assert "connected again" in said


def test_the_tail_ends_where_it_is_refused(shop: Server) -> None:
    status, _, said = run("tail", "staus_code == 1", url=shop.url)
    assert status == 2
    assert "did you mean 'status_code'?" in said
    status, _, said = run("tail", "--key", "wrong", url=shop.url)
    assert status == 1
    assert "key" in said


# --- cancelling ---


def queries(server: Server) -> dict[str, int]:
    """What /metrics counts of queries."""
    begin = "apitoolkit_queries_"
    lines = server.get("/metrics").body.decode().splitlines()
    return {
        line.split()[0].removeprefix(begin): int(float(line.split()[1]))
        for line in lines
        if line.startswith(begin)
    }


def test_a_query_ends_when_its_client_goes(server: Server) -> None:
    """One that would take until its limit of 30 seconds: RE2 has no small automaton for it."""
    shuffled = random.Random(1)  # noqa: S311
    headers = {"Content-Type": ["text/plain"]}
    for batch in range(20):
        bodies = ["".join(shuffled.choices("ab", k=20_000)).encode() for _ in range(50)]
        messages = [
            message(f"/{batch}", request_headers=headers, request_body=b64encode(body).decode())
            for body in bodies
        ]
        assert publish(server, messages)[0] == 200
    slow = "request_body matches /a.{400}c/ or request_body matches /b.{400}c/"
    query = start("query", slow + " | summarize count()", url=server.url)
    with killed_after(query, 100):
        eventually(lambda: queries(server)["running"] == 1, "the query to run")
        query.send_signal(signal.SIGINT)
        assert query.wait() == 130
        eventually(lambda: queries(server)["running"] == 0, "the query to end", 25)
    assert queries(server)["cancelled_total"] == 1
    assert query.communicate()[0] == ""
