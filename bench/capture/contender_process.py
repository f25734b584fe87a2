"""One contender in a process of its own, which runs a round of requests when it is asked to.

    PYTHON contender_process.py CONTENDER SINK_URL

A line of JSON asks: {"app": "bare" | "with", "size": …, "requests": …}; a line answers: the time of
each request in ns, and the instructions of them all (null without a counter). `ContenderProcess` is
the other end of it.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

WARM_UP_REQUESTS = 20


class ContenderProcess:
    """For the process that compares: starts one, and asks it."""

    def __init__(self, python: str, contender: str, sink: str) -> None:
        self.name = contender
        self._process = subprocess.Popen(
            [python, str(Path(__file__)), contender, sink],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Else each process has dictionaries of another layout, and times of its own.
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"},
        )

    def round(self, app: str, size: str, requests: int) -> tuple[list[int], int | None]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"app": app, "size": size, "requests": requests}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of {self.name} ended")
        answer = json.loads(line)
        return answer["times_ns"], answer["instructions"]

    def close(self) -> None:
        self._process.communicate(timeout=60)


def run(app: Any, size: str, requests: int, counter: Any) -> dict[str, Any]:
    from workload import environ, serve

    environs = [environ(size) for _ in range(requests)]
    clock = time.perf_counter_ns
    times = []
    gc.collect()  # what others left is not this round's
    before = counter.read()
    for _ in range(requests):
        begin = clock()
        serve(app, environs.pop())  # it ends with the request, as a server's does
        times.append(clock() - begin)
    after = counter.read()
    return {
        "times_ns": times,
        "instructions": None if before is None or after is None else after - before,
    }


def main() -> None:
    # Peers may print: their words must not come between ours.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from contenders import attach
    from instructions import InstructionCounter
    from workload import environ, make_app, serve

    name, sink = sys.argv[1:]
    apps = {"bare": make_app(), "with": make_app()}
    settle = attach(name, apps["with"], sink)
    for app in apps.values():
        for _ in range(WARM_UP_REQUESTS):
            serve(app, environ("1k"))
    counter = InstructionCounter()
    for line in sys.stdin:
        order = json.loads(line)
        answer = run(apps[order["app"]], order["size"], order["requests"], counter)
        settle()
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
