"""The service's side of events: it emits none yet, and consumes what indicators rest on."""

from shared.contracts.cases import CASE_STEPS, CaseMoved
from shared.contracts.grid import STRUCTURE
from shared.eventing.contracts import consumes, emits

EVENTS = emits()
CONSUMES = consumes(*STRUCTURE, *CASE_STEPS, CaseMoved)
