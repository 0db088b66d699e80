"""Offering a case to a department, and answering an offer."""

from typing import Any

from services.cases.life.domain import errors
from services.cases.life.domain.case import Case, Transfer, TransferState
from services.cases.life.domain.transitions import Action
from services.cases.life.usecases import Admitted, CaseView, Change, admit, finish
from services.cases.transfers import domain
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id


def transfer(tx: Transaction, change: Change, to_department_id: str, reason: str) -> CaseView:
    """Offer the case to a department: the named one, else the one that leads for its category."""
    reason = errors.optional_text("/reason", reason)
    step = admit(tx, change, Action.TRANSFER)
    offer = Transfer(
        transfer_id=new_id(),
        to_department_id=_receiver(step, to_department_id),
        reason=reason,
        state=TransferState.OFFERED,
        offered_at=step.now,
        offered_by=tx.context.actor_id,
    )
    after = domain.transfer(step.before, step.limits, step.now, offer)
    return finish(tx, step, after, reason, **_offer_facts(after))


def accept(tx: Transaction, change: Change, note: str) -> CaseView:
    """The department that was asked takes the case over."""
    note = errors.optional_text("/note", note)
    step = admit(tx, change, Action.ACCEPT_TRANSFER)
    after = domain.accept(step.before, step.limits, step.now, tx.context.actor_id)
    return finish(tx, step, after, note, **_offer_facts(after))


def decline(tx: Transaction, change: Change, reason: str) -> CaseView:
    """The department that was asked gives the case back."""
    reason = errors.required_text("/reason", reason)
    step = admit(tx, change, Action.DECLINE)
    after = domain.decline(step.before, step.limits, step.now, tx.context.actor_id, reason)
    return finish(tx, step, after, reason, **_offer_facts(after))


def _receiver(step: Admitted, named: str) -> str:
    scheme = step.powers.scheme
    if named:
        if scheme.department(named) is None:
            raise InvalidArgument([Violation("/to_department_id", domain.UNKNOWN_DEPARTMENT)])
        return named
    category = step.before.category
    if (leading := scheme.lead_department(category)) is None:
        raise domain.NoLeadDepartment(category=category)
    return leading


def _offer_facts(case: Case) -> dict[str, Any]:
    last = case.transfers[-1]
    return {"transfer_id": last.transfer_id, "to_department_id": last.to_department_id}
