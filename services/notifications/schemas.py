"""The service's side of events: what it emits and what it consumes."""

from shared.contracts.cases import CASE_STEPS
from shared.contracts.grid import STRUCTURE
from shared.contracts.notifications import NoticeConfirmed
from shared.contracts.personnel import POSTS, ContactChanged
from shared.eventing.contracts import consumes, emits

EVENTS = emits(NoticeConfirmed)
CONSUMES = consumes(*STRUCTURE, *POSTS, ContactChanged, *CASE_STEPS)
