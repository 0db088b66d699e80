"""Leading groups, teams and bodies, over gRPC and a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from services.cases.serve_grpc import build as build_cases
from services.grid.schemes.document.roles import default_capabilities
from services.patrols.serve_grpc import build as build_patrols
from shared.rpc.errors import problem_of
from tests.integration.personnel.conftest import PASSWORD, County, Personnel
from tests.integration.personnel.records import SCHEME_OF_RECORDS, faults
from tests.integration.service_fixtures import RpcServers, bearer, grid_row
from tests.support.refusals import refusal
from wangge.cases.v1 import case_service_pb2 as cases
from wangge.cases.v1 import case_service_pb2_grpc as cases_grpc
from wangge.patrols.v1 import ledger_service_pb2 as patrols
from wangge.patrols.v1 import ledger_service_pb2_grpc as patrols_grpc
from wangge.personnel.v1 import groups_pb2
from wangge.personnel.v1 import groups_service_pb2 as pb
from wangge.personnel.v1 import groups_service_pb2_grpc as pb_grpc

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def kind_of(name: str) -> int:
    return groups_pb2.GroupKind.Value(f"GROUP_KIND_{name.upper()}")


def seat_of(name: str) -> int:
    return groups_pb2.GroupSeat.Value(f"GROUP_SEAT_{name.upper()}")


def source_of(name: str) -> int:
    return groups_pb2.MemberSource.Value(f"MEMBER_SOURCE_{name.upper()}")


class Grouping:
    """A county's groups as a client sees them."""

    def __init__(self, personnel: Personnel, county: County) -> None:
        self.personnel = personnel
        self.county = county
        self.calls: Any = pb_grpc.GroupServiceStub(personnel.channel)

    @property
    def admin(self) -> Any:
        return self.personnel.admin(self.county.id)

    def person(self, name: str = "测试员甲") -> str:
        return self.personnel.person(self.county.id, name)

    def make(self, kind: str = "leading_group", caller: Any = None, **given: Any) -> Any:
        given = {"name": "环保领导小组", "grid_id": self.county.township, **given}
        request = pb.CreateGroupRequest(county_id=self.county.id, kind=kind_of(kind), **given)
        return self.calls.CreateGroup(request, metadata=caller or self.admin).group

    def add(
        self, group: Any, seat: str = "member", source: str = "unspecified", caller: Any = None,
        **who: Any,
    ) -> Any:  # fmt: skip
        request = pb.AddGroupMemberRequest(
            county_id=self.county.id,
            group_id=group.group_id,
            seat=seat_of(seat),
            source=source_of(source),
            **who,
        )
        return self.calls.AddGroupMember(request, metadata=caller or self.admin).member

    def read(self, group: Any, caller: Any = None, **wanted: Any) -> Any:
        request = pb.GetGroupRequest(county_id=self.county.id, group_id=group.group_id, **wanted)
        return self.calls.GetGroup(request, metadata=caller or self.admin)

    def seats(self, group: Any, **wanted: Any) -> list[tuple[str, str]]:
        return [
            (
                groups_pb2.GroupSeat.Name(each.seat).removeprefix("GROUP_SEAT_").lower(),
                each.person_name or each.department_id or each.body,
            )
            for each in self.read(group, **wanted).members
        ]

    def listed(self, caller: Any = None, **wanted: Any) -> list[str]:
        request = pb.ListGroupsRequest(county_id=self.county.id, **wanted)
        answer = self.calls.ListGroups(request, metadata=caller or self.admin)
        return [each.group_id for each in answer.groups]

    def members(self, caller: Any = None, **wanted: Any) -> Any:
        request = pb.ListGroupMembersRequest(county_id=self.county.id, **wanted)
        return self.calls.ListGroupMembers(request, metadata=caller or self.admin).members

    def change(self, method: str, group: Any, **given: Any) -> Any:
        request = getattr(pb, f"{method}Request")(
            county_id=self.county.id, group_id=group.group_id, **given
        )
        return getattr(self.calls, method)(request, metadata=self.admin).group

    def end_member(self, member: Any, **given: Any) -> Any:
        request = pb.EndGroupMemberRequest(
            county_id=self.county.id, member_id=member.member_id, **given
        )
        return self.calls.EndGroupMember(request, metadata=self.admin).member


