"""The worker thread's CPU time for one exchange, in µs: 1 KB bodies, 5 + 5 paths, pubsub.

    python worker_cpu.py REQUESTS_PER_S SINK        prints the µs; 0 a second: as fast as it goes

All that the thread does for an exchange, from taking it out of the queue to the last answer, by the
kernel's account of that thread (/proc/self/task/TID/schedstat, in ns).
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from contenders import attach
from fresh_process import interleaved
from workload import environ, make_app, serve

THREAD_NAME = "apitoolkit"  # src/sdk/worker_thread.cc
PACED_PER_S = 200
DURATION_S = 3


def measure(sink: str, rounds: int) -> dict[str, Any]:
    forms = ("0", str(PACED_PER_S))
    samples = interleaved(__file__, forms, rounds, sink)
    return {
        "worker_cpu_us_per_exchange": statistics.median(samples["0"]),
        f"worker_cpu_us_at_{PACED_PER_S}_per_s": statistics.median(samples[str(PACED_PER_S)]),
    }


def worker_cpu_ns() -> int:
    for task in Path("/proc/self/task").iterdir():
        if (task / "comm").read_text().strip() == THREAD_NAME:
            return int((task / "schedstat").read_text().split()[0])
    raise RuntimeError(f"there is no thread {THREAD_NAME}")


def main() -> None:
    rate, sink = float(sys.argv[1]), sys.argv[2]
    app = make_app()
    settle = attach("ours init_app 5+5", app, sink)
    for _ in range(100):
        serve(app, environ("1k"))
    settle()
    before_ns = worker_cpu_ns()
    begin_s = time.perf_counter()
    count = 0
    while time.perf_counter() - begin_s < DURATION_S:
        serve(app, environ("1k"))
        count += 1
        if rate > 0:
            time.sleep(max(0.0, begin_s + count / rate - time.perf_counter()))
    if not settle():
        raise RuntimeError("the sink did not take everything")
    print(json.dumps((worker_cpu_ns() - before_ns) / 1e3 / count))


if __name__ == "__main__":
    main()
