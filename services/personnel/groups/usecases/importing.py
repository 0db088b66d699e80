"""Members of a group from a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from uuid import UUID

from services.personnel.common import rows
from services.personnel.common.domain.checks import REQUIRED
from services.personnel.common.rows import People
from services.personnel.common.usecases import county_calendar, scheme_in_force
from services.personnel.groups.domain import groups
from services.personnel.groups.domain.groups import Group
from services.personnel.groups.domain.members import (
    Member,
    MemberTwice,
    SeatKind,
    Source,
    check_seat,
    make_member,
)
from services.personnel.groups.store.groups import GroupStore
from services.personnel.groups.store.members import MemberStore
from services.personnel.posts.domain.posts import Interval
from services.personnel.posts.usecases.permissions import require_staff_on
from services.personnel.roster.rows import people_in
from shared.db.transaction import Transaction
from shared.errors import DomainError
from shared.rows import Outcome, Row
from shared.structure.scheme import Scheme

NewId = Callable[[], UUID]


SEATS = {each.value: each for each in SeatKind} | {
    "组长": SeatKind.CHAIR,
    "副组长": SeatKind.DEPUTY,
    "成员": SeatKind.MEMBER,
    "办公室主任": SeatKind.OFFICE_DIRECTOR,
    "联络员": SeatKind.DAILY_CONTACT,
}


SOURCES = {each.value: each for each in Source} | {
    "本级人员": Source.OWN_STAFF,
    "区委办局": Source.DISTRICT_BUREAU,
    "街道科室": Source.STREET_OFFICE,
    "协管": Source.HELPER,
    "社区自治": Source.COMMUNITY_SELF_GOVERNMENT,
    "人大代表": Source.PEOPLES_CONGRESS_DEPUTY,
    "老党员": Source.OLD_PARTY_MEMBER,
    "老干部": Source.OLD_CADRE,
    "积极人士": Source.ACTIVIST,
}


@dataclass(frozen=True, slots=True)
class _Joining:
    """What the rows of members are judged by."""

    group: Group
    scheme: Scheme | None
    people: People
    zone: tzinfo
    now: datetime
    new_id: NewId


def import_members(
    tx: Transaction,
    group_id: UUID,
    given: Sequence[Row],
    new_id: NewId,
    now: datetime,
    *,
    dry_run: bool,
) -> Outcome:
    """Add the rows' members; one who is in already gets the row's title, source and end.

    Raises GroupNotFound, PermissionDenied, RecordOver, InvalidArgument for too many rows.
    """
    rows.check_number(given)
    group = tx.store(GroupStore).locked(group_id, now)
    require_staff_on(tx.context, group.grid_path)
    group.require_current(now)
    scheme = scheme_in_force(tx, now)
    known = people_in(tx, given)
    joining = _Joining(group, scheme, known, county_calendar(tx).time_zone, now, new_id)
    allowed = groups.chair_rule(group, scheme).allowed
    outcome = Outcome()
    members = {each.member_id: each for each in tx.store(MemberStore).all_of(group_id)}
    kept: dict[UUID, Member] = {}
    for row in given:
        asked = _member(joining, row, outcome)
        if asked is None:
            continue
        try:
            member = _settled(asked, row, list(members.values()), allowed, now)
        except DomainError as error:
            outcome.refuse(row, error)
            continue
        before = members.get(member.member_id)
        if member == before:
            outcome.unchanged += 1
            continue
        if before is None:
            outcome.created += 1
        else:
            outcome.updated += 1
        members[member.member_id] = kept[member.member_id] = member
    if kept and not outcome.faults and not dry_run:
        tx.store(MemberStore).keep(list(kept.values()))
    return outcome.told


def _member(joining: _Joining, row: Row, outcome: Outcome) -> Member | None:
    """The member that the row describes; None where faults were noted."""
    before = len(outcome.faults)
    names_person = row.cell("person_id") or row.cell("person_name")
    person_id = joining.people.named_in(row, outcome) if names_person else None
    seat = rows.word(row, "seat", SEATS, outcome)
    if not row.cell("seat"):
        outcome.fault(row, "seat", REQUIRED)
    source = rows.word(row, "source", SOURCES, outcome)
    start = rows.moment(row, "valid_from", joining.zone, outcome)
    if start is not None and rows.is_same_second(start, joining.group.valid.start):
        start = joining.group.valid.start
    end = rows.moment(row, "valid_to", joining.zone, outcome)
    if len(outcome.faults) > before or seat is None:
        return None
    member = Member(
        member_id=joining.new_id(),
        group_id=joining.group.group_id,
        seat=seat,
        person_id=person_id,
        department_id=row.cell("department_id") or None,
        body=row.cell("body") or None,
        title=row.cell("title"),
        source=source,
        valid=Interval(start or joining.now, end),
        version=1,
    )
    try:
        return make_member(member, joining.group, joining.scheme)
    except DomainError as error:
        outcome.refuse(row, error)
        return None


def _settled(
    asked: Member, row: Row, members: Sequence[Member], allowed: int, now: datetime
) -> Member:
    """The member as the row leaves it: new, changed, or as it was.

    Raises MemberTwice, SeatTaken, ChairsTaken, RecordOver, InvalidArgument.
    """
    same = _same_member(asked, members)
    if same is not None:
        return _updated(same, asked, row, now)
    check_seat(asked, members, allowed)
    return asked


def _same_member(asked: Member, members: Sequence[Member]) -> Member | None:
    """The member who is in the group in the same seat and time already, if any."""
    return next(
        (
            each
            for each in members
            if (each.who, each.seat) == (asked.who, asked.seat) and each.valid.overlaps(asked.valid)
        ),
        None,
    )


def _updated(same: Member, asked: Member, row: Row, now: datetime) -> Member:
    """The member with what the row changes. Raises MemberTwice, RecordOver, InvalidArgument."""
    if row.cell("valid_from") and not rows.is_same_second(asked.valid.start, same.valid.start):
        raise MemberTwice(member_id=same.member_id)
    end, valid = asked.valid.end, same.valid
    if end is not None and not (valid.end and rows.is_same_second(end, valid.end)):
        valid = groups.cut(valid, end, now)
    updated = replace(
        same, title=asked.title or same.title, source=asked.source or same.source, valid=valid
    )
    return updated if updated == same else replace(updated, version=same.version + 1)
