"""Trainings and certificates."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from gateway.fields import (
    PARAGRAPH,
    Body,
    Checked,
    Choice,
    Day,
    Flag,
    Id,
    Instant,
    Paged,
    QueryFlag,
    Words,
    canonical_id,
)
from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import certificates_pb2, trainings_pb2
from wangge.personnel.v1 import trainings_service_pb2 as pb

rpc = rpcs("personnel", pb, "TrainingService")
STAFF, READERS = Rule.needs("staff"), Rule.needs("read")
CERTIFICATES = f"{COUNTY}/certificates"
CERTIFICATE_CELLS = ("kind", "number", "issuer", "issued_on", "valid_until")
CERTIFICATE = f"{CERTIFICATES}/{{certificate_id}}"
MOST_PEOPLE, MOST_ENTRIES = 100, 500
TRAININGS = f"{COUNTY}/trainings"
TRAINING = f"{TRAININGS}/{{training_id}}"


class Ids(Checked[list[str]]):
    """UUIDs in a query, separated by commas."""

    def read(self, value: Any) -> list[str]:
        """See :class:`Checked`."""
        texts = ",".join(value if isinstance(value, list) else [str(value)]).split(",")
        found = [each for text in texts if (each := canonical_id(text.strip()))]
        if len(found) != len(texts):
            raise ValidationError("Not a valid UUID.")
        return found


class NewKind(Body):
    """A kind of training, and for how many months one counts: for good unless given."""

    kind = Words(64, required=True)
    name = Words(required=True)
    validity_months = fields.Integer(validate=validate.Range(1, 600))


class AboutTraining(Body):
    """What was taught, when, by whom, and whom it was for."""

    title = Words(required=True)
    kind = Words(64, required=True)
    held_on = Day(required=True)
    hours = fields.Float(required=True, validate=validate.Range(0, 1000, min_inclusive=False))
    trainer = Words()
    place = Words()
    content = Words(PARAGRAPH)
    role_types = fields.List(Words(), validate=validate.Length(max=100))


class NewTraining(AboutTraining):
    """A training, held by a grid or (without one) by the county."""

    grid_id = Id()


class TrainingFilter(Paged):
    """Which trainings are wanted."""

    kind = Words(64)
    grid_id = Id()
    held_from = Day()
    held_to = Day()


class Entry(Body):
    """One person at a training."""

    person_id = Id(required=True)
    attended = Flag(required=True)
    result = Choice(trainings_pb2.TrainingResult.DESCRIPTOR)
    file_reference = Words()


class Entries(Body):
    """Who attended; what was told of these people before is replaced."""

    entries = fields.List(
        fields.Nested(Entry), required=True, validate=validate.Length(1, MOST_ENTRIES)
    )


class AttendanceFilter(Paged):
    """Which attendance is wanted."""

    training_id = Id()
    person_id = Id()
    attended = QueryFlag()


class LackingFilter(Paged):
    """Holders of which posts are meant, which training they need, and at which moment."""

    kind = Words(64, required=True)
    role_type = Words(required=True)
    as_of = Instant()


class NewCertificate(Body):
    """A person's certificate; without a last day it has no end."""

    person_id = Id(required=True)
    kind = Words(64, required=True)
    number = Words(64, required=True)
    issuer = Words(required=True)
    issued_on = Day(required=True)
    valid_until = Day()


class CertificateDays(Body):
    """Who issued a certificate, when, and how long it is valid."""

    issuer = Words(required=True)
    issued_on = Day(required=True)
    valid_until = Day()


class Reason(Body):
    """Why, in the caller's words."""

    reason = Words(PARAGRAPH, required=True)


class CertificateFilter(Paged):
    """Which certificates are wanted, and at which moment."""

    person_id = Id()
    kind = Words(64)
    state = Choice(certificates_pb2.CertificateState.DESCRIPTOR)
    expiring_within_days = fields.Integer(validate=validate.Range(0, 3650))
    as_of = Instant()


class WhoIsCertified(Body):
    """Who is asked about (UUIDs separated by commas), for which kind, and at which moment."""

    person_ids = Ids(required=True, validate=validate.Length(1, MOST_PEOPLE))
    kind = Words(64)
    at = Instant()


def step(verb: str, method: str, summary: Text, body: type[Body]) -> Route:
    """One verb of a certificate: all of them answer with it as it is afterwards."""
    return Route(
        "POST", f"{CERTIFICATE}:{verb}", rpc(method), STAFF, summary, body=body, show="certificate"
    )


