"""Lists as files, files as rows: what one writes the other reads."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from gateway.errors import FileNotReadable, RowsRefused
from gateway.routes import SECTIONS
from gateway.routing import Rows
from gateway.tables import reading
from gateway.tables.headings import Headings
from gateway.tables.listing import columns, listed
from gateway.tables.quoting import quote, unquote
from gateway.tables.reading import CSV, GEOJSON, XLSX, read
from gateway.tables.writing import to_csv, to_xlsx
from shared.errors import InvalidArgument

HEADINGS = Headings({"name": "网格名称", "code": "区划代码", "source": "来源", "grid": "网格"})
WANTED = Rows(columns=("code", "name", "reason"), required=("name",), geojson=True)


def cells(content: bytes, content_type: str = CSV) -> list[dict[str, str]]:
    return [dict(row.cells) for row in read(content, content_type, WANTED, HEADINGS)]


def sheet(*lines: Sequence[object], merge: str = "") -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    for line in lines:
        page.append(list(line))
    if merge:
        page.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def faults(error: InvalidArgument) -> list[str]:
    return [violation.pointer for violation in error.violations]


@pytest.mark.parametrize(
    "content",
    [
        "区划代码,网格名称\r\n430223001,宁家坪镇\r\n".encode("utf-8-sig"),
        "区划代码,网格名称\r\n430223001,宁家坪镇\r\n".encode("gb18030"),
        "code\tname\n430223001\t宁家坪镇\n".encode(),
        "网格名称,区划代码,版本\n 宁家坪镇 ,430223001,7\n\n,,\n".encode(),
    ],
)
def test_a_file_is_read_by_its_headings_however_it_was_saved(content: bytes) -> None:
    assert cells(content) == [{"code": "430223001", "name": "宁家坪镇"}]


def test_a_workbook_is_read_with_codes_that_excel_took_for_numbers() -> None:
    content = sheet(
        ["区划代码", "网格名称", "原因"],
        [430223001, "宁家坪镇", datetime(2026, 3, 5)],  # noqa: DTZ001 - as Excel has it
        [None, None, None],
        [430223002.0, "桃水镇", date(2026, 3, 6)],
    )

    rows = read(content, XLSX, WANTED, HEADINGS)

    assert [dict(row.cells) for row in rows] == [
        {"code": "430223001", "name": "宁家坪镇", "reason": "2026-03-05"},
        {"code": "430223002", "name": "桃水镇", "reason": "2026-03-06"},
    ]
    assert [row.number for row in rows] == [2, 4]


def test_every_heading_at_fault_is_named() -> None:
    with pytest.raises(RowsRefused) as refused:
        cells("区划代码,颜色,区划代码\n1,2,3\n".encode())

    assert faults(refused.value) == ["/rows/1/颜色", "/rows/1/区划代码", "/rows/1/name"]
    assert "网格名称" in refused.value.violations[0].detail.zh


def test_merged_cells_are_named_and_nothing_is_guessed() -> None:
    content = sheet(["网格名称", "原因"], ["甲", "一"], ["乙", "二"], merge="A2:A3")

    with pytest.raises(RowsRefused) as refused:
        cells(content, XLSX)

    assert faults(refused.value) == ["/rows/2"]
    assert "A2:A3" in refused.value.violations[0].detail.zh


def test_all_cells_that_a_spreadsheet_spoiled_are_named() -> None:
    content = sheet(
        ["网格名称", "区划代码"], ["甲", 430223001001001999], ["#REF!", "1"], ["丙", "2", "更多"]
    )

    with pytest.raises(RowsRefused) as refused:
        cells(content, XLSX)

    assert faults(refused.value) == ["/rows/2/code", "/rows/3/name", "/rows/4"]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", XLSX, id="old excel"),
        pytest.param(b"name\n\xff\xfe\x00", CSV, id="no text"),
        pytest.param(b"PK\x03\x04 and no archive", XLSX, id="no archive"),
        pytest.param("网格名称\n甲\n".encode(), XLSX, id="csv as xlsx"),
        pytest.param(b"name\n", CSV, id="no rows"),
        pytest.param(b'name\n"never closed', CSV, id="open quote"),
        pytest.param(b"{}", GEOJSON, id="no features"),
        pytest.param(b'{"features":[]}', GEOJSON, id="empty features"),
        pytest.param(b'{"features":[{"type":"Feature"}]}', GEOJSON, id="half a feature"),
        pytest.param(
            ("name\n" + "甲\n" * (reading.MAX_ROWS + 1)).encode(), CSV, id="too many rows"
        ),
        pytest.param(b"," * (reading.MAX_COLUMNS + 1), CSV, id="too many columns"),
    ],
)
def test_what_is_no_such_file_is_refused_as_a_whole(content: bytes, content_type: str) -> None:
    with pytest.raises(FileNotReadable) as refused:
        cells(content, content_type)

    assert not refused.value.text.zh.isascii()


def test_a_small_archive_that_unpacks_to_much_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 10_000_000)
    monkeypatch.setattr(reading, "MAX_UNPACKED", 9_999_999)

    assert len(file.getvalue()) < 100_000
    with pytest.raises(FileNotReadable):
        cells(file.getvalue(), XLSX)


def test_entities_in_a_workbook_are_not_expanded() -> None:
    file = io.BytesIO(sheet(["网格名称"], ["甲"]))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    spoilt = io.BytesIO()
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(spoilt, "w") as archive:
        for entry in whole.infolist():
            is_sheet = entry.filename == "xl/worksheets/sheet1.xml"
            archive.writestr(entry, bomb if is_sheet else whole.read(entry))

    with pytest.raises(FileNotReadable):
        cells(spoilt.getvalue(), XLSX)


def test_geojson_gives_properties_and_geometry() -> None:
    content = (
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        b'{"name":"A","code":430223001,"colour":"red"},'
        b'"geometry":{"type":"Point","coordinates":[113.3,27.0]}}]}'
    )

    assert cells(content, GEOJSON) == [
        {
            "name": "A",
            "code": "430223001",
            "geometry": '{"type":"Point","coordinates":[113.3,27.0]}',
        }
    ]


@given(st.text())
def test_a_quoted_text_is_given_back(text: str) -> None:
    assert unquote(quote(text)) == text


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp", "Zs")), min_size=1
).filter(lambda text: not text.startswith("#"))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_what_is_written_reads_back_the_same(lines: list[tuple[str, str]]) -> None:
    heads = ["区划代码", "网格名称"]
    wanted = [{"code": code, "name": name} for code, name in lines]

    assert cells(b"".join(to_csv(heads, lines))) == wanted
    assert cells(to_xlsx("grids", heads, lines), XLSX) == wanted


def test_no_cell_is_run_as_a_formula() -> None:
    line = ["=1+1", "@SUM(A1)", "-3.5", "+86", "'quoted"]

    (row,) = list(csv.reader(io.StringIO(b"".join(to_csv(["a"] * 5, [line])).decode("utf-8-sig"))))[
        1:
    ]
    page = load_workbook(io.BytesIO(to_xlsx("x", ["a"] * 5, [line]))).worksheets[0]

    assert row == ["'=1+1", "'@SUM(A1)", "-3.5", "+86", "''quoted"]
    assert [cell.value for cell in page[2]] == line
    assert {cell.data_type for cell in page[2]} == {"s"}


def test_values_are_written_as_people_read_them() -> None:
    moment = datetime(2026, 3, 5, 16, tzinfo=UTC)

    (line,) = list(
        csv.reader(
            io.StringIO(
                b"".join(to_csv([], [[None, True, 0.1 + 0.2, moment, ["甲", "乙"]]])).decode()
            )
        )
    )[1:]

    assert line == ["", "是", "0.3", "2026-03-06T00:00:00+08:00", "甲、乙"]


def test_a_member_within_another_has_its_own_name_where_that_is_clear() -> None:
    assert HEADINGS.row(["source.name", "source.version", "grid.version", "code"]) == [
        "网格名称",
        "来源·版本",
        "网格·版本",
        "区划代码",
    ]
    assert HEADINGS.row(["source.name"], "en") == ["name"]


LISTS = [
    pytest.param(section, route, id=route.path)
    for section in SECTIONS
    for route in section.routes
    if listed(route)
]


@pytest.mark.parametrize(("section", "route"), LISTS)
def test_every_column_of_every_list_has_a_chinese_heading(section, route) -> None:
    headings = Headings(section.all_headings)
    names = columns(listed(route).message_type)

    assert [name for name in names if not headings.knows(name)] == []
    assert not any(headings.of(name).isascii() for name in names)


IMPORTS = [
    pytest.param(section, route, id=route.path)
    for section in SECTIONS
    for route in section.routes
    if route.rows
]


@pytest.mark.parametrize(("section", "route"), IMPORTS)
def test_every_column_of_every_import_is_found_by_its_chinese_heading(section, route) -> None:
    headings = Headings(section.all_headings)

    for name in route.rows.columns:
        assert headings.member(headings.of(name), route.rows.columns) == name
