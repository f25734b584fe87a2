"""`APIToolkit`: what an application makes one of."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable, TypeVar, cast

from flask import Flask
from werkzeug.exceptions import HTTPException, InternalServerError

from . import _context, _flask_hooks, _log, _wsgi_middleware
from ._options import by_name, resolve
from ._outlet import Outlet
from ._reporting import report_error

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Response

    from ._instrumentation import Instrumentation
    from ._transport import Transport

ResponseT = TypeVar("ResponseT", bound="Response")
WSGIAppT = TypeVar("WSGIAppT", bound="WSGIApplication")


class APIToolkit(Outlet):
    """Records an application's HTTP exchanges and sends them, redacted, in the background.

    `APIToolkit(app)` records all of it; `APIToolkit(api_key="…")` is for the hooks form, for
    `init_app` and for `wsgi`. No constructor connects anywhere or starts a thread: the first
    recorded exchange does. What follows the app, or the key in its place, by position is in the
    order of upstream's signature: api_key, root_url, … tags. Every option can be set by the
    environment variable APITOOLKIT_<NAME> and in the TOML file `config_file`; arguments win over
    variables, and these over the file.
    docs/options.md describes them.

    Raises TypeError or ValueError that names the argument (and the index in a list) if one is
    wrong. Afterwards nothing here raises into the application.
    """

    def __init__(
        self,
        app: Flask | str | None = None,
        *positional: Any,
        api_key: str | None = None,
        root_url: str | None = None,
        redact_headers: Sequence[str] | None = None,
        redact_request_body: Sequence[str] | None = None,
        redact_response_body: Sequence[str] | None = None,
        debug: bool | None = None,
        service_version: str | None = None,
        tags: Sequence[str] | None = None,
        config_file: str | None = None,
        pubsub_endpoint: str | None = None,
        otlp_endpoint: str | None = None,
        otlp_headers: Sequence[str] | None = None,
        service_name: str | None = None,
        redact_query: Sequence[str] | None = None,
        scrub: Sequence[str] | None = None,
        redact_non_json: str | None = None,
        redact_default_headers: bool | None = None,
        capture_request_body: bool | None = None,
        capture_response_body: bool | None = None,
        sample_rate: float | None = None,
        body_bytes_max: int | None = None,
        queue_bytes_max: int | None = None,
        spool_dir: str | os.PathLike[str] | None = None,
        spool_bytes_max: int | None = None,
        flush_timeout_s: float | None = None,
        exclude: Sequence[str] | None = None,
        trusted_proxies: int | None = None,
        consumer: Callable[[Any], object] | None = None,
        before_send: Callable[[dict[str, Any]], dict[str, Any] | None] | None = None,
        capture_locals: bool | None = None,
        transport: str | Transport | None = None,
        enabled: bool | None = None,
    ) -> None:
        named = {name: value for name, value in locals().items() if name != "positional"}
        if isinstance(app, str):  # as upstream has it, which knows no app
            positional = (app, *positional)
            app = None
        elif app is not None and not isinstance(app, Flask):
            raise TypeError(f"app: expected Flask or the API key, got {type(app).__name__}")
        given = by_name(positional, named)
        super().__init__(resolve(given))
        # The application whose errors were seen to last.
        self._watched: weakref.ref[Flask] | None = None
        if self._has_own_hooks():
            _flask_hooks.open_fast_path(self)
        _context.register(self)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Records the requests of `app`. Calling it again does nothing, and so do the hooks."""
        _flask_hooks.install(self, app)

    def wsgi(self, app: WSGIAppT) -> WSGIAppT:
        """Wraps a WSGI application of any framework: `app.wsgi_app = toolkit.wsgi(app.wsgi_app)`.

        Inside of it a Flask application's hooks add the route and the errors to the same exchange.
        """
        return cast("WSGIAppT", _wsgi_middleware.WSGIMiddleware(self, app))

    def instrument_httpx(self) -> Callable[[], None]:
        """Records every call that this process makes with HTTPX, by any client, old or new.

        A call belongs to the request during which it is made, also in threads and tasks that carry
        its context; outside of one it is recorded without a parent. Clients of observe_request are
        not recorded twice. Calling it again does nothing. Returns a function that undoes it, as
        close() does.
        """
        from ._httpx_instrumentation import instrumentation

        return self._instrument(instrumentation)

    def instrument_requests(self) -> Callable[[], None]:
        """As instrument_httpx, for the library requests.

        Raises ImportError if that is not installed.
        """
        try:
            import requests  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "instrument_requests: the package requests is not installed: pip install requests"
            ) from error
        from ._requests_call import instrumentation

        return self._instrument(instrumentation)

    def beforeRequest(self) -> None:  # noqa: N802 - upstream's name
        """For `@app.before_request`: begins to record the current request."""
        try:
            if not self._client.before_flask_request(self):
                _flask_hooks.before_request(self)
        except Exception:
            _log.failure("beforeRequest")

    def afterRequest(self, response: ResponseT) -> ResponseT:  # noqa: N802 - upstream's name
        """For `@app.after_request`: records the response, and returns it."""
        try:
            outcome = self._client.after_flask_request(self, response)
            if outcome == _flask_hooks.NOT_PLAIN:
                _flask_hooks.after_request(self, response)
            elif outcome == _flask_hooks.HAS_LOG:
                _log.drain(self._client)
        except Exception:
            _log.failure("afterRequest")
        return response

    def handle_error(self, e: Exception) -> HTTPException:
        """Reports `e` for the current request; an HTTPException is not an error.

        Returns what Flask should answer, so that it can be registered as an error handler itself:
        `e` where it is an HTTPException, else an InternalServerError.
        """
        from flask import request

        if isinstance(e, HTTPException):
            return e
        report_error(request, e)
        return InternalServerError(original_exception=e)

    def _has_own_hooks(self) -> bool:
        """Whether no subclass has others."""
        kind = type(self)
        return (
            kind.beforeRequest is APIToolkit.beforeRequest
            and kind.afterRequest is APIToolkit.afterRequest
        )

    def _instrument(self, instrumentation: Instrumentation) -> Callable[[], None]:
        if not self._options.enabled:
            return lambda: None
        self._undo_on_close[instrumentation] = undo = instrumentation.add(self)
        return undo
