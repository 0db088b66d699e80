"""`python -m tests.requirements.report FILE`: what is proved, whole or in part, by which tests."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.requirements import catalogue
from tests.requirements.catalogue import Requirement
from tests.requirements.evidence import Outcome, Outcomes, UnreadableEvidenceError, read


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the tests prove one requirement."""

    word: str
    """``whole``, ``part`` or ``none``."""
    tests: tuple[str, ...] = ()
    """The tests that prove it, each with the part that it proves."""


def standings(ids: Iterable[str], outcomes: Outcomes) -> dict[str, Standing]:
    """Requirement id → how far it is proved."""
    found: dict[str, list[tuple[str, Outcome]]] = {}
    for test, rows in sorted(outcomes.items()):
        for requirement, outcome in rows.items():
            found.setdefault(requirement, []).append((test, outcome))
    return {identifier: _standing(found.get(identifier, [])) for identifier in ids}


def _standing(found: list[tuple[str, Outcome]]) -> Standing:
    """Whole where every test that is to prove the whole did; part where any test holds."""
    whole = [outcome for _, outcome in found if not outcome.part]
    holding = tuple(
        f"{test} ({outcome.part})" if outcome.part else test
        for test, outcome in found
        if outcome.holds
    )
    if whole and all(outcome.holds for outcome in whole):
        return Standing("whole", holding)
    return Standing("part", holding) if holding else Standing("none")


def lines(requirements: Mapping[str, Requirement], proved: Mapping[str, Standing]) -> Iterator[str]:
    """The report: one block a group, and how many are proved whole as the last line."""
    for group, members in groupby(requirements.values(), key=lambda row: row.group):
        ids = [row.id for row in members]
        count = Counter(proved[identifier].word for identifier in ids)
        numbers = ", ".join(f"{count[word]} {word}" for word in ("whole", "part", "none"))
        yield f"{group}: {numbers} of {len(ids)}"
        for identifier in ids:
            standing = proved[identifier]
            yield f"  {identifier}  {standing.word:<5}  {', '.join(standing.tests)}".rstrip()
    total = Counter(standing.word for standing in proved.values())
    yield f"whole {total['whole']}, part {total['part']}, none {total['none']}"
    yield f"{total['whole']} of {len(requirements)}"


def main(arguments: list[str] | None = None) -> int:
    """Print the report; 1 when there is no evidence file to report on."""
    parser = argparse.ArgumentParser("python -m tests.requirements.report", description=__doc__)
    parser.add_argument("file", type=Path, help="the file WANGGE_REQUIREMENTS_REPORT named")
    path: Path = parser.parse_args(arguments).file
    if not path.exists():
        print(f"{path} does not exist: run the tests first", file=sys.stderr)
        return 1
    try:
        outcomes = read(path)
    except UnreadableEvidenceError as error:
        print(error, file=sys.stderr)
        return 1
    requirements = catalogue.load()
    print(*lines(requirements, standings(requirements, outcomes)), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
