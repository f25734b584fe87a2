"""Every kind of exchange: what a client says and does, and what is to be recorded of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from .processes import eventually
from .raw_http import RawClient
from .wsgi_servers import WSGIServer

LARGE = 20 << 20
BODY_BYTES_MAX = 1 << 20
FILE_BYTES = 100_000
UNKNOWN = -1  # a size that a message does not say


@dataclass
class Peer:
    """Plays one case with one server; its connections stay open until close()."""

    server: WSGIServer
    port: int
    folder: Path
    case: str
    clients: list[RawClient] = field(default_factory=list)

    def connect(self) -> RawClient:
        self.clients.append(RawClient(self.port))
        return self.clients[-1]

    def request(
        self,
        target: str,
        *headers: str | bytes,
        method: str = "GET",
        body: bytes = b"",
        version: str = "1.1",
    ) -> bytes:
        """The bytes of a request. A body has its length said unless a header says Transfer-."""
        lines: list[bytes] = [
            f"{method} {target} HTTP/{version}".encode(),
            b"Host: fidelity.example",
            f"X-Case: {self.case}".encode(),
            *(h if isinstance(h, bytes) else h.encode() for h in headers),
        ]
        announced = b"\n".join(lines).lower()
        if body and b"transfer-encoding" not in announced and b"content-length" not in announced:
            lines.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    def hear_out(self, client: RawClient, leaves_more: bool = False) -> None:
        """Reads to the end of the connection, to which the client says nothing more.

        `leaves_more`: the client has sent more than a view and the server's buffer take.
        """
        if self.server.keeps_open or (leaves_more and self.server.drains):
            client.end_sending()
        client.read_to_the_end()

    def signal(self, what: str) -> None:
        (self.folder / f"{self.case}.{what}").touch()

    def wait_for_signal(self, what: str) -> None:
        path = self.folder / f"{self.case}.{what}"
        eventually(path.exists, f"{self.case}: {what}", 60)

    def transcripts(self) -> list[bytes]:
        return [client.transcript for client in self.clients]

    def close(self) -> None:
        for client in self.clients:
            client.close()


@dataclass(frozen=True)
class Recorded:
    """What a message says. None: not known, or another test's business.

    `route` and `errors` are what Flask's hooks know; plain WSGI tells less.
    """

    status: int | None
    method: str = "GET"
    url: str = "/plain"
    route: str | None = None  # None: the url's path
    request: bytes | None = b""
    request_size: int = 0
    request_truncated: bool | None = False
    response: bytes | None = None
    response_size: int | None = None
    response_truncated: bool | None = False
    aborted: bool = False
    errors: tuple[str, ...] = ()


Play = Callable[[Peer], None]


@dataclass(frozen=True)
class Case:
    name: str
    play: Play
    recorded: Callable[[WSGIServer], tuple[Recorded, ...]]

    def __str__(self) -> str:
        return self.name


def always(*recorded: Recorded) -> Callable[[WSGIServer], tuple[Recorded, ...]]:
    return lambda _server: recorded


# --- Ways to talk ---


def one(
    target: str,
    *headers: str | bytes,
    method: str = "GET",
    body: bytes = b"",
    version: str = "1.1",
    leaves_more: bool = False,
) -> Play:
    """A request on a connection of its own, which the server closes."""

    def play(peer: Peer) -> None:
        client = peer.connect()
        client.send_what_is_taken(
            peer.request(
                target, *headers, "Connection: close", method=method, body=body, version=version
            )
        )
        peer.hear_out(client, leaves_more)

    return play


def keep_alive(peer: Peer) -> None:
    """Several on a connection, for as long as the server lets it stand."""
    client = peer.connect()
    targets = ["/plain", "/empty", "/file", "/stream"]
    if peer.server.keeps_open:
        targets.remove("/stream")  # its end would be a time-out's
    for target in targets:
        client.send_what_is_taken(peer.request(target))
        if client.has_ended() or b"connection: close" in client.read_answer().lower():
            break
    else:
        client.send_what_is_taken(peer.request("/plain", "Connection: close"))
    peer.hear_out(client, leaves_more=True)


def keep_alive_after_an_unread_body(peer: Peer) -> None:
    client = peer.connect()
    client.send(peer.request("/unread", "Content-Type: text/plain", method="POST", body=b"x" * 999))
    client.read_answer()
    client.send_what_is_taken(peer.request("/plain", "Connection: close"))
    peer.hear_out(client, leaves_more=True)


def pipelined(peer: Peer) -> None:
    """Two at once; what the server does with the second is its affair."""
    client = peer.connect()
    body = b'{"n": 1}'
    client.send(
        peer.request("/echo", "Content-Type: application/json", method="POST", body=body)
        + peer.request("/users/7", "Connection: close")
    )
    peer.hear_out(client)


def chunked_upload(peer: Peer) -> None:
    client = peer.connect()
    client.send(
        peer.request(
            "/echo",
            "Content-Type: text/plain",
            "Transfer-Encoding: chunked",
            "Connection: close",
            method="POST",
            body=b"5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n",
        )
    )
    peer.hear_out(client)


def gated_download(peer: Peer) -> None:
    """The server makes the second chunk only once this client has the first."""
    client = peer.connect()
    client.send(peer.request("/gated", "Connection: close"))
    client.read_until(b"first\n")
    peer.signal("received")
    client.read_until(b"second\n")
    peer.hear_out(client)


def gated_upload(peer: Peer) -> None:
    """The client sends the rest only once the view has the first bytes."""
    client = peer.connect()
    client.send(
        peer.request(
            "/gated-upload",
            "Content-Type: text/plain",
            "Content-Length: 10000",
            "Connection: close",
            method="POST",
            body=b"0" * 5000,
        )
    )
    if peer.server.streams_uploads:
        peer.wait_for_signal("first")
    client.send(b"1" * 5000)
    peer.hear_out(client)


def leave_while_it_streams(target: str, marker: bytes) -> Play:
    def play(peer: Peer) -> None:
        client = peer.connect()
        client.send(peer.request(target))
        client.read_until(marker)
        # How much of an endless stream came so far is chance.
        del client.received[client.received.index(marker) + len(marker) :]
        client.leave()
        peer.wait_for_signal("closed")

    return play


def leave_while_uploading(peer: Peer) -> None:
    client = peer.connect()
    client.send(
        peer.request(
            "/abandoned-upload",
            "Content-Type: text/plain",
            "Content-Length: 100000",
            method="POST",
            body=b"x" * 1000,
        )
    )
    client.end_sending()
    client.read_to_the_end()
    if peer.server.streams_uploads:
        peer.wait_for_signal("closed")


def expecting(target: str) -> Play:
    """Announces a body and sends it only when the server says Continue."""

    def play(peer: Peer) -> None:
        client = peer.connect()
        client.send(
            peer.request(
                target,
                "Content-Type: text/plain",
                "Expect: 100-continue",
                "Content-Length: 5",
                "Connection: close",
                method="POST",
            )
        )
        # A client does not wait for ever for a server that does not say it.
        if not peer.server.says_continue or b" 100 " in client.read_until(b"\r\n\r\n"):
            client.send_what_is_taken(b"hello")
        peer.hear_out(client, leaves_more=target != "/echo")

    return play


def answer_before_the_body(size: int) -> Play:
    """The view does not read: the client has its answer though it has sent nothing yet."""

    def play(peer: Peer) -> None:
        client = peer.connect()
        head = peer.request(
            "/unread",
            "Content-Type: text/plain",
            f"Content-Length: {size}",
            "Connection: close",
            method="POST",
        )
        client.send(head)
        if peer.server.streams_uploads:
            client.read_answer()
        client.send_what_is_taken(b"x" * size)
        peer.hear_out(client, leaves_more=True)

    return play


# --- What is said and recorded ---


def form_data(*parts: tuple[str, bytes]) -> bytes:
    boundary = b"--pinned-boundary\r\nContent-Disposition: form-data; "
    return (
        b"".join(boundary + head.encode() + b"\r\n\r\n" + body + b"\r\n" for head, body in parts)
        + b"--pinned-boundary--\r\n"
    )


MULTIPART = form_data(
    ('name="title"', b"holiday"),
    ('name="title"', b"again"),
    ('name="photo"; filename="a.png"\r\nContent-Type: image/png', bytes(range(256)) * 16),
)
JSON_BODY = b'{ "password": "s3cret", "n": 1.50,  "card": {"cvv": "s3cret"} }'
JSON_MASKED = JSON_BODY.replace(b"s3cret", b"[CLIENT_REDACTED]")
LINES = b"one\ntwo\nthree"

PLAIN = Recorded(200, response=b"plain text", response_size=10)
UNREAD = Recorded(
    200,
    "POST",
    "/unread",
    request=b"",
    request_truncated=True,
    response=b"unread",
    response_size=6,
)
JSON_POST = Recorded(
    200,
    "POST",
    "/json",
    request=JSON_MASKED,
    request_size=len(JSON_BODY),
    response=None,
)
ECHO = Recorded(
    200, "POST", "/echo", request=b"hello", request_size=5, response=b"hello", response_size=5
)


def sent_as_text(case: str, how: str, body: bytes) -> Case:
    return Case(
        case,
        one(
            f"/lines/{how}", "Content-Type: text/plain", method="POST", body=body, leaves_more=True
        ),
        always(
            Recorded(
                200, "POST", f"/lines/{how}", "/lines/<how>", request=body, request_size=len(body)
            )
        ),
    )


def chunked_recorded(server: WSGIServer) -> tuple[Recorded, ...]:
    if server.takes_chunked:
        both = b"hello, world"
        return (replace(ECHO, request=both, request_size=12, response=both, response_size=12),)
    nothing = replace(ECHO, response=b"", response_size=0)
    return (replace(nothing, request=b"", request_size=UNKNOWN, request_truncated=True),)


def unread(recorded: Recorded) -> Callable[[WSGIServer], tuple[Recorded, ...]]:
    """Of a small body that the view did not read."""
    late = replace(recorded, request=b"", request_truncated=True)
    return lambda server: (recorded if server.lets_read_late else late,)


def leaves_uploading_recorded(server: WSGIServer) -> tuple[Recorded, ...]:
    return (
        Recorded(
            None,  # 400 where Werkzeug is told how much is to come
            "POST",
            "/abandoned-upload",
            request=b"x" * 1000 if server.gives_cut_uploads else b"",
            request_size=100000,
            request_truncated=True,
            aborted=True,
        ),
    )


POST_TEXT = ("Content-Type: text/plain",)
POST_JSON = ("Content-Type: application/json",)

REQUESTS = (
    Case(
        "get",
        one("/plain", "Authorization: Bearer s3cret", "Accept: */*"),
        always(PLAIN),
    ),
    Case("http-1.0", one("/plain", version="1.0"), always(PLAIN)),
    Case("latin-1-header", one("/plain", b"X-Latin: caf\xe9"), always(PLAIN)),
    Case(
        "query",
        one("/users/7?q=1&q=2&empty=&x=%C3%A9"),
        always(Recorded(200, url="/users/7?q=1&q=2&empty=&x=%C3%A9", route="/users/<int:id>")),
    ),
    Case(
        "json",
        one("/json", *POST_JSON, method="POST", body=JSON_BODY),
        always(JSON_POST),
    ),
    Case(
        "json-malformed",
        one("/json", *POST_JSON, method="POST", body=b"{nope"),
        always(replace(JSON_POST, status=400, request=None, request_size=5)),
    ),
    Case("get-with-json-type", one("/json", *POST_JSON), always(Recorded(200, url="/json"))),
    Case(
        "text-not-utf-8",
        one("/echo", *POST_TEXT, method="POST", body=b"\xff\xfe"),
        always(replace(ECHO, request=None, request_size=2, response=None, response_size=2)),
    ),
    Case(
        "gzip-encoded",
        one(
            "/echo",
            *POST_JSON,
            "Content-Encoding: gzip",
            method="POST",
            body=gzip.compress(JSON_BODY, mtime=0),
        ),
        always(
            replace(
                ECHO,
                request=None,
                request_size=len(gzip.compress(JSON_BODY, mtime=0)),
                response=None,
                response_size=len(gzip.compress(JSON_BODY, mtime=0)),
            )
        ),
    ),
    Case(
        "form",
        one(
            "/form",
            "Content-Type: application/x-www-form-urlencoded",
            method="POST",
            body=b"a=1&a=2&b=x%20y&password=s3cret",
        ),
        always(
            Recorded(
                200,
                "POST",
                "/form",
                request=json.dumps(
                    {"a": ["1", "2"], "b": "x y", "password": "[CLIENT_REDACTED]"},
                    separators=(",", ":"),
                ).encode(),
                request_size=31,
            )
        ),
    ),
    Case(
        "multipart",
        one(
            "/form",
            "Content-Type: multipart/form-data; boundary=pinned-boundary",
            method="POST",
            body=MULTIPART,
        ),
        always(
            Recorded(
                200,
                "POST",
                "/form",
                request=b'{"title":["holiday","again"],'
                b'"photo":{"name":"a.png","type":"image/png","size":4096}}',
                request_size=len(MULTIPART),
            )
        ),
    ),
    Case("chunked", chunked_upload, chunked_recorded),
    Case(
        "upload-20-mb",
        one("/digest", *POST_TEXT, method="POST", body=b"0123456789abcdef" * (LARGE // 16)),
        always(
            Recorded(
                200,
                "POST",
                "/digest",
                request=b"0123456789abcdef" * (BODY_BYTES_MAX // 16),
                request_size=LARGE,
                request_truncated=True,
            )
        ),
    ),
    *(
        sent_as_text(f"read-by-{how}", how, LINES)
        for how in ("read", "readline", "readlines", "iteration")
    ),
    Case(
        "upload-arrives-piece-by-piece",
        gated_upload,
        always(
            Recorded(
                200,
                "POST",
                "/gated-upload",
                request=b"0" * 5000 + b"1" * 5000,
                request_size=10000,
                response=b"00000|9995",
                response_size=10,
            )
        ),
    ),
    Case("client-leaves-uploading", leave_while_uploading, leaves_uploading_recorded),
    Case("expect-continue-read", expecting("/echo"), always(ECHO)),
    Case(
        "expect-continue-refused",
        expecting("/refused"),
        always(
            Recorded(
                413,
                "POST",
                "/refused",
                request=b"",
                request_size=5,
                request_truncated=True,
                response=b"too large",
                response_size=9,
            )
        ),
    ),
    Case(
        "unread-small",
        one("/unread", *POST_TEXT, method="POST", body=b"y" * 2000),
        unread(replace(UNREAD, request=b"y" * 2000, request_size=2000, request_truncated=False)),
    ),
    Case(
        "unread-large",
        one("/unread", *POST_TEXT, method="POST", body=b"y" * 200_000, leaves_more=True),
        always(replace(UNREAD, request_size=200_000)),
    ),
    Case(
        "read-in-part",
        one("/read-some", *POST_TEXT, method="POST", body=b"0123456789" * 10),
        lambda server: (
            Recorded(
                200,
                "POST",
                "/read-some",
                request=b"0123456789" * (10 if server.lets_read_late else 1),
                request_truncated=not server.lets_read_late,
                request_size=100,
                response=b"0123456789",
                response_size=10,
            ),
        ),
    ),
    Case(
        "answered-before-the-body-is-sent",
        answer_before_the_body(200_000),
        always(replace(UNREAD, request_size=200_000)),
    ),
    Case(
        "answered-before-the-small-body-is-sent",
        answer_before_the_body(3000),
        always(  # the client may take its time
            replace(UNREAD, request=None, request_size=3000, request_truncated=None)
        ),
    ),
    Case(
        "async-view",
        one("/async", *POST_JSON, method="POST", body=JSON_BODY),
        always(replace(JSON_POST, url="/async")),
    ),
)

RESPONSES = (
    Case("head", one("/plain", method="HEAD"), always(Recorded(200, "HEAD", response_size=0))),
    Case(
        "head-of-a-stream",
        one("/stream", method="HEAD"),
        always(Recorded(200, "HEAD", "/stream", response_size=0)),
    ),
    Case("204", one("/empty"), always(Recorded(204, url="/empty", response_size=0))),
    Case("304", one("/unchanged"), always(Recorded(304, url="/unchanged", response_size=0))),
    Case(
        "404", one("/none?token=s3cret"), always(Recorded(404, url="/none?token=[CLIENT_REDACTED]"))
    ),
    Case(
        "stream",
        one("/stream"),
        always(
            Recorded(
                200,
                url="/stream",
                response=b"".join(b"chunk %d\n" % i for i in range(5)),
                response_size=40,
            )
        ),
    ),
    Case(
        "stream-with-a-length",
        one("/sized-stream"),
        always(Recorded(200, url="/sized-stream", response=b"abcdef", response_size=6)),
    ),
    Case(
        "stream-arrives-piece-by-piece",
        gated_download,
        always(Recorded(200, url="/gated", response=b"first\nsecond\n", response_size=13)),
    ),
    Case(
        "large",
        one("/large"),
        always(
            Recorded(200, url="/large", response_size=LARGE, response_truncated=True),
        ),
    ),
    Case(
        "large-stream",
        one("/large-stream"),
        always(
            Recorded(
                200,
                url="/large-stream",
                response=b"0123456789abcdef" * (BODY_BYTES_MAX // 16),
                response_size=LARGE,
                response_truncated=True,
            )
        ),
    ),
    Case(
        "events-client-leaves",
        leave_while_it_streams("/events", b"data: tick\n\n"),
        always(Recorded(200, url="/events", aborted=True)),
    ),
    Case(
        "client-leaves-downloading",
        leave_while_it_streams("/endless-download", b"0123456789abcdef"),
        always(
            Recorded(200, url="/endless-download", aborted=True, response_truncated=None),
        ),
    ),
    Case("file", one("/file"), always(Recorded(200, url="/file", response_size=FILE_BYTES))),
    Case(
        "file-range",
        one("/file", "Range: bytes=100-299"),
        always(Recorded(206, url="/file", response_size=200)),
    ),
    Case(
        "file-unchanged",
        one("/file", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"),
        always(Recorded(304, url="/file", response_size=0)),
    ),
    Case(
        "file-head",
        one("/file", method="HEAD"),
        always(Recorded(200, "HEAD", "/file", response_size=0)),
    ),
)

BOOM = Recorded(500, url="/boom", errors=("ZeroDivisionError",))
ERRORS = (
    Case("unhandled-error", one("/boom"), always(BOOM)),
    Case(
        "propagated-error",
        one("/strict/boom"),
        always(replace(BOOM, url="/strict/boom", route="/boom")),
    ),
    Case(
        "handled-error",
        one("/teapot"),
        always(
            Recorded(
                418, url="/teapot", response=b"handled: short and stout", errors=("TeapotError",)
            )
        ),
    ),
    Case(
        "refused-before-the-view",
        one("/echo", "X-Refuse: 1", *POST_TEXT, method="POST", body=b"hello"),
        unread(replace(ECHO, status=401, response=None, response_size=None)),
    ),
    Case(
        "stream-that-breaks",
        one("/broken-stream"),
        always(
            Recorded(
                200,
                url="/broken-stream",
                response=b"all is well\n",
                response_size=12,
                errors=("ZeroDivisionError",),
            )
        ),
    ),
)

CONNECTIONS = (
    Case("keep-alive", keep_alive, always()),
    Case("keep-alive-after-an-unread-body", keep_alive_after_an_unread_body, always()),
    Case("pipelined", pipelined, always()),
)

CASES = REQUESTS + RESPONSES + ERRORS + CONNECTIONS