@pytest.fixture
def county(make_county: Callable[..., County], county_id: str) -> County:
    return make_county(county_id, SCHEME_OF_RECORDS)


@pytest.fixture
def grouping(personnel: Personnel, county: County) -> Grouping:
    return Grouping(personnel, county)


@pytest.mark.requirement("R-PERS-27")
def test_a_leading_group_has_the_chairs_of_the_county_s_rule_and_no_more(
    grouping: Grouping,
) -> None:
    township = grouping.make(office="环保办")
    county = grouping.make(grid_id="", name="县领导小组", chair_rule="区政府分管领导", chairs=1)
    assert (township.chair_rule, township.chairs) == ("乡党委书记、乡长", 2)
    assert (county.chair_rule, county.chairs, county.grid_path) == ("区政府分管领导", 1, "")

    for name in ("测试书记", "测试乡长"):
        grouping.add(township, "chair", person_id=grouping.person(name))
    third = refusal(grouping.add, township, "chair", person_id=grouping.person())
    grouping.add(township, "deputy", person_id=grouping.person("测试副乡长"))
    grouping.add(county, "chair", person_id=grouping.person("测试副区长"))
    second = refusal(grouping.add, county, "chair", person_id=grouping.person())

    assert (third.reason, third.metadata) == ("CHAIRS_TAKEN", {"held": "2", "allowed": "2"})
    assert (second.reason, second.metadata) == ("CHAIRS_TAKEN", {"held": "1", "allowed": "1"})
    assert grouping.seats(township) == [
        ("chair", "测试书记"), ("chair", "测试乡长"), ("deputy", "测试副乡长"),
    ]  # fmt: skip
    beyond = refusal(grouping.make, chairs=3)
    assert "less than or equal to 2" in faults(beyond)["/chairs"]


def test_a_county_whose_scheme_names_one_chair_cannot_have_two(
    personnel: Personnel, make_county: Callable[..., County], county_id: str
) -> None:
    scheme = {**SCHEME_OF_RECORDS, "staffing": {"leading_group": {"chair": "镇长", "chairs": 1}}}
    grouping = Grouping(personnel, make_county(county_id, scheme))

    assert "allows 1" in faults(refusal(grouping.make, chairs=2))["/chairs"]
    assert grouping.make("working_group", chairs=2).chairs == 2


@pytest.mark.requirement("R-PERS-28")
def test_departments_stations_and_village_heads_are_members_and_the_office_has_its_people(
    grouping: Grouping,
) -> None:
    group = grouping.make(office="环保办")
    deputy = grouping.person("测试副乡长")
    grouping.add(group, "deputy", person_id=deputy)
    grouping.add(group, department_id="ecology")
    grouping.add(group, body="派出所", title="站所")
    grouping.add(group, person_id=grouping.person("测试村主任"), title="村主任")
    grouping.add(group, "office_director", person_id=deputy)
    grouping.add(group, "daily_contact", person_id=grouping.person("测试联络员"))

    assert grouping.seats(group) == [
        ("deputy", "测试副乡长"),
        ("member", "ecology"), ("member", "派出所"), ("member", "测试村主任"),
        ("office_director", "测试副乡长"), ("daily_contact", "测试联络员"),
    ]  # fmt: skip
    assert group.office == "环保办"
    taken = refusal(grouping.add, group, "office_director", person_id=grouping.person())
    assert taken.reason == "GROUP_SEAT_TAKEN"


@pytest.mark.requirement("R-PERS-29")
def test_each_village_has_its_own_body_under_the_township_s(grouping: Grouping) -> None:
    county = grouping.county
    township = grouping.make()
    villages = [
        grouping.make(
            grid_id=grid, parent_id=township.group_id, name="村领导小组", chair_rule="村支部书记"
        )
        for grid in (county.village, county.second_village)
    ]

    assert grouping.listed(parent_id=township.group_id) == [each.group_id for each in villages]
    assert villages[0].chair_rule == "村支部书记"
    far = refusal(
        grouping.make, grid_id=county.far_village, parent_id=township.group_id, name="村领导小组"
    )
    assert set(faults(far)) == {"/parent_id"}


