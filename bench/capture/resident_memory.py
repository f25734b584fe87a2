"""How much more memory is resident with us, in MiB, while the queue is idle.

    python resident_memory.py bare | ours SINK        prints the MiB

A fresh process imports Flask and serves a hundred requests; ours also imports and constructs, and
flushes at the end, so that the worker, its connection and its TLS library are all there.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from pathlib import Path
from typing import Any

from contenders import BARE, attach
from fresh_process import interleaved
from workload import environ, make_app, serve

REQUESTS = 100
_FIELD = re.compile(r"^(Rss|Private_Dirty|Private_Clean): +(\d+) kB$", re.MULTILINE)


def measure(sink: str, rounds: int) -> dict[str, Any]:
    samples = interleaved(__file__, (BARE, "ours init_app 5+5"), rounds, sink)

    def median(form: str, name: str) -> float:
        return float(statistics.median(each[name] for each in samples[form]))

    def added(name: str) -> float:
        return median("ours init_app 5+5", name) - median(BARE, name)

    return {
        "bare_rss_mib": median(BARE, "Rss"),
        "rss_mib": added("Rss"),
        # Of which other processes cannot share: what a second worker costs at least.
        "private_dirty_mib": added("Private_Dirty"),
    }


def main() -> None:
    name, sink = sys.argv[1:]
    app = make_app()
    settle = attach(name, app, sink)
    for _ in range(REQUESTS):
        serve(app, environ("1k"))
    settle()
    # Exact; the figures of /proc/self/status are counted by the thread and lag behind.
    rollup = Path("/proc/self/smaps_rollup").read_text()
    print(json.dumps({field: int(kib) / 1024 for field, kib in _FIELD.findall(rollup)}))


if __name__ == "__main__":
    main()
