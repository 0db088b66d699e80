"""What was done to accounts and personal data."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import accounts_service_pb2 as pb

rpc = rpcs("personnel", pb, "AccountService")

SECTION = Section(
    "audit",
    Text("Audit", "留痕"),
    (
        Route(
            "GET",
            f"{COUNTY}/audit",
            rpc("ListAudit"),
            Text("List what was done to accounts and personal data", "查询账号与个人信息操作记录"),
        ),
    ),
    headings={
        "entry_id": "记录编号",
        "at": "时间",
        "actor_id": "操作人",
        "actor_roles": "操作人角色",
        "action": "操作",
        "reason": "理由",
        "details": "详情",
        "correlation_id": "请求编号",
    },
)
