"""Google's publisher over TLS: its transport with a channel that trusts the tests' authority."""

import json
import sys
import time
from pathlib import Path

import grpc
from google.cloud import pubsub_v1
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

address, authority, pubsub_project, topic_id = sys.argv[1:5]
trusting = grpc.ssl_channel_credentials(Path(authority).read_bytes())
transport = PublisherGrpcTransport(channel=grpc.secure_channel(address, trusting))
publisher = pubsub_v1.PublisherClient(transport=transport)
topic = publisher.topic_path(pubsub_project, topic_id)
message = {
    "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    # Two that are sent in one second would be the same message otherwise.
    "host": address,
    "method": "GET",
    "raw_url": "/over/tls",
    "url_path": "/over/tls",
    "status_code": 200,
    "duration": 1000,
    "sdk_type": "PythonPyramid",
}
assert publisher.publish(topic, json.dumps(message).encode()).result(timeout=60)
