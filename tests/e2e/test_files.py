"""What a county exports for Excel it can import back, and nothing changes."""

import io
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from gateway.tables.reading import CSV, XLSX
from tests.e2e.platform import VILLAGE, Platform, Village

pytestmark = pytest.mark.e2e
KINDS = {"csv": CSV, "xlsx": XLSX}


@pytest.fixture(scope="module")
def county(platform: Platform) -> Village:
    village = Village(platform, "e2e-files").settle()
    admin, base = village.admin, village.base
    grid_id = village.grids[VILLAGE]
    for number in range(3):
        person = {"name": f"测试员{number}", "phone": f"1380000000{number}"}
        admin.post(f"{base}/people", person)
        source = {"grid_id": grid_id, "name": f"砖厂{number}", "type": "discharging_enterprise"}
        admin.post(f"{base}/sources", source)
    return village


def ask(county: Village, method: str, path: str, **given: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {county.admin.token}", **given.pop("headers", {})}
    return county.platform.http.request(method, f"{county.base}/{path}", headers=headers, **given)


def export(county: Village, path: str, kind: str) -> bytes:
    answer = ask(county, "GET", path, params={"format": kind})
    assert answer.status_code == 200, answer.text
    return answer.content


def bring(county: Village, path: str, kind: str, content: bytes, **params: str) -> Any:
    headers = {"Content-Type": KINDS[kind], "Accept-Language": "zh"}
    answer = ask(county, "POST", path, content=content, headers=headers, params=params)
    assert answer.status_code in (200, 201), answer.text
    told = answer.json()
    return told.get("outcome", told)


def source_list(county: Village, title: str) -> str:
    body = {"department_id": "agriculture", "title": title, "received_on": "2026-03-05"}
    made = county.admin.post(f"{county.base}/source-lists", body).json
    return f"source-lists/{made['list_id']}:import"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_grids_come_back_unchanged(county: Village, kind: str) -> None:
    content = export(county, "grids", kind)

    outcome = bring(county, "grids:import-file", kind, content)

    assert (outcome["created"], outcome["updated"], outcome["faults"]) == (0, 0, [])
    assert outcome["unchanged"] > 10


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_people_come_back_unchanged_though_their_phones_are_masked(
    county: Village, kind: str
) -> None:
    content = export(county, "people", kind)

    outcome = bring(county, "people:import", kind, content)

    assert (outcome["created"], outcome["updated"], outcome["faults"]) == (0, 0, [])
    assert outcome["unchanged"] >= 9
    listed = ask(county, "GET", "people", params={"page_size": 500}).json()["people"]
    assert {each["phone"] for each in listed if each["name"] == "测试员0"} == {"138****0000"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_sources_come_back_as_they_are(county: Village, kind: str) -> None:
    content = export(county, "sources", kind)
    path = source_list(county, f"名单 {kind}")

    first = bring(county, path, kind, content)
    again = bring(county, path, kind, content)

    assert first["created"] == 0
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 3)
    assert again["faults"] == []


def test_a_corrected_cell_is_taken_and_a_wrong_one_keeps_every_row_out(county: Village) -> None:
    book = load_workbook(io.BytesIO(export(county, "people", "xlsx")))
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns["所在单位"]).value = "镇环保站"
    corrected = io.BytesIO()
    book.save(corrected)
    sheet.cell(3, columns["公民身份号码"]).value = "110101190001010000"
    wrong = io.BytesIO()
    book.save(wrong)

    refused = ask(
        county,
        "POST",
        "people:import",
        content=wrong.getvalue(),
        headers={"Content-Type": XLSX, "Accept-Language": "zh"},
    )
    dry = bring(county, "people:import", "xlsx", corrected.getvalue(), dry_run="true")
    taken = bring(county, "people:import", "xlsx", corrected.getvalue())

    assert refused.status_code == 400
    assert refused.json()["reason"] == "ROWS_NOT_VALID"
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/rows/3/identity_number"]
    assert "第 3 行“公民身份号码”" in refused.json()["errors"][0]["detail"]
    assert (dry["updated"], dry["dry_run"]) == (1, True)
    assert (taken["created"], taken["updated"]) == (0, 1)
