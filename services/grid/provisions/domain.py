"""What a grid is given to work with in a year."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.errors import Text, Violation

FIRST_YEAR, LAST_YEAR, LARGEST = 1980, 2200, 1_000_000_000_000
NO_YEAR = Text(
    f"Give a year from {FIRST_YEAR} to {LAST_YEAR}.", f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。"
)
NO_AMOUNT = Text("Give an amount of 0 or more.", "应为不小于 0 的金额。")
NO_COUNT = Text("Give a number of 0 or more.", "应为不小于 0 的整数。")


@dataclass(frozen=True, slots=True)
class Provision:
    """Budget (yuan), equipment, vehicles and office of a grid in a year; None is not stated."""

    grid_id: UUID
    year: int
    budget_yuan: float | None
    equipment: str | None
    vehicles: int | None
    office: str | None
    changed_at: datetime
    version: int


def faults_of(provision: Provision) -> list[Violation]:
    """Return the faults of a provision."""
    faults = []
    if not FIRST_YEAR <= provision.year <= LAST_YEAR:
        faults.append(Violation("/year", NO_YEAR))
    if provision.budget_yuan is not None and not 0 <= provision.budget_yuan <= LARGEST:
        faults.append(Violation("/budget_yuan", NO_AMOUNT))
    if provision.vehicles is not None and provision.vehicles < 0:
        faults.append(Violation("/vehicles", NO_COUNT))
    return faults
