"""Rows of files that people filled in, and the outcome of reading them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import DomainError, Text


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the file counts it; an empty cell is absent."""

    number: int
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        """The text of the cell without surrounding space; empty where the cell is absent."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row cannot be taken; an empty column means the row as a whole."""

    row: int
    column: str
    detail: Text


@dataclass(slots=True)
class Outcome:
    """The outcome of a file's rows: how many were created, updated or unchanged, and the faults."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[RowFault] = field(default_factory=list)

    def fault(self, row: Row, column: str, detail: Text) -> None:
        """Note a fault of a cell."""
        self.faults.append(RowFault(row.number, column, detail))

    def refuse(self, row: Row, error: DomainError) -> None:
        """Note an error about the row: for each cell that it names, else for the row as a whole."""
        for violation in error.violations:
            self.fault(row, violation.pointer.removeprefix("/"), violation.detail)
        if not error.violations:
            detail = type(error).detail.format(**error.metadata)
            self.fault(row, "", detail)

    @property
    def told(self) -> "Outcome":
        """The outcome to report. With faults nothing was changed, so only the sorted faults are given."""
        if not self.faults:
            return self
        return Outcome(faults=sorted(self.faults, key=lambda each: (each.row, each.column)))
