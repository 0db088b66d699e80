"""Holding trainings, recording who was there, and finding who still lacks one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.personnel.common.grids import NOT_IN_FORCE, UNKNOWN_GRID, is_in_force
from services.personnel.common.scheme import local_day, scheme_in_force
from services.personnel.people.usecases.people import STAFF
from services.personnel.posts.domain.posts import READ, Viewer
from services.personnel.posts.permissions import require_staff_on
from services.personnel.record_ports import RecordsTransaction
from services.personnel.trainings import domain as trainings
from services.personnel.trainings.domain import (
    Attendance,
    AttendanceFilter,
    Lacking,
    LackingFilter,
    Told,
    Training,
    TrainingFilter,
    TrainingKind,
)
from shared.errors import Aborted, InvalidArgument, PermissionDenied, Text, Violation

NO_KIND = Text("The county has no such kind of training.", "本县没有该培训类型。")


def set_kind(
    tx: RecordsTransaction, kind: str, name: str, validity_months: int | None, expected_version: int
) -> TrainingKind:
    """Set a kind of training and how long one counts.

    Raises InvalidArgument, PermissionDenied for those who do not staff the county, Aborted.
    """
    tx.context.require_county(STAFF)
    tx.trainings.serialise_kinds()
    before = tx.trainings.find_kind(kind)
    version = before.version if before else 0
    if expected_version and expected_version != version:
        raise Aborted(expected=expected_version, actual=version)
    made = trainings.make_kind(kind, name, validity_months, version + 1)
    tx.trainings.keep_kind(made)
    return made


def record_training(tx: RecordsTransaction, new: Training, told: Told, now: datetime) -> Training:
    """Record a training.

    Raises InvalidArgument naming every field at fault, PermissionDenied where the caller's staff
    capability does not reach the place.
    """
    placed = new
    if new.grid_id is not None:
        grid = tx.structure.find_grid(new.grid_id)
        if grid is None or not is_in_force(grid, now):
            detail = UNKNOWN_GRID if grid is None else NOT_IN_FORCE
            raise InvalidArgument([Violation("/grid_id", detail)])
        placed = replace(new, grid_path=grid.path)
    require_staff_on(tx.context, placed.grid_path)
    made = trainings.described(
        placed, told, tx.trainings.kinds(None, None), scheme_in_force(tx, now)
    )
    tx.trainings.add(made)
    return made


def amend_training(
    tx: RecordsTransaction, training_id: UUID, told: Told, expected_version: int, now: datetime
) -> Training:
    """Correct a training. Raises TrainingNotFound, PermissionDenied, Aborted, InvalidArgument."""
    before = tx.trainings.get(training_id)
    require_staff_on(tx.context, before.grid_path)
    if expected_version and expected_version != before.version:
        raise Aborted(expected=expected_version, actual=before.version)
    said = trainings.described(
        before, told, tx.trainings.kinds(None, None), scheme_in_force(tx, now)
    )
    after = replace(said, version=before.version + 1)
    tx.trainings.save(after, before.version)
    return after


def get_training(tx: RecordsTransaction, training_id: UUID) -> Training:
    """One training, for those who read its place. Raises TrainingNotFound, PermissionDenied."""
    found = tx.trainings.get(training_id)
    if found.grid_path is None:
        return found
    if not tx.trainings.is_visible(training_id, Viewer.of(tx.context, READ)):
        raise PermissionDenied(capability=READ)
    return found


def list_trainings(
    tx: RecordsTransaction, wanted: TrainingFilter, after: UUID | None, limit: int
) -> list[Training]:
    """The county's trainings, and those of the grids that the caller may read, newest first."""
    return tx.trainings.page(Viewer.of(tx.context, READ), wanted, after, limit)


def record_attendance(
    tx: RecordsTransaction, training_id: UUID, entries: Sequence[Attendance]
) -> Training:
    """Record who attended. Raises TrainingNotFound, PermissionDenied, InvalidArgument."""
    training = tx.trainings.get(training_id)
    require_staff_on(tx.context, training.grid_path)
    known = tx.roster.names({entry.person_id for entry in entries})
    tx.trainings.keep_attendance(trainings.checked(entries, frozenset(known)))
    return tx.trainings.get(training_id)


def list_attendance(
    tx: RecordsTransaction,
    wanted: AttendanceFilter,
    after: tuple[UUID, UUID] | None,
    limit: int,
) -> list[Attendance]:
    """Attendance of the people whom the caller may read, and the caller's own."""
    return tx.trainings.attendance(Viewer.of(tx.context, READ), wanted, after, limit)


def list_lacking(
    tx: RecordsTransaction,
    kind: str,
    role_type: str,
    moment: datetime,
    *,
    after: UUID | None,
    limit: int,
) -> list[Lacking]:
    """Who holds a post of the role type at the moment and lacks a training that still counts.

    As far as the caller may read. Raises InvalidArgument for a kind that the county has not.
    """
    if tx.trainings.find_kind(kind) is None:
        raise InvalidArgument([Violation("/kind", NO_KIND)])
    wanted = LackingFilter(kind, role_type, moment, local_day(tx, moment))
    return tx.trainings.lacking(Viewer.of(tx.context, READ), wanted, after, limit)