SECTION = Section(
    "trainings",
    Text("Trainings and certificates", "培训与证件"),
    (
        Route(
            "POST",
            f"{COUNTY}/training-kinds",
            rpc("SetTrainingKind"),
            STAFF,
            Text("Set a kind of training and how long one counts", "设置培训类型及有效期"),
            body=NewKind,
            show="training_kind",
        ),
        Route(
            "GET",
            f"{COUNTY}/training-kinds",
            rpc("ListTrainingKinds"),
            READERS,
            Text("List kinds of training", "列出培训类型"),
            query=Paged,
        ),
        Route(
            "POST",
            TRAININGS,
            rpc("RecordTraining"),
            STAFF,
            Text("Record a training", "登记培训"),
            body=NewTraining,
            show="training",
            status=201,
            location="/v1/counties/{county_id}/trainings/{training_id}",
        ),
        Route(
            "GET",
            TRAININGS,
            rpc("ListTrainings"),
            READERS,
            Text("List trainings, newest first", "列出培训"),
            query=TrainingFilter,
        ),
        Route(
            "GET",
            f"{TRAININGS}:lacking",
            rpc("ListLackingTraining"),
            READERS,
            Text("List who holds a post and lacks a training", "列出应训未训人员"),
            query=LackingFilter,
        ),
        Route(
            "GET",
            TRAINING,
            rpc("GetTraining"),
            READERS,
            Text("Read one training", "查看培训"),
            show="training",
        ),
        Route(
            "POST",
            f"{TRAINING}:amend",
            rpc("AmendTraining"),
            STAFF,
            Text("Correct a training", "更正培训"),
            body=AboutTraining,
            show="training",
        ),
        Route(
            "POST",
            f"{TRAINING}/attendance",
            rpc("RecordAttendance"),
            STAFF,
            Text("Record who attended a training", "登记参训情况"),
            body=Entries,
            show="training",
        ),
        Route(
            "POST",
            f"{TRAINING}/attendance:import",
            rpc("ImportAttendance"),
            STAFF,
            Text("Record attendance from a file", "导入参训情况"),
            rows=Rows(
                columns=("person_id", "person_name", "attended", "result", "file_reference"),
                required=("attended",),
            ),
            deadline=60.0,
        ),
        Route(
            "GET",
            f"{COUNTY}/training-attendance",
            rpc("ListAttendance"),
            READERS,
            Text("List attendance", "列出参训情况"),
            query=AttendanceFilter,
        ),
        Route(
            "POST",
            CERTIFICATES,
            rpc("RecordCertificate"),
            STAFF,
            Text("Record a certificate", "登记证件"),
            body=NewCertificate,
            show="certificate",
            status=201,
            location="/v1/counties/{county_id}/certificates/{certificate_id}",
        ),
        Route(
            "GET",
            CERTIFICATES,
            rpc("ListCertificates"),
            READERS,
            Text("List certificates at a moment", "列出证件"),
            query=CertificateFilter,
        ),
        Route(
            "POST",
            f"{CERTIFICATES}:import",
            rpc("ImportCertificates"),
            STAFF,
            Text("Record certificates from a file", "导入证件"),
            rows=Rows(
                columns=("person_id", "person_name", *CERTIFICATE_CELLS),
                required=("kind", "number", "issuer", "issued_on"),
            ),
            deadline=60.0,
        ),
        Route(
            "GET",
            f"{CERTIFICATES}:check",
            rpc("CheckCertified"),
            READERS,
            Text("Say who is certified at a moment", "核验持证情况"),
            query=WhoIsCertified,
        ),
        Route(
            "GET",
            CERTIFICATE,
            rpc("GetCertificate"),
            READERS,
            Text("Read a certificate with its steps", "查看证件"),
        ),
        step(
            "amend", "AmendCertificate", Text("Correct a certificate", "更正证件"), CertificateDays
        ),
        step("suspend", "SuspendCertificate", Text("Suspend a certificate", "暂扣证件"), Reason),
        step("restore", "RestoreCertificate", Text("End a suspension", "恢复证件"), Reason),
        step("revoke", "RevokeCertificate", Text("Revoke a certificate", "吊销证件"), Reason),
    ),
    headings={
        "training_id": "培训标识",
        "title": "标题",
        "held_on": "培训日期",
        "hours": "学时",
        "trainer": "授课人",
        "place": "地点",
        "content": "内容",
        "role_types": "培训对象",
        "attended_count": "参训人数",
        "called_count": "应训人数",
        "attended": "是否参训",
        "result": "考核结果",
        "file_reference": "证明材料",
        "validity_months": "有效期(月)",
        "last_held_on": "上次培训日期",
        "certificate_id": "证件标识",
        "person_name": "姓名",
        "kind": "类型",
        "number": "证件号",
        "issuer": "发证机关",
        "issued_on": "发证日期",
        "valid_until": "有效期至",
        "reason": "原因",
        "certified": "是否持证",
    },
)
