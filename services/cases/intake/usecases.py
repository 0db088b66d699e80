"""Opening cases, within the transaction that is given."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.cases.intake.domain import Report, number_of, opened
from services.cases.intake.store import IntakeStore
from services.cases.life.domain import history
from services.cases.life.domain.case import Case, facts_of
from services.cases.life.domain.history import Act
from services.cases.life.domain.steps import OPENED
from services.cases.life.store import CaseStore
from services.cases.routing.usecases import trail
from shared.contracts.cases import CaseOpened
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.structure.store import Structure


def local_day(tx: Transaction, moment: datetime) -> date:
    """The day in the county on which the moment falls."""
    return moment.astimezone(ZoneInfo(tx.store(Structure).county().time_zone)).date()


def open_case(tx: Transaction, report: Report, now: datetime) -> Case | None:
    """Open a case for what was reported; None where the report has opened one before.

    Raises StructureNotYetKnown while the local copy lacks the county, its scheme or the grid.
    """
    if tx.store(IntakeStore).is_open_from(report.origin, report.origin_id):
        return None
    day = local_day(tx, now)
    scheme = tx.store(Structure).scheme_on(day)
    upward = trail(tx, tx.store(Structure).awaited_grid(report.grid_id))
    county_id = tx.context.county_id
    case = opened(
        report,
        upward,
        scheme,
        county_id=county_id,
        case_id=new_id(),
        number=number_of(county_id, day, tx.store(IntakeStore).next_ordinal(day)),
        now=now,
    )
    # The history does not name the reporter, because everybody who sees the case reads it.
    act = Act(action=OPENED, actor_id=None, at=now, from_state=None, to_state=case.state)
    entry = history.following(county_id, case.case_id, case.head, act)
    case = replace(case, head=entry.head)
    tx.store(CaseStore).add(case)
    tx.store(CaseStore).append(entry)
    tx.outbox.add(CaseOpened(**facts_of(case)), subject=case.case_id, sequence=case.version)
    return case
