"""Every refusal in the recording is made as it was: status, reason, pointers, and words in both languages.

The recording is what callers have seen. Where the platform changes for them on purpose, the tables
below say so, and nothing else in an answer may differ.
"""

import copy
import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e import refusals
from tests.e2e.platform import Platform
from tests.e2e.refusals import Stage

pytestmark = pytest.mark.e2e
Json = Any


@dataclass(frozen=True, slots=True)
class RenamedField:
    """A field that has another name on the addresses that the pattern finds."""

    path: str
    old: str
    new: str


RENAMED_FIELDS: tuple[RenamedField, ...] = (
    RenamedField("/ledger-objects", "source_id", "pollution_source_id"),
    RenamedField("/source-events", "source_id", "pollution_source_id"),
    RenamedField("/patrols:submit$", "source_ids", "pollution_source_ids"),
    RenamedField("/patrols:submit$", "source_id", "pollution_source_id"),
    RenamedField(r"/cases\?", "source_id", "origin_id"),
)
"""Such as ``RenamedField("/patrols:submit$", "source_ids", "pollution_source_ids")``."""
RENAMED_ADDRESSES: dict[str, str] = {
    "}:accept": "}:acknowledge",
    "}:acknowledge": "}:accept-transfer",
}
"""End of a recorded address → its present end, such as ``"}:acknowledge": "}:accept-transfer"``."""
RENAMED_STEPS = {"'accept'": "'acknowledge'", "'acknowledge'": "'accept-transfer'"}


def _with_renamed_steps(answer: Json) -> Json:
    """What the answer is now where it names the step that a case does not allow."""
    english, chinese = answer["detail"]
    step = re.search(r"(?<=does not allow )'.*?'", english)
    named = step and RENAMED_STEPS.get(step[0])
    return {"detail": [english.replace(step[0], named), chinese]} if step and named else {}


def _missing(*members: str) -> Json:
    """The answer's errors where a query leaves these out."""
    return [
        [f"/{member}", "Missing data for required field.", "缺少必填字段。"] for member in members
    ]


NOT_VALID: Json = {
    "status": 400,
    "reason": "INVALID_ARGUMENT",
    "title": ["The request is not valid", "请求内容有误"],
    "detail": [
        "Correct the fields listed and send it again.",
        "请更正所列字段后重新提交。",
    ],
}
SOURCE_COLUMNS = (
    "网格代码, 网格, 名称, 类型, 监管等级, 统一社会信用代码, 地址, 行业, 经度, 纬度, 养殖分区, "
    "自动监控, 巡查监控, 守法情况"
)
CHANGED_ANSWERS: dict[str, Json] = {
    # An address that needs a query names what is missing as any body's field; two of them took a
    # query that was left out for version 0.
    "get-scheme-version-missing-query": NOT_VALID | {"errors": _missing("scheme_version")},
    "get-scheme-differences-missing-query": NOT_VALID | {"errors": _missing("earlier", "later")},
    "get-rules-missing-missing-query": {"errors": _missing("kind")},
    "get-pledges-missing-query": {"errors": _missing("round_id")},
    "get-pledges-unsigned-missing-query": {"errors": _missing("round_id")},
    "get-pledges-counts-missing-query": {"errors": _missing("round_id")},
    "get-trainings-lacking-missing-query": {"errors": _missing("kind", "role_type")},
    "get-certificates-check-missing-query": {
        "errors": [["/person_ids", "Length must be between 1 and 100.", "长度应在 1 至 100 之间。"]]
    },
    # A wrong value in a list of a query is named by its place.
    "certificates-check-not-ids": {
        "errors": [
            ["/person_ids/0", "Not a valid UUID.", "应为 UUID。"],
            ["/person_ids/1", "Not a valid UUID.", "应为 UUID。"],
        ]
    },
    # The gateway holds the service's own limit, so that too many findings are its refusal now.
    "patrols-too-many-findings": {
        "errors": [["/findings", "Longer than maximum length 50.", "长度不能超过 50。"]]
    },
    "get-certificates-check-wrong-query": {
        "errors": [
            [
                "/at",
                "Not a time with its offset, such as 2026-03-05T08:00:00+08:00.",
                "应为带时区偏移的时间,例如 2026-03-05T08:00:00+08:00。",
            ],
            ["/colour", "Unknown field.", "不认识的字段,请删除。"],
            ["/kind", "Length must be between 1 and 64.", "长度应在 1 至 64 之间。"],
            ["/person_ids/0", "Not a valid UUID.", "应为 UUID。"],
        ]
    },
    # Columns are named in the order of the list that they come from.
    "sources-file-unknown-column": {
        "errors": [
            ["/rows/1/type", "The column 类型 is missing.", "缺少“类型”列。"],
            [
                "/rows/1/月光",
                f"No such column; the columns are: {SOURCE_COLUMNS}.",
                f"没有这一列,可用的列:{SOURCE_COLUMNS}。",
            ],
        ]
    },
    # A step is named by the verb that callers use.
    **{
        each["id"]: _with_renamed_steps(each["answer"])
        for each in refusals.load()
        if each["answer"]["reason"] == "CASE_TRANSITION_NOT_ALLOWED"
    },
}
"""Name of a refusal → the members of its answer that are others now, with the reason in a comment."""


