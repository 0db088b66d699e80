"""The events of grid that feed the local copy, as their consumers read them."""

from marshmallow import fields, validate

from shared.eventing.contracts import EventData, Subscription

GRIDS_PER_EVENT = 500


class CountyCreatedData(EventData):
    """A county joined the platform, or what is known of it changed."""

    county_id = fields.String(required=True)
    name = fields.String(required=True)
    admin_code = fields.String(required=True)
    time_zone = fields.String(required=True)


class SchemePublishedData(EventData):
    """A version of the county's scheme was published."""

    version = fields.Integer(required=True)
    effective_on = fields.Date(required=True)
    document = fields.Dict(required=True)


class GridData(EventData):
    """One grid as it stands from ``since`` on; without it, from ``valid_from`` on."""

    grid_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    path = fields.String(required=True)
    level_id = fields.String(required=True)
    rank = fields.String(required=True)
    unit_type = fields.String(required=True)
    name = fields.String(required=True)
    admin_code = fields.String(required=True, allow_none=True)
    valid_from = fields.AwareDateTime(required=True, format="iso")
    valid_to = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    since = fields.AwareDateTime(load_default=None, allow_none=True, format="iso")
    kind = fields.String(load_default="territorial")
    local_code = fields.String(load_default=None, allow_none=True)


class GridChangedData(EventData):
    """Grids that were made or changed together."""

    grids = fields.List(
        fields.Nested(GridData), required=True, validate=validate.Length(1, GRIDS_PER_EVENT)
    )


COUNTY_CREATED = Subscription("grid", "county.created.v1", CountyCreatedData())
SCHEME_PUBLISHED = Subscription("grid", "scheme.published.v1", SchemePublishedData())
GRID_CHANGED = Subscription("grid", "grid.changed.v1", GridChangedData())
STRUCTURE = (COUNTY_CREATED, SCHEME_PUBLISHED, GRID_CHANGED)
"""Every service but grid has these among what it CONSUMES."""
