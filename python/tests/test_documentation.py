"""Every Python snippet of the documentation runs, and its applications answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from flask import Flask

from apitoolkit_flask import APIToolkit, Stats

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "getting-started.md",
    "options.md",
    "errors.md",
    "outgoing-calls.md",
    "delivery.md",
    "deployment.md",
    "migrating.md",
    "troubleshooting.md",
]


def snippets() -> list[Any]:
    found = []
    for page in PAGES:
        text = (ROOT / "docs" / page).read_text()
        for number, code in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL)):
            found.append(pytest.param(code, id=f"{page}-{number}"))
    return found


@pytest.mark.parametrize("code", snippets())
def test_a_snippet_runs(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APITOOLKIT_TRANSPORT", "memory")

    def answer(_: object, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": 2, "userId": 1, "url": str(request.url)})

    async def answer_async(_: object, request: httpx.Request) -> httpx.Response:
        return answer(_, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer_async)
    names: dict[str, Any] = {"__name__": "snippet"}
    exec(compile(code, "snippet", "exec"), names)  # noqa: S102
    try:
        visit(names.get("app"))
    finally:
        for value in names.values():
            if isinstance(value, APIToolkit):
                value.close()  # what it has instrumented is the whole process's


def visit(app: object) -> None:
    if not isinstance(app, Flask):
        return
    for rule in list(app.url_map.iter_rules()):
        if rule.endpoint != "static":
            path = re.sub("<.*?>", "2", rule.rule)
            assert app.test_client().get(path).status_code == 200


def test_every_option_is_documented() -> None:
    from dataclasses import fields

    from apitoolkit_flask._options import Options

    text = (ROOT / "docs" / "options.md").read_text()
    assert [f.name for f in fields(Options) if f"`{f.name}`" not in text] == []


def test_every_state_and_reason_is_explained() -> None:
    states = get_args(get_type_hints(Stats)["state"])
    reasons = re.findall(r'return "(\w+)"', (ROOT / "src/redact/reason.cc").read_text())
    core = (
        "".join(
            (ROOT / place).read_text()
            for place in ("src/sdk/client.cc", "src/sdk/counters.h", "src/sdk/deliver/courier.cc")
        )
        + (ROOT / "python/ext/client.cc").read_text()
    )
    dropped = re.findall(r'\b(?:drop|decided|on_decided_)\([^;"]*"(\w+)"', core)
    dropped += re.findall(r'dropped\["(\w+)"\]', core)
    assert {"ready", "truncated", "queue_full", "sampled"} <= {*states, *reasons, *dropped}
    text = (ROOT / "docs/troubleshooting.md").read_text()
    names = {*states, *reasons, *dropped} - {"none"}
    assert [name for name in sorted(names) if f"| `{name}` |" not in text] == []


def test_every_field_of_stats_is_explained() -> None:
    text = (ROOT / "docs/delivery.md").read_text()
    assert [name for name in get_type_hints(Stats) if f"`{name}`" not in text] == []
