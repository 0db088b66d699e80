"""Accounts of others."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import accounts_service_pb2 as pb

rpc = rpcs("personnel", pb, "AccountService")
PERSON = f"{COUNTY}/people/{{person_id}}"

SECTION = Section(
    "accounts",
    Text("Accounts", "账号"),
    (
        Route(
            "POST",
            f"{PERSON}:invite",
            rpc("InvitePerson"),
            Text("Let a person choose a password with a one-time code", "邀请人员设置密码"),
        ),
        Route(
            "POST",
            f"{PERSON}/account:reset-password",
            rpc("ResetPassword"),
            Text("Take a password away; a one-time code allows another", "重置密码"),
        ),
        Route(
            "POST",
            f"{PERSON}/account:unlock",
            rpc("UnlockAccount"),
            Text("Forget the failed sign-ins to an account", "解除账号锁定"),
            show="account",
        ),
        Route(
            "POST",
            f"{PERSON}/account:disable",
            rpc("DisableAccount"),
            Text("Disable an account", "停用账号"),
            show="account",
        ),
        Route(
            "POST",
            f"{PERSON}/account:enable",
            rpc("EnableAccount"),
            Text("Enable an account", "启用账号"),
            show="account",
        ),
        Route(
            "GET",
            f"{PERSON}/account",
            rpc("GetAccount"),
            Text("Read a person's account", "查看人员账号状态"),
            show="account",
        ),
    ),
    headings={
        "reason": "理由",
        "username": "用户名",
        "must_change_password": "须修改密码",
        "locked_until": "锁定至",
        "code_expire_time": "邀请码有效期至",
    },
)
