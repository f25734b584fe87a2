"""What our client adds to os.fork(), in ms, while it has a worker and three quarters of a queue.

    python fork_time.py bare | "ours init_app 5+5"        prints the ms of each fork

The queue fills since nobody answers. A fork copies the page tables of all that a process holds: the
queue's are a part of the figure. The child's time runs until it has returned from os.fork().
"""

from __future__ import annotations

import json
import os
import statistics
import struct
import sys
import time
from typing import Any

from contenders import BARE, attach
from fresh_process import interleaved
from workload import environ, make_app, serve

FORKS = 50
EXCHANGES = 6_000  # of about 4 KiB: three quarters of queue_bytes_max
NOBODY = "http://127.0.0.1:1"


def measure(rounds: int) -> dict[str, Any]:
    samples = interleaved(__file__, (BARE, "ours init_app 5+5"), rounds)

    def median(form: str, who: str) -> float:
        return float(statistics.median(ms for one in samples[form] for ms in one[who]))

    return {
        "fork_ms": median("ours init_app 5+5", "parent") - median(BARE, "parent"),
        "fork_child_ms": median("ours init_app 5+5", "child") - median(BARE, "child"),
        "bare_fork_ms": median(BARE, "parent"),
    }


def fork_once() -> tuple[float, float]:
    """How long the parent and the child took, in ms."""
    reader, writer = os.pipe()
    begin_ns = time.perf_counter_ns()  # CLOCK_MONOTONIC: the same in the child
    pid = os.fork()
    took_ns = time.perf_counter_ns() - begin_ns
    if pid == 0:
        os.write(writer, struct.pack("q", took_ns))
        os._exit(0)
    child_ns = struct.unpack("q", os.read(reader, 8))[0]
    os.waitpid(pid, 0)
    os.close(reader)
    os.close(writer)
    return took_ns / 1e6, child_ns / 1e6


def main() -> None:
    app = make_app()
    attach(sys.argv[1], app, NOBODY)
    for _ in range(EXCHANGES):
        serve(app, environ("1k"))
    pairs = [fork_once() for _ in range(FORKS)]
    print(json.dumps({"parent": [p for p, _ in pairs], "child": [c for _, c in pairs]}), flush=True)
    os._exit(0)  # nothing could be flushed


if __name__ == "__main__":
    main()
