"""Files that people filled in, as rows. A cell that cannot be read is named by row and column."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

import orjson
from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gateway.errors import FileNotReadable, RowsRefused
from gateway.routing import Rows
from gateway.tables.headings import Headings
from gateway.tables.quoting import unquote
from shared.errors import Text, Violation
from wangge.table.v1.table_pb2 import Row

MAX_UNPACKED = 256 * 1024 * 1024
MAX_ROWS, MAX_COLUMNS = 20_000, 100
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GEOJSON = "application/geo+json"
ZIP_START, OLD_EXCEL_START = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SAFE_DIGITS = 15
"""Digits of a number that a spreadsheet keeps; a longer code must be text."""

OLD_EXCEL = Text(
    "This is the old Excel format (.xls); save it as .xlsx.", "这是旧版 .xls 文件,请另存为 .xlsx。"
)
NOT_XLSX = Text("This is no Excel workbook (.xlsx).", "这不是 Excel 工作簿(.xlsx)。")
NOT_TEXT = Text("This is no text in UTF-8 or GB 18030.", "文件不是 UTF-8 或 GB 18030 编码的文本。")
NOT_CSV = Text("This is no CSV: {fault}.", "这不是 CSV 文件({fault})。")
NOT_GEOJSON = Text(
    "This is no GeoJSON FeatureCollection.", "这不是 GeoJSON 要素集合(FeatureCollection)。"
)
NO_ROWS = Text(
    "There is no line of headings, or no row below it.", "没有表头行,或表头下没有数据行。"
)
TOO_MANY = Text(
    f"A file has at most {MAX_ROWS} rows and {MAX_COLUMNS} columns; divide it.",
    f"文件最多 {MAX_ROWS} 行、{MAX_COLUMNS} 列,请拆分后提交。",
)
UNKNOWN_HEADING = Text("No such column; the columns are: {known}.", "没有这一列,可用的列:{known}。")
TWICE = Text("This column stands twice.", "该列重复。")
MISSING_COLUMN = Text("The column {column} is missing.", "缺少“{column}”列。")
MERGED = Text(
    "The cells {cells} are merged; undo it, so that each row has its own value.",
    "单元格 {cells} 已合并,请取消合并,使每行有自己的值。",
)
LOST_DIGITS = Text(
    "This number is too long for a spreadsheet, which has lost digits of it: format the column as "
    "text and fill it in again.",
    "数字过长,表格软件已丢失部分位数:请把该列设为文本格式后重新填写。",
)
BROKEN_FORMULA = Text(
    "This cell holds an error of the spreadsheet ({value}).", "该单元格是表格错误值({value})。"
)
TOO_WIDE = Text("This row has more cells than there are headings.", "该行的单元格多于表头列数。")

Cells = Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Table:
    """A file's lines, the headings first; ``faults`` are those of the file as such."""

    lines: Iterable[tuple[int, Cells]]
    faults: tuple[Violation, ...] = ()


def types_of(wanted: Rows) -> tuple[str, ...]:
    """The content types of the files that a route takes."""
    return (CSV, XLSX, GEOJSON) if wanted.geojson else (CSV, XLSX)


def read(content: bytes, content_type: str, wanted: Rows, headings: Headings) -> list[Row]:
    """The file's rows, empty ones left out.

    Raises FileNotReadable where it is no such file at all, RowsRefused naming the headings, or
    else the cells, that cannot be taken.
    """
    if content.startswith(OLD_EXCEL_START):
        raise FileNotReadable(OLD_EXCEL)
    if content_type == GEOJSON:
        return _features(content, wanted)
    table = _workbook(content) if content_type == XLSX else _Table(_csv_lines(content))
    return _rows(table, wanted, headings)


def _rows(table: _Table, wanted: Rows, headings: Headings) -> list[Row]:
    lines = iter(table.lines)
    _, head = next(lines, (0, ()))
    names, faults = _names(head, wanted, headings)
    faults += table.faults
    if faults:
        raise RowsRefused(faults)
    rows: list[Row] = []
    for number, cells in lines:
        row = Row(number=number)
        for name, cell in zip(names, cells, strict=False):
            if name in wanted.columns and (text := _text(cell, number, name, faults)):
                row.cells[name] = text
        if any(_is_filled(cell) for cell in cells[len(names) :]):
            faults.append(Violation(f"/rows/{number}", TOO_WIDE))
        if row.cells:
            rows.append(row)
    if faults:
        raise RowsRefused(faults)
    if not rows:
        raise FileNotReadable(NO_ROWS)
    return rows


