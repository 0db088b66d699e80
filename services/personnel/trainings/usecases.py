"""Recording trainings and attendance, and finding who lacks one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.personnel.common import rows
from services.personnel.common.domain.checks import TOO_LONG
from services.personnel.common.rows import People
from services.personnel.common.usecases import grid_in_force, local_day, scheme_in_force
from services.personnel.posts.domain.posts import READ, Viewer
from services.personnel.posts.usecases.permissions import STAFF, require_staff_on
from services.personnel.roster.rows import people_in
from services.personnel.roster.store import RosterStore
from services.personnel.trainings import domain as trainings
from services.personnel.trainings.domain import (
    Attendance,
    AttendanceFilter,
    Lacking,
    LackingFilter,
    Result,
    Training,
    TrainingDetails,
    TrainingFilter,
    TrainingKind,
)
from services.personnel.trainings.store import TrainingStore
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, PermissionDenied, Text, Violation, require_version
from shared.paging import Page, PageRequest
from shared.rows import Outcome, Row

NO_KIND = Text("The county has no such kind of training.", "本县没有该培训类型。")


def set_kind(
    tx: Transaction, kind: str, name: str, validity_months: int | None, expected_version: int
) -> TrainingKind:
    """Set a kind of training and how long one counts.

    Raises InvalidArgument, PermissionDenied for those who do not staff the county, Aborted.
    """
    tx.context.require_county(STAFF)
    tx.store(TrainingStore).lock_kinds()
    before = tx.store(TrainingStore).find_kind(kind)
    version = before.version if before else 0
    require_version(expected_version, version)
    made = trainings.make_kind(kind, name, validity_months, version + 1)
    tx.store(TrainingStore).keep_kind(made)
    return made


def record_training(
    tx: Transaction, new: Training, details: TrainingDetails, now: datetime
) -> Training:
    """Record a training.

    Raises InvalidArgument naming every field at fault, PermissionDenied where the caller's staff
    capability does not reach the place.
    """
    placed = new
    if new.grid_id is not None:
        placed = replace(new, grid_path=grid_in_force(tx, new.grid_id, now).path)
    require_staff_on(tx.context, placed.grid_path)
    made = trainings.described(
        placed, details, tx.store(TrainingStore).kinds(), scheme_in_force(tx, now)
    )
    tx.store(TrainingStore).add(made)
    return made


def amend_training(
    tx: Transaction,
    training_id: UUID,
    details: TrainingDetails,
    expected_version: int,
    now: datetime,
) -> Training:
    """Correct a training. Raises TrainingNotFound, PermissionDenied, Aborted, InvalidArgument."""
    before = tx.store(TrainingStore).get(training_id)
    require_staff_on(tx.context, before.grid_path)
    require_version(expected_version, before.version)
    said = trainings.described(
        before, details, tx.store(TrainingStore).kinds(), scheme_in_force(tx, now)
    )
    after = replace(said, version=before.version + 1)
    tx.store(TrainingStore).save(after, before.version)
    return after


def get_training(tx: Transaction, training_id: UUID) -> Training:
    """One training, for those who read its place. Raises TrainingNotFound, PermissionDenied."""
    found = tx.store(TrainingStore).get(training_id)
    if found.grid_path is None:
        return found
    if not tx.store(TrainingStore).is_visible(training_id, Viewer.of(tx.context, READ)):
        raise PermissionDenied(capability=READ)
    return found


def list_trainings(tx: Transaction, wanted: TrainingFilter, asked: PageRequest) -> Page[Training]:
    """The county's trainings, and those of the grids that the caller may read, newest first."""
    return tx.store(TrainingStore).page(Viewer.of(tx.context, READ), wanted, asked)


def record_attendance(
    tx: Transaction, training_id: UUID, entries: Sequence[Attendance]
) -> Training:
    """Record who attended. Raises TrainingNotFound, PermissionDenied, InvalidArgument."""
    training = tx.store(TrainingStore).get(training_id)
    require_staff_on(tx.context, training.grid_path)
    known = tx.store(RosterStore).names({entry.person_id for entry in entries})
    tx.store(TrainingStore).keep_attendance(trainings.checked(entries, frozenset(known)))
    return tx.store(TrainingStore).get(training_id)


def list_attendance(
    tx: Transaction,
    wanted: AttendanceFilter,
    asked: PageRequest,
) -> Page[Attendance]:
    """Attendance of the people whom the caller may read, and the caller's own."""
    return tx.store(TrainingStore).attendance(Viewer.of(tx.context, READ), wanted, asked)


def list_lacking(
    tx: Transaction,
    kind: str,
    role_type: str,
    moment: datetime,
    asked: PageRequest,
) -> Page[Lacking]:
    """Holders of posts of the role type at the moment who lack a training that still counts.

    Only those whom the caller may read. Raises InvalidArgument for a kind that the county does
    not have.
    """
    if tx.store(TrainingStore).find_kind(kind) is None:
        raise InvalidArgument([Violation("/kind", NO_KIND)])
    wanted = LackingFilter(kind, role_type, moment, local_day(tx, moment))
    return tx.store(TrainingStore).lacking(Viewer.of(tx.context, READ), wanted, asked)


RESULTS = {each.value: each for each in Result} | {"合格": Result.PASSED, "不合格": Result.FAILED}


def import_attendance(
    tx: Transaction, training_id: UUID, given: Sequence[Row], *, dry_run: bool
) -> Outcome:
    """Record the rows' attendance of a training.

    Raises TrainingNotFound, PermissionDenied, InvalidArgument for too many rows.
    """
    rows.check_number(given)
    training = tx.store(TrainingStore).get(training_id)
    require_staff_on(tx.context, training.grid_path)
    known = people_in(tx, given)
    before = {
        each.person_id: replace(each, person_name="", kind="", held_on=None)
        for each in tx.store(TrainingStore).attendance_of(training_id)
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
        tx.store(TrainingStore).keep_attendance(kept)
    return outcome.told


def _attendance(training_id: UUID, known: People, row: Row, outcome: Outcome) -> Attendance | None:
    """The attendance that the row describes; None where faults were noted."""
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
