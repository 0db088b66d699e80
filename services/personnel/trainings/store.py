"""Trainings and attendance in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    cast,
    exists,
    func,
    or_,
    select,
    true,
)

from services.personnel.base import STRUCTURE
from services.personnel.common.store import lock
from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.store.permissions import readable
from services.personnel.posts.store.posts import within_reach
from services.personnel.roster.models import PersonRow
from services.personnel.trainings.domain import (
    Attendance,
    AttendanceFilter,
    Lacking,
    LackingFilter,
    Result,
    Training,
    TrainingFilter,
    TrainingKind,
    TrainingNotFound,
)
from services.personnel.trainings.models import AttendanceRow, TrainingKindRow, TrainingRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

GRIDS = STRUCTURE.grids
ON_ITS_GRID = same_county(GRIDS, TrainingRow, "grid_id")
DETAILS = ("title", "kind", "held_on", "hours", "trainer", "place", "content")
KIND = ("kind", "name", "validity_months", "version")

BY_KIND = SortKey(TrainingKindRow.kind)
BY_PERSON = SortKey(AttendanceRow.training_id, AttendanceRow.person_id)
NEWEST = SortKey(TrainingRow.training_id, descending=True)
BY_POST = SortKey(PostRow.post_id)


class TrainingStore:
    """One county's trainings."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._connection = tx.connection
        self._county_id = tx.county_id
        self._attendance_table = ScopedTable(tx, AttendanceRow)
        self._post_table = ScopedTable(tx, PostRow)
        self._training_kind_table = ScopedTable(tx, TrainingKindRow)
        self._training_table = ScopedTable(tx, TrainingRow, missing=TrainingNotFound)

    def lock_kinds(self) -> None:
        """Wait until nobody else sets a kind of training."""
        lock(self._tx, f"training kinds {self._county_id}")

    def find_kind(self, kind: str) -> TrainingKind | None:
        """The kind, or None."""
        query = self._kinds().where(TrainingKindRow.kind == kind)
        row = self._connection.execute(query).first()
        return None if row is None else TrainingKind(*row)

    def kinds(self) -> list[TrainingKind]:
        """All the county's kinds."""
        return [TrainingKind(*row) for row in self._connection.execute(self._kinds())]

    def page_of_kinds(self, asked: PageRequest) -> Page[TrainingKind]:
        """The county's kinds by name."""
        page = self._training_kind_table.page(self._kinds(), BY_KIND, asked)
        return page.map(lambda row: TrainingKind(*tuple(row)))

    def keep_kind(self, kind: TrainingKind) -> None:
        """Keep the kind in the place of what it was."""
        values = {name: getattr(kind, name) for name in KIND}
        self._training_kind_table.upsert([values], [name for name in KIND if name != "kind"])

    def add(self, training: Training) -> None:
        """Record a training."""
        self._training_table.insert(
            {"training_id": training.training_id, "grid_id": training.grid_id, **_details(training)}
        )

    def get(self, training_id: UUID) -> Training:
        """One training with its counts. Raises TrainingNotFound."""
        query = self._trainings().where(TrainingRow.training_id == training_id)
        row = self._connection.execute(query).first()
        if row is None:
            raise TrainingNotFound(training_id=training_id)
        return _training(row)

    def save(self, training: Training, expected_version: int) -> None:
        """Keep the details. Raises Aborted where it is at another version."""
        values = {"training_id": training.training_id, **_details(training)}
        self._training_table.save(values, expected_version)

    def is_visible(self, training_id: UUID, viewer: Viewer) -> bool:
        """Whether the viewer may read the training."""
        query = self._trainings().where(TrainingRow.training_id == training_id, _visible(viewer))
        return self._connection.execute(query).first() is not None

    def page(self, viewer: Viewer, wanted: TrainingFilter, asked: PageRequest) -> Page[Training]:
        """Trainings that the viewer may read, the newest record first."""
        query = self._trainings().where(_visible(viewer))
        if wanted.kind:
            query = query.where(TrainingRow.kind == wanted.kind)
        if wanted.grid_id is not None:
            query = query.where(TrainingRow.grid_id == wanted.grid_id)
        if wanted.first is not None:
            query = query.where(TrainingRow.held_on >= wanted.first)
        if wanted.last is not None:
            query = query.where(TrainingRow.held_on <= wanted.last)
        return self._training_table.page(query, NEWEST, asked).map(_training)

    def keep_attendance(self, entries: Sequence[Attendance]) -> None:
        """Record attendance, in the place of what was recorded of the same people."""
        rows = [
            {
                "training_id": each.training_id,
                "person_id": each.person_id,
                "attended": each.attended,
                "result": each.result.value if each.result else None,
                "file_reference": each.file_reference,
            }
            for each in entries
        ]
        self._attendance_table.upsert(rows, ("attended", "result", "file_reference"))

    def attendance_of(self, training_id: UUID) -> list[Attendance]:
        """All attendance of a training."""
        query = self._attendance().where(AttendanceRow.training_id == training_id)
        return [_attendance(row) for row in self._connection.execute(query)]

    def attendance(
        self,
        viewer: Viewer,
        wanted: AttendanceFilter,
        asked: PageRequest,
    ) -> Page[Attendance]:
        """Attendance of people whom the viewer may read, by training and person."""
        query = self._attendance().where(readable(AttendanceRow, viewer))
        if wanted.training_id is not None:
            query = query.where(AttendanceRow.training_id == wanted.training_id)
        if wanted.person_id is not None:
            query = query.where(AttendanceRow.person_id == wanted.person_id)
        if wanted.attended is not None:
            query = query.where(AttendanceRow.attended.is_(wanted.attended))
        return self._attendance_table.page(query, BY_PERSON, asked).map(_attendance)

    def lacking(self, viewer: Viewer, wanted: LackingFilter, asked: PageRequest) -> Page[Lacking]:
        """Holders of posts of the role type without a training of the kind that still counts."""
        of_kind = (AttendanceRow.person_id == PostRow.person_id) & (TrainingRow.kind == wanted.kind)
        last = _last_training(self._tx, of_kind, wanted.day)
        counting = _last_training(self._tx, of_kind & _still_counts(wanted.day), wanted.day)
        query = (
            select(
                PostRow.post_id,
                PostRow.person_id,
                PersonRow.name,
                PostRow.role_type,
                PostRow.title,
                PostRow.grid_id,
                PostRow.department_id,
                last.label("last_held_on"),
            )
            .join(
                PersonRow,
                same_county(PersonRow, PostRow, "person_id"),
            )
            .where(
                self._post_table.own,
                PostRow.role_type == wanted.role_type,
                PostRow.valid_from <= wanted.moment,
                PostRow.valid_to.is_(None) | (PostRow.valid_to > wanted.moment),
                or_(PostRow.person_id == viewer.person_id, within_reach(viewer)),
                counting.is_(None),
            )
        )
        return self._post_table.page(query, BY_POST, asked).map(lambda row: Lacking(*tuple(row)))

    def _kinds(self) -> Select[Any]:
        return select(*(getattr(TrainingKindRow, name) for name in KIND)).where(
            self._training_kind_table.own
        )

    def _trainings(self) -> Select[Any]:
        called = (
            select(func.count())
            .where(
                same_county(AttendanceRow, TrainingRow, "training_id"),
            )
            .correlate(TrainingRow)
        )
        return (
            select(
                TrainingRow.__table__,
                GRIDS.c.path,
                called.scalar_subquery().label("called"),
                called.where(AttendanceRow.attended).scalar_subquery().label("attended"),
            )
            .outerjoin(GRIDS, ON_ITS_GRID)
            .where(self._training_table.own)
        )

    def _attendance(self) -> Select[Any]:
        return (
            select(
                AttendanceRow.__table__,
                PersonRow.name.label("person_name"),
                TrainingRow.kind,
                TrainingRow.held_on,
            )
            .join(
                PersonRow,
                same_county(PersonRow, AttendanceRow, "person_id"),
            )
            .join(
                TrainingRow,
                same_county(TrainingRow, AttendanceRow, "training_id"),
            )
            .where(self._attendance_table.own)
        )


