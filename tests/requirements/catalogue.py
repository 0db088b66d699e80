"""The requirements the platform is held to, as rows of `requirements.csv`."""

import csv
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("requirements.csv")


@dataclass(frozen=True)
class Requirement:
    """One row: what must be possible, which service owns it, and where it comes from.

    `kind` is S (restates a document), SX (a document's duty made testable) or D (derived).
    """

    id: str
    group: str
    sentence: str
    owner: str
    kind: str


def load(path: Path = _FILE) -> dict[str, Requirement]:
    """All requirements by id, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: Requirement(**row) for row in csv.DictReader(file)}
