"""The core, as this package sees it. Not public: it changes with the package."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from typing_extensions import TypeAlias

__version__: str
ENVIRON_KEY: str

_Body: TypeAlias = tuple[bytes, int, bool]
"""What was captured, the size on the wire (-1: not known), whether the first is only a prefix."""

class Rules:
    """What is redacted in one call in addition to the client's own configuration."""

class Client:
    def __init__(
        self,
        *,
        api_key: str,
        root_url: str,
        pubsub_endpoint: str,
        service_version: str,
        tags: list[str],
        redact_headers: list[str],
        redact_request_body: list[str],
        redact_response_body: list[str],
        redact_query: list[str],
        scrub: list[str],
        redact_non_json: str,
        redact_default_headers: bool,
        body_bytes_max: int,
        queue_bytes_max: int,
        flush_timeout_ms: int,
        debug: bool,
        enabled: bool,
        transport: str,
        sdk: str,
        capture_request_body: bool,
        capture_response_body: bool,
        trusted_proxies: int,
        exclude: list[str],
    ) -> None:
        """Raises ValueError with the core's message."""
    def begin(self, environ: dict[str, Any], deliver: bool = True) -> Recording | None: ...
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
    def _readinto(self, buffer: Any) -> int | None: ...
    def __iter__(self) -> Iterator[bytes]: ...
    def __next__(self) -> bytes: ...
    def __getattr__(self, name: str) -> Any: ...

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
