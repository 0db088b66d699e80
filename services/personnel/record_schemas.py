"""The events that records about people and bodies emit."""

from marshmallow import fields

from services.personnel.certificates.domain import CertificateChanged
from services.personnel.pledges.domain import PledgeSigned
from shared.eventing.contracts import Emission, EventData, Events


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


RECORD_EVENTS: Events = {
    PledgeSigned: Emission("pledge.signed.v1", PledgeSignedData()),
    CertificateChanged: Emission("certificate.changed.v1", CertificateChangedData()),
}
