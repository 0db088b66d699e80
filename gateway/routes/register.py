"""The register of what must be published."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.disclosure.v1 import disclosure_service_pb2 as pb

rpc = rpcs("disclosure", pb, "DisclosureService")
ITEM = f"{COUNTY}/register/{{item_id}}"


def step(verb: str, method: str, summary: Text, *, show: str | None = "item") -> Route:
    """One verb of an item of the register."""
    return Route("POST", f"{ITEM}:{verb}", rpc(method), summary, show=show)


SECTION = Section(
    "register",
    Text("Disclosure register", "信息公开台账"),
    (
        Route(
            "GET",
            f"{COUNTY}/register",
            rpc("ListRegister"),
            Text("List the register, the earliest due first", "列出信息公开台账"),
        ),
        Route(
            "GET",
            ITEM,
            rpc("GetRegisterItem"),
            Text("Read one item with its draft", "查看公开事项"),
            show="item",
        ),
        step(
            "submit",
            "SubmitItem",
            Text("Draft an item, with personal data masked", "拟稿并脱敏"),
        ),
        step(
            "approve",
            "ApproveItem",
            Text("Approve a draft of somebody else", "审核公开稿"),
        ),
        step(
            "publish",
            "PublishItem",
            Text("Publish an approved draft", "发布公开稿"),
            show=None,
        ),
        step(
            "withdraw",
            "WithdrawItem",
            Text("Withdraw a publication", "撤回公开稿"),
        ),
    ),
)
