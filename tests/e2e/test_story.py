"""One finding, from the patroller's signature to the page that anyone reads."""

import itertools
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploy.demo.cast import NINGJIAPING, YOUXIAN
from deploy.demo.http import eventually
from deploy.demo.onboarding import grid_by_code
from deploy.demo.story import BASE, CLIENT_ID, FARMER, PUBLIC, RESULT, Story
from tests.e2e.platform import Platform, Village, case_of, finding, patrol

CHINA = ZoneInfo("Asia/Shanghai")
STEPS = ["accept", "transfer", "acknowledge", "handle", "verify", "close"]
OTHER, OTHER_VILLAGE = "430223102", "430223102202"

pytestmark = pytest.mark.e2e


@dataclass(slots=True)
class Told:
    """The story once told."""

    platform: Platform
    story: Story
    number: str

    @property
    def case(self) -> Any:
        return self.story.direct.get(f"{BASE}/cases/{self.story.case_id}").json

    @property
    def item(self) -> Any:
        path = f"{BASE}/register?about_id={self.story.case_id}"
        (item,) = self.story.admin.get(path).json["items"]
        return item

    def counts(self) -> dict[str, int]:
        """How many there are of everything that the story makes."""
        story = self.story
        size = "page_size=500"
        return {
            "patrols": len(story.admin.get(f"{BASE}/patrols?{size}").json["patrols"]),
            "cases": len(story.admin.get(f"{BASE}/cases?{size}").json["cases"]),
            "steps": len(story.direct.get(f"{BASE}/cases/{story.case_id}/history").json["entries"]),
            "items": len(story.admin.get(f"{BASE}/register?{size}").json["items"]),
            "people": len(story.admin.get(f"{BASE}/people?{size}").json["people"]),
            "publications": len(
                story.anyone.get(f"{PUBLIC}/publications?{size}").json["publications"]
            ),
            **{
                f"notices of {name}": len(person.get(f"{BASE}/inbox?{size}").json["notices"])
                for name, person in (
                    ("direct", story.direct),
                    ("officer", story.officer),
                    ("patroller", story.patroller),
                )
            },
        }


@pytest.fixture(scope="module")
def told(counties: Platform) -> Told:
    story = Story.begin(counties.anyone, counties.accounts)
    return Told(counties, story, story.tell())


def test_the_number_names_county_and_day_and_is_the_days_first(told: Told) -> None:
    opened = moment(told.case["open_time"]).astimezone(CHINA)

    assert told.number == f"430223-{opened:%Y%m%d}-0001"


def test_the_case_is_closed_and_nothing_more_can_be_done_to_it(told: Told) -> None:
    case = told.case

    assert case["state"] == "closed"
    assert case["allowed_actions"] == []
    assert (case["category"], case["origin"]) == ("straw_burning", "finding")
    assert (case["lead_department_id"], case["department_id"]) == ("agriculture", "agriculture")
    assert case["responsible_grid_id"] == township(told)["grid_id"]
    times = [case[f"{step}_time"] for step in ("open", "accept", "handle", "verify", "close")]
    assert times == sorted(times)


def test_every_clock_of_the_county_ran_with_a_due_time_and_was_stopped_before_it(
    told: Told,
) -> None:
    clocks = {clock["kind"]: clock for clock in told.case["clocks"]}

    assert set(clocks) == {"acknowledge", "dispose", "check"}
    for clock in clocks.values():
        start, stop, due = (moment(clock[name]) for name in ("start_time", "stop_time", "due_time"))
        assert start <= stop < due
    assert clocks["acknowledge"]["due_time"] < clocks["dispose"]["due_time"]


def test_the_history_names_who_took_each_step_and_is_whole(told: Told) -> None:
    history = told.story.direct.get(f"{BASE}/cases/{told.story.case_id}/history").json
    by_hand = [entry for entry in history["entries"] if entry["action"] in STEPS]

    assert history["whole"] is True
    assert [entry["action"] for entry in by_hand] == STEPS
    assert all(entry["actor_id"] for entry in by_hand)
    assert len({entry["actor_id"] for entry in by_hand}) == 3
    hashes = [(entry["previous_hash"], entry["entry_hash"]) for entry in history["entries"]]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(hashes))


def test_the_township_was_told_once_and_confirmed_in_time(told: Told) -> None:
    about = f"{BASE}/inbox?about_id={told.story.case_id}"
    (notice,) = told.story.direct.get(about).json["notices"]
    unconfirmed = told.story.direct.get(f"{about}&unconfirmed_only=true").json["notices"]

    assert notice["about_type"] == "case"
    assert told.number in notice["title"] + notice["body"]
    assert moment(notice["confirm_time"]) < moment(notice["confirm_due_time"])
    assert unconfirmed == []


def test_the_department_and_the_village_were_told_of_their_turn(told: Told) -> None:
    about = f"{BASE}/inbox?about_id={told.story.case_id}"

    assert len(told.story.officer.get(about).json["notices"]) == 1
    assert len(told.story.patroller.get(about).json["notices"]) == 1


def test_the_register_has_the_case_once_due_in_time_and_published(told: Told) -> None:
    item = told.item

    assert (item["kind"], item["state"]) == ("case_results", "published")
    assert item["due_time"] > told.case["close_time"]
    assert item["draft"]["submitted_by"] != item["draft"]["approved_by"]
    masked = {(each["kind"], each["count"]) for each in item["draft"]["redactions"]}
    assert {("phone", 1), ("name", 1)} <= masked


