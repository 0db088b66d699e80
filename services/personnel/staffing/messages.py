"""Who answers for a grid, gaps, and the staffing check as messages."""

from collections.abc import Mapping

from services.personnel.posts.messages import write_post
from services.personnel.staffing.domain import (
    Answering,
    Finding,
    Gap,
    Standing,
    Tally,
    Total,
    UncoveredPost,
    VacantPost,
    standing_of,
)
from shared.errors import Text
from shared.rpc.messages import writer
from wangge.personnel.v1 import people_service_pb2, staffing_pb2

STANDINGS: Mapping[Standing, staffing_pb2.Standing] = {
    each: getattr(staffing_pb2, f"STANDING_{each.name}") for each in Standing
}
VACANT, UNCOVERED = staffing_pb2.GAP_KIND_VACANT, staffing_pb2.GAP_KIND_UNCOVERED


def standing_number(role_kind: str) -> staffing_pb2.Standing:
    """What a kind of post makes of its holder."""
    return STANDINGS[standing_of(role_kind)]


def write_listed_gap(gap: VacantPost | UncoveredPost) -> staffing_pb2.Gap:
    """A gap of either part of the list."""
    return write_vacancy(gap) if isinstance(gap, VacantPost) else write_uncovered(gap)


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
write_gap = writer(
    staffing_pb2.Gap,
    Gap,
    parts=("requirement.role", "requirement.place"),
    names={
        "role_type": "requirement.role.id",
        "role_kind": "requirement.role.kind",
        "required": "requirement.minimum",
    },
    made={
        "kind": lambda gap: VACANT if gap.post is None else UNCOVERED,
        "until": lambda gap: gap.cover and gap.cover.until,
        "post_id": lambda gap: gap.post and str(gap.post.post_id),
        "person_id": lambda gap: gap.post and str(gap.post.person_id),
    },
    left_out=("vacancy_id",),
)
write_vacancy = writer(
    staffing_pb2.Gap,
    VacantPost,
    parts=("vacancy", "vacancy.place"),
    made={"kind": lambda _vacant: VACANT},
    left_out=("post_id", "person_id"),
)
write_uncovered = writer(
    staffing_pb2.Gap,
    UncoveredPost,
    parts=("post", "post.place"),
    names={"since": "away.start", "until": "away.end"},
    made={"kind": lambda _uncovered: UNCOVERED},
    left_out=("vacancy_id", "required", "holders"),
)
write_rule = writer(staffing_pb2.StaffingRule, Tally, names={"min": "minimum", "max": "maximum"})
write_total = writer(staffing_pb2.StaffingTotal, Total, nested={"reason": write_reason})
write_finding = writer(
    staffing_pb2.StaffingFinding,
    Finding,
    names={"min": "minimum", "max": "maximum"},
    nested={"reason": write_reason},
)
