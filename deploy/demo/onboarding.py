"""The city brings counties onto the platform, and each county sets itself up. Repeatable."""

from typing import Any

from deploy.demo.cast import COUNTIES, Accounts, County, Role
from deploy.demo.http import Api, DemoError, step

OK = 200
SINCE = "2026-01-01T00:00:00+08:00"
"""Since when the counties have been divided so, as their schemes say."""


def onboard(api: Api, accounts: Accounts, operator_password: str) -> None:
    """Bring every county of the demonstration on, with its scheme, grids and people."""
    operator = api.signed_in("city", "operator", operator_password)
    for county in COUNTIES:
        step(f"{county.name} ({county.county_id}) joins on template {county.template}")
        _create(operator, county)
        people = list(accounts.of(county))
        for role, password in people:
            if role.username == "admin" and not _may_sign_in(api, county, role, password):
                first = accounts.first_password(county.county_id, role.username, role.role_type)
                _first_admin(operator, county, role, first)
                # What somebody else has set opens nothing until its holder has changed it.
                api.change_password(county.county_id, role.username, first, password)
        admin = sign_in(api, accounts, county, "admin")
        _import_grids(admin, county)
        for role, password in people:
            if not _may_sign_in(api, county, role, password):
                _staff(admin, county, role, password)


def sign_in(api: Api, accounts: Accounts, county: County, username: str) -> Api:
    """The API as one of the county's people."""
    role = next(role for role in county.people if role.username == username)
    password = accounts.password(county.county_id, username, role.role_type)
    return api.signed_in(county.county_id, username, password)


def grid_by_code(api: Api, county: County, code: str) -> Any:
    """The grid of a division, read without showing the call."""
    quiet = Api(api.url, api.token, quiet=True)
    grids = quiet.get(f"/v1/counties/{county.county_id}/grids?admin_code={code}").json["grids"]
    if len(grids) != 1:
        raise DemoError(f"{len(grids)} grids have the code {code}, not one")
    return grids[0]


def _create(operator: Api, county: County) -> None:
    quiet = Api(operator.url, operator.token, quiet=True)
    listed = quiet.get("/v1/counties?page_size=500").json["counties"]
    if any(entry["county_id"] == county.county_id for entry in listed):
        print(f"    {county.name} is on the platform already")
        return
    body = {
        "county_id": county.county_id,
        "name": county.name,
        "template_id": county.template,
        "settings": county.settings,
        "effective_on": "2026-01-01",
    }
    operator.post("/v1/counties", body, key=f"demo-county-{county.county_id}")


def _may_sign_in(api: Api, county: County, role: Role, password: str) -> bool:
    """Whether the person was brought on before, post and all."""
    credentials = {"county": county.county_id, "username": role.username, "password": password}
    return Api(api.url, quiet=True).post("/v1/auth/token", credentials, expect=None).status == OK


def _first_admin(operator: Api, county: County, role: Role, password: str) -> None:
    body = {"name": role.name, "username": role.username, "password": password}
    path = f"/v1/counties/{county.county_id}/admins"
    operator.post(path, body, key=f"demo-admin-{county.county_id}")


def _import_grids(admin: Api, county: County) -> None:
    path = f"/v1/counties/{county.county_id}/grids:import"
    body = {"codes": list(county.divisions), "valid_from": SINCE}
    made = admin.post(path, body, expect=200).json
    if made["created"] + made["unchanged"] != county.grids:
        raise DemoError(f"{county.name} should have {county.grids} grids: {made}")


def _staff(admin: Api, county: County, role: Role, password: str) -> None:
    base = f"/v1/counties/{county.county_id}"
    person = admin.post(
        f"{base}/people", {"name": role.name}, key=f"demo-person-{role.username}"
    ).json
    post = {"person_id": person["person_id"], "role_type": role.role_type}
    if role.grid:
        post["grid_id"] = grid_by_code(admin, county, role.grid)["grid_id"]
    if role.department:
        post["department_id"] = role.department
    admin.post(f"{base}/posts", post, key=f"demo-post-{role.username}")
    invite(admin, county.county_id, person["person_id"], role.username, password)


def invite(admin: Api, county_id: str, person_id: str, username: str, password: str) -> None:
    """Invite a person, who chooses the password with the code; neither is shown."""
    quiet = Api(admin.url, admin.token, quiet=True)
    path = f"/v1/counties/{county_id}/people/{person_id}:invite"
    code = quiet.post(path, {"username": username}, expect=200).json["code"]
    quiet.accept_invitation(county_id, username, code, password)
