"""Grids on a map as a GeoJSON FeatureCollection (RFC 7946)."""

from typing import Any

import orjson
from google.protobuf.message import Message

from gateway.views import to_json, view_of

CONTENT_TYPE = "application/geo+json"


def render(response: Message, _path: str, _language: str) -> bytes:
    """The collection of a ListBoundariesResponse, with the token of the next page as a member."""
    listing: Any = response
    collection = {
        "type": "FeatureCollection",
        "features": [_feature(each) for each in listing.features],
        "next_page_token": listing.next_page_token,
    }
    return to_json(collection)


def _feature(message: Any) -> dict[str, Any]:
    properties = view_of(message.DESCRIPTOR)(message)
    del properties["geometry"]
    return {
        "type": "Feature",
        "id": message.grid_id,
        "geometry": orjson.Fragment(message.geometry_json),
        "properties": properties,
    }
