"""The WSGI adapter (PEP 3333), for applications of any framework. Holds no policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _consumer, _context, _errors, _log
from ._flask_hooks import _call_on_close
from ._native import ENVIRON_KEY, Recording, StreamTee

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from ._toolkit import APIToolkit


class WSGIMiddleware:
    def __init__(self, toolkit: APIToolkit, app: WSGIApplication) -> None:
        self._toolkit = toolkit
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        recording = None
        if ENVIRON_KEY not in environ:  # else an adapter around us records this request
            try:
                recording = self._toolkit._begin(environ)
            except Exception:
                _log.failure("the WSGI middleware")
        if recording is None:
            return self._app(environ, start_response)
        body: Any = None
        _context.enter_middleware(recording)
        try:
            body = _Exchange(self._toolkit, recording, environ).run(self._app, start_response)
            return body  # type: ignore[no-any-return]
        finally:
            if not isinstance(body, _Closing):  # a stream still makes calls for its request
                _context.leave_middleware(recording)


class _Exchange:
    """One request on its way through the middleware, and the iterable that the server gets."""

    def __init__(self, toolkit: APIToolkit, recording: Recording, environ: WSGIEnvironment) -> None:
        self._toolkit = toolkit
        self._recording = recording
        self._environ = environ
        self._status = 0
        self._headers: list[tuple[str, str]] | None = None  # as given to start_response

    def run(self, app: WSGIApplication, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            self._started(status, headers)
            write = start_response(status, headers, exc_info)

            def recording_write(data: bytes, /) -> object:
                self._recording.capture_response(data)
                return write(data)

            return recording_write

        try:
            body = app(self._environ, start)
        except Exception as error:
            self._fail(error)
            raise
        try:
            return self._returned(body, self._environ.get("wsgi.file_wrapper"))
        except Exception:
            _log.failure("the WSGI middleware")
            return body

    def _started(self, status: str, headers: list[tuple[str, str]]) -> None:
        if self._recording.responded and self._headers is None:
            return  # a framework's own adapter inside of us has said more, and ends the recording
        try:
            if self._headers is None:
                _consumer.identify(self._toolkit, self._recording, self._environ)
            self._status, self._headers = int(status[:3]), headers
            self._recording.respond(None, None, self._status, headers, None)
        except Exception:
            _log.failure("the WSGI middleware")

    def _returned(self, body: Iterable[bytes], file_wrapper: Any) -> Iterable[bytes]:
        recording = self._recording
        if recording.responded and self._headers is None:
            return body
        if isinstance(body, (list, tuple)):  # servers measure these: they stay what they are
            recording.respond(None, None, self._status, self._headers or [], body)
            self._toolkit._finish(recording)
            return body
        if isinstance(file_wrapper, type) and isinstance(body, file_wrapper):
            _call_on_close(body, lambda: self._toolkit._finish(recording))
            return body
        return _Closing(recording.tee(body, _errors.record), self._toolkit, recording)

    def _fail(self, error: Exception) -> None:
        try:
            _errors.record(self._recording, error)
            if not self._recording.responded:
                _consumer.identify(self._toolkit, self._recording, self._environ)
                self._recording.respond(None, None, 500, [], [])
            self._toolkit._finish(self._recording)
        except Exception:
            _log.failure("the WSGI middleware")


class _Closing:
    def __init__(self, tee: StreamTee, toolkit: APIToolkit, recording: Recording) -> None:
        self._tee = tee
        self._toolkit = toolkit
        self._recording = recording

    def __iter__(self) -> Iterator[bytes]:
        return self._tee

    def close(self) -> None:
        _context.leave_middleware(self._recording)
        try:
            self._tee.close()
        finally:
            self._toolkit._finish(self._recording)
