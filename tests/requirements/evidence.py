"""The file that gathers what the tests of one or more pytest runs prove."""

import fcntl
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

_FORMAT = 2


class UnreadableEvidenceError(Exception):
    """The evidence file is not one that this module wrote."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not an evidence file; delete it and run the tests again")


@dataclass
class Outcome:
    """How a test, by all its parameters that bear the mark, fared for one requirement."""

    part: str = ""
    """What of the requirement the test shows; all of it where nothing is said."""
    ran: int = 0
    passed: int = 0

    @property
    def holds(self) -> bool:
        """It ran, and every parameter of it passed: none was skipped or failed."""
        return self.ran > 0 and self.passed == self.ran

    def add(self, other: "Outcome") -> None:
        """Count another run of the same test; what did not pass once is not forgotten."""
        self.part = other.part
        self.ran += other.ran
        self.passed += other.passed


Outcomes = dict[str, dict[str, Outcome]]
"""Test → requirement → outcome."""


def read(path: Path) -> Outcomes:
    """All that the file holds; nothing when it is not there yet."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise UnreadableEvidenceError(path) from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise UnreadableEvidenceError(path)
    return {
        test: {requirement: Outcome(**row) for requirement, row in rows.items()}
        for test, rows in document["tests"].items()
    }


def append(path: Path, outcomes: Outcomes) -> None:
    """Add outcomes to the file; runs that end at the same moment do not lose each other's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        merged = read(path)
        for test, rows in outcomes.items():
            for requirement, outcome in rows.items():
                merged.setdefault(test, {}).setdefault(requirement, Outcome()).add(outcome)
        _replace(path, merged)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, outcomes: Outcomes) -> None:
    """Write beside the file and rename, so that a killed run leaves the old file whole."""
    tests = {
        test: {requirement: asdict(outcome) for requirement, outcome in sorted(rows.items())}
        for test, rows in sorted(outcomes.items())
    }
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
    ) as file:
        json.dump({"format": _FORMAT, "tests": tests}, file, ensure_ascii=False, indent=1)
    Path(file.name).replace(path)
