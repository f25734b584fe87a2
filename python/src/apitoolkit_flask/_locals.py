"""The option `capture_locals`: what local variables held when an error was raised, as short text.

Runs no code of the values': only types of the interpreter and of a few standard modules are shown,
everything else by its class. What looks secret by its name, or holds such a name itself, is masked.
"""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import pathlib
import re
import traceback
import uuid
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from ._native import is_secret_name, scrub_text

if TYPE_CHECKING:
    from ._options import Options

FRAMES_MAX = 16  # the innermost of each exception
VARIABLES_MAX = 32  # of a frame, in the order of their first assignment
ITEMS_MAX = 8  # of a container
DEPTH_MAX = 3  # of containers within containers
CHARS_MAX = 200  # of a value
TEXT_CHARS_MAX = 4096  # of a text that are looked at: what is found there is masked before cutting
INTEGER_BITS_MAX = 256
EXCEPTIONS_MAX = 20  # of a chain

MARKER = "[CLIENT_REDACTED]"

_PLAIN = frozenset(
    {
        bool,
        complex,
        float,
        type(None),
        type(...),
        dt.date,
        dt.datetime,
        dt.time,
        dt.timedelta,
        decimal.Decimal,
        fractions.Fraction,
        range,
        uuid.UUID,
        pathlib.PosixPath,
        pathlib.PurePosixPath,
    }
)
_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}

# A text that names a secret and goes on to say it: JSON, a form, a header, a connection string.
_TELLS_SECRET = re.compile(
    r"(?:passw|passphrase|pwd|secret|token|api.?key|private.?key|authorization|cookie|credential"
    r"|signature|session)[\w-]*[\\\"']*\s*[:=]|://[^/\s:@]*:[^/\s@]*@|\bbearer\s+\S",
    re.IGNORECASE,
)


class LocalsView:
    """How variables are shown under the options of one APIToolkit."""

    def __init__(self, options: Options) -> None:
        named = (*options.redact_headers, *options.redact_query)
        self._names = frozenset(_folded(name) for name in named)
        self._scrub = list(options.scrub)

    def is_secret(self, name: str) -> bool:
        """By the names that redaction masks, whole or as a part: `db_password`, HTTP_COOKIE."""
        name = _folded(name[:CHARS_MAX])
        if name in self._names or is_secret_name(name) or _TELLS_SECRET.search(name + "="):
            return True
        return any(is_secret_name(part) for part in name.split("-"))

    def of_frame(self, frame: FrameType) -> dict[str, str]:
        shown: dict[str, str] = {}
        for name, value in list(frame.f_locals.items()):
            if name.startswith("__"):
                continue  # a module's own, in the frame of its top level
            if len(shown) == VARIABLES_MAX:
                break
            shown[name] = MARKER if self.is_secret(name) else self.show(value)
        return shown

    def show(self, value: Any, depth: int = 0) -> str:
        """At most CHARS_MAX characters; never raises."""
        try:
            text = self._show(value, depth)
        except Exception:
            text = f"<{_class_of(value)}>"
        return text if len(text) <= CHARS_MAX else text[: CHARS_MAX - 1] + "…"

    def _show(self, value: Any, depth: int) -> str:
        kind = type(value)
        if kind is str or kind is bytes:
            return self._show_text(value)
        if kind is int:
            bits = value.bit_length()
            return repr(value) if bits <= INTEGER_BITS_MAX else f"<int of {bits} bits>"
        if kind in _PLAIN:
            return self._scrubbed(repr(value))
        if kind is dict:
            return self._show_dict(value, depth)
        if kind in _BRACKETS:
            return self._show_items(value, kind, depth)
        return f"<{_class_of(value)}>"

    def _show_text(self, value: str | bytes) -> str:
        head = value[:TEXT_CHARS_MAX]
        text = repr(head)
        if _TELLS_SECRET.search(text):
            return MARKER
        if len(head) < len(value):
            text += f" … of {len(value)}"
        return self._scrubbed(text)

    def _show_dict(self, value: dict[Any, Any], depth: int) -> str:
        if depth >= DEPTH_MAX:
            return "{…}"
        parts = []
        for key, item in list(value.items())[:ITEMS_MAX]:
            is_secret = type(key) is str and self.is_secret(key)
            shown = MARKER if is_secret else self.show(item, depth + 1)
            parts.append(f"{self.show(key, depth + 1)}: {shown}")
        return "{" + ", ".join(parts) + _rest(value) + "}"

    def _show_items(self, value: Any, kind: type, depth: int) -> str:
        opening, closing = _BRACKETS[kind]
        if depth >= DEPTH_MAX:
            return f"{opening}…{closing}"
        items = list(value)[:ITEMS_MAX] if len(value) <= TEXT_CHARS_MAX else []
        if len(items) == 2 and type(items[0]) is str and self.is_secret(items[0]):
            items[1] = MARKER  # a header, say
        parts = [self.show(item, depth + 1) for item in items]
        return opening + ", ".join(parts) + _rest(value) + closing

    def _scrubbed(self, text: str) -> str:
        if not self._scrub:
            return text
        return scrub_text(text.encode("utf-8", "replace").decode(), self._scrub)


def _rest(container: Any) -> str:
    return f", … of {len(container)}" if len(container) > ITEMS_MAX else ""


def _folded(name: str) -> str:
    name = name.lower().replace("_", "-")
    return name[5:] if name.startswith("http-") else name  # as WSGI has headers


_module_of: Any = type.__dict__["__module__"]
_qualname_of: Any = type.__dict__["__qualname__"]


def _class_of(value: Any) -> str:
    """Past what a metaclass says of itself."""
    kind = type(value)
    module = _module_of.__get__(kind)
    name = _qualname_of.__get__(kind)
    return f"{module}.{name} object" if type(module) is str else f"{name} object"


def attach(
    report: traceback.TracebackException, error: BaseException, options: Options, frames_max: int
) -> None:
    """Gives the frames of `report`, which was made of `error` with at most `frames_max` frames of
    each exception, what their variables held. The report's format() then prints them."""
    view = LocalsView(options)
    pairs = [(report, error)]
    for _ in range(EXCEPTIONS_MAX):
        if not pairs:
            return
        report, error = pairs.pop()
        _attach_frames(report, error.__traceback__, view, frames_max)
        for member, cause in (
            (report.__cause__, error.__cause__),
            (report.__context__, error.__context__),
            *zip(getattr(report, "exceptions", None) or (), getattr(error, "exceptions", ())),
        ):
            if member is not None and cause is not None:
                pairs.append((member, cause))


def _attach_frames(
    report: traceback.TracebackException,
    trace: TracebackType | None,
    view: LocalsView,
    frames_max: int,
) -> None:
    frames = [frame for frame, _ in traceback.walk_tb(trace)][-frames_max:]
    if len(frames) != len(report.stack):
        return
    for frame, summary in list(zip(frames, report.stack))[-FRAMES_MAX:]:
        summary.locals = view.of_frame(frame)
