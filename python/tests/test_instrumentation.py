"""instrument_httpx and instrument_requests: every call of the process, linked to its request."""

from __future__ import annotations

import asyncio
import contextvars
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, Callable

import httpx
import pytest
import requests
from flask import copy_current_request_context

from apitoolkit_flask import APIToolkit, observe_request, observe_request_async
from conftest import MARKER, Message, Service, Site, body_of, json_of

Get = Callable[[str], int]


def get_httpx(url: str) -> int:
    return httpx.get(url).status_code


def get_httpx_async(url: str) -> int:
    async def run() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.get(url)).status_code

    return asyncio.run(run())


def get_requests(url: str) -> int:
    return requests.get(url, timeout=60).status_code


LIBRARIES = [
    pytest.param(APIToolkit.instrument_httpx, get_httpx, id="httpx"),
    pytest.param(APIToolkit.instrument_httpx, get_httpx_async, id="httpx-async"),
    pytest.param(APIToolkit.instrument_requests, get_requests, id="requests"),
]
each_library = pytest.mark.parametrize(("instrument", "get"), LIBRARIES)
Instrument = Callable[[APIToolkit], Callable[[], None]]


def outgoing(messages: list[Message]) -> list[Message]:
    return [m for m in messages if m["sdk_type"] == "PythonOutgoing"]


def incoming(messages: list[Message]) -> Message:
    (message,) = [m for m in messages if m["sdk_type"] == "PythonFlask"]
    return message


@each_library
def test_a_call_is_linked_to_the_request_it_is_made_in(
    instrument: Instrument, get: Get, site: Site, service: Service
) -> None:
    instrument(site.toolkit)
    site.app.add_url_rule("/", view_func=lambda: str(get(f"{service.url}/x?a=1")))
    assert site.app.test_client().get("/").data == b"200"
    messages = site.messages()
    (call,) = outgoing(messages)
    assert call["parent_id"] == incoming(messages)["msg_id"]
    assert call["trace_id"] == incoming(messages)["trace_id"]
    assert call["parent_span_id"] == incoming(messages)["span_id"]
    assert (call["method"], call["status_code"]) == ("GET", 200)
    assert call["host"] == service.url.removeprefix("http://")
    assert (call["raw_url"], call["url_path"]) == ("/x?a=1", "/x")
    answer = json_of(call, "response_body")
    assert answer["traceparent"] == f"00-{call['trace_id']}-{call['span_id']}-01"
    assert call["duration"] >= call["ttfb"] > 0


@each_library
def test_a_call_outside_of_a_request_has_no_parent(
    instrument: Instrument, get: Get, site: Site, service: Service
) -> None:
    instrument(site.toolkit)
    get(f"{service.url}/x")
    assert not site.message().get("parent_id")


@each_library
def test_undone_it_records_nothing_and_twice_is_once(
    instrument: Instrument, get: Get, site: Site, service: Service
) -> None:
    originals = (httpx.Client.send, httpx.AsyncClient.send, requests.Session.send)
    undo = instrument(site.toolkit)
    again = instrument(site.toolkit)
    get(f"{service.url}/x")
    assert len(site.messages()) == 1
    again()
    undo()
    get(f"{service.url}/x")
    assert site.messages() == []
    assert (httpx.Client.send, httpx.AsyncClient.send, requests.Session.send) == originals
    instrument(site.toolkit)
    get(f"{service.url}/x")
    assert len(site.messages()) == 1


@each_library
def test_closing_the_toolkit_undoes_it(
    instrument: Instrument, get: Get, site: Site, service: Service
) -> None:
    originals = (httpx.Client.send, httpx.AsyncClient.send, requests.Session.send)
    instrument(site.toolkit)
    site.toolkit.close()
    assert (httpx.Client.send, httpx.AsyncClient.send, requests.Session.send) == originals
    assert get(f"{service.url}/x") == 200


