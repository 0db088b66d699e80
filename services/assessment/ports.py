"""What the use cases need of a transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.assessment.domain import CaseFact, JudgedCase, Outcome, Period
from shared.context import RequestContext
from shared.paging import Page, PageRequest
from shared.structure.store import Structure


class Facts(Protocol):
    """What is kept of the county's cases."""

    def keep(self, fact: CaseFact) -> None:
        """Keep a case unless a newer version of it is kept."""

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Take over where the grids lie now."""

    def count(self, path: str, period: Period, now: datetime) -> Mapping[Outcome, int]:
        """How many cases of the subtree and period there are of each outcome, as of ``now``."""

    def page(
        self, path: str, period: Period, now: datetime, asked: PageRequest
    ) -> Page[JudgedCase]:
        """The very cases that ``count`` counts, by case id."""


class AssessmentTransaction(Protocol):
    """One transaction of the service."""

    context: RequestContext
    structure: Structure

    @property
    def facts(self) -> Facts:
        """What is kept of the county's cases."""