@pytest.mark.requirement("R-PERS-17")
def test_a_stationed_cadre_heads_a_group_of_the_two_village_committees(grouping: Grouping) -> None:
    group = grouping.make("management_group", name="网格管理组", grid_id=grouping.county.village)
    grouping.add(group, "chair", person_id=grouping.person("测试驻村干部"), title="驻村干部")
    grouping.add(group, body="村党支部委员会")
    grouping.add(group, body="村民委员会")

    assert grouping.seats(group) == [
        ("chair", "测试驻村干部"), ("member", "村党支部委员会"), ("member", "村民委员会"),
    ]  # fmt: skip
    head = grouping.read(group).members[0]
    assert head.title == "驻村干部"


@pytest.mark.requirement("R-PERS-18")
def test_a_village_secretary_heads_the_grid_s_group(grouping: Grouping) -> None:
    group = grouping.make(
        "management_group", name="网格管理组", grid_id=grouping.county.village,
        chair_rule="村支部书记",
    )  # fmt: skip
    grouping.add(group, "chair", person_id=grouping.person("测试支书"), title="村支部书记")

    assert (group.chair_rule, grouping.seats(group)) == ("村支部书记", [("chair", "测试支书")])


@pytest.mark.requirement("R-PERS-20")
def test_information_officers_are_appointed_in_townships_and_villages(grouping: Grouping) -> None:
    county, personnel = grouping.county, grouping.personnel
    for role_type, grid_id in (
        ("township.informant", county.township), ("village.informant", county.village),
    ):  # fmt: skip
        post = personnel.post(county.id, grouping.person(), role_type, grid_id=grid_id)
        assert (post.role_kind, post.grid_id) == ("informant", grid_id)


@pytest.mark.requirement("R-PERS-33")
def test_helpers_are_deputies_old_party_members_old_cadres_and_activists(
    grouping: Grouping,
) -> None:
    team = grouping.make("helper_team", name="协管员队伍")
    sources = ("peoples_congress_deputy", "old_party_member", "old_cadre", "activist")
    for source in sources:
        grouping.add(team, source=source, person_id=grouping.person())

    assert [each.source for each in grouping.read(team).members] == [
        source_of(source) for source in sources
    ]


@pytest.mark.requirement("R-PERS-45")
def test_forces_are_recorded_by_source_and_ten_groups_are_linked_to_community_grids(
    grouping: Grouping,
) -> None:
    county = grouping.county
    groups = [grouping.make("working_group", name=f"第{number}工作组") for number in range(1, 11)]
    for group in groups:
        grouping.change("LinkGroupGrid", group, grid_id=county.village)
    grouping.add(groups[0], source="district_bureau", body="区委办局")
    grouping.add(groups[0], source="street_office", body="街道科室")
    grouping.add(groups[1], source="helper", person_id=grouping.person("测试协管"))
    grouping.add(groups[2], source="community_self_government", body="社区居委会")

    linked = grouping.listed(linked_grid_id=county.village)
    assert linked == [group.group_id for group in groups]
    for source, name in (
        ("district_bureau", "区委办局"), ("street_office", "街道科室"),
        ("helper", "测试协管"), ("community_self_government", "社区居委会"),
    ):  # fmt: skip
        [member] = grouping.members(source=source_of(source), grid_id=county.village)
        assert name in (member.body, member.person_name)
    # Who reads the linked grid reads the groups that work for it.
    village = grouping.personnel.caller(county.id, read=["g:1.2."])
    assert grouping.listed(village) == linked
    grouping.change("UnlinkGroupGrid", groups[0], grid_id=county.village)
    assert grouping.listed(linked_grid_id=county.village) == linked[1:]


@pytest.mark.requirement("R-PERS-47")
def test_a_township_s_environment_body_is_recorded_with_its_quota(grouping: Grouping) -> None:
    body = grouping.make("environment_body", name="环保所", quota=5, funding="财政全额拨款")

    read = grouping.read(body).group
    assert (read.quota, read.funding, read.grid_id) == (5, "财政全额拨款", grouping.county.township)
    assert not grouping.make().HasField("quota")
    assert set(faults(refusal(grouping.make, "environment_body", quota=-1))) == {"/quota"}


