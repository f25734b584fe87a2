"""How fast questions are answered over much: 1 and 10 million exchanges of `apitoolkit loadgen`, of
14 days, then each question several times, over REST as anybody asks.

    python -m bench.query.run [--out FILE]

BENCH_COUNT=200000 loads so many instead, for an eye on one's own change. Loading takes minutes at
60,000 exchanges a second (10 million: about 5 GB of disk while it runs), the questions less than
two; each is asked ROUNDS times, and the median counts.

Writes build/bench/query.json. A question that this server cannot answer yet is left out, with what
it answered.

Where `victoria-logs` is installed (go install github.com/VictoriaMetrics/VictoriaLogs/app/
victoria-logs@latest; VICTORIA_LOGS names it elsewhere), the same exchanges go to it, too, and the
same questions are asked of it in the same run: bench/query/victoria_logs.py.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import urllib.error
import urllib.parse
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable

from bench.figures import Figure, print_summary
from bench.query import victoria_logs
from bench.server_process import ROOT, Server, loadgen, machine

COUNTS = (
    [int(os.environ["BENCH_COUNT"])] if "BENCH_COUNT" in os.environ else [1_000_000, 10_000_000]
)
DAYS = 13  # of 14 that a server keeps
ROUNDS = 7
ROUNDS_S_MAX = 60  # after which a slow question is not asked again

FIGURES = (
    Figure("chart_ms", 50),
    Figure("by_id_ms", 5),
    Figure("newest_100_ms", 30),
    Figure("rare_body_value_ms", 1000),
    Figure("body_regex_ms", 3000),
    Figure("summarize_p99_ms", 1000),
)

RATIOS = tuple(
    Figure("vs_victorialogs_" + figure.name.replace("_ms", ""), 1.0) for figure in FIGURES
)

Question = Callable[[], Any]


def median_ms(ask: Question) -> float:
    begin = time.perf_counter()
    times = []
    while len(times) < ROUNDS and time.perf_counter() - begin < ROUNDS_S_MAX:
        asked = time.perf_counter()
        ask()
        times.append(time.perf_counter() - asked)
    return sorted(times)[len(times) // 2] * 1000


class Rest:
    """The questions, as requests."""

    def __init__(self, server: Server) -> None:
        self.server = server
        posts = self.list(method="POST", status=201, limit=200)["data"]
        with_user = [e for e in posts if "user" in (e["request_body"] or {})]
        self.id = str(posts[len(posts) // 2]["id"])
        # That of an exchange, so that there is one to be found.
        self.user = int(with_user[-1]["request_body"]["user"]["id"])

    def list(self, **parameters: str | int) -> Any:
        return self.server.call("/api/v1/exchanges?" + urllib.parse.urlencode(parameters))

    def query(self, text: str, since: str = f"-{DAYS + 1}d") -> Any:
        return self.server.call("/api/v1/query", {"query": text, "since": since})

    def questions(self) -> dict[str, Question]:
        return {
            "chart_ms": lambda: self.query(
                "summarize count(), p95(duration) by bin(timestamp, 1h)"
            ),
            "by_id_ms": lambda: self.server.call(f"/api/v1/exchanges/{self.id}"),
            "newest_100_ms": lambda: self.list(
                url_path="/api/products", method="GET", status="4xx", limit=100
            ),
            "rare_body_value_ms": self._rare,
            # Counted, so that no early match ends the search.
            "body_regex_ms": lambda: self.query(
                r"response_body matches /zip.*broke.*sku/ | summarize count()"
            ),
            "summarize_p99_ms": lambda: self.query("summarize p99(duration) by url_path"),
        }

    def _rare(self) -> Any:
        answer = self.query(f"request_body.user.id == {self.user}")
        assert self.user_found(answer), f"user {self.user} is not found"
        return answer

    def user_found(self, answer: Any) -> bool:
        return str(self.user) in json.dumps(answer)


def measure(count: int) -> dict[str, Any]:
    found: dict[str, Any] = {"exchanges": count, "left_out": {}}
    # Times to the second, so that VictoriaLogs is sent the same ones.
    now = datetime.now(timezone.utc).replace(microsecond=0)
    arguments = (
        *("--count", str(count), "--batch", "500", "--connections", "8", "--patience", "300"),
        *("--since", (now - timedelta(days=DAYS)).isoformat(), "--until", now.isoformat()),
    )
    with Server(f"query-{count}") as server:
        print(f"-- loading {count:,} exchanges", flush=True)
        report = loadgen(server.url, *arguments)
        found["loaded_per_s"] = report["exchanges_per_s"]
        # What merges and syncs in the background is not what is asked about.
        server.stop()
        found["bytes_per_exchange"] = server.bytes_on_disk() / count
        begin = time.perf_counter()
        server.start()
        found["start_ms"] = (time.perf_counter() - begin) * 1000
        rest = Rest(server)
        found.update(ask_all(rest.questions(), found["left_out"]))
        found["rss_mb"] = server.measured.rss_peak_mb()
    binary = victoria_logs.program()
    if binary is None:
        found["victorialogs"] = "not installed: go install, as VictoriaLogs' README says"
        return found
    with victoria_logs.VictoriaLogs(binary) as logs:
        print("-- the same to VictoriaLogs", flush=True)
        theirs = victoria_logs.load(logs, arguments, count)
        theirs["left_out"] = {}
        theirs.update(ask_all(logs.questions(rest.id, rest.user), theirs["left_out"]))
        theirs["rss_mb"] = logs.measured.rss_peak_mb()
    found["victorialogs"] = theirs
    return found


def ask_all(questions: dict[str, Question], left_out: dict[str, str]) -> dict[str, float | None]:
    """Milliseconds; None for what is not answered, and why in `left_out`."""
    found: dict[str, float | None] = {}
    for name, ask in questions.items():
        try:
            found[name] = median_ms(ask)
            print(f"  {name:24} {found[name]:12,.1f}", flush=True)
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:300]
            found[name] = None
            left_out[name] = f"{error.code}: {said}"
            print(f"  {name:24} not answered: {error.code} {said[:60]}", flush=True)
    return found


def summary(found: dict[str, Any]) -> dict[str, float | None]:
    """Our figures, and each as a part of what VictoriaLogs takes, in the same run."""
    ours = {figure.name: found[figure.name] for figure in FIGURES}
    theirs = found["victorialogs"]
    ratios: dict[str, float | None] = {}
    for name in (*ours, "bytes_per_exchange"):
        other = theirs.get(name) if isinstance(theirs, dict) else None
        mine = found[name]
        ratios["vs_victorialogs_" + name.replace("_ms", "")] = (
            mine / other if mine and other else None
        )
    return {**ours, **ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast questions over much are answered")
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench/query.json")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "load_before": os.getloadavg()}
    result["sizes"] = [measure(count) for count in COUNTS]
    last = result["sizes"][-1]
    result["summary"] = summary(last)
    result["load_after"] = os.getloadavg()
    print(f"\n{last['exchanges']:,} exchanges, {last['bytes_per_exchange']:.0f} bytes each")
    print_summary((*FIGURES, *RATIOS), result["summary"])
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    before, after = result["load_before"][0], result["load_after"][0]
    print(f"\nall in {arguments.out}")
    print(f"load average: {before:.1f} before, {after:.1f} after, on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
