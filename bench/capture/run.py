"""What recording costs: bare Flask, ours, and the peers that are installed, side by side.

    python bench/capture/run.py [--quick] [--here] [--out FILE]

    in_process.py                 µs and instructions added to a request
    behind_gunicorn.py            throughput and latency under wrk
    worker_cpu.py fork_time.py import_time.py resident_memory.py   what else it costs
    instructions_by_valgrind.py   where the processor has no counter to read
    contenders.py workload.py     who is measured, doing what
    report.py                     the figures that count, and what they must be

Everybody exports to sink.py on the loopback. Ours is the wheel in build/wheels, unless --here says
that it is what this Python has installed. --quick takes fewer rounds, and neither gunicorn nor
valgrind: for an eye on one's own change. A figure that misses its bound is told, and does not fail
the run: a busy machine is no defect.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import behind_gunicorn
import environments
import fork_time
import import_time
import in_process
import instructions_by_valgrind
import report
import resident_memory
import worker_cpu
from sink import Sink


def measure(quick: bool) -> dict[str, Any]:
    installed = environments.prepare()
    for name, reason in installed.missing.items():
        print(f"-- left out: {name}: {reason}")
    result: dict[str, Any] = {
        "machine": {
            "cpu": _cpu_name(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "load_before": os.getloadavg(),
        "left_out": installed.missing,
        "versions": installed.versions,
    }
    with Sink() as sink:
        print("-- in-process", flush=True)
        rows = in_process.measure(installed, sink.url, 5 if quick else 15)
        result["in_process"] = rows
        report.print_in_process(rows)
        gunicorn = None
        if not quick and behind_gunicorn.is_possible():
            print("\n-- behind gunicorn", flush=True)
            gunicorn = behind_gunicorn.measure(installed, sink.url, 12)
            report.print_gunicorn(gunicorn)
        elif not quick:
            print("-- not behind gunicorn: wrk is not installed: apt-get install wrk")
        result["behind_gunicorn"] = gunicorn
        costs = _costs(sink.url, 3 if quick else 7)
    if not quick and all(row["added_instructions"] is None for row in rows):
        costs.update(instructions_by_valgrind.measure())
    result["costs"] = costs
    report.print_costs(costs)
    result["lightest_peer"] = report.lightest_peer(rows)
    result["summary"] = report.summary(rows, gunicorn, costs)
    result["load_after"] = os.getloadavg()
    return result


def _costs(sink: str, rounds: int) -> dict[str, Any]:
    return {
        **worker_cpu.measure(sink, max(2, rounds // 2)),
        **fork_time.measure(max(2, rounds // 2)),
        **import_time.measure(rounds * 2),
        **resident_memory.measure(sink, rounds),
    }


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description="What recording costs a Flask application")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, in-process only")
    parser.add_argument("--here", action="store_true", help="measure what is installed here")
    parser.add_argument("--out", type=Path, default=environments.ROOT / "build/bench/capture.json")
    arguments = parser.parse_args()
    if not arguments.here:
        python = environments.wheel_environment()
        sys.exit(subprocess.run([python, *sys.argv, "--here"], check=False).returncode)
    result = measure(arguments.quick)
    report.print_summary(result["summary"])
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nlightest peer: {result['lightest_peer']}; all rows in {arguments.out}")
    before, after = result["load_before"][0], result["load_after"][0]
    print(f"load average: {before:.1f} before, {after:.1f} after, on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
