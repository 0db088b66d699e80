"""The events that the service publishes and consumes.

It consumes what happens to sources, and nothing of the structure: that is its own.
"""

from shared.contracts.cases import CASE_STEPS
from shared.contracts.grid import (
    CountyChanged,
    CountyCreated,
    GridRestructured,
    GridsChanged,
    SchemePublished,
    SourceGraded,
    SourceRecorded,
    SourceVerified,
)
from shared.contracts.patrols import FindingReported, PatrolSubmitted
from shared.eventing.contracts import consumes, emits

EVENTS = emits(
    CountyCreated,
    CountyChanged,
    SchemePublished,
    GridsChanged,
    GridRestructured,
    SourceRecorded,
    SourceVerified,
    SourceGraded,
)
CONSUMES = consumes(PatrolSubmitted, FindingReported, *CASE_STEPS)
