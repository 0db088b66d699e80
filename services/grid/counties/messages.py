"""Counties and their states as messages."""

from services.grid.city.domain import County
from services.grid.counties.domain import StateEntry
from shared.rpc.messages import writer
from wangge.grid.v1 import counties_pb2

write_county = writer(counties_pb2.County, County)
write_entry = writer(counties_pb2.CountyStateEntry, StateEntry)
