"""Changes of the division into grids."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.grid.v1 import changes_service_pb2 as pb

rpc = rpcs("grid", pb, "GridChangeService")
GRID = f"{COUNTY}/grids/{{grid_id}}"


SECTION = Section(
    "grid-changes",
    Text("Changes of grids", "网格调整"),
    (
        Route(
            "POST",
            f"{COUNTY}/grids",
            rpc("CreateGrid"),
            Text("Make a grid", "新建网格"),
            show="grid",
            status=201,
            location="/v1/counties/{county_id}/grids/{grid_id}",
        ),
        Route(
            "POST",
            f"{COUNTY}/grids:merge",
            rpc("MergeGrids"),
            Text("Merge grids into one", "合并网格"),
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{GRID}:move",
            rpc("MoveGrid"),
            Text("Put a grid with all below it under another", "调整网格上级"),
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{GRID}:rename",
            rpc("RenameGrid"),
            Text("Give a grid another name or other codes", "网格更名或更换代码"),
        ),
        Route(
            "POST",
            f"{GRID}:split",
            rpc("SplitGrid"),
            Text("Divide a grid", "拆分网格"),
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{GRID}:retire",
            rpc("RetireGrid"),
            Text("End a grid", "撤销网格"),
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{GRID}:describe",
            rpc("UpdateGrid"),
            Text("State details of a grid", "填写网格概况"),
            show="grid",
        ),
        Route(
            "POST",
            f"{GRID}:set-zones",
            rpc("SetGridZones"),
            Text("Put a grid into overlay zones", "设置网格所属片区"),
            show="grid",
        ),
        Route(
            "POST",
            f"{GRID}/provisions",
            rpc("SetProvision"),
            Text("State what a grid is given to work with in a year", "填写网格年度保障"),
            show="provision",
        ),
        Route(
            "GET",
            f"{GRID}/provisions",
            rpc("ListProvisions"),
            Text("List what a grid is given to work with", "列出网格年度保障"),
        ),
        Route(
            "GET",
            f"{GRID}/lineage",
            rpc("GetLineage"),
            Text("Read what a grid came from and what became of it", "查看网格沿革"),
        ),
        Route(
            "GET",
            f"{GRID}/states",
            rpc("ListGridStates"),
            Text("List the states that a grid went through", "列出网格历次状态"),
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
