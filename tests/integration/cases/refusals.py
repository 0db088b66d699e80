"""Reading refusals of the service."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from shared.rpc.errors import Problem, problem_of


def refusal(act: Callable[..., Any], *given: Any, **named: Any) -> Problem:
    """The problem with which the call fails; it must fail."""
    with pytest.raises(grpc.RpcError) as failed:
        act(*given, **named)
    return problem_of(failed.value)
