"""A base class for handlers that treat every step of a case alike."""

from abc import ABC, abstractmethod
from typing import Any

from shared.contracts.cases import (
    CaseAccepted,
    CaseClosed,
    CaseFacts,
    CaseHandled,
    CaseOpened,
    CaseRejected,
    CaseTransferred,
    CaseVerified,
    TransferAccepted,
    TransferDeclined,
)
from shared.eventing.entrypoint import on_event
from shared.eventing.envelope import Envelope


class CaseStepEvents(ABC):
    """Calls ``on_case_step`` for every event of CASE_STEPS, which the service has to consume."""

    @abstractmethod
    def on_case_step(self, tx: Any, event: Envelope, data: CaseFacts) -> None:
        """Do what the service does on a step of a case."""

    @on_event(CaseOpened)
    def on_case_opened(self, tx: Any, event: Envelope, data: CaseOpened) -> None:
        """A case was opened."""
        self.on_case_step(tx, event, data)

    @on_event(CaseAccepted)
    def on_case_accepted(self, tx: Any, event: Envelope, data: CaseAccepted) -> None:
        """The responsible grid took a case on."""
        self.on_case_step(tx, event, data)

    @on_event(CaseTransferred)
    def on_case_transferred(self, tx: Any, event: Envelope, data: CaseTransferred) -> None:
        """A case was offered to a department."""
        self.on_case_step(tx, event, data)

    @on_event(TransferAccepted)
    def on_case_transfer_accepted(self, tx: Any, event: Envelope, data: TransferAccepted) -> None:
        """A department took a case over."""
        self.on_case_step(tx, event, data)

    @on_event(TransferDeclined)
    def on_case_transfer_declined(self, tx: Any, event: Envelope, data: TransferDeclined) -> None:
        """A department gave a case back."""
        self.on_case_step(tx, event, data)

    @on_event(CaseHandled)
    def on_case_handled(self, tx: Any, event: Envelope, data: CaseHandled) -> None:
        """A case was handled."""
        self.on_case_step(tx, event, data)

    @on_event(CaseVerified)
    def on_case_verified(self, tx: Any, event: Envelope, data: CaseVerified) -> None:
        """Somebody checked whether the result holds."""
        self.on_case_step(tx, event, data)

    @on_event(CaseClosed)
    def on_case_closed(self, tx: Any, event: Envelope, data: CaseClosed) -> None:
        """A case was closed."""
        self.on_case_step(tx, event, data)

    @on_event(CaseRejected)
    def on_case_rejected(self, tx: Any, event: Envelope, data: CaseRejected) -> None:
        """A case was refused."""
        self.on_case_step(tx, event, data)
