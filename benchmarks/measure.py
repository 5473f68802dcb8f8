"""How the benchmarks measure: two things in turn, many times, and the median of their ratios."""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """One measured number beside its bound."""

    name: str
    value: float
    bound: float
    unit: str = "×"

    @property
    def holds(self) -> bool:
        """Whether the bound holds."""
        return self.value <= self.bound


def interleaved(
    ours: Callable[[], object],
    peer: Callable[[], object],
    *,
    repeats: int,
    warm: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Median of the ratios ours / peer of times taken one after the other, so that other load falls on both."""
    for _ in range(warm):
        ours()
        peer()
    times: tuple[list[float], list[float]] = ([], [])
    for i in range(repeats):
        for side in (0, 1) if i % 2 else (1, 0):
            started = clock()
            (ours, peer)[side]()
            times[side].append(clock() - started)
    return median(own / other for own, other in zip(*times, strict=True))


def report(results: Iterable[Result]) -> None:
    """Prints each number beside its bound as it comes; ends the process with 1 where one does not hold."""
    held = True
    for result in results:
        held &= result.holds
        verdict = "ok" if result.holds else "TOO MUCH"
        print(
            f"{result.name}: {result.value:.4g} {result.unit} (bound {result.bound:.4g} {result.unit}) {verdict}",
            flush=True,
        )
    if not held:
        sys.exit(1)
