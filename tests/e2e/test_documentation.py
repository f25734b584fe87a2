"""Every Python snippet of the documentation runs, pasted, and does what the text around it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .processes import KEY, ROOT, Server, call, eventually, free_port

SHARED = Path(os.environ.get("APITOOLKIT_SHARED", ROOT.parent / "shared"))
SEED = SHARED / "seed" / "flask-sdk-documentation.md"
FENCE = re.compile(r"^[ ]*```python\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# Runs one snippet: `app` is there if it does not make its own, and app.run() serves on PORT
# without the reloader. Requests come from the test.
HARNESS = """
import os, sys, threading
import flask
from flask import Flask, request
from werkzeug.serving import make_server
from apitoolkit_flask import APIToolkit, observe_request, report_error

def serve(app):
    server = make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True)
    print("serving", flush=True)
    server.serve_forever()

Flask.run = lambda self, *args, **kwargs: serve(self)
scope = {"__name__": "__main__", "request": request, "Flask": Flask, "APIToolkit": APIToolkit}
source = sys.stdin.read()
if "Flask(" not in source:
    scope["app"] = Flask("snippet")
    if "@app.route" in source and "APIToolkit(" not in source:
        toolkit = APIToolkit(api_key=os.environ["APITOOLKIT_API_KEY"])
        scope["app"].before_request(toolkit.beforeRequest)
        scope["app"].after_request(toolkit.afterRequest)
exec(compile(source, "snippet.py", "exec"), scope)
if "app.run(" not in source:
    serve(scope["app"])
"""


def snippets(document: Path) -> list[str]:
    found = [
        re.sub(r"^   ", "", s, flags=re.MULTILINE) if s.startswith("   ") else s
        for s in FENCE.findall(document.read_text())
    ]
    return [s for s in found if "APIToolkit(" in s or "@app." in s]


def cases() -> list[object]:
    documents = [*DOCUMENTS, *([SEED] if SEED.exists() else [])]
    return [
        pytest.param(s, id=f"{d.stem}-{i}") for d in documents for i, s in enumerate(snippets(d))
    ]


@pytest.mark.skipif(
    not SEED.exists(), reason=f"{SEED} is absent: the original documentation is not checked"
)
def test_the_original_documentation_is_read() -> None:
    assert len(snippets(SEED)) == 5


@pytest.mark.parametrize("snippet", cases())
def test_a_snippet_runs_as_pasted(snippet: str, server: Server, second_service: str) -> None:
    # Only what a reader must replace is replaced: the key, and hosts that are elsewhere.
    source = snippet.replace("<API_KEY>", KEY)
    source = re.sub(
        r"https://jsonplaceholder\.typicode\.com|http://127\.0\.0\.1:9000", second_service, source
    )
    source = re.sub(r'root_url="[^"]*"', f'root_url="{server.url}"', source)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", HARNESS],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={
            **os.environ,
            "PORT": str(port),
            "APITOOLKIT_ROOT_URL": server.url,
            "APITOOLKIT_API_KEY": KEY,
        },
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write(source)
    process.stdin.close()
    try:
        started = process.stdout.readline()
        assert started == "serving\n", process.stderr.read()
        for path in ("/hello", "/sample/books", "/rates", "/nowhere"):
            call(f"http://127.0.0.1:{port}{path}")
        served = eventually(lambda: len(server.exchanges(kind="incoming")) >= 4, "4 exchanges")
        assert served
        if "observe_request(" in source:
            called = eventually(lambda: server.exchanges(kind="outgoing"), "the outgoing call")
            assert called[0]["parent_id"] in {e["id"] for e in server.exchanges(kind="incoming")}
    finally:
        process.kill()
        process.wait()
