"""Who answers for a grid, gaps, and the staffing check as messages."""

from typing import Any

from services.personnel.posts.domain.posts import Interval, Post
from services.personnel.posts.domain.vacancies import Vacancy
from services.personnel.posts.messages import write_post
from services.personnel.staffing.domain import (
    Answering,
    Finding,
    FindingKind,
    Gap,
    Standing,
    Tally,
    Total,
    TotalState,
    standing_of,
)
from shared.errors import Text
from shared.rpc.messages import writer
from wangge.personnel.v1 import people_service_pb2, staffing_pb2


def gap_message(gap: Gap, grid_name: str) -> staffing_pb2.Gap:
    """A role that the scheme asks for on a grid and nobody answers for."""
    role, place = gap.requirement.role, gap.requirement.place
    return staffing_pb2.Gap(
        kind=staffing_pb2.GAP_KIND_VACANT if gap.post is None else staffing_pb2.GAP_KIND_UNCOVERED,
        grid_id=str(place.grid_id or ""),
        grid_name=grid_name,
        grid_path=place.grid_path or "",
        department_id=place.department_id or "",
        role_type=role.id,
        role_kind=role.kind,
        title=role.title,
        required=gap.requirement.minimum or 0,
        holders=gap.holders,
        since=gap.since,
        until=None if gap.cover is None else gap.cover.until,
        post_id="" if gap.post is None else str(gap.post.post_id),
        person_id="" if gap.post is None else str(gap.post.person_id),
    )


def vacancy_message(vacancy: Vacancy, grid_name: str) -> staffing_pb2.Gap:
    """A vacancy on record."""
    return staffing_pb2.Gap(
        kind=staffing_pb2.GAP_KIND_VACANT,
        vacancy_id=str(vacancy.vacancy_id),
        grid_id=str(vacancy.place.grid_id or ""),
        grid_name=grid_name,
        grid_path=vacancy.place.grid_path or "",
        department_id=vacancy.place.department_id or "",
        role_type=vacancy.role_type,
        role_kind=vacancy.role_kind,
        title=vacancy.title,
        required=vacancy.required,
        holders=vacancy.holders,
        since=vacancy.since,
        until=vacancy.until,
    )


def uncovered_message(post: Post, grid_name: str, away: Interval) -> staffing_pb2.Gap:
    """A post whose holder is away with nobody standing in."""
    return staffing_pb2.Gap(
        kind=staffing_pb2.GAP_KIND_UNCOVERED,
        grid_id=str(post.place.grid_id or ""),
        grid_name=grid_name,
        grid_path=post.place.grid_path or "",
        department_id=post.place.department_id or "",
        role_type=post.role_type,
        role_kind=post.role_kind,
        title=post.title,
        since=away.start,
        until=away.end,
        post_id=str(post.post_id),
        person_id=str(post.person_id),
    )


def standing_number(role_kind: str) -> staffing_pb2.Standing:
    """What a kind of post makes of its holder."""
    number: staffing_pb2.Standing = _number("STANDING", standing_of(role_kind))
    return number


def _number(prefix: str, value: Standing | FindingKind | TotalState) -> Any:
    return getattr(staffing_pb2, f"{prefix}_{value.value.upper()}")


def _reason(reason: Text) -> staffing_pb2.Reason:
    return staffing_pb2.Reason(en=reason.en, zh=reason.zh)


write_reason = writer(staffing_pb2.Reason, Text)
write_responsible = writer(
    people_service_pb2.Responsible,
    Answering,
    made={
        "standing": lambda each: standing_number(each.post.role_kind),
        "away": lambda each: each.cover is not None,
        "stand_in_id": lambda each: str((each.cover and each.cover.stand_in_id) or ""),
        "away_until": lambda each: each.cover and each.cover.until,
    },
    nested={"post": write_post},
)
write_rule = writer(staffing_pb2.StaffingRule, Tally, names={"min": "minimum", "max": "maximum"})
write_total = writer(staffing_pb2.StaffingTotal, Total, nested={"reason": write_reason})
write_finding = writer(
    staffing_pb2.StaffingFinding,
    Finding,
    names={"min": "minimum", "max": "maximum"},
    nested={"reason": write_reason},
)
