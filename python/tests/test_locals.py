"""The option `capture_locals`: what variables held, bounded, without running anybody's code."""

from __future__ import annotations

import datetime as dt
import sys
import uuid
from collections import OrderedDict
from pathlib import Path
from typing import Any, Callable

import httpx
import pytest
from flask import request

from apitoolkit_flask import _errors, _locals, observe_request, report_error
from apitoolkit_flask._options import Options, resolve
from conftest import MARKER, Message, Service, Site


def options(**named: Any) -> Options:
    return resolve({"transport": "memory", **named}, {})


def show(value: Any, **named: Any) -> str:
    return _locals.LocalsView(options(**named)).show(value)


def trace_of(message: Message) -> str:
    (error,) = message["errors"]
    return str(error["stack_trace"])


def crash(customer: str, password: str) -> None:
    attempts = [1, 2, 3]
    raise ValueError(f"{len(customer)} {len(password)} {attempts}")


def add_crash(site: Site) -> None:
    @site.app.route("/crash")
    def view() -> str:
        number = 7
        crash("A" + "da", "hunter" + "2")
        return str(number)


def test_a_frame_has_its_file_line_function_and_source(site: Site) -> None:
    add_crash(site)
    site.app.test_client().get("/crash")
    lines = trace_of(site.message()).splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    line = crash.__code__.co_firstlineno + 2
    at = lines.index(f'  File "{__file__}", line {line}, in crash')
    assert lines[at + 1].startswith('    raise ValueError(f"{len(customer)}')


def test_by_default_no_variable_is_recorded(site: Site) -> None:
    add_crash(site)
    site.app.test_client().get("/crash")
    assert "Ada" not in trace_of(site.message())


def test_variables_follow_their_frame_and_secrets_are_masked(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(capture_locals=True)
    add_crash(site)
    site.app.test_client().get("/crash")
    trace = trace_of(site.message())
    frame = trace[trace.index("in crash") :]
    assert "    attempts = [1, 2, 3]\n" in frame
    assert "    customer = 'Ada'\n" in frame
    assert f"    password = {MARKER}\n" in frame
    assert "    number = 7\n" in trace
    assert "hunter2" not in trace
    assert trace.endswith("ValueError: 3 7 [1, 2, 3]\n")


def test_causes_and_reported_errors_have_theirs(make_site: Callable[..., Site]) -> None:
    site = make_site(capture_locals=True)

    def outer() -> None:
        outside = "outer value"
        try:
            inside = "inner value"
            raise KeyError(inside[:5])
        except KeyError as error:
            raise ValueError(outside[:5]) from error

    @site.app.route("/")
    def view() -> str:
        try:
            outer()
        except ValueError as error:
            report_error(request, error)
        return ""

    site.app.test_client().get("/")
    trace = trace_of(site.message())
    assert trace.count("inside = 'inner value'") == 2  # both were raised in one frame
    assert trace.count("outside = 'outer value'") == 2
    assert trace.index("inside =") < trace.index("direct cause")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")
def test_members_of_a_group_have_theirs() -> None:
    def member(kind: type[Exception]) -> Exception:
        held = f"held by {kind.__name__}"
        try:
            raise kind(held[:2])
        except Exception as error:
            return error

    group = ExceptionGroup("two", [member(OSError), member(KeyError)])  # noqa: F821
    text = _errors.stack_trace_of(group, toolkit_with_locals())
    assert "held = 'held by OSError'" in text
    assert "held = 'held by KeyError'" in text


def toolkit_with_locals(**named: Any) -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(_options=options(capture_locals=True, **named))


def test_failed_outgoing_calls_have_theirs(make_site: Callable[..., Site]) -> None:
    site = make_site(capture_locals=True)
    assert site.toolkit._options.capture_locals

    def refuse(_: httpx.Request) -> httpx.Response:
        reason = "line is busy"
        raise httpx.ConnectError(reason[:4])

    with pytest.raises(httpx.ConnectError):
        observe_request(None, transport=httpx.MockTransport(refuse)).get("http://h.example/")
    assert "reason = 'line is busy'" in trace_of(site.message())


def test_an_error_of_a_stream_has_its_variables(make_site: Callable[..., Site]) -> None:
    site = make_site(capture_locals=True)

    @site.app.route("/")
    def view() -> Any:
        def chunks() -> Any:
            position = 41
            yield "a"
            raise ValueError(position)

        return chunks()

    with pytest.raises(ValueError), site.app.test_client().get("/") as response:
        _ = response.data
    assert "position = 41" in trace_of(site.message())


SECRET_NAMES = [
    "password", "PASSWORD", "db_password", "userPassword", "pwd", "db_pwd", "passwd", "token",
    "access_token", "accessToken", "api_key", "apikey", "stripe_api_key", "API_KEY", "secret",
    "client_secret", "authorization", "Authorization", "HTTP_AUTHORIZATION", "HTTP_COOKIE",
    "cookie", "Set-Cookie", "X-Api-Key", "signature", "credential", "credentials", "session_id",
    "passphrase", "private_key",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert _locals.LocalsView(options()).is_secret(name)
    assert "s3cret" not in show({name: "s3cret"})
    assert "s3cret" not in show([(name, "s3cret")])
    assert "s3cret" not in show(f'{{"{name}": "s3cret"}}')
    assert "s3cret" not in show(f"{name}=s3cret".encode())
    assert "s3cret" not in show(f"{name}: s3cret")


@pytest.mark.parametrize("name", ["customer", "number", "passenger", "key", "author", "tokyo"])
def test_an_ordinary_name_is_not_masked(name: str) -> None:
    assert show({name: "shown"}) == f"{{'{name}': 'shown'}}"


def test_the_names_of_the_options_are_masked_too() -> None:
    named = {"redact_headers": ["X-Patient"], "redact_query": ["room"]}
    assert show({"x_patient": "s3cret", "room": "s3cret"}, **named).count(MARKER) == 2


@pytest.mark.parametrize(
    "text",
    ["postgres://app:s3cret@db/x", "Bearer s3cret", r'{"a": "{\"password\": \"s3cret\"}"}'],
)
def test_a_text_that_says_a_secret_is_masked(text: str) -> None:
    assert show(text) == show(text.encode()) == MARKER


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        (True, "True"),
        (-5, "-5"),
        (1.5, "1.5"),
        ("x\n", "'x\\n'"),
        (b"\x00", "b'\\x00'"),
        ((1,), "(1)"),
        ({1: [2]}, "{1: [2]}"),
        (set(), "{}"),
        (frozenset([1]), "frozenset({1})"),
        (uuid.UUID(int=1), "UUID('00000000-0000-0000-0000-000000000001')"),
        (dt.date(2026, 1, 2), "datetime.date(2026, 1, 2)"),
        (Path("/x"), "PosixPath('/x')"),
        (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, … of 20]"),
        ([[[[[]]]]], "[[[[…]]]]"),
        (OrderedDict(a=1), "<collections.OrderedDict object>"),
        pytest.param(1 << 100_000, "<int of 100001 bits>", id="a long int"),
        ("é" * 1000, "'" + "é" * 198 + "…"),
    ],
)
def test_values_are_shown_short(value: Any, shown: str) -> None:
    assert show(value) == shown


