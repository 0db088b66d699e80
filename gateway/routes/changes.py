"""Changes of the division into grids."""

from marshmallow import fields, validate

from gateway.fields import Body, Choice, Document, Flag, Id, Instant, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.grid.v1 import changes_service_pb2 as pb
from wangge.grid.v1 import tree_pb2

rpc = rpcs("grid", pb, "GridChangeService")
GRID = f"{COUNTY}/grids/{{grid_id}}"
CONFIGURERS = Rule(capability="configure", city_roles=frozenset({CITY_OPERATOR}))
READERS = Rule(capability="read", city_roles=frozenset({CITY_OPERATOR, CITY_SUPERVISOR}))


def _code() -> fields.String:
    return fields.String(
        validate=validate.Regexp(
            r"\d{6}(\d{3}){0,2}\Z", error="Not a division code of 6, 9 or 12 digits."
        )
    )


class Paper(Body):
    """The paper on which a change rests."""

    title = Words(required=True)
    number = Words()
    url = fields.URL(schemes={"http", "https"}, validate=validate.Length(max=500))


class Change(Body):
    """From when on a change holds, now unless given, and on which paper it rests."""

    effective_at = Instant()
    document = fields.Nested(Paper)


class NewGrid(Change):
    """A grid of any kind, below a parent or at the root."""

    parent_id = Id()
    kind = Choice(tree_pb2.GridKind.DESCRIPTOR)
    level_id = Words(64)
    unit_type = Words(64)
    name = Words(required=True)
    admin_code = _code()
    local_code = Words(64)
    is_base = Flag()
    child_ids = fields.List(Id(), validate=validate.Length(max=500))


class Place(Change):
    """The parent below which the grid goes; without one it becomes a root."""

    parent_id = Id()


class Naming(Change):
    """Another name or other codes; an empty code takes the code away."""

    name = Words()
    admin_code = fields.String(validate=validate.Length(max=12))
    local_code = Words(64, minimum=0)


class Part(Body):
    """A grid that takes the place of the divided one."""

    name = Words(required=True)
    admin_code = _code()
    local_code = Words(64)
    unit_type = Words(64)
    child_ids = fields.List(Id(), validate=validate.Length(max=500))


class Division(Change):
    """The grids that take the place, and which of them (counted from 0) takes open work over."""

    successors = fields.List(fields.Nested(Part), required=True, validate=validate.Length(2, 100))
    heir = fields.Integer(strict=True, validate=validate.Range(0, 99))
    carry_posts = Flag()


class Merged(Body):
    """A grid to be merged, at the version at which it was seen."""

    grid_id = Id(required=True)
    expected_version = fields.Integer(strict=True, validate=validate.Range(min=1))


class Merger(Change):
    """The grids that become one, and the one that they become."""

    grids = fields.List(fields.Nested(Merged), required=True, validate=validate.Length(2, 100))
    name = Words(required=True)
    admin_code = _code()
    local_code = Words(64)
    unit_type = Words(64)
    parent_id = Id()
    carry_posts = Flag()


class End(Change):
    """Where the grids below go, and who takes open work over."""

    children_to = Id()
    heir_id = Id()
    carry_posts = Flag()


class Description(Body):
    """What is to be stated of the grid; null takes a statement back."""

    details = Document(required=True, attribute="details_json")
    effective_at = Instant()


class Zones(Body):
    """The overlay zones to which the grid belongs, and no others."""

    zones = fields.List(Words(64), required=True, validate=validate.Length(max=50))
    effective_at = Instant()


class Provision(Body):
    """What a grid is given to work with in a year; what is left out is not stated."""

    year = fields.Integer(required=True, strict=True, validate=validate.Range(1980, 2200))
    budget_yuan = fields.Float(validate=validate.Range(0, 1_000_000_000_000))
    equipment = Words(500)
    vehicles = fields.Integer(strict=True, validate=validate.Range(0, 1_000_000))
    office = Words(500)


SECTION = Section(
    "grid-changes",
    Text("Changes of grids", "网格调整"),
    (
        Route(
            "POST",
            f"{COUNTY}/grids",
            rpc("CreateGrid"),
            CONFIGURERS,
            Text("Make a grid", "新建网格"),
            body=NewGrid,
            show="grid",
            status=201,
            location="/v1/counties/{county_id}/grids/{grid_id}",
        ),
        Route(
            "POST",
            f"{COUNTY}/grids:merge",
            rpc("MergeGrids"),
            CONFIGURERS,
            Text("Merge grids into one", "合并网格"),
            body=Merger,
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{GRID}:move",
            rpc("MoveGrid"),
            CONFIGURERS,
            Text("Put a grid with all below it under another", "调整网格上级"),
            body=Place,
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{GRID}:rename",
            rpc("RenameGrid"),
            CONFIGURERS,
            Text("Give a grid another name or other codes", "网格更名或更换代码"),
            body=Naming,
        ),
        Route(
            "POST",
            f"{GRID}:split",
            rpc("SplitGrid"),
            CONFIGURERS,
            Text("Divide a grid", "拆分网格"),
            body=Division,
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{GRID}:retire",
            rpc("RetireGrid"),
            CONFIGURERS,
            Text("End a grid", "撤销网格"),
            body=End,
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{GRID}:describe",
            rpc("UpdateGrid"),
            CONFIGURERS,
            Text("State details of a grid", "填写网格概况"),
            body=Description,
            show="grid",
        ),
        Route(
            "POST",
            f"{GRID}:set-zones",
            rpc("SetGridZones"),
            CONFIGURERS,
            Text("Put a grid into overlay zones", "设置网格所属片区"),
            body=Zones,
            show="grid",
        ),
        Route(
            "POST",
            f"{GRID}/provisions",
            rpc("SetProvision"),
            CONFIGURERS,
            Text("State what a grid is given to work with in a year", "填写网格年度保障"),
            body=Provision,
            show="provision",
        ),
        Route(
            "GET",
            f"{GRID}/provisions",
            rpc("ListProvisions"),
            READERS,
            Text("List what a grid is given to work with", "列出网格年度保障"),
            query=Paged,
        ),
        Route(
            "GET",
            f"{GRID}/lineage",
            rpc("GetLineage"),
            READERS,
            Text("Read what a grid came from and what became of it", "查看网格沿革"),
        ),
        Route(
            "GET",
            f"{GRID}/states",
            rpc("ListGridStates"),
            READERS,
            Text("List the states that a grid went through", "列出网格历次状态"),
            query=Paged,
        ),
    ),
    headings={
        "grid": "网格",
        "since": "生效时间",
        "until": "失效时间",
        "local_code": "网格编码",
        "is_base": "基础网格",
        "kind": "类型",
        "zones": "片区",
        "details": "网格概况",
        "effective_at": "生效时间",
        "document": "依据文件",
        "predecessors": "变更前网格",
        "successors": "变更后网格",
        "heirs": "工作承接",
        "carry_posts": "岗位承接",
        "year": "年度",
        "budget_yuan": "经费(元)",
        "equipment": "执法装备",
        "vehicles": "车辆数",
        "office": "办公保障",
        "changed_at": "填写时间",
        "made_by": "操作人",
        "made_at": "操作时间",
    },
)