@pytest.mark.requirement("R-DISC-10")
def test_anyone_reads_the_result_as_json_and_as_atom(told: Told) -> None:
    publication_id = told.item["publication_id"]
    read = told.platform.http.get(f"{PUBLIC}/publications/{publication_id}")
    listed = told.platform.http.get(f"{PUBLIC}/publications").json()["publications"]
    atom = told.platform.http.get(f"{PUBLIC}/atom.xml")

    assert read.status_code == 200
    assert read.json() in listed
    assert told.number in read.json()["title"] + read.json()["body"]
    assert "扑灭明火" in read.json()["body"]
    assert atom.headers["content-type"].startswith("application/atom+xml")
    entries = re.findall(r"<entry>.*?</entry>", atom.text, re.DOTALL)
    assert sum(publication_id in entry for entry in entries) == 1


def test_nothing_public_gives_a_trace_of_a_person(told: Told) -> None:
    public = everything_public(told)
    traces = traces_of_people(told)

    assert told.number in public
    assert len(traces) > 20
    assert [trace for trace in traces if trace in public] == []


def test_what_is_not_published_yet_is_not_public(told: Told) -> None:
    case_id = closed_case(told)
    item = eventually("the item", lambda: item_about(told, case_id))
    path = f"{BASE}/register/{item['item_id']}"
    draft = {"title": "尚未审核的公开稿", "body": "尚未审核的内容"}
    told.story.admin.post(f"{path}:submit", draft, expect=200)
    told.story.reviewer.post(f"{path}:approve", {}, expect=200)

    public = everything_public(told)

    assert "尚未审核" not in public
    assert item["item_id"] not in public
    told.story.anyone.get(f"{PUBLIC}/publications/{item['item_id']}", expect=404)
    told.story.anyone.get(f"{path}", expect=401)


def test_the_on_time_rate_is_one_of_one_and_names_the_case(told: Told) -> None:
    month = moment(told.case["handle_time"]).astimezone(CHINA)
    query = f"?grid_id={township(told)['grid_id']}&period={month:%Y-%m}"
    value = told.story.admin.get(f"{BASE}/indicators/on_time_rate{query}").json["value"]
    why = told.story.admin.get(f"{BASE}/indicators/on_time_rate/explain{query}").json

    assert (value["numerator"], value["denominator"]) == (1, 1)
    assert [fact["about_id"] for fact in why["facts"]] == [told.story.case_id]


def test_telling_it_again_doubles_nothing(told: Told) -> None:
    before = told.counts()

    again = Story.begin(told.platform.anyone, told.platform.accounts)

    assert again.tell() == told.number
    assert again.case_id == told.story.case_id
    assert told.counts() == before


def township(told: Told) -> Any:
    return grid_by_code(told.story.admin, YOUXIAN, NINGJIAPING)


def item_about(told: Told, case_id: str) -> Any | None:
    items = told.story.admin.get(f"{BASE}/register?about_id={case_id}").json["items"]
    return items[0] if items else None


def closed_case(told: Told) -> str:
    """A case of another township, which deals with it itself and closes it."""
    county = Village(told.platform, YOUXIAN.county_id, told.story.admin)
    village = county.grid(OTHER_VILLAGE)["grid_id"]
    direct = county.appoint("direct2", "township.direct", grid_id=county.grid(OTHER)["grid_id"])
    patroller = county.appoint("patroller2", "grid.patroller", grid_id=village)
    found = patroller.post(f"{BASE}/patrols:submit", patrol(village, finding())).json
    opened = case_of(direct, county.base, found["findings"][0]["finding_id"])
    case = f"{BASE}/cases/{opened['case_id']}"
    direct.post(f"{case}:acknowledge", {}, expect=200)
    direct.post(f"{case}:handle", {"result": "已当场处理"}, expect=200)
    patroller.post(f"{case}:verify", {"passed": True}, expect=200)
    direct.post(f"{case}:close", {}, expect=200)
    case_id: str = opened["case_id"]
    return case_id


def everything_public(told: Told) -> str:
    """Every byte that somebody without an account can read of the county, headers included."""
    http = told.platform.http
    listed = http.get(f"{PUBLIC}/publications?page_size=500")
    ids = [each["publication_id"] for each in listed.json()["publications"]]
    paths = [f"{PUBLIC}/atom.xml", *(f"{PUBLIC}/publications/{each}" for each in ids)]
    answers = [listed, *(http.get(path) for path in paths)]
    assert all(answer.status_code == 200 for answer in answers)
    return "\n".join(f"{answer.headers}\n{answer.text}" for answer in answers)


def traces_of_people(told: Told) -> list[str]:
    """Whatever would lead to the reporter, to those who handled the case or to those concerned."""
    story = told.story
    patrols = story.patroller.get(f"{BASE}/patrols").json["patrols"]
    (first,) = [each for each in patrols if each["client_id"] == CLIENT_ID]
    people = story.admin.get(f"{BASE}/people?page_size=500").json["people"]
    posts = story.admin.get(f"{BASE}/posts?page_size=500").json["posts"]
    history = story.direct.get(f"{BASE}/cases/{story.case_id}/history").json["entries"]
    ids = [
        *(person["person_id"] for person in people),
        *(post["post_id"] for post in posts),
        *(entry["actor_id"] for entry in history if entry["actor_id"]),
        *(first[name] for name in ("patrol_id", "patroller_id", "client_id", "record_hash")),
        *(each["finding_id"] for each in first["findings"]),
    ]
    names = [role.name for role in YOUXIAN.people]
    phones = re.findall(r"\d{11}", RESULT)
    places = [f"{first['findings'][0][name]}" for name in ("address", "longitude", "latitude")]
    return sorted({*ids, *names, *phones, *places, FARMER, "patroller"})


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
