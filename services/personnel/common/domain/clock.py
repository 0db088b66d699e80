"""The clock, which a use case asks once nobody else can change what it is about to judge."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
