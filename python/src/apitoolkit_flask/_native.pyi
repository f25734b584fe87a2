"""The core, as this package sees it. Not public: it changes with the package."""

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypedDict

from typing_extensions import TypeAlias

__version__: str
ENVIRON_KEY: str

_Body: TypeAlias = tuple[bytes, int, bool]
"""What was captured, the size on the wire (-1: not known), whether the first is only a prefix."""

class Rules:
    """What is redacted in one call in addition to the client's own configuration."""

class _Delivery(TypedDict):
    outcome: Literal["delivered", "retry", "unauthorized", "rejected"]
    detail: str

class _ProbedCall(TypedDict):
    method: str
    url: str
    status: int  # 0: no answer
    error: str
    duration_ms: int
    was_sent: bool

class Probe(TypedDict):
    transport: str
    settings: _Delivery | None  # of asking the server; None where there is none to ask
    project_id: str
    rules: dict[str, list[str]]
    delivery: _Delivery | None  # None where the settings could not be had
    calls: list[_ProbedCall]

class Handoff:
    """Where the core's worker leaves batches for a thread of Python's, and gets answers."""
    def fetch(self) -> tuple[int, list[bytes], float] | None:
        """Waits, without the GIL, for a batch: its number, messages, and the time it has, in s.

        None once stop() was called.
        """
    def answer(self, number: int, outcome: str, retry_after_ms: int, detail: str) -> None:
        """`outcome`: "delivered", "retry" or "rejected". `retry_after_ms` -1: no wish."""
    def enter(self) -> None:
        """A thread begins to fetch."""
    def leave(self) -> None:
        """And will not come again."""
    def stop(self, timeout_ms: int) -> bool:
        """Whether every thread that entered has left in time."""

class Client:
    def __init__(
        self,
        *,
        api_key: str,
        root_url: str,
        pubsub_endpoint: str,
        otlp_endpoint: str,
        otlp_headers: list[str],
        service_name: str,
        service_version: str,
        tags: list[str],
        redact_headers: list[str],
        redact_request_body: list[str],
        redact_response_body: list[str],
        redact_query: list[str],
        scrub: list[str],
        redact_non_json: str,
        redact_default_headers: bool,
        sample_rate: float,
        body_bytes_max: int,
        queue_bytes_max: int,
        spool_dir: str,
        spool_bytes_max: int,
        flush_timeout_ms: int,
        debug: bool,
        enabled: bool,
        transport: str,
        sdk: str,
        capture_request_body: bool,
        capture_response_body: bool,
        trusted_proxies: int,
        exclude: list[str],
        before_send: Callable[[bytes], bytes | None] | None = None,
        before_first_event: Callable[[], None] | None = None,
        handoff: Handoff | None = None,
    ) -> None:
        """Raises ValueError with the core's message.

        `before_first_event` is called once in each process. With `handoff`, which must not have
        been given to another client, messages go there whatever `transport` says.
        """
    def begin(self, environ: dict[str, Any], deliver: bool = True) -> Recording | None: ...
    def open_fast_path(
        self, context_variable: Any, publish_message: Any, call_on_close: Any
    ) -> None: ...
    def around_dispatch(self, toolkit: Any, dispatch: Callable[..., Any]) -> Callable[..., Any]:
        """`dispatch`, Flask's full_dispatch_request, with the toolkit's two hooks around it."""
    def watches_app(self, app: weakref.ref[Any]) -> None: ...
    def before_flask_request(self, toolkit: Any) -> bool:
        """Whether it was done; else _flask_hooks.before_request does it."""
    def after_flask_request(self, toolkit: Any, response: Any) -> int:
        """0: _flask_hooks.py has to do it. 1: done. 2: done, and take_log has something."""
    def push_outgoing(
        self,
        *,
        parent: Recording | None,
        start_ns: int,
        duration_ns: int,
        ttfb_ns: int,
        method: str,
        host: str,
        raw_url: str,
        url_path: str,
        status: int,
        http_version: str,
        request_headers: Sequence[tuple[bytes, bytes]],
        response_headers: Sequence[tuple[bytes, bytes]],
        request_body: _Body,
        response_body: _Body,
        error: tuple[str, str, str, str, str] | None,
        trace_id: str,
        span_id: str,
        parent_span_id: str,
        aborted: bool,
        rules: Rules | None,
        deliver: bool,
    ) -> bytes | None:
        """Sends an outgoing call; the message where `deliver` is false."""
    def rules(
        self,
        redact_headers: list[str],
        redact_request_body: list[str],
        redact_response_body: list[str],
    ) -> Rules:
        """Raises ValueError that names the argument, the index and the column."""
    def push_message(self, message: bytes) -> None: ...
    def count_held_back(self) -> None:
        """Counts a message that `before_send` dropped elsewhere than in the core."""
    def probe(self, message: bytes, send: bool, timeout_ms: int) -> Probe:
        """Goes the transport's way with `message` once, beside the queue and the worker.

        Nothing but GET leaves the process unless `send`. Each step takes at most `timeout_ms`.
        """
    def project_id(self) -> str: ...
    def flush(self, timeout_ms: int) -> bool: ...
    def finish_recordings(self) -> None:
        """Ends what this thread has recorded a response of, though nobody closed it."""
    def close(self) -> None: ...
    def stats(self) -> dict[str, Any]: ...
    def take_log(self) -> list[tuple[int, str]]: ...
    def take_messages(self) -> list[bytes]: ...

