"""What a kind of post may do by default: the one table from kinds to capabilities.

Documents name posts and their duties, not permissions. This table reads the shared kinds as
permissions once; a county changes the capabilities of its own role types in its own scheme.
"""

from typing import Any, Final

# Ranks at which a grid discovers and checks on the spot instead of handling cases.
FIELD_RANKS: Final = frozenset(
    {"village", "sub_village", "village_group", "household_group", "enterprise"}
)

_HANDLING: Final = ("accept", "transfer", "handle", "close", "report", "patrol")
_PATROLLING: Final = ("patrol", "report", "verify")
_LEADING: Final = ("lead", "notify")
_REPORTING: Final = ("report",)

# kind: (at township rank and above, below it); every kind gets `read` as well.
_BY_KIND: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "admin": (("configure", "staff", "assess", "publish"), ()),
    "assistant": (_REPORTING, _REPORTING),
    "body": (_LEADING, _LEADING),
    "deputy": (("lead", *_HANDLING), ("lead", *_PATROLLING)),
    "direct": ((*_HANDLING, "notify"), _PATROLLING),
    "grid_chief": (("lead", *_HANDLING), ("lead", *_PATROLLING)),
    "informant": (_REPORTING, _PATROLLING),
    "leader": (_LEADING, _LEADING),
    "leader_any_grid": (("lead", *_HANDLING), ("lead", *_PATROLLING)),
    "liaison": (_REPORTING, _REPORTING),
    "main": (("lead", "enforce", *_HANDLING), ("lead", *_PATROLLING)),
    "manager": ((*_HANDLING, "notify"), _PATROLLING),
    "member": (_HANDLING, _PATROLLING),
    "officer": (_HANDLING, _PATROLLING),
    "patch_owner": (("patrol", "report", "verify"), _PATROLLING),
    "patroller": (("patrol", "report", "verify"), _PATROLLING),
    "patroller_source": (("patrol", "report", "verify"), _PATROLLING),
    "reporter": (_REPORTING, _REPORTING),
    "reviewer": (("review", "publish"), ()),
    "supervisor": (("assess", "patrol", "report", "verify"), ("assess", *_PATROLLING)),
    "volunteer": (_REPORTING, _REPORTING),
}


def default_capabilities(kind: str, rank: str) -> tuple[str, ...]:
    """What a post of this kind may do on a grid of this rank, `read` always among it."""
    above, below = _BY_KIND[kind]
    return (*(below if rank in FIELD_RANKS else above), "read")


def _platform(
    identifier: str, title: str, kind: str, at: str, *capabilities: str
) -> dict[str, Any]:
    return {
        "id": identifier,
        "title": title,
        "kind": kind,
        "origin": "platform",
        "at": at,
        "level": None,
        "capabilities": [*capabilities, "read"],
    }


def platform_role_types() -> list[dict[str, Any]]:
    """The posts that running the platform itself takes, part of every template.

    No document states them. The two at a grid may stand on any level, so that a county can staff a
    level for which its document names nobody.
    """
    return [
        _platform("county.admin", "系统管理员", "admin", "county",
                  "configure", "staff", "assess", "publish", "notify"),
        _platform("county.reviewer", "公开审核员", "reviewer", "county", "review", "publish"),
        _platform("county.leader", "县级分管领导", "leader", "county", "lead", "notify"),
        _platform("department.officer", "部门经办人", "officer", "department",
                  "accept_transfer", "handle"),
        _platform("grid.officer", "网格经办人", "officer", "grid", *_HANDLING),
        _platform("grid.patroller", "网格员", "patroller", "grid", *_PATROLLING),
    ]  # fmt: skip
