"""The service's side of events: what it emits and what it consumes."""

from shared.contracts.grid import STRUCTURE
from shared.contracts.patrols import FindingReported, PatrolSubmitted
from shared.eventing.contracts import consumes, emits

EVENTS = emits(PatrolSubmitted, FindingReported)
CONSUMES = consumes(*STRUCTURE)
