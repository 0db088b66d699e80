"""Lists as files over real HTTP: whole, in Chinese, and no more than a file may hold."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from gateway.tables import listing
from tests.integration.gateway.conftest import COUNTY, Services, Tokens
from wangge.personnel.v1 import people_service_pb2 as pb
from wangge.personnel.v1 import posts_pb2

POSTS = f"/v1/counties/{COUNTY}/posts"


def pages(count: int) -> Any:
    """Posts in pages of the size asked for, numbered through."""

    def answer(request: Any) -> pb.ListPostsResponse:
        first = int(request.page_token or 0)
        last = min(first + request.page_size, count)
        posts = [
            posts_pb2.Post(
                county_id=COUNTY,
                post_id=str(number),
                title=f"网格员{number}",
                capabilities=["read", "patrol"],
                valid_from=datetime(2026, 3, 5, 16, tzinfo=UTC),
            )
            for number in range(first, last)
        ]
        return pb.ListPostsResponse(posts=posts, next_page_token=str(last) if last < count else "")

    return answer


def test_a_list_is_one_csv_file_with_all_its_pages(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("ListPosts", pages(1203))

    response = http_client.get(
        POSTS, params={"format": "csv", "page_size": 2}, headers=signed_in("read")
    )

    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response.status_code == 200
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="posts.csv"'
    assert lines[0][:6] == ["县区编号", "岗位标识", "人员标识", "岗位类型", "岗位类别", "岗位名称"]
    assert [line[1] for line in lines[1:]] == [str(number) for number in range(1203)]
    assert lines[1][6] == "read、patrol"
    assert lines[1][10:12] == ["2026-03-06T00:00:00+08:00", ""]
    assert [call.request.page_size for call in services.received] == [500, 500, 500]


def test_a_list_is_a_workbook_too(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("ListPosts", pages(3))

    response = http_client.get(
        POSTS,
        params={"format": "xlsx"},
        headers=signed_in("read") | {"Accept-Language": "en"},
    )

    page = load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert [cell.value for cell in page[1]][:2] == ["county_id", "post_id"]
    assert [row[5].value for row in page.iter_rows(min_row=2)] == ["网格员0", "网格员1", "网格员2"]


def test_filters_hold_for_files(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("ListPosts", pages(1))
    grid = "01890000-0000-7000-8000-000000000001"

    http_client.get(POSTS, params={"format": "csv", "grid_id": grid}, headers=signed_in("read"))

    assert services.last.request.grid_id == grid


def test_a_kind_of_file_that_is_none_is_refused(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    response = http_client.get(POSTS, params={"format": "pdf"}, headers=signed_in("read"))

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/format"
    assert services.received == []


def test_a_single_resource_is_no_file(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    response = http_client.get(
        f"/v1/counties/{COUNTY}", params={"format": "csv"}, headers=signed_in("read")
    )

    assert response.status_code == 400
    assert services.received == []


def test_a_list_beyond_what_a_file_holds_says_so(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("ListPosts", pages(listing.MAX_ROWS + 1))

    response = http_client.get(
        POSTS,
        params={"format": "csv"},
        headers=signed_in("read") | {"Accept-Language": "zh"},
        timeout=120,
    )

    assert response.status_code == 409
    assert response.json()["reason"] == "LIST_TOO_LONG"
    assert str(listing.MAX_ROWS) in response.json()["detail"]


@pytest.mark.parametrize("token", [None, "other"])
def test_files_need_the_same_permission_as_the_list(
    http_client: httpx.Client, signed_in: Tokens, services: Services, token: str | None
) -> None:
    headers = {} if token is None else signed_in("read", county_id="430224")

    response = http_client.get(POSTS, params={"format": "csv"}, headers=headers)

    assert response.status_code == (401 if token is None else 404)
    assert services.received == []
