"""What the service does, each within the transaction it is given."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications import domain
from services.notifications.domain import Contact, Holder, Notice, Rule
from services.notifications.ports import NotificationsTransaction
from shared.errors import PermissionDenied
from shared.structure.store import Grid, StructureNotYetKnown

log = logging.getLogger(__name__)


def keep_post(tx: NotificationsTransaction, holder: Holder) -> None:
    """Keep what personnel says of a post."""
    tx.holders.keep(holder)


def keep_contact(tx: NotificationsTransaction, contact: Contact) -> None:
    """Keep what personnel says of how a person is reached."""
    tx.holders.keep_contact(contact)


def tell_of_case(
    tx: NotificationsTransaction,
    event_id: UUID,
    event_key: str,
    facts: Mapping[str, Any],
    *,
    now: datetime,
    new_id: Callable[[], UUID],
) -> list[Notice]:
    """Send the notices that the county's rules ask for on a case's event; returns the new ones.

    Raises StructureNotYetKnown while the scheme or a grid on the way up has not arrived: told
    without it, the wrong people would know.
    """
    scheme = tx.structure.scheme_now(now)
    rules = domain.rules(scheme, event_key)
    if not rules:
        return []
    title, body = domain.wording(
        event_key, facts, scheme, tx.structure.awaited_grid(facts["grid_id"]).name
    )

    def notice(rule: Rule, person_id: UUID) -> Notice:
        due = scheme.calendar.due(now, rule.confirm_within) if rule.confirm_within else None
        return Notice(
            notice_id=new_id(),
            person_id=person_id,
            title=title,
            body=body,
            about_type="case",
            about_id=facts["case_id"],
            rule_id=rule.rule_id,
            event_id=event_id,
            sent_at=now,
            confirm_due_at=due,
            confirmed_at=None,
            version=1,
        )

    return tx.notices.add(
        [notice(rule, person) for rule in rules for person in _people(tx, rule, facts, now)]
    )


def list_inbox(
    tx: NotificationsTransaction, filters: Mapping[str, Any], after: UUID | None, limit: int
) -> list[Notice]:
    """The caller's own notices, newest first."""
    return tx.notices.inbox(_caller(tx), filters, after, limit)


def confirm_notice(tx: NotificationsTransaction, notice_id: UUID, now: datetime) -> Notice:
    """Record that the caller has read a notice."""
    before = tx.notices.get(notice_id, _caller(tx))
    notice, confirmed = domain.confirm(before, now)
    if confirmed is not None:
        tx.notices.save(notice)
        tx.outbox.add(confirmed, subject=notice.notice_id, sequence=notice.version)
    return notice


def _people(
    tx: NotificationsTransaction, rule: Rule, facts: Mapping[str, Any], now: datetime
) -> list[UUID]:
    people = _named(tx, rule, facts, now)
    if not people:
        log.warning("nobody to notify by rule %s", rule.rule_id)
    return people


def _named(
    tx: NotificationsTransaction, rule: Rule, facts: Mapping[str, Any], now: datetime
) -> list[UUID]:
    """Whom a rule means; where a grid's post is vacant, the holder on the nearest grid above it."""
    if rule.at == "department":
        department_id = facts.get("to_department_id") or facts["department_id"]
        if department_id is None:
            return []
        return domain.recipients(tx.holders.at_department(department_id), rule.kinds, now)
    if rule.at == "county":
        return domain.recipients(tx.holders.at_county(), rule.kinds, now)
    for grid in _grids(tx, rule.at, facts):
        if people := domain.recipients(tx.holders.at_grid(grid.grid_id), rule.kinds, now):
            return people
    return []


def _grids(tx: NotificationsTransaction, at: str, facts: Mapping[str, Any]) -> list[Grid]:
    """The grid that a rule means and all above it, nearest first."""
    path: str = facts["responsible_grid_path" if at == "responsible_grid" else "grid_path"]
    grids = tx.structure.upward(path)
    if len(grids) != path.count("."):
        raise StructureNotYetKnown(f"grids above {path}")
    return grids[1:] if at == "parent_grid" else grids


def _caller(tx: NotificationsTransaction) -> UUID:
    if tx.context.actor_id is None:
        raise PermissionDenied(capability="read")
    return tx.context.actor_id
