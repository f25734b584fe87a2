"""OpenTelemetry's own exporters: a served request and the call it makes, a line of log that
belongs to it, and a metric. "grpc" or "http"; the rest the standard environment variables say."""

import sys

from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

if sys.argv[1] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

traces = TracerProvider()
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
logs = LoggerProvider()
logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter()))
metrics = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])

tracer = traces.get_tracer("compat")
served = {
    "http.request.method": "POST",
    "http.route": "/orders/{id}",
    "url.path": "/orders/7",
    "url.query": "page=2",
    "server.address": "shop.example",
    "server.port": 8443,
    "http.response.status_code": 201,
    "http.request.header.authorization": ["Bearer secret-a"],
    "http.request.header.x-plain": ["plain"],
    "network.protocol.version": "1.1",
}
called = {
    "http.request.method": "GET",
    "url.full": "https://stock.example/items/tea?fresh=1",
    "http.response.status_code": 503,
}
with tracer.start_as_current_span("POST /orders/{id}", kind=SpanKind.SERVER, attributes=served):
    with tracer.start_as_current_span("GET", kind=SpanKind.CLIENT, attributes=called):
        pass
    logs.get_logger("compat").emit(
        severity_number=SeverityNumber.WARN, body="low on tea", attributes={"left": 3}
    )
    with tracer.start_as_current_span("not of HTTP"):
        pass
metrics.get_meter("compat").create_counter("orders").add(1)
for one in (traces, logs, metrics):
    assert one.force_flush(), one
    one.shutdown()