@pytest.mark.parametrize("role_type", ["village.volunteer", "village.liaison"])
def test_volunteers_and_liaison_staff_report_and_do_nothing_else(
    grouping: Grouping, rpc: RpcServers, role_type: str
) -> None:
    county, personnel = grouping.county, grouping.personnel
    duties = ["收集居民环境、生产信息并上报", "协助治安防范和民生服务"]
    kind = "volunteer_team" if role_type == "village.volunteer" else "liaison_team"
    team = grouping.make(kind, name="队伍", grid_id=county.village, duties=duties)
    someone = personnel.person(county.id, "测试义务员", username="volunteer", password=PASSWORD)
    grouping.add(team, person_id=someone)
    personnel.post(county.id, someone, role_type, grid_id=county.village)

    tokens = personnel.sign_in(county.id, "volunteer")

    assert set(personnel.claims(tokens).capabilities) == {"read", "report"}
    role_kind = role_type.partition(".")[2]
    for rank in ("township", "village"):
        assert set(default_capabilities(role_kind, rank)) == {"read", "report"}
    assert list(grouping.read(team).group.duties) == duties
    caller = bearer(tokens.access_token)
    channel = rpc("patrols", build_patrols, peers={"grid": "127.0.0.1:1"})
    submit = patrols_grpc.PatrolServiceStub(channel).SubmitPatrol
    problem = refusal(submit, patrols.SubmitPatrolRequest(county_id=county.id), metadata=caller)
    assert (problem.reason, problem.metadata["capability"]) == ("PERMISSION_DENIED", "patrol")
    stub = cases_grpc.CaseServiceStub(rpc("cases", build_cases, peers={"grid": "127.0.0.1:1"}))
    for method in ("HandleCase", "AcceptCase", "TransferCase", "VerifyCase", "CloseCase"):
        request = getattr(cases, f"{method}Request")(county_id=county.id, case_id=str(uuid4()))
        problem = refusal(getattr(stub, method), request, metadata=caller)
        assert problem.status is grpc.StatusCode.PERMISSION_DENIED


def test_nobody_is_in_a_group_twice_at_once(grouping: Grouping) -> None:
    group, someone = grouping.make(), grouping.person()
    first = grouping.add(group, person_id=someone, valid_to=NOW + 10 * DAY)
    grouping.add(group, department_id="ecology")

    twice = refusal(grouping.add, group, "deputy", person_id=someone)
    again = refusal(grouping.add, group, department_id="ecology")

    assert (twice.reason, twice.metadata) == (
        "GROUP_MEMBER_TWICE", {"member_id": first.member_id},
    )  # fmt: skip
    assert again.reason == "GROUP_MEMBER_TWICE"
    assert grouping.add(group, "deputy", person_id=someone, valid_from=NOW + 10 * DAY)


def test_of_many_chairs_at_once_only_as_many_are_taken_as_the_rule_allows(
    grouping: Grouping,
) -> None:
    group = grouping.make()
    people = [grouping.person() for _ in range(6)]

    def take(person_id: str) -> str:
        try:
            grouping.add(group, "chair", person_id=person_id)
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "taken"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(take, people)) == ["CHAIRS_TAKEN"] * 4 + ["taken"] * 2


def test_a_member_names_every_fault_at_once(
    grouping: Grouping, make_county: Callable[..., County]
) -> None:
    group = grouping.make()
    other = make_county(f"{grouping.county.id}-b", SCHEME_OF_RECORDS)
    stranger = grouping.personnel.person(other.id)

    both = refusal(
        grouping.add, group, person_id=grouping.person(), body="派出所", department_id="navy",
        valid_from=NOW - 99 * DAY, valid_to=NOW - 100 * DAY,
    )  # fmt: skip
    body_in_chair = refusal(grouping.add, group, "chair", body="派出所")
    foreign = refusal(grouping.add, group, person_id=stranger)

    assert set(faults(both)) == {"/person_id", "/department_id", "/valid_from", "/valid_to"}
    assert "held by a person" in faults(body_in_chair)["/person_id"]
    assert "no such person" in faults(foreign)["/person_id"]


