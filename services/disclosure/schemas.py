"""The service's side of events: what it emits and what it consumes."""

from shared.contracts.cases import CaseClosed
from shared.contracts.disclosure import PublicationPublished, PublicationWithdrawn
from shared.contracts.grid import STRUCTURE, GridRestructured
from shared.eventing.contracts import consumes, emits

EVENTS = emits(PublicationPublished, PublicationWithdrawn)
CONSUMES = consumes(*STRUCTURE, GridRestructured, CaseClosed)
