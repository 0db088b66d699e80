"""The service's side of events: it emits none yet, and consumes what indicators rest on."""

from shared.case_events import CASE_MOVED, CASE_STEPS
from shared.eventing.contracts import Events
from shared.structure.events import STRUCTURE

EVENTS: Events = {}
CONSUMES = (*STRUCTURE, *CASE_STEPS, CASE_MOVED)
