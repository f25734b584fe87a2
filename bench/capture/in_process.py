"""What each contender adds to a request, in-process: a WSGI call, without any server.

Each contender has a process with two applications, a bare one and one that it is attached to (where
it changes Flask itself, a second process has the bare one). They take turns in short rounds, all of
them in every turn, so that what the machine does otherwise meets everybody. A figure is the median
over the rounds of the difference between the two medians of a round; exports are waited for between
the rounds. What a peer's exporting thread takes from a request by holding the GIL is thus only seen
as far as it happens within a round; behind gunicorn all of it is.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

from contender_process import ContenderProcess
from contenders import BARE, CONTENDERS
from environments import Environments
from workload import SIZES

ROUND_S = 0.06  # of the slower of the two
REQUESTS_MIN, REQUESTS_MAX = 3, 300


@dataclass
class _Cell:
    """One contender with one size of body."""

    size: str
    requests: int = 0
    bare: list[list[int]] = field(default_factory=list)  # ns, a list a round
    with_it: list[list[int]] = field(default_factory=list)
    instructions: list[float] = field(default_factory=list)  # added, a request

    def row(self) -> dict[str, Any]:
        added = [
            statistics.median(mine) - statistics.median(bare)
            for mine, bare in zip(self.with_it, self.bare)
        ]
        all_bare = [ns for times in self.bare for ns in times]
        all_mine = [ns for times in self.with_it for ns in times]
        bare_us = statistics.median(all_bare) / 1e3
        return {
            "size": self.size,
            "requests": len(all_mine),
            "bare_us": bare_us,
            "with_us": statistics.median(all_mine) / 1e3,
            "added_us": statistics.median(added) / 1e3,
            "bare_p99_us": _p99(all_bare) / 1e3,
            "with_p99_us": _p99(all_mine) / 1e3,
            "added_p99_us": (_p99(all_mine) - _p99(all_bare)) / 1e3,
            "added_instructions": (
                statistics.median(self.instructions) if self.instructions else None
            ),
        }


def _p99(times: list[int]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


class _Pair:
    """The process with the contender, and the one with the bare application beside it."""

    def __init__(self, name: str, python: str, sink: str) -> None:
        self.name = name
        self._with = ContenderProcess(python, name, sink)
        self._bare = self._with
        if CONTENDERS[name].patches_flask:
            self._bare = ContenderProcess(python, BARE, sink)
        self.cells = [_Cell(size) for size in SIZES]

    def calibrate(self) -> None:
        for cell in self.cells:
            times, _ = self._with.round("with", cell.size, REQUESTS_MIN)
            wanted = int(ROUND_S * 1e9 / statistics.median(times))
            cell.requests = min(max(wanted, REQUESTS_MIN), REQUESTS_MAX)

    def round(self, number: int) -> None:
        for cell in self.cells:
            for app in ("bare", "with") if number % 2 == 0 else ("with", "bare"):
                process = self._bare if app == "bare" else self._with
                times, instructions = process.round(app, cell.size, cell.requests)
                (cell.bare if app == "bare" else cell.with_it).append(times)
                if app == "bare":
                    bare_instructions = instructions
                else:
                    with_instructions = instructions
            if bare_instructions is not None and with_instructions is not None:
                cell.instructions.append((with_instructions - bare_instructions) / cell.requests)

    def close(self) -> None:
        self._with.close()
        if self._bare is not self._with:
            self._bare.close()


def measure(environments: Environments, sink: str, rounds: int) -> list[dict[str, Any]]:
    pairs = [
        _Pair(name, environments.pythons[contender.environment], sink)
        for name, contender in CONTENDERS.items()
        if contender.environment in environments.pythons
    ]
    for pair in pairs:
        pair.calibrate()
    for number in range(rounds):
        for pair in pairs:
            pair.round(number)
    for pair in pairs:
        pair.close()
    return [
        {"contender": pair.name, "records": CONTENDERS[pair.name].records, **cell.row()}
        for pair in pairs
        for cell in pair.cells
    ]
