"""For handlers that treat every step of a case alike: they inherit this and say what to do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from shared.case_events import (
    CASE_ACCEPTED,
    CASE_CLOSED,
    CASE_HANDLED,
    CASE_OPENED,
    CASE_REJECTED,
    CASE_TRANSFER_ACCEPTED,
    CASE_TRANSFER_DECLINED,
    CASE_TRANSFERRED,
    CASE_VERIFIED,
)
from shared.eventing.entrypoint import on_event
from shared.eventing.envelope import Envelope

Data = Mapping[str, Any]


class CaseStepEvents(ABC):
    """Brings every event of a case to ``on_case_step``. Consumes CASE_STEPS."""

    @abstractmethod
    def on_case_step(self, tx: Any, event: Envelope, data: Data) -> None:
        """Do what the service does on a step of a case."""

    @on_event(CASE_OPENED)
    def on_case_opened(self, tx: Any, event: Envelope, data: Data) -> None:
        """A case was opened."""
        self.on_case_step(tx, event, data)

    @on_event(CASE_ACCEPTED)
    def on_case_accepted(self, tx: Any, event: Envelope, data: Data) -> None:
        """A case was taken on."""
        self.on_case_step(tx, event, data)

    @on_event(CASE_TRANSFERRED)
    def on_case_transferred(self, tx: Any, event: Envelope, data: Data) -> None:
        """A case was offered to a department."""
        self.on_case_step(tx, event, data)

    @on_event(CASE_TRANSFER_ACCEPTED)
    def on_case_transfer_accepted(self, tx: Any, event: Envelope, data: Data) -> None:
        """A department took a case over."""
        self.on_case_step(tx, event, data)

    @on_event(CASE_TRANSFER_DECLINED)
    def on_case_transfer_declined(self, tx: Any, event: Envelope, data: Data) -> None:
        """A department gave a case back."""
        self.on_case_step(tx, event, data)

    @on_event(CASE_HANDLED)
    def on_case_handled(self, tx: Any, event: Envelope, data: Data) -> None:
        """A case was handled."""
        self.on_case_step(tx, event, data)

    @on_event(CASE_VERIFIED)
    def on_case_verified(self, tx: Any, event: Envelope, data: Data) -> None:
        """Somebody looked whether the result holds."""
        self.on_case_step(tx, event, data)

    @on_event(CASE_CLOSED)
    def on_case_closed(self, tx: Any, event: Envelope, data: Data) -> None:
        """A case was closed."""
        self.on_case_step(tx, event, data)

    @on_event(CASE_REJECTED)
    def on_case_rejected(self, tx: Any, event: Envelope, data: Data) -> None:
        """A case was refused."""
        self.on_case_step(tx, event, data)
