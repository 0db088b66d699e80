"""Keeping the written rules of a county, its levels and its grids."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.grid.city.store.counties import CountyStore
from services.grid.documents import domain as rules
from services.grid.documents.domain import (
    Filing,
    GridHasPlan,
    GridWithout,
    Rule,
    RuleFilters,
    RuleKind,
    RuleVersion,
    Words,
)
from services.grid.documents.store import RuleStore
from services.grid.schemes.store.versions import SchemeStore
from services.grid.schemes.usecases.publishing import today
from services.grid.tree.domain.grids import Grid
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.permissions import (
    CONFIGURE,
    readable_scopes,
    require_configure,
    require_read,
)
from shared.context import CITY_OPERATOR
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, PermissionDenied, Text, Violation
from shared.paging import Page, PageRequest
from shared.structure.store import GridNotFound

LEAD = "lead"
UNKNOWN_GRID = Text("There is no such grid in this county.", "本县没有该网格。")
GRID_RETIRED = Text("The grid is no longer in force.", "该网格已停用。")


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule that is to be recorded. The day is today unless given."""

    rule: Rule
    words: Words
    effective_on: date | None


def create_rule(tx: Transaction, asked: NewRule, now: datetime) -> RuleVersion:
    """Record a rule with its version 1, which may hold from a day in the past.

    Raises InvalidArgument naming every fault, PermissionDenied, GridHasPlan.
    """
    county = tx.store(CountyStore).get()
    rule = asked.rule
    faults = rules.word_faults(asked.words)
    grid = None
    if rule.grid_id is not None:
        grid, grid_faults = _grid_to_write(tx, rule.grid_id)
        faults += grid_faults
    if rule.grid_id is None:
        require_configure(tx.context)
    elif grid is not None:
        _require_keeper(tx, grid)
    levels = [level["id"] for level in tx.store(SchemeStore).newest().document["levels"]]
    faults += rules.place_faults(rule, levels)
    if faults:
        raise InvalidArgument(faults)
    _check_plan(tx, rule)
    version = RuleVersion(
        rule,
        version=1,
        words=asked.words,
        effective_on=asked.effective_on or today(county, now),
        added_by=tx.context.actor_id,
        added_at=now,
    )
    tx.store(RuleStore).add(version)
    return version


def revise_rule(
    tx: Transaction,
    rule_id: UUID,
    words: Words,
    effective_on: date | None,
    *,
    expected_version: int,
    now: datetime,
) -> RuleVersion:
    """Add the next version of a rule. Raises RuleNotFound, PermissionDenied, Aborted, InvalidArgument."""
    newest = tx.store(RuleStore).newest(rule_id)
    _require_writer(tx, newest.rule)
    day = effective_on or max(today(tx.store(CountyStore).get(), now), newest.effective_on)
    by = tx.context.actor_id, now
    version = rules.next_version(newest, words, day, expected_version, by)
    tx.store(RuleStore).add_version(version)
    return version


def file_rule(
    tx: Transaction, rule_id: UUID, office: str, expected_version: int, now: datetime
) -> RuleVersion:
    """Record that the newest version was filed with the office above.

    Raises RuleNotFound, PermissionDenied, Aborted, RuleNotFiled, RuleFiledAlready, InvalidArgument.
    """
    newest = tx.store(RuleStore).newest(rule_id)
    _require_writer(tx, newest.rule)
    if faults := rules.office_faults(office):
        raise InvalidArgument(faults)
    rules.check_filing(newest, expected_version)
    filed = replace(newest, filing=Filing(office, tx.context.actor_id, now))
    tx.store(RuleStore).file(filed)
    return filed


def get_rule(tx: Transaction, rule_id: UUID, day: date | None, now: datetime) -> RuleVersion:
    """The version in force on a day, today unless given. Raises RuleNotFound, PermissionDenied."""
    found = tx.store(RuleStore).on(rule_id, day or today(tx.store(CountyStore).get(), now))
    _require_reader(tx, found.rule)
    return found


def list_rules(
    tx: Transaction,
    filters: RuleFilters,
    day: date | None,
    asked: PageRequest,
    now: datetime,
) -> Page[RuleVersion]:
    """List rules in force on a day. Rules of grids are limited to grids that the caller may read."""
    on = day or today(tx.store(CountyStore).get(), now)
    return tx.store(RuleStore).page(readable_scopes(tx.context), filters, on, asked)


def list_versions(tx: Transaction, rule_id: UUID, asked: PageRequest) -> Page[RuleVersion]:
    """All versions of a rule, the newest first. Raises RuleNotFound, PermissionDenied."""
    _require_reader(tx, tx.store(RuleStore).newest(rule_id).rule)
    return tx.store(RuleStore).versions(rule_id, asked)


def list_missing_plans(tx: Transaction, level_id: str, asked: PageRequest) -> Page[GridWithout]:
    """Grids that the caller may read whose newest plan is not filed, or that have none."""
    return tx.store(RuleStore).grids_without(
        RuleKind.GRID_PLAN, readable_scopes(tx.context), level_id, asked, filed=True
    )


def list_missing_rules(
    tx: Transaction, kind: RuleKind, level_id: str, asked: PageRequest
) -> Page[GridWithout]:
    """Grids that the caller may read that have no document of a kind."""
    return tx.store(RuleStore).grids_without(
        kind, readable_scopes(tx.context), level_id, asked, filed=False
    )


def _grid_to_write(tx: Transaction, grid_id: UUID) -> tuple[Grid | None, list[Violation]]:
    try:
        grid = tx.store(GridStore).get(grid_id)
    except GridNotFound:
        return None, [Violation("/grid_id", UNKNOWN_GRID)]
    return grid, [Violation("/grid_id", GRID_RETIRED)] if grid.valid_to else []


def _check_plan(tx: Transaction, rule: Rule) -> None:
    if rule.kind is RuleKind.GRID_PLAN and rule.grid_id is not None:
        plan = tx.store(RuleStore).plan_of(rule.grid_id)
        if plan is not None:
            raise GridHasPlan(rule_id=plan)


def _require_writer(tx: Transaction, rule: Rule) -> None:
    if rule.grid_id is None:
        require_configure(tx.context)
    else:
        _require_keeper(tx, tx.store(GridStore).get(rule.grid_id))


def _require_keeper(tx: Transaction, grid: Grid) -> None:
    """Raise PermissionDenied unless the caller configures or leads at the grid."""
    reaches = any(tx.context.may_grid(each, grid.path) for each in (CONFIGURE, LEAD))
    if CITY_OPERATOR not in tx.context.roles and not reaches:
        raise PermissionDenied(capability=LEAD)


def _require_reader(tx: Transaction, rule: Rule) -> None:
    if rule.grid_id is not None:
        require_read(tx.context, tx.store(GridStore).get(rule.grid_id))
