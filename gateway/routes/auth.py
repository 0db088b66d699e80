"""Signing in. The password goes to personnel and nowhere else."""

from gateway.fields import Body, CountyId, Secret, Words
from gateway.routing import Limit, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import auth_service_pb2 as pb

rpc = rpcs("personnel", pb, "AuthService")


class Credentials(Body):
    """Who signs in, and where; the city's own people belong to the county ``city``."""

    county = CountyId(attribute="county_id", required=True)
    username = Words(64, required=True)
    password = Secret(required=True)


class Renewal(Body):
    """A session to renew."""

    county = CountyId(attribute="county_id", required=True)
    refresh_token = Secret(4096, required=True)


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
    ),
)
