"""Signing in. The password goes to personnel and nowhere else."""

from gateway.fields import Body, CountyId, Paged, Secret, Words
from gateway.routing import COUNTY, Limit, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import auth_service_pb2 as pb

rpc = rpcs("personnel", pb, "AuthService")
SIGNED_IN = Rule(any_post=True, before_password_change=True)


class Credentials(Body):
    """Who signs in, and where; the city's own people belong to the county ``city``."""

    county = CountyId(attribute="county_id", required=True)
    username = Words(64, required=True)
    password = Secret(required=True)


class Renewal(Body):
    """A session to renew."""

    county = CountyId(attribute="county_id", required=True)
    refresh_token = Secret(4096, required=True)


class OutsideToken(Body):
    """An id token of the outside issuer, and the nonce that was sent to it, if any."""

    county = CountyId(attribute="county_id", required=True)
    id_token = Secret(16_000, required=True)
    nonce = Secret(256)


class Acceptance(Body):
    """A one-time code, and the password chosen with it."""

    county = CountyId(attribute="county_id", required=True)
    username = Words(64, required=True)
    code = Secret(64, required=True)
    password = Secret(required=True)


class OtherPassword(Body):
    """The present password, and the one to come."""

    old_password = Secret(required=True)
    new_password = Secret(required=True)


SECTION = Section(
    "auth",
    Text("Signing in", "登录"),
    (
        Route(
            "POST",
            "/v1/auth/token",
            rpc("IssueToken"),
            Rule.public(),
            Text("Sign in with a username and password", "使用用户名和密码登录"),
            body=Credentials,
            show="tokens",
            limit=Limit.LOGIN,
        ),
        Route(
            "POST",
            "/v1/auth/token:refresh",
            rpc("RefreshToken"),
            Rule.public(),
            Text("Renew a session; the refresh token is spent by it", "刷新会话(刷新令牌一次有效)"),
            body=Renewal,
            show="tokens",
            limit=Limit.PUBLIC,
        ),
        Route(
            "POST",
            "/v1/auth/token:exchange",
            rpc("ExchangeToken"),
            Rule.public(),
            Text("Sign in with an id token of the outside issuer", "凭外部身份令牌登录"),
            body=OutsideToken,
            show="tokens",
            limit=Limit.PUBLIC,
        ),
        Route(
            "POST",
            "/v1/auth/invitation:accept",
            rpc("AcceptInvitation"),
            Rule.public(),
            Text("Choose a password with a one-time code", "凭邀请码设置密码"),
            body=Acceptance,
            limit=Limit.LOGIN,
        ),
        Route(
            "POST",
            f"{COUNTY}/account:change-password",
            rpc("ChangePassword"),
            SIGNED_IN,
            Text("Change one's password; all other sessions end", "修改本人密码(其他会话随之结束)"),
            body=OtherPassword,
        ),
        Route(
            "POST",
            f"{COUNTY}/account:sign-out",
            rpc("SignOut"),
            SIGNED_IN,
            Text("End the present session", "退出登录"),
            body=Body,
        ),
        Route(
            "GET",
            f"{COUNTY}/account/sessions",
            rpc("ListSessions"),
            SIGNED_IN,
            Text("List one's sessions", "列出本人会话"),
            query=Paged,
        ),
        Route(
            "POST",
            f"{COUNTY}/account/sessions/{{session_id}}:end",
            rpc("EndSession"),
            SIGNED_IN,
            Text("End one of one's sessions", "结束本人的一个会话"),
            body=Body,
        ),
    ),
    {"session_id": "会话标识", "expire_time": "到期时间", "current": "当前会话"},
)
