"""The ways in which counties share out a grid, each by role types and posts alone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.personnel.answers import DAY, NOW, responsible, vacancies
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.posts.test_vacancies import World
from tests.integration.personnel.scheme import SCHEME, role
from tests.integration.service_fixtures import grid_row
from tests.support.refusals import refusal
from wangge.personnel.v1 import people_service_pb2 as pb
from wangge.personnel.v1 import posts_pb2, staffing_pb2, staffing_service_pb2

LEADER, PRINCIPAL, DIRECT, MANAGER, PATROLLER, SUPERVISOR = (
    staffing_pb2.STANDING_ACCOUNTABLE_LEADER,
    staffing_pb2.STANDING_PRINCIPAL,
    staffing_pb2.STANDING_DIRECT,
    staffing_pb2.STANDING_MANAGER,
    staffing_pb2.STANDING_PATROLLER,
    staffing_pb2.STANDING_SUPERVISOR,
)


def scheme(**kinds: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """Role types by id: level, kind and what else is stated."""
    roles = [
        {**role(name.replace("__", "."), "grid", level, "report"), "kind": kind, **more}
        for name, (level, kind, more) in kinds.items()
    ]
    return {**SCHEME, "departments": [], "role_types": [*roles, *SCHEME["role_types"][3:4]]}


def appoint(personnel: Personnel, county: County, role_type: str, **given: Any) -> Any:
    person = given.pop("person", None) or personnel.person(county.id)
    return personnel.post(county.id, person, role_type, **{"grid_id": county.village, **given})


def shown(personnel: Personnel, county: County, **at: Any) -> list[tuple[Any, str]]:
    found = responsible(personnel, county, county.village, **at).responsible
    return [(each.standing, each.post.person_id) for each in found]


@pytest.mark.requirement("R-PERS-01")
@pytest.mark.requirement("R-PERS-02")
@pytest.mark.requirement("R-PERS-03")
def test_leader_direct_person_and_manager_are_three_lists_of_holders_with_dates(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    three = scheme(
        v__manager=("village", "manager", {}),
        v__direct=("village", "direct", {}),
        v__leader=("village", "leader", {}),
    )
    county = make_county(county_id, three)
    managers = [appoint(personnel, county, "v.manager").person_id for _ in range(2)]
    direct = appoint(personnel, county, "v.direct").person_id
    old = appoint(
        personnel, county, "v.leader", valid_from=NOW - 9 * DAY, valid_to=NOW - DAY
    ).person_id
    leader = appoint(personnel, county, "v.leader", valid_from=NOW - DAY).person_id

    assert shown(personnel, county) == [
        (LEADER, leader),
        (DIRECT, direct),
        *((MANAGER, manager) for manager in managers),
    ]
    assert shown(personnel, county, at=NOW - 2 * DAY) == [(LEADER, old)]


@pytest.mark.requirement("R-PERS-09")
def test_three_tiers_of_responsible_persons_follow_one_another_and_go_on_upward(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    tiers = {"leader": "leader", "main": "main", "direct": "direct"}
    kinds = {
        f"{level[0]}__{name}": (level, kind, {})
        for level in ("village", "township")
        for name, kind in tiers.items()
    }
    county = make_county(county_id, scheme(**kinds))
    for name in ("direct", "main", "leader"):
        appoint(personnel, county, f"v.{name}")
        appoint(personnel, county, f"t.{name}", grid_id=county.township)

    found = responsible(personnel, county, county.village).responsible

    assert [(each.grid_name, each.standing) for each in found] == [
        (grid, standing)
        for grid in ("网格1.2.", "网格1.")
        for standing in (LEADER, PRINCIPAL, DIRECT)
    ]


@pytest.mark.requirement("R-PERS-44")
def test_a_grid_has_a_package_of_leader_chief_and_members(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    package = scheme(
        g__leader=("village", "leader", {"title": "包格领导"}),
        g__chief=("village", "grid_chief", {"title": "格长", "max": 1}),
        g__member=("village", "member", {"title": "格员"}),
    )
    county = make_county(county_id, package)
    for role_type in ("g.leader", "g.chief", "g.member", "g.member"):
        appoint(personnel, county, role_type)

    found = responsible(personnel, county, county.village).responsible

    assert [each.post.title for each in found] == ["包格领导", "格长", "格员", "格员"]


@pytest.mark.requirement("R-PERS-17")
@pytest.mark.requirement("R-PERS-20")
def test_a_stationed_cadre_heads_a_group_and_informants_are_on_both_levels(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    group = scheme(
        v__head=("village", "grid_chief", {"title": "网格管理组组长", "max": 1}),
        v__member=("village", "member", {"title": "村两委成员"}),
        v__informant=("village", "informant", {"title": "环保信息员"}),
        t__informant=("township", "informant", {"title": "环保信息员"}),
    )
    county = make_county(county_id, group)
    appoint(personnel, county, "v.head", attachment=posts_pb2.ATTACHMENT_POSTED_DOWN)
    for role_type in ("v.member", "v.member", "v.informant"):
        appoint(personnel, county, role_type)
    appoint(personnel, county, "t.informant", grid_id=county.township)

    found = responsible(personnel, county, county.village).responsible

    assert [(each.grid_name, each.post.title) for each in found] == [
        ("网格1.2.", "网格管理组组长"),
        ("网格1.2.", "村两委成员"),
        ("网格1.2.", "村两委成员"),
        ("网格1.2.", "环保信息员"),
        ("网格1.", "环保信息员"),
    ]
    assert found[0].post.attachment == posts_pb2.ATTACHMENT_POSTED_DOWN


@pytest.mark.requirement("R-PERS-21")
def test_township_cadres_take_villages_and_village_cadres_patches_of_one_owner_each(
    personnel: Personnel,
    make_county: Any,
    structure: Callable[..., None],
    county_id: str,
) -> None:
    document = scheme(
        village__cadre=("village", "supervisor", {"title": "包村干部", "min": 1}),
        patch__owner=("patch", "patch_owner", {"title": "包片干部", "min": 1, "max": 1}),
    )
    county = make_county(county_id, document)
    patch = uuid4()
    row = grid_row(
        "1.2.7.",
        grid_id=patch,
        parent_id=UUID(county.village),
        level_id="patch",
        rank="sub_village",
    )
    structure("personnel", county_id, document, [row])
    World(personnel, county).look()

    appoint(personnel, county, "village.cadre", attachment=posts_pb2.ATTACHMENT_POSTED_DOWN)
    assert [g.role_type for g in vacancies(personnel, county, grid_id=str(patch)).vacancies] == [
        "patch.owner"
    ]
    appoint(personnel, county, "patch.owner", grid_id=str(patch))
    second = refusal(appoint, personnel, county, "patch.owner", grid_id=str(patch))

    found = responsible(personnel, county, str(patch)).responsible
    assert second.reason == "POSTS_FILLED"
    assert [each.post.title for each in found] == ["包片干部", "包村干部"]


@pytest.mark.requirement("R-PERS-22")
def test_members_of_a_committee_divide_a_grid_into_patches_one_member_each(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    county = make_county(county_id, scheme(v__patch=("village", "patch_owner", {})))
    patches = ["东片", "西片", "南片"]
    posts = [appoint(personnel, county, "v.patch", area=patch) for patch in patches]

    taken = refusal(appoint, personnel, county, "v.patch", area="西片")
    moving = staffing_service_pb2.DescribePostRequest(
        county_id=county.id, post_id=posts[0].post_id, area="南片"
    )
    moved = refusal(personnel.staffing.DescribePost, moving, metadata=personnel.admin(county.id))
    found = responsible(personnel, county, county.village).responsible

    assert (taken.reason, taken.metadata["post_id"]) == ("AREA_TAKEN", posts[1].post_id)
    assert (moved.reason, moved.metadata["post_id"]) == ("AREA_TAKEN", posts[2].post_id)
    assert taken.detail.zh != taken.detail.en
    assert [each.post.area for each in found] == patches
    ended = pb.EndPostRequest(county_id=county.id, post_id=posts[1].post_id)
    personnel.calls.EndPost(ended, metadata=personnel.admin(county.id))
    assert appoint(personnel, county, "v.patch", area="西片").area == "西片"


@pytest.mark.requirement("R-PERS-25")
def test_who_supervises_and_who_patrols_are_told_apart_on_every_level(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    document = scheme(
        t__supervisor=("township", "supervisor", {"title": "乡级监督指导"}),
        v__supervisor=("village", "supervisor", {"title": "村级监督指导"}),
        v__patroller=("village", "patroller", {"title": "村级巡查"}),
    )
    county = make_county(county_id, document)
    appoint(personnel, county, "t.supervisor", grid_id=county.township)
    contact = appoint(personnel, county, "v.supervisor", attachment=posts_pb2.ATTACHMENT_LIAISON)
    for _ in ("村支书", "村主任"):
        appoint(personnel, county, "v.patroller")

    found = responsible(personnel, county, county.village).responsible

    assert [(each.standing, each.post.title) for each in found] == [
        (PATROLLER, "村级巡查"),
        (PATROLLER, "村级巡查"),
        (SUPERVISOR, "村级监督指导"),
        (SUPERVISOR, "乡级监督指导"),
    ]
    assert contact.attachment == posts_pb2.ATTACHMENT_LIAISON


@pytest.mark.requirement("R-PERS-51")
def test_a_named_person_guides_and_inspects_and_missing_one_is_told(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    guide = role("county.guide", "county", None, "assess", min=1, max=1, title="日常监管指导专人")
    county = make_county(county_id, {**SCHEME, "role_types": [guide, *SCHEME["role_types"][3:4]]})
    world = World(personnel, county)
    world.look()
    assert [gap.title for gap in vacancies(personnel, county).vacancies] == ["日常监管指导专人"]

    post = personnel.post(
        county.id, personnel.person(county.id), "county.guide", duties=["指导", "监督检查"]
    )

    assert list(vacancies(personnel, county).vacancies) == []
    listing = pb.ListPostsRequest(county_id=county.id, person_id=post.person_id)
    [named] = personnel.calls.ListPosts(listing, metadata=personnel.admin(county.id)).posts
    assert list(named.duties) == ["指导", "监督检查"]
