"""Calls that must be refused."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from shared.rpc.errors import Problem, problem_of


def refusal(call: Callable[..., Any], *given: Any, **named: Any) -> Problem:
    """The problem with which the call fails; it must fail."""
    with pytest.raises(grpc.RpcError) as failed:
        call(*given, **named)
    return problem_of(failed.value)


def code_of(call: Callable[..., Any], *given: Any, **named: Any) -> tuple[str, str]:
    """Status and reason with which the call fails."""
    problem = refusal(call, *given, **named)
    return problem.status.name, problem.reason
