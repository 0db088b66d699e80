"""Personal data: sealed in the database, masked for readers, read for a reason that is kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text

from services.personnel import rekey
from services.personnel.people.vault import AesVault, KeyRing, UnreadableSeal
from shared.db.transaction import SET_COUNTY
from shared.numbers import identity_check_digit
from shared.rpc.errors import problem_of
from tests.integration.personnel.conftest import KEYS, PASSWORD, County, Personnel
from tests.support.refusals import refusal
from wangge.personnel.v1 import accounts_service_pb2 as pb
from wangge.personnel.v1 import people_service_pb2 as people_pb

PHONE = "13812345678"


def number(serial: int = 1, born: str = "19900101") -> str:
    first = f"430223{born}{serial:03d}"
    return first + identity_check_digit(first)


def record(personnel: Personnel, county: County, **told: str) -> Any:
    request = people_pb.CreatePersonRequest(county_id=county.id, **{"name": "测试员甲", **told})
    return personnel.calls.CreatePerson(request, metadata=personnel.admin(county.id)).person


def update(personnel: Personnel, county: County, person_id: str, caller: Any, **told: Any) -> Any:
    request = pb.UpdatePersonRequest(county_id=county.id, person_id=person_id, **told)
    return personnel.accounts.UpdatePerson(request, metadata=caller).person


def reveal(
    personnel: Personnel, county: County, person_id: str, caller: Any, *fields: str,
    reason: str = "核实通讯录",
) -> Any:  # fmt: skip
    request = pb.RevealPersonalDataRequest(
        county_id=county.id, person_id=person_id, fields=fields, reason=reason
    )
    return personnel.accounts.RevealPersonalData(request, metadata=caller)


def audit(personnel: Personnel, county: County, **wanted: Any) -> list[Any]:
    request = pb.ListAuditRequest(county_id=county.id, **wanted)
    admin = personnel.admin(county.id)
    return list(personnel.accounts.ListAudit(request, metadata=admin).entries)


def test_no_table_but_the_outbox_holds_a_phone_or_identity_number(
    personnel: Personnel, county: County
) -> None:
    key = {"request_id": str(uuid4())}
    person = record(personnel, county, phone=PHONE, identity_number=number(), **key)
    update(personnel, county, person.person_id, personnel.admin(county.id), phone="13912345678",
           request_id=str(uuid4()))  # fmt: skip
    reveal(personnel, county, person.person_id, personnel.admin(county.id), "phone")

    tables = ("people", "accounts", "idempotency_keys", "audit_entries")
    with personnel.databases.admin_engine("personnel").connect() as connection:
        kept = [
            b" ".join(_bytes(column) for column in row)
            for table in tables
            for row in connection.execute(
                text(f"SELECT * FROM {table} WHERE county_id = :county"), {"county": county.id}
            )
        ]
    assert len(kept) >= 4
    for secret in (PHONE, "13912345678", number()):
        assert not [row for row in kept if secret.encode() in row]


def _bytes(column: Any) -> bytes:
    return bytes(column) if isinstance(column, bytes | memoryview) else str(column).encode()


def test_who_records_a_person_sees_what_was_given_masked(
    personnel: Personnel, county: County
) -> None:
    person = record(
        personnel, county, phone=PHONE, identity_number=number().lower(), employer="演示环卫所",
        force_source="街道科室",
    )  # fmt: skip

    assert (person.phone, person.identity_number) == (
        "138****5678",
        f"430***********{number()[-4:]}",
    )
    assert (person.employer, person.force_source) == ("演示环卫所", "街道科室")
    oneself = personnel.caller(county.id, person.person_id, read=["g:1.2."])
    request = people_pb.GetPersonRequest(county_id=county.id, person_id=person.person_id)
    own = personnel.calls.GetPerson(request, metadata=oneself).person
    assert (own.phone, own.identity_number) == (PHONE, number())


def test_an_identity_number_is_used_once_in_a_county(
    personnel: Personnel, county: County, make_county: Callable[..., County]
) -> None:
    other = make_county(f"{county.id}-b")
    first = record(personnel, county, identity_number=number())
    second = record(personnel, county, identity_number=number(2))

    problem = refusal(record, personnel, county, identity_number=number())
    assert (problem.status, problem.reason) == (
        grpc.StatusCode.ALREADY_EXISTS,
        "IDENTITY_NUMBER_TAKEN",
    )
    admin = personnel.admin(county.id)
    problem = refusal(update, personnel, county, second.person_id, admin, identity_number=number())
    assert problem.reason == "IDENTITY_NUMBER_TAKEN"
    assert update(personnel, county, first.person_id, admin, identity_number=number()).version == 2
    assert record(personnel, other, identity_number=number()).person_id


def test_of_equal_identity_numbers_given_at_once_one_is_recorded(
    personnel: Personnel, county: County
) -> None:
    def create(_: int) -> str:
        try:
            return str(record(personnel, county, identity_number=number(7)).person_id)
        except grpc.RpcError as error:
            return problem_of(error).reason

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(create, range(6)))

    assert answers.count("IDENTITY_NUMBER_TAKEN") == 5


def test_reading_unmasked_takes_the_whole_county_and_leaves_a_trace(
    personnel: Personnel, county: County
) -> None:
    person_id = record(personnel, county, phone=PHONE, identity_number=number()).person_id
    admin_id = uuid4()
    admin = personnel.caller(county.id, admin_id, staff=["g:"])

    found = reveal(personnel, county, person_id, admin, "phone", "identity_number")

    assert (found.phone, found.identity_number) == (PHONE, number())
    assert reveal(personnel, county, person_id, admin, "phone").identity_number == ""
    latest, before = audit(personnel, county, person_id=person_id, action="person.revealed")
    assert (before.actor_id, before.reason) == (str(admin_id), "核实通讯录")
    assert orjson.loads(before.details_json) == {"fields": ["identity_number", "phone"]}
    assert orjson.loads(latest.details_json) == {"fields": ["phone"]}
    assert before.correlation_id
    township = personnel.caller(county.id, staff=["g:1."])
    assert refusal(reveal, personnel, county, person_id, township, "phone").reason == (
        "PERMISSION_DENIED"
    )
    reader = personnel.caller(county.id, read=["g:"])
    assert refusal(reveal, personnel, county, person_id, reader, "phone").reason == (
        "PERMISSION_DENIED"
    )
    assert len(audit(personnel, county, action="person.revealed")) == 2


def test_reading_unmasked_asks_for_fields_and_a_reason(
    personnel: Personnel, county: County
) -> None:
    person_id = record(personnel, county, phone=PHONE).person_id
    admin = personnel.admin(county.id)

    problem = refusal(reveal, personnel, county, person_id, admin, "phone", "name", reason=" a ")

    assert [each.pointer for each in problem.violations] == ["/fields/1", "/reason"]
    assert all(each.detail.en != each.detail.zh for each in problem.violations)
    nothing = refusal(reveal, personnel, county, person_id, admin)
    assert [each.pointer for each in nothing.violations] == ["/fields"]
    unknown = refusal(reveal, personnel, county, str(uuid4()), admin, "phone")
    assert unknown.reason == "PERSON_NOT_FOUND"


def test_a_person_is_changed_as_it_was_read(personnel: Personnel, county: County) -> None:
    person = record(personnel, county, phone=PHONE, employer="演示环卫所")
    admin = personnel.admin(county.id)
    key = str(uuid4())

    changed = update(
        personnel, county, person.person_id, admin, expected_version=1, phone="139 1234 5678",
        employer="", request_id=key,
    )  # fmt: skip

    assert (changed.name, changed.phone, changed.employer, changed.version) == (
        "测试员甲", "139****5678", "", 2,
    )  # fmt: skip
    again = update(
        personnel, county, person.person_id, admin, expected_version=1, phone="139 1234 5678",
        employer="", request_id=key,
    )  # fmt: skip
    assert again == changed
    reused = refusal(
        update, personnel, county, person.person_id, admin, expected_version=1,
        phone="13700000000", employer="", request_id=key,
    )  # fmt: skip
    assert reused.reason == "IDEMPOTENCY_KEY_REUSED"
    stale = refusal(
        update, personnel, county, person.person_id, admin, expected_version=1, name="测试员乙"
    )
    assert stale.reason == "STALE_VERSION"
    bad = refusal(
        update, personnel, county, person.person_id, admin, phone="1", identity_number="1"
    )
    assert [each.pointer for each in bad.violations] == ["/phone", "/identity_number"]
    blank = refusal(update, personnel, county, person.person_id, admin, name=" ")
    assert [each.pointer for each in blank.violations] == ["/name"]
    (entry,) = audit(personnel, county, action="person.updated")
    assert orjson.loads(entry.details_json) == {"fields": ["employer", "phone"]}


def test_only_a_changed_contact_is_told(personnel: Personnel, county: County) -> None:
    person = record(personnel, county, phone=PHONE)
    admin = personnel.admin(county.id)
    update(personnel, county, person.person_id, admin, employer="演示环卫所")
    update(personnel, county, person.person_id, admin, name="测试员乙", phone="")

    query = text("SELECT body FROM outbox WHERE county_id = :county ORDER BY event_id")
    with personnel.databases.admin_engine("personnel").connect() as connection:
        bodies = connection.execute(query, {"county": county.id}).scalars().all()

    events = [orjson.loads(bytes(body)) for body in bodies]
    assert [(e["data"]["display_name"], e["data"]["phone"], e["sequence"]) for e in events] == [
        ("测试员甲", PHONE, "1"),
        ("测试员乙", None, "3"),
    ]


def test_changing_a_person_needs_reach(
    personnel: Personnel, county: County, make_county: Callable[..., County]
) -> None:
    person_id = record(personnel, county).person_id
    personnel.post(county.id, person_id, "any.observer", grid_id=county.far_village)
    township = personnel.caller(county.id, staff=["g:1."])
    other = make_county(f"{county.id}-b")

    denied = refusal(update, personnel, county, person_id, township, name="测试员乙")
    assert denied.reason == "PERMISSION_DENIED"
    stranger = personnel.admin(other.id)
    for call in (update, reveal):
        gone = refusal(call, personnel, county, person_id, stranger)
        assert gone.reason == "COUNTY_NOT_FOUND"
        gone = refusal(call, personnel, other, person_id, stranger, *_fields(call))
        assert gone.reason == "PERSON_NOT_FOUND"
    nobody = pb.ListAuditRequest(county_id=county.id)
    assert refusal(personnel.accounts.ListAudit, nobody).reason == "UNAUTHENTICATED"


def _fields(call: Any) -> tuple[str, ...]:
    return ("phone",) if call is reveal else ()


def test_people_are_found_by_their_whole_number_alone(personnel: Personnel, county: County) -> None:
    near = record(personnel, county, phone=PHONE, identity_number=number()).person_id
    far = record(personnel, county, phone=PHONE).person_id
    personnel.post(county.id, far, "any.observer", grid_id=county.far_village)

    def found(caller: Any, **wanted: str) -> list[str]:
        request = pb.LookUpPeopleRequest(county_id=county.id, **wanted)
        answer = personnel.accounts.LookUpPeople(request, metadata=caller)
        assert PHONE not in str(answer)
        return sorted(person.person_id for person in answer.people)

    admin, township = personnel.admin(county.id), personnel.caller(county.id, staff=["g:1."])
    assert found(admin, phone="138 1234 5678") == sorted([near, far])
    assert found(township, phone=PHONE) == [near]
    assert found(admin, identity_number=number().lower()) == [near]
    assert found(admin, identity_number=number()[:-1]) == []
    for wanted in ({}, {"phone": PHONE, "identity_number": number()}):
        request = pb.LookUpPeopleRequest(county_id=county.id, **wanted)
        problem = refusal(personnel.accounts.LookUpPeople, request, metadata=admin)
        assert [each.pointer for each in problem.violations] == ["/identity_number"]


def test_people_are_listed_by_name_role_and_want_of_a_post(
    personnel: Personnel, county: County
) -> None:
    first = record(personnel, county, name="测试员_甲").person_id
    second = record(personnel, county, name="测试员乙").person_id
    personnel.post(county.id, first, "any.observer", grid_id=county.village)

    def listed(**wanted: Any) -> list[str]:
        request = people_pb.ListPeopleRequest(county_id=county.id, **wanted)
        answer = personnel.calls.ListPeople(request, metadata=personnel.admin(county.id))
        return [person.person_id for person in answer.people]

    assert listed(name="测试员") == [first, second]
    assert listed(name="_") == [first]
    assert listed(role_type="any.observer") == [first]
    assert listed(role_type="village.patroller") == []
    assert listed(without_post=True) == [second]


def test_the_audit_is_read_page_by_page_and_never_changed(
    personnel: Personnel, county: County
) -> None:
    people = [record(personnel, county, username=f"user{n}", password=PASSWORD) for n in range(3)]
    admin = personnel.admin(county.id)

    def page(**more: Any) -> Any:
        request = pb.ListAuditRequest(county_id=county.id, page_size=2, **more)
        return personnel.accounts.ListAudit(request, metadata=admin)

    first = page()
    rest = page(page_token=first.next_page_token)
    about = [entry.person_id for entry in (*first.entries, *rest.entries)]
    assert about == [person.person_id for person in reversed(people)]
    assert rest.next_page_token == ""
    bad = pb.ListAuditRequest(county_id=county.id, page_token="WyJ4Il0", page_size=2)
    problem = refusal(personnel.accounts.ListAudit, bad, metadata=admin)
    assert [each.pointer for each in problem.violations] == ["/page_token"]
    for statement in ("DELETE FROM audit_entries", "UPDATE audit_entries SET reason = ''"):
        with (
            personnel.databases.engine("personnel").connect() as connection,
            pytest.raises(Exception, match="permission denied"),
        ):
            connection.execute(text(statement))
    township = personnel.caller(county.id, staff=["g:1."])
    request = pb.ListAuditRequest(county_id=county.id)
    assert refusal(personnel.accounts.ListAudit, request, metadata=township).reason == (
        "PERMISSION_DENIED"
    )


def test_a_new_key_takes_over_and_the_old_one_may_go(
    personnel: Personnel, county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    person_id = record(personnel, county, phone=PHONE, identity_number=number()).person_id
    environ = {
        "WORKER_DATABASE_URL": personnel.databases.url("personnel", "worker_database_url"),
        "PERSONAL_DATA_KEYS": KEYS.dump(),
    }
    assert rekey.main(["--new-key", "second"], environ) == 0
    ring = KeyRing.parse(capsys.readouterr().out)

    assert rekey.main([], {**environ, "PERSONAL_DATA_KEYS": ring.dump()}) == 0
    assert "sealed anew" in capsys.readouterr().out

    only_new = AesVault(KeyRing("second", {"second": ring.keys["second"]}, ring.index))
    query = text("SELECT * FROM people WHERE person_id = :id")
    with personnel.databases.engine("personnel").connect() as connection:
        connection.execute(SET_COUNTY, {"county": county.id})
        row = connection.execute(query, {"id": person_id}).one()
    assert only_new.open(county.id, row.person_id, "phone", row.phone_sealed) == PHONE
    assert only_new.is_current(row.identity_number_sealed)
    assert rekey.main([], {**environ, "PERSONAL_DATA_KEYS": KEYS.dump()}) == 1
    assert "'second'" in capsys.readouterr().err
    back = KeyRing("test-1", ring.keys, ring.index)
    assert rekey.main([], {**environ, "PERSONAL_DATA_KEYS": back.dump()}) == 0
    assert rekey.main([], {"PERSONAL_DATA_KEYS": back.dump()}) == 1


def test_the_worker_sees_of_people_what_is_sealed_alone(personnel: Personnel) -> None:
    with (
        personnel.databases.worker_engine("personnel").connect() as connection,
        pytest.raises(Exception, match="permission denied"),
    ):
        connection.execute(text("SELECT name FROM people"))


def test_what_is_moved_to_another_person_does_not_open(
    personnel: Personnel, county: County
) -> None:
    person_id = record(personnel, county, phone=PHONE).person_id
    other_id = record(personnel, county).person_id
    with personnel.databases.admin_engine("personnel").begin() as connection:
        connection.execute(
            text(
                "UPDATE people SET phone_sealed = (SELECT phone_sealed FROM people"
                " WHERE person_id = :from_id) WHERE person_id = :to_id"
            ),
            {"from_id": person_id, "to_id": other_id},
        )

    request = people_pb.GetPersonRequest(county_id=county.id, person_id=other_id)
    problem = refusal(personnel.calls.GetPerson, request, metadata=personnel.admin(county.id))

    assert problem.reason == "INTERNAL"
    assert UnreadableSeal.__name__ not in problem.detail.en
    with personnel.databases.admin_engine("personnel").begin() as connection:
        connection.execute(
            text("UPDATE people SET phone_sealed = NULL WHERE person_id = :id"), {"id": other_id}
        )
