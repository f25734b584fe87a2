"""How fast the server takes exchanges in: it is one process, `apitoolkit loadgen` another.

    python -m bench.ingest.run [--quick] [--soak SECONDS] [--out FILE]

For each door that there is: batches of 1, 10, 100 and 1000, bodies of 1 KB and 10 KB (an exchange's
two bodies together; a message is 2.5 or 15 KB), each on a server of its own without data, for
BENCH_SECONDS (30) after a warm-up of a sixth of that. A case takes about 40 seconds, all of them
under 20 minutes. --quick takes only what the summary says. --soak loads the server for so long and
looks at its memory instead.

Writes build/bench/ingest.json. The summary is Pub/Sub over REST, batches of 100, 1 KB. A
figure that misses its bound is told, and does not fail the run: a busy machine is no defect.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from pathlib import Path
from typing import Any

from bench.figures import Figure, print_summary
from bench.server_process import ROOT, Measured, Server, loadgen, loadgen_speaks, machine

SECONDS = float(os.environ.get("BENCH_SECONDS", "30"))
DOORS = ("pubsub", "grpc", "otlp")
BODIES = (1024, 10_240)
# Requests at the same time: enough that a core decodes while the other commits, and while it syncs.
CONNECTIONS = {1: 128, 10: 128, 100: 64, 500: 16, 1000: 8}
# And no more than the server takes without answering 429, which is not what is measured.
ON_THE_WAY_BYTES_MAX = 32 << 20
BATCHES = (1, 10, 100, 1000)
SUMMARY_CASE = ("pubsub", 100, 1024)

FIGURES = (
    Figure("exchanges_per_s", 60_000, 150_000, is_floor=True),
    Figure("ack_p99_ms", 250),
    Figure("rss_mb", 300),
    Figure("bytes_per_exchange", 250),
)


def connections(batch: int, body_bytes: int) -> int:
    request_bytes = batch * 3 * body_bytes // 2  # bodies, headers and all, as the server holds it
    return max(min(CONNECTIONS[batch], ON_THE_WAY_BYTES_MAX // request_bytes), 2)


def measure(door: str, batch: int, body_bytes: int) -> dict[str, Any]:
    with Server(f"ingest-{door}-{batch}-{body_bytes}") as server:
        cpu_before_s = server.measured.cpu_s()
        report = loadgen(
            server.url,
            *(() if door == "pubsub" else ("--protocol", door)),
            *("--batch", str(batch), "--body-bytes", str(body_bytes)),
            *("--connections", str(connections(batch, body_bytes))),
            *("--duration", str(SECONDS), "--warmup", str(SECONDS / 6)),
        )
        cpu_s = server.measured.cpu_s() - cpu_before_s
        rss_mb = server.measured.rss_peak_mb()
        stored = int(server.call("/api/v1/stats")["exchanges"])
        server.stop()
        on_disk = server.bytes_on_disk()
    assert stored == report["acknowledged"], (stored, report)
    return {
        "door": door,
        "batch": batch,
        "body_bytes": body_bytes,
        "exchanges_per_s": report["exchanges_per_s"],
        "ack_p50_ms": report["ack_ms"]["p50"],
        "ack_p99_ms": report["ack_ms"]["p99"],
        "ack_max_ms": report["ack_ms"]["max"],
        "rss_mb": rss_mb,
        "bytes_per_exchange": on_disk / stored,
        "server_cpu_us_per_exchange": cpu_s / stored * 1e6,
        "client_cores": report["client_cores"],
        "message_bytes": report["message_bytes"],
        "refused": report["refused"],
        "failed": report["failed"],
    }


def cases(quick: bool) -> list[tuple[str, int, int]]:
    if quick:
        return [SUMMARY_CASE]
    found = []
    for door in DOORS:
        if not loadgen_speaks(door):
            print(f"-- left out: {door}: this build's loadgen does not speak it")
            continue
        for body_bytes in BODIES:
            for batch in BATCHES:
                # A publish request holds 10,000,000 bytes of messages.
                is_too_large = batch == 1000 and body_bytes > 5000 and door != "otlp"
                found.append((door, 500 if is_too_large else batch, body_bytes))
    return found


def soak(seconds: float) -> dict[str, Any]:
    """The server's memory under full load: the median of the last third against the second's."""
    samples: list[float] = []
    with Server("ingest-soak") as server:
        ended = threading.Event()
        sampler = threading.Thread(target=_sample, args=(server.measured, ended, samples))
        sampler.start()
        try:
            report = loadgen(
                server.url, *("--duration", str(seconds), "--connections", "8", "--batch", "100")
            )
        finally:
            ended.set()
            sampler.join()
        peak_mb = server.measured.rss_peak_mb()
    third = len(samples) // 3
    middle = sorted(samples[third : 2 * third])[third // 2]
    last = sorted(samples[2 * third : 3 * third])[third // 2]
    print(
        f"\nRSS: {middle:.0f} MB in the second third, {last:.0f} MB in the last, peak {peak_mb:.0f}"
    )
    print(f"{report['exchanges']:,} exchanges, {report['exchanges_per_s']:,.0f}/s")
    return {
        "seconds": seconds,
        "exchanges": report["exchanges"],
        "exchanges_per_s": report["exchanges_per_s"],
        "ack_p99_ms": report["ack_ms"]["p99"],
        "rss_mb": samples,
        "rss_growth_mb": last - middle,
        "rss_peak_mb": peak_mb,
    }


def _sample(measured: Measured, ended: threading.Event, samples: list[float]) -> None:
    while not ended.wait(1):
        samples.append(measured.rss_mb())


def print_row(row: dict[str, Any]) -> None:
    print(
        f"  {row['door']:8} {row['batch']:5} {row['body_bytes']:6} {row['exchanges_per_s']:12,.0f} "
        f"{row['ack_p50_ms']:9.1f} {row['ack_p99_ms']:9.1f} {row['rss_mb']:8.0f} "
        f"{row['bytes_per_exchange']:9.0f} {row['server_cpu_us_per_exchange']:9.1f} "
        f"{row['client_cores']:7.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast the server takes exchanges in")
    parser.add_argument("--quick", action="store_true", help="only what the summary says")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="memory under lasting load")
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench/ingest.json")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "load_before": os.getloadavg()}
    if arguments.out.exists():  # what the other mode has found
        earlier = json.loads(arguments.out.read_text())
        result = {**earlier, **result}
    if arguments.soak:
        result["soak"] = soak(arguments.soak)
    else:
        print(
            "door     batch bodies exchanges/s    p50 ms    p99 ms   RSS MB   B each  cpu µs client"
        )
        rows = []
        for case in cases(arguments.quick):
            rows.append(measure(*case))
            print_row(rows[-1])
        summary_row = next(
            row for row in rows if (row["door"], row["batch"], row["body_bytes"]) == SUMMARY_CASE
        )
        result["cases"] = rows
        result["seconds"] = SECONDS
        result["summary"] = {figure.name: summary_row[figure.name] for figure in FIGURES}
        print_summary(FIGURES, result["summary"])
    result["load_after"] = os.getloadavg()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    before, after = result["load_before"][0], result["load_after"][0]
    print(f"\nall in {arguments.out}")
    print(f"load average: {before:.1f} before, {after:.1f} after, on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
