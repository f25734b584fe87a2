"""From the options to the core's client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._before_send import BeforeSend
from ._native import Client, __version__

if TYPE_CHECKING:
    from ._delivery_thread import DeliveryThread
    from ._options import Options


def make_client(
    options: Options,
    *,
    enabled: bool,
    before_send: BeforeSend | None = None,
    delivery: DeliveryThread | None = None,
) -> Client:
    """Raises ValueError with the core's message, which names the option."""
    return Client(
        api_key=options.api_key,
        root_url=options.root_url,
        pubsub_endpoint=options.pubsub_endpoint,
        otlp_endpoint=options.otlp_endpoint,
        otlp_headers=list(options.otlp_headers),
        service_name=options.service_name,
        service_version=options.service_version,
        tags=list(options.tags),
        redact_headers=list(options.redact_headers),
        redact_request_body=list(options.redact_request_body),
        redact_response_body=list(options.redact_response_body),
        redact_query=list(options.redact_query),
        scrub=list(options.scrub),
        redact_non_json=options.redact_non_json,
        redact_default_headers=options.redact_default_headers,
        sample_rate=options.sample_rate,
        body_bytes_max=options.body_bytes_max,
        queue_bytes_max=options.queue_bytes_max,
        spool_dir=options.spool_dir,
        spool_bytes_max=options.spool_bytes_max,
        flush_timeout_ms=int(options.flush_timeout_s * 1000),
        debug=options.debug,
        enabled=enabled,
        transport=options.transport if isinstance(options.transport, str) else "",
        sdk=f"apitoolkit-flask/{__version__}",
        capture_request_body=options.capture_request_body,
        capture_response_body=options.capture_response_body,
        trusted_proxies=options.trusted_proxies,
        exclude=list(options.exclude),
        before_send=before_send,
        before_first_event=None if delivery is None else delivery.start,
        handoff=None if delivery is None else delivery.handoff,
    )
