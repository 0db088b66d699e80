"""Accounts and personal data: who may read it, and what was done to it."""

from marshmallow import fields, validate

from gateway.fields import Body, Id, Instant, Paged, Secret, Words
from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import accounts_service_pb2 as pb

rpc = rpcs("personnel", pb, "AccountService")
STAFF, ANY_POST = Rule.needs("staff"), Rule(any_post=True)
IMPORTED = (
    *("person_id", "name", "phone", "identity_number", "employer", "force_source"),
    *("username", "role_type", "grid_code", "department_id"),
)
PERSON = f"{COUNTY}/people/{{person_id}}"


class PersonChanges(Body):
    """What is told of a person anew; an empty text takes a value away."""

    name = Words(64)
    phone = fields.String(validate=validate.Length(0, 32))
    identity_number = fields.String(validate=validate.Length(0, 32))
    employer = Words(64, minimum=0)
    force_source = Words(64, minimum=0)


# A class cannot have a member called `fields`: that is where marshmallow keeps its own.
Reading = Body.from_dict(
    {
        "fields": fields.List(
            fields.String(validate=validate.OneOf(["phone", "identity_number"])),
            required=True,
            validate=validate.Length(1, 2),
        ),
        "reason": Words(required=True, minimum=4),
    },
    name="Reading",
)


class Wanted(Body):
    """Whom to look up, by one of the two, written in full."""

    phone = fields.String(validate=validate.Length(1, 32))
    identity_number = fields.String(validate=validate.Length(1, 32))


class Invitation(Body):
    """The username that the person will sign in with."""

    username = Words(64, required=True)


class OutsideIdentity(Body):
    """Somebody else's identity by its subject, or one's own by a fresh id token."""

    subject = Words(255)
    id_token = Secret(16_000)
    nonce = Secret(256)


class Reason(Body):
    """Why, for the audit."""

    reason = Words()


class AuditFilter(Paged):
    """Which entries of the audit are wanted."""

    person_id = Id()
    actor_id = Id()
    action = Words(64)
    since = Instant()
    until = Instant()


SECTION = Section(
    "accounts",
    Text("Accounts and personal data", "账号与个人信息"),
    (
        Route(
            "POST",
            f"{PERSON}:update",
            rpc("UpdatePerson"),
            STAFF,
            Text("Change what is known of a person", "修改人员信息"),
            body=PersonChanges,
            show="person",
        ),
        Route(
            "POST",
            f"{PERSON}:reveal",
            rpc("RevealPersonalData"),
            STAFF,
            Text("Read a person's phone or identity number unmasked", "查看人员完整信息(留痕)"),
            body=Reading,
        ),
        Route(
            "POST",
            f"{COUNTY}/people:import",
            rpc("ImportPeople"),
            STAFF,
            Text("Record the people of a file, with accounts and posts", "导入人员(含账号与岗位)"),
            rows=Rows(columns=IMPORTED, required=("name",)),
            show="outcome",
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{COUNTY}/people:look-up",
            rpc("LookUpPeople"),
            STAFF,
            Text("Find people by phone or identity number", "按电话或身份号码查找人员"),
            body=Wanted,
        ),
        Route(
            "POST",
            f"{PERSON}:invite",
            rpc("InvitePerson"),
            STAFF,
            Text("Let a person choose a password with a one-time code", "邀请人员设置密码"),
            body=Invitation,
        ),
        Route(
            "POST",
            f"{PERSON}/account:reset-password",
            rpc("ResetPassword"),
            STAFF,
            Text("Take a password away; a one-time code allows another", "重置密码"),
            body=Reason,
        ),
        Route(
            "POST",
            f"{PERSON}/account:unlock",
            rpc("UnlockAccount"),
            STAFF,
            Text("Forget the failed sign-ins to an account", "解除账号锁定"),
            body=Reason,
            show="account",
        ),
        Route(
            "POST",
            f"{PERSON}/account:disable",
            rpc("DisableAccount"),
            STAFF,
            Text("Let nobody sign in to an account any more", "停用账号"),
            body=Reason,
            show="account",
        ),
        Route(
            "POST",
            f"{PERSON}/account:enable",
            rpc("EnableAccount"),
            STAFF,
            Text("Let an account be used again", "启用账号"),
            body=Reason,
            show="account",
        ),
        Route(
            "POST",
            f"{PERSON}/account:link-identity",
            rpc("LinkIdentity"),
            ANY_POST,
            Text("Link an outside identity with an account", "关联外部身份"),
            body=OutsideIdentity,
            show="account",
        ),
        Route(
            "POST",
            f"{PERSON}/account:unlink-identity",
            rpc("UnlinkIdentity"),
            ANY_POST,
            Text("Let no outside identity open an account any more", "解除外部身份关联"),
            body=Body,
            show="account",
        ),
        Route(
            "GET",
            f"{PERSON}/account",
            rpc("GetAccount"),
            STAFF,
            Text("Read how a person's account stands", "查看人员账号状态"),
            show="account",
        ),
        Route(
            "GET",
            f"{COUNTY}/audit",
            rpc("ListAudit"),
            STAFF,
            Text("List what was done to accounts and personal data", "查询账号与个人信息操作记录"),
            query=AuditFilter,
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
        "identity_number": "公民身份号码",
        "name": "姓名",
        "phone": "电话",
        "username": "用户名",
        "role_type": "岗位类型",
        "grid_code": "网格区划代码",
        "department_id": "部门",
        "employer": "所在单位",
        "force_source": "下沉力量来源",
        "must_change_password": "须修改密码",
        "locked_until": "锁定至",
        "code_expire_time": "邀请码有效期至",
    },
)
