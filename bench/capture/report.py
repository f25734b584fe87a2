"""The figures that count, what they must be, and how they are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]

OURS = "ours init_app 5+5"


@dataclass(frozen=True)
class Figure:
    """One line of the summary. `goal` is the must where there is no other."""

    name: str
    must: float
    goal: float
    is_floor: bool = False  # at least, not at most

    def verdict(self, value: float | None) -> str:
        if value is None:
            return "not measured"
        if self._holds(value, self.goal):
            return "ok"
        return "ok, goal missed" if self._holds(value, self.must) else "MISSED"

    def _holds(self, value: float, bound: float) -> bool:
        return value >= bound if self.is_floor else value <= bound

    def bound(self) -> str:
        sign = "≥" if self.is_floor else "≤"
        goal = "" if self.goal == self.must else f", goal {self.goal:g}"
        return f"{sign} {self.must:g}{goal}"


# Beside vs_upstream: the same upstream, with the parser of its paths that there was in its days.
# environments.py tells why.
VS_UPSTREAM_2023 = "vs_upstream_2023"

FIGURES = (
    Figure("added_us_1k_ten_paths", 15, 5),
    Figure("vs_upstream", 1 / 500, 1 / 500),
    Figure("vs_lightest_peer", 1 / 4, 1 / 4),
    Figure("throughput_kept", 0.95, 0.99, is_floor=True),
    Figure("worker_cpu_us_per_exchange", 20, 20),
    Figure("fork_ms", 1, 1),
    Figure("import_ms", 30, 30),
    Figure("rss_mib", 8, 8),
)


def summary(in_process: list[Row], gunicorn: list[Row] | None, costs: Row) -> Row:
    """vs_upstream: against upstream 1.0.1 with the same paths and today's versions of what it
    depends on; vs_upstream_2023: with jsonpath-ng 1.6.0. vs_lightest_peer: against the cheapest of
    those that record every request, be it only a span without headers and bodies."""

    def added(name: str) -> float | None:
        return next(
            (r["added_us"] for r in in_process if r["contender"] == name and r["size"] == "1k"),
            None,
        )

    def ratio(other: float | None) -> float | None:
        return None if ours is None or other is None else ours / other

    ours = added(OURS)
    kept = [row["throughput_kept"] for row in gunicorn or [] if row["contender"] == OURS]
    return {
        "added_us_1k_ten_paths": ours,
        "vs_upstream": ratio(added("upstream 5+5")),
        VS_UPSTREAM_2023: ratio(added("upstream 2023 5+5")),
        "vs_lightest_peer": ratio(added(lightest_peer(in_process) or "")),
        "throughput_kept": kept[0] if kept else None,
        **{name: costs.get(name) for name in (f.name for f in FIGURES[4:])},
    }


def lightest_peer(in_process: list[Row]) -> str | None:
    peers = [
        row
        for row in in_process
        if row["size"] == "1k"
        and row["records"] != "none"
        and not row["contender"].startswith("ours")
    ]
    return min(peers, key=lambda row: row["added_us"])["contender"] if peers else None


def print_in_process(rows: list[Row]) -> None:
    ours = {row["size"]: row["added_us"] for row in rows if row["contender"] == OURS}
    print("\nin-process, µs a request          bare     added   p99 added  × bare  × ours  records")
    for row in rows:
        print(
            f"  {row['contender']:18} {row['size']:>5} {row['bare_us']:11.1f} "
            f"{row['added_us']:9.1f} {row['added_p99_us']:11.1f} "
            f"{(row['bare_us'] + row['added_us']) / row['bare_us']:7.2f} "
            f"{row['added_us'] / ours[row['size']]:7.1f}  {row['records']}"
        )


def print_gunicorn(rows: list[Row]) -> None:
    print("\nbehind gunicorn (one sync worker)  requests/s   kept   p50 µs   p99 µs")
    for row in rows:
        print(
            f"  {row['contender']:31} {row['requests_per_s']:12.0f} "
            f"{row['throughput_kept']:6.3f} {row['p50_us']:8.0f} {row['p99_us']:8.0f}"
        )


def print_costs(costs: Row) -> None:
    print("\nother costs")
    for name, value in costs.items():
        print(f"  {name:38} {'not measured' if value is None else format(value, '.2f')}")


def print_summary(values: Row) -> None:
    print("\nsummary")
    for figure in FIGURES:
        value = values[figure.name]
        text = "–" if value is None else f"{value:.2f}"
        if value is not None and value < 1 and not figure.is_floor and figure.must < 1:
            text = f"1/{1 / value:.0f}" if value > 0 else "0"
        bound = figure.bound()
        if figure.must < 0.5:
            bound = f"≤ 1/{1 / figure.must:.0f}"
        print(f"  {figure.name:28} {text:>8}   {bound:18} {figure.verdict(value)}")
        if figure.name == "vs_upstream":
            old = values[VS_UPSTREAM_2023]
            text = f"1/{1 / old:.0f}" if old else "–"
            print(f"  {VS_UPSTREAM_2023:28} {text:>8}   with jsonpath-ng 1.6.0 of its own days")
