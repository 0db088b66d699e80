"""The register of what must be published."""

from marshmallow import Schema, fields, validate

from gateway.fields import Body, Choice, Id, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.disclosure.v1 import disclosure_pb2
from wangge.disclosure.v1 import disclosure_service_pb2 as pb

rpc = rpcs("disclosure", pb, "DisclosureService")
ITEM = f"{COUNTY}/register/{{item_id}}"
LONG = 20_000
PUBLISHER = Rule(any_post=True)
"""Either of two capabilities will do; disclosure asks for them."""


class RegisterFilter(Paged):
    """Which items are wanted."""

    state = Choice(disclosure_pb2.RegisterState.DESCRIPTOR)
    about_id = Id()


class NewDraft(Body):
    """What is to be published; made from the source's own words where nothing is given."""

    title = Words()
    body = Words(LONG)
    mask_words = fields.List(Words(), validate=validate.Length(max=200))


class Nothing(Body):
    """Nothing to say but that it be done."""


class Reason(Body):
    """Why, in the caller's words; the public reads it."""

    reason = Words(required=True)


def step(
    verb: str,
    method: str,
    rule: Rule,
    summary: Text,
    body: type[Schema],
    *,
    show: str | None = "item",
) -> Route:
    """One verb of an item of the register."""
    return Route(
        "POST",
        f"{ITEM}:{verb}",
        rpc(method),
        rule,
        summary,
        body=body,
        show=show,
    )


SECTION = Section(
    "register",
    Text("Disclosure register", "信息公开台账"),
    (
        Route(
            "GET",
            f"{COUNTY}/register",
            rpc("ListRegister"),
            Rule.needs("read"),
            Text("List the register, the earliest due first", "列出信息公开台账"),
            query=RegisterFilter,
        ),
        Route(
            "GET",
            ITEM,
            rpc("GetRegisterItem"),
            Rule.needs("read"),
            Text("Read one item with its draft", "查看公开事项"),
            show="item",
        ),
        step(
            "submit",
            "SubmitItem",
            Rule.needs("publish"),
            Text("Draft an item, with personal data masked", "拟稿并脱敏"),
            NewDraft,
        ),
        step(
            "approve",
            "ApproveItem",
            Rule.needs("review"),
            Text("Approve a draft of somebody else", "审核公开稿"),
            Nothing,
        ),
        step(
            "publish",
            "PublishItem",
            PUBLISHER,
            Text("Publish an approved draft", "发布公开稿"),
            Nothing,
            show=None,
        ),
        step(
            "withdraw",
            "WithdrawItem",
            PUBLISHER,
            Text("Withdraw a publication", "撤回公开稿"),
            Reason,
        ),
    ),
)
