"""People from a file: recorded once, appointed, all faults told at once, nothing half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.personnel.base import STRUCTURE
from services.personnel.people.domain.rows import MOST_ROWS
from shared.db.transaction import SET_COUNTY
from shared.structure.store import Structure
from tests.integration.personnel.conftest import OWN_PASSWORD, PASSWORD, County, Personnel
from tests.integration.personnel.people.test_personal_data import number
from tests.integration.service_fixtures import grid_row
from tests.support.refusals import refusal
from wangge.personnel.v1 import accounts_service_pb2 as pb
from wangge.personnel.v1 import auth_service_pb2 as auth_pb
from wangge.personnel.v1 import people_service_pb2 as people_pb
from wangge.table.v1 import table_pb2

VILLAGE = "430223126201"


@pytest.fixture
def coded(personnel: Personnel, county: County) -> County:
    """The county with a village that has a division code, and two that share one."""
    with personnel.databases.engine("personnel").begin() as connection:
        connection.execute(SET_COUNTY, {"county": county.id})
        Structure(connection, STRUCTURE, county.id).apply_grids(
            [
                grid_row("5.", admin_code=VILLAGE),
                grid_row("6.", admin_code="430223126202"),
                grid_row("7.", admin_code="430223126202"),
            ]
        )
    return county


def imported(
    personnel: Personnel, county: County, *rows: dict[str, str], caller: Any = None, **more: Any
) -> Any:
    request = pb.ImportPeopleRequest(
        county_id=county.id,
        rows=[table_pb2.Row(number=n, cells=cells) for n, cells in enumerate(rows, start=2)],
        **more,
    )
    return personnel.accounts.ImportPeople(
        request, metadata=caller or personnel.admin(county.id)
    ).outcome


def people(personnel: Personnel, county: County) -> dict[str, Any]:
    request = people_pb.ListPeopleRequest(county_id=county.id)
    found = personnel.calls.ListPeople(request, metadata=personnel.admin(county.id)).people
    return {person.name: person for person in found}


def counts(outcome: Any) -> tuple[int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged


FIRST = {
    "name": "测试员甲",
    "phone": "138 1234 5678",
    "identity_number": number(1),
    "employer": "演示环卫所",
    "username": "jia.first",
    "role_type": "village.patroller",
    "grid_code": VILLAGE,
}
SECOND = {"name": "测试员乙", "phone": "13912345678", "force_source": "街道科室"}
THIRD = {
    "name": "测试员丙",
    "identity_number": number(3),
    "role_type": "department.officer",
    "department_id": "ecology",
}


def test_a_file_is_taken_once(personnel: Personnel, coded: County) -> None:
    rows = (FIRST, SECOND, THIRD, {**SECOND, "role_type": "county.admin"})

    assert counts(imported(personnel, coded, *rows)) == (4, 0, 0)

    found = people(personnel, coded)
    assert sorted(found) == ["测试员丙", "测试员乙", "测试员甲"]
    assert found["测试员甲"].username == "jia.first"
    assert (found["测试员甲"].phone, found["测试员甲"].version) == ("138****5678", 1)
    assert found["测试员乙"].force_source == "街道科室"
    posts = personnel.calls.ListPosts(
        people_pb.ListPostsRequest(county_id=coded.id), metadata=personnel.admin(coded.id)
    ).posts
    assert sorted(post.role_type for post in posts) == [
        "county.admin", "department.officer", "village.patroller",
    ]  # fmt: skip
    assert counts(imported(personnel, coded, *rows)) == (0, 0, 4)
    assert len(people(personnel, coded)) == 3


def test_somebody_imported_is_invited_and_signs_in(personnel: Personnel, coded: County) -> None:
    imported(personnel, coded, FIRST)
    person_id = people(personnel, coded)["测试员甲"].person_id
    assert refusal(personnel.sign_in, coded.id, "jia.first").reason == "SIGN_IN_REFUSED"

    request = pb.InvitePersonRequest(county_id=coded.id, person_id=person_id, username="jia.first")
    code = personnel.accounts.InvitePerson(request, metadata=personnel.admin(coded.id)).code
    personnel.auth.AcceptInvitation(
        auth_pb.AcceptInvitationRequest(
            county_id=coded.id, username="jia.first", code=code, password=OWN_PASSWORD
        )
    )

    claims = personnel.claims(personnel.sign_in(coded.id, "jia.first", OWN_PASSWORD))
    assert claims.capabilities["patrol"] == ("g:5.",)


def test_who_is_known_by_number_or_by_phone_and_name_is_completed(
    personnel: Personnel, coded: County
) -> None:
    imported(personnel, coded, SECOND, THIRD)

    outcome = imported(
        personnel, coded,
        {**SECOND, "identity_number": number(2), "force_source": ""},
        {**THIRD, "phone": "13700000000", "username": "bing"},
        {**SECOND, "employer": "演示环卫所"},
    )  # fmt: skip

    assert counts(outcome) == (0, 3, 0)
    found = people(personnel, coded)
    second = found["测试员乙"]
    assert second.identity_number.endswith(number(2)[-4:])
    assert (second.force_source, second.employer) == ("街道科室", "演示环卫所")
    assert (found["测试员丙"].phone, found["测试员丙"].username) == ("137****0000", "bing")
    with personnel.databases.admin_engine("personnel").connect() as connection:
        told = connection.execute(
            text("SELECT count(*) FROM outbox WHERE county_id = :c AND key = 'contact.changed.v1'"),
            {"c": coded.id},
        ).scalar_one()
    assert told == 3


def test_every_fault_of_every_row_is_told_at_once_and_nothing_is_written(
    personnel: Personnel, coded: County
) -> None:
    personnel.person(coded.id, "测试员丁", phone="13600000000", username="taken", password=PASSWORD)
    imported(personnel, coded, THIRD)
    before = people(personnel, coded)

    outcome = imported(
        personnel, coded,
        {**FIRST, "phone": "1", "identity_number": "2", "role_type": "mayor", "grid_code": ""},
        {"name": "测试员己"},
        {**SECOND, "username": "taken"},
        {**THIRD, "name": "测试员庚"},
        {"name": "测试员丁", "phone": "13600000000", "username": "other"},
        {**FIRST, "username": "a b", "grid_code": "430223126202"},
        {**FIRST, "username": "", "role_type": "", "phone": "13500000000"},
        {**FIRST, "username": "", "role_type": "village.patroller", "grid_code": "999"},
        {"name": "测试员辛", "phone": "13400000000", "role_type": "department.officer"},
        {"name": "测试员壬", "phone": "13300000000"},
        {"name": "测试员壬", "phone": "13300000000", "employer": "甲"},
        {"name": "测试员壬", "phone": "13300000000", "employer": "乙"},
    )  # fmt: skip

    assert sorted((fault.row, fault.column) for fault in outcome.faults) == [
        (2, "identity_number"),
        (2, "phone"),
        (2, "role_type"),
        (3, "phone"),
        (4, "username"),
        (5, "name"),
        (6, "username"),
        (7, "grid_code"),
        (7, "username"),
        (8, "role_type"),
        (9, "grid_code"),
        (10, "department_id"),
        (13, "employer"),
    ]
    assert all(fault.detail and fault.detail_zh != fault.detail for fault in outcome.faults)
    assert counts(outcome) == (0, 0, 0)
    assert people(personnel, coded) == before


def test_a_post_that_cannot_be_held_is_a_fault_of_its_row(
    personnel: Personnel, coded: County
) -> None:
    with personnel.databases.engine("personnel").begin() as connection:
        connection.execute(SET_COUNTY, {"county": coded.id})
        township = {"level_id": "township", "rank": "township", "unit_type": "township"}
        Structure(connection, STRUCTURE, coded.id).apply_grids(
            [grid_row("8.", admin_code="430223127", **township)]
        )
    one = {"role_type": "township.direct", "grid_code": "430223127"}

    outcome = imported(personnel, coded, {**SECOND, **one}, {**THIRD, "department_id": "", **one})

    assert [(fault.row, fault.column) for fault in outcome.faults] == [(3, "role_type")]
    assert "maximum" not in outcome.faults[0].detail_zh
    assert people(personnel, coded) == {}


def test_a_trial_says_what_would_become_of_the_rows(personnel: Personnel, coded: County) -> None:
    again = {"caller": personnel.admin(coded.id), "request_id": str(uuid4())}

    trial = imported(personnel, coded, FIRST, SECOND, dry_run=True, **again)

    assert (counts(trial), trial.dry_run) == ((2, 0, 0), True)
    assert people(personnel, coded) == {}
    done = imported(personnel, coded, FIRST, SECOND, **again)
    assert (counts(done), done.dry_run) == ((2, 0, 0), False)
    assert imported(personnel, coded, FIRST, SECOND, **again) == done
    reused = refusal(imported, personnel, coded, FIRST, **again)
    assert reused.reason == "IDEMPOTENCY_KEY_REUSED"


def test_of_equal_files_at_once_one_is_taken(personnel: Personnel, coded: County) -> None:
    def take(_: int) -> tuple[int, int, int]:
        return counts(imported(personnel, coded, FIRST, SECOND, THIRD))

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(take, range(4)))

    assert answers == [(0, 0, 3)] * 3 + [(3, 0, 0)]
    assert len(people(personnel, coded)) == 3


def test_importing_takes_the_whole_county_and_stays_within_it(
    personnel: Personnel, coded: County, make_county: Callable[..., County]
) -> None:
    other = make_county(f"{coded.id}-b")
    imported(personnel, other, SECOND)

    township = personnel.caller(coded.id, staff=["g:1."])
    assert refusal(imported, personnel, coded, SECOND, caller=township).reason == (
        "PERMISSION_DENIED"
    )
    stranger = personnel.admin(other.id)
    assert refusal(imported, personnel, coded, SECOND, caller=stranger).reason == (
        "COUNTY_NOT_FOUND"
    )
    nobody = refusal(imported, personnel, coded, SECOND, caller=[("authorization", "")])
    assert nobody.reason == "UNAUTHENTICATED"
    assert counts(imported(personnel, coded, SECOND)) == (1, 0, 0)
    many = refusal(imported, personnel, coded, *([SECOND] * (MOST_ROWS + 1)))
    assert [each.pointer for each in many.violations] == ["/rows"]


def test_what_a_file_says_of_people_is_kept_sealed(personnel: Personnel, coded: County) -> None:
    imported(personnel, coded, FIRST, request_id=str(uuid4()))

    with personnel.databases.admin_engine("personnel").connect() as connection:
        for table in ("people", "idempotency_keys", "audit_entries"):
            query = text(f"SELECT * FROM {table} WHERE county_id = :county")
            for row in connection.execute(query, {"county": coded.id}):
                kept = [bytes(c) if isinstance(c, memoryview) else str(c).encode() for c in row]
                assert not [c for c in kept if b"13812345678" in c or number(1).encode() in c]
