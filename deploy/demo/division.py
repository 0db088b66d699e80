"""A county divides a township grid in mid-month, and says who was responsible before and after.

The division lies in the month before the story is first told; told again, it is read, not done again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from deploy.demo.cast import CHALING, Accounts
from deploy.demo.http import Api, DemoError, eventually, step
from deploy.demo.onboarding import grid_by_code, sign_in

BASE: Final = f"/v1/counties/{CHALING.county_id}"
TOWN: Final = "430224103"
VILLAGE: Final = "430224103201"
LOCAL: Final = ZoneInfo("Asia/Shanghai")
BEFORE, DIVIDED, AFTER = 5, 15, 20
ROLE: Final = "township.leader"
DECREE: Final = {
    "title": "关于调整湖口镇环境监管网格划分的通知(演示文件)",
    "number": "茶网格办〔演示〕3号",
}
APPOINTMENTS: Final = {
    TOWN: ("演示责任人丁", "茶网格办〔演示〕1号"),
    "湖口镇东片": ("演示责任人戊", "茶网格办〔演示〕4号"),
    "湖口镇西片": ("演示责任人己", "茶网格办〔演示〕5号"),
}


@dataclass(slots=True)
class Redivision:
    """The chapter, told by the county's administrator."""

    admin: Api

    @classmethod
    def begin(cls, api: Api, accounts: Accounts) -> "Redivision":
        """Sign the administrator in."""
        return cls(sign_in(api, accounts, CHALING, "admin"))

    def tell(self) -> tuple[str, str]:
        """Divide the township, and name who answered for the village on the 5th and on the 20th."""
        village = grid_by_code(self.admin, CHALING, VILLAGE)
        step("茶陵县月中将湖口镇网格一分为二 (a township grid is divided in mid-month)")
        split = self._told_before(village) or self._divide(village)
        moment = _moment(split["effective_at"])
        step("这个村 5 日归谁负责,20 日归谁负责 (who was responsible on the 5th, and on the 20th)")
        return (
            self._responsible(village, moment.replace(day=BEFORE, hour=10), split),
            self._responsible(village, moment.replace(day=AFTER, hour=10), split),
        )

    def _told_before(self, village: Any) -> Any | None:
        lineage = self._quiet.get(f"{BASE}/grids/{village['parent_id']}/lineage").json
        found = [change for change in lineage["came_from"] if change["kind"] == "split"]
        if found:
            print(f"    told before: {found[0]['document']['title']}")
        return found[0] if found else None

    def _divide(self, village: Any) -> Any:
        town = grid_by_code(self.admin, CHALING, TOWN)
        first = _first_of_last_month()
        self._appoint(TOWN, town["grid_id"], first)
        villages = self._villages(town)
        east = [each for each in villages if each <= village["grid_id"]]
        body = {
            "effective_at": first.replace(day=DIVIDED).isoformat(),
            "document": DECREE,
            "successors": [
                {"name": "湖口镇东片", "child_ids": east},
                {
                    "name": "湖口镇西片",
                    "child_ids": [each for each in villages if each not in east],
                },
            ],
            "heir": 0,
        }
        path = f"{BASE}/grids/{town['grid_id']}:split"
        made = self.admin.post(path, body, key="demo-split-hukou", expect=200).json
        for grid in made["grids"]:
            self._appoint(grid["name"], grid["grid_id"], first.replace(day=DIVIDED))
        return made["change"]

    def _villages(self, town: Any) -> list[str]:
        path = f"{BASE}/grids?parent_id={town['grid_id']}&page_size=500"
        return sorted(grid["grid_id"] for grid in self._quiet.get(path).json["grids"])

    def _appoint(self, place: str, grid_id: str, since: datetime) -> None:
        name, _number = APPOINTMENTS[place]
        person = self.admin.post(f"{BASE}/people", {"name": name}, key=f"demo-person-{name}").json
        body = {
            "person_id": person["person_id"],
            "role_type": ROLE,
            "grid_id": grid_id,
            "valid_from": since.isoformat(),
        }
        eventually(
            f"{name} is appointed",
            lambda: (
                self.admin.post(f"{BASE}/posts", body, key=f"demo-post-{name}", expect=None)
                if self._is_known(grid_id)
                else None
            ),
        )

    def _is_known(self, grid_id: str) -> bool:
        path = f"{BASE}/grids/{grid_id}/responsible"
        return bool(self._quiet.get(path).status)

    def _responsible(self, village: Any, at: datetime, split: Any) -> str:
        path = f"{BASE}/grids/{village['grid_id']}/responsible?at={at:%Y-%m-%dT%H:%M:%S}%2B08:00"
        found = self.admin.get(path).json["responsible"]
        leaders = [each for each in found if each["post"]["role_type"] == ROLE]
        if len(leaders) != 1:
            raise DemoError(f"{village['name']} had {len(leaders)} leaders at {at:%m-%d}: {found}")
        leader = leaders[0]
        paper = split["document"] if at >= _moment(split["effective_at"]) else None
        rests = f"依据《{paper['title']}》{paper['number']}" if paper else "调整之前的网格划分"
        name: str = leader["person_name"]
        print(f"    {at:%m月%d日}:{village['name']} → {leader['post']['title']} {name}({rests})")
        return name

    @property
    def _quiet(self) -> Api:
        return Api(self.admin.url, self.admin.token, quiet=True)


def _first_of_last_month() -> datetime:
    today = datetime.now(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(LOCAL)