def test_a_group_needs_a_grid_that_is_in_force(
    grouping: Grouping, structure: Callable[..., None]
) -> None:
    county = grouping.county
    retired = grid_row("1.9.", valid_to=NOW - DAY)
    structure("personnel", county.id, dict(SCHEME_OF_RECORDS), [retired])
    over, unknown = str(retired["grid_id"]), str(uuid4())

    assert "not in force" in faults(refusal(grouping.make, grid_id=over))["/grid_id"]
    assert "no such grid" in faults(refusal(grouping.make, grid_id=unknown))["/grid_id"]
    group = grouping.make()
    linked = refusal(grouping.change, "LinkGroupGrid", group, grid_id=over)
    assert set(faults(linked)) == {"/grid_id"}
    named = refusal(grouping.make, name=" ", duties=["", "x" * 4001])
    assert set(faults(named)) == {"/name", "/duties/0", "/duties/1"}


def test_a_group_never_comes_to_lie_under_itself(grouping: Grouping) -> None:
    top = grouping.make()
    middle = grouping.make(parent_id=top.group_id)
    bottom = grouping.make(parent_id=middle.group_id)

    for parent in (top, middle, bottom):
        problem = refusal(grouping.change, "MoveGroup", top, parent_id=parent.group_id)
        assert problem.reason == "GROUP_CYCLE"
    moved = grouping.change("MoveGroup", bottom, parent_id=top.group_id, expected_version=1)
    assert (moved.parent_id, moved.version) == (top.group_id, 2)
    stale = refusal(grouping.change, "MoveGroup", bottom, expected_version=1)
    assert stale.reason == "STALE_VERSION"
    assert grouping.change("MoveGroup", bottom).parent_id == ""


def test_two_moves_at_once_make_no_ring(grouping: Grouping) -> None:
    first, second = grouping.make(), grouping.make()

    def move(pair: tuple[Any, Any]) -> str:
        try:
            grouping.change("MoveGroup", pair[0], parent_id=pair[1].group_id)
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        outcome = sorted(pool.map(move, [(first, second), (second, first)]))

    assert outcome == ["GROUP_CYCLE", "moved"]


def test_members_and_groups_are_read_as_they_were(grouping: Grouping) -> None:
    group = grouping.make(valid_from=NOW - 30 * DAY)
    old, new = grouping.person("前任测试员"), grouping.person("现任测试员")
    grouping.add(group, "chair", person_id=old, valid_from=NOW - 30 * DAY, valid_to=NOW - 10 * DAY)
    current = grouping.add(group, "chair", person_id=new, valid_from=NOW - 10 * DAY)

    assert grouping.seats(group) == [("chair", "现任测试员")]
    assert grouping.seats(group, as_of=NOW - 20 * DAY) == [("chair", "前任测试员")]
    assert grouping.listed(as_of=NOW - 31 * DAY) == []
    assert grouping.listed(person_id=old) == []
    assert grouping.listed(person_id=old, as_of=NOW - 20 * DAY) == [group.group_id]
    assert refusal(grouping.end_member, current, expected_version=9).reason == "STALE_VERSION"
    early = refusal(grouping.end_member, current, valid_to=NOW - 40 * DAY)
    assert set(faults(early)) == {"/valid_to"}
    assert grouping.end_member(current, expected_version=1).version == 2
    assert refusal(grouping.end_member, current).reason == "RECORD_OVER"
    assert grouping.seats(group) == []


def test_a_dissolved_group_ends_its_members_and_takes_nobody(grouping: Grouping) -> None:
    group, below = grouping.make(), None
    below = grouping.make(parent_id=group.group_id)
    grouping.add(group, person_id=grouping.person())
    grouping.change("LinkGroupGrid", group, grid_id=grouping.county.village)

    assert refusal(grouping.change, "EndGroup", group).reason == "GROUP_HAS_GROUPS"
    grouping.change("EndGroup", below)
    grouping.change("EndGroup", group, expected_version=2)

    assert grouping.listed() == []
    assert grouping.members() == []
    assert grouping.seats(group) == []
    for attempt in (
        lambda: grouping.add(group, person_id=grouping.person()),
        lambda: grouping.change("DescribeGroup", group, name="新名称"),
        lambda: grouping.change("EndGroup", group),
    ):
        assert refusal(attempt).reason == "RECORD_OVER"
    late = refusal(grouping.make, parent_id=group.group_id)
    assert set(faults(late)) == {"/parent_id"}