@each_library
def test_somebody_elses_patch_over_ours_stays(
    instrument: Instrument,
    get: Get,
    site: Site,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undo = instrument(site.toolkit)
    for owner in (httpx.Client, httpx.AsyncClient, requests.Session):
        ours: Any = owner.send
        theirs = lambda *a, _ours=ours, **k: _ours(*a, **k)  # noqa: E731
        monkeypatch.setattr(owner, "send", theirs)
    undo()
    assert get(f"{service.url}/x") == 200
    assert site.messages() == []
    instrument(site.toolkit)
    assert get(f"{service.url}/x") == 200
    assert len(site.messages()) == 1


@each_library
def test_threads_that_carry_the_context_are_linked(
    instrument: Instrument, get: Get, site: Site, service: Service
) -> None:
    instrument(site.toolkit)

    def in_thread(run: Callable[[], object]) -> None:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    @site.app.route("/")
    def view() -> str:
        in_thread(copy_current_request_context(lambda: get(f"{service.url}/flask")))
        context = contextvars.copy_context()
        in_thread(lambda: context.run(get, f"{service.url}/context"))
        in_thread(lambda: get(f"{service.url}/bare"))
        return ""

    site.app.test_client().get("/")
    messages = site.messages()
    parent = incoming(messages)["msg_id"]
    linked = {m["raw_url"]: m.get("parent_id") == parent for m in outgoing(messages)}
    assert linked == {"/flask": True, "/context": True, "/bare": False}


@each_library
def test_a_plain_wsgi_application_links_its_calls_too(
    instrument: Instrument, get: Get, make_toolkit: Callable[..., APIToolkit], service: Service
) -> None:
    from werkzeug.test import Client

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        get(f"{service.url}/in{environ['PATH_INFO']}")
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/list":
            return [b"x"]
        return stream()

    def stream() -> Iterator[bytes]:
        get(f"{service.url}/while-streaming")
        yield b"x"

    toolkit = make_toolkit()
    instrument(toolkit)
    client = Client(toolkit.wsgi(app))
    for path in ("/list", "/stream"):
        with client.get(path) as response:
            assert response.data == b"x"
        get(f"{service.url}/outside")
    messages = toolkit.take_messages()
    ids = {m["raw_url"]: m["msg_id"] for m in messages if m["sdk_type"] == "PythonFlask"}
    parents = [(m["raw_url"], m.get("parent_id")) for m in outgoing(messages)]
    assert parents == [
        ("/in/list", ids["/list"]),
        ("/outside", None),
        ("/in/stream", ids["/stream"]),
        ("/while-streaming", ids["/stream"]),
        ("/outside", None),
    ]


@each_library
def test_the_toolkit_whose_request_it_is_records_the_call(
    instrument: Instrument, get: Get, make_site: Callable[..., Site], service: Service
) -> None:
    one, two, stranger = make_site(), make_site(), make_site()
    for site in (one, two):
        instrument(site.toolkit)
    for site in (one, two, stranger):
        site.app.add_url_rule("/", view_func=lambda: str(get(f"{service.url}/x")))
        site.app.test_client().get("/").close()
    assert [len(outgoing(site.messages())) for site in (one, stranger)] == [1, 0]
    own, strangers = outgoing(two.messages())
    assert own["parent_id"]
    assert not strangers.get("parent_id")


@each_library
def test_a_failed_call_is_recorded_and_raises_what_it_always_does(
    instrument: Instrument, get: Get, site: Site
) -> None:
    import socket

    instrument(site.toolkit)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/x"
        with pytest.raises((httpx.ConnectError, requests.ConnectionError)):
            get(url)
    message = site.message()
    assert message["status_code"] == 0
    assert [e["error_type"] for e in message["errors"]] in (["ConnectError"], ["ConnectionError"])


@each_library
def test_our_own_failure_does_not_reach_the_call(
    instrument: Instrument,
    get: Get,
    site: Site,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from apitoolkit_flask import _call, _context, _log

    def fail(*_: Any) -> Any:
        raise RuntimeError("ours")

    instrument(site.toolkit)
    for owner, name in (
        (_call.Call, "_push"),
        (_call.Call, "_trace"),
        (_context, "current_recording"),
    ):
        monkeypatch.setattr(_log, "_last_failure_s", {})
        caplog.clear()
        monkeypatch.setattr(owner, name, fail)
        assert get(f"{service.url}/x") == 200
        assert "recording an outgoing call failed" in caplog.text


@each_library
def test_what_does_not_record_is_not_in_the_way(
    instrument: Instrument, get: Get, make_toolkit: Callable[..., APIToolkit], service: Service
) -> None:
    toolkit = make_toolkit(enabled=False)
    instrument(toolkit)()
    instrument(toolkit)
    assert get(f"{service.url}/x") == 200
    assert toolkit.take_messages() == []


@each_library
def test_before_send_and_redaction_apply(
    instrument: Instrument, get: Get, make_toolkit: Callable[..., APIToolkit], service: Service
) -> None:
    toolkit = make_toolkit(
        redact_response_body=["$.token"],
        before_send=lambda message: {**message, "seen": get_again()},
    )

    def get_again() -> int:
        both = (httpx.get(f"{service.url}/h"), requests.get(f"{service.url}/r", timeout=60))
        return max(answer.status_code for answer in both)

    instrument(toolkit)
    get(f"{service.url}/x")
    (message,) = toolkit.take_messages()
    assert json_of(message, "response_body")["token"] == MARKER
    assert (message["raw_url"], message["seen"]) == ("/x", 200)


# --- HTTPX alone ---


def test_clients_that_were_made_before_are_recorded(site: Site, service: Service) -> None:
    class Mine(httpx.Client):
        pass

    with httpx.Client() as old, Mine() as mine:
        site.toolkit.instrument_httpx()
        old.get(f"{service.url}/old")
        mine.get(f"{service.url}/mine")
        with old.stream("GET", f"{service.url}/stream") as response:
            assert b"".join(response.iter_raw()) == b"one two three"
    assert [m["raw_url"] for m in site.messages()] == ["/old", "/mine", "/stream"]


def test_observed_clients_are_recorded_once(site: Site, service: Service) -> None:
    site.toolkit.instrument_httpx()

    async def run() -> None:
        await observe_request_async(None, url_wildcard="/w").get(f"{service.url}/a")

    observe_request(None, url_wildcard="/w").get(f"{service.url}/b")
    asyncio.run(run())
    with httpx.Client() as own:
        observe_request(None, url_wildcard="/w", client=own).get(f"{service.url}/c")
        again = own.build_request("GET", f"{service.url}/d")
        own.send(again)
        own.send(again)
    paths = [(m["raw_url"], m["url_path"]) for m in site.messages()]
    assert paths == [("/b", "/w"), ("/a", "/w"), ("/c", "/w"), ("/d", "/d"), ("/d", "/d")]


def test_redirects_of_httpx_are_one_chain(site: Site, service: Service) -> None:
    site.toolkit.instrument_httpx()
    httpx.get(f"{service.url}/to/target", follow_redirects=True)
    message = site.message()
    assert (message["raw_url"], message["status_code"]) == ("/to/target", 200)


def test_calls_in_an_async_view_are_linked(site: Site, service: Service) -> None:
    site.toolkit.instrument_httpx()

    @site.app.route("/")
    async def view() -> str:
        async with httpx.AsyncClient() as client:
            await asyncio.gather(*(client.get(f"{service.url}/{i}") for i in range(3)))
        return ""

    site.app.test_client().get("/")
    messages = site.messages()
    parents = {m["parent_id"] for m in outgoing(messages)}
    assert parents == {incoming(messages)["msg_id"]}
    assert len(outgoing(messages)) == 3


# --- requests alone ---


def test_a_body_and_headers_of_requests_are_recorded(site: Site, service: Service) -> None:
    site.toolkit.instrument_requests()
    answer = requests.post(
        f"{service.url}/echo", json={"a": 1}, headers={"X-Secret-Token": "s3cret"}, timeout=60
    )
    assert answer.json() == {"a": 1}
    message = site.message()
    assert json_of(message, "request_body") == {"a": 1}
    assert json_of(message, "response_body") == {"a": 1}
    assert message["request_headers"]["X-Secret-Token"] == MARKER
    assert message["response_headers"]["Content-Type"] == "application/json"
    assert message["proto_major"], message["proto_minor"] == (1, 1)
    assert message["response_body_size"] == len(answer.content)


def test_redirects_of_requests_are_one_chain(site: Site, service: Service) -> None:
    site.toolkit.instrument_requests()
    answer = requests.get(f"{service.url}/to/target", timeout=60)
    assert [step.status_code for step in answer.history] == [302]
    message = site.message()
    assert (message["raw_url"], message["status_code"]) == ("/to/target", 200)
    assert json_of(message, "response_body")["path"] == "/target"
    requests.get(f"{service.url}/to/target", timeout=60, allow_redirects=False)
    assert site.message()["status_code"] == 302


def test_a_call_that_a_response_hook_makes_is_one_of_its_own(site: Site, service: Service) -> None:
    site.toolkit.instrument_requests()

    def hook(*_: Any, **__: Any) -> None:
        requests.get(f"{service.url}/inner", timeout=60)

    requests.get(f"{service.url}/outer", timeout=60, hooks={"response": hook})
    assert [m["raw_url"] for m in site.messages()] == ["/inner", "/outer"]


READERS: list[Any] = [
    pytest.param(lambda r: b"".join(r.iter_content(2)), id="iter_content"),
    pytest.param(lambda r: b"".join(r.raw), id="raw"),
    pytest.param(lambda r: r.raw.read(), id="read"),
    pytest.param(lambda r: b"".join(iter(lambda: r.raw.read(4), b"")), id="read-some"),
    pytest.param(lambda r: b"".join(r.iter_lines(delimiter=b"|")), id="iter_lines"),
    pytest.param(lambda r: r.content, id="content"),
    pytest.param(lambda r: io.BufferedReader(r.raw, 4).read(), id="readinto"),
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("path", ["/stream", "/cookie"])
def test_a_streamed_response_of_requests_is_teed(
    read: Callable[[requests.Response], bytes], path: str, site: Site, service: Service
) -> None:
    site.toolkit.instrument_requests()
    expected = b"one two three" if path == "/stream" else b"a=b"
    headers = {"Cookie": "a=b"}
    with requests.get(f"{service.url}{path}", stream=True, timeout=60, headers=headers) as response:
        assert site.messages() == []
        assert type(response.raw).__module__.startswith("urllib3")
        assert read(response) == expected
    message = site.message()
    assert body_of(message, "response_body") == expected
    assert "aborted" not in message


@pytest.mark.parametrize("leave", ["close", "forget"])
def test_a_stream_of_requests_that_is_left_early_is_aborted(
    leave: str, site: Site, service: Service
) -> None:
    import gc

    site.toolkit.instrument_requests()
    response = requests.get(f"{service.url}/stream", stream=True, timeout=60)
    chunks = response.iter_content(1)
    next(chunks)
    if leave == "close":
        response.close()
    del response, chunks
    gc.collect()
    message = site.message()
    assert message["aborted"]
    assert body_of(message, "response_body") == b"o"


def test_a_response_that_an_adapter_makes_by_hand_is_recorded(site: Site) -> None:
    class Adapter(requests.adapters.BaseAdapter):
        def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
            response = requests.Response()
            response.status_code, response.request, response.url = 204, request, request.url
            return response

        def close(self) -> None:
            return

    site.toolkit.instrument_requests()
    with requests.Session() as session:
        session.mount("made:", Adapter())
        session.get("made://h/x", stream=True)
        session.get("made://h/x")
    first, second = site.messages()
    for message in (first, second):
        assert (message["status_code"], message["host"]) == (204, "h")
        assert "aborted" not in message


def test_streamed_requests_are_teed(site: Site, service: Service) -> None:
    site.toolkit.instrument_requests()
    url = f"{service.url}/echo"
    bodies: list[Any] = [iter([b"one ", b"two"]), io.BytesIO(b"one two")]
    for body in bodies:
        answer = requests.post(url, data=body, timeout=60)
        assert answer.content == b"one two"
        assert answer.request.body is body
    for message in site.messages():
        assert body_of(message, "request_body") == b"one two"
        assert message["request_body_size"] == 7


def test_a_file_that_requests_uploads_is_not_recorded(site: Site, service: Service) -> None:
    site.toolkit.instrument_requests()
    files = {"f": ("n.txt", b"file content")}
    answer = requests.post(f"{service.url}/echo", data={"a": "1"}, files=files, timeout=60)
    assert b"file content" in answer.content
    message = site.message()
    assert b"file content" not in body_of(message, "request_body")
    assert json_of(message, "request_body")["a"] == "1"


def test_user_information_of_a_url_is_not_recorded(site: Site, service: Service) -> None:
    site.toolkit.instrument_requests()
    requests.get(service.url.replace("//", "//u:s3cret@") + "/x?token=s3cret", timeout=60)
    assert "s3cret" not in str({k: v for k, v in site.message().items() if k != "response_body"})


def test_a_session_with_retries_is_one_call(site: Site, service: Service) -> None:
    from requests.adapters import HTTPAdapter
    from urllib3.util.retry import Retry

    site.toolkit.instrument_requests()
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[200])))
        with pytest.raises(requests.exceptions.RetryError):
            session.get(f"{service.url}/x")
    message = site.message()
    assert [e["error_type"] for e in message["errors"]] == ["RetryError"]


def test_without_requests_the_call_says_what_to_install(
    make_toolkit: Callable[..., APIToolkit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(ImportError, match=r"instrument_requests: .*pip install requests"):
        make_toolkit().instrument_requests()


def test_neither_library_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, apitoolkit_flask as a; t = a.APIToolkit(transport='memory');"
        "assert 'requests' not in sys.modules, 1; t.instrument_httpx();"
        "assert 'requests' not in sys.modules, 2"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)  # noqa: S603


def test_an_excluded_request_is_no_parent(make_site: Callable[..., Site], service: Service) -> None:
    site = make_site(exclude=["/health"])
    site.toolkit.instrument_requests()
    site.app.add_url_rule("/health", view_func=lambda: str(get_requests(f"{service.url}/x")))
    site.app.test_client().get("/health").close()
    assert not site.message().get("parent_id")
