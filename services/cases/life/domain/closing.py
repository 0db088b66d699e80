"""What the event of a case's closing carries, so that nobody need ask for it afterwards."""

from typing import Any

from services.cases.life.domain.case import Case
from services.cases.life.domain.permissions import reader_departments
from shared.contracts.cases import MaskedPassages
from shared.redaction import redact


def facts_of_closing(case: Case) -> dict[str, Any]:
    """The result with personal numbers masked, what was masked, and which departments read it."""
    result = redact(case.result)
    return {
        "result": result.text,
        "masked": tuple(
            MaskedPassages(kind=kind, count=count) for kind, count in sorted(result.counts.items())
        ),
        "reader_department_ids": reader_departments(case),
    }
