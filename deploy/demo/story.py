"""One finding travels from a village patrol to the public page.

Each step looks at where the case stands first, so the story can be told again: what was done stays
done, and nothing is doubled.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.demo.cast import DUKOU, LAIYUAN, NINGJIAPING, YOUXIAN, Accounts
from deploy.demo.http import Api, DemoError, eventually, step
from deploy.demo.onboarding import grid_by_code, sign_in

BASE = f"/v1/counties/{YOUXIAN.county_id}"
PUBLIC = f"/public/v1/counties/{YOUXIAN.county_id}"
CLIENT_ID = "demo-patrol-dukou-1"
FARMER = "演示农户丁"
RESULT = (
    f"已到现场扑灭明火并清理残留秸秆,对当事人{FARMER}(电话13800000000)批评教育,"
    "责令其改正,已组织秸秆回收。"
)


@dataclass(slots=True)
class Story:
    """The people of the story, signed in, and the case once it is open."""

    anyone: Api
    patroller: Api
    direct: Api
    officer: Api
    reviewer: Api
    admin: Api
    stranger: Api
    case_id: str = ""

    @classmethod
    def begin(cls, api: Api, accounts: Accounts) -> "Story":
        """Sign everybody in."""

        def as_(username: str) -> Api:
            return sign_in(api, accounts, YOUXIAN, username)

        return cls(
            anyone=api,
            patroller=as_("patroller"),
            direct=as_("direct"),
            officer=as_("officer"),
            reviewer=as_("reviewer"),
            admin=as_("admin"),
            stranger=sign_in(api, accounts, LAIYUAN, "admin"),
        )

    def tell(self) -> str:
        """Play every step, and return the case's number."""
        number = self._case_opens(self._patrol())
        self._township_confirms()
        self._department_handles()
        self._village_verifies()
        publication_id = self._result_is_published()
        self._anyone_reads(publication_id)
        self._indicator_explains_itself()
        self._another_county_finds_nothing()
        return number

    def _patrol(self) -> str:
        step("杜口村的网格员提交巡查台账,发现焚烧秸秆 (a patrol with a finding)")
        known = self._quiet(self.patroller).get(f"{BASE}/patrols").json["patrols"]
        earlier = [patrol for patrol in known if patrol["client_id"] == CLIENT_ID]
        patrol = earlier[0] if earlier else self._submit_patrol()
        if earlier:
            print(f"    told before: patrol {patrol['patrol_id']}")
        finding_id: str = patrol["findings"][0]["finding_id"]
        return finding_id

    def _submit_patrol(self) -> Any:
        now = datetime.now(UTC)
        finding = {
            "category": "straw_burning",
            "description": "村东田间露天焚烧秸秆,过火约半亩",
            "found_time": _iso(now - timedelta(minutes=20)),
            "address": "杜口村村东",
            "stopped_by": "当场劝阻并扑灭明火",
            "longitude": 113.38,
            "latitude": 27.12,
        }
        body = {
            "client_id": CLIENT_ID,
            "grid_id": grid_by_code(self.admin, YOUXIAN, DUKOU)["grid_id"],
            "start_time": _iso(now - timedelta(hours=1)),
            "end_time": _iso(now - timedelta(minutes=5)),
            "summary": "上午巡查全村,发现一处焚烧秸秆",
            "findings": [finding],
            "signature": {"sign_time": _iso(now - timedelta(minutes=4))},
        }
        return self.patroller.post(f"{BASE}/patrols:submit", body, key=CLIENT_ID).json

    def _case_opens(self, finding_id: str) -> str:
        step("案件由事件自动立案:编号、网格、牵头部门、时限 (the case opens by event)")

        def ask() -> Any | None:
            path = f"{BASE}/cases?origin_id={finding_id}"
            cases = self._quiet(self.direct).get(path).json["cases"]
            return cases[0] if cases else None

        self.case_id = eventually("the case of the finding", ask)["case_id"]
        case = self.direct.get(self._case_path()).json
        _expect(
            case["lead_department_id"] == "agriculture", "农业农村局 leads by the county's table"
        )
        _expect(any(clock["due_time"] for clock in case["clocks"]), "the clocks run")
        number: str = case["number"]
        return number

    def _township_confirms(self) -> None:
        step("宁家坪镇直接责任人收到通知并确认 (the township is notified and confirms)")
        path = f"{BASE}/inbox?about_id={self.case_id}"

        def ask() -> Any | None:
            notices = self._quiet(self.direct).get(path).json["notices"]
            return notices[0] if notices else None

        notice = eventually("the notice of the case", ask)
        self.direct.post(f"{BASE}/inbox/{notice['notice_id']}:confirm", expect=200)
        self._act(self.direct, "acknowledge", {"note": "已确认,受理"})

    def _department_handles(self) -> None:
        step("镇移送农业农村局,该局接收、处置并书面答复 (transfer, acceptance, written answer)")
        self._act(self.direct, "transfer", {"reason": "秸秆禁烧由农业农村局牵头"})
        self._act(self.officer, "accept-transfer", {})
        self._act(self.officer, "handle", {"result": RESULT})

    def _village_verifies(self) -> None:
        step("村网格员现场核实,镇结案 (the village verifies, the township closes)")
        self._act(self.patroller, "verify", {"passed": True, "note": "现场已清理,未再复燃"})
        self._act(self.direct, "close", {})
        history = self.direct.get(f"{self._case_path()}/history").json
        _expect(history["whole"], "the history's chain of hashes is whole")

    def _result_is_published(self) -> str:
        step("结果进入公开登记,脱敏、审核、发布 (register, redaction, review, publication)")

        def ask() -> Any | None:
            path = f"{BASE}/register?about_id={self.case_id}"
            items = self._quiet(self.admin).get(path).json["items"]
            return items[0] if items else None

        item = eventually("the register's item", ask)
        path = f"{BASE}/register/{item['item_id']}"
        steps: dict[str, tuple[Api, str, Any]] = {
            "due": (self.admin, "submit", {"mask_words": [FARMER]}),
            "submitted": (self.reviewer, "approve", {}),
            "approved": (self.admin, "publish", {}),
        }
        while (state := self._quiet(self.admin).get(path).json["state"]) in steps:
            who, verb, body = steps[state]
            who.post(f"{path}:{verb}", body, expect=200)
        publication_id: str = self.admin.get(path).json["publication_id"]
        return publication_id

    def _anyone_reads(self, publication_id: str) -> None:
        step("任何人无需账号即可查阅:JSON 与 Atom (anyone reads it, without an account)")
        read = self.anyone.get(f"{PUBLIC}/publications/{publication_id}")

        def ask() -> str | None:
            feed = self._quiet(self.anyone).get(f"{PUBLIC}/atom.xml").text
            return feed if publication_id in feed else None

        feed = eventually("the Atom entry", ask)
        self.anyone.get(f"{PUBLIC}/atom.xml")
        patroller_id = (
            self._quiet(self.patroller).get(f"{BASE}/patrols").json["patrols"][0]["patroller_id"]
        )
        for trace in (FARMER, "13800000000", "演示网格员", patroller_id, CLIENT_ID):
            _expect(trace not in read.text and trace not in feed, f"the public sees no {trace}")

    def _indicator_explains_itself(self) -> None:
        step("该镇按期处置率 1/1,可追溯到案件 (the on-time rate, explained down to the case)")
        township = grid_by_code(self.admin, YOUXIAN, NINGJIAPING)["grid_id"]
        handled = datetime.fromisoformat(self._case()["handle_time"])
        month = handled.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")
        query = f"?grid_id={township}&period={month}"

        def ask() -> Any | None:
            path = f"{BASE}/indicators/on_time_rate{query}"
            value = self._quiet(self.admin).get(path).json["value"]
            return value if value["denominator"] else None

        eventually("the indicator", ask)
        value = self.admin.get(f"{BASE}/indicators/on_time_rate{query}").json["value"]
        _expect(
            (value["numerator"], value["denominator"]) == (1, 1),
            f"1 of 1: {value['numerator']} of {value['denominator']}",
        )
        why = self.admin.get(f"{BASE}/indicators/on_time_rate/explain{query}").json
        _expect([fact["about_id"] for fact in why["facts"]] == [self.case_id], "it names the case")

    def _another_county_finds_nothing(self) -> None:
        step("涞源县管理员查询该案件:404 (another county's admin finds nothing)")
        self.stranger.get(self._case_path(), expect=404)
        self.stranger.get(f"/v1/counties/{LAIYUAN.county_id}/cases/{self.case_id}", expect=404)

    def _act(self, who: Api, verb: str, body: Any) -> None:
        """Do a step unless the case is past it: then the caller's allowed actions lack it."""
        case = self._case(who)
        if verb in case["allowed_actions"]:
            key = f"demo-{verb}-{self.case_id}"
            who.post(f"{self._case_path()}:{verb}", body, key=key, expect=200)
        elif case["state"] == "closed":
            print(f"    told before: {verb}")
        else:
            raise DemoError(f"{verb} is not allowed while the case is {case['state']}")

    def _case(self, who: Api | None = None) -> Any:
        return self._quiet(who or self.direct).get(self._case_path()).json

    def _case_path(self) -> str:
        return f"{BASE}/cases/{self.case_id}"

    @staticmethod
    def _quiet(who: Api) -> Api:
        return Api(who.url, who.token, quiet=True)


def _expect(holds: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise DemoError(f"expected: {what}")
    print(f"      ✓ {what}")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
