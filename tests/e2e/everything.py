"""A county with one of everything that the platform keeps."""

from dataclasses import dataclass
from typing import Any

from deploy.demo.http import Api, eventually
from tests.e2e.platform import VILLAGE, Village


@dataclass(frozen=True, slots=True)
class Known:
    """A county with one of everything, and the id of each thing by the name addresses give it."""

    county: Village
    ids: dict[str, str]


def one_of_everything(county: Village) -> Known:
    case = county.report()
    people = county.people
    path = f"{county.base}/cases/{case['case_id']}"
    for who, verb, body in (
        ("direct", "acknowledge", {}),
        ("direct", "handle", {"result": "已清理"}),
        ("patroller", "verify", {"passed": True}),
        ("direct", "close", {}),
    ):
        people[who].post(f"{path}:{verb}", body, expect=200)
    item = first(county.admin, f"{county.base}/register?about_id={case['case_id']}", "items")
    at = f"{county.base}/register/{item['item_id']}"
    county.admin.post(f"{at}:submit", {}, expect=200)
    people["reviewer"].post(f"{at}:approve", {}, expect=200)
    county.admin.post(f"{at}:publish", {}, expect=200)
    about = f"{county.base}/inbox?about_id={case['case_id']}"
    patrol_ = county.admin.get(f"{county.base}/patrols").json["patrols"][0]
    post = first(county.admin, f"{county.base}/posts?grid_id={county.grids[VILLAGE]}", "posts")
    rule = {"kind": "patrol", "title": "巡查制度", "text": "每周巡查一次。"}
    return Known(
        county,
        {
            "case_id": case["case_id"],
            "item_id": item["item_id"],
            "publication_id": county.admin.get(at).json["publication_id"],
            "notice_id": first(people["direct"], about, "notices")["notice_id"],
            "patrol_id": patrol_["patrol_id"],
            "patroller_id": patrol_["patroller_id"],
            "person_id": patrol_["patroller_id"],
            "post_id": post["post_id"],
            "grid_id": county.grids[VILLAGE],
            "session_id": first(county.admin, f"{county.base}/account/sessions", "sessions")[
                "session_id"
            ],
            "rule_id": county.admin.post(f"{county.base}/rules", rule, expect=201).json["rule_id"],
            **_records(county, patrol_["patroller_id"]),
        },
    )


def find(answer: Any, name: str) -> str:
    """The first value of a member of this name, however deep it lies."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            if found := str(value) if key == name else find(value, name):
                return found
    return ""


def _records(county: Village, person_id: str) -> dict[str, str]:
    """One of each thing that a county keeps beside its cases."""
    grid_id = county.grids[VILLAGE]

    def made(path: str, body: Any, name: str) -> str:
        answer = county.admin.post(f"{county.base}/{path}", body, expect=None).json
        found = find(answer, name)
        assert found, f"{path}: {answer}"
        return found

    source_id = made(
        "sources",
        {"grid_id": grid_id, "name": "砖厂", "type": "discharging_enterprise"},
        "pollution_source_id",
    )
    group_id = made("groups", {"kind": "leading_group", "name": "领导小组"}, "group_id")
    county.admin.post(
        f"{county.base}/training-kinds", {"kind": "basics", "name": "业务培训"}, expect=None
    )
    pledge = {
        "year": 2026,
        "title": "责任书",
        "goals": ["守土有责"],
        "signings": [
            {
                "level": "village",
                "role_type": "grid.patroller",
                "upper_level": "township",
                "upper_role_type": "township.direct",
            }
        ],
    }
    training = {"kind": "basics", "title": "网格员培训", "held_on": "2026-03-05", "hours": 2}
    leave = {
        "person_id": person_id,
        "kind": "rest",
        "valid_from": "2027-03-05T00:00:00Z",
        "valid_to": "2027-03-06T00:00:00Z",
        "uncovered": True,
    }
    certificate = {
        "person_id": person_id,
        "kind": "enforcement",
        "number": "测试0001",
        "issuer": "测试机关",
        "issued_on": "2026-01-05",
    }
    listed = {"department_id": "agriculture", "title": "名单", "received_on": "2026-03-05"}
    member = {"seat": "member", "person_id": person_id}
    entry = {"part": "permit", "title": "排污许可"}
    return {
        "pollution_source_id": source_id,
        "list_id": made("source-lists", listed, "list_id"),
        "entry_id": made(f"sources/{source_id}/file-entries", entry, "entry_id"),
        "object_id": made(
            "ledger-objects",
            {"kind": "service_organisation", "grid_id": grid_id, "name": "合作社"},
            "object_id",
        ),
        "leave_id": made("leaves", leave, "leave_id"),
        "group_id": group_id,
        "member_id": made(f"groups/{group_id}/members", member, "member_id"),
        "round_id": made("pledge-rounds", pledge, "round_id"),
        "training_id": made("trainings", training, "training_id"),
        "certificate_id": made("certificates", certificate, "certificate_id"),
    }


def first(reader: Api, path: str, member: str) -> Any:
    return eventually(path, lambda: next(iter(reader.get(path).json[member]), None))
