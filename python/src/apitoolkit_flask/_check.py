"""`python -m apitoolkit_flask check`: what can be known of an installation before it is needed.

The network is asked by the core, so that what is found is what the worker will find.
"""

from __future__ import annotations

import os
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from . import _native
from ._core_client import make_client
from ._options import Options, needs_key, resolve

if TYPE_CHECKING:
    from ._native import Probe

TEST_PATH = "/apitoolkit-check"
TEST_TAG = "apitoolkit-check"
MESSAGE_TIMEOUT_MS = 60_000

OK, SKIPPED, FAILED = "ok", "skipped", "FAILED"


class Finding(NamedTuple):
    status: str
    name: str
    detail: str
    is_configuration: bool = False  # what is at fault is what the caller has written


def check(given: Mapping[str, Any], send: bool, timeout_s: float) -> Iterator[Finding]:
    """The findings, in order, as they come. `given` are arguments of APIToolkit."""
    try:
        options = resolve(given)
    except (TypeError, ValueError) as error:
        yield Finding(FAILED, "configuration", str(error), True)
        if not str(error).startswith("api_key: missing"):
            return
        options = resolve({**given, "api_key": ""})
    else:
        if needs_key(options.transport) and not options.api_key and options.enabled:
            yield Finding(FAILED, "configuration", "api_key: empty: nothing would be sent", True)
        yield Finding(OK, "configuration", _sources(given, options))
    rules = [*_check_paths(options), *_check_names(options)]
    yield from rules
    if any(finding.status == FAILED for finding in rules):
        options = replace(options, redact_request_body=(), redact_response_body=(), scrub=())
    if options.spool_dir:
        yield check_spool_dir(options.spool_dir)
        options = replace(options, spool_dir="")  # which the client would make
    if not options.enabled:
        yield Finding(SKIPPED, "server", "enabled is off: nothing is recorded")
    elif options.transport == "memory":
        yield Finding(SKIPPED, "server", 'transport is "memory": nothing leaves the process')
    elif needs_key(options.transport) and not options.api_key:
        yield Finding(SKIPPED, "server", "without a key there is nothing to ask for")
    else:
        yield from _check_server(options, send, timeout_s)


def _sources(given: Mapping[str, Any], options: Options) -> str:
    sources = ["the arguments"] if any(given.values()) else []
    sources += sorted(name for name in os.environ if name.startswith("APITOOLKIT_"))
    if options.config_file:
        sources.append(options.config_file)
    return "from " + ", ".join(sources)


def _check_paths(options: Options) -> Iterator[Finding]:
    for name in ("redact_request_body", "redact_response_body"):
        for index, path in enumerate(getattr(options, name)):
            found = _native.jsonpath_select(b"null", path, False)
            place = f"{name}[{index}]"
            if isinstance(found, tuple):
                yield Finding(FAILED, place, found[1], True)
            else:
                yield Finding(OK, place, path)


def _check_names(options: Options) -> Iterator[Finding]:
    for name in ("redact_headers", "redact_query"):
        names = getattr(options, name)
        if names:
            yield Finding(OK, name, ", ".join(names))
    if not options.redact_default_headers:
        yield Finding(
            OK, "redact_default_headers", "off: Authorization and Cookie leave as they are"
        )
    for index, detector in enumerate(options.scrub):
        try:
            _native.scrub_text("", [detector])
        except ValueError as error:
            detail = str(error).partition(": ")[2]
            yield Finding(FAILED, f"scrub[{index}]", detail, True)
        else:
            yield Finding(OK, f"scrub[{index}]", detector)


def check_spool_dir(folder: str) -> Finding:
    """Whether files can be made there; nothing of it is left."""
    path = Path(folder)
    try:
        is_new = not path.is_dir()
        if is_new:
            path.mkdir(mode=0o700)  # as APIToolkit does: its parent must be there
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
        if is_new:
            path.rmdir()
    except OSError as error:
        return Finding(FAILED, "spool_dir", f"{folder}: {error.strerror or error}", True)
    return Finding(OK, "spool_dir", f"{folder} can be written to")


