"""Records a Flask application's HTTP exchanges and sends them, redacted, to APIToolkit.

    from apitoolkit_flask import APIToolkit

    APIToolkit(app, api_key="<API_KEY>", redact_request_body=["$.user.password"])

The documentation is in docs/: getting-started.md, options.md, errors.md, outgoing-calls.md.
"""

from . import jsonpath
from ._native import __version__
from ._outgoing_calls import observe_request, observe_request_async
from ._reporting import report_error
from ._toolkit import APIToolkit

__all__ = [
    "APIToolkit",
    "__version__",
    "jsonpath",
    "observe_request",
    "observe_request_async",
    "report_error",
]