@pytest.fixture(scope="module")
def stage(platform: Platform) -> Stage:
    return refusals.set_up(platform)


@pytest.mark.parametrize("recorded", refusals.load(), ids=lambda recorded: recorded["id"])
def test_a_request_is_refused_as_it_was_recorded(stage: Stage, recorded: Json) -> None:
    asked = present(recorded)
    expected = asked["answer"] | CHANGED_ANSWERS.get(asked["id"], {})

    answer = stage.answer(asked)

    assert answer == expected | {"errors": sorted(expected["errors"])}


def test_the_recording_holds_each_kind_of_refusal() -> None:
    recorded = refusals.load()
    answers = [each["answer"] for each in recorded]

    assert len({each["id"] for each in recorded}) == len(recorded) >= 300
    assert {400, 401, 403, 404, 405, 409, 412, 413, 415, 422} <= {it["status"] for it in answers}
    assert set(CHANGED_ANSWERS) <= {each["id"] for each in recorded}


def present(recorded: Json) -> Json:
    """A recorded request and its answer with the names that fields and addresses have now."""
    asked = copy.deepcopy(recorded)
    for each in (asked, *asked.get("first", [])):
        renamed = [rename for rename in RENAMED_FIELDS if re.search(rename.path, each["path"])]
        for rename in renamed:
            each["body"] = _with_field(each.get("body"), rename)
            each["path"] = re.sub(rf"([?&]){rename.old}=", rf"\1{rename.new}=", each["path"])
            for error in each.get("answer", {}).get("errors", []):
                error[0] = re.sub(rf"/{rename.old}(?=/|$)", f"/{rename.new}", error[0])
        each["path"] = _present_address(each["path"])
    return asked


def _with_field(value: Json, rename: RenamedField) -> Json:
    if isinstance(value, dict):
        named = {rename.old: rename.new}
        return {named.get(key, key): _with_field(each, rename) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_field(each, rename) for each in value]
    return value


def _present_address(path: str) -> str:
    for old, new in RENAMED_ADDRESSES.items():
        if path.endswith(old):
            return path.removesuffix(old) + new
    return path


def test_a_renamed_field_is_asked_for_and_pointed_at_by_its_new_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rename = RenamedField("/patrols:submit$", "source_id", "pollution_source_id")
    monkeypatch.setitem(globals(), "RENAMED_FIELDS", (rename,))
    monkeypatch.setitem(RENAMED_ADDRESSES, "}:acknowledge", "}:accept-transfer")
    recorded = {
        "path": "/v1/counties/{county}/patrols:submit",
        "body": {"findings": [{"source_id": 7}], "source_ids": []},
        "answer": {"errors": [["/findings/0/source_id", "wrong", "错"], ["/source_ids", "", ""]]},
        "first": [{"path": "/v1/counties/{county}/cases/{case_id}:acknowledge"}],
    }

    asked = present(recorded)

    assert asked["body"] == {"findings": [{"pollution_source_id": 7}], "source_ids": []}
    pointers = [error[0] for error in asked["answer"]["errors"]]
    assert pointers == ["/findings/0/pollution_source_id", "/source_ids"]
    assert asked["first"][0]["path"].endswith("/cases/{case_id}:accept-transfer")
