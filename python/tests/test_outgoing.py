"""Outgoing calls through observe_request: recorded, linked, and otherwise HTTPX as it is."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, Callable

import httpx
import pytest
from flask import request

from apitoolkit_flask import APIToolkit, observe_request, observe_request_async, report_error
from conftest import MARKER, Message, Service, Site, body_of, json_of


def by_direction(messages: list[Message]) -> tuple[Message, list[Message]]:
    """The incoming exchange, and the outgoing ones in order."""
    outgoing = [m for m in messages if m["sdk_type"] == "PythonOutgoing"]
    (incoming,) = [m for m in messages if m["sdk_type"] == "PythonFlask"]
    return incoming, outgoing


def test_a_call_is_recorded_whole_and_linked_to_its_request(site: Site, service: Service) -> None:
    @site.app.route("/")
    def view() -> Any:
        return observe_request(request).post(f"{service.url}/echo?a=1&a=2", json={"x": 1}).json()

    assert site.app.test_client().get("/").get_json() == {"x": 1}
    incoming, (call,) = by_direction(site.messages())
    assert call["parent_id"] == incoming["msg_id"]
    assert call["method"] == "POST"
    assert call["host"] == service.url.removeprefix("http://")
    assert call["raw_url"] == "/echo?a=1&a=2"
    assert call["url_path"] == "/echo"
    assert call["query_params"] == {"a": ["1", "2"]}
    assert json_of(call, "request_body") == json_of(call, "response_body") == {"x": 1}
    assert call["status_code"] == 200
    assert call["request_headers"]["Content-Type"] == "application/json"
    assert call["response_headers"]["Content-Type"] == "application/json"
    assert 0 < call["ttfb"] <= call["duration"]
    assert call["trace_id"] == incoming["trace_id"]
    assert call["parent_span_id"] == incoming["span_id"]


def test_a_call_in_an_async_view_is_linked_too(site: Site, service: Service) -> None:
    @site.app.route("/sync")
    async def with_sync_client() -> bytes:
        return observe_request(request).get(f"{service.url}/a").read()

    @site.app.route("/async")
    async def with_async_client() -> bytes:
        client = observe_request_async(request)
        one, two = await asyncio.gather(
            client.get(f"{service.url}/b"), client.get(f"{service.url}/c")
        )
        return one.content + two.content

    for path, count in (("/sync", 1), ("/async", 2)):
        assert site.app.test_client().get(path).status_code == 200
        incoming, calls = by_direction(site.messages())
        assert [call["parent_id"] for call in calls] == [incoming["msg_id"]] * count
        assert all(json_of(call, "response_body")["path"] for call in calls)


def test_a_call_outside_of_a_request_has_no_parent(site: Site, service: Service) -> None:
    assert observe_request(request).get(f"{service.url}/x").status_code == 200
    assert site.message()["parent_id"] is None


def test_url_wildcard_and_redact_lists_apply_to_the_call(
    make_site: Callable[..., Site], service: Service
) -> None:
    site = make_site(redact_headers=["X-Site"])
    observe_request(
        None,
        url_wildcard="/echo/{id}",
        redact_headers=["x-mine"],
        redact_request_body=["$.password"],
        redact_response_body=["$.a"],
    ).post(
        f"{service.url}/echo/7",
        json={"password": "s3cret", "a": 1},
        headers={"X-Mine": "s3cret", "X-Site": "s3cret", "Authorization": "s3cret", "X-Open": "o"},
    )
    message = site.message()
    assert message["url_path"] == "/echo/{id}"
    assert message["raw_url"] == "/echo/7"
    headers = message["request_headers"]
    for name in ("X-Mine", "X-Site", "Authorization"):
        assert headers[name] == MARKER
    assert headers["X-Open"] == "o"
    assert json_of(message, "request_body") == {"password": MARKER, "a": 1}
    assert json_of(message, "response_body") == {"password": "s3cret", "a": MARKER}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"redact_headers": [1]}, TypeError, "redact_headers[0]: expected str, got int"),
        ({"redact_request_body": ["$.a", "$["]}, ValueError, 'redact_request_body[1]: "$["'),
        ({"url_wildcard": 5}, TypeError, "url_wildcard: expected str, got int"),
        ({"client": 5}, TypeError, "client: expected httpx.Client, got int"),
    ],
)
@pytest.mark.usefixtures("site")
def test_a_wrong_argument_is_named(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        observe_request(None, **arguments)
    assert message in str(caught.value)


def test_redirects_are_one_chain(site: Site, service: Service) -> None:
    response = observe_request(None, follow_redirects=True).get(f"{service.url}/to/target")
    assert response.json()["path"] == "/target"
    message = site.message()
    assert message["raw_url"] == "/to/target"
    assert message["status_code"] == 200
    assert json_of(message, "response_body")["path"] == "/target"


def test_a_failed_call_is_recorded_with_what_failed(site: Site) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    @site.app.route("/")
    def view() -> str:
        try:
            observe_request(request, transport=httpx.MockTransport(refuse)).get(
                "http://h.example/p"
            )
        except httpx.ConnectError as error:
            report_error(request, error)
            return "handled"
        raise AssertionError

    assert site.app.test_client().get("/").data == b"handled"
    incoming, (call,) = by_direction(site.messages())
    assert call["status_code"] == 0
    assert call["host"] == "h.example"
    assert call["parent_id"] == incoming["msg_id"]
    assert [(e["error_type"], e["message"]) for e in call["errors"]] == [
        ("ConnectError", "refused")
    ]
    assert [e["error_type"] for e in incoming["errors"]] == ["ConnectError"]


def test_a_streamed_response_is_not_read_ahead_and_is_recorded(site: Site) -> None:
    made: list[int] = []

    class Chunks(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for i in range(3):
                made.append(i)
                yield b"%d" % i

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Chunks()))
    with observe_request(None, transport=transport).stream("GET", "http://h/") as response:
        assert made == []
        chunks = response.iter_raw()
        assert next(chunks) == b"0"
        assert made == [0]
        assert b"".join(chunks) == b"12"
    message = site.message()
    assert body_of(message, "response_body") == b"012"
    assert "aborted" not in message


def test_a_stream_that_is_left_early_is_recorded_as_aborted(site: Site, service: Service) -> None:
    with observe_request(None).stream("GET", f"{service.url}/stream") as response:
        next(response.iter_raw(1))
    assert site.message()["aborted"]


def test_a_streamed_request_is_recorded(site: Site, service: Service) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    response = observe_request(None).post(f"{service.url}/echo", content=chunks())
    assert response.content == b"one two"
    message = site.message()
    assert body_of(message, "request_body") == b"one two"
    assert message["request_body_size"] == 7


def test_an_uploaded_file_is_not_recorded(site: Site, service: Service) -> None:
    response = observe_request(None).post(
        f"{service.url}/echo", data={"a": "1"}, files={"f": ("n.txt", b"file content")}
    )
    assert b"file content" in response.content
    message = site.message()
    assert b"file content" not in body_of(message, "request_body")
    assert json_of(message, "request_body")["a"] == "1"


def test_connections_are_pooled_across_calls(site: Site, service: Service) -> None:
    for _ in range(5):
        assert observe_request(None).get(f"{service.url}/x").status_code == 200
    with observe_request(None) as client:
        assert client.get(f"{service.url}/x").status_code == 200
    observe_request(None).close()
    assert observe_request(None, timeout=3).get(f"{service.url}/x").status_code == 200
    assert service.connections == 1


def test_clients_on_one_pool_share_no_state(site: Site, service: Service) -> None:
    one = observe_request(None, headers={"X-One": "1"}, params={"p": "1"})
    assert one.get(f"{service.url}/cookie").cookies["seen"] == "yes"
    assert one.cookies["seen"] == "yes"
    one.event_hooks["request"].append(lambda _: pytest.fail("not mine"))
    two = observe_request(None)
    assert not two.cookies
    assert "X-One" not in two.headers
    assert not two.params
    assert two.get(f"{service.url}/cookie").content == b""


def test_a_client_of_ones_own_is_instrumented_and_not_replaced(
    site: Site, service: Service
) -> None:
    class Mine(httpx.Client):
        def double(self, url: str) -> int:
            return 2 * self.get(url).status_code

    with Mine(base_url=service.url, headers={"X-Mine": "1"}) as own:
        observed = observe_request(None, client=own)
        assert isinstance(observed, Mine)
        assert observed.double("/x") == 400
        observed.get("/cookie")
        assert own.cookies["seen"] == "yes"
        assert [m["raw_url"] for m in site.messages()] == ["/x", "/cookie"]
        own.get("/unobserved")
        assert site.messages() == []
        with pytest.raises(TypeError, match="timeout: not possible together with client"):
            observe_request(None, client=own, timeout=1)


def test_trace_context_goes_out_unless_there_is_one(site: Site, service: Service) -> None:
    sent = observe_request(None).get(f"{service.url}/x").json()["traceparent"]
    message = site.message()
    assert sent == f"00-{message['trace_id']}-{message['span_id']}-01"
    mine = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = observe_request(None).get(f"{service.url}/x", headers={"traceparent": mine}).json()
    assert answer["traceparent"] == mine
    assert site.message()["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


INCOMING = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"


@pytest.mark.parametrize(
    ("traceparent", "flags", "has_state"),
    [
        (INCOMING + "00", "00", True),
        (INCOMING + "01", "01", True),
        (INCOMING + "ff", "03", True),  # what is not defined is not passed on
        (INCOMING + "0x", "01", False),
        ("nonsense", "01", False),
        (None, "01", False),
    ],
)
def test_what_the_caller_decided_about_sampling_is_passed_on(
    traceparent: str | None, flags: str, has_state: bool, site: Site
) -> None:
    sent: list[httpx.Headers] = []

    def answer(call: httpx.Request) -> httpx.Response:
        sent.append(call.headers)
        return httpx.Response(200)

    @site.app.route("/")
    def view() -> str:
        client = observe_request(request, transport=httpx.MockTransport(answer))
        client.get("http://h/")
        client.get("http://h/", headers={"tracestate": "mine=1"})
        return ""

    headers = {"tracestate": "vendor=a, other=b"}
    if traceparent is not None:
        headers["traceparent"] = traceparent
    site.app.test_client().get("/", headers=headers).close()
    first, second = sent
    assert first["traceparent"][53:] == flags
    assert (first["traceparent"][:36] == INCOMING[:36]) is has_state
    assert first.get("tracestate") == ("vendor=a, other=b" if has_state else None)
    assert second["tracestate"] == "mine=1"


def test_the_secrets_of_a_url_are_masked_in_the_errors_that_name_it(
    site: Site, service: Service
) -> None:
    @site.app.route("/")
    def view() -> str:
        answer = httpx.MockTransport(lambda _: httpx.Response(404))
        url = "http://u:s3cret@h.example/p?token=s3cret&a=1"
        try:
            observe_request(request, transport=answer).get(url).raise_for_status()
        except httpx.HTTPStatusError as error:
            report_error(request, RuntimeError(f"no luck: {error}"))
            report_error(request, error)
        raise AssertionError(f"at {url}")

    site.app.test_client().get("/")
    incoming, _ = by_direction(site.messages())
    assert len(incoming["errors"]) == 3
    for error in incoming["errors"]:
        assert "s3cret" not in json.dumps(error)
        assert "a=1" in error["message"]


def test_an_observed_client_can_be_observed_again(site: Site, service: Service) -> None:
    once = observe_request(None, url_wildcard="/once")
    observe_request(None, url_wildcard="/twice", client=once).get(f"{service.url}/a")
    with httpx.Client() as own:
        mine = observe_request(None, url_wildcard="/once", client=own)
        observe_request(None, url_wildcard="/twice", client=mine).get(f"{service.url}/b")

    async def run() -> None:
        first = observe_request_async(None, url_wildcard="/once")
        again = observe_request_async(None, url_wildcard="/twice", client=first)
        await again.get(f"{service.url}/c")

    asyncio.run(run())
    assert [(m["raw_url"], m["url_path"]) for m in site.messages()] == [
        ("/a", "/twice"),
        ("/b", "/twice"),
        ("/c", "/twice"),
    ]


@pytest.mark.usefixtures("site")
def test_event_loops_of_two_threads_do_not_get_into_each_others_way() -> None:
    from apitoolkit_flask import _httpx_async

    async def make() -> None:
        observe_request_async(None)

    class Loop:
        """An event loop that has ended, found by two threads at once."""

        other: threading.Thread | None = None

        def is_closed(self) -> bool:
            if self.other is None:
                self.other = threading.Thread(target=asyncio.run, args=(make(),))
                self.other.start()
                self.other.join(0.5)  # it may have to wait for us
            return True

    loop: Any = Loop()
    _httpx_async._pools[loop] = _httpx_async._LoopPools()
    asyncio.run(make())
    assert loop.other is not None
    loop.other.join()
    assert loop not in _httpx_async._pools


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # Python 3.12, with threads
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_child_that_is_forked_while_a_pool_is_made_makes_its_own(kind: str, site: Site) -> None:
    from apitoolkit_flask import _httpx_async, _httpx_sync

    async def make_async() -> None:
        observe_request_async(None)

    lock = (_httpx_sync if kind == "sync" else _httpx_async)._lock
    with lock:  # as another thread may hold it
        child = os.fork()
        if child == 0:
            signal.alarm(60)  # what hangs is killed
            try:
                asyncio.run(make_async()) if kind == "async" else observe_request(None)
            finally:
                os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_a_compressed_response_is_recorded_readable(site: Site) -> None:
    import gzip

    packed = gzip.compress(b'{"token": 1, "a": 2}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=packed))
    observe_request(None, transport=transport).get("http://h/")
    assert json_of(site.message(), "response_body") == {"token": 1, "a": 2}


def test_a_failing_sdk_does_not_reach_the_call(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from apitoolkit_flask import _call

    def fail(*_: Any) -> Any:
        raise RuntimeError("ours")

    monkeypatch.setattr(_call.Call, "_push", fail)
    assert observe_request(None).get(f"{service.url}/x").status_code == 200
    monkeypatch.setattr(_call.Call, "_trace", fail)
    assert observe_request(None).get(f"{service.url}/x").status_code == 200
    assert "recording an outgoing call failed" in caplog.text


def test_without_a_toolkit_the_call_goes_out_unrecorded(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apitoolkit_flask import _context

    monkeypatch.setattr(_context, "_newest", None)
    assert observe_request(None).get(f"{service.url}/x").json()["traceparent"] is None


def test_a_replaced_publish_message_sees_outgoing_calls(
    make_toolkit: Callable[..., APIToolkit], service: Service
) -> None:
    toolkit = make_toolkit()
    seen: list[Message] = []
    toolkit.publish_message = seen.append  # type: ignore[assignment, method-assign]
    observe_request(None, redact_response_body=["$.token"]).get(f"{service.url}/x")
    assert json_of(seen[0], "response_body")["token"] == MARKER
    assert toolkit.take_messages() == []


def test_the_async_client_does_all_of_it(site: Site, service: Service) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow")

    async def run() -> None:
        client = observe_request_async(None, redact_response_body=["$.token"])
        assert (await client.get(f"{service.url}/x")).status_code == 200
        assert (await client.post(f"{service.url}/echo", content=chunks())).content == b"one two"
        async with (
            observe_request_async(None) as same_pool,
            same_pool.stream("GET", f"{service.url}/stream") as response,
        ):
            assert await response.aread() == b"one two three"
        with pytest.raises(httpx.ReadTimeout):
            await observe_request_async(None, transport=httpx.MockTransport(refuse)).get(
                "http://h/"
            )
        async with httpx.AsyncClient() as own:
            assert isinstance(observe_request_async(None, client=own), httpx.AsyncClient)
            await observe_request_async(None, client=own).get(f"{service.url}/own")

    asyncio.run(run())
    plain, upload, stream, failed, own = site.messages()
    assert json_of(plain, "response_body")["token"] == MARKER
    assert body_of(upload, "request_body") == b"one two"
    assert body_of(stream, "response_body") == b"one two three"
    assert (failed["status_code"], failed["errors"][0]["error_type"]) == (0, "ReadTimeout")
    assert own["raw_url"] == "/own"


def test_the_connections_of_an_event_loop_are_closed_with_it(site: Site, service: Service) -> None:
    from apitoolkit_flask import _httpx_async

    async def run() -> None:
        for _ in range(3):
            await observe_request_async(None).get(f"{service.url}/x")

    for _ in range(2):
        asyncio.run(run())
    gc.collect()  # a connection that was left open would warn here
    assert service.connections == 2
    assert not [pools for pools in _httpx_async._pools.values() if pools.clients]
