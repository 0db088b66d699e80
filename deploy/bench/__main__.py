"""``python -m deploy.bench``: measure, and print the ratios. See docs/measures.md."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

from deploy.bench import importing, platform, ratios, reading, relaying, submitting
from deploy.demo.http import DemoError
from deploy.local.problems import LocalStackError

_MEASURES: Final[dict[str, Callable[[platform.Platform, int, int], ratios.Result]]] = {
    "B1": submitting.measure,
    "B2": reading.measure_case,
    "B3": reading.measure_public,
    "B5": lambda on, rounds, _seconds: relaying.measure(on, rounds),
    "B7": importing.measure,
}
_MISSING: Final[dict[str, str]] = {
    "B4": "a finding until its case shows, 50 a second",
    "B6": "handle an event with inbox and one write",
    "B8": "escalate 10,000 overdue cases of 100 counties",
    "B9": "make one day's obligations of 10 counties",
}
"""Measures that have a goal but are not implemented yet."""


def main(arguments: list[str] | None = None) -> int:
    """Measure what is asked for; 0 when everything was measured, reached or not."""
    parser = argparse.ArgumentParser(prog="deploy.bench", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="ID", help=f"of {', '.join(_MEASURES)}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each (5)")
    parser.add_argument("--seconds", type=int, default=5, help="length of a round (5)")
    chosen = parser.parse_args(arguments)
    for name in chosen.measures:
        if name in _MISSING:
            parser.error(f"{name} is not measured yet: {_MISSING[name]}")
        if name not in _MEASURES:
            parser.error(f"there is no {name}")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _measure(chosen.measures or list(_MEASURES), chosen.rounds, chosen.seconds)
    except (DemoError, LocalStackError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


def _measure(names: list[str], rounds: int, seconds: int) -> None:
    results = []
    with platform.running() as running:
        for name in names:
            print(f"Measuring {name} ...", flush=True)
            results.append(_MEASURES[name](running, rounds, seconds))
            print("  " + "  ".join(f"{each.ratio:.3f}" for each in results[-1].rounds), flush=True)
    busy = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\n{os.cpu_count()} cores, load average {busy}, {rounds} rounds\n")
    print(ratios.table(results, {} if names != list(_MEASURES) else _MISSING))
    for result in results:
        print("\n".join(["", *result.details]) if result.details else "", end="")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
