"""A Flask application that is configured by the environment alone (APITOOLKIT_…), for the tests of
delivery: it answers, and says how its process is and what is delivered."""

from __future__ import annotations

import os
import sys
from typing import Any

from flask import Flask

from apitoolkit_flask import APIToolkit

app = Flask(__name__)
toolkit = APIToolkit(app, exclude=["/state", "/flush"])


@app.get("/n/<int:number>")
def numbered(number: int) -> dict[str, int]:
    if "gevent" in sys.modules:
        sys.modules["gevent"].sleep(0)  # let other greenlets in, in the middle of an exchange
    return {"number": number}


@app.get("/state")
def state() -> dict[str, Any]:
    return {"pid": os.getpid(), **toolkit.stats()}


@app.post("/flush")
def flush() -> dict[str, Any]:
    return {"flushed": toolkit.flush(60), **state()}
