"""Sending notices, and keeping the local copies of posts, leaves and contacts they depend on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.notifications.inbox.domain import Notice
from services.notifications.inbox.store import NoticeStore
from services.notifications.rules import domain
from services.notifications.rules.domain import (
    Contact,
    Holder,
    NoticeRule,
    StandIn,
    Subject,
)
from services.notifications.rules.recipients import Recipients
from services.notifications.rules.store import HolderStore
from shared.contracts.cases import CaseFacts, TransferStep
from shared.contracts.personnel import PostHandedOver
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.structure.scheme import Scheme
from shared.structure.store import Structure


def keep_post(tx: Transaction, holder: Holder) -> None:
    """Keep the state of a post."""
    tx.store(HolderStore).keep(holder)


def keep_stand_in(tx: Transaction, stand_in: StandIn) -> None:
    """Keep who stands in for a post."""
    tx.store(HolderStore).keep_stand_in(stand_in)


def keep_contact(tx: Transaction, contact: Contact) -> None:
    """Keep how a person can be reached."""
    tx.store(HolderStore).keep_contact(contact)


def notify_of_case(
    tx: Transaction, event_id: UUID, event_key: str, case: CaseFacts, now: datetime
) -> list[Notice]:
    """Send the notices that the county's rules ask for on a case's event; returns the new ones.

    Raises StructureNotYetKnown while the copy lacks the scheme or a grid above, because notices
    would then go to the wrong people.
    """
    structure = tx.store(Structure)
    scheme = structure.scheme_now(now)
    rules = domain.rules(scheme, event_key)
    if not rules:
        return []
    name = structure.awaited_grid(case.grid_id).name
    title, body = domain.wording(event_key, case, scheme, name)
    subject = Subject(event_id, "case", case.case_id, title, body)
    offered = case.to_department_id if isinstance(case, TransferStep) else None
    place = domain.Place(
        grid_path=case.grid_path,
        responsible_grid_path=case.responsible_grid_path,
        department_id=offered or case.department_id,
    )
    return _send(tx, subject, rules, place, scheme=scheme, now=now)


def follow_hand_over(
    tx: Transaction, event_id: UUID, handed: PostHandedOver, now: datetime
) -> list[Notice]:
    """Give the post's unconfirmed notices to the successor, and report the change upward.

    Raises StructureNotYetKnown while the copy lacks the scheme or a grid above.
    """
    scheme = tx.store(Structure).scheme_now(now)
    tx.store(NoticeStore).hand_over(
        handed.from_post_id, to_post_id=handed.to_post_id, to_person_id=handed.to_person_id
    )
    names = tx.store(HolderStore).names({handed.from_person_id, handed.to_person_id})
    title, body = domain.hand_over_wording(handed, scheme, _place_name(tx, handed, scheme), names)
    subject = Subject(event_id, "post", handed.to_post_id, title, body)
    rules = domain.rules(scheme, domain.HANDED_OVER) or [domain.REPORT_UPWARD]
    place = domain.Place(handed.grid_path, handed.grid_path, handed.department_id)
    return _send(tx, subject, rules, place, scheme=scheme, now=now)


def _send(
    tx: Transaction,
    subject: Subject,
    rules: Sequence[NoticeRule],
    place: domain.Place,
    *,
    scheme: Scheme,
    now: datetime,
) -> list[Notice]:
    recipients = Recipients(tx, place, now)
    return tx.store(NoticeStore).add(
        [
            Notice(
                notice_id=new_id(),
                person_id=person,
                title=subject.title,
                body=subject.body,
                about_type=subject.about_type,
                about_id=subject.about_id,
                rule_id=rule.rule_id,
                event_id=subject.event_id,
                sent_at=now,
                confirm_due_at=(
                    scheme.calendar.due(now, rule.confirm_within) if rule.confirm_within else None
                ),
                confirmed_at=None,
                version=1,
                post_id=post,
            )
            for rule in rules
            for person, post in recipients.of(rule)
        ]
    )


def _place_name(tx: Transaction, handed: PostHandedOver, scheme: Scheme) -> str:
    if handed.grid_id is not None:
        return tx.store(Structure).awaited_grid(handed.grid_id).name
    department = scheme.department(handed.department_id) if handed.department_id else None
    return department["name"] if department else tx.store(Structure).county().name