class Recording:
    @property
    def id(self) -> str: ...
    @property
    def trace_id(self) -> str: ...
    @property
    def span_id(self) -> str: ...
    @property
    def trace_flags(self) -> str:
        """W3C's, as two hex digits: the incoming request's, else "sampled"."""
    @property
    def tracestate(self) -> str: ...
    @property
    def client(self) -> Client: ...
    @property
    def finished(self) -> bool: ...
    @property
    def responded(self) -> bool: ...
    @property
    def lacks_request_body(self) -> bool: ...
    def set_consumer(self, consumer: str, /) -> None: ...
    def set_request_body(self, body: bytes, /) -> None: ...
    def capture_response(self, chunk: bytes, /) -> None: ...
    def respond(
        self,
        rule: str | None,
        view_args: dict[str, Any] | None,
        status: int,
        headers: object,
        body: Sequence[bytes | str] | None,
    ) -> bool:
        """Whether Client.take_log has something."""
    def tee(
        self, iterable: Iterable[Any], on_error: Callable[[Recording, BaseException], object]
    ) -> StreamTee: ...
    def add_error(
        self,
        error_type: str,
        message: str,
        root_error_type: str,
        root_error_message: str,
        stack_trace: str,
        /,
    ) -> bool: ...
    def finish(self) -> None: ...
    def abort(self) -> None: ...
    def take_message(self) -> bytes: ...

class BodyTee:
    def read(self, *args: Any) -> bytes: ...
    def readline(self, *args: Any) -> bytes: ...
    def readlines(self, *args: Any) -> list[bytes]: ...
    def __iter__(self) -> Iterator[bytes]: ...
    def __next__(self) -> bytes: ...
    def __getattr__(self, name: str) -> Any: ...

class ReadintoBodyTee(BodyTee):
    def readinto(self, buffer: Any) -> int | None: ...

class StreamTee:
    def __iter__(self) -> Iterator[Any]: ...
    def __next__(self) -> Any: ...
    def close(self) -> None: ...

def read_settings_file(path: str) -> dict[str, str | int | float | bool | list[str]]: ...
def jsonpath_select(
    body: bytes, path: str, strict: bool
) -> list[tuple[str, bytes]] | tuple[int, str]: ...
def jsonpath_redact(
    body: bytes, paths: list[str], content_type: str
) -> bytes | tuple[int, str]: ...
def is_secret_name(name: str) -> bool:
    """Whether redaction masks a header or a query parameter of that name by default."""

def scrub_text(text: str, detectors: list[str]) -> str:
    """Raises ValueError for a detector that does not exist."""
