"""The options of APIToolkit: their names, types, defaults, bounds and places."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Callable, cast

from ._native import read_settings_file

if TYPE_CHECKING:
    from ._transport import Transport

DEFAULT_EXCLUDE = (
    "/favicon.ico",
    "/health",
    "/healthz",
    "/livez",
    "/ping",
    "/readyz",
    "/static/*",
)
TRANSPORTS = ("pubsub", "http", "otlp", "memory")
KEYLESS_TRANSPORTS = ("otlp", "memory")  # an OpenTelemetry collector need not know keys

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def _kind(value: Any) -> str:
    return type(value).__name__


def _check_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected str, got {_kind(value)}")
    return value


def _check_path(name: str, value: Any) -> str:
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name}: expected a path, got {_kind(value)}")
    path = os.fspath(value)
    if not isinstance(path, str):
        raise TypeError(f"{name}: expected a path of str, got {_kind(path)}")
    return path


def _check_bool(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name}: expected bool, got {_kind(value)}")
    return value


def _check_count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected int, got {_kind(value)}")
    if not 0 <= value < 1 << 62:
        raise ValueError(f"{name}: expected a number that is not negative, got {value}")
    return value


def _check_seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name}: expected a number of seconds, got {_kind(value)}")
    if not 0 <= value < 1e6:
        raise ValueError(f"{name}: expected a number of seconds from 0 on, got {value}")
    return float(value)


def _check_rate(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name}: expected a number, got {_kind(value)}")
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: expected a number from 0 to 1, got {value}")
    return float(value)


def check_list(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, (Sequence, frozenset, set)) or isinstance(value, (bytes, bytearray)):
        raise TypeError(f"{name}: expected a list of str, got {_kind(value)}")
    items = tuple(value)
    for index, item in enumerate(items):
        if not isinstance(item, str):
            raise TypeError(f"{name}[{index}]: expected str, got {_kind(item)}")
    return items


def check_names(name: str, value: Any) -> tuple[str, ...]:
    """A list of names; one str may hold several, between commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return check_list(name, value)


def _check_callable(name: str, value: Any) -> Callable[[Any], Any]:
    if not callable(value):
        raise TypeError(f"{name}: expected a function, got {_kind(value)}")
    return value  # type: ignore[no-any-return]


def _check_root_url(name: str, value: Any) -> str:
    url = _check_text(name, value)
    if not url.startswith(("http://", "https://")):
        raise ValueError(f'{name}: expected "http://…" or "https://…", got "{url}"')
    return url.rstrip("/")


def _check_transport(name: str, value: Any) -> str | Transport:
    if not isinstance(value, str):
        if isinstance(value, type) or not callable(getattr(value, "deliver", None)):
            raise TypeError(
                f"{name}: expected a str or an object with the method deliver, got {_kind(value)}"
            )
        return cast("Transport", value)
    if value not in TRANSPORTS:
        known = " or ".join(f'"{known}"' for known in TRANSPORTS)
        raise ValueError(f'{name}: expected {known}, got "{value}"')
    return value


def needs_key(transport: str | Transport) -> bool:
    return isinstance(transport, str) and transport not in KEYLESS_TRANSPORTS


def _check_non_json(name: str, value: Any) -> str:
    choice = _check_text(name, value)
    if choice not in ("pass", "mask"):
        raise ValueError(f'{name}: expected "pass" or "mask", got "{choice}"')
    return choice


def _parse_bool(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f'{name}: expected 1 or 0, got "{text}"')


def _parse_count(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f'{name}: expected a whole number, got "{text}"') from None


def _parse_seconds(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f'{name}: expected a number of seconds, got "{text}"') from None


def _parse_rate(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f'{name}: expected a number from 0 to 1, got "{text}"') from None


def _parse_text(_name: str, text: str) -> str:
    return text


_Check = Callable[[str, Any], Any]
_Parse = Callable[[str, str], Any]


def _option(default: Any, check: _Check, parse: _Parse | None = _parse_text) -> Any:
    return field(default=default, metadata={"check": check, "parse": parse})


