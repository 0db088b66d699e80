"""The service's side of events: what it emits and what it consumes."""

from shared.contracts.cases import CASE_STEPS, CaseMoved
from shared.contracts.grid import STRUCTURE, GridRestructured
from shared.contracts.notifications import NoticeConfirmed
from shared.contracts.patrols import FindingReported
from shared.eventing.contracts import consumes, emits

EVENTS = emits(*CASE_STEPS, CaseMoved)
CONSUMES = consumes(*STRUCTURE, GridRestructured, FindingReported, NoticeConfirmed)
