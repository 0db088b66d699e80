"""The events of posts, as their consumers read them."""

from marshmallow import fields

from shared.eventing.contracts import EventData, Subscription


class PostData(EventData):
    """A post as it stands after it was assigned or ended."""

    post_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    role_type = fields.String(required=True)
    role_kind = fields.String(required=True)
    capabilities = fields.List(fields.String(), required=True)
    grid_id = fields.UUID(required=True, allow_none=True)
    grid_path = fields.String(required=True, allow_none=True)
    department_id = fields.String(required=True, allow_none=True)
    valid_from = fields.AwareDateTime(required=True)
    valid_to = fields.AwareDateTime(required=True, allow_none=True)


class AbsenceData(EventData):
    """Who answers for a post while a person is away; nobody where ``stand_in_id`` is None."""

    leave_id = fields.UUID(required=True)
    post_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    stand_in_id = fields.UUID(required=True, allow_none=True)
    valid_from = fields.AwareDateTime(required=True)
    valid_to = fields.AwareDateTime(required=True)


class HandOverData(EventData):
    """A post that went from one holder to another."""

    from_post_id = fields.UUID(required=True)
    from_person_id = fields.UUID(required=True)
    to_post_id = fields.UUID(required=True)
    to_person_id = fields.UUID(required=True)
    role_type = fields.String(required=True)
    role_kind = fields.String(required=True)
    grid_id = fields.UUID(required=True, allow_none=True)
    grid_path = fields.String(required=True, allow_none=True)
    department_id = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)


LEAVE_RECORDED = Subscription("personnel", "leave.recorded.v1", AbsenceData())
LEAVE_ENDED = Subscription("personnel", "leave.ended.v1", AbsenceData())
POST_HANDED_OVER = Subscription("personnel", "post.handed-over.v1", HandOverData())
POST_ASSIGNED = Subscription("personnel", "post.assigned.v1", PostData())
POST_ENDED = Subscription("personnel", "post.ended.v1", PostData())
