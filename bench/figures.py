"""A figure that counts, what it must be, and how that is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of a summary. `goal` is the must where there is no other."""

    name: str
    must: float
    goal: float | None = None
    is_floor: bool = False  # at least, not at most

    def verdict(self, value: float | None) -> str:
        if value is None:
            return "not measured"
        if self._holds(value, self.must if self.goal is None else self.goal):
            return "ok"
        return "ok, goal missed" if self._holds(value, self.must) else "MISSED"

    def bound(self) -> str:
        sign = "≥" if self.is_floor else "≤"
        goal = "" if self.goal is None else f", goal {self.goal:,g}"
        return f"{sign} {self.must:,g}{goal}"

    def _holds(self, value: float, bound: float) -> bool:
        return value >= bound if self.is_floor else value <= bound


def print_summary(figures: tuple[Figure, ...], values: dict[str, float | None]) -> None:
    print("\nsummary")
    for figure in figures:
        value = values.get(figure.name)
        text = "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
        print(f"  {figure.name:28} {text:>12}   {figure.bound():28} {figure.verdict(value)}")
