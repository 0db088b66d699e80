"""A county with grids 1. > 1.2. > 1.2.3., and ways to have its people told of a case."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.inbox.domain import Notice
from services.notifications.rules import usecases
from services.notifications.rules.domain import Holder
from services.notifications.store import make_transaction
from shared.contracts.cases import CaseFacts, CaseOpened, CaseTransferred
from shared.db.transaction import UnitOfWork
from tests.integration.service_fixtures import Databases, context_of, grid_row
from tests.support.samples import event_of

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # a Friday, 16:00 in the county


class Town:
    """One county of the service, through its use cases."""

    def __init__(self, databases: Databases, county_id: str, structure: Callable) -> None:
        self.id = county_id
        self.work = UnitOfWork(databases.engine("notifications"), make_transaction)
        self._structure = structure
        self.grids = {path: grid_row(path, name=f"网格{path}") for path in ("1.", "1.2.", "1.2.3.")}

    def rules(self, *rules: dict[str, Any], calendar: dict | None = None) -> None:
        document = {
            "categories": [{"id": "straw_burning", "name": "秸秆焚烧"}],
            "notifications": {"rules": [{"on": "case.opened.v1", **rule} for rule in rules]},
            "calendar": calendar,
        }
        self._structure("notifications", self.id, document, list(self.grids.values()))

    def post(self, path: str | None = None, kind: str = "direct", **given: object) -> UUID:
        """Somebody new on a post; returns the person."""
        person = uuid4()
        values = {
            "post_id": uuid4(),
            "version": 1,
            "person_id": person,
            "role_kind": kind,
            "grid_id": self.grids[path]["grid_id"] if path else None,
            "department_id": None,
            "valid_from": NOW - timedelta(days=30),
            "valid_to": None,
        }
        with self.work(context_of(self.id)) as tx:
            usecases.keep_post(tx, Holder(**{**values, **given}))
        return person

    def facts(self, **given: Any) -> CaseFacts:
        values = {
            "case_id": uuid4(),
            "number": "2026-000001",
            "state": "filed",
            "category": "straw_burning",
            "grid_id": self.grids["1.2.3."]["grid_id"],
            "grid_path": "1.2.3.",
            "responsible_grid_path": "1.2.",
            "department_id": None,
            "clocks": (),
        }
        kind: type[CaseFacts] = CaseTransferred if "to_department_id" in given else CaseOpened
        return event_of(kind, **{**values, **given})

    def tell(
        self,
        event_id: UUID | None = None,
        key: str = "case.opened.v1",
        now: datetime = NOW,
        **given: Any,
    ) -> list[Notice]:
        with self.work(context_of(self.id)) as tx:
            return usecases.notify_of_case(
                tx,
                event_id or uuid4(),
                key,
                self.facts(**given),
                now,
            )

    def told(self, **given: Any) -> set[UUID]:
        return {notice.person_id for notice in self.tell(**given)}


@pytest.fixture
def town(databases: Databases, county_id: str, structure: Callable) -> Town:
    return Town(databases, county_id, structure)


@pytest.fixture
def towns(databases: Databases, structure: Callable) -> Callable[[], Town]:
    return lambda: Town(databases, f"t-{uuid4().hex[:10]}", structure)


@pytest.fixture(autouse=True)
def _warnings_are_heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
