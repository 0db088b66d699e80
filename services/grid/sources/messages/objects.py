"""Objects of the ledger as messages."""

from services.grid.sources.domain.objects import ObjectView
from shared.rpc.messages import writer
from wangge.grid.v1 import source_objects_pb2

write_object = writer(
    source_objects_pb2.LedgerObject,
    ObjectView,
    parts=("object",),
    names={"pollution_source_ids": "source_ids"},
)
