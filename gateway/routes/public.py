"""What anyone may read. Only disclosure's public RPCs are called, which know no reporter."""

from gateway import feed
from gateway.routing import PUBLIC, Form, Limit, Route, Section, rpcs
from shared.errors import Text
from wangge.disclosure.v1 import disclosure_service_pb2 as pb

rpc = rpcs("disclosure", pb, "PublicService")


SECTION = Section(
    "public",
    Text("For the public", "公众查询"),
    (
        Route(
            "GET",
            f"{PUBLIC}/publications",
            rpc("ListPublications"),
            Text("List a county's publications, newest first", "列出公开信息"),
            limit=Limit.PUBLIC,
        ),
        Route(
            "GET",
            f"{PUBLIC}/atom.xml",
            rpc("ListPublications"),
            Text("Follow a county's publications as an Atom feed", "订阅公开信息(Atom)"),
            limit=Limit.PUBLIC,
            form=Form(content_type=feed.CONTENT_TYPE, render=feed.render),
        ),
        Route(
            "GET",
            f"{PUBLIC}/publications/{{publication_id}}",
            rpc("GetPublication"),
            Text("Read one publication", "查看公开信息"),
            show="publication",
            limit=Limit.PUBLIC,
        ),
    ),
)
