"""Members, attendance and certificates from files of rows.

All rows are judged before anything is written, so that every fault is told at once and a file
with any changes nothing. The same file again finds everything as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo

from services.personnel.certificates import domain as certificates
from services.personnel.certificates.domain import Certificate, NumberTaken, StepNotAllowed
from services.personnel.common import rows
from services.personnel.common.checks import REQUIRED, TOO_LONG
from services.personnel.common.rows import People
from services.personnel.common.scheme import local_day, scheme_in_force
from services.personnel.groups import domain as groups
from services.personnel.groups.domain import (
    Group,
    Member,
    MemberTwice,
    SeatKind,
    Source,
)
from services.personnel.people.usecases.people import STAFF
from services.personnel.posts.domain.posts import Interval, Viewer
from services.personnel.posts.permissions import require_staff_on
from services.personnel.record_ports import RecordsTransaction
from services.personnel.trainings import domain as trainings
from services.personnel.trainings.domain import Attendance, Result
from shared.errors import DomainError, Text
from shared.rows import Outcome, Row
from shared.structure.scheme import Scheme
from shared.structure.store import StructureNotYetKnown
from shared.working_time import TIME_ZONE

NewId = Callable[[], UUID]

NOT_YOURS = Text("You do not staff this person.", "您无权管理该人员。")
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
RESULTS = {each.value: each for each in Result} | {"合格": Result.PASSED, "不合格": Result.FAILED}


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
    tx: RecordsTransaction,
    group_id: UUID,
    given: Sequence[Row],
    new_id: NewId,
    now: datetime,
    *,
    dry_run: bool,
) -> Outcome:
    """Take in the rows' members; who is in already gets the row's title, source and end.

    Raises GroupNotFound, PermissionDenied, RecordOver, InvalidArgument for too many rows.
    """
    rows.check_number(given)
    group = tx.groups.locked(group_id, now)
    require_staff_on(tx.context, group.grid_path)
    group.require_current(now)
    scheme = scheme_in_force(tx, now)
    known = _people(tx, given)
    joining = _Joining(group, scheme, known, _zone(tx), now, new_id)
    allowed = groups.chair_rule(group, scheme).allowed
    outcome = Outcome()
    members = {each.member_id: each for each in tx.groups.all_members(group_id)}
    kept: dict[UUID, Member] = {}
    for row in given:
        asked = _member(joining, row, outcome)
        if asked is None:
            continue
        try:
            same = _same_member(asked, list(members.values()))
            member = asked if same is None else _updated(same, asked, row, now)
            if same is None:
                groups.check_seat(asked, list(members.values()), allowed)
        except DomainError as error:
            outcome.refuse(row, error)
            continue
        if same is None:
            outcome.created += 1
        elif member == same:
            outcome.unchanged += 1
            continue
        else:
            outcome.updated += 1
        members[member.member_id] = kept[member.member_id] = member
    if kept and not outcome.faults and not dry_run:
        tx.groups.keep_members(list(kept.values()))
    return outcome.told


def import_attendance(
    tx: RecordsTransaction, training_id: UUID, given: Sequence[Row], *, dry_run: bool
) -> Outcome:
    """Record the rows' attendance of a training.

    Raises TrainingNotFound, PermissionDenied, InvalidArgument for too many rows.
    """
    rows.check_number(given)
    training = tx.trainings.get(training_id)
    require_staff_on(tx.context, training.grid_path)
    known = _people(tx, given)
    before = {
        each.person_id: replace(each, person_name="", kind="", held_on=None)
        for each in tx.trainings.attendance_of(training_id)
    }
    outcome = Outcome()
    seen: dict[UUID, int] = {}
    kept = []
    for row in given:
        entry = _attendance(training_id, known, row, outcome)
        if entry is None:
            continue
        if (first := seen.setdefault(entry.person_id, row.number)) != row.number:
            outcome.fault(row, "person_id", rows.ROW_TWICE.format(row=first))
        elif entry == before.get(entry.person_id):
            outcome.unchanged += 1
        else:
            outcome.created += entry.person_id not in before
            outcome.updated += entry.person_id in before
            kept.append(entry)
    if kept and not outcome.faults and not dry_run:
        tx.trainings.keep_attendance(kept)
    return outcome.told


def import_certificates(
    tx: RecordsTransaction, given: Sequence[Row], new_id: NewId, now: datetime, *, dry_run: bool
) -> Outcome:
    """Record the rows' certificates; one with a known number gets the row's issuer and days.

    Raises InvalidArgument for too many rows.
    """
    rows.check_number(given)
    today = local_day(tx, now)
    known = _people(tx, given)
    mentioned = {*known.names, *(each for ids in known.ids.values() for each in ids)}
    staffed = tx.roster.staffed(mentioned, Viewer.of(tx.context, STAFF))
    numbers = {certificates.plain_number(row.cell("number")) for row in given}
    before = {each.number: each for each in tx.certificates.numbered(numbers, now)}
    outcome = Outcome()
    seen: dict[str, int] = {}
    kept: list[Certificate] = []
    for row in given:
        asked = _certificate(row, known, staffed, new_id(), today, outcome=outcome)
        if asked is None:
            continue
        if (first := seen.setdefault(asked.number, row.number)) != row.number:
            outcome.fault(row, "number", rows.ROW_TWICE.format(row=first))
            continue
        same = before.get(asked.number)
        try:
            certificate = asked if same is None else _renewed(same, asked, today)
        except DomainError as error:
            outcome.refuse(row, error)
            continue
        if certificate == same:
            outcome.unchanged += 1
            continue
        outcome.created += same is None
        outcome.updated += same is not None
        kept.append(certificate)
    if kept and not outcome.faults and not dry_run:
        tx.certificates.keep(kept)
        for each in kept:
            event = certificates.changed(each, today)
            tx.outbox.add(event, subject=each.certificate_id, sequence=each.version)
    return outcome.told


def _member(joining: _Joining, row: Row, outcome: Outcome) -> Member | None:
    """The member that the row tells of; None where faults were noted."""
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
        return groups.make_member(member, joining.group, joining.scheme)
    except DomainError as error:
        outcome.refuse(row, error)
        return None


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
    """The member with what the row tells otherwise. Raises MemberTwice, RecordOver, InvalidArgument."""
    if row.cell("valid_from") and not rows.is_same_second(asked.valid.start, same.valid.start):
        raise MemberTwice(member_id=same.member_id)
    end, valid = asked.valid.end, same.valid
    if end is not None and not (valid.end and rows.is_same_second(end, valid.end)):
        valid = groups.cut(valid, end, now)
    told = replace(
        same, title=asked.title or same.title, source=asked.source or same.source, valid=valid
    )
    return told if told == same else replace(told, version=same.version + 1)


def _attendance(training_id: UUID, known: People, row: Row, outcome: Outcome) -> Attendance | None:
    """The attendance that the row tells of; None where faults were noted."""
    before = len(outcome.faults)
    person_id = known.named_in(row, outcome)
    attended = rows.mark(row, "attended", outcome)
    result = rows.word(row, "result", RESULTS, outcome)
    reference = row.cell("file_reference")
    if result is not None and attended is False:
        outcome.fault(row, "result", trainings.ABSENT_WITH_RESULT)
    if len(reference) > trainings.FILE_LENGTH:
        detail = TOO_LONG.format(limit=trainings.FILE_LENGTH)
        outcome.fault(row, "file_reference", detail)
    if len(outcome.faults) > before or person_id is None or attended is None:
        return None
    return Attendance(training_id, person_id, attended, result, reference)


def _certificate(
    row: Row,
    known: People,
    staffed: frozenset[UUID],
    certificate_id: UUID,
    today: date,
    *,
    outcome: Outcome,
) -> Certificate | None:
    """The certificate that the row tells of; None where faults were noted."""
    before = len(outcome.faults)
    person_id = known.named_in(row, outcome)
    if person_id is not None and person_id not in staffed:
        outcome.fault(row, "person_id", NOT_YOURS)
    told = certificates.Told(
        *(row.cell(name) for name in ("kind", "number", "issuer", "issued_on", "valid_until"))
    )
    try:
        made = certificates.make_certificate(
            certificate_id, person_id or certificate_id, told, today
        )
    except DomainError as error:
        outcome.refuse(row, error)
        return None
    return made if len(outcome.faults) == before else None


def _renewed(same: Certificate, asked: Certificate, today: date) -> Certificate:
    """The certificate with the row's issuer and days. Raises NumberTaken, StepNotAllowed."""
    if (same.person_id, same.kind) != (asked.person_id, asked.kind):
        raise NumberTaken(number=same.number)
    told = replace(
        same, issuer=asked.issuer, issued_on=asked.issued_on, valid_until=asked.valid_until
    )
    if told == same:
        return same
    if same.state_on(today) is certificates.State.REVOKED:
        raise StepNotAllowed(state=certificates.State.REVOKED, step="amended")
    return replace(told, version=same.version + 1)


def _people(tx: RecordsTransaction, given: Sequence[Row]) -> People:
    """Everybody whom the rows may mean, by two questions."""
    return People(tx.roster.names(rows.ids_in(given)), tx.roster.called(rows.names_in(given)))


def _zone(tx: RecordsTransaction) -> tzinfo:
    try:
        return ZoneInfo(tx.structure.county().time_zone)
    except StructureNotYetKnown:
        return ZoneInfo(TIME_ZONE)
