"""The clock, which a use case reads after it has locked what it is about to judge."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
