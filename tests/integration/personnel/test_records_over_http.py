"""Groups, letters, trainings and certificates as a client of the gateway meets them."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from gateway.rates import Rates, Sizes
from tests.integration.gateway_thread import gateway_to
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.records import SCHEME_OF_RECORDS

CSV = {"Content-Type": "text/csv"}
CERTIFICATES = """姓名,类型,证件号,发证机关,发证日期,有效期至
测试甲,行政执法证,湘01,省司法厅,2024-03-05,2099-03-04
测试乙,行政执法证,湘02,省司法厅,2024-03-05,2025-03-04
"""


@pytest.fixture
def county(make_county: Callable[..., County], county_id: str) -> County:
    return make_county(county_id, SCHEME_OF_RECORDS)


@pytest.fixture
def http(personnel: Personnel, county: County) -> Iterator[httpx.Client]:
    """The gateway over HTTP, for somebody who staffs and reads the county."""
    headers = {"Authorization": personnel.admin(county.id)[0][1]}
    with (
        gateway_to(personnel.address, personnel.tokens.jwks, Rates(Sizes())) as url,
        httpx.Client(base_url=f"{url}/v1/counties/{county.id}", headers=headers) as client,
    ):
        yield client


def sent(http: httpx.Client, path: str, body: Any, status: int = 201) -> Any:
    response = http.post(path, json=body)
    assert response.status_code == status, response.text
    return response.json()


def test_certificates_go_out_as_a_file_and_come_back_unchanged(
    http: httpx.Client, personnel: Personnel, county: County
) -> None:
    first, second = (personnel.person(county.id, name) for name in ("测试甲", "测试乙"))

    came = http.post("/certificates:import", content=CERTIFICATES.encode(), headers=CSV)
    assert came.status_code == 200, came.text
    assert came.json()["outcome"]["created"] == 2
    went = http.get("/certificates", params={"format": "csv"})
    back = http.post("/certificates:import", content=went.content, headers=CSV)
    checked = http.get("/certificates:check", params={"person_ids": f"{first},{second}"})
    wrong = http.get("/certificates:check", params={"person_ids": f"{first},nobody"})

    assert "证件号" in went.text
    assert back.json()["outcome"]["unchanged"] == 2, back.text
    assert [each["certified"] for each in checked.json()["certifications"]] == [True, False]
    assert wrong.json()["errors"][0]["pointer"] == "/person_ids/1"
    expired = http.get("/certificates", params={"state": "expired"}).json()["certificates"]
    assert [each["number"] for each in expired] == ["湘02"]


def test_a_group_with_its_members_goes_out_as_a_file_and_comes_back_unchanged(
    http: httpx.Client, personnel: Personnel, county: County
) -> None:
    body = {"kind": "leading_group", "name": "环保领导小组", "grid_id": county.township}
    group = sent(http, "/groups", body)
    member = {"seat": "chair", "person_id": personnel.person(county.id, "测试乡长")}
    sent(http, f"/groups/{group['group_id']}/members", member)
    sent(http, f"/groups/{group['group_id']}/members", {"seat": "member", "body": "派出所"})

    went = http.get("/group-members", params={"format": "csv"})
    address = f"/groups/{group['group_id']}/members:import"
    back = http.post(address, content=went.content, headers=CSV)
    assert back.status_code == 200, back.text + went.text
    read = http.get(f"/groups/{group['group_id']}").json()

    assert back.json()["outcome"]["unchanged"] == 2, back.text
    assert read["group"]["chairs"] == 2
    assert [each["seat"] for each in read["members"]] == ["chair", "member"]
    stale = http.post(
        f"/groups/{group['group_id']}:describe",
        json={"name": "新名称"},
        headers={"If-Match": '"7"'},
    )
    assert (stale.status_code, stale.json()["reason"]) == (412, "STALE_VERSION")


def test_attendance_comes_from_a_file_and_the_untrained_go_out_as_one(
    http: httpx.Client, personnel: Personnel, county: County
) -> None:
    people = [personnel.person(county.id, name) for name in ("测试甲", "测试乙")]
    for person_id, grid_id in zip(people, (county.village, county.second_village), strict=True):
        personnel.post(county.id, person_id, "village.head", grid_id=grid_id)
    sent(http, "/training-kinds", {"kind": "basic", "name": "业务培训"}, 200)
    body = {"title": "业务培训", "kind": "basic", "held_on": "2026-03-05", "hours": 4}
    training = sent(http, "/trainings", body)

    came = http.post(
        f"/trainings/{training['training_id']}/attendance:import",
        content="person_name,attended,result\n测试甲,是,合格\n".encode(),
        headers=CSV,
    )
    wanted = {"kind": "basic", "role_type": "village.head", "format": "csv"}
    lacking = http.get("/trainings:lacking", params=wanted)

    assert came.json()["outcome"]["created"] == 1, came.text
    assert "测试乙" in lacking.text
    assert "测试甲" not in lacking.text


def test_the_unsigned_go_out_as_a_file_with_who_should_sign(
    http: httpx.Client, personnel: Personnel, county: County
) -> None:
    head = personnel.person(county.id, "测试村主任")
    personnel.post(county.id, head, "village.head", grid_id=county.village)
    signing = {
        "level": "village", "role_type": "village.head",
        "upper_level": "township", "upper_role_type": "township.direct",
    }  # fmt: skip
    body = {"year": 2026, "title": "责任书", "goals": ["零焚烧"], "signings": [signing]}
    made = sent(http, "/pledge-rounds", body)
    letter = f"/pledge-rounds/{made['round_id']}/letters/{county.village}"
    text_hash = http.get(letter).json()["text_hash"]

    refused = http.post(f"{letter}:sign", json={"side": "lower", "text_hash": text_hash})
    unsigned = http.get("/pledges:unsigned", params={"round_id": made["round_id"], "format": "csv"})
    counts = http.get("/pledges:counts", params={"round_id": made["round_id"]}).json()

    assert (refused.status_code, refused.json()["reason"]) == (403, "NOT_SIGNATORY")
    assert unsigned.status_code == 200
    assert "测试村主任" in unsigned.text
    assert (counts["total"], counts["signed"]) == (3, 0)
