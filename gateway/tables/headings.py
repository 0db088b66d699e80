"""The headings of tables."""

from collections.abc import Mapping, Sequence

COMMON: Mapping[str, str] = {
    "about_id": "对象编号",
    "about_type": "对象类型",
    "accept_time": "受理时间",
    "address": "地址",
    "admin_code": "区划代码",
    "allowed_actions": "可办操作",
    "approved_by": "审批人",
    "arise_time": "形成时间",
    "body": "内容",
    "capabilities": "权限",
    "case_id": "案件标识",
    "category": "类别",
    "category_name": "类别名称",
    "client_id": "终端编号",
    "close_time": "结案时间",
    "confirm_due_time": "确认期限",
    "confirm_time": "确认时间",
    "content_hash": "内容摘要值",
    "county_id": "县区编号",
    "create_time": "登记时间",
    "department_id": "部门编号",
    "description": "描述",
    "done_time": "完成时间",
    "draft": "草稿",
    "due_time": "期限",
    "effective_on": "生效日期",
    "end_time": "结束时间",
    "grid_id": "网格标识",
    "grid_name": "网格名称",
    "grid_path": "网格路径",
    "handle_time": "处置时间",
    "in_numerator": "计入分子",
    "item_id": "事项标识",
    "kind": "种类",
    "label": "名称",
    "latitude": "纬度",
    "lead_department_id": "主办部门编号",
    "ledger_number": "台账序号",
    "level_id": "层级",
    "longitude": "经度",
    "name": "名称",
    "notice_id": "通知标识",
    "number": "编号",
    "open_time": "立案时间",
    "origin": "来源",
    "origin_id": "来源标识",
    "parent_id": "上级网格标识",
    "path": "路径",
    "patrol_id": "巡查标识",
    "patroller_id": "巡查人标识",
    "person_id": "人员标识",
    "phone": "电话",
    "pollution_source_id": "污染源标识",
    "pollution_source_ids": "污染源标识",
    "post_id": "岗位标识",
    "previous_hash": "前一记录摘要值",
    "publication_id": "公开内容标识",
    "publish_time": "公开时间",
    "publisher": "公开主体",
    "rank": "行政级别",
    "reason": "原因",
    "record_hash": "记录摘要值",
    "responsible_grid_id": "责任网格标识",
    "responsible_grid_path": "责任网格路径",
    "result": "处理结果",
    "role_kind": "岗位类别",
    "role_type": "岗位类型",
    "rule_id": "规则编号",
    "send_time": "发送时间",
    "sign_time": "签名时间",
    "signature": "签名",
    "source_id": "污染源标识",
    "start_time": "开始时间",
    "state": "状态",
    "submit_time": "提交时间",
    "submitted_by": "提交人",
    "summary": "小结",
    "time_zone": "时区",
    "title": "标题",
    "unit_type": "单位类型",
    "username": "用户名",
    "valid_from": "生效时间",
    "valid_to": "失效时间",
    "verify_time": "核查时间",
    "version": "版本",
    "withdraw_time": "撤回时间",
}
"""Member → its Chinese heading, where a section does not say otherwise."""


class Headings:
    """The headings of one section's tables, both ways."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self._names = {**COMMON, **own}
        self._members = {heading: member for member, heading in self._names.items()}

    def knows(self, member: str) -> bool:
        """Whether every part of a member's name has its heading."""
        return all(part in self._names for part in member.split("."))

    def of(self, member: str, language: str = "zh") -> str:
        """The heading of a member; ``a.b`` is b within a. English headings are the members' names.

        Raises KeyError for a member that nobody gave a heading.
        """
        if language != "zh":
            return member
        return "·".join(self._names[part] for part in member.split("."))

    def row(self, columns: Sequence[str], language: str = "zh") -> list[str]:
        """The line of headings: a member within another by its own name, where no other has it."""
        last = [name.rsplit(".", 1)[-1] for name in columns]
        return [
            self.of(own if last.count(own) == 1 else name, language)
            for name, own in zip(columns, last, strict=True)
        ]

    def member(self, heading: str, wanted: tuple[str, ...]) -> str | None:
        """The column a heading means, one of those ``wanted`` before any other; None if unknown."""
        text = heading.strip()
        for name in wanted:
            if text in (name, self._names.get(name), COMMON.get(name)):
                return name
        known = all(part in self._members or part in self._names for part in _parts(text))
        return text if known else None


def _parts(heading: str) -> list[str]:
    return heading.replace("·", ".").split(".")