def last_counting_training(
    tx: Transaction, person_id: Any, kind: Any, day: date
) -> ScalarSelect[Any]:
    """The day of the person's last training that counts on the day: of the kind, or of any ("")."""
    theirs = (AttendanceRow.person_id == person_id) & or_(kind == "", TrainingRow.kind == kind)
    return _last_training(tx, theirs & _still_counts(day), day)


def _last_training(tx: Transaction, theirs: ColumnElement[bool], day: date) -> ScalarSelect[Any]:
    return (
        select(func.max(TrainingRow.held_on))
        .select_from(AttendanceRow)
        .join(
            TrainingRow,
            same_county(TrainingRow, AttendanceRow, "training_id"),
        )
        .join(
            TrainingKindRow,
            same_county(TrainingKindRow, TrainingRow, "kind"),
        )
        .where(
            ScopedTable(tx, AttendanceRow).own,
            AttendanceRow.attended,
            AttendanceRow.result.is_distinct_from(Result.FAILED.value),
            TrainingRow.held_on <= day,
            theirs,
        )
        .correlate_except(AttendanceRow, TrainingRow, TrainingKindRow)
        .scalar_subquery()
    )


def _still_counts(day: date) -> ColumnElement[bool]:
    months = TrainingKindRow.validity_months
    end = TrainingRow.held_on + func.make_interval(0, months)
    return months.is_(None) | cast(end > day, Boolean)


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer reaches the training's place; the county's own are for everybody."""
    if "" in viewer.paths:
        return true()
    near = (
        exists().where(ON_ITS_GRID, below(GRIDS.c.path, path)).correlate(TrainingRow)
        for path in viewer.paths
    )
    return or_(TrainingRow.grid_id.is_(None), *near)


def _details(training: Training) -> dict[str, Any]:
    return {
        "role_types": list(training.role_types),
        "version": training.version,
        **{name: getattr(training, name) for name in DETAILS},
    }


def _training(row: Row[Any]) -> Training:
    details = {name: getattr(row, name) for name in DETAILS}
    return Training(
        training_id=row.training_id,
        role_types=tuple(row.role_types),
        grid_id=row.grid_id,
        grid_path=row.path,
        version=row.version,
        attended_count=row.attended,
        called_count=row.called,
        **details,
    )


def _attendance(row: Row[Any]) -> Attendance:
    return Attendance(
        training_id=row.training_id,
        person_id=row.person_id,
        attended=row.attended,
        result=None if row.result is None else Result(row.result),
        file_reference=row.file_reference,
        person_name=row.person_name,
        kind=row.kind,
        held_on=row.held_on,
    )
