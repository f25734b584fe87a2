"""Records a Flask application's HTTP exchanges and sends them, redacted, to APIToolkit.

    from apitoolkit_flask import APIToolkit

    APIToolkit(app, api_key="<API_KEY>", redact_request_body=["$.user.password"])

The documentation is in docs/: getting-started.md, options.md, redaction.md, errors.md,
outgoing-calls.md, delivery.md, deployment.md, migrating.md and troubleshooting.md.
`python -m apitoolkit_flask check` tells whether an installation works.
"""

from . import jsonpath
from ._native import __version__
from ._outgoing_calls import observe_request, observe_request_async
from ._reporting import report_error
from ._stats import Stats
from ._toolkit import APIToolkit
from ._transport import Rejected, RetryLater, Transport

__all__ = [
    "APIToolkit",
    "Rejected",
    "RetryLater",
    "Stats",
    "Transport",
    "__version__",
    "jsonpath",
    "observe_request",
    "observe_request_async",
    "report_error",
]
