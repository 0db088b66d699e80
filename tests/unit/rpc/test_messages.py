"""Writers and readers: what is paired, what is converted, and what stops the process."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from uuid import UUID, uuid4

import pytest

from shared.context import RequestContext
from shared.rpc import call
from shared.rpc.messages import writer
from shared.rpc.requests import changes, numbered, reader
from wangge.cases.v1 import case_pb2
from wangge.grid.v1 import tree_pb2
from wangge.patrols.v1 import ledger_pb2, ledger_service_pb2
from wangge.personnel.v1 import audit_pb2

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Found:
    finding_id: UUID
    category: str
    description: str
    found_at: datetime
    longitude: float | None
    latitude: float | None
    stopped_by: str
    address: str | None
    pollution_source_id: UUID | None = None


def found(**given: object) -> Found:
    usual = {
        "finding_id": uuid4(),
        "category": "a",
        "description": "b",
        "found_at": NOW,
        "longitude": 0.0,
        "latitude": None,
        "stopped_by": "",
        "address": None,
    }
    return Found(**{**usual, **given})  # type: ignore[arg-type]


def test_attributes_become_fields_and_none_leaves_them_empty() -> None:
    write = writer(ledger_pb2.Finding, Found)
    source_id = uuid4()
    finding = found(pollution_source_id=source_id)

    assert write(finding) == ledger_pb2.Finding(
        finding_id=str(finding.finding_id),
        category="a",
        description="b",
        found_time=NOW,
        longitude=0.0,
        pollution_source_id=str(source_id),
    )
    assert not write(found()).pollution_source_id


class Phase(Enum):
    OPEN = 1
    FILED = 2


def test_an_enum_is_written_by_its_name() -> None:
    @dataclass
    class Transfer:
        transfer_id: UUID
        to_department_id: str
        reason: str
        state: Phase
        offered_at: datetime
        answered_at: datetime | None
        decline_reason: str

    with pytest.raises(TypeError, match=r"TransferState has no \['OPEN', 'FILED'\]"):
        writer(case_pb2.Transfer, Transfer)


def test_a_missing_attribute_stops_the_process_and_is_named() -> None:
    @dataclass
    class Signed:
        signed_at: datetime

    with pytest.raises(TypeError, match="content_hash: Signed has no such attribute"):
        writer(ledger_pb2.Signature, Signed)
    assert writer(ledger_pb2.Signature, Signed, left_out=("content_hash",))(Signed(NOW))


def test_a_name_that_the_message_lacks_stops_the_process() -> None:
    with pytest.raises(TypeError, match="has no fields"):
        writer(ledger_pb2.Finding, Found, names={"nonsense": "category"})


def test_an_attribute_of_the_wrong_type_stops_the_process() -> None:
    @dataclass
    class Signed:
        signed_at: str
        content_hash: int

    with pytest.raises(TypeError, match=r"sign_time: .*; content_hash: .*no text"):
        writer(ledger_pb2.Signature, Signed)


class Part(StrEnum):
    PERSON = "person"


@dataclass
class Inner:
    entry_id: UUID
    at: datetime
    roles: tuple[str, ...]
    details: dict[str, object]


@dataclass
class Outer:
    inner: Inner
    action: Part
    on: date
    person_id: UUID | None = None
    actor_id: UUID | None = None
    correlation_id: str = ""

    @property
    def reason(self) -> str | None:
        return None


def test_parts_names_functions_properties_json_and_the_calls_county() -> None:
    write = writer(
        audit_pb2.AuditEntry,
        Outer,
        parts=("inner",),
        names={"actor_roles": "inner.roles"},
        made={"correlation_id": lambda outer: outer.on.isoformat()},
    )
    outer = Outer(Inner(uuid4(), NOW, ("a",), {"b": 1}), Part.PERSON, date(2026, 3, 5))

    with call.answering(RequestContext("t1", "c"), None):
        message = write(outer)

    assert message.county_id == "t1"
    assert message.entry_id == str(outer.inner.entry_id)
    assert list(message.actor_roles) == ["a"]
    assert message.action == "person"
    assert message.details_json == '{"b":1}'
    assert message.correlation_id == "2026-03-05"
    assert not message.reason


def test_a_path_through_what_may_be_none_is_refused() -> None:
    @dataclass
    class Holder:
        inner: Inner | None

    with pytest.raises(TypeError, match="entry_id"):
        writer(audit_pb2.AuditEntry, Holder, parts=("inner",))


def test_a_reader_makes_the_object_of_a_request() -> None:
    read = reader(ledger_service_pb2.NewFinding, Found, given=("finding_id",))
    finding_id, source_id = uuid4(), uuid4()
    message = ledger_service_pb2.NewFinding(
        category="a",
        description="b",
        found_time=NOW,
        longitude=0.0,
        pollution_source_id=str(source_id),
    )

    assert read(message, finding_id=finding_id) == found(
        finding_id=finding_id, pollution_source_id=source_id
    )


def test_a_reader_takes_lists_nested_messages_and_enums() -> None:
    class Kind(Enum):
        ADMINISTRATIVE = "administrative"
        DERIVED = "derived"

    @dataclass
    class Record:
        client_id: str
        grid_id: UUID
        start_time: datetime
        findings: list[Found]
        pollution_source_ids: frozenset[UUID]
        note: str = "kept"
        tags: list[str] = field(default_factory=list)

    read_finding = reader(
        ledger_service_pb2.NewFinding, Found, made={"finding_id": lambda _: UUID(int=1)}
    )
    read = reader(ledger_service_pb2.SubmitPatrolRequest, Record, nested={"findings": read_finding})
    grid_id = uuid4()
    record = read(
        ledger_service_pb2.SubmitPatrolRequest(
            client_id="c",
            grid_id=str(grid_id),
            start_time=NOW,
            findings=[{"category": "x", "found_time": NOW}],
            pollution_source_ids=[str(grid_id)],
        )
    )

    assert record.grid_id == grid_id
    assert record.pollution_source_ids == frozenset({grid_id})
    assert [each.category for each in record.findings] == ["x"]
    assert record.note == "kept"
    assert Kind.DERIVED.value == "derived"


def test_a_reader_lacking_a_field_stops_the_process() -> None:
    with pytest.raises(TypeError, match="finding_id: the message has no such field"):
        reader(ledger_service_pb2.NewFinding, Found)


def test_enums_go_both_ways() -> None:
    kinds = {
        value.name.removeprefix("GRID_KIND_"): value.number
        for value in tree_pb2.GridKind.DESCRIPTOR.values
        if value.number
    }
    kind = Enum("kind", kinds)  # type: ignore[misc]

    @dataclass
    class Shown:
        kind: object

    Shown.__annotations__["kind"] = kind
    others = [
        each.name
        for each in tree_pb2.Grid.DESCRIPTOR.fields
        if each.name not in ("kind", "county_id")
    ]
    write = writer(tree_pb2.Grid, Shown, left_out=others)

    with call.answering(RequestContext("t1", "c"), None):
        for each in kind:
            assert write(Shown(each)).kind == each.value


@dataclass
class Profile:
    name: str
    longitude: float | None
    note: str = ""


def test_changes_are_the_fields_that_are_given() -> None:
    read = changes(ledger_pb2.Finding, Profile, apart=("found_time", "latitude"))

    assert read(ledger_pb2.Finding(longitude=0.0, address="left alone")) == {"longitude": 0.0}
    assert read(ledger_pb2.Finding()) == {}


def test_a_change_of_no_attribute_stops_the_process() -> None:
    with pytest.raises(TypeError, match="Profile has no attribute for latitude"):
        changes(ledger_pb2.Finding, Profile, apart=("found_time",))


def test_enums_are_numbered_by_their_names() -> None:
    state = Enum("state", ["OFFERED", "ACCEPTED", "DECLINED"])  # type: ignore[misc]

    found = numbered(case_pb2.TransferState.DESCRIPTOR, state)

    assert {number: member.name for number, member in found.items()} == {
        value.number: value.name.removeprefix("TRANSFER_STATE_")
        for value in case_pb2.TransferState.DESCRIPTOR.values
        if value.number
    }
    with pytest.raises(TypeError, match="has not the values"):
        numbered(case_pb2.TransferState.DESCRIPTOR, Phase)
