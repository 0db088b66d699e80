"""The service's side of events: what it emits and what it consumes."""

from shared.contracts.grid import STRUCTURE, GridRestructured
from shared.contracts.personnel import (
    POSTS,
    CertificateChanged,
    ContactChanged,
    PledgeSigned,
    PostFilled,
    PostVacated,
)
from shared.eventing.contracts import consumes, emits

EVENTS = emits(*POSTS, PostVacated, PostFilled, ContactChanged, PledgeSigned, CertificateChanged)
CONSUMES = consumes(*STRUCTURE, GridRestructured)
