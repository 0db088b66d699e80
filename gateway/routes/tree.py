"""Grids."""

from marshmallow import fields, validate

from gateway.fields import Body, Choice, Flag, Id, Instant, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.grid.v1 import tree_pb2
from wangge.grid.v1 import tree_service_pb2 as pb

rpc = rpcs("grid", pb, "GridService")
READERS = Rule(capability="read", city_roles=frozenset({CITY_OPERATOR, CITY_SUPERVISOR}))


class Divisions(Body):
    """Codes of the country's divisions, each with all that lies below it."""

    codes = fields.List(
        fields.String(
            validate=validate.Regexp(
                r"\d{6}(\d{3}){0,2}\Z", error="Not a division code of 6, 9 or 12 digits."
            )
        ),
        required=True,
        validate=validate.Length(1, 1000),
    )
    dry_run = Flag()
    valid_from = Instant()


class GridFilter(Paged):
    """Which grids are wanted."""

    parent_id = Id()
    level_id = Words()
    name = Words()
    admin_code = fields.String(validate=validate.Length(1, 12))
    as_of = Instant()
    under = Id()
    kind = Choice(tree_pb2.GridKind.DESCRIPTOR)
    zone = Words(64)
    local_code = Words(64)


class AsOf(Body):
    """The moment whose state is wanted, the newest unless given."""

    as_of = Instant()


HEADINGS = {
    "name": "网格名称",
    "since": "现状起始时间",
    "is_base": "基础网格",
    "local_code": "本地编码",
    "details": "详情",
    "zones": "叠加分区",
}
"""What the members of a grid are called at the head of a table."""

SECTION = Section(
    "grids",
    Text("Grids", "网格"),
    (
        Route(
            "POST",
            f"{COUNTY}/grids:import",
            rpc("ImportDivisions"),
            Rule(capability="configure", city_roles=frozenset({CITY_OPERATOR})),
            Text("Make grids of administrative divisions", "由行政区划导入网格"),
            body=Divisions,
            deadline=120.0,
        ),
        Route(
            "GET",
            f"{COUNTY}/grids",
            rpc("ListGrids"),
            READERS,
            Text("List grids in path order", "按层级顺序列出网格"),
            query=GridFilter,
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}",
            rpc("GetGrid"),
            READERS,
            Text("Read one grid", "查看网格"),
            query=AsOf,
            show="grid",
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/ancestors",
            rpc("ListAncestors"),
            READERS,
            Text("List the grids above one, nearest first", "列出上级网格"),
            query=AsOf,
        ),
    ),
    HEADINGS,
)
