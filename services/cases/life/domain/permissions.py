"""Who sees a case, and who may take which step of the table."""

from collections.abc import Callable

from services.cases.life.domain import errors
from services.cases.life.domain.case import Case
from services.cases.life.domain.transitions import TABLE, Action, Reach, Transition, state_allows
from shared.context import RequestContext
from shared.errors import PermissionDenied

LevelMay = Callable[[str, str], bool]
"""Whether the county gives the grids of a level a power over cases."""


def sees(caller: RequestContext, case: Case) -> bool:
    """Whether the caller sees the case.

    Callers see it who may read in the grid where it was found, in the responsible grid, or in a
    department that leads for it, has it, or was ever offered it.
    """
    return caller.may_any(
        "read",
        paths=(case.grid_path, case.responsible_grid_path),
        department_ids=reader_departments(case),
    )


def reader_departments(case: Case) -> tuple[str, ...]:
    """The departments in which those who read see the case."""
    departments = {case.lead_department_id, case.department_id}
    departments.update(transfer.to_department_id for transfer in case.transfers)
    return tuple(sorted(departments - {""}))


def require_sight(caller: RequestContext, case: Case) -> None:
    """Raise PermissionDenied unless the caller sees the case."""
    if not sees(caller, case):
        raise PermissionDenied(capability="read")


def require(
    caller: RequestContext, case: Case, transition: Transition, level_may: LevelMay
) -> None:
    """Raise PermissionDenied unless the caller may take the step, whatever the case's state."""
    if not _reaches(caller, case, transition, level_may):
        raise PermissionDenied(capability=transition.capability)
    if _own_work(caller, case, transition):
        raise errors.VerifierHandledIt(capability=transition.capability)


def allowed_actions(caller: RequestContext, case: Case, level_may: LevelMay) -> tuple[str, ...]:
    """The verbs that the caller may use now, in the order of the table."""
    verbs = (
        transition.verb
        for transition in TABLE.values()
        if state_allows(case, transition)
        and _reaches(caller, case, transition, level_may)
        and not _own_work(caller, case, transition)
    )
    return tuple(dict.fromkeys(verbs))


def _own_work(caller: RequestContext, case: Case, transition: Transition) -> bool:
    verifies = transition.verb == Action.VERIFY.value
    return verifies and case.handled_by is not None and case.handled_by == caller.actor_id


def _reaches(
    caller: RequestContext, case: Case, transition: Transition, level_may: LevelMay
) -> bool:
    capability = transition.capability
    match transition.reach:
        case Reach.RESPONSIBLE_GRID:
            return caller.may_grid(capability, case.responsible_grid_path)
        case Reach.FOUND_GRID:
            return caller.may_grid(capability, case.grid_path)
        case Reach.HOLDER:
            return _reaches_holder(caller, case, capability)
        case Reach.OFFERED_DEPARTMENT:
            return _reaches_offered(caller, case, capability)
        case Reach.CLOSING_GRID:
            return caller.may_grid(capability, case.responsible_grid_path) or (
                caller.may_grid(capability, case.grid_path)
                and level_may(case.grid_level_id, capability)
            )


def _reaches_holder(caller: RequestContext, case: Case, capability: str) -> bool:
    if case.department_id:
        return caller.may_department(capability, case.department_id)
    return caller.may_grid(capability, case.responsible_grid_path)


def _reaches_offered(caller: RequestContext, case: Case, capability: str) -> bool:
    """Whether the caller reaches the open offer. Without one, those who see the case pass."""
    if case.offer is not None:
        return caller.may_department(capability, case.offer.to_department_id)
    return bool(caller.capabilities.get(capability)) and sees(caller, case)
