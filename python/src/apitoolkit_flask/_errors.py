"""What an exception says of itself: its type, message, root cause and stack trace, as text."""

from __future__ import annotations

import builtins
import contextlib
import traceback
from typing import TYPE_CHECKING, NamedTuple

from . import _context

if TYPE_CHECKING:
    from ._native import Recording
    from ._toolkit import APIToolkit

STACK_TRACE_CHARS_MAX = 64 << 10
MESSAGE_CHARS_MAX = 8 << 10
CAUSES_MAX = 100
FRAMES_MAX = 100

_GROUP: type | None = getattr(builtins, "BaseExceptionGroup", None)  # Python 3.11

# The attribute by which an exception that was recorded for an exchange is known again.
_MARK = "__apitoolkit_recorded__"


class Description(NamedTuple):
    """The text members of one entry of a message's `errors`."""

    error_type: str
    message: str
    root_error_type: str
    root_error_message: str
    stack_trace: str


def message_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = "<an exception whose str() raises>"
    return text[:MESSAGE_CHARS_MAX]


def _cause_of(error: BaseException) -> BaseException | None:
    if error.__cause__ is not None:
        return error.__cause__
    if error.__context__ is not None and not error.__suppress_context__:
        return error.__context__
    if _GROUP is not None and isinstance(error, _GROUP):
        members: tuple[BaseException, ...] = getattr(error, "exceptions", ())
        return members[0] if members else None
    return None


def root_of(error: BaseException) -> BaseException:
    """The innermost cause. Chains may be cyclic: no exception is visited twice."""
    seen = {id(error)}
    while len(seen) <= CAUSES_MAX:
        cause = _cause_of(error)
        if cause is None or id(cause) in seen:
            break
        seen.add(id(cause))
        error = cause
    return error


def stack_trace_of(error: BaseException, toolkit: APIToolkit | None = None) -> str:
    """As Python prints it, chains and groups included; the middle is left out where it is long.

    With the option capture_locals of `toolkit` each frame's variables follow its line.
    """
    try:
        report = traceback.TracebackException(
            type(error), error, error.__traceback__, limit=-FRAMES_MAX
        )
        if toolkit is not None and toolkit._options.capture_locals:
            from . import _locals

            with contextlib.suppress(Exception):  # the trace is worth more than its variables
                _locals.attach(report, error, toolkit._options, FRAMES_MAX)
        text = "".join(report.format())
    except Exception:  # a chain too long to follow, a source file that cannot be read
        frames = traceback.format_tb(error.__traceback__, limit=-FRAMES_MAX)
        text = "".join(frames) + f"{type(error).__name__}: {message_of(error)}\n"
    if len(text) > STACK_TRACE_CHARS_MAX:
        half = STACK_TRACE_CHARS_MAX // 2 - 16
        text = text[:half] + "\n  [...]\n" + text[-half:]
    return text


def describe(error: BaseException, toolkit: APIToolkit | None = None) -> Description:
    root = root_of(error)
    return Description(
        type(error).__name__,
        message_of(error),
        type(root).__name__,
        message_of(root),
        stack_trace_of(error, toolkit),
    )


def record(recording: Recording, error: BaseException) -> bool:
    """Adds `error` to the exchange, once however often it is seen. False: the exchange is over."""
    if getattr(error, _MARK, None) == recording.id:
        return True
    taken = recording.add_error(*describe(error, _context.toolkit_of(recording)))
    if taken:
        with contextlib.suppress(Exception):  # an exception with __slots__ cannot be marked
            setattr(error, _MARK, recording.id)
    return taken
