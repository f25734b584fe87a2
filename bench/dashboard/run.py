"""How long the dashboard's pages take with much behind them: 1 million exchanges of `apitoolkit
loadgen`, of 13 days, then each page several times in Chromium, from the click to the pixels.

    python -m bench.dashboard.run [--out FILE] [--keep NAME]

BENCH_COUNT=100000 loads so many instead, for an eye on one's own change, or ten million for the
whole truth. With --keep they stay in build/bench/data/NAME, and what is there already is served as
it is. The median of a page's rounds counts. Writes build/bench/dashboard.json. A page that does not
come is left out, with why.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from bench.figures import Figure, print_summary
from bench.server_process import OWNER_LOG_IN, ROOT, Server, loadgen, machine

COUNT = int(os.environ.get("BENCH_COUNT", 1_000_000))
DAYS = 13  # of 14 that a server keeps
PAGE_MS_MAX = 150


def measure_pages(url: str) -> dict[str, Any]:
    """The milliseconds of each round by page; a text for a page that did not come."""
    done = subprocess.run(
        ["node", "scripts/measure_pages.mjs", url, "owner", OWNER_LOG_IN],
        cwd=ROOT / "dashboard",
        stdout=subprocess.PIPE,
        text=True,
        timeout=900,
        check=True,
    )
    rounds: dict[str, Any] = json.loads(done.stdout)
    return rounds


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description="How long the dashboard's pages take")
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench/dashboard.json")
    parser.add_argument("--keep", metavar="NAME", help="a directory below build/bench/data")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "load_before": os.getloadavg()}
    now = datetime.now(timezone.utc).replace(microsecond=0)
    name = arguments.keep or f"dashboard-{COUNT}"
    with Server(name, keep=arguments.keep is not None) as server:
        count = int(server.call("/api/v1/stats")["exchanges"])
        if count == 0:
            print(f"-- loading {COUNT:,} exchanges", flush=True)
            report = loadgen(
                server.url,
                *("--count", str(COUNT), "--batch", "500", "--connections", "8"),
                *("--patience", "300"),
                *("--since", (now - timedelta(days=DAYS)).isoformat(), "--until", now.isoformat()),
            )
            count = COUNT
            result["loaded_per_s"] = report["exchanges_per_s"]
            # What merges and syncs in the background is not what is asked about.
            server.stop()
            server.start()
        result["exchanges"] = count
        print("-- pages, milliseconds of each round", flush=True)
        rounds = measure_pages(server.url)
    result["rounds_ms"] = {name: found for name, found in rounds.items() if found}
    values: dict[str, float | None] = {
        f"{name}_ms": median(found) if isinstance(found, list) and found else None
        for name, found in rounds.items()
    }
    result["summary"] = values
    result["load_after"] = os.getloadavg()
    print(f"\n{count:,} exchanges, from the click to the pixels")
    print_summary(tuple(Figure(name, PAGE_MS_MAX) for name in values), values)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    before, after = result["load_before"][0], result["load_after"][0]
    print(f"\nall in {arguments.out}")
    print(f"load average: {before:.1f} before, {after:.1f} after, on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