class Hostile:
    """Whose every special method is code of the application's."""

    ran: list[str] = []  # noqa: RUF012

    def __repr__(self) -> str:
        self.ran.append("repr")
        raise RuntimeError

    __str__ = __repr__

    def __len__(self) -> int:
        self.ran.append("len")
        raise RuntimeError

    def __iter__(self) -> Any:
        self.ran.append("iter")
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        self.ran.append("eq")
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


class HostileText(str):
    def __repr__(self) -> str:
        Hostile.ran.append("text")
        raise RuntimeError

    __str__ = __repr__


def test_no_code_of_a_value_is_run() -> None:
    value = [Hostile(), {"a": Hostile()}, HostileText("x")]
    text = show(value)
    assert text.count("Hostile object>") == 2
    assert "HostileText object>" in text
    assert Hostile.ran == []


def test_a_class_that_lies_about_its_name_does_no_harm() -> None:
    class Meta(type):
        @property
        def __module__(cls) -> str:  # type: ignore[override]
            raise RuntimeError

        def __hash__(cls) -> int:
            raise RuntimeError

    class Liar(metaclass=Meta):
        pass

    assert show(Liar()).endswith("Liar object>")


def test_a_value_that_holds_itself_ends() -> None:
    value: list[Any] = []
    value.append(value)
    assert show(value) == "[[[[…]]]]"


def test_there_is_a_bound_on_everything() -> None:
    def deep(level: int) -> None:
        names = {f"v{i}": "x" * 10_000 for i in range(100)}
        exec("\n".join(f"{name} = 'x' * 10_000" for name in names), {}, {})  # noqa: S102
        if level:
            deep(level - 1)
        raise ValueError

    error: Any = None
    try:
        deep(300)
    except ValueError as raised:
        error = raised
    text = _errors.stack_trace_of(error, toolkit_with_locals())
    assert len(text) <= _errors.STACK_TRACE_CHARS_MAX
    assert text.count("    level = ") <= _locals.FRAMES_MAX
    view = _locals.LocalsView(options())
    namespace: dict[str, Any] = {"__name__": "m", **{f"v{i}": i for i in range(1000)}}
    frame: Any = type("Frame", (), {"f_locals": namespace})
    shown = view.of_frame(frame)
    assert len(shown) == _locals.VARIABLES_MAX
    assert next(iter(shown)) == "v0"


def test_values_pass_the_scrubber_before_they_are_cut() -> None:
    card = "4242 4242 4242 4242"
    assert show(f"paid with {card}", scrub=["credit_card"]) == f"'paid with {MARKER}'"
    cut_within = "x " * 95 + card
    assert "4242" not in show(cut_within, scrub=["credit_card"])


def test_the_scrubber_sees_the_stack_trace(make_site: Callable[..., Site]) -> None:
    site = make_site(capture_locals=True, scrub=["email"])

    @site.app.route("/")
    def view() -> str:
        to = "ada@example.com"
        raise LookupError(len(to))

    site.app.test_client().get("/")
    assert f"to = '{MARKER}'" in trace_of(site.message())


def test_a_failure_here_leaves_the_bare_stack_trace(
    make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, service: Service
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("ours")

    monkeypatch.setattr(_locals, "_attach_frames", fail)
    site = make_site(capture_locals=True)
    add_crash(site)
    site.app.test_client().get("/crash")
    trace = trace_of(site.message())
    assert "in crash" in trace
    assert "Ada" not in trace
