"""Written rules of a county, its levels and its grids."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import grpc
import pytest

from tests.integration.grid.conftest import Grids, request_of
from tests.integration.grid.schemes.test_drafts import day, pointers_of
from wangge.grid.v1 import documents_pb2

PATROL, PLAN = documents_pb2.RULE_KIND_PATROL, documents_pb2.RULE_KIND_GRID_PLAN
WORKING = documents_pb2.RULE_KIND_WORKING_RULES
TOWNS = ("430223126", "430223125")


class Office:
    """A county with two townships, and somebody who configures it."""

    def __init__(self, grids: Grids, county_id: str) -> None:
        self.grids, self.county_id = grids, county_id
        grids.create(county_id)
        grids.bring(county_id, *TOWNS)
        self.towns = grids.all(county_id, level_id="township")
        self.all = grids.all(county_id)
        self.who = grids.person(county_id, configure=["g:"], read=["g:"])

    def request(self, name: str, **given: Any) -> Any:
        request = request_of(name, county_id=self.county_id, **given)
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
            request.request_id = str(uuid4())
        return request

    def ask(self, name: str, who: Any = None, **given: Any) -> Any:
        return self.grids.call(who or self.who, self.request(name, **given))

    def refused(self, name: str, who: Any = None, **given: Any) -> Any:
        return self.grids.refusal(self.who if who is None else who, self.request(name, **given))

    def make(self, kind: int = PATROL, who: Any = None, **given: Any) -> Any:
        return self.ask("CreateRule", who, kind=kind, **words(**given)).rule

    def plan(self, grid: Any, **given: Any) -> Any:
        return self.make(PLAN, grid_id=grid.grid_id, **given)

    def person(self, *, at: str, **capabilities: str) -> Any:
        return self.grids.person(self.county_id, **{c: [f"g:{at}"] for c in capabilities})

    def missing(self, name: str, who: Any = None, **given: Any) -> list[Any]:
        found, token = [], ""
        while True:
            page = self.ask(name, who, page_token=token, **given)
            found += page.grids
            token = page.next_page_token
            if not token:
                return found


def words(**given: Any) -> dict[str, Any]:
    return {"title": "巡查制度", "text": "每周巡查一次。", **given}


@pytest.fixture
def office(grids: Grids, county_id: str) -> Office:
    return Office(grids, county_id)


@pytest.mark.requirement("R-GRID-37")
def test_the_four_rules_of_a_county_are_kept_in_versions_and_may_be_on_trial(
    office: Office,
) -> None:
    kinds = (
        PATROL,
        documents_pb2.RULE_KIND_REPORT_DISCLOSURE,
        documents_pb2.RULE_KIND_CASE_TRANSFER,
        documents_pb2.RULE_KIND_JOINT_ENFORCEMENT,
    )
    made = [
        office.make(kind, trial=True, number="网格〔2015〕3号", issuer="县政府",
                    effective_on="2015-06-01")
        for kind in kinds
    ]  # fmt: skip

    revised = office.ask(
        "ReviseRule",
        rule_id=made[0].rule_id,
        expected_version=1,
        **words(text="每周巡查两次。", effective_on="2016-01-01"),
    ).rule

    assert (revised.version, revised.trial, revised.kind) == (2, False, PATROL)
    listed = office.ask("ListRules").rules
    assert {(rule.kind, rule.version, rule.trial) for rule in listed} == {
        (PATROL, 2, False),
        *((kind, 1, True) for kind in kinds[1:]),
    }
    assert {rule.text for rule in listed} == {""}
    old = office.ask("GetRule", rule_id=made[0].rule_id, as_of="2015-12-31").rule
    assert old == made[0]
    assert (old.number, old.issuer, old.trial) == ("网格〔2015〕3号", "县政府", True)
    assert office.ask("GetRule", rule_id=made[0].rule_id).rule == revised
    before = office.ask("ListRules", as_of="2015-12-31", kind=PATROL).rules
    assert [(rule.rule_id, rule.version) for rule in before] == [(made[0].rule_id, 1)]
    assert list(office.ask("ListRules", as_of="2015-05-31").rules) == []
    refused = office.refused("GetRule", rule_id=made[0].rule_id, as_of="2015-05-31")
    assert (refused.status.name, refused.reason) == ("NOT_FOUND", "RULE_NOT_FOUND")
    versions = office.ask("ListRuleVersions", rule_id=made[0].rule_id, page_size=1)
    assert list(versions.versions) == [revised]
    rest = office.ask(
        "ListRuleVersions", rule_id=made[0].rule_id, page_token=versions.next_page_token
    )
    assert list(rest.versions) == [made[0]]


@pytest.mark.requirement("R-GRID-38")
@pytest.mark.parametrize("kind", ["DUTY", "PROCESS", "TRAINING", "INFORMATION_EXCHANGE"])
def test_rules_of_a_level_are_kept_in_versions(office: Office, kind: str) -> None:
    number = documents_pb2.RuleKind.Value(f"RULE_KIND_{kind}")

    made = office.make(number, level_id="village", text="", url="https://example.org/r.pdf")
    office.ask("ReviseRule", rule_id=made.rule_id, **words())

    (rule,) = office.ask("ListRules", level_id="village").rules
    assert (rule.level_id, rule.kind, rule.version) == ("village", number, 2)
    assert list(office.ask("ListRules", level_id="township").rules) == []


@pytest.mark.requirement("R-GRID-28")
def test_the_office_above_sees_which_grids_have_not_filed_their_plan(office: Office) -> None:
    town, other = office.towns
    assert len(office.missing("ListMissingPlans", page_size=7)) == len(office.all)
    plan = office.plan(town)
    (found,) = [g for g in office.missing("ListMissingPlans") if g.grid_id == town.grid_id]
    assert (found.unfiled, found.path, found.level_id) == (True, town.path, "township")

    filed = office.ask(
        "FileRule", rule_id=plan.rule_id, expected_version=1, office="县环委会办公室"
    ).rule

    assert (filed.office, filed.version) == ("县环委会办公室", 1)
    assert filed.HasField("file_time")
    missing = office.missing("ListMissingPlans", level_id="township")
    assert [(grid.grid_id, grid.unfiled) for grid in missing] == [(other.grid_id, False)]
    assert office.ask("GetRule", rule_id=plan.rule_id).rule == filed
    office.ask("ReviseRule", rule_id=plan.rule_id, **words(title="新方案"))
    missing = office.missing("ListMissingPlans", level_id="township")
    assert [grid.unfiled for grid in missing if grid.grid_id == town.grid_id] == [True]
    above_one = office.person(at=town.path, read="")
    seen = office.missing("ListMissingPlans", above_one)
    assert {grid.path.split(".")[0] for grid in seen} == {town.path.rstrip(".")}
    assert len(office.missing("ListMissingPlans", office.grids.city("city_supervisor"))) == len(
        office.all
    )


def test_grids_without_working_rules_of_their_own_are_listed(office: Office) -> None:
    town, other = office.towns
    office.make(WORKING, level_id="township")
    office.make(WORKING, grid_id=town.grid_id)

    missing = office.missing("ListMissingRules", kind=WORKING, level_id="township")

    assert [(grid.grid_id, grid.name, grid.unfiled) for grid in missing] == [
        (other.grid_id, other.name, False)
    ]
    assert pointers_of(office.refused("ListMissingRules")) == ["/kind"]


def test_whoever_leads_or_configures_a_grid_keeps_its_documents(office: Office) -> None:
    town, other = office.towns
    leader = office.person(at=town.path, lead="", read="")
    configurer = office.person(at=town.path, configure="", read="")
    patroller = office.person(at=town.path, patrol="", read="")

    plan = office.make(PLAN, leader, grid_id=town.grid_id)
    office.ask("ReviseRule", configurer, rule_id=plan.rule_id, **words())
    office.ask("FileRule", leader, rule_id=plan.rule_id, office="县环委会办公室")

    assert office.ask("GetRule", patroller, rule_id=plan.rule_id).rule.version == 2
    for who in (patroller, leader, office.grids.city("city_supervisor")):
        grid = town if who is patroller else other
        for name, given in (
            ("CreateRule", {"kind": WORKING, "grid_id": grid.grid_id, **words()}),
            ("CreateRule", {"kind": PATROL, **words()}),
        ):
            assert office.refused(name, who, **given).status.name == "PERMISSION_DENIED"
    elsewhere = office.plan(other)
    for name, given in (
        ("ReviseRule", words()),
        ("FileRule", {"office": "办公室"}),
        ("GetRule", {}),
        ("ListRuleVersions", {}),
    ):
        refused = office.refused(name, leader, rule_id=elsewhere.rule_id, **given)
        assert refused.status.name == "PERMISSION_DENIED"
    county_wide = office.make(PATROL)
    seen = office.ask("ListRules", leader).rules
    assert {rule.rule_id for rule in seen} == {plan.rule_id, county_wide.rule_id}
    assert office.ask("GetRule", leader, rule_id=county_wide.rule_id).rule == county_wide
    operator = office.grids.operator()
    assert (
        office.ask("ReviseRule", operator, rule_id=elsewhere.rule_id, **words()).rule.version == 2
    )


def test_rules_of_another_county_are_not_there(office: Office, grids: Grids) -> None:
    rule = office.plan(office.towns[0])
    other = f"{office.county_id}-b"
    grids.create(other)
    stranger = grids.person(other, configure=["g:"], read=["g:"])
    for name, given in (
        ("CreateRule", {"kind": PATROL, **words()}),
        ("ReviseRule", {"rule_id": rule.rule_id, **words()}),
        ("FileRule", {"rule_id": rule.rule_id, "office": "办公室"}),
        ("GetRule", {"rule_id": rule.rule_id}),
        ("ListRules", {}),
        ("ListRuleVersions", {"rule_id": rule.rule_id}),
        ("ListMissingPlans", {}),
        ("ListMissingRules", {"kind": PLAN}),
    ):
        request = office.request(name, **given)
        assert grids.refusal([], request).status.name == "UNAUTHENTICATED"
        assert grids.refusal(stranger, request).reason == "COUNTY_NOT_FOUND"
        if "rule_id" in given:
            request.county_id = other
            assert grids.refusal(stranger, request).reason == "RULE_NOT_FOUND"
            request.county_id, request.rule_id = office.county_id, "x"
            assert grids.refusal(office.who, request).reason == "RULE_NOT_FOUND"
    assert list(grids.call(stranger, documents_pb2.ListRulesRequest(county_id=other)).rules) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"kind": 0}, ["/kind"]),
        ({"kind": 99}, ["/kind"]),
        ({"title": " "}, ["/title"]),
        ({"title": "题" * 201, "number": "长" * 201}, ["/title", "/number"]),
        ({"title": "题\n目", "number": "a\nb", "issuer": "b\tc"},
         ["/title", "/number", "/issuer"]),
        ({"text": "", "url": ""}, ["/text"]),
        ({"text": "a\x00"}, ["/text"]),
        ({"url": "http://example.org"}, ["/url"]),
        ({"url": "javascript:alert(1)"}, ["/url"]),
        ({"url": "https://[x"}, ["/url"]),
        ({"level_id": "moon", "url": "http://example.org"}, ["/url", "/level_id"]),
        ({"grid_id": "x"}, ["/grid_id"]),
        ({"grid_id": str(uuid4())}, ["/grid_id"]),
        ({"kind": PLAN}, ["/grid_id"]),
        ({"effective_on": "2026-02-30"}, ["/effective_on"]),
    ],
)  # fmt: skip
def test_bad_input_names_its_fields(
    office: Office, given: dict[str, Any], expected: list[str]
) -> None:
    refused = office.refused("CreateRule", **{"kind": PATROL, **words(), **given})

    assert refused.status is grpc.StatusCode.INVALID_ARGUMENT
    assert pointers_of(refused) == expected


def test_a_rule_belongs_to_a_level_or_a_grid(office: Office) -> None:
    given = {"level_id": "township", "grid_id": office.towns[0].grid_id}

    refused = office.refused("CreateRule", kind=WORKING, **words(**given))

    assert pointers_of(refused) == ["/level_id"]


def test_a_later_version_does_not_begin_before_the_one_before(office: Office) -> None:
    rule = office.make(effective_on=day(10))

    given = words(effective_on=day(9), url="http://example.org")
    refused = office.refused("ReviseRule", rule_id=rule.rule_id, **given)

    assert pointers_of(refused) == ["/url", "/effective_on"]
    unsaid = office.ask("ReviseRule", rule_id=rule.rule_id, **words()).rule
    assert unsaid.effective_on == day(10)
    assert office.refused("GetRule", rule_id=rule.rule_id).reason == "RULE_NOT_FOUND"
    assert office.ask("GetRule", rule_id=rule.rule_id, as_of=day(10)).rule == unsaid


def test_what_is_stale_filed_or_of_no_grid_is_refused(office: Office) -> None:
    plan = office.plan(office.towns[0])
    stale = office.refused("ReviseRule", rule_id=plan.rule_id, expected_version=2, **words())
    assert (stale.status.name, stale.reason) == ("ABORTED", "STALE_VERSION")
    filing = {"rule_id": plan.rule_id, "office": "县环委会办公室"}
    assert office.refused("FileRule", **filing, expected_version=2).reason == "STALE_VERSION"
    refused = office.refused("FileRule", rule_id=plan.rule_id, office=" ")
    assert pointers_of(refused) == ["/office"]
    office.ask("FileRule", **filing)
    refused = office.refused("FileRule", **filing)
    assert (refused.status.name, refused.reason) == ("FAILED_PRECONDITION", "RULE_FILED_ALREADY")
    county_wide = office.make()
    refused = office.refused("FileRule", rule_id=county_wide.rule_id, office="办公室")
    assert (refused.status.name, refused.reason) == ("FAILED_PRECONDITION", "RULE_HAS_NO_GRID")
    refused = office.refused("CreateRule", kind=PLAN, **words(grid_id=office.towns[0].grid_id))
    assert (refused.status.name, refused.reason) == ("ALREADY_EXISTS", "GRID_HAS_PLAN")
    assert refused.metadata["rule_id"] == plan.rule_id


def test_the_same_request_records_one_rule(office: Office, grids: Grids) -> None:
    who = grids.city("city_operator", person_id=uuid4())
    request = office.request("CreateRule", kind=PATROL, request_id="one", **words())

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: grids.call(who, request), range(4)))

    assert all(reply == replies[0] for reply in replies)
    assert len(office.ask("ListRules").rules) == 1


def attempts(act: Any) -> list[str]:
    """How each of four at once ends."""

    def attempt(_: int) -> str:
        try:
            act()
        except grpc.RpcError as error:
            return error.code().name
        return "OK"

    with ThreadPoolExecutor(4) as pool:
        return sorted(pool.map(attempt, range(4)))


def test_of_four_at_once_one_plans_one_revises_and_one_files(office: Office) -> None:
    town = office.towns[0]

    assert attempts(lambda: office.plan(town)) == ["ALREADY_EXISTS"] * 3 + ["OK"]
    (plan,) = office.ask("ListRules", grid_id=town.grid_id).rules
    revise = {"rule_id": plan.rule_id, "expected_version": 1, **words()}
    assert attempts(lambda: office.ask("ReviseRule", **revise)) == ["ABORTED"] * 3 + ["OK"]
    filing = {"rule_id": plan.rule_id, "office": "办公室"}
    assert attempts(lambda: office.ask("FileRule", **filing)) == ["FAILED_PRECONDITION"] * 3 + [
        "OK"
    ]
    assert attempts(lambda: office.ask("ReviseRule", rule_id=plan.rule_id, **words())) == ["OK"] * 4
    versions = office.ask("ListRuleVersions", rule_id=plan.rule_id).versions
    assert [rule.version for rule in versions] == [6, 5, 4, 3, 2, 1]


def test_rules_are_listed_page_by_page(office: Office) -> None:
    made = [office.make(title=f"制度{number}").rule_id for number in range(5)]
    found, token = [], ""

    while True:
        page = office.ask("ListRules", page_size=2, page_token=token)
        found += [rule.rule_id for rule in page.rules]
        token = page.next_page_token
        if not token:
            break

    assert found == sorted(made)
    for name, given in (
        ("ListRules", {}),
        ("ListMissingPlans", {}),
        ("ListMissingRules", {"kind": PLAN}),
        ("ListRuleVersions", {"rule_id": made[0]}),
    ):
        assert pointers_of(office.refused(name, page_token="WyJ4Il0", **given)) == ["/page_token"]


def test_versions_and_filings_cannot_be_changed_by_the_application(
    office: Office, databases: Any
) -> None:
    office.make()
    for table in ("rule_documents", "rule_versions", "rule_filings", "county_states",
                  "scheme_shelf"):  # fmt: skip
        for statement in (f"UPDATE {table} SET county_id = 'x'", f"DELETE FROM {table}"):
            with (
                databases.engine("grid").connect() as connection,
                pytest.raises(Exception, match="permission denied"),
            ):
                connection.exec_driver_sql(statement)
