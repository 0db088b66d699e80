"""Objects of the ledger as messages."""

import orjson

from services.grid.sources.domain.objects import OBJECT_TEXTS, ObjectView
from shared.rpc import call
from wangge.grid.v1 import source_objects_pb2


def object_message(view: ObjectView) -> source_objects_pb2.LedgerObject:
    """One as it is shown."""
    shown = view.object
    return source_objects_pb2.LedgerObject(
        county_id=call.current().county_id,
        object_id=str(shown.object_id),
        kind=shown.kind,
        grid_id=str(shown.grid_id),
        grid_path=view.grid_path,
        grid_name=view.grid_name,
        longitude=shown.longitude,
        latitude=shown.latitude,
        details_json=orjson.dumps(shown.details).decode(),
        pollution_source_ids=[str(source_id) for source_id in view.source_ids],
        create_time=shown.created_at,
        version=shown.version,
        **{name: getattr(shown, name) for name in OBJECT_TEXTS},
    )
