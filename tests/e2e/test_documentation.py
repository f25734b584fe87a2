"""The README and the original documentation, pasted: each snippet runs and its traffic arrives.

The snippets of docs/ are run by python/tests.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import SecondService
from .processes import KEY, ROOT, Server, call, eventually, gunicorn, killed_after

SHARED = Path(os.environ.get("APITOOLKIT_SHARED", ROOT.parent / "shared"))
SEED = SHARED / "seed" / "flask-sdk-documentation.md"
FENCE = re.compile(r"^[ ]*```python\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)

# What a reader has around a snippet that is only a part of an application.
BEFORE = """
import os
from flask import Flask, request
from apitoolkit_flask import APIToolkit, observe_request, report_error

app = Flask("snippet")
"""
AFTER = """
toolkit = globals().get("apitoolkit") or APIToolkit(api_key=os.environ["APITOOLKIT_API_KEY"])
app.before_request(toolkit.beforeRequest)
app.after_request(toolkit.afterRequest)
"""

# Runs an application by itself: app.run() serves on a port of its own, without the reloader.
# Requests come from the test.
HARNESS = """
import runpy, sys
from flask import Flask
from werkzeug.serving import make_server

def serve(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print("serving on", server.port, flush=True)
    server.serve_forever()

Flask.run = lambda self, *args, **kwargs: serve(self)
serve(runpy.run_path(sys.argv[1], run_name="__main__")["app"])
"""


def snippets(document: Path) -> list[str]:
    found = [
        re.sub(r"^   ", "", s, flags=re.MULTILINE) if s.startswith("   ") else s
        for s in FENCE.findall(document.read_text())
    ]
    return [s for s in found if "APIToolkit(" in s or "@app." in s]


def cases() -> list[object]:
    documents = [ROOT / "README.md", *([SEED] if SEED.exists() else [])]
    return [
        pytest.param(s, id=f"{d.stem}-{i}") for d in documents for i, s in enumerate(snippets(d))
    ]


def test_the_original_documentation_is_read() -> None:
    if not SEED.exists() and os.environ.get("CI") != "true":
        pytest.skip(f"{SEED} is absent: the original documentation is not checked")
    assert len(snippets(SEED)) == 5


def application(snippet: str, server: Server, second_service: SecondService) -> str:
    """The snippet as pasted; only what a reader must replace is replaced: the key, and hosts that
    are elsewhere."""
    source = snippet.replace("<API_KEY>", KEY)
    hosts = r"https://jsonplaceholder\.typicode\.com|http://127\.0\.0\.1:9000"
    source = re.sub(hosts, second_service.url, source)
    source = re.sub(r'root_url="[^"]*"', f'root_url="{server.url}"', source)
    before = "" if "app = Flask(" in source else BEFORE
    return before + source + ("" if "before_request" in source else AFTER)


def environment(server: Server) -> dict[str, str]:
    return {"APITOOLKIT_ROOT_URL": server.url, "APITOOLKIT_API_KEY": KEY}


def use(base: str, source: str, server: Server) -> None:
    """Makes requests, and waits until they and what they called have arrived."""
    for path in ("/hello", "/sample/books", "/rates", "/nowhere"):
        call(base + path)
    eventually(lambda: len(server.exchanges(kind="incoming")) >= 4, "4 exchanges")
    if "observe_request(" in source:
        called = eventually(lambda: server.exchanges(kind="outgoing"), "the outgoing call")
        assert called[0]["parent_id"] in {e["id"] for e in server.exchanges(kind="incoming")}


@pytest.mark.parametrize("snippet", cases())
def test_a_snippet_runs_as_pasted(
    snippet: str, server: Server, second_service: SecondService, tmp_path: Path
) -> None:
    pasted, log = tmp_path / "application.py", tmp_path / "application.log"
    pasted.write_text(application(snippet, server, second_service))
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore::DeprecationWarning", "-c", HARNESS, str(pasted)],
            stdout=subprocess.PIPE, stderr=stderr, text=True,
            env={**os.environ, **environment(server)},
        )  # fmt: skip
    assert process.stdout is not None
    try:
        with killed_after(process, 60):
            started = process.stdout.readline()
        assert started.startswith("serving on "), log.read_text()
        use(f"http://127.0.0.1:{started.split()[-1]}", snippet, server)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("snippet", cases())
def test_a_snippet_runs_under_gunicorn(
    snippet: str, server: Server, second_service: SecondService, tmp_path: Path
) -> None:
    (tmp_path / "application.py").write_text(application(snippet, server, second_service))
    # As under `flask run`, the app.run() at the end of a snippet is left to who imports it.
    settings = {**environment(server), "FLASK_RUN_FROM_CLI": "true"}
    log = tmp_path / "gunicorn.log"
    with gunicorn("application:app", tmp_path, log, settings) as base:
        use(base, snippet, server)