def _check_server(options: Options, send: bool, timeout_s: float) -> Iterator[Finding]:
    try:
        message = _test_message(options)
        client = make_client(options, enabled=True)
    except ValueError as error:
        yield Finding(FAILED, "configuration", str(error), True)
        return
    report = client.probe(message, send, int(timeout_s * 1000))
    yield from _findings_of_settings(options, report)
    if report["delivery"] is not None:
        yield from _findings_of_delivery(report, send)


def _findings_of_settings(options: Options, report: Probe) -> Iterator[Finding]:
    settings = report["settings"]
    if settings is None:
        return
    call = report["calls"][0]
    proxy = _proxy_of(call["url"])
    way = f" through the proxy {proxy}" if proxy else ""
    if call["status"] == 0:
        yield Finding(FAILED, "server", f"{call['url']}{way}: {call['error']}")
        return
    took = f"answered {call['status']} in {call['duration_ms']} ms"
    yield Finding(OK, "server", f"{options.root_url}{way} {took}")
    if settings["outcome"] != "delivered":
        yield Finding(FAILED, "key", settings["detail"])
        return
    yield Finding(OK, "key", f"of the project {report['project_id']}")
    for name, values in report["rules"].items():
        if values:
            yield Finding(OK, f"server's {name}", ", ".join(values))


def _findings_of_delivery(report: Probe, send: bool) -> Iterator[Finding]:
    delivery = report["delivery"]
    calls = [call for call in report["calls"] if call["method"] != "GET"]
    if calls:
        proxy = _proxy_of(calls[-1]["url"])
        way = f" through the proxy {proxy}" if proxy else ""
        yield Finding(OK, "publishes to", _without_topic(calls[-1]["url"]) + way)
    if not send and calls:
        yield Finding(SKIPPED, "publishing", "not tried; --send sends one test exchange")
    elif delivery is not None and delivery["outcome"] == "delivered":
        took = f" in {calls[-1]['duration_ms']} ms" if calls else ""
        yield Finding(OK, "publishing", f"the test exchange {TEST_PATH} was acknowledged{took}")
    elif delivery is not None:
        yield Finding(FAILED, "publishing", delivery["detail"])


def _without_topic(url: str) -> str:
    """All of the URL but the end of the topic: who knows it may be able to publish there."""
    before, separator, topic = url.rpartition("/topics/")
    if not separator:
        return url
    return f"{before}{separator}{topic.rpartition(':')[0][:6]}…"


def _proxy_of(url: str) -> str:
    """The proxy that libcurl takes for `url`, without its password; "" for none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127."):
        return ""
    if urllib.request.proxy_bypass(host):
        return ""
    names = ["http_proxy"] if parts.scheme == "http" else ["https_proxy", "HTTPS_PROXY"]
    for name in (*names, "all_proxy", "ALL_PROXY"):
        if os.environ.get(name):
            address = os.environ[name].rpartition("://")[2]
            return f"{address.rpartition('@')[2]} ({name})"
    return ""


def _test_message(options: Options) -> bytes:
    """An exchange that says what it is, made as every other one is made."""
    plain = replace(
        options, transport="memory", exclude=(), tags=(*options.tags, TEST_TAG), debug=False
    )
    client = make_client(plain, enabled=True)
    environ: dict[str, Any] = {"PATH_INFO": TEST_PATH, "RAW_URI": TEST_PATH}
    setup_testing_defaults(environ)
    recording = client.begin(environ)
    if recording is not None:
        recording.respond(TEST_PATH, {}, 204, [], [])
        recording.finish()
    client.flush(MESSAGE_TIMEOUT_MS)
    (message,) = client.take_messages()
    client.close()
    return message
