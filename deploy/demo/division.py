"""A county divides a township grid in mid-month, and says who was responsible before and after.

The division lies in the month before the story is first told; told again, it is read, not done again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from deploy.demo.cast import CHALING, Accounts
from deploy.demo.http import Api, DemoError, eventually, step
from deploy.demo.onboarding import grid_by_code, sign_in

BASE: Final = f"/v1/counties/{CHALING.county_id}"
TOWN: Final = "430224103"
VILLAGE: Final = "430224103213"
LOCAL: Final = ZoneInfo("Asia/Shanghai")
BEFORE, DIVIDED, AFTER = 5, 15, 20
ROLE: Final = "township.leader"
EAST, WEST = "湖口镇东片", "湖口镇西片"
DECREE: Final = {"title": "关于调整湖口镇环境监管网格划分的通知", "number": "茶网格办(演示)3号"}
APPOINTED: Final = {
    TOWN: ("演示责任人丁", "茶网格办(演示)1号任命文件", "town"),
    EAST: ("演示责任人戊", "茶网格办(演示)4号任命文件", "east"),
    WEST: ("演示责任人己", "茶网格办(演示)5号任命文件", "west"),
}
"""Place → who leads it, by which paper, and the name of that in requests."""


@dataclass(slots=True)
class Redivision:
    """The chapter, told by the county's administrator."""

    admin: Api

    @classmethod
    def begin(cls, api: Api, accounts: Accounts) -> "Redivision":
        """Sign the administrator in."""
        return cls(sign_in(api, accounts, CHALING, "admin"))

    def tell(self) -> tuple[str, str]:
        """Divide the township; who answered for the village on the 5th, and on the 20th."""
        village = grid_by_code(self.admin, CHALING, VILLAGE)
        step("茶陵县月中将湖口镇网格一分为二 (a township grid is divided in mid-month)")
        split = self._told_before(village) or self._divide()
        divided = _local(split["effective_at"])
        step("这个村 5 日归谁负责,20 日归谁负责 (who was responsible on the 5th, and on the 20th)")
        before = self._responsible(village, divided.replace(day=BEFORE, hour=10), TOWN)
        after = self._responsible(village, divided.replace(day=AFTER, hour=10), WEST)
        print(
            f"    {divided:%Y年%m月%d日}起按《{split['document']['title']}》"
            f"{split['document']['number']}划分"
        )
        return before, after

    def _told_before(self, village: Any) -> Any | None:
        came_from = self._split_that_made(village["parent_id"])
        if came_from:
            print(f"    told before: {came_from['document']['number']}")
        return came_from

    def _split_that_made(self, grid_id: str) -> Any | None:
        lineage = self._quiet.get(f"{BASE}/grids/{grid_id}/lineage").json
        splits = [change for change in lineage["came_from"] if change["kind"] == "split"]
        return splits[0] if splits else None

    def _divide(self) -> Any:
        town = grid_by_code(self.admin, CHALING, TOWN)
        first = _first_of_last_month()
        self._appoint(TOWN, town["grid_id"], first)
        divided = first.replace(day=DIVIDED)
        villages = self._codes_below(town)
        west = [grid_id for code, grid_id in villages if code >= VILLAGE]
        east = [grid_id for code, grid_id in villages if code < VILLAGE]
        body = {
            "effective_at": divided.isoformat(),
            "document": DECREE,
            "successors": [{"name": EAST, "child_ids": east}, {"name": WEST, "child_ids": west}],
            "heir": 0,
        }
        path = f"{BASE}/grids/{town['grid_id']}:split"
        made = self.admin.post(path, body, key="demo-split-hukou", expect=200).json
        for grid in made["grids"]:
            self._appoint(grid["name"], grid["grid_id"], divided)
        change: Any = made["change"]
        return change

    def _codes_below(self, town: Any) -> list[tuple[str, str]]:
        path = f"{BASE}/grids?parent_id={town['grid_id']}&page_size=500"
        grids = self._quiet.get(path).json["grids"]
        return sorted((grid["admin_code"], grid["grid_id"]) for grid in grids)

    def _appoint(self, place: str, grid_id: str, since: datetime) -> None:
        name, paper, key = APPOINTED[place]
        person = self.admin.post(f"{BASE}/people", {"name": name}, key=f"demo-division-{key}")
        body = {
            "person_id": person.json["person_id"],
            "role_type": ROLE,
            "grid_id": grid_id,
            "valid_from": since.isoformat(),
            "basis": paper,
        }
        self.admin.post(f"{BASE}/posts", body, key=f"demo-division-post-{key}")

    def _responsible(self, village: Any, at: datetime, place: str) -> str:
        """Who led the village's township at a moment: what changed arrives by event."""
        name, _paper, _key = APPOINTED[place]
        path = f"{BASE}/grids/{village['grid_id']}/responsible?at={quote(at.isoformat())}"

        def leaders() -> list[Any] | None:
            found = self._quiet.get(path).json["responsible"]
            of_role = [each for each in found if each["post"]["role_type"] == ROLE]
            return of_role if [each["person_name"] for each in of_role] == [name] else None

        (leader,) = eventually(f"{name} answers for the village at {at}", leaders) or []
        post = leader["post"]
        print(
            f"    {at:%m月%d日} {village['name']} → {leader['grid_name']}{post['title']} "
            f"{leader['person_name']}({post['basis']})"
        )
        if not post["basis"]:
            raise DemoError(f"the appointment of {name} names no paper")
        return str(leader["person_name"])

    @property
    def _quiet(self) -> Api:
        return Api(self.admin.url, self.admin.token, quiet=True)


def _first_of_last_month() -> datetime:
    today = datetime.now(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(LOCAL)
