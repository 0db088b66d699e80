"""Changes of grids as messages."""

from services.grid.changes.domain.changes import GridChange
from shared.contracts.grid import Succession
from shared.rpc.messages import writer
from wangge.grid.v1 import changes_pb2

write_change = writer(
    changes_pb2.GridChange,
    GridChange,
    nested={
        "heirs": writer(
            changes_pb2.Heir, Succession, names={"from_grid_id": "from_id", "to_grid_id": "to_id"}
        )
    },
)
