"""The service's side of events: what it emits and what it consumes."""

from marshmallow import fields

from services.personnel.absences.domain import LeaveEnded, LeaveRecorded
from services.personnel.certificates.domain import CertificateChanged
from services.personnel.people.domain.people import ContactChanged
from services.personnel.pledges.domain import PledgeSigned
from services.personnel.posts.domain.posts import PostAssigned, PostEnded, PostHandedOver
from services.personnel.posts.domain.vacancies import PostFilled, PostVacated
from shared.eventing.contracts import Emission, EventData, Events
from shared.structure.events import STRUCTURE
from shared.structure.restructuring import GRID_RESTRUCTURED


class PostData(EventData):
    """Data of ``post.assigned.v1`` and ``post.ended.v1``: the post as it stands now."""

    post_id = fields.UUID(required=True, attribute="post.post_id")
    person_id = fields.UUID(required=True, attribute="post.person_id")
    role_type = fields.String(required=True, attribute="post.role_type")
    role_kind = fields.String(required=True, attribute="post.role_kind")
    capabilities = fields.List(fields.String(), required=True, attribute="post.capabilities")
    grid_id = fields.UUID(required=True, allow_none=True, attribute="post.place.grid_id")
    grid_path = fields.String(required=True, allow_none=True, attribute="post.place.grid_path")
    department_id = fields.String(
        required=True, allow_none=True, attribute="post.place.department_id"
    )
    valid_from = fields.AwareDateTime(required=True, attribute="post.valid.start")
    valid_to = fields.AwareDateTime(required=True, allow_none=True, attribute="post.valid.end")


class ContactChangedData(EventData):
    """Data of ``contact.changed.v1``, the only event with personal data."""

    person_id = fields.UUID(required=True)
    display_name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)


class AbsenceData(EventData):
    """Data of ``leave.recorded.v1`` and ``leave.ended.v1``: who answers for a post, and when."""

    leave_id = fields.UUID(required=True, attribute="absence.leave_id")
    post_id = fields.UUID(required=True, attribute="absence.post_id")
    person_id = fields.UUID(required=True, attribute="absence.person_id")
    stand_in_id = fields.UUID(required=True, allow_none=True, attribute="absence.stand_in_id")
    valid_from = fields.AwareDateTime(required=True, attribute="absence.valid.start")
    valid_to = fields.AwareDateTime(required=True, attribute="absence.valid.end")


class VacancyData(EventData):
    """Data of ``post.vacated.v1`` and ``post.filled.v1``: a vacancy as it stands now."""

    vacancy_id = fields.UUID(required=True, attribute="vacancy.vacancy_id")
    role_type = fields.String(required=True, attribute="vacancy.role_type")
    role_kind = fields.String(required=True, attribute="vacancy.role_kind")
    grid_id = fields.UUID(required=True, allow_none=True, attribute="vacancy.place.grid_id")
    grid_path = fields.String(required=True, allow_none=True, attribute="vacancy.place.grid_path")
    department_id = fields.String(
        required=True, allow_none=True, attribute="vacancy.place.department_id"
    )
    required = fields.Integer(required=True, attribute="vacancy.required")
    holders = fields.Integer(required=True, attribute="vacancy.holders")
    since = fields.AwareDateTime(required=True, attribute="vacancy.since")
    until = fields.AwareDateTime(required=True, allow_none=True, attribute="vacancy.until")


class HandOverData(EventData):
    """Data of ``post.handed-over.v1``: from whom to whom, and where."""

    from_post_id = fields.UUID(required=True, attribute="before.post_id")
    from_person_id = fields.UUID(required=True, attribute="before.person_id")
    to_post_id = fields.UUID(required=True, attribute="after.post_id")
    to_person_id = fields.UUID(required=True, attribute="after.person_id")
    role_type = fields.String(required=True, attribute="after.role_type")
    role_kind = fields.String(required=True, attribute="after.role_kind")
    grid_id = fields.UUID(required=True, allow_none=True, attribute="after.place.grid_id")
    grid_path = fields.String(required=True, allow_none=True, attribute="after.place.grid_path")
    department_id = fields.String(
        required=True, allow_none=True, attribute="after.place.department_id"
    )
    at = fields.AwareDateTime(required=True, attribute="after.valid.start")


class PledgeSignedData(EventData):
    """Data of ``pledge.signed.v1``: who signed which letter for which side."""

    round_id = fields.UUID(required=True)
    letter_id = fields.UUID(required=True)
    grid_id = fields.UUID(required=True)
    grid_path = fields.String(required=True)
    upper_grid_id = fields.UUID(required=True, allow_none=True)
    side = fields.String(required=True)
    person_id = fields.UUID(required=True)
    post_id = fields.UUID(required=True)
    signed_at = fields.AwareDateTime(required=True)
    complete = fields.Boolean(required=True)


class CertificateChangedData(EventData):
    """Data of ``certificate.changed.v1``: a certificate as it stands; without an end it has none."""

    certificate_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    state = fields.String(required=True)


EVENTS: Events = {
    PostAssigned: Emission("post.assigned.v1", PostData()),
    PostEnded: Emission("post.ended.v1", PostData()),
    PostHandedOver: Emission("post.handed-over.v1", HandOverData()),
    PostVacated: Emission("post.vacated.v1", VacancyData()),
    PostFilled: Emission("post.filled.v1", VacancyData()),
    LeaveRecorded: Emission("leave.recorded.v1", AbsenceData()),
    LeaveEnded: Emission("leave.ended.v1", AbsenceData()),
    ContactChanged: Emission("contact.changed.v1", ContactChangedData()),
    PledgeSigned: Emission("pledge.signed.v1", PledgeSignedData()),
    CertificateChanged: Emission("certificate.changed.v1", CertificateChangedData()),
}
CONSUMES = (*STRUCTURE, GRID_RESTRUCTURED)
