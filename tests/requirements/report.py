"""`python -m tests.requirements.report FILE`: what is proven, by which tests, and what is not."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from tests.requirements import catalogue
from tests.requirements.catalogue import Requirement
from tests.requirements.evidence import Outcome, UnreadableEvidenceError, read


def proofs(outcomes: Mapping[str, Outcome]) -> dict[str, list[str]]:
    """Requirement id to the tests that prove it."""
    found: dict[str, list[str]] = {}
    for test, outcome in sorted(outcomes.items()):
        for requirement in outcome.requirements if outcome.proves else ():
            found.setdefault(requirement, []).append(test)
    return found


def lines(
    requirements: Mapping[str, Requirement], proven: Mapping[str, list[str]]
) -> Iterator[str]:
    """The report: one block a group, and the total as the last line."""
    for group, members in groupby(requirements.values(), key=lambda row: row.group):
        ids = [row.id for row in members]
        shown = [identifier for identifier in ids if identifier in proven]
        yield f"{group}: {len(shown)} of {len(ids)} proven, {len(ids) - len(shown)} missing"
        yield from (f"  {identifier}  {', '.join(proven[identifier])}" for identifier in shown)
    total = sum(1 for identifier in requirements if identifier in proven)
    yield f"{total} of {len(requirements)}"


def main(arguments: list[str] | None = None) -> int:
    """Print the report; 1 when there is no evidence file to report on."""
    parser = argparse.ArgumentParser("python -m tests.requirements.report", description=__doc__)
    parser.add_argument("file", type=Path, help="the file WANGGE_REQUIREMENTS_REPORT named")
    path: Path = parser.parse_args(arguments).file
    if not path.exists():
        print(f"{path} does not exist: run the tests first", file=sys.stderr)
        return 1
    try:
        proven = proofs(read(path))
    except UnreadableEvidenceError as error:
        print(error, file=sys.stderr)
        return 1
    print(*lines(catalogue.load(), proven), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
