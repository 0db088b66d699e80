"""Rows as files that Excel opens correctly, and that can be imported back."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from gateway.tables.quoting import quote
from gateway.views import OPTIONS
from shared.working_time import TIME_ZONE

LOCAL = ZoneInfo(TIME_ZONE)
BOM = "\ufeff"
"""Without it Excel takes a CSV file for one in the computer's own encoding."""
CELL_LENGTH = 32_767
"""Characters that a cell of Excel holds."""
WIDTHS = 8, 48

Rows = Iterable[Sequence[object]]


def to_csv(headings: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """The rows as CSV (RFC 4180) in UTF-8, in pieces."""
    piece = io.StringIO()
    piece.write(BOM)
    writer = csv.writer(piece)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([quote(text_of(value)) for value in row])
        yield piece.getvalue().encode()
        piece.seek(0)
        piece.truncate()
    if rest := piece.getvalue():
        yield rest.encode()


def to_xlsx(title: str, headings: Sequence[str], rows: Rows) -> bytes:
    """The rows as a workbook with one sheet; every cell is text, so no code loses its digits."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(headings, 1):
        width = min(max(WIDTHS[0], 2 * len(heading) + 4), WIDTHS[1])
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, text_of(value)) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def text_of(value: object) -> str:
    """A value as people read it in a cell; what is not stated is empty."""
    match value:
        case None:
            text = ""
        case bool():
            text = "是" if value else "否"
        case str() | int():
            text = str(value)
        case float():
            text = f"{value:.10g}"
        case datetime():
            text = value.astimezone(LOCAL).isoformat(timespec="seconds")
        case list() if all(isinstance(each, str) for each in value):
            text = "、".join(value)
        case _:
            text = orjson.dumps(value, option=OPTIONS).decode()
    return text


def _cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:CELL_LENGTH])
    cell.data_type = "s"  # else a text that begins with = would be a formula
    if bold:
        cell.font = Font(bold=True)
    return cell
