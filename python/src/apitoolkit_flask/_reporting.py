"""`report_error`, and the errors that Flask handles by itself."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from . import _consumer, _errors, _log
from ._context import recording_of, toolkit_of

if TYPE_CHECKING:
    from ._native import Recording

_WATCHING = "__apitoolkit_watching__"


def report_error(request: Any, error: BaseException) -> None:
    """Links `error` to the request in which it happened.

    Call it as often as there are errors, until the response's last byte is sent; an exception that
    is reported twice, or reported and then raised, is recorded once. `request` is Flask's proxy or
    a request object. Never raises: without a recorded request the error is logged to the logger
    `apitoolkit` instead.
    """
    try:
        recording = recording_of(request)
        if recording is None or not _errors.record(recording, error):
            _log.logger.warning(
                "apitoolkit: an error was reported outside of a recorded request: %s: %s",
                type(error).__name__,
                _errors.message_of(error),
            )
    except Exception:
        _log.failure("report_error")


def _record_unhandled(error: BaseException) -> Recording | None:
    try:
        recording = recording_of(request)
        if recording is not None and not isinstance(error, HTTPException):
            _errors.record(recording, error)
    except Exception:
        _log.failure("recording an unhandled error")
        return None
    return recording


def _end_with_500(recording: Recording) -> None:
    try:
        toolkit = toolkit_of(recording)
        if toolkit is not None:
            _consumer.identify(toolkit, recording, request)
        rule = request.url_rule
        recording.respond(None if rule is None else rule.rule, request.view_args, 500, [], [])
        if toolkit is not None:
            toolkit._finish(recording)
    except Exception:
        _log.failure("recording an unhandled error")


def watch_app(app: Flask) -> None:
    """Records what the application's views raise, also where it handles them itself. Idempotent.

    Where Flask lets an exception through to the server (PROPAGATE_EXCEPTIONS, debug, testing) no
    after_request function runs: the exchange is then recorded here, as the 500 that it becomes.
    """
    if getattr(app.handle_exception, _WATCHING, False):
        return
    handle_user_exception = app.handle_user_exception
    handle_exception = app.handle_exception

    @functools.wraps(handle_user_exception)
    def watch_user_exception(e: Exception) -> Any:
        _record_unhandled(e)
        return handle_user_exception(e)

    @functools.wraps(handle_exception)
    def watch_exception(e: Exception) -> Any:
        recording = _record_unhandled(e)
        try:
            response = handle_exception(e)
        except BaseException:
            if recording is not None:
                _end_with_500(recording)
            raise
        if recording is not None and not recording.responded:
            toolkit = toolkit_of(recording)
            if toolkit is not None:
                toolkit.afterRequest(response)
        return response

    setattr(watch_exception, _WATCHING, True)
    app.handle_user_exception = watch_user_exception  # type: ignore[method-assign]
    app.handle_exception = watch_exception  # type: ignore[method-assign]
