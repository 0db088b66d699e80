"""Certificates of people."""

from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import trainings_service_pb2 as pb

rpc = rpcs("personnel", pb, "TrainingService")
CERTIFICATES = f"{COUNTY}/certificates"
CERTIFICATE_CELLS = ("kind", "number", "issuer", "issued_on", "valid_until")
CERTIFICATE = f"{CERTIFICATES}/{{certificate_id}}"


def step(verb: str, method: str, summary: Text) -> Route:
    """One verb of a certificate: all of them answer with it as it is afterwards."""
    return Route("POST", f"{CERTIFICATE}:{verb}", rpc(method), summary, show="certificate")


SECTION = Section(
    "certificates",
    Text("Certificates", "证件"),
    (
        Route(
            "POST",
            CERTIFICATES,
            rpc("RecordCertificate"),
            Text("Record a certificate", "登记证件"),
            show="certificate",
            status=201,
            location="/v1/counties/{county_id}/certificates/{certificate_id}",
        ),
        Route(
            "GET",
            CERTIFICATES,
            rpc("ListCertificates"),
            Text("List certificates at a moment", "列出证件"),
        ),
        Route(
            "POST",
            f"{CERTIFICATES}:import",
            rpc("ImportCertificates"),
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
            Text("Check who is certified at a moment", "核验持证情况"),
        ),
        Route(
            "GET",
            CERTIFICATE,
            rpc("GetCertificate"),
            Text("Read a certificate with its steps", "查看证件"),
        ),
        step("amend", "AmendCertificate", Text("Correct a certificate", "更正证件")),
        step("suspend", "SuspendCertificate", Text("Suspend a certificate", "暂扣证件")),
        step("restore", "RestoreCertificate", Text("End a suspension", "恢复证件")),
        step("revoke", "RevokeCertificate", Text("Revoke a certificate", "吊销证件")),
    ),
    headings={
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