@dataclass(frozen=True)
class Options:
    """Each field is an argument of APIToolkit, the environment variable APITOOLKIT_<NAME>, and, but
    for config_file, a name in that TOML file: unless no text could say it."""

    config_file: str = _option("", _check_text)
    api_key: str = _option(None, _check_text)
    root_url: str = _option("https://app.apitoolkit.io", _check_root_url)
    pubsub_endpoint: str = _option("", _check_text)
    otlp_endpoint: str = _option("", _check_text)
    otlp_headers: tuple[str, ...] = _option((), check_names)
    redact_headers: tuple[str, ...] = _option((), check_names)
    redact_request_body: tuple[str, ...] = _option((), check_list)
    redact_response_body: tuple[str, ...] = _option((), check_list)
    redact_query: tuple[str, ...] = _option((), check_names)
    scrub: tuple[str, ...] = _option((), check_names)
    redact_non_json: str = _option("pass", _check_non_json)
    redact_default_headers: bool = _option(True, _check_bool, _parse_bool)
    debug: bool = _option(False, _check_bool, _parse_bool)
    service_name: str = _option("", _check_text)
    service_version: str = _option("", _check_text)
    tags: tuple[str, ...] = _option((), check_names)
    capture_request_body: bool = _option(True, _check_bool, _parse_bool)
    capture_response_body: bool = _option(True, _check_bool, _parse_bool)
    sample_rate: float = _option(1.0, _check_rate, _parse_rate)
    body_bytes_max: int = _option(1 << 20, _check_count, _parse_count)
    queue_bytes_max: int = _option(32 << 20, _check_count, _parse_count)
    spool_dir: str = _option("", _check_path)
    spool_bytes_max: int = _option(256 << 20, _check_count, _parse_count)
    flush_timeout_s: float = _option(2.0, _check_seconds, _parse_seconds)
    exclude: tuple[str, ...] = _option(DEFAULT_EXCLUDE, check_names)
    trusted_proxies: int = _option(0, _check_count, _parse_count)
    consumer: Callable[[Any], Any] | None = _option(None, _check_callable, None)
    before_send: Callable[[Any], Any] | None = _option(None, _check_callable, None)
    capture_locals: bool = _option(False, _check_bool, _parse_bool)
    transport: str | Transport = _option("pubsub", _check_transport)  # noqa: RUF009
    enabled: bool = _option(True, _check_bool, _parse_bool)


def _read_file(path: str) -> dict[str, Any]:
    """The options that a TOML file sets, each checked as an argument is."""
    known = {option.name: option for option in fields(Options) if option.name != "config_file"}
    values: dict[str, Any] = {}
    for name, value in read_settings_file(path).items():
        option = known.get(name)
        if option is None:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f'; did you mean "{close[0]}"?' if close else ""
            raise ValueError(f'{path}: there is no option "{name}"{hint}')
        values[name] = option.metadata["check"](f"{path}: {name}", value)
    return values


# The order in which upstream's signature has them; it knows no app.
_UPSTREAM_ORDER = (
    "api_key",
    "root_url",
    "redact_headers",
    "redact_request_body",
    "redact_response_body",
    "debug",
    "service_version",
    "tags",
)


def by_name(positional: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments by name. Raises TypeError for one that is given twice, or has no name."""
    if len(positional) > len(_UPSTREAM_ORDER):
        raise TypeError(f"expected at most {len(_UPSTREAM_ORDER)} arguments by position")
    given = dict(named)
    for name, value in zip(_UPSTREAM_ORDER, positional):
        if given[name] is not None:
            raise TypeError(f"{name}: given twice")
        given[name] = value
    return given


def resolve(given: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Options:
    """Arguments that are not None, then the environment, then the file, then the defaults.

    Raises TypeError or ValueError that names the argument, the environment variable, or the file
    and the name in it, and the index of a wrong item. The api_key may be missing only where it is
    not needed.
    """
    values: dict[str, Any] = {}
    for option in fields(Options):
        check: _Check = option.metadata["check"]
        value = given.get(option.name)
        if value is not None:
            values[option.name] = check(option.name, value)
            continue
        parse: _Parse | None = option.metadata["parse"]
        if parse is None:
            continue
        variable = "APITOOLKIT_" + option.name.upper()
        text = environ.get(variable)
        if text is not None and (text or option.name == "api_key"):
            values[option.name] = check(variable, parse(variable, text))
    if values.get("config_file"):
        values = {**_read_file(values["config_file"]), **values}
    if "api_key" not in values:
        if values.get("enabled", True) and needs_key(values.get("transport", "pubsub")):
            raise ValueError("api_key: missing; pass it or set APITOOLKIT_API_KEY")
        values["api_key"] = ""
    return Options(**values)