def _names(
    head: Cells, wanted: Rows, headings: Headings
) -> tuple[list[str | None], list[Violation]]:
    """The name of each column, None for one without a heading; and the faults of the headings."""
    shown = ", ".join(headings.of(name) for name in wanted.columns)
    names: list[str | None] = []
    faults = []
    for cell in _trimmed(head):
        heading = str(cell or "").strip()
        name = headings.member(heading, wanted.columns) if heading else None
        if heading and name is None:
            faults.append(Violation(f"/rows/1/{heading}", UNKNOWN_HEADING.format(known=shown)))
        elif name is not None and name in names and name in wanted.columns:
            faults.append(Violation(f"/rows/1/{heading}", TWICE))
        names.append(name)
    faults += [
        Violation(f"/rows/1/{name}", MISSING_COLUMN.format(column=headings.of(name)))
        for name in wanted.required
        if name not in names
    ]
    return names, faults


def _trimmed(cells: Cells) -> Cells:
    last = max((n for n, cell in enumerate(cells, 1) if _is_filled(cell)), default=0)
    return cells[:last]


def _is_filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _text(cell: Any, number: int, name: str, faults: list[Violation]) -> str:
    """The cell as text; a value that a spreadsheet spoiled is added to the faults."""
    pointer = f"/rows/{number}/{name}"
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return _number(cell, pointer, faults)
        case datetime():
            whole_day = cell.time() == time()
            return cell.date().isoformat() if whole_day else cell.isoformat(timespec="seconds")
        case date() | time():
            return cell.isoformat()
    text = str(cell).strip()
    if text.startswith("#") and text.endswith(("!", "?", "/A")):
        faults.append(Violation(pointer, BROKEN_FORMULA.format(value=text)))
    return text


def _number(cell: float, pointer: str, faults: list[Violation]) -> str:
    text = str(int(cell)) if float(cell).is_integer() else repr(cell)
    if text.isdigit() and len(text) > SAFE_DIGITS:
        faults.append(Violation(pointer, LOST_DIGITS))
    return text


def _csv_lines(content: bytes) -> Iterator[tuple[int, Cells]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            if number > MAX_ROWS + 1 or len(cells) > MAX_COLUMNS:
                raise FileNotReadable(TOO_MANY)
            yield number, [unquote(cell.strip()) for cell in cells]
    except csv.Error as error:
        raise FileNotReadable(NOT_CSV.format(fault=str(error))) from error


def _decoded(content: bytes) -> str:
    """The text, in UTF-8 or in what Excel saves CSV in on a Chinese computer."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise FileNotReadable(NOT_TEXT)


def _workbook(content: bytes) -> _Table:
    """The first sheet. It is walked once to see that it is not too large, before it is loaded."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise FileNotReadable(TOO_MANY)
        _check_size(content)
        sheet = load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        DefusedXmlException,
        ParseError,
        KeyError,
        IndexError,
        TypeError,
        ValueError,
    ) as error:
        raise FileNotReadable(NOT_XLSX) from error
    merged = tuple(
        Violation(f"/rows/{each.min_row}", MERGED.format(cells=each.coord))
        for each in sorted(sheet.merged_cells.ranges, key=lambda each: each.min_row)
    )
    return _Table(enumerate(sheet.iter_rows(values_only=True), 1), merged)


def _check_size(content: bytes) -> None:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            if number > MAX_ROWS + 1 or len(_trimmed(cells)) > MAX_COLUMNS:
                raise FileNotReadable(TOO_MANY)
    finally:
        book.close()


def _features(content: bytes, wanted: Rows) -> list[Row]:
    try:
        features = orjson.loads(content)["features"]
        found = [(feature["properties"] or {}, feature["geometry"]) for feature in features]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise FileNotReadable(NOT_GEOJSON) from error
    if len(found) > MAX_ROWS:
        raise FileNotReadable(TOO_MANY)
    faults: list[Violation] = []
    rows = []
    for number, (properties, geometry) in enumerate(found, 1):
        row = Row(number=number)
        for name in wanted.columns:
            if text := _text(properties.get(name), number, name, faults):
                row.cells[name] = text
        if geometry is not None:
            row.cells["geometry"] = orjson.dumps(geometry).decode()
        rows.append(row)
    if faults:
        raise RowsRefused(faults)
    if not rows:
        raise FileNotReadable(NO_ROWS)
    return rows
