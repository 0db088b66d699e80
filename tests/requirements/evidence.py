"""The file that gathers what the tests of one or more pytest runs prove."""

import fcntl
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_FORMAT = 1


class UnreadableEvidenceError(Exception):
    """The evidence file is not one that this module wrote."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not an evidence file; delete it and run the tests again")


@dataclass
class Outcome:
    """How often one test (all its parametrisations together) passed and failed."""

    requirements: set[str] = field(default_factory=set)
    passed: int = 0
    failed: int = 0

    @property
    def proves(self) -> bool:
        """It ran, and nothing of it failed."""
        return self.passed > 0 and self.failed == 0

    def add(self, other: "Outcome") -> None:
        """Count another run of the same test; a failure anywhere stays a failure."""
        self.requirements |= other.requirements
        self.passed += other.passed
        self.failed += other.failed


def read(path: Path) -> dict[str, Outcome]:
    """Outcomes by test id; nothing when the file is not there yet."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise UnreadableEvidenceError(path) from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise UnreadableEvidenceError(path)
    return {
        test: Outcome(set(row["requirements"]), row["passed"], row["failed"])
        for test, row in document["tests"].items()
    }


def append(path: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Add outcomes to the file; runs that end at the same moment do not lose each other's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        merged = read(path)
        for test, outcome in outcomes.items():
            merged.setdefault(test, Outcome()).add(outcome)
        _replace(path, merged)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Write beside the file and rename, so that a killed run leaves the old file whole."""
    tests = {
        test: {
            "requirements": sorted(outcome.requirements),
            "passed": outcome.passed,
            "failed": outcome.failed,
        }
        for test, outcome in sorted(outcomes.items())
    }
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
    ) as file:
        json.dump({"format": _FORMAT, "tests": tests}, file, ensure_ascii=False, indent=1)
    Path(file.name).replace(path)
