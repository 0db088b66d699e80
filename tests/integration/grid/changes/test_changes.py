"""Grids are made, moved, renamed, split, merged and retired; what was stays readable."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.grid.serve_grpc import build
from shared.contracts.grid import GridRestructured
from shared.db.transaction import SET_COUNTY
from shared.eventing.contracts import subscription_to
from shared.rpc.errors import Problem, problem_of
from tests.integration.grid.conftest import Grids
from tests.integration.service_fixtures import Databases, RpcServers, Tokens
from tests.support.refusals import refusal
from tests.support.waiting import LIMIT_SECONDS
from wangge.grid.v1 import changes_pb2, provisions_pb2, tree_pb2
from wangge.grid.v1 import changes_service_pb2_grpc as pb_grpc

TOWNS = ("430223126", "430223125")
CHANGES = (
    "CreateGrid",
    "MoveGrid",
    "RenameGrid",
    "SplitGrid",
    "MergeGrids",
    "RetireGrid",
    "UpdateGrid",
    "SetGridZones",
    "SetProvision",
)
READS = ("GetLineage", "ListGridStates", "ListProvisions")


class Changing(Grids):
    """The service with its changes of grids."""

    def __init__(self, channel: grpc.Channel, token: Tokens, databases: Databases) -> None:
        super().__init__(channel, token, databases)
        self._changes = pb_grpc.GridChangeServiceStub(channel)

    def call(self, who: list[tuple[str, str]], request: Any) -> Any:
        method = type(request).__name__.removesuffix("Request")
        if method in (*CHANGES, *READS):
            return getattr(self._changes, method)(request, metadata=who, timeout=LIMIT_SECONDS)
        return super().call(who, request)

    def refusal(self, who: list[tuple[str, str]], request: Any) -> Problem:
        return refusal(self.call, who, request)

    def configurer(self, county_id: str, scope: str = "g:") -> list[tuple[str, str]]:
        return self.person(county_id, configure=[scope], read=[scope])

    def do(self, county_id: str, kind_of: type, /, **given: Any) -> Any:
        request = kind_of(county_id=county_id, request_id=str(uuid4()), **given)
        return self.call(self.configurer(county_id), request)

    def not_done(self, county_id: str, kind_of: type, /, **given: Any) -> Problem:
        request = kind_of(county_id=county_id, request_id=str(uuid4()), **given)
        return self.refusal(self.configurer(county_id), request)

    def one(self, county_id: str, grid_id: str, as_of: datetime | None = None) -> Any:
        request = tree_pb2.GetGridRequest(county_id=county_id, grid_id=grid_id, as_of=as_of)
        return self.call(self.configurer(county_id), request).grid


@pytest.fixture
def grids(rpc: RpcServers, token: Tokens, databases: Databases) -> Changing:
    return Changing(rpc("grid", build), token, databases)


@pytest.fixture
def county(grids: Changing, county_id: str) -> str:
    """A county with two townships and their villages, made an hour ago."""
    make_county(grids, county_id)
    return county_id


def make_county(grids: Changing, county_id: str, **given: Any) -> None:
    grids.create(county_id, **given)
    grids.bring(county_id, *TOWNS)
    backdate(grids, county_id)


def backdate(grids: Changing, county_id: str, hours: int = 24 * 30) -> None:
    """As if all had been made a month ago."""
    with grids._databases.admin_engine("grid").begin() as connection:
        connection.execute(
            text(
                "UPDATE grids SET since = since - make_interval(hours => :h), "
                "valid_from = valid_from - make_interval(hours => :h) WHERE county_id = :c"
            ),
            {"c": county_id, "h": hours},
        )


def towns_of(grids: Changing, county_id: str) -> list[Any]:
    return grids.all(county_id, level_id="township")


def villages_of(grids: Changing, county_id: str, town: Any) -> list[Any]:
    return grids.all(county_id, parent_id=town.grid_id)


def pointers(problem: Problem) -> set[str]:
    return {fault.pointer for fault in problem.violations}


def days_ago(days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(days=days)


def told(grids: Changing, county_id: str, key: str) -> list[dict[str, Any]]:
    return [event["data"] for event in grids.events(county_id) if event["type"].endswith(key)]


def test_a_moved_subtree_is_read_where_it_lies_and_where_it_lay(
    grids: Changing, county: str
) -> None:
    home, target = towns_of(grids, county)
    village = villages_of(grids, county, home)[0]
    patch = grids.do(
        county,
        changes_pb2.CreateGridRequest,
        parent_id=village.grid_id,
        kind=tree_pb2.GRID_KIND_PATCH,
        name="东片",
        effective_at=days_ago(20),
    ).grid
    moment = days_ago(5)

    reply = grids.do(
        county,
        changes_pb2.MoveGridRequest,
        grid_id=village.grid_id,
        expected_version=1,
        parent_id=target.grid_id,
        effective_at=moment,
        document=changes_pb2.ChangeDocument(title="区划调整通知", number="〔2026〕3号"),
    )

    assert reply.grid.path == f"{target.path}{village.path.split('.')[1]}."
    assert reply.grid.parent_id == target.grid_id
    assert reply.grid.version == 2
    assert reply.grid.since.ToDatetime(tzinfo=UTC) == moment
    assert grids.one(county, patch.grid_id).path.startswith(reply.grid.path)
    before, after = moment - timedelta(seconds=1), moment
    assert grids.one(county, patch.grid_id, before) == patch
    assert grids.one(county, village.grid_id, before).path == village.path
    assert grids.one(county, village.grid_id, after).path == reply.grid.path

    def under(town: Any, as_of: datetime) -> set[str]:
        return {g.grid_id for g in grids.all(county, under=town.grid_id, as_of=as_of)}

    assert {village.grid_id, patch.grid_id} <= under(home, before)
    assert not {village.grid_id, patch.grid_id} & under(target, before)
    assert {village.grid_id, patch.grid_id} <= under(target, after)
    assert not {village.grid_id, patch.grid_id} & under(home, after)

    def above(as_of: datetime | None) -> list[str]:
        request = tree_pb2.ListAncestorsRequest(
            county_id=county, grid_id=patch.grid_id, as_of=as_of
        )
        found = grids.call(grids.configurer(county), request).grids
        return [grid.grid_id for grid in found]

    assert above(before) == [village.grid_id, home.grid_id]
    assert above(None) == above(after) == [village.grid_id, target.grid_id]


def test_each_reads_the_past_of_what_is_theirs_today(grids: Changing, county: str) -> None:
    home, target = towns_of(grids, county)
    village = villages_of(grids, county, home)[0]
    moment = days_ago(5)
    grids.do(
        county,
        changes_pb2.MoveGridRequest,
        grid_id=village.grid_id,
        parent_id=target.grid_id,
        effective_at=moment,
    )
    of_village = grids.one(county, village.grid_id)
    mine = grids.person(county, read=[f"g:{of_village.path}"])
    before = moment - timedelta(seconds=1)

    seen = grids.all(county, who=mine, as_of=before)
    theirs = grids.all(county, who=grids.person(county, read=[f"g:{home.path}"]), as_of=before)

    assert [grid.path for grid in seen] == [village.path]
    assert village.grid_id in {grid.grid_id for grid in theirs}
    request = tree_pb2.GetGridRequest(county_id=county, grid_id=home.grid_id, as_of=before)
    assert grids.refusal(mine, request).status.name == "PERMISSION_DENIED"


def test_pages_of_the_past_hold_each_grid_once(grids: Changing, county: str) -> None:
    home, target = towns_of(grids, county)
    everything = grids.all(county)
    for village in villages_of(grids, county, home)[:3]:
        grids.do(
            county,
            changes_pb2.MoveGridRequest,
            grid_id=village.grid_id,
            parent_id=target.grid_id,
            effective_at=days_ago(5),
        )

    then = grids.all(county, page_size=7, as_of=days_ago(6))

    assert then == everything


def test_a_change_tells_of_its_grids_and_then_of_itself(grids: Changing, county: str) -> None:
    home, target = towns_of(grids, county)
    village = villages_of(grids, county, home)[0]

    change = grids.do(
        county, changes_pb2.MoveGridRequest, grid_id=village.grid_id, parent_id=target.grid_id
    ).change

    *_, changed, restructured = grids.events(county)
    assert changed["type"].endswith("grid.changed.v1")
    (state,) = changed["data"]["grids"]
    assert (state["grid_id"], state["version"]) == (village.grid_id, 2)
    assert state["kind"] == "territorial"
    assert restructured["type"].endswith("grid.restructured.v1")
    assert subscription_to(GridRestructured).read(restructured["data"]).heirs == ()
    assert restructured["data"] == {
        "change_id": change.change_id,
        "kind": "moved",
        "effective_at": state["since"],
        "document": None,
        "predecessors": [village.grid_id],
        "successors": [village.grid_id],
        "heirs": [],
        "carry_posts": False,
    }


def test_a_large_subtree_is_told_of_in_pieces_of_500(
    grids: Changing, county: str, databases: Databases
) -> None:
    home, target = towns_of(grids, county)
    village = villages_of(grids, county, home)[0]
    with databases.admin_engine("grid").begin() as connection:
        connection.execute(
            text(
                "INSERT INTO grids (county_id, grid_id, node, parent_id, path, level_id, rank, "
                "unit_type, name, valid_from, since, version, kind) SELECT :c, gen_random_uuid(), "
                "1000 + n, :v, :p || (1000 + n) || '.', 'village', 'village', 'unit', "
                "'单元' || n, :at, :at, 1, 'unit' FROM generate_series(1, 1200) n"
            ),
            {"c": county, "v": village.grid_id, "p": village.path, "at": days_ago(9)},
        )
    before = len(told(grids, county, "grid.changed.v1"))

    grids.do(county, changes_pb2.MoveGridRequest, grid_id=village.grid_id, parent_id=target.grid_id)

    sizes = [len(data["grids"]) for data in told(grids, county, "grid.changed.v1")[before:]]
    assert sizes == [500, 500, 201]
    assert len(grids.all(county, under=village.grid_id, page_size=500)) == 1201


def test_a_grid_is_never_put_below_itself_nor_where_its_level_has_no_place(
    grids: Changing, county: str
) -> None:
    home, target = towns_of(grids, county)
    village, other, *_ = villages_of(grids, county, home)

    for grid, parent, zh in (
        (home, village, "循环"),
        (home, home, "循环"),
        (village, other, "不在"),
        (home, target, "不在"),
        (village, home, "已在此处"),
    ):
        refused = grids.not_done(
            county, changes_pb2.MoveGridRequest, grid_id=grid.grid_id, parent_id=parent.grid_id
        )
        (fault,) = refused.violations
        assert (refused.status.name, fault.pointer) == ("INVALID_ARGUMENT", "/parent_id")
        assert zh in fault.detail.zh
    refused = grids.not_done(county, changes_pb2.MoveGridRequest, grid_id=village.grid_id)
    assert pointers(refused) == {"/parent_id"}
    refused = grids.not_done(
        county, changes_pb2.MoveGridRequest, grid_id=village.grid_id, parent_id=str(uuid4())
    )
    assert pointers(refused) == {"/parent_id"}


def test_nothing_changes_before_the_last_change_nor_ahead_of_today(
    grids: Changing, county: str
) -> None:
    home, target = towns_of(grids, county)
    village = villages_of(grids, county, home)[0]
    given = {"grid_id": village.grid_id, "parent_id": target.grid_id}
    grids.do(
        county,
        changes_pb2.RenameGridRequest,
        grid_id=village.grid_id,
        name="新名",
        effective_at=days_ago(3),
    )

    early = grids.not_done(county, changes_pb2.MoveGridRequest, **given, effective_at=days_ago(4))
    born_later = grids.not_done(
        county,
        changes_pb2.RenameGridRequest,
        grid_id=home.grid_id,
        name="旧",
        effective_at=days_ago(300),
    )
    ahead = grids.not_done(county, changes_pb2.MoveGridRequest, **given, effective_at=days_ago(-1))

    assert (early.status.name, early.reason) == ("FAILED_PRECONDITION", "OVERLAPS_HISTORY")
    assert village.grid_id in early.detail.en
    assert days_ago(3).date().isoformat() in early.detail.zh
    assert born_later.reason == "OVERLAPS_HISTORY"
    assert pointers(ahead) == {"/effective_at"}
    grids.do(county, changes_pb2.MoveGridRequest, **given, effective_at=days_ago(3))


def test_a_renamed_grid_keeps_its_identity_and_its_former_codes(
    grids: Changing, county: str
) -> None:
    home = towns_of(grids, county)[0]
    moment = days_ago(3)

    grids.do(
        county,
        changes_pb2.RenameGridRequest,
        grid_id=home.grid_id,
        expected_version=1,
        name="新名镇",
        admin_code="",
        local_code="XM-1",
        effective_at=moment,
    )

    now = grids.one(county, home.grid_id)
    assert (now.name, now.admin_code, now.local_code) == ("新名镇", "", "XM-1")
    then = grids.one(county, home.grid_id, moment - timedelta(seconds=1))
    assert (then.name, then.admin_code) == (home.name, home.admin_code)
    request = tree_pb2.ListGridStatesRequest(county_id=county, grid_id=home.grid_id)
    states = grids.call(grids.configurer(county), request).states
    assert [(s.grid.version, s.grid.name) for s in states] == [(2, "新名镇"), (1, home.name)]
    assert not states[0].HasField("until")
    assert states[1].until.ToDatetime(tzinfo=UTC) == moment
    (renamed,) = grids.call(
        grids.configurer(county),
        changes_pb2.GetLineageRequest(county_id=county, grid_id=home.grid_id),
    ).came_from
    assert [g.admin_code for g in (*renamed.predecessors, *renamed.successors)] == [
        home.admin_code,
        "",
    ]
    assert grids.all(county, local_code="XM-1") == [now]
    # The code is free again: an import makes the division's grid anew.
    assert grids.bring(county, home.admin_code).created == 1


def test_a_renaming_without_anything_new_and_codes_in_use_are_refused(
    grids: Changing, county: str
) -> None:
    home, other = towns_of(grids, county)

    nothing = grids.not_done(
        county, changes_pb2.RenameGridRequest, grid_id=home.grid_id, name=home.name
    )
    taken = grids.not_done(
        county,
        changes_pb2.RenameGridRequest,
        grid_id=home.grid_id,
        admin_code=other.admin_code,
    )
    blank = grids.not_done(county, changes_pb2.RenameGridRequest, grid_id=home.grid_id, name=" ")
    unknown = grids.not_done(
        county, changes_pb2.RenameGridRequest, grid_id=home.grid_id, admin_code="430223999"
    )

    assert pointers(nothing) == {"/name"}
    assert pointers(taken) == {"/admin_code"}
    assert pointers(blank) == {"/name"}
    assert pointers(unknown) == {"/admin_code"}


def test_a_split_grid_lives_on_in_its_successors(grids: Changing, county: str) -> None:
    home, _ = towns_of(grids, county)
    villages = villages_of(grids, county, home)
    east, west = villages[:2], villages[2:]
    moment = days_ago(2)

    reply = grids.do(
        county,
        changes_pb2.SplitGridRequest,
        grid_id=home.grid_id,
        expected_version=1,
        heir=1,
        carry_posts=True,
        effective_at=moment,
        successors=[
            changes_pb2.Successor(name="东", child_ids=[v.grid_id for v in east]),
            changes_pb2.Successor(
                name="西", admin_code=home.admin_code, child_ids=[v.grid_id for v in west]
            ),
        ],
    )

    first, second = reply.grids
    assert [g.path for g in reply.grids] == [f"{p}" for p in (first.path, second.path)]
    assert (second.admin_code, second.level_id) == (home.admin_code, "township")
    ended = grids.one(county, home.grid_id)
    assert ended.valid_to.ToDatetime(tzinfo=UTC) == moment
    assert {v.grid_id for v in villages_of(grids, county, first)} == {v.grid_id for v in east}
    assert {v.grid_id for v in villages_of(grids, county, second)} == {v.grid_id for v in west}
    refused = grids.refusal(
        grids.configurer(county),
        tree_pb2.GetGridRequest(county_id=county, grid_id=home.grid_id, as_of=moment),
    )
    assert refused.reason == "GRID_NOT_IN_FORCE"
    before = moment - timedelta(seconds=1)
    assert grids.one(county, home.grid_id, before).name == home.name
    (data,) = told(grids, county, "grid.restructured.v1")
    assert data["heirs"] == [{"from": home.grid_id, "to": second.grid_id}]
    assert (data["kind"], data["carry_posts"]) == ("split", True)
    assert data["successors"] == [first.grid_id, second.grid_id]


def test_a_split_leaves_no_grid_behind_and_gives_none_two_parents(
    grids: Changing, county: str
) -> None:
    home, target = towns_of(grids, county)
    villages = villages_of(grids, county, home)
    stranger = villages_of(grids, county, target)[0]

    refused = grids.not_done(
        county,
        changes_pb2.SplitGridRequest,
        grid_id=home.grid_id,
        heir=2,
        successors=[
            changes_pb2.Successor(name="东", child_ids=[villages[0].grid_id, villages[0].grid_id]),
            changes_pb2.Successor(name="西", admin_code="430223", child_ids=[stranger.grid_id]),
        ],
    )
    alone = grids.not_done(
        county,
        changes_pb2.SplitGridRequest,
        grid_id=home.grid_id,
        successors=[changes_pb2.Successor(name="东")],
    )

    assert pointers(refused) == {
        "/heir",
        "/successors",
        "/successors/0/child_ids/1",
        "/successors/1/child_ids/0",
    }
    assert sum(fault.pointer == "/successors" for fault in refused.violations) == len(villages) - 1
    assert pointers(alone) == {"/successors"}
    nameless = grids.not_done(
        county,
        changes_pb2.SplitGridRequest,
        grid_id=home.grid_id,
        successors=[changes_pb2.Successor(name="东"), changes_pb2.Successor()],
    )
    assert pointers(nameless) == {"/successors/1/name"}
    assert grids.one(county, home.grid_id) == home


@pytest.mark.requirement("R-GRID-30", part="earlier divisions are read as of their dates")
def test_merged_grids_become_one_and_the_lineage_tells_every_step(
    grids: Changing, county: str
) -> None:
    home, _ = towns_of(grids, county)
    one, two, three, *_ = villages_of(grids, county, home)
    paper = changes_pb2.ChangeDocument(title="合并通知", number="1号", url="https://x.cn/1")

    merged = grids.do(
        county,
        changes_pb2.MergeGridsRequest,
        grids=[
            changes_pb2.MergedGrid(grid_id=one.grid_id, expected_version=1),
            changes_pb2.MergedGrid(grid_id=two.grid_id),
        ],
        name="合并村",
        admin_code=one.admin_code,
        document=paper,
        effective_at=days_ago(5),
    ).grid
    parts = grids.do(
        county,
        changes_pb2.SplitGridRequest,
        grid_id=merged.grid_id,
        successors=[changes_pb2.Successor(name="甲"), changes_pb2.Successor(name="乙")],
        effective_at=days_ago(4),
    ).grids

    def lineage(grid_id: str) -> tuple[list[int], list[int]]:
        request = changes_pb2.GetLineageRequest(county_id=county, grid_id=grid_id)
        reply = grids.call(grids.configurer(county), request)
        return [c.kind for c in reply.came_from], [c.kind for c in reply.became]

    joined, divided = changes_pb2.CHANGE_KIND_MERGED, changes_pb2.CHANGE_KIND_SPLIT
    assert lineage(one.grid_id) == ([], [joined, divided])
    assert lineage(merged.grid_id) == ([joined], [divided])
    assert lineage(parts[1].grid_id) == ([joined, divided], [])
    assert lineage(three.grid_id) == ([], [])
    request = changes_pb2.GetLineageRequest(county_id=county, grid_id=parts[0].grid_id)
    first, second = grids.call(grids.configurer(county), request).came_from
    assert first.document == paper
    assert [g.name for g in first.predecessors] == [one.name, two.name]
    assert not second.HasField("document")
    # What was is read as of its day, from every step.
    assert grids.one(county, one.grid_id, days_ago(6)).name == one.name
    assert grids.one(county, merged.grid_id, days_ago(5)).name == "合并村"
    names = {g.name for g in grids.all(county, parent_id=home.grid_id, as_of=days_ago(5))}
    assert "合并村" in names
    assert not {one.name, two.name, "甲"} & names


def test_only_grids_alike_are_merged(grids: Changing, county: str) -> None:
    home, target = towns_of(grids, county)
    village, foreign = (
        villages_of(grids, county, home)[0],
        villages_of(grids, county, target)[0],
    )

    def refusal(*merged: Any, **given: Any) -> Problem:
        parts = [changes_pb2.MergedGrid(grid_id=grid.grid_id) for grid in merged]
        return grids.not_done(
            county, changes_pb2.MergeGridsRequest, grids=parts, name="一", **given
        )

    assert pointers(refusal(village, target)) == {"/grids/1/grid_id", "/parent_id"}
    assert pointers(refusal(village, foreign)) == {"/parent_id"}
    assert pointers(refusal(village, village)) == {"/grids/1/grid_id"}
    assert pointers(refusal(village)) == {"/grids"}
    assert pointers(refusal(home, target, parent_id=village.grid_id)) == {"/parent_id"}
    stale = grids.not_done(
        county,
        changes_pb2.MergeGridsRequest,
        name="一",
        grids=[
            changes_pb2.MergedGrid(grid_id=home.grid_id, expected_version=7),
            changes_pb2.MergedGrid(grid_id=target.grid_id),
        ],
    )
    assert stale.reason == "STALE_VERSION"


def test_a_grid_ends_once_those_below_have_somewhere_to_go(grids: Changing, county: str) -> None:
    home, target = towns_of(grids, county)
    villages = villages_of(grids, county, home)
    given = {"grid_id": home.grid_id}

    refused = grids.not_done(county, changes_pb2.RetireGridRequest, **given)
    circle = grids.not_done(
        county, changes_pb2.RetireGridRequest, **given, children_to=villages[0].grid_id
    )
    itself = grids.not_done(county, changes_pb2.RetireGridRequest, **given, heir_id=home.grid_id)
    grids.do(
        county,
        changes_pb2.RetireGridRequest,
        **given,
        children_to=target.grid_id,
        heir_id=target.grid_id,
        effective_at=days_ago(1),
    )

    assert refused.reason == "CHILDREN_IN_FORCE"
    assert str(len(villages)) in refused.detail.zh
    assert pointers(circle) == {"/children_to"}
    assert pointers(itself) == {"/heir_id"}
    assert {v.grid_id for v in villages} <= {v.grid_id for v in villages_of(grids, county, target)}
    (data,) = told(grids, county, "grid.restructured.v1")
    assert data["heirs"] == [{"from": home.grid_id, "to": target.grid_id}]
    again = grids.not_done(county, changes_pb2.RetireGridRequest, **given)
    assert (again.status.name, again.reason) == ("FAILED_PRECONDITION", "GRID_ENDED")
    below = grids.not_done(
        county, changes_pb2.MoveGridRequest, grid_id=villages[0].grid_id, parent_id=home.grid_id
    )
    assert pointers(below) == {"/parent_id"}


def test_a_stale_version_and_the_same_request_twice(grids: Changing, county: str) -> None:
    home = towns_of(grids, county)[0]
    who = grids.configurer(county)
    me = changes_pb2.RenameGridRequest(
        county_id=county,
        request_id=str(uuid4()),
        grid_id=home.grid_id,
        expected_version=1,
        name="甲镇",
    )

    first = grids.call(who, me)
    stale = grids.not_done(
        county, changes_pb2.RenameGridRequest, grid_id=home.grid_id, expected_version=1, name="乙镇"
    )

    assert grids.call(who, me) == first
    assert (stale.status.name, stale.reason) == ("ABORTED", "STALE_VERSION")
    assert len(told(grids, county, "grid.restructured.v1")) == 1


def test_of_two_changes_of_one_subtree_at_once_the_second_sees_the_first(
    grids: Changing, county: str
) -> None:
    home, target = towns_of(grids, county)
    village, *others = villages_of(grids, county, home)

    def retire(_: int) -> Any:
        return grids.do(
            county,
            changes_pb2.RetireGridRequest,
            grid_id=home.grid_id,
            children_to=target.grid_id,
        )

    def move(_: int) -> Any:
        return grids.do(
            county, changes_pb2.MoveGridRequest, grid_id=village.grid_id, parent_id=target.grid_id
        )

    def outcome(act: Callable[[int], Any]) -> str:
        try:
            act(0)
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(outcome, [retire, move, retire, move]))

    assert outcomes.count("done") in {1, 2}
    there = villages_of(grids, county, target)
    assert {v.grid_id for v in (village, *others)} <= {v.grid_id for v in there}
    assert all(v.path.startswith(target.path) for v in there)
    states = grids.call(
        grids.configurer(county),
        tree_pb2.ListGridStatesRequest(county_id=county, grid_id=village.grid_id),
    ).states
    assert [s.grid.version for s in states] == [2, 1]


@pytest.mark.requirement("R-GRID-07")
@pytest.mark.requirement("R-GRID-08")
@pytest.mark.requirement("R-GRID-09")
def test_grids_of_every_kind_are_made_where_the_scheme_has_a_place(
    grids: Changing, county_id: str
) -> None:
    make_county(grids, county_id, template_id="S09")  # district, township, village, enterprise
    (district,) = grids.all(county_id, level_id="district")
    town = grids.all(county_id, level_id="township")[0]
    village = villages_of(grids, county_id, town)[0]
    kinds = tree_pb2

    def make(kind: int, parent: Any, name: str, **given: Any) -> Any:
        return grids.do(
            county_id,
            changes_pb2.CreateGridRequest,
            kind=kind,
            parent_id=parent.grid_id,
            name=name,
            **given,
        ).grid

    department = make(
        kinds.GRID_KIND_DEPARTMENT, district, "住建局", level_id="township", unit_type="department"
    )
    enterprise = make(kinds.GRID_KIND_ENTERPRISE, village, "示例企业", level_id="enterprise")
    volunteer = make(
        kinds.GRID_KIND_VOLUNTEER, village, "监督员", level_id="enterprise", unit_type="volunteer"
    )
    unit = make(kinds.GRID_KIND_UNIT, village, "一单元", is_base=True)
    patch = make(kinds.GRID_KIND_PATCH, village, "一片")

    assert (department.unit_type, department.rank) == ("department", "township")
    assert (enterprise.level_id, enterprise.unit_type) == ("enterprise", "enterprise")
    assert volunteer.unit_type == "volunteer"
    assert (unit.level_id, unit.is_base) == (village.level_id, True)
    assert grids.all(county_id, kind=kinds.GRID_KIND_PATCH) == [patch]
    # Units and patches are counted within their grid, not as grids of its level.
    level = next(
        lev
        for lev in grids.bring(county_id, TOWNS[0], dry_run=True).levels
        if lev.level_id == "village"
    )
    territorial = grids.all(
        county_id, level_id="village", kind=kinds.GRID_KIND_TERRITORIAL, page_size=500
    )
    assert level.count == len(territorial)


@pytest.mark.requirement("R-GRID-11", part="one branch goes a level deeper")
def test_one_branch_is_refined_by_a_level_that_the_others_leave_out(
    grids: Changing, county_id: str
) -> None:
    make_county(grids, county_id, template_id="S12")  # its village groups are optional
    town = towns_of(grids, county_id)[0]
    village = villages_of(grids, county_id, town)[0]

    group = grids.do(
        county_id,
        changes_pb2.CreateGridRequest,
        parent_id=village.grid_id,
        level_id="village_group",
        name="一组",
    ).grid

    assert group.path.startswith(village.path)
    assert grids.all(county_id, level_id="village_group") == [group]


def test_special_grids_lie_outside_of_the_ladder_where_the_scheme_has_them(
    grids: Changing, county_id: str
) -> None:
    allowed, silent = county_id, f"{county_id}-b"
    make_county(grids, allowed, template_id="S12")
    make_county(grids, silent)
    given = {"kind": tree_pb2.GRID_KIND_SPECIAL, "name": "工业园", "level_id": "township"}

    park = grids.do(allowed, changes_pb2.CreateGridRequest, **given).grid
    refused = grids.not_done(silent, changes_pb2.CreateGridRequest, **given)

    assert (park.parent_id, park.kind) == ("", tree_pb2.GRID_KIND_SPECIAL)
    (fault,) = refused.violations
    assert fault.pointer == "/kind"
    assert "特殊网格" in fault.detail.zh


def test_every_fault_of_a_new_grid_is_named_at_once(grids: Changing, county: str) -> None:
    home, other = towns_of(grids, county)
    village = villages_of(grids, county, home)[0]

    def refusal(**given: Any) -> set[str]:
        return pointers(grids.not_done(county, changes_pb2.CreateGridRequest, **given))

    assert refusal(name="x", level_id="galaxy", admin_code="110101001", local_code="") == {
        "/level_id",
        "/admin_code",
    }
    assert refusal(level_id="village", admin_code="1") == {"/admin_code", "/name"}
    assert refusal(name="x", level_id="village") == {"/parent_id"}
    assert refusal(name="x", kind=tree_pb2.GRID_KIND_UNIT, level_id="village") == {"/parent_id"}
    assert refusal(name="x", level_id="township", parent_id=village.grid_id) == {"/parent_id"}
    assert refusal(name="x", parent_id=home.grid_id) == {"/level_id"}
    assert refusal(name="x", level_id="township", admin_code=home.admin_code) == {"/admin_code"}
    assert refusal(name="x", level_id="village", parent_id=home.grid_id, unit_type="galaxy") == {
        "/unit_type"
    }
    assert refusal(name="x", level_id="village", parent_id=str(uuid4())) == {"/parent_id"}
    twice = refusal(
        name="x",
        level_id="village",
        parent_id=other.grid_id,
        child_ids=[home.grid_id, other.grid_id, home.grid_id],
    )
    assert {"/child_ids/1", "/child_ids/2"} <= twice


def test_a_new_grid_takes_existing_ones_below_it(grids: Changing, county_id: str) -> None:
    make_county(grids, county_id, template_id="S09")
    (district,) = grids.all(county_id, level_id="district")
    town = grids.all(county_id, level_id="township")[0]
    village, other, *_ = villages_of(grids, county_id, town)

    made = grids.do(
        county_id,
        changes_pb2.CreateGridRequest,
        parent_id=district.grid_id,
        level_id="township",
        name="新街道",
        child_ids=[village.grid_id, other.grid_id],
    ).grid

    below = {grid.grid_id for grid in grids.all(county_id, under=made.grid_id)}
    assert below == {made.grid_id, village.grid_id, other.grid_id}


@pytest.mark.requirement("R-GRID-29", part="a village draws its own areas")
def test_a_village_draws_its_own_areas_and_no_other_s(grids: Changing, county: str) -> None:
    home = towns_of(grids, county)[0]
    mine, other, *_ = villages_of(grids, county, home)
    me = grids.configurer(county, f"g:{mine.path}")

    def patch(parent: Any) -> changes_pb2.CreateGridRequest:
        return changes_pb2.CreateGridRequest(
            county_id=county,
            parent_id=parent.grid_id,
            kind=tree_pb2.GRID_KIND_PATCH,
            name="一片",
        )

    drawn = grids.call(me, patch(mine)).grid

    assert drawn.path.startswith(mine.path)
    assert grids.refusal(me, patch(other)).status.name == "PERMISSION_DENIED"
    rename = changes_pb2.RenameGridRequest(county_id=county, grid_id=drawn.grid_id, name="二片")
    assert grids.call(me, rename).grid.name == "二片"
    for request in (
        changes_pb2.RenameGridRequest(county_id=county, grid_id=mine.grid_id, name="自封"),
        changes_pb2.RetireGridRequest(county_id=county, grid_id=mine.grid_id),
        changes_pb2.MoveGridRequest(
            county_id=county, grid_id=drawn.grid_id, parent_id=other.grid_id
        ),
    ):
        assert grids.refusal(me, request).status.name == "PERMISSION_DENIED"


def requests(county_id: str, grid_id: str) -> dict[str, Any]:
    return {
        "CreateGrid": changes_pb2.CreateGridRequest(
            county_id=county_id, name="x", level_id="township"
        ),
        "MoveGrid": changes_pb2.MoveGridRequest(county_id=county_id, grid_id=grid_id),
        "RenameGrid": changes_pb2.RenameGridRequest(county_id=county_id, grid_id=grid_id, name="x"),
        "SplitGrid": changes_pb2.SplitGridRequest(
            county_id=county_id,
            grid_id=grid_id,
            successors=[changes_pb2.Successor(name=name) for name in ("东", "西")],
        ),
        "MergeGrids": changes_pb2.MergeGridsRequest(
            county_id=county_id, grids=[changes_pb2.MergedGrid(grid_id=grid_id)] * 2, name="x"
        ),
        "RetireGrid": changes_pb2.RetireGridRequest(county_id=county_id, grid_id=grid_id),
        "UpdateGrid": changes_pb2.UpdateGridRequest(
            county_id=county_id, grid_id=grid_id, details_json="{}"
        ),
        "SetGridZones": changes_pb2.SetGridZonesRequest(county_id=county_id, grid_id=grid_id),
        "SetProvision": provisions_pb2.SetProvisionRequest(
            county_id=county_id, grid_id=grid_id, year=2026
        ),
        "ListProvisions": provisions_pb2.ListProvisionsRequest(
            county_id=county_id, grid_id=grid_id
        ),
        "GetLineage": changes_pb2.GetLineageRequest(county_id=county_id, grid_id=grid_id),
        "ListGridStates": tree_pb2.ListGridStatesRequest(county_id=county_id, grid_id=grid_id),
    }


@pytest.mark.parametrize("method", [*CHANGES, *READS])
def test_counties_never_meet_and_each_method_is_for_whom_it_is_meant(
    grids: Changing, county_id: str, method: str
) -> None:
    mine, other = county_id, f"{county_id}-b"
    for each in (mine, other):
        make_county(grids, each)
    foreign = towns_of(grids, other)[0]
    me = grids.configurer(mine)

    there = grids.refusal(me, requests(other, foreign.grid_id)[method])
    assert (there.status.name, there.reason) == ("NOT_FOUND", "COUNTY_NOT_FOUND")
    if method != "CreateGrid":
        hidden = grids.refusal(me, requests(mine, foreign.grid_id)[method])
        assert hidden.status.name in {"NOT_FOUND", "INVALID_ARGUMENT"}
    request = requests(mine, towns_of(grids, mine)[0].grid_id)[method]
    assert grids.refusal([], request).status.name == "UNAUTHENTICATED"
    nobody = grids.person(mine, patrol=["g:"])
    assert grids.refusal(nobody, request).status.name == "PERMISSION_DENIED"
    if method in CHANGES:
        reader = grids.person(mine, read=["g:"])
        assert grids.refusal(reader, request).status.name == "PERMISSION_DENIED"
        town = grids.configurer(mine, f"g:{towns_of(grids, mine)[1].path}")
        assert grids.refusal(town, request).status.name == "PERMISSION_DENIED"


def test_what_was_can_be_added_and_read_and_never_changed(
    grids: Changing, county: str, databases: Databases
) -> None:
    home = towns_of(grids, county)[0]
    grids.do(county, changes_pb2.RenameGridRequest, grid_id=home.grid_id, name="新名")

    for table in ("grid_past", "grid_changes", "grid_lineage"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET county_id = county_id"):
            with databases.engine("grid").connect() as connection:
                connection.execute(SET_COUNTY, {"county": county})
                with pytest.raises(ProgrammingError, match="permission denied"):
                    connection.execute(text(statement))


@pytest.mark.requirement("R-GRID-15")
@pytest.mark.requirement("R-GRID-26")
@pytest.mark.requirement("R-GRID-27")
@pytest.mark.requirement("R-GRID-34")
@pytest.mark.requirement("R-GRID-35")
@pytest.mark.requirement("R-GRID-43")
def test_what_is_stated_of_a_grid_is_kept_with_its_history(grids: Changing, county: str) -> None:
    home = towns_of(grids, county)[0]
    stated = {
        "area_km2": 145.5,
        "county_seat_km": 8,
        "village_count": 21,
        "natural_village_count": 135,
        "office_place": "镇政府二楼",
        "office_shared_with": "street",
        "working_body": "镇环保站",
        "responsible_body": "乡党委政府",
        "implementing_body": "镇政府有关部门",
        "responsible_units": ["环保站", "安监站"],
        "division_basis": "both",
        "place_classes": ["enterprises", "back_streets"],
        "population": None,
    }

    def describe(details: dict[str, Any], **given: Any) -> Any:
        text = orjson.dumps(details).decode()
        return grids.do(
            county, changes_pb2.UpdateGridRequest, grid_id=home.grid_id, details_json=text, **given
        ).grid

    first = describe(stated, effective_at=days_ago(5), expected_version=1)
    second = describe({"village_count": None, "population": 30000}, effective_at=days_ago(2))
    same = describe({"population": 30000})

    known = {name: value for name, value in stated.items() if value is not None}
    assert orjson.loads(first.details_json) == known
    del known["village_count"]
    assert orjson.loads(second.details_json) == {**known, "population": 30000}
    assert (second.version, same) == (3, second)
    assert grids.one(county, home.grid_id, days_ago(6)).details_json == ""
    assert grids.one(county, home.grid_id, days_ago(4)) == first
    # It is told of with the grid, and is no change of the division.
    assert told(grids, county, "grid.changed.v1")[-1]["grids"][0]["version"] == 3
    assert told(grids, county, "grid.restructured.v1") == []


def test_every_fault_of_details_is_named_and_checklist_items_are_the_schemes(
    grids: Changing, county_id: str
) -> None:
    make_county(grids, county_id, template_id="S01")
    home = towns_of(grids, county_id)[0]

    def refusal(details: Any) -> set[str]:
        text = details if isinstance(details, str) else orjson.dumps(details).decode()
        refused = grids.not_done(
            county_id, changes_pb2.UpdateGridRequest, grid_id=home.grid_id, details_json=text
        )
        return pointers(refused)

    assert refusal("[]") == refusal("{") == refusal("") == {"/details"}
    assert refusal(
        {
            "area_km2": -1,
            "village_count": 1.5,
            "population": True,
            "office_place": " ",
            "office_shared_with": "moon",
            "responsible_units": [],
            "place_classes": ["enterprises", "moon"],
            "division_basis": 3,
            "colour": "red",
            "checklist": {"moon": "x", "tasks": ""},
        }
    ) == {
        "/details/area_km2",
        "/details/village_count",
        "/details/population",
        "/details/office_place",
        "/details/office_shared_with",
        "/details/responsible_units",
        "/details/place_classes/1",
        "/details/division_basis",
        "/details/colour",
        "/details/checklist/moon",
        "/details/checklist/tasks",
    }
    checked = {"checklist": {"tasks": "每周巡查两次", "rewards_penalties": "年度评优"}}
    given = {"grid_id": home.grid_id, "details_json": orjson.dumps(checked).decode()}
    grid = grids.do(county_id, changes_pb2.UpdateGridRequest, **given).grid
    assert orjson.loads(grid.details_json) == checked
    less = orjson.dumps({"checklist": {"tasks": None}}).decode()
    grid = grids.do(
        county_id, changes_pb2.UpdateGridRequest, grid_id=home.grid_id, details_json=less
    ).grid
    assert orjson.loads(grid.details_json) == {"checklist": {"rewards_penalties": "年度评优"}}


@pytest.mark.requirement("R-GRID-14")
def test_zones_group_grids_across_the_tree_without_being_a_level(
    grids: Changing, county_id: str
) -> None:
    make_county(grids, county_id, template_id="S09")
    home, other, *_ = grids.all(county_id, level_id="township")
    village = villages_of(grids, county_id, other)[0]
    inner, outer = "inside_fu_river", "between_fu_and_sha_rivers"

    def put(grid: Any, *zones: str, **given: Any) -> Any:
        return grids.do(
            county_id, changes_pb2.SetGridZonesRequest, grid_id=grid.grid_id, zones=zones, **given
        ).grid

    put(home, inner, effective_at=days_ago(5))
    put(village, inner, outer, effective_at=days_ago(5))
    moved = put(home, outer, effective_at=days_ago(1))
    unknown = grids.not_done(
        county_id,
        changes_pb2.SetGridZonesRequest,
        grid_id=home.grid_id,
        zones=["moon", outer, outer],
    )

    def members(zone: str, as_of: datetime | None = None) -> set[str]:
        return {grid.grid_id for grid in grids.all(county_id, zone=zone, as_of=as_of)}

    assert list(moved.zones) == [outer]
    assert moved.path == home.path
    assert members(inner) == {village.grid_id}
    assert members(outer) == {home.grid_id, village.grid_id}
    assert members(inner, days_ago(3)) == {home.grid_id, village.grid_id}
    assert pointers(unknown) == {"/zones/0", "/zones/2"}


@pytest.mark.requirement("R-GRID-44")
def test_what_a_grid_is_given_is_stated_year_by_year(grids: Changing, county: str) -> None:
    home = towns_of(grids, county)[0]
    given = {"grid_id": home.grid_id}

    def state(year: int, **stated: Any) -> Any:
        reply = grids.do(county, provisions_pb2.SetProvisionRequest, **given, year=year, **stated)
        return reply.provision

    state(2025, budget_yuan=50000.5, equipment="无人机 1 架", vehicles=2)
    state(2026, budget_yuan=1)
    again = state(2026, office="两间", expected_version=1)
    stale = grids.not_done(
        county, provisions_pb2.SetProvisionRequest, **given, year=2026, expected_version=1
    )
    wrong = grids.not_done(
        county, provisions_pb2.SetProvisionRequest, **given, year=26, budget_yuan=-1, vehicles=-1
    )

    request = provisions_pb2.ListProvisionsRequest(county_id=county, **given)
    newest, before = grids.call(grids.configurer(county), request).provisions
    assert newest == again
    assert (newest.year, newest.office, newest.version) == (2026, "两间", 2)
    assert not newest.HasField("budget_yuan")
    assert (before.budget_yuan, before.vehicles) == (50000.5, 2)
    assert stale.reason == "STALE_VERSION"
    assert pointers(wrong) == {"/year", "/budget_yuan", "/vehicles"}
    first = grids.call(
        grids.configurer(county),
        provisions_pb2.ListProvisionsRequest(county_id=county, **given, page_size=1),
    )
    rest = grids.call(
        grids.configurer(county),
        provisions_pb2.ListProvisionsRequest(
            county_id=county, **given, page_token=first.next_page_token
        ),
    )
    assert [*first.provisions, *rest.provisions] == [newest, before]


@pytest.mark.requirement("R-GRID-17")
def test_grids_hold_units_that_are_counted_within_them(grids: Changing, county_id: str) -> None:
    make_county(grids, county_id, template_id="S15")  # its units are a level of their own
    town = towns_of(grids, county_id)[0]
    first, second, *_ = villages_of(grids, county_id, town)

    for place in range(5):
        grids.do(
            county_id,
            changes_pb2.CreateGridRequest,
            kind=tree_pb2.GRID_KIND_UNIT,
            parent_id=(first if place < 3 else second).grid_id,
            level_id="sub_village",
            name=f"第{place}单元",
        )

    unit = tree_pb2.GRID_KIND_UNIT
    assert len(grids.all(county_id, kind=unit)) == 5
    assert len(grids.all(county_id, kind=unit, under=first.grid_id)) == 3


@pytest.mark.requirement("R-GRID-16")
def test_a_rural_grid_is_set_on_several_villages(grids: Changing, county: str) -> None:
    home = towns_of(grids, county)[0]
    villages = villages_of(grids, county, home)

    grids.do(
        county,
        changes_pb2.CreateGridRequest,
        parent_id=home.grid_id,
        level_id="village",
        unit_type="village",
        name="三组联片网格",
    )

    assert len(villages_of(grids, county, home)) == len(villages) + 1
