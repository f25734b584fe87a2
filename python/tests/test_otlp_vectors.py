"""wire/vectors/otlp.json is what OpenTelemetry's own classes write, so that the server's tests read
what clients really send."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ROOT = Path(__file__).resolve().parent.parent.parent
VECTORS = ROOT / "wire" / "vectors" / "otlp.json"


def test_the_vectors_are_what_the_official_classes_write() -> None:
    made = subprocess.run(  # noqa: S603
        [sys.executable, str(ROOT / "tools" / "otlp_vectors.py")],
        capture_output=True,
        text=True,
        check=True,
    )
    ours = json.loads(VECTORS.read_text())["cases"]
    theirs = json.loads(made.stdout)["cases"]
    assert [c["about"] for c in ours] == [c["about"] for c in theirs]
    for mine, other in zip(ours, theirs):
        kind = ExportLogsServiceRequest if mine["signal"] == "logs" else ExportTraceServiceRequest
        # Fields may be written in any order.
        parsed = [kind.FromString(base64.b64decode(c.pop("protobuf"))) for c in (mine, other)]
        assert parsed[0] == parsed[1], mine["about"]
        assert mine == other
