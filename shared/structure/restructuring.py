"""The event that tells how the division into grids was changed, for whoever has open work in them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from shared.eventing.contracts import EventData, Subscription
from shared.structure.store import Structure, StructureNotYetKnown

KINDS = ("created", "moved", "renamed", "split", "merged", "retired")
ENDING = frozenset({"split", "merged", "retired"})
"""Kinds of change whose predecessors end."""


class DocumentData(EventData):
    """The paper on which a change rests; what is empty was not given."""

    title = fields.String(required=True)
    number = fields.String(required=True)
    url = fields.String(required=True)


class HeirData(EventData):
    """Who takes over the open work of a grid that ended."""

    from_ = fields.UUID(required=True, data_key="from", attribute="from_id")
    to = fields.UUID(required=True, attribute="to_id")


class GridRestructuredData(EventData):
    """Data of ``grid.restructured.v1``; sent after the grids' new states, in one transaction.

    ``carry_posts`` asks that posts on grids that ended go on at the heir.
    """

    change_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    effective_at = fields.AwareDateTime(required=True, format="iso")
    document = fields.Nested(DocumentData, required=True, allow_none=True)
    predecessors = fields.List(fields.UUID(), required=True)
    successors = fields.List(fields.UUID(), required=True)
    heirs = fields.List(fields.Nested(HeirData), required=True)
    carry_posts = fields.Boolean(load_default=False)


GRID_RESTRUCTURED = Subscription("grid", "grid.restructured.v1", GridRestructuredData())


def await_restructured(structure: Structure, data: Mapping[str, Any]) -> None:
    """Raise StructureNotYetKnown until the copy knows the grids as the change left them.

    The events of grids and of their change come by different queues, so either may be first.
    """
    for grid_id in (*data["successors"], *(heir["to_id"] for heir in data["heirs"])):
        structure.awaited_grid(grid_id)
    for grid_id in data["predecessors"]:
        grid = structure.awaited_grid(grid_id)
        if data["kind"] in ENDING and grid.valid_to is None:
            raise StructureNotYetKnown(f"the end of grid {grid_id}")