def test_a_group_is_described_anew(grouping: Grouping) -> None:
    group = grouping.make(office="环保办", duties=["巡查"])

    said = grouping.change("DescribeGroup", group, name="新名称", qualities=["热心"], quota=0)

    assert (said.name, said.office, list(said.duties), list(said.qualities)) == (
        "新名称", "", [], ["热心"],
    )  # fmt: skip
    assert (said.HasField("quota"), said.version) == (True, 2)


def test_staff_and_readers_reach_their_own_places(grouping: Grouping) -> None:
    county, personnel = grouping.county, grouping.personnel
    someone = grouping.person()
    near, top = grouping.make(grid_id=county.village), grouping.make(grid_id="")
    far = grouping.make(grid_id=county.far_village)
    grouping.add(far, person_id=someone)
    grouping.add(top, department_id="ecology")
    township = personnel.caller(county.id, staff=["g:1."], read=["g:1."])

    for attempt in (
        lambda: grouping.make(caller=township, grid_id=county.far_village),
        lambda: grouping.make(caller=township, grid_id=""),
        lambda: grouping.add(far, caller=township, person_id=someone),
        lambda: grouping.read(far, township),
    ):
        assert refusal(attempt).status is grpc.StatusCode.PERMISSION_DENIED
    assert grouping.listed(township) == [near.group_id]
    own = personnel.caller(county.id, UUID(someone), read=["d:water"])
    assert grouping.listed(own) == [far.group_id]
    assert [each.person_id for each in grouping.members(own)] == [someone]
    office = personnel.caller(county.id, read=["d:ecology"])
    assert grouping.listed(office) == [top.group_id]
    reader = personnel.caller(county.id, read=["g:"])
    assert refusal(grouping.make, caller=reader).status is grpc.StatusCode.PERMISSION_DENIED


def test_another_county_sees_no_group(
    grouping: Grouping, personnel: Personnel, make_county: Callable[..., County]
) -> None:
    group = grouping.make()
    other = Grouping(personnel, make_county(f"{grouping.county.id}-b", SCHEME_OF_RECORDS))

    assert refusal(other.read, group).reason == "GROUP_NOT_FOUND"
    assert other.listed() == []
    assert refusal(grouping.read, group, other.admin).reason == "COUNTY_NOT_FOUND"
    request = pb.ListGroupsRequest(county_id=grouping.county.id)
    assert refusal(grouping.calls.ListGroups, request).reason == "UNAUTHENTICATED"
    under = refusal(other.make, parent_id=group.group_id)
    assert set(faults(under)) == {"/parent_id"}


def test_the_same_request_makes_one_group(grouping: Grouping) -> None:
    asked = {"caller": grouping.admin, "request_id": str(uuid4())}

    assert grouping.make(**asked) == grouping.make(**asked)
    assert len(grouping.listed()) == 1
    reused = refusal(grouping.make, **asked, name="另一个")
    assert reused.reason == "IDEMPOTENCY_KEY_REUSED"


def test_lists_are_paged_at_a_constant_number_of_statements(
    grouping: Grouping, statements: Callable[[], int]
) -> None:
    made = [grouping.make().group_id for _ in range(5)]
    seen, page_token, costs = [], "", set()
    while True:
        request = pb.ListGroupsRequest(
            county_id=grouping.county.id, page_size=2, page_token=page_token
        )
        before = statements()
        answer = grouping.calls.ListGroups(request, metadata=grouping.admin)
        costs.add(statements() - before)
        seen.append([each.group_id for each in answer.groups])
        if not (page_token := answer.next_page_token):
            break

    assert seen == [made[:2], made[2:4], made[4:]]
    assert len(costs) == 1
