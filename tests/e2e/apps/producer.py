"""A process that records exchanges on command: a line of JSON on standard input is a command, a
line on standard output its answer. It is configured by the environment (APITOOLKIT_…), and ends as
any program does when its input ends.

    {"push": {"first": 0, "count": 10, "status": 200, "body_bytes": 0}}   /n/0 to /n/9
    {"flush": 60}                                                          seconds
    {"stats": {}}
    {"run": 0}     pushes and flushes /n/0, /n/1, … for ever, and tells each number that is flushed
    {"greenlets": {"first": 0, "count": 10}}     /n/0 to /n/9, each of them in a greenlet

With FILE_BYTES_MAX no file may be longer, as if the disk were full then; bodies are random, so that
they cannot be compressed. With GEVENT all is patched for gevent.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

if "GEVENT" in os.environ:
    gevent: Any = import_module("gevent")
    import_module("gevent.monkey").patch_all()

from apitoolkit_flask import APIToolkit

if "FILE_BYTES_MAX" in os.environ:
    file_bytes_max = int(os.environ["FILE_BYTES_MAX"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))

toolkit = APIToolkit()
answer: dict[str, Any] = {}


def answering(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response(answer["status"], [("Content-Type", "text/plain")])
    if "GEVENT" in os.environ:
        gevent.sleep(0)
    return [answer["body"]]


application = toolkit.wsgi(answering)


def start_response(*_: object) -> Callable[[bytes], object]:
    return sys.stdout.buffer.write  # never called


def tell(result: object) -> None:
    sys.stdout.write(f"{json.dumps(result)}\n")
    sys.stdout.flush()


def exchange(number: int) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/n/{number}",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
    }
    response = application(environ, start_response)
    for _ in response:
        pass
    if hasattr(response, "close"):
        response.close()


def push(first: int, count: int, status: int = 200, body_bytes: int = 0) -> int:
    answer["status"] = f"{status} Any"
    answer["body"] = os.urandom(body_bytes // 2).hex().encode()
    for number in range(first, first + count):
        exchange(number)
    return count


def in_greenlets(first: int, count: int) -> int:
    answer.update(status="200 Any", body=b"")
    gevent.joinall([gevent.spawn(exchange, first + i) for i in range(count)], raise_error=True)
    return count


def run(number: int) -> None:
    while True:
        push(number, 1)
        if toolkit.flush(600):
            tell(number)
        number += 1


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


for line in sys.stdin:
    ((name, argument),) = json.loads(line).items()
    if name == "run":
        run(argument)
    commands: dict[str, Callable[[Any], Any]] = {
        "push": lambda given: push(**given),
        "greenlets": lambda given: in_greenlets(**given),
        "flush": toolkit.flush,
        "stats": lambda _: {**toolkit.stats(), "rss_bytes": rss_bytes()},
    }
    tell(commands[name](argument))
