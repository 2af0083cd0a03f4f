"""A figure of the benchmark, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured (or counted) value. ``spread`` is the lowest and highest of the repetitions; ``goal`` is the most
    it should be. A figure is printed, never asserted."""

    part: str
    name: str
    value: float
    unit: str
    goal: float | None = None
    spread: tuple[float, float] | None = None
    note: str = ""

    def line(self) -> str:
        """For people."""
        spread = f"{_number(self.spread[0])} to {_number(self.spread[1])}" if self.spread else ""
        verdict = ""
        if self.goal is not None:
            verdict = f"goal {_number(self.goal)}: {'met' if self.value <= self.goal else 'MISSED'}"
        return f"{self.name:<58} {_number(self.value):>10} {self.unit:<9} {spread:<18} {verdict} {self.note}".rstrip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.4g}"


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest."""
    return min(values), max(values)
