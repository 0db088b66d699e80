"""What the servicers of a service have in common."""

from collections.abc import Callable
from datetime import datetime

from shared.db.transaction import Transaction, UnitOfWork


class Servicer:
    """The methods of one subject; a service's servicer is put together from those of its subjects."""

    def __init__(
        self, unit_of_work: UnitOfWork[Transaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
