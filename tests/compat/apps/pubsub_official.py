"""Google's own publisher: 250 messages in batches, then each of the topic's calls."""

import json
import sys
import urllib.request
from datetime import datetime, timezone

from google.api_core import exceptions
from google.cloud import pubsub_v1

root_url, key = sys.argv[1:3]
request = urllib.request.Request(
    root_url + "/api/client_metadata", headers={"Authorization": f"Bearer {key}"}
)
with urllib.request.urlopen(request, timeout=30) as response:
    metadata = json.load(response)
publisher = pubsub_v1.PublisherClient(
    publisher_options=pubsub_v1.types.PublisherOptions(enable_message_ordering=False)
)
topic = publisher.topic_path(metadata["pubsub_project_id"], metadata["topic_id"])


def message(number):
    return json.dumps(
        {
            "timestamp": datetime.now(timezone.utc).isoformat(),
            "method": "GET",
            "raw_url": f"/users/{number}",
            "url_path": "/users/{id}",
            "status_code": 200,
            "duration": 1000 + number,
            "sdk_type": "PythonPyramid",
        }
    ).encode()


futures = [publisher.publish(topic, message(n), origin="test") for n in range(250)]
ids = {future.result(timeout=60) for future in futures}
assert len(ids) == 250, len(ids)
assert publisher.get_topic(request={"topic": topic}).name == topic
assert publisher.create_topic(request={"name": topic}).name == topic
for call, expected in (
    (lambda: publisher.get_topic(request={"topic": topic + "x"}), exceptions.NotFound),
    (lambda: publisher.delete_topic(request={"topic": topic}), exceptions.MethodNotImplemented),
    (lambda: publisher.publish(topic, b"{not json").result(timeout=60), exceptions.InvalidArgument),
):
    try:
        call()
    except expected:
        continue
    raise AssertionError(f"expected {expected.__name__}")
