"""Identities with the outside issuer."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import accounts_service_pb2 as pb

rpc = rpcs("personnel", pb, "AccountService")
PERSON = f"{COUNTY}/people/{{person_id}}"

SECTION = Section(
    "identity",
    Text("Outside identities", "外部身份"),
    (
        Route(
            "POST",
            f"{PERSON}/account:link-identity",
            rpc("LinkIdentity"),
            Text("Link an outside identity with an account", "关联外部身份"),
            show="account",
        ),
        Route(
            "POST",
            f"{PERSON}/account:unlink-identity",
            rpc("UnlinkIdentity"),
            Text("Unlink an account from the outside issuer", "解除外部身份关联"),
            show="account",
        ),
    ),
    headings={
        "username": "用户名",
        "must_change_password": "须修改密码",
        "locked_until": "锁定至",
        "code_expire_time": "邀请码有效期至",
    },
)
