"""The closed word lists of the scheme document; whatever is not here is the county's own text."""

from typing import Final

from shared.contracts.cases import CASE_STEPS
from shared.contracts.declare import declaration_of

FORMAT: Final = 1

RANKS: Final = (
    "province", "prefecture_city", "county", "county_department", "township",
    "village", "sub_village", "village_group", "household_group", "enterprise",
)  # fmt: skip
SCOPES: Final = ("own", "upper")
EMPHASES: Final = ("enforcement", "patrol", "supervision")

DIVISION_GROUNDS: Final = ("area", "industry", "both")

ROLE_KINDS: Final = (
    "admin", "assistant", "body", "deputy", "direct", "grid_chief", "informant", "leader",
    "leader_any_grid", "liaison", "main", "manager", "member", "officer", "patch_owner",
    "patroller", "patroller_source", "reporter", "reviewer", "supervisor", "volunteer",
)  # fmt: skip
ROLE_PLACES: Final = ("grid", "department", "county")
ORIGINS: Final = ("document", "platform", "county")
CAPABILITIES: Final = (
    "read", "patrol", "report", "handle", "accept", "transfer", "accept_transfer", "verify",
    "close", "enforce", "publish", "review", "assess", "configure", "staff", "lead", "notify",
)  # fmt: skip

COUNTABLE_PERIODS: Final = (
    "day", "two_days", "week", "half_month", "month", "two_months", "quarter", "half_year", "year",
)  # fmt: skip
PERIODS: Final = (*COUNTABLE_PERIODS, "routine", "regular", "irregular", "as_needed")
BOUNDS: Final = ("min", "plain")
PATROL_KINDS: Final = ("patrol", "spot_check", "supervision_check", "visit")
PATROL_TRIGGERS: Final = ("schedule", "complaint", "directive")

DUTY_MODES: Final = ("lead", "supervise", "participate", "assist", "gate")

POWERS: Final = (
    "report", "accept", "reject", "settle", "dispatch", "handle", "transfer", "accept_transfer",
    "escalate", "refer", "designate", "joint", "suspend", "extend", "verify", "close", "reopen",
    "enforce",
)  # fmt: skip
CLOCK_KINDS: Final = ("acknowledge", "arrive", "dispose", "report", "check", "close", "transfer")
# Steps of a case in the order in which it can reach them: a clock never stops before it starts.
STEPS: Final = (
    "opened", "accepted", "dispatched", "acknowledged", "arrived", "transferred",
    "transfer_accepted", "handled", "verified", "closed",
)  # fmt: skip
TRANSFER_KINDS: Final = ("escalate", "lateral", "down", "police", "judicial")
RESULT_READERS: Final = ("sender", "reporter", "persons_concerned", "upper_grid", "lower_grid")
ORGANISER_SCOPES: Final = ("own", "external")

DIRECTIONS: Final = ("deduct", "add", "reward_penalty", "rank")
SCORE_RULES: Final = (
    "linear", "inverse", "threshold", "per_event", "step", "bonus", "manual", "veto",
)  # fmt: skip

EVENTS: Final = (
    "county.created.v1", "scheme.published.v1", "grid.changed.v1",
    "post.assigned.v1", "post.ended.v1", "post.handed-over.v1",
    "patrol.submitted.v1", "finding.reported.v1",
    *(declaration_of(step).key for step in CASE_STEPS),
    "notice.confirmed.v1", "publication.published.v1", "publication.withdrawn.v1",
)  # fmt: skip
NOTICE_PLACES: Final = ("responsible_grid", "grid", "parent_grid", "department", "county")

DUE_POINTS: Final = ("period_end",)
WORKING_DAYS: Final = ("national", "monday_to_friday", "every_day")
SWITCHES: Final = (
    "reward_reporting", "follow_up", "veto", "ranking", "officer_ranking", "social",
    "whistle_call", "three_loops", "special_grids", "deduction_scoring", "meeting_intervals",
)  # fmt: skip
RECORDED_SWITCHES: Final = ("photo_evidence", "track_evidence")
