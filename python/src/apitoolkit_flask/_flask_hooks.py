"""The Flask adapter: translates Flask's hooks into calls of a recording. Holds no policy."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any, Callable, cast

import flask.globals
from flask import Flask, Request, Response, current_app, request
from werkzeug.wsgi import ClosingIterator

from . import _consumer, _errors, _log
from ._native import ENVIRON_KEY, Recording, StreamTee
from ._outlet import Outlet
from ._reporting import watch_app

if TYPE_CHECKING:
    from ._toolkit import APIToolkit

# The objects behind the proxies; asking once is cheaper than an attribute through the proxy each.
_request: Callable[[], Request] = cast("Any", request)._get_current_object
_app: Callable[[], Flask] = cast("Any", current_app)._get_current_object

SHORT_BYTES_MAX = 64 << 10

_UNSEEN = object()

NOT_PLAIN, HAS_LOG = 0, 2  # of Client.after_flask_request


def install(toolkit: APIToolkit, app: Flask) -> None:
    """Around all that Flask does for a request, the application's own hooks included."""
    if app.extensions.get("apitoolkit") is toolkit:
        return
    app.extensions["apitoolkit"] = toolkit
    dispatch = toolkit._client.around_dispatch(toolkit, app.full_dispatch_request)
    app.full_dispatch_request = dispatch  # type: ignore[method-assign]
    watch_app(app)


def open_fast_path(toolkit: APIToolkit) -> None:
    """Lets the core handle plain requests by itself, where Flask's context is where it looks."""
    known = vars(flask.globals)
    variable = known.get("_cv_request") or known.get("_cv_app")  # one context, from Flask 3.2 on
    if variable is not None and toolkit._sends and toolkit._options.consumer is None:
        toolkit._client.open_fast_path(variable, Outlet.publish_message, Response.call_on_close)


def before_request(toolkit: APIToolkit) -> None:
    app = _app()
    if toolkit._watched is None or toolkit._watched() is not app:
        watch_app(app)
        toolkit._watched = weakref.ref(app)
        toolkit._client.watches_app(toolkit._watched)
    toolkit._begin(_request().environ)


def after_request(toolkit: APIToolkit, response: Response) -> None:
    current = _request()
    environ = current.environ
    recording = environ.get(ENVIRON_KEY, _UNSEEN)
    if recording is _UNSEEN:  # a before_request function ahead of ours has answered
        recording = toolkit._begin(environ)
    if recording is None or recording.client is not toolkit._client:
        return
    if recording.lacks_request_body:
        cached = vars(current).get("_cached_data")  # read before our hook had its turn
        if isinstance(cached, bytes):
            recording.set_request_body(cached)
    if toolkit._options.consumer is not None:
        _consumer.identify(toolkit, recording, current)
    rule = current.url_rule
    publishes_itself = toolkit._publishes_itself
    if publishes_itself and _is_short(response):
        response.make_sequence()
    body: Any = response.response
    if type(body) is not list or response.direct_passthrough:
        body = _watch_body(recording, response)
    has_log = recording.respond(
        None if rule is None else rule.rule,
        current.view_args,
        response.status_code,
        response.headers,
        body,
    )
    if publishes_itself:
        finish: Callable[[], None] = functools.partial(toolkit._finish, recording)
        if body is not None:
            finish()
    else:
        finish = recording.finish
    if body is None and response.direct_passthrough:
        _call_on_close(response.response, finish)
    response.call_on_close(finish)
    if has_log:
        _log.drain(toolkit._client)


def _is_short(response: Response) -> bool:
    """Flask makes the response of an HTTPException look like a stream, though it is all there."""
    return (
        type(response.response) is ClosingIterator
        and not response.direct_passthrough
        and (response.content_length or SHORT_BYTES_MAX + 1) <= SHORT_BYTES_MAX
    )


def _watch_body(recording: Recording, response: Response) -> Any:
    """The body where it is at hand; None where it will pass: then it is teed, or a file."""
    body = response.response
    if response.direct_passthrough:
        return None
    if isinstance(body, (list, tuple)):
        return body
    if not isinstance(body, StreamTee):  # with the hooks and init_app at once we are called twice
        response.response = recording.tee(body, _errors.record)
    return None


def _call_on_close(passed_through: Any, finish: Callable[[], None]) -> None:
    """Werkzeug does not close a response that it passes through: the server closes the file.

    The object stays the same one, so that the server still recognises its own file wrapper; only
    its close() ends the recording as well. One without attributes of its own ends with the request.
    """
    close = getattr(passed_through, "close", None)
    if close is None:
        return

    def close_and_finish() -> None:
        try:
            close()
        finally:
            finish()

    try:
        passed_through.close = close_and_finish
    except AttributeError:
        return
