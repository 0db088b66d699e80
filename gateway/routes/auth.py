"""Signing in. The password goes to personnel and nowhere else."""

from gateway.routing import COUNTY, Limit, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import auth_service_pb2 as pb

rpc = rpcs("personnel", pb, "AuthService")


SECTION = Section(
    "auth",
    Text("Signing in", "登录"),
    (
        Route(
            "POST",
            "/v1/auth/token",
            rpc("IssueToken"),
            Text("Sign in with a username and password", "使用用户名和密码登录"),
            names={"county_id": "county"},
            show="tokens",
            limit=Limit.LOGIN,
        ),
        Route(
            "POST",
            "/v1/auth/token:refresh",
            rpc("RefreshToken"),
            Text("Renew a session; the refresh token is spent by it", "刷新会话(刷新令牌一次有效)"),
            names={"county_id": "county"},
            show="tokens",
            limit=Limit.PUBLIC,
        ),
        Route(
            "POST",
            "/v1/auth/token:exchange",
            rpc("ExchangeToken"),
            Text("Sign in with an id token of the outside issuer", "凭外部身份令牌登录"),
            names={"county_id": "county"},
            show="tokens",
            limit=Limit.PUBLIC,
        ),
        Route(
            "POST",
            "/v1/auth/invitation:accept",
            rpc("AcceptInvitation"),
            Text("Choose a password with a one-time code", "凭邀请码设置密码"),
            names={"county_id": "county"},
            limit=Limit.LOGIN,
        ),
        Route(
            "POST",
            f"{COUNTY}/account:change-password",
            rpc("ChangePassword"),
            Text("Change one's password; all other sessions end", "修改本人密码(其他会话随之结束)"),
        ),
        Route(
            "POST",
            f"{COUNTY}/account:sign-out",
            rpc("SignOut"),
            Text("End the present session", "退出登录"),
        ),
        Route(
            "GET",
            f"{COUNTY}/account/sessions",
            rpc("ListSessions"),
            Text("List one's sessions", "列出本人会话"),
        ),
        Route(
            "POST",
            f"{COUNTY}/account/sessions/{{session_id}}:end",
            rpc("EndSession"),
            Text("End one of one's sessions", "结束本人的一个会话"),
        ),
    ),
    {"session_id": "会话标识", "expire_time": "到期时间", "current": "当前会话"},
)
