"""Sending notices, and keeping what tells whom to send them to."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.inbox.domain import Notice
from services.notifications.ports import NotificationsTransaction
from services.notifications.rules import domain
from services.notifications.rules.domain import Contact, HandOver, Holder, Reached, Rule, StandIn
from shared.structure.scheme import Scheme
from shared.structure.store import Grid, StructureNotYetKnown

log = logging.getLogger(__name__)


def keep_post(tx: NotificationsTransaction, holder: Holder) -> None:
    """Keep what personnel says of a post."""
    tx.holders.keep(holder)


def keep_stand_in(tx: NotificationsTransaction, stand_in: StandIn) -> None:
    """Keep what personnel says of who stands in for a post."""
    tx.holders.keep_stand_in(stand_in)


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

    def notice(rule: Rule, person_id: UUID, post_id: UUID) -> Notice:
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
            post_id=post_id,
        )

    return tx.notices.add(
        [
            notice(rule, person, post)
            for rule in rules
            for person, post in _people(tx, rule, facts, now)
        ]
    )


def follow_hand_over(
    tx: NotificationsTransaction,
    event_id: UUID,
    handed: HandOver,
    *,
    now: datetime,
    new_id: Callable[[], UUID],
) -> list[Notice]:
    """Give the successor what the post has not confirmed, and report the change upward.

    Raises StructureNotYetKnown while the scheme or a grid on the way up has not arrived.
    """
    scheme = tx.structure.scheme_now(now)
    tx.notices.hand_over(handed)
    facts = {
        "grid_path": handed.grid_path,
        "responsible_grid_path": handed.grid_path,
        "department_id": handed.department_id,
    }
    names = tx.holders.names({handed.from_person_id, handed.to_person_id})
    title, body = domain.hand_over_wording(handed, scheme, _place(tx, handed, scheme), names)
    rules = domain.rules(scheme, domain.HANDED_OVER) or [domain.REPORT_UPWARD]
    return tx.notices.add(
        [
            Notice(
                notice_id=new_id(),
                person_id=person,
                title=title,
                body=body,
                about_type="post",
                about_id=handed.to_post_id,
                rule_id=rule.rule_id,
                event_id=event_id,
                sent_at=now,
                confirm_due_at=(
                    scheme.calendar.due(now, rule.confirm_within) if rule.confirm_within else None
                ),
                confirmed_at=None,
                version=1,
                post_id=post,
            )
            for rule in rules
            for person, post in _people(tx, rule, facts, now)
        ]
    )


def _people(
    tx: NotificationsTransaction, rule: Rule, facts: Mapping[str, Any], now: datetime
) -> list[tuple[UUID, UUID]]:
    """Whom a rule means, each with the post for which."""
    people = _named(tx, rule, facts, now)
    if not people:
        log.warning("nobody to notify by rule %s", rule.rule_id)
    return sorted(people.items())


def _named(
    tx: NotificationsTransaction, rule: Rule, facts: Mapping[str, Any], now: datetime
) -> dict[UUID, UUID]:
    """Whom a rule means, person → post; where nobody is there, also the nearest grid above it.

    A report upward that finds nobody on a grid goes to the county's own posts.
    """
    if rule.at == "department":
        department_id = facts.get("to_department_id") or facts["department_id"]
        if department_id is None:
            return {}
        return _all(_reached(tx, tx.holders.at_department(department_id), rule, now))
    if rule.at == "county" or facts["grid_path"] is None:
        return _all(_reached(tx, tx.holders.at_county(), rule, now))
    told: dict[UUID, UUID] = {}
    for grid in _grids(tx, rule.at, facts):
        found = _reached(tx, tx.holders.at_grid(grid.grid_id), rule, now)
        told |= _all(found)
        if found.present:
            return told
    if rule is domain.REPORT_UPWARD:
        told |= _all(_reached(tx, tx.holders.at_county(), rule, now))
    return told


def _reached(
    tx: NotificationsTransaction, holders: list[Holder], rule: Rule, now: datetime
) -> Reached:
    meant = domain.in_force(holders, rule.kinds, now)
    stand_ins = tx.holders.stand_ins({holder.post_id for holder in meant}, now) if meant else []
    return domain.reached(meant, stand_ins, now)


def _all(found: Reached) -> dict[UUID, UUID]:
    """Who is there, and who is away with nobody for them: what is sent is there on their return."""
    return {**found.absent, **found.present}


def _place(tx: NotificationsTransaction, handed: HandOver, scheme: Scheme) -> str:
    if handed.grid_id is not None:
        return tx.structure.awaited_grid(handed.grid_id).name
    department = scheme.department(handed.department_id) if handed.department_id else None
    return department["name"] if department else tx.structure.county().name


def _grids(tx: NotificationsTransaction, at: str, facts: Mapping[str, Any]) -> list[Grid]:
    """The grid that a rule means and all above it, nearest first."""
    path: str = facts["responsible_grid_path" if at == "responsible_grid" else "grid_path"]
    grids = tx.structure.upward(path)
    if len(grids) != path.count("."):
        raise StructureNotYetKnown(f"grids above {path}")
    return grids[1:] if at == "parent_grid" else grids
