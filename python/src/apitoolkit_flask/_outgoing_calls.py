"""`observe_request`: HTTPX clients whose calls are recorded and linked to the incoming request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import _context
from ._call import CallContext
from ._options import check_list, check_names

if TYPE_CHECKING:
    import httpx


def _context_of(
    request: Any,
    url_wildcard: str | None,
    redact_headers: Sequence[str],
    redact_request_body: Sequence[str],
    redact_response_body: Sequence[str],
) -> CallContext:
    if url_wildcard is not None and not isinstance(url_wildcard, str):
        raise TypeError(f"url_wildcard: expected str, got {type(url_wildcard).__name__}")
    lists = (
        check_names("redact_headers", redact_headers),
        check_list("redact_request_body", redact_request_body),
        check_list("redact_response_body", redact_response_body),
    )
    recording = _context.recording_of(request)
    toolkit = _context.toolkit_of(recording)
    if toolkit is not None and not toolkit._is_recording:
        toolkit = None
    rules = toolkit._rules(lists) if toolkit is not None and any(lists) else None
    return CallContext(toolkit, recording, rules, url_wildcard)


def observe_request(
    request: Any,
    url_wildcard: str | None = None,
    redact_headers: Sequence[str] = (),
    redact_request_body: Sequence[str] = (),
    redact_response_body: Sequence[str] = (),
    client: httpx.Client | None = None,
    **httpx_options: Any,
) -> httpx.Client:
    """An httpx.Client, to use as always, whose calls are recorded.

    `request` is the incoming request that the calls belong to (Flask's proxy or a request object);
    outside of a request they are recorded without a parent. `url_wildcard` is recorded as the path
    in place of the URL's own ("/users/{id}"). The redact lists apply to these calls in addition to
    APIToolkit's own. `httpx_options` are those of httpx.Client.

    Connections are pooled across calls: there is nothing to close, and closing does nothing.
    Cookies and headers are not shared. With `client` its pool, cookies and life time are used, and
    closing closes it.

    Raises TypeError or ValueError that names the argument if one of the lists is wrong; the calls
    raise what HTTPX raises, and nothing else.
    """
    from . import _httpx_sync

    context = _context_of(
        request, url_wildcard, redact_headers, redact_request_body, redact_response_body
    )
    return _httpx_sync.observed(context, client, httpx_options)


def observe_request_async(
    request: Any,
    url_wildcard: str | None = None,
    redact_headers: Sequence[str] = (),
    redact_request_body: Sequence[str] = (),
    redact_response_body: Sequence[str] = (),
    client: httpx.AsyncClient | None = None,
    **httpx_options: Any,
) -> httpx.AsyncClient:
    """As observe_request, an httpx.AsyncClient.

    Connections are pooled within an event loop, and closed when it ends.
    """
    from . import _httpx_async

    context = _context_of(
        request, url_wildcard, redact_headers, redact_request_body, redact_response_body
    )
    return _httpx_async.observed(context, client, httpx_options)
