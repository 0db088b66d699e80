"""Accounts and personal data as a client of the gateway meets them, with the demonstration's own steps."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from deploy.demo.http import Api
from deploy.demo.onboarding import invite
from gateway.rates import Rates, Sizes
from tests.integration.gateway_thread import gateway_to
from tests.integration.personnel.conftest import OWN_PASSWORD, PASSWORD, County, Personnel
from tests.integration.personnel.identity.outside import CLIENT_ID, free_port
from tests.integration.personnel.people.test_personal_data import number


@pytest.fixture
def url(personnel: Personnel) -> Iterator[str]:
    rates = Rates(Sizes(login="5/minute"))
    with gateway_to(personnel.address, personnel.tokens.jwks, rates) as at:
        yield at


@pytest.fixture
def anyone(url: str) -> Api:
    return Api(url, quiet=True)


@pytest.fixture
def admin(personnel: Personnel, county: County, anyone: Api) -> Api:
    """The county's administrator, who has changed the password that the operator gave."""
    operator = personnel.tokens(county_id="city", roles=["city_operator"])
    person = {"name": "演示管理员甲", "username": "admin", "password": PASSWORD}
    Api(anyone.url, operator, quiet=True).post(f"/v1/counties/{county.id}/admins", person)
    anyone.change_password(county.id, "admin", PASSWORD, OWN_PASSWORD)
    return anyone.signed_in(county.id, "admin", OWN_PASSWORD)


def test_a_newcomer_is_recorded_posted_invited_and_signs_in(
    county: County, admin: Api, anyone: Api
) -> None:
    base = f"/v1/counties/{county.id}"
    body = {"name": "演示网格员甲", "phone": "13812345678", "identity_number": number()}
    person = admin.post(f"{base}/people", body).json
    post = {
        "person_id": person["person_id"],
        "role_type": "village.patroller",
        "grid_id": county.village,
    }
    admin.post(f"{base}/posts", post)

    invite(admin, county.id, person["person_id"], "patroller", OWN_PASSWORD)

    worker = anyone.signed_in(county.id, "patroller", OWN_PASSWORD)
    own = worker.get(f"{base}/people/{person['person_id']}").json
    assert (own["phone"], own["identity_number"]) == ("13812345678", number())
    seen = admin.get(f"{base}/people?name={quote('网格员')}&without_post=false").json["people"]
    assert [each["phone"] for each in seen] == ["138****5678"]
    account = admin.get(f"{base}/people/{person['person_id']}/account").json
    assert (account["state"], account["username"]) == ("active", "patroller")
    assert worker.get(f"{base}/account/sessions").json["sessions"][0]["current"] is True
    worker.post(f"{base}/account:sign-out", {}, expect=200)
    assert worker.get(f"{base}/account/sessions").json["sessions"] == []


def test_personal_data_is_read_for_a_reason_and_changed_as_it_was_read(
    county: County, admin: Api, url: str
) -> None:
    base = f"/v1/counties/{county.id}"
    body = {"name": "演示网格员甲", "phone": "13812345678"}
    person = admin.post(f"{base}/people", body).json
    path = f"{base}/people/{person['person_id']}"

    bad = admin.post(f"{path}:reveal", {"fields": ["phone", "name"], "reason": "x"}, expect=400)
    assert {fault["pointer"] for fault in bad.json["errors"]} == {"/fields/1", "/reason"}
    asked = {"fields": ["phone"], "reason": "核实通讯录"}
    assert admin.post(f"{path}:reveal", asked, expect=200).json["phone"] == "13812345678"
    headers = {"Authorization": f"Bearer {admin.token}", "If-Match": '"1"'}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        changed = client.post(f"{path}:update", json={"phone": "13912345678", "employer": "甲"})
        stale = client.post(f"{path}:update", json={"phone": ""})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (changed.json()["phone"], changed.json()["employer"]) == ("139****5678", "甲")
    assert stale.status_code == 412
    found = admin.post(f"{base}/people:look-up", {"phone": "13912345678"}, expect=200).json
    assert [each["person_id"] for each in found["people"]] == [person["person_id"]]
    entries = admin.get(f"{base}/audit?person_id={person['person_id']}").json["entries"]
    assert [(each["action"], each["details"]) for each in entries] == [
        ("person.updated", {"fields": ["employer", "phone"]}),
        ("person.revealed", {"fields": ["phone"]}),
    ]


def test_codes_are_tried_no_more_often_than_passwords(county: County, anyone: Api) -> None:
    body = {"county": county.id, "username": "nobody", "code": "AAAA", "password": OWN_PASSWORD}

    answers = [
        anyone.post("/v1/auth/invitation:accept", body, expect=None).json["reason"]
        for _ in range(6)
    ]

    assert answers == ["INVITATION_REFUSED"] * 5 + ["TOO_MANY_LOGINS"]


def test_without_an_issuer_there_is_no_outside_sign_in(county: County, anyone: Api) -> None:
    body = {"county": county.id, "id_token": "a.b.c"}

    answer = anyone.post("/v1/auth/token:exchange", body, expect=404)

    assert answer.json["reason"] == "OUTSIDE_SIGN_IN_OFF"


class TestAnIssuerThatIsAway:
    @pytest.fixture(autouse=True)
    def _away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OIDC_ISSUER", f"http://127.0.0.1:{free_port()}")
        monkeypatch.setenv("OIDC_CLIENT_ID", CLIENT_ID)

    def test_a_client_is_told_when_to_come_back(self, county: County, anyone: Api) -> None:
        token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.AA"
        body = {"county": county.id, "id_token": token}

        answer = anyone.post("/v1/auth/token:exchange", body, expect=503)

        headers = {name.lower(): value for name, value in answer.headers.items()}
        assert (answer.json["reason"], headers["retry-after"]) == ("ISSUER_UNAVAILABLE", "5")
