"""A scheme with a role type for each kind of place, as short as it can be."""

from typing import Any


def role(role_id: str, at: str, level: str | None, *capabilities: str, **more: Any) -> dict:
    return {
        "id": role_id,
        "title": more.pop("title", role_id),
        "kind": role_id.partition(".")[2],
        "at": at,
        "level": level,
        "capabilities": list(capabilities),
        "min": None,
        "max": None,
        "holder": None,
        **more,
    }


SCHEME: dict[str, Any] = {
    "format": 1,
    "levels": [{"id": "township"}, {"id": "village"}],
    "role_types": [
        role("township.direct", "grid", "township", "accept", "transfer", "staff", "read", max=1),
        role("village.patroller", "grid", "village", "patrol", "report"),
        role("any.observer", "grid", None),
        role("county.admin", "county", None, "configure", "staff", "read"),
        role("department.officer", "department", None, "accept_transfer", "handle"),
    ],
    "departments": [{"id": "ecology", "name": "生态环境分局", "duties": []}],
}
