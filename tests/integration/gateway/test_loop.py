"""Long work of one request leaves the loop to all others."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import httpx
import pytest
from openpyxl import Workbook

from gateway.tables.reading import CSV, MAX_ROWS, XLSX
from tests.integration.gateway.conftest import COUNTY, Process, Services, Tokens

GRIDS = f"/v1/counties/{COUNTY}/grids"
IMPORT = f"{GRIDS}:import-file"
HEADINGS = ("区划代码", "名称", "层级", "上级名称", "经度", "纬度")
PATIENCE = 120
Lines = Iterable[Sequence[object]]


def lines(count: int) -> Lines:
    yield HEADINGS
    for number in range(count):
        yield f"430223{number:06}", f"第{number}村", "村级网格", "某镇", 113.5, 27.5


def workbook(lines: Lines) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for line in lines:
        page.append(list(line))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def text(lines: Lines) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    return file.getvalue().encode()


@pytest.mark.parametrize("file", [(XLSX, workbook, MAX_ROWS // 4), (CSV, text, MAX_ROWS)])
def test_reading_a_large_file_holds_up_nobody_else(
    gateway: Process,
    services: Services,
    signed_in: Tokens,
    file: tuple[str, Callable[[Lines], bytes], int],
) -> None:
    content_type, made, count = file
    content = made(lines(count))
    headers = signed_in("configure") | {"Content-Type": content_type}
    others: list[httpx.Response] = []
    with ThreadPoolExecutor(1) as sender, httpx.Client(base_url=gateway.url) as client:
        client.get(GRIDS, headers=signed_in("read"))
        imported = sender.submit(
            httpx.post, gateway.url + IMPORT, content=content, headers=headers, timeout=PATIENCE
        )
        while not imported.done():
            others.append(client.get(GRIDS, headers=signed_in("read"), timeout=PATIENCE))

    answer = imported.result()
    waited = sorted(each.elapsed.total_seconds() for each in others)
    assert answer.status_code == 200, answer.text
    (request,) = (each.request for each in services.received if each.method == "ImportGrids")
    assert len(request.rows) == count
    assert {each.status_code for each in others} == {200}
    # On the loop the reading, most of the import's time, would be one answer's wait.
    assert len(others) >= 10
    assert median(waited) < 0.1
    assert waited[-1] < answer.elapsed.total_seconds() / 2
