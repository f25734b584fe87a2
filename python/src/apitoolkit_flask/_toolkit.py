"""`APIToolkit`: what an application makes one of."""

from __future__ import annotations

import atexit
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from flask import Flask
from werkzeug.exceptions import HTTPException, InternalServerError

from . import _context, _flask_hooks, _log, _wsgi_middleware
from ._native import Client, Recording, Rules, __version__
from ._options import Options, by_name, resolve
from ._reporting import report_error

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Response

ResponseT = TypeVar("ResponseT", bound="Response")

MESSAGES_TIMEOUT_S = 60.0
RULES_MAX = 256  # compiled lists of observed calls that are kept


class APIToolkit:
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
        redact_query: Sequence[str] | None = None,
        scrub: Sequence[str] | None = None,
        redact_non_json: str | None = None,
        redact_default_headers: bool | None = None,
        capture_request_body: bool | None = None,
        capture_response_body: bool | None = None,
        body_bytes_max: int | None = None,
        queue_bytes_max: int | None = None,
        flush_timeout_s: float | None = None,
        exclude: Sequence[str] | None = None,
        trusted_proxies: int | None = None,
        consumer: Callable[[Any], object] | None = None,
        transport: str | None = None,
        enabled: bool | None = None,
    ) -> None:
        named = {name: value for name, value in locals().items() if name != "positional"}
        if isinstance(app, str):  # as upstream has it, which knows no app
            positional = (app, *positional)
            app = None
        elif app is not None and not isinstance(app, Flask):
            raise TypeError(f"app: expected Flask or the API key, got {type(app).__name__}")
        given = by_name(positional, named)
        options = resolve(given)
        self._options = options
        self._sends = options.enabled and (bool(options.api_key) or options.transport == "memory")
        self._client = _client_of(options, enabled=self._sends)
        self._compiled_rules: dict[Any, Rules] = {}
        self._watched: Flask | None = None  # the application whose errors were seen to last
        _context.register(self)
        atexit.register(self._close_at_exit)
        if options.enabled and not self._sends:
            _log.logger.warning("apitoolkit: api_key is empty: nothing is sent")
        if app is not None:
            self.init_app(app)

    # --- how requests come in ---

    def init_app(self, app: Flask) -> None:
        """Records the requests of `app`. Calling it again does nothing, and so do the hooks."""
        _flask_hooks.install(self, app)

    def wsgi(self, app: WSGIApplication) -> WSGIApplication:
        """Wraps a WSGI application of any framework: `app.wsgi_app = toolkit.wsgi(app.wsgi_app)`.

        Inside of it a Flask application's hooks add the route and the errors to the same exchange.
        """
        return _wsgi_middleware.WSGIMiddleware(self, app)

    def beforeRequest(self) -> None:  # noqa: N802 - upstream's name
        """For `@app.before_request`: begins to record the current request."""
        try:
            _flask_hooks.before_request(self)
        except Exception:
            _log.failure("beforeRequest")

    def afterRequest(self, response: ResponseT) -> ResponseT:  # noqa: N802 - upstream's name
        """For `@app.after_request`: records the response, and returns it."""
        try:
            _flask_hooks.after_request(self, response)
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

    # --- what goes out ---

    def publish_message(self, payload: dict[str, Any]) -> None:
        """Sends one message. Override or replace it to see each message, redacted, as a dict.

        A replacement is called on the request's thread, when the response is made (a streamed one:
        when it has ended), and takes the place of sending; it may call this one.
        """
        try:
            self._client.push_message(json.dumps(payload, default=str).encode())
        except Exception:
            _log.failure("publish_message")

    def getInfo(self) -> dict[str, Any]:  # noqa: N802 - upstream's name
        """project_id (None until the server has told it), service_version and tags."""
        return {
            "project_id": self._client.project_id() or None,
            "service_version": self._options.service_version or None,
            "tags": list(self._options.tags),
        }

    def flush(self, timeout_s: float | None = None) -> bool:
        """Waits until all that was recorded is delivered or dropped; False after `timeout_s`.

        The default is the option flush_timeout_s.
        """
        seconds = self._options.flush_timeout_s if timeout_s is None else timeout_s
        try:
            return self._client.flush(max(0, int(seconds * 1000)))
        except Exception:
            _log.failure("flush")
            return False
        finally:
            _log.drain(self._client)

    def close(self) -> None:
        """Flushes for at most flush_timeout_s and stops; what comes later is dropped."""
        try:
            self._client.close()
        except Exception:
            _log.failure("close")
        atexit.unregister(self._close_at_exit)
        _log.drain(self._client)

    def stats(self) -> dict[str, Any]:
        """captured, sent, retried, dropped (by reason), redaction (by reason), queue_bytes, state
        and last_error."""
        return self._client.stats()

    def take_messages(self) -> list[dict[str, Any]]:
        """For tests, with transport="memory": what was sent since the last call, oldest first.

        Ends the recordings of this thread's requests, whose responses a test client may not close.
        Raises TimeoutError if they do not come within a minute, however busy the machine is.
        """
        self._client.finish_recordings()
        if self._options.transport == "memory" and not self.flush(MESSAGES_TIMEOUT_S):
            raise TimeoutError("the messages did not come within a minute")
        return [json.loads(message) for message in self._client.take_messages()]

    # --- for the adapters of this package ---

    @property
    def _is_recording(self) -> bool:
        return self._sends or (self._options.enabled and self._publishes_itself)

    @property
    def _publishes_itself(self) -> bool:
        """Whether publish_message was overridden or replaced."""
        return (
            "publish_message" in self.__dict__
            or type(self).publish_message is not APIToolkit.publish_message
        )

    def _begin(self, environ: dict[str, Any]) -> Recording | None:
        publishes_itself = self._publishes_itself  # asked once: it is on every request's way
        if not (self._sends or (publishes_itself and self._options.enabled)):
            return None
        return self._client.begin(environ, not publishes_itself)

    def _rules(self, lists: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]) -> Rules:
        """Compiled once for each set of lists: a call names the same ones every time."""
        rules = self._compiled_rules.get(lists)
        if rules is None:
            rules = self._client.rules(*map(list, lists))
            if len(self._compiled_rules) >= RULES_MAX:
                self._compiled_rules.clear()
            self._compiled_rules[lists] = rules
        return rules

    def _finish(self, recording: Recording) -> None:
        """Ends a recording. Never raises, except what a replaced publish_message exits with."""
        try:
            if not self._publishes_itself:
                recording.finish()
                return
            self._publish(recording.take_message())
        except Exception:
            _log.failure("recording a response")

    def _publish(self, message: bytes) -> None:
        if message:
            self.publish_message(json.loads(message))

    def _close_at_exit(self) -> None:
        self.close()


def _client_of(options: Options, *, enabled: bool) -> Client:
    return Client(
        api_key=options.api_key,
        root_url=options.root_url,
        pubsub_endpoint=options.pubsub_endpoint,
        service_version=options.service_version,
        tags=list(options.tags),
        redact_headers=list(options.redact_headers),
        redact_request_body=list(options.redact_request_body),
        redact_response_body=list(options.redact_response_body),
        redact_query=list(options.redact_query),
        scrub=list(options.scrub),
        redact_non_json=options.redact_non_json,
        redact_default_headers=options.redact_default_headers,
        body_bytes_max=options.body_bytes_max,
        queue_bytes_max=options.queue_bytes_max,
        flush_timeout_ms=int(options.flush_timeout_s * 1000),
        debug=options.debug,
        enabled=enabled,
        transport=options.transport,
        sdk=f"apitoolkit-flask/{__version__}",
        capture_request_body=options.capture_request_body,
        capture_response_body=options.capture_response_body,
        trusted_proxies=options.trusted_proxies,
        exclude=list(options.exclude),
    )
