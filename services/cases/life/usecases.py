"""Reading cases and taking their steps, each within the transaction that is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.clocks.domain import Limits
from services.cases.life.domain import closing, errors, history, permissions, steps
from services.cases.life.domain.case import Case, facts_of
from services.cases.life.domain.history import Act, HistoryEntry
from services.cases.life.domain.listing import Filter, Sight
from services.cases.life.domain.transitions import TABLE, Action, Transition, require_state
from services.cases.life.store import CaseStore
from shared.db.transaction import Transaction
from shared.errors import require_version
from shared.paging import Page, PageRequest
from shared.redaction import redact
from shared.structure.scheme import Scheme
from shared.structure.store import Structure

NOTICE_CONFIRMED = "notice_confirmed"
IN_HISTORY = ("transfer_id", "to_department_id")
"""Facts of a step that its history entry holds beside the note."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as one caller sees it, with the verbs they may use now."""

    case: Case
    allowed_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Which case is to change, the version that the caller saw (0: any), and when."""

    case_id: UUID
    expected_version: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person confirmed a notice about the case."""

    notice_id: UUID
    person_id: UUID
    case_id: UUID
    confirmed_at: datetime


@dataclass(slots=True)
class Powers:
    """The powers that the county's present scheme gives to levels; read when first needed."""

    tx: Transaction
    now: datetime
    _scheme: Scheme | None = field(default=None, init=False)

    @property
    def scheme(self) -> Scheme:
        """The scheme in force."""
        if self._scheme is None:
            self._scheme = self.tx.store(Structure).scheme_now(self.now)
        return self._scheme

    def level_may(self, level_id: str, power: str) -> bool:
        """Whether grids of the level have the power."""
        return self.scheme.level_may(level_id, power)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A step that the caller may take on a case which allows it."""

    before: Case
    transition: Transition
    limits: Limits
    powers: Powers
    now: datetime


def record_confirmation(tx: Transaction, confirmation: Confirmation) -> None:
    """Record in the history that a person confirmed a notice. Raises CaseNotYetKnown."""
    try:
        case = tx.store(CaseStore).lock(confirmation.case_id)
    except errors.CaseNotFound as error:
        raise errors.CaseNotYetKnown(f"case {confirmation.case_id}") from error
    act = Act(
        action=NOTICE_CONFIRMED,
        actor_id=confirmation.person_id,
        at=confirmation.confirmed_at,
        from_state=case.state,
        to_state=case.state,
        facts={"notice_id": str(confirmation.notice_id)},
    )
    entry = history.following(case.county_id, case.case_id, case.head, act)
    tx.store(CaseStore).extend_history(case, entry)


def get_case(tx: Transaction, case_id: UUID, now: datetime) -> CaseView:
    """One case. Raises CaseNotFound, or PermissionDenied where the caller does not see it."""
    case = tx.store(CaseStore).get(case_id)
    permissions.require_sight(tx.context, case)
    return _view(tx, case, Powers(tx, now))


def list_cases(
    tx: Transaction, wanted: Filter, asked: PageRequest, now: datetime
) -> Page[CaseView]:
    """The cases that the caller sees, newest first."""
    powers = Powers(tx, now)
    found = tx.store(CaseStore).page(wanted, Sight.of(tx.context), asked)
    return found.map(lambda case: _view(tx, case, powers))


def get_history(tx: Transaction, case_id: UUID) -> tuple[Sequence[HistoryEntry], bool]:
    """A case's history, oldest first, and whether its chain of hashes is whole."""
    case = tx.store(CaseStore).get(case_id)
    permissions.require_sight(tx.context, case)
    case, entries = tx.store(CaseStore).history(case)
    return entries, history.is_whole(case, entries)


def accept(tx: Transaction, change: Change, note: str) -> CaseView:
    """The responsible grid takes the case on."""
    note = errors.optional_text("/note", note)
    step = admit(tx, change, Action.ACCEPT)
    return finish(tx, step, steps.accept(step.before, step.limits, step.now), note)


def reject(tx: Transaction, change: Change, reason: str) -> CaseView:
    """The responsible grid refuses the case."""
    reason = errors.required_text("/reason", reason)
    step = admit(tx, change, Action.REJECT)
    after = steps.move(step.before, Action.REJECT, step.limits, step.now)
    return finish(tx, step, after, reason)


def handle(tx: Transaction, change: Change, result: str) -> CaseView:
    """The department or grid that has the case answers it in writing."""
    result = errors.required_text("/result", result)
    step = admit(tx, change, Action.HANDLE)
    after = steps.handle(step.before, step.limits, step.now, tx.context.actor_id, result)
    return finish(tx, step, after, result, result=redact(result).text)


def verify(tx: Transaction, change: Change, note: str, *, passed: bool) -> CaseView:
    """The place was checked; a result that does not hold sends the case back."""
    if passed:
        note = errors.optional_text("/note", note)
        step = admit(tx, change, Action.VERIFY)
        after = steps.verify(step.before, step.limits, step.now, tx.context.actor_id)
    else:
        note = errors.required_text("/note", note)
        step = admit(tx, change, Action.REWORK)
        after = steps.rework(step.before, step.limits, step.now)
    return finish(tx, step, after, note, passed=passed)


def close(tx: Transaction, change: Change, note: str) -> CaseView:
    """The case ends."""
    note = errors.optional_text("/note", note)
    step = admit(tx, change, Action.CLOSE)
    after = steps.close(step.before, step.limits, step.now)
    return finish(tx, step, after, note, **closing.facts_of_closing(after))


def admit(tx: Transaction, change: Change, action: Action) -> Admitted:
    """Lock the case for a step, and check the permission, the version and the state, in this order."""
    transition = TABLE[action]
    case = tx.store(CaseStore).lock(change.case_id)
    powers = Powers(tx, change.now)
    permissions.require(tx.context, case, transition, powers.level_may)
    require_version(change.expected_version, case.version)
    require_state(case, transition)
    # A case keeps the limits under which it was opened, whatever the county publishes later.
    scheme = tx.store(Structure).scheme(case.scheme_version)
    limits = Limits(scheme.clocks, scheme.calendar)
    return Admitted(case, transition, limits, powers, change.now)


def finish(tx: Transaction, step: Admitted, after: Case, note: str, **own: Any) -> CaseView:
    """Write the case, its history and its event; ``own`` are the event's facts of this step."""
    act = Act(
        action=step.transition.action.value,
        actor_id=tx.context.actor_id,
        at=step.now,
        from_state=step.before.state,
        to_state=after.state,
        note=note,
        facts=_history_facts(own),
    )
    entry = history.following(after.county_id, after.case_id, after.head, act)
    after = replace(after, head=entry.head)
    tx.store(CaseStore).save(step.before, after)
    tx.store(CaseStore).append(entry)
    event = step.transition.event(**facts_of(after), actor_id=tx.context.actor_id, **own)
    tx.outbox.add(event, subject=after.case_id, sequence=after.version)
    return _view(tx, after, step.powers)


def _view(tx: Transaction, case: Case, powers: Powers) -> CaseView:
    return CaseView(case, permissions.allowed_actions(tx.context, case, powers.level_may))


def _history_facts(own: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(own[name]) for name in IN_HISTORY if name in own}
