"""Arguments and environment variables, and what is said of wrong ones."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any, Callable

import pytest
from flask import Flask

from apitoolkit_flask import APIToolkit
from apitoolkit_flask._options import DEFAULT_EXCLUDE, resolve
from conftest import Site


def test_defaults() -> None:
    options = resolve({"api_key": "k"}, {})
    assert options.root_url == "https://app.apitoolkit.io"
    assert options.body_bytes_max == 1 << 20
    assert options.queue_bytes_max == 32 << 20
    assert options.flush_timeout_s == 2.0
    assert options.exclude == DEFAULT_EXCLUDE
    assert options.enabled
    assert not options.debug


def test_every_option_has_an_environment_variable() -> None:
    options = resolve(
        {},
        {
            "APITOOLKIT_API_KEY": "k",
            "APITOOLKIT_ROOT_URL": "http://localhost:1/",
            "APITOOLKIT_PUBSUB_ENDPOINT": "http://localhost:2",
            "APITOOLKIT_OTLP_ENDPOINT": "http://localhost:4318",
            "APITOOLKIT_OTLP_HEADERS": "a=1, b=2%2C3",
            "APITOOLKIT_SERVICE_NAME": "shop",
            "APITOOLKIT_REDACT_HEADERS": "X-One, x-two",
            "APITOOLKIT_REDACT_REQUEST_BODY": "$.a, $.b",
            "APITOOLKIT_REDACT_RESPONSE_BODY": "$.c",
            "APITOOLKIT_REDACT_QUERY": "session",
            "APITOOLKIT_REDACT_NON_JSON": "mask",
            "APITOOLKIT_REDACT_DEFAULT_HEADERS": "off",
            "APITOOLKIT_DEBUG": "1",
            "APITOOLKIT_SERVICE_VERSION": "3.0.0",
            "APITOOLKIT_TAGS": "prod,eu",
            "APITOOLKIT_CAPTURE_REQUEST_BODY": "no",
            "APITOOLKIT_CAPTURE_RESPONSE_BODY": "false",
            "APITOOLKIT_BODY_BYTES_MAX": "10",
            "APITOOLKIT_QUEUE_BYTES_MAX": "1000",
            "APITOOLKIT_FLUSH_TIMEOUT_S": "0.5",
            "APITOOLKIT_EXCLUDE": "/a,/b/*",
            "APITOOLKIT_TRUSTED_PROXIES": "2",
            "APITOOLKIT_CAPTURE_LOCALS": "1",
            "APITOOLKIT_TRANSPORT": "memory",
            "APITOOLKIT_ENABLED": "0",
        },
    )
    assert options.api_key == "k"
    assert options.root_url == "http://localhost:1"
    assert options.otlp_endpoint == "http://localhost:4318"
    assert options.otlp_headers == ("a=1", "b=2%2C3")
    assert options.service_name == "shop"
    assert options.redact_headers == ("X-One", "x-two")
    assert options.redact_request_body == ("$.a, $.b",)
    assert options.tags == ("prod", "eu")
    assert options.exclude == ("/a", "/b/*")
    assert options.flush_timeout_s == 0.5
    assert options.trusted_proxies == 2
    assert options.debug
    assert options.capture_locals
    assert not options.enabled
    assert options.redact_non_json == "mask"
    assert not options.redact_default_headers


def write_config(folder: Path, text: str) -> str:
    path = folder / "apitoolkit.toml"
    path.write_text(text)
    return str(path)


def test_a_file_sets_what_nothing_else_does(tmp_path: Path) -> None:
    path = write_config(
        tmp_path,
        """
        api_key = "file"
        redact_headers = ["X-One"]
        redact_request_body = ["$.a", "$.b"]
        redact_non_json = "mask"
        flush_timeout_s = 5
        service_version = "file"
        tags = ["file"]
        debug = true
        exclude = []
        """,
    )
    environ = {"APITOOLKIT_CONFIG_FILE": path, "APITOOLKIT_TAGS": "env"}
    options = resolve({"service_version": "argument"}, environ)
    assert options.api_key == "file"
    assert options.redact_headers == ("X-One",)
    assert options.redact_request_body == ("$.a", "$.b")
    assert options.redact_non_json == "mask"
    assert options.flush_timeout_s == 5.0
    assert options.debug
    assert options.exclude == ()
    assert options.tags == ("env",)
    assert options.service_version == "argument"
    assert options.body_bytes_max == 1 << 20


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("api_keys = 'k'", ValueError, 'there is no option "api_keys"; did you mean "api_key"?'),
        ("config_file = 'x'", ValueError, 'there is no option "config_file"'),
        ("api_key = 7", TypeError, "api_key: expected str, got int"),
        ("debug = 'yes'", TypeError, "debug: expected bool, got str"),
        ("redact_headers = [1]", ValueError, ":1: redact_headers: expected a string"),
        ("api_key = ", ValueError, ":1: "),
        ("redact_non_json = 'drop'", ValueError, 'redact_non_json: expected "pass" or "mask"'),
    ],
)
def test_a_wrong_file_is_named(
    tmp_path: Path, text: str, error: type[Exception], message: str
) -> None:
    path = write_config(tmp_path, text)
    with pytest.raises(error) as raised:
        resolve({"config_file": path}, {})
    assert str(raised.value).startswith(path)
    assert message in str(raised.value)


def test_a_missing_file_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"cannot read /nowhere/a\.toml: No such file"):
        resolve({"api_key": "k", "config_file": "/nowhere/a.toml"}, {})


def test_the_rules_of_a_file_mask(tmp_path: Path) -> None:
    path = write_config(tmp_path, 'redact_request_body = ["$.password"]\ntransport = "memory"\n')
    toolkit = APIToolkit(config_file=path)
    app = Flask(__name__)
    toolkit.init_app(app)
    app.post("/")(lambda: "")
    app.test_client().post("/", json={"password": "hunter2", "name": "Ada"})
    (message,) = toolkit.take_messages()
    body = json.loads(base64.b64decode(message["request_body"]))
    assert body == {"password": "[CLIENT_REDACTED]", "name": "Ada"}


def test_an_explicit_argument_wins_over_the_environment() -> None:
    environ = {"APITOOLKIT_API_KEY": "env", "APITOOLKIT_DEBUG": "1"}
    options = resolve({"api_key": "mine", "debug": False}, environ)
    assert options.api_key == "mine"
    assert not options.debug


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"api_key": 7}, TypeError, "api_key: expected str, got int"),
        ({"root_url": "app.example"}, ValueError, 'root_url: expected "http://…" or "https://…"'),
        ({"redact_non_json": "drop"}, ValueError, 'redact_non_json: expected "pass" or "mask"'),
        ({"redact_headers": ["A", 2]}, TypeError, "redact_headers[1]: expected str, got int"),
        ({"redact_headers": {"A": 1}}, TypeError, "redact_headers: expected a list of str"),
        ({"redact_request_body": 5}, TypeError, "redact_request_body: expected a list of str"),
        ({"tags": [None]}, TypeError, "tags[0]: expected str, got NoneType"),
        ({"debug": "yes"}, TypeError, "debug: expected bool, got str"),
        ({"sample_rate": 1.5}, ValueError, "sample_rate: expected a number from 0 to 1, got 1.5"),
        ({"sample_rate": "1"}, TypeError, "sample_rate: expected a number, got str"),
        ({"body_bytes_max": -1}, ValueError, "body_bytes_max: expected a number that is not neg"),
        ({"body_bytes_max": 1.5}, TypeError, "body_bytes_max: expected int, got float"),
        ({"queue_bytes_max": True}, TypeError, "queue_bytes_max: expected int, got bool"),
        ({"flush_timeout_s": "2"}, TypeError, "flush_timeout_s: expected a number of seconds"),
        ({"before_send": 1}, TypeError, "before_send: expected a function, got int"),
        ({"capture_locals": 1}, TypeError, "capture_locals: expected bool, got int"),
        ({"transport": 1}, TypeError, "transport: expected a str or an object with the method del"),
        ({"transport": "kafka"}, ValueError, 'transport: expected "pubsub" or "http" or "otlp" or'),
        ({"otlp_endpoint": "localhost:4318"}, ValueError, "otlp_endpoint: expected a URL"),
        ({"otlp_headers": ["a=b", "c=d%0Ae"]}, ValueError, "otlp_headers[1]: expected no control"),
        ({"otlp_headers": ["a=b", 2]}, TypeError, "otlp_headers[1]: expected str, got int"),
        ({"service_name": 7}, TypeError, "service_name: expected str, got int"),
    ],
)
def test_a_wrong_argument_is_named(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        APIToolkit(**{"api_key": "k", **options})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("APITOOLKIT_DEBUG", "maybe", 'APITOOLKIT_DEBUG: expected 1 or 0, got "maybe"'),
        ("APITOOLKIT_BODY_BYTES_MAX", "1k", "APITOOLKIT_BODY_BYTES_MAX: expected a whole number"),
        ("APITOOLKIT_FLUSH_TIMEOUT_S", "x", "APITOOLKIT_FLUSH_TIMEOUT_S: expected a number of se"),
    ],
)
def test_a_wrong_environment_variable_is_named(
    variable: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError) as caught:
        APIToolkit(api_key="k")
    assert message in str(caught.value)


@pytest.mark.parametrize("argument", ["redact_request_body", "redact_response_body"])
def test_a_wrong_path_names_the_argument_the_index_and_the_column(argument: str) -> None:
    paths: Any = {argument: ["$.fine", "$.a["]}
    with pytest.raises(ValueError) as caught:
        APIToolkit(api_key="k", **paths)
    assert str(caught.value).startswith(f'{argument}[1]: "$.a[": expected ')
    assert "at column 5" in str(caught.value)


def test_an_option_that_does_not_exist_is_a_type_error() -> None:
    options: Any = {"sampel_rate": 1}
    with pytest.raises(TypeError, match="sampel_rate"):
        APIToolkit(api_key="k", **options)


def test_a_missing_key_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="api_key: missing; pass it or set APITOOLKIT_API_KEY"):
        APIToolkit()


def test_the_key_may_come_first_or_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert APIToolkit("k1")._options.api_key == "k1"
    monkeypatch.setenv("APITOOLKIT_API_KEY", "k2")
    assert APIToolkit(Flask("x"))._options.api_key == "k2"
    with pytest.raises(TypeError, match="api_key: given twice"):
        APIToolkit("k1", api_key="k2")
    with pytest.raises(TypeError, match="app: expected Flask or the API key, got int"):
        APIToolkit(7)  # type: ignore[arg-type]


UPSTREAM: list[tuple[str, Any]] = [
    ("api_key", "k"),
    ("root_url", "https://host"),
    ("redact_headers", ["A"]),
    ("redact_request_body", ["$.b"]),
    ("redact_response_body", []),
    ("debug", False),
    ("service_version", None),
    ("tags", ["t"]),
]


@pytest.mark.parametrize("count", range(1, len(UPSTREAM) + 1))
@pytest.mark.parametrize("version", [None, "3.0.0"])
def test_a_call_with_upstreams_positional_arguments_means_the_same(
    count: int, version: str | None
) -> None:
    arguments = dict(UPSTREAM, service_version=version)
    values: list[Any] = list(arguments.values())
    by_name: dict[str, Any] = dict(list(arguments.items())[count:])
    expected = APIToolkit(**arguments)._options
    assert APIToolkit(*values[:count], **by_name)._options == expected
    assert APIToolkit(None, *values[:count], **by_name)._options == expected


def test_positional_arguments_that_are_given_by_name_too_are_refused() -> None:
    given: Any = [value for _, value in UPSTREAM]
    twice: Any = {"tags": ["u"]}
    with pytest.raises(TypeError, match="tags: given twice"):
        APIToolkit(*given, **twice)
    with pytest.raises(ValueError, match='root_url: expected "http'):
        APIToolkit("k", "host")
    with pytest.raises(TypeError, match="at most 8 arguments by position"):
        APIToolkit(*given, None)


def test_an_empty_key_constructs_says_so_once_and_sends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask("x")
    with caplog.at_level(logging.WARNING, "apitoolkit"):
        toolkit = APIToolkit(app, api_key="", debug=True)
    assert [r.getMessage() for r in caplog.records] == [
        "apitoolkit: api_key is empty: nothing is sent"
    ]
    app.test_client().get("/")
    assert toolkit.stats()["captured"] == 0
    assert toolkit.stats()["state"] == "disabled"


def test_enabled_0_turns_all_of_it_off(
    make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APITOOLKIT_ENABLED", "0")
    site = make_site()
    assert site.app.test_client().get("/").status_code == 404
    assert site.messages() == []
    APIToolkit()  # not even the key is needed


def test_excluded_paths_are_left_alone(make_site: Callable[..., Site]) -> None:
    site = make_site(exclude=["/internal/*", "/ready"])
    client = site.app.test_client()
    for path in ("/internal/a/b", "/ready", "/internal", "/ready/2", "/health"):
        client.get(path).close()
    assert [m["raw_url"] for m in site.messages()] == ["/internal", "/ready/2", "/health"]


def test_health_checks_and_static_files_are_excluded_by_default(site: Site) -> None:
    for path in ("/healthz", "/health", "/static/a.css", "/favicon.ico", "/real"):
        site.app.test_client().get(path).close()
    assert [m["raw_url"] for m in site.messages()] == ["/real"]


def test_get_info_tells_version_and_tags(make_toolkit: Callable[..., APIToolkit]) -> None:
    info = make_toolkit(service_version="3.0.0", tags=["prod", "eu"]).getInfo()
    assert info == {"project_id": None, "service_version": "3.0.0", "tags": ["prod", "eu"]}


def test_scrub_masks_values_wherever_they_stand() -> None:
    app = Flask(__name__)
    toolkit = APIToolkit(app, transport="memory", scrub=["credit_card", "email"])

    @app.post("/notes")
    def notes() -> str:
        raise LookupError("no such user: ada@example.com")

    client = app.test_client()
    with client.post("/notes", json={"note": "paid with 4242 4242 4242 4242, thanks"}):
        pass
    assert toolkit.flush(5)
    [message] = toolkit.take_messages()
    body = base64.b64decode(message["request_body"]).decode()
    assert body == '{"note": "paid with [CLIENT_REDACTED], thanks"}'
    assert message["errors"][0]["message"] == "no such user: [CLIENT_REDACTED]"
    assert "ada@example.com" not in message["errors"][0]["stack_trace"]


def test_a_wrong_scrub_detector_is_named() -> None:
    with pytest.raises(ValueError, match=r'scrub\[1\]: "emial": .*did you mean "email"'):
        APIToolkit(api_key="k", scrub=["ssn", "emial"])


def test_take_messages_says_when_they_do_not_come(
    make_toolkit: Callable[..., APIToolkit], monkeypatch: pytest.MonkeyPatch
) -> None:
    toolkit = make_toolkit()
    waited: list[float | None] = []

    def flush(timeout_s: float | None = None) -> bool:
        waited.append(timeout_s)
        return False

    monkeypatch.setattr(toolkit, "flush", flush)
    with pytest.raises(TimeoutError, match="did not come within a minute"):
        toolkit.take_messages()
    assert waited == [60.0]
