"""Writes wire/vectors/otlp.json: export requests as the clients in the field make them, in both
forms, encoded by OpenTelemetry's own classes, and what each must be read as.

    .venv/bin/python tools/otlp_vectors.py > wire/vectors/otlp.json

Who sends what was read in the sources of the clients that a case names.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from google.protobuf.message import Message  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACE = bytes.fromhex("0af7651916cd43dd8448eb211c80319c")
MSG_ID = "5f9d7a0e-3c7c-4c1e-9d2a-6d1b2f3a4c5d"
START = 1_700_000_000_000_000_000
UNSPECIFIED, INTERNAL, SERVER, CLIENT = 0, 1, 2, 3


def span_id(number: int) -> bytes:
    return bytes([0xB7, 0xAD, 0x6B, 0x71, 0x69, 0x20, 0x33, number])


def derived_id(number: int) -> str:
    """From the trace's last half and the span's id, marked as version 8."""
    raw = bytearray(TRACE[8:] + span_id(number))
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def value_of(value: Any) -> AnyValue:
    out = AnyValue()
    if isinstance(value, bool):
        out.bool_value = value
    elif isinstance(value, int):
        out.int_value = value
    elif isinstance(value, float):
        out.double_value = value
    elif isinstance(value, bytes):
        out.bytes_value = value
    elif isinstance(value, list):
        out.array_value.SetInParent()
        out.array_value.values.extend(value_of(v) for v in value)
    elif isinstance(value, dict):
        out.kvlist_value.SetInParent()
        out.kvlist_value.values.extend(pairs(value))
    elif value is not None:
        out.string_value = value
    return out


def pairs(attributes: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=k, value=value_of(v)) for k, v in attributes.items()]


def span(
    number: int,
    attributes: dict[str, Any],
    name: str = "GET",
    kind: int = SERVER,
    parent: int | None = None,
    errors: list[dict[str, str]] | None = None,
) -> Span:
    out = Span(
        trace_id=TRACE,
        span_id=span_id(number),
        parent_span_id=b"" if parent is None else span_id(parent),
        name=name,
        kind=kind,  # type: ignore[arg-type]
        start_time_unix_nano=START + number,
        end_time_unix_nano=START + number + 1_500_000,
        attributes=pairs(attributes),
    )
    for error in errors or []:
        event = out.events.add(name="exception", time_unix_nano=START + 5)
        event.attributes.extend(pairs({f"exception.{k}": v for k, v in error.items()}))
    return out


def sdk_span(number: int, attributes: dict[str, Any], **more: Any) -> Span:
    return span(number, attributes, **{"name": "apitoolkit-http-span", "kind": INTERNAL, **more})


def traces(spans: list[Span], **resource: Any) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add(schema_url="https://opentelemetry.io/schemas/1.27.0")
    group.resource.attributes.extend(
        pairs(
            {
                "service.name": "shop",
                "telemetry.sdk.language": "python",
                "telemetry.sdk.version": "1.27.0",
                **{name.replace("__", "-"): value for name, value in resource.items()},
            }
        )
    )
    group.scope_spans.add().spans.extend(spans)
    return request


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def ids_in_hex(node: Any) -> Any:
    """protobuf's own JSON has ids in base64, OTLP's in hexadecimal digits."""
    if isinstance(node, list):
        return [ids_in_hex(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: base64.b64decode(value).hex()
        if name in ("traceId", "spanId", "parentSpanId")
        else ids_in_hex(value)
        for name, value in node.items()
    }


def case(about: str, request: Message, expect: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    as_json = MessageToDict(request, use_integers_for_enums=True)
    return {
        "about": about,
        "signal": "logs" if isinstance(request, ExportLogsServiceRequest) else "traces",
        "protobuf": base64.b64encode(request.SerializeToString()).decode(),
        "json": ids_in_hex(as_json),
        "expect": expect,
        **more,
    }


SERVED = {"http.request.method": "GET", "url.path": "/u/7", "http.response.status_code": 200}


def flask_2024() -> dict[str, Any]:
    return case(
        "apitoolkit-flask 1.0.3: http.route and http.target swapped, tags and errors as JSON",
        traces(
            [
                sdk_span(
                    1,
                    {
                        "net.host.name": "shop.example:8080",
                        "apitoolkit.msg_id": MSG_ID,
                        "http.route": "/u/7?tag=a",
                        "http.target": "/u/<int:id>",
                        "http.request.method": "GET",
                        "http.response.status_code": 404,
                        "http.request.query_params": '{"tag": "a"}',
                        "http.request.path_params": '{"id": 7}',
                        "apitoolkit.sdk_type": "PythonFlask",
                        "apitoolkit.parent_id": "",
                        "http.request.body": b64('{"a": 1}'),
                        "http.response.body": b64("no"),
                        "apitoolkit.errors": '[{"when": "2024-03-05T14:07:09.123456+00:00", '
                        '"error_type": "KeyError", "message": "\'x\'", '
                        '"stack_trace": "Traceback"}]',
                        "apitoolkit.service_version": "1.2",
                        "apitoolkit.tags": '["eu", ""]',
                        "http.request.header.Referer": "https://a.example/",
                        "http.request.header.X-Up": "1",
                        "http.response.header.Content-Type": "text/html; charset=utf-8",
                    },
                )
            ]
        ),
        [
            {
                "id": MSG_ID,
                "direction": None,
                "sdk_type": "PythonFlask",
                "method": "GET",
                "host": "shop.example:8080",
                "raw_url": "/u/7?tag=a",
                "url_path": "/u/<int:id>",
                "referer": "https://a.example/",
                "status_code": 404,
                "start_ns": START + 1,
                "duration_ns": 1_500_000,
                "path_params": [["id", "7", "json"]],
                "query_params": [["tag", "a"]],
                "request_headers": [["Referer", "https://a.example/"], ["X-Up", "1"]],
                "response_headers": [["Content-Type", "text/html; charset=utf-8"]],
                "request_body": {"text": '{"a": 1}'},
                "response_body": {"text": "no"},
                "errors": [
                    {
                        "when_ns": 1709647629123456000,
                        "error_type": "KeyError",
                        "message": "'x'",
                        "stack_trace": "Traceback",
                    }
                ],
                "tags": ["eu"],
                "service_version": "1.2",
                "service_name": "shop",
                "trace_id": TRACE.hex(),
                "span_id": span_id(1).hex(),
                "parent_span_id": None,
            }
        ],
    )


def cases() -> list[dict[str, Any]]:
    return [
        flask_2024(),
        case(
            "apitoolkit-flask 1.0.3, no route: both are the path with a dangling question mark",
            traces(
                [
                    sdk_span(
                        1,
                        {
                            "http.route": "/nowhere?",
                            "http.target": "/nowhere?",
                            "http.request.method": "GET",
                            "apitoolkit.sdk_type": "PythonFlask",
                        },
                    )
                ]
            ),
            [{"raw_url": "/nowhere", "url_path": "/nowhere", "id": derived_id(1)}],
        ),
        case(
            "apitoolkit-fastapi 2.0.0",
            traces(
                [
                    sdk_span(
                        1,
                        {
                            "net.host.name": "shop.example",
                            "apitoolkit.msg_id": MSG_ID,
                            "http.route": "/u/{id}",
                            "http.target": "/u/7?x=1",
                            "http.request.method": "POST",
                            "http.response.status_code": 201,
                            "http.request.query_params": '{"x": "1"}',
                            "http.request.path_params": '{"id": "7"}',
                            "apitoolkit.sdk_type": "PythonFastApi",
                            "apitoolkit.tags": "[]",
                            "apitoolkit.errors": "[]",
                        },
                    )
                ]
            ),
            [
                {
                    "raw_url": "/u/7?x=1",
                    "url_path": "/u/{id}",
                    "path_params": [["id", "7"]],
                    "tags": None,
                    "errors": None,
                }
            ],
        ),
        case(
            "apitoolkit-common 0.1.0, a call: msg_id is the parent's, a header a shown list",
            traces(
                [
                    sdk_span(
                        2,
                        {
                            "net.host.name": "api.example",
                            "apitoolkit.msg_id": MSG_ID,
                            "http.route": "/pay",
                            "http.target": "/pay",
                            "http.request.method": "GET",
                            "http.response.status_code": 503,
                            "apitoolkit.sdk_type": "PythonOutgoing",
                            "apitoolkit.parent_id": "",
                            "http.request.header.accept": "['*/*']",
                        },
                    )
                ]
            ),
            [
                {
                    "id": derived_id(2),
                    "parent_id": MSG_ID,
                    "direction": "outgoing",
                    "request_headers": [["accept", "*/*"]],
                }
            ],
        ),
        case(
            "monoscope-express: lists of header values, status as text, names under monoscope.",
            traces(
                [
                    span(
                        1,
                        {
                            "net.host.name": "shop.example",
                            "monoscope.sdk_type": "JsExpress",
                            "monoscope.msg_id": MSG_ID,
                            "monoscope.parent_id": "",
                            "monoscope.tags": ["eu", "blue"],
                            "monoscope.errors": '["boom"]',
                            "http.route": "/u/:id",
                            "http.target": "/u/7",
                            "http.request.method": "GET",
                            "http.response.status_code": "200",
                            "http.request.query_params": "null",
                            "http.request.path_params": "null",
                            "http.request.body": "not base64!",
                            "http.request.header.COOKIE": ["a=1", "b=2"],
                            "at-project-key": "a-key",
                        },
                        name="monoscope.http",
                        kind=INTERNAL,
                    )
                ]
            ),
            [
                {
                    "status_code": 200,
                    "tags": ["eu", "blue"],
                    "errors": [{"message": "boom"}],
                    "path_params": None,
                    "query_params": None,
                    "request_body": {"text": "not base64!"},
                    "request_headers": [["COOKIE", "a=1"], ["COOKIE", "b=2"]],
                }
            ],
        ),
        case(
            "PHP: a msg_id that is null, a body with the other alphabet",
            traces(
                [
                    sdk_span(
                        3,
                        {
                            "apitoolkit.sdk_type": "PhpLaravel",
                            "apitoolkit.msg_id": None,
                            "http.request.method": "PUT",
                            "http.route": "u/{id}",
                            "http.target": "/u/7?a[]=1",
                            "http.response.body": "_-8",
                            "http.request.path_params": "[]",
                        },
                    )
                ]
            ),
            [
                {
                    "id": derived_id(3),
                    "url_path": "u/{id}",
                    "response_body": {"base64": "/+8="},
                    "query_params": [["a[]", "1"]],
                }
            ],
        ),
        case(
            "a SERVER span of the stable conventions",
            traces(
                [
                    span(
                        1,
                        {
                            **SERVED,
                            "url.query": "x=1&y=%20",
                            "url.scheme": "https",
                            "http.route": "/u/{id}",
                            "server.address": "shop.example",
                            "server.port": 443,
                            "client.address": "10.0.0.7",
                            "network.peer.address": "10.0.0.8",
                            "network.protocol.version": "2",
                            "user_agent.original": "curl/8",
                            "http.request.header.x-up": ["1"],
                        },
                        errors=[{"type": "E", "message": "m", "stacktrace": "s"}],
                    )
                ],
                **{"service.version": "3.1"},
            ),
            [
                {
                    "id": derived_id(1),
                    "direction": None,
                    "sdk_type": "OpenTelemetry",
                    "sdk_version": "python/1.27.0",
                    "service_version": "3.1",
                    "raw_url": "/u/7?x=1&y=%20",
                    "url_path": "/u/{id}",
                    "host": "shop.example",
                    "client_ip": "10.0.0.7",
                    "proto_major": 2,
                    "proto_minor": 0,
                    "query_params": [["x", "1"], ["y", " "]],
                    "request_headers": [["x-up", "1"], ["user-agent", "curl/8"]],
                    "errors": [
                        {
                            "when_ns": START + 5,
                            "error_type": "E",
                            "message": "m",
                            "stack_trace": "s",
                        }
                    ],
                }
            ],
        ),
        case(
            "a CLIENT span of the stable conventions, without an answer",
            traces(
                [
                    span(
                        2,
                        {
                            "http.request.method": "_OTHER",
                            "http.request.method_original": "PROPFIND",
                            "url.full": "https://bob:secret@api.example:8443/dav/a?b=c#d",
                            "url.template": "/dav/{name}",
                            "server.address": "api.example",
                            "server.port": 8443,
                            "error.type": "timeout",
                        },
                        kind=CLIENT,
                    )
                ]
            ),
            [
                {
                    "direction": "outgoing",
                    "sdk_type": "OpenTelemetryOutgoing",
                    "method": "PROPFIND",
                    "host": "api.example:8443",
                    "raw_url": "/dav/a?b=c",
                    "url_path": "/dav/{name}",
                    "status_code": None,
                    "parent_id": None,
                }
            ],
        ),
        case(
            "a SERVER span of the old conventions, with headers under their old names",
            traces(
                [
                    span(
                        1,
                        {
                            "http.method": "GET",
                            "http.scheme": "http",
                            "http.host": "localhost:8000",
                            "http.server_name": "127.0.0.1",
                            "net.host.port": 8000,
                            "http.target": "/u/7?x=1",
                            "http.route": "/u/<id>",
                            "http.status_code": 200,
                            "http.flavor": "1.0",
                            "net.peer.ip": "127.0.0.1",
                            "http.user_agent": "curl/8",
                            "http.response.header.set_cookie": ["a=1"],
                        },
                    )
                ]
            ),
            [
                {
                    "host": "localhost:8000",
                    "raw_url": "/u/7?x=1",
                    "url_path": "/u/<id>",
                    "status_code": 200,
                    "proto_minor": 0,
                    "client_ip": "127.0.0.1",
                    "response_headers": [["set-cookie", "a=1"]],
                }
            ],
        ),
        case(
            "CLIENT spans of the old conventions",
            traces(
                [
                    span(
                        2,
                        {
                            "http.method": "GET",
                            "http.url": "http://api.example?b=c",
                            "http.status_code": "204",
                        },
                        kind=CLIENT,
                    ),
                    span(
                        3,
                        {
                            "http.method": "GET",
                            "net.peer.name": "::1",
                            "net.peer.port": 81,
                            "http.target": "/a",
                        },
                        kind=CLIENT,
                    ),
                ]
            ),
            [
                {"host": "api.example", "raw_url": "/?b=c", "url_path": "/", "status_code": 204},
                {"host": "[::1]:81", "raw_url": "/a", "url_path": "/a"},
            ],
        ),
        case(
            "an SDK's span within a SERVER span: one exchange; calls belong to it, at any depth",
            traces(
                [
                    span(5, {"http.method": "GET", "http.url": "http://b/"}, "GET", CLIENT, 4),
                    sdk_span(
                        3,
                        {
                            "http.request.method": "GET",
                            "http.target": "/u/7",
                            "http.route": "/u/<id>",
                            "apitoolkit.sdk_type": "PythonFlask",
                            "apitoolkit.msg_id": MSG_ID,
                        },
                        parent=2,
                    ),
                    span(4, {}, "work", INTERNAL, 2),
                    span(2, SERVED, parent=1),
                ]
            ),
            [
                {"direction": "outgoing", "parent_id": MSG_ID, "span_id": span_id(5).hex()},
                {"id": MSG_ID, "span_id": span_id(3).hex()},
            ],
            twins=1,
            other=1,
        ),
        case(
            "an SDK's span beside a SERVER span of the same caller, path and method",
            traces(
                [
                    sdk_span(
                        3,
                        {
                            "http.request.method": "GET",
                            "http.target": "/u/7?x",
                            "monoscope.sdk_type": "JsExpress",
                        },
                        parent=1,
                    ),
                    span(2, SERVED, parent=1),
                    span(4, {**SERVED, "url.path": "/u/8"}, parent=1),
                ]
            ),
            [{"span_id": span_id(3).hex()}, {"raw_url": "/u/8"}],
            twins=1,
        ),
        case(
            "a call in a request of another service stays: it is another exchange",
            traces(
                [
                    sdk_span(
                        1,
                        {
                            "http.request.method": "GET",
                            "http.target": "/u/7",
                            "monoscope.sdk_type": "JsExpress",
                        },
                    ),
                    span(2, {"http.method": "GET", "http.url": "http://b/u/7"}, "GET", CLIENT, 1),
                    span(3, SERVED, parent=2),
                ]
            ),
            [
                {"span_id": span_id(1).hex()},
                {"direction": "outgoing", "parent_id": derived_id(1)},
                {"span_id": span_id(3).hex()},
            ],
        ),
        case(
            "what is not HTTP, and an SDK's span without a method",
            traces(
                [
                    span(1, {"db.system": "sqlite"}, "SELECT", CLIENT),
                    span(2, {"asgi.event.type": "http.response.start", "http.status_code": 200}),
                    sdk_span(3, {"http.target": "/"}),
                ]
            ),
            [],
            other=2,
            unusable=1,
        ),
        logs_case(),
    ]


def logs_case() -> dict[str, Any]:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(pairs({"service.name": "shop"}))
    records = group.scope_logs.add().log_records
    record = records.add(
        time_unix_nano=START,
        observed_time_unix_nano=START + 1,
        severity_number=17,
        severity_text="ERROR",
        trace_id=TRACE,
        span_id=span_id(1),
        body=value_of("it broke"),
    )
    record.attributes.extend(
        pairs({"code.lineno": 7, "ok": False, "list": [1.5, "a"], "map": {"b": None}})
    )
    records.add(observed_time_unix_nano=START + 2, trace_id=TRACE, body=value_of({"a": [b"\1"]}))
    records.add(time_unix_nano=START, body=value_of("of no trace"))
    return case(
        "log records: only those of a trace are kept",
        request,
        [
            {
                "trace_id": TRACE.hex(),
                "span_id": span_id(1).hex(),
                "time_ns": START,
                "severity": 17,
                "body": "it broke",
                "attributes": '{"service.name":"shop","severity_text":"ERROR","code.lineno":7,'
                '"ok":false,"list":[1.5,"a"],"map":{"b":null}}',
            },
            {
                "trace_id": TRACE.hex(),
                "span_id": "",
                "time_ns": START + 2,
                "severity": 0,
                "body": '{"a":["AQ=="]}',
                "attributes": '{"service.name":"shop"}',
            },
        ],
        without_trace=1,
    )


def document() -> str:
    head = (
        '{"about":"Export requests of OTLP, in both forms, and what they are read as",\n"cases":[\n'
    )
    lines = (json.dumps(c, separators=(",", ":"), ensure_ascii=False) for c in cases())
    return head + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    print(document(), end="")
