// OpenTelemetry's own exporters for Node: a served request. The package is an argument; where it
// sends, and with what key, the standard environment variables say.
import { createRequire } from "node:module";

const [modules, exporter] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { BasicTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { SpanKind } = require("@opentelemetry/api");
const { OTLPTraceExporter } = require(exporter);
const provider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())],
});
const span = provider.getTracer("compat").startSpan("POST /orders/:id", {
  kind: SpanKind.SERVER,
  attributes: {
    "http.request.method": "POST",
    "http.route": "/orders/:id",
    "url.path": "/orders/7",
    "url.query": "page=2",
    "server.address": "shop.example",
    "server.port": 8443,
    "http.response.status_code": 201,
    "http.request.header.authorization": ["Bearer secret-a"],
    "http.request.header.x-plain": ["plain"],
  },
});
span.end();
await provider.forceFlush();
await provider.shutdown();
