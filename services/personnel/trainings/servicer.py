"""Trainings over gRPC."""

from uuid import UUID

import grpc

from services.personnel.common.domain.clock import Clock
from services.personnel.common.peer import GridPeer
from services.personnel.trainings import usecases as training
from services.personnel.trainings.domain import (
    Attendance,
    AttendanceFilter,
    Lacking,
    Result,
    Training,
    TrainingDetails,
    TrainingFilter,
    TrainingKind,
    TrainingNotFound,
    day_of,
)
from services.personnel.trainings.store import TrainingStore
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import MISSING, optional_moment, optional_uuid, present, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.rows import outcome_message, rows_of
from shared.structure.peer import Learned
from wangge.personnel.v1 import trainings_pb2
from wangge.personnel.v1 import trainings_service_pb2 as pb

write_kind = writer(trainings_pb2.TrainingKind, TrainingKind)
write_training = writer(trainings_pb2.Training, Training)
write_attendance = writer(trainings_pb2.Attendance, Attendance)
write_lacking = writer(trainings_pb2.LackingTraining, Lacking)

RESULTS = {
    trainings_pb2.TrainingResult.Value(f"TRAINING_RESULT_{each.name}"): each for each in Result
}


class TrainingServicer:
    """Trainings over gRPC."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction], grid: GridPeer, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._grid = grid
        self._clock = clock

    def SetTrainingKind(
        self, request: pb.SetTrainingKindRequest, context: grpc.ServicerContext
    ) -> pb.SetTrainingKindResponse:
        """Set a kind of training and how long one counts."""
        months = request.validity_months if request.HasField("validity_months") else None

        def act(tx: Transaction) -> pb.SetTrainingKindResponse:
            version = request.expected_version
            made = training.set_kind(tx, request.kind, request.name, months, version)
            return pb.SetTrainingKindResponse(training_kind=write_kind(made))

        return once(self._unit_of_work, request, pb.SetTrainingKindResponse, act)

    def ListTrainingKinds(
        self, request: pb.ListTrainingKindsRequest, context: grpc.ServicerContext
    ) -> pb.ListTrainingKindsResponse:
        """List the county's kinds of training."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            found = tx.store(TrainingStore).page_of_kinds(asked)
        return pb.ListTrainingKindsResponse(
            training_kinds=[write_kind(each) for each in found.items],
            next_page_token=found.next_page_token,
        )

    def RecordTraining(
        self, request: pb.RecordTrainingRequest, context: grpc.ServicerContext
    ) -> pb.RecordTrainingResponse:
        """Record a training."""
        now, details = self._clock(), _details(request)
        new = Training(
            training_id=new_id(),
            title="",
            kind="",
            held_on=now.date(),
            hours=0,
            trainer="",
            place="",
            content="",
            role_types=(),
            grid_id=optional_uuid(request.grid_id, "/grid_id"),
            grid_path=None,
            version=1,
        )

        def attempt(learned: Learned) -> pb.RecordTrainingResponse:
            def act(tx: Transaction) -> pb.RecordTrainingResponse:
                learned.keep(tx)
                made = training.record_training(tx, new, details, now)
                return pb.RecordTrainingResponse(training=write_training(made))

            return once(self._unit_of_work, request, pb.RecordTrainingResponse, act)

        return self._grid.answer(attempt, now, grid_id=new.grid_id)

    def AmendTraining(
        self, request: pb.AmendTrainingRequest, context: grpc.ServicerContext
    ) -> pb.AmendTrainingResponse:
        """Correct a training."""
        training_id, details = _training_id(request.training_id), _details(request)

        def act(tx: Transaction) -> pb.AmendTrainingResponse:
            version = request.expected_version
            after = training.amend_training(tx, training_id, details, version, self._clock())
            return pb.AmendTrainingResponse(training=write_training(after))

        return once(self._unit_of_work, request, pb.AmendTrainingResponse, act)

    def GetTraining(
        self, request: pb.GetTrainingRequest, context: grpc.ServicerContext
    ) -> pb.GetTrainingResponse:
        """Return one training."""
        with self._unit_of_work(call.current()) as tx:
            found = training.get_training(tx, _training_id(request.training_id))
        return pb.GetTrainingResponse(training=write_training(found))

    def ListTrainings(
        self, request: pb.ListTrainingsRequest, context: grpc.ServicerContext
    ) -> pb.ListTrainingsResponse:
        """List trainings, the newest record first."""
        asked = PageRequest.of(request)
        wanted = TrainingFilter(
            kind=request.kind,
            grid_id=optional_uuid(request.grid_id, "/grid_id"),
            first=day_of(request.held_from, "/held_from"),
            last=day_of(request.held_to, "/held_to"),
        )
        with self._unit_of_work(call.current()) as tx:
            found = training.list_trainings(tx, wanted, asked)
        return pb.ListTrainingsResponse(
            trainings=[write_training(each) for each in found.items],
            next_page_token=found.next_page_token,
        )

    def RecordAttendance(
        self, request: pb.RecordAttendanceRequest, context: grpc.ServicerContext
    ) -> pb.RecordAttendanceResponse:
        """Record who attended a training."""
        training_id = _training_id(request.training_id)
        entries = [
            Attendance(
                training_id=training_id,
                person_id=_person(each.person_id, f"/entries/{place}/person_id"),
                attended=each.attended,
                result=RESULTS.get(each.result),
                file_reference=each.file_reference,
            )
            for place, each in enumerate(request.entries)
        ]

        def act(tx: Transaction) -> pb.RecordAttendanceResponse:
            after = training.record_attendance(tx, training_id, entries)
            return pb.RecordAttendanceResponse(training=write_training(after))

        return once(self._unit_of_work, request, pb.RecordAttendanceResponse, act)

    def ImportAttendance(
        self, request: pb.ImportAttendanceRequest, context: grpc.ServicerContext
    ) -> pb.ImportAttendanceResponse:
        """Record attendance from a file."""
        training_id, rows = _training_id(request.training_id), rows_of(request.rows)

        def act(tx: Transaction) -> pb.ImportAttendanceResponse:
            outcome = training.import_attendance(tx, training_id, rows, dry_run=request.dry_run)
            return pb.ImportAttendanceResponse(
                outcome=outcome_message(outcome, dry_run=request.dry_run)
            )

        return once(self._unit_of_work, request, pb.ImportAttendanceResponse, act)

    def ListAttendance(
        self, request: pb.ListAttendanceRequest, context: grpc.ServicerContext
    ) -> pb.ListAttendanceResponse:
        """List attendance."""
        asked = PageRequest.of(request)
        wanted = AttendanceFilter(
            training_id=optional_uuid(request.training_id, "/training_id"),
            person_id=optional_uuid(request.person_id, "/person_id"),
            attended=request.attended if request.HasField("attended") else None,
        )
        with self._unit_of_work(call.current()) as tx:
            found = training.list_attendance(tx, wanted, asked)
        return pb.ListAttendanceResponse(
            attendance=[write_attendance(each) for each in found.items],
            next_page_token=found.next_page_token,
        )

    def ListLackingTraining(
        self, request: pb.ListLackingTrainingRequest, context: grpc.ServicerContext
    ) -> pb.ListLackingTrainingResponse:
        """List the people who hold a post and lack a training that still counts."""
        asked = PageRequest.of(request)
        kind, role_type = present(request.kind, "/kind"), present(request.role_type, "/role_type")
        moment = optional_moment(request, "as_of") or self._clock()
        with self._unit_of_work(call.current()) as tx:
            found = training.list_lacking(tx, kind, role_type, moment, asked=asked)
        return pb.ListLackingTrainingResponse(
            lacking=[write_lacking(each) for each in found.items],
            next_page_token=found.next_page_token,
        )


def _details(request: pb.RecordTrainingRequest | pb.AmendTrainingRequest) -> TrainingDetails:
    return TrainingDetails(
        title=request.title,
        kind=request.kind,
        held_on=request.held_on,
        hours=request.hours,
        trainer=request.trainer,
        place=request.place,
        content=request.content,
        role_types=tuple(request.role_types),
    )


def _training_id(text: str) -> UUID:
    return uuid_or(text, TrainingNotFound(training_id=text))


def _person(text: str, pointer: str) -> UUID:
    found = optional_uuid(text, pointer)
    if found is None:
        raise InvalidArgument([Violation(pointer, MISSING)])
    return found
