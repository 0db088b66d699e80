"""Trainings and certificates."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from gateway.fields import (
    PARAGRAPH,
    Body,
    Checked,
    Choice,
    Day,
    Id,
    Instant,
    Paged,
    Words,
    canonical_id,
)
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import certificate_pb2
from wangge.personnel.v1 import training_service_pb2 as pb

rpc = rpcs("personnel", pb, "TrainingService")
STAFF, READERS = Rule.needs("staff"), Rule.needs("read")
CERTIFICATES = f"{COUNTY}/certificates"
CERTIFICATE = f"{CERTIFICATES}/{{certificate_id}}"
MOST_PEOPLE = 100


class Ids(Checked[list[str]]):
    """UUIDs in a query, separated by commas."""

    def read(self, value: Any) -> list[str]:
        """See :class:`Checked`."""
        texts = ",".join(value if isinstance(value, list) else [str(value)]).split(",")
        found = [each for text in texts if (each := canonical_id(text.strip()))]
        if len(found) != len(texts):
            raise ValidationError("Not a valid UUID.")
        return found


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
    state = Choice(certificate_pb2.CertificateState.DESCRIPTOR)
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
        "certificate_id": "证件编号",
        "person_id": "人员编号",
        "person_name": "姓名",
        "kind": "类型",
        "number": "证件号",
        "issuer": "发证机关",
        "issued_on": "发证日期",
        "valid_until": "有效期至",
        "state": "状态",
        "reason": "原因",
        "certified": "是否持证",
    },
)
