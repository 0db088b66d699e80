"""Rows of files that people filled in, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import DomainError, Text


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the file counts it; an empty cell is absent."""

    number: int
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        """What stands there, empty for nothing."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row cannot be taken; an empty column means the row as a whole."""

    row: int
    column: str
    detail: Text


@dataclass(slots=True)
class Outcome:
    """What becomes of a file's rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[RowFault] = field(default_factory=list)

    def fault(self, row: Row, column: str, detail: Text) -> None:
        """Note a fault of a cell."""
        self.faults.append(RowFault(row.number, column, detail))

    def refuse(self, row: Row, error: DomainError) -> None:
        """Note why the rules do not take the row: by its cells where the error names them."""
        for violation in error.violations:
            self.fault(row, violation.pointer.removeprefix("/"), violation.detail)
        if not error.violations:
            detail = type(error).detail.format(**error.metadata)
            self.fault(row, "", detail)

    @property
    def told(self) -> "Outcome":
        """The same; with faults nothing was changed, so nothing is counted."""
        if not self.faults:
            return self
        return Outcome(faults=sorted(self.faults, key=lambda each: (each.row, each.column)))
