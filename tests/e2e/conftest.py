"""The whole platform, started once for all of these tests and ended whatever becomes of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.demo.onboarding import onboard
from deploy.local import stack
from tests.e2e.platform import HIGH_RATES, Platform, Village, open_platform, state_in


@contextmanager
def running(folder: Path, *, own_servers: bool) -> Iterator[Platform]:
    """A stack on the servers of the run, or on servers of its own; gone afterwards."""
    state = state_in(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, rate in HIGH_RATES.items():
            patch.setenv(name, rate)  # which the supervisor hands down to the gateway
        if own_servers:
            patch.delenv("WANGGE_DATABASE_URL", raising=False)
            patch.delenv("WANGGE_AMQP_URL", raising=False)
        try:
            platform = open_platform(state, stack.up(state, os.environ))
            with platform.http:
                yield platform
        finally:
            stack.destroy(state)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("platform"), own_servers=False) as platform:
        yield platform


@pytest.fixture(scope="session")
def counties(platform: Platform) -> Platform:
    """The platform with the three counties of the demonstration on it."""
    onboard(platform.anyone, platform.accounts, platform.operator_password)
    return platform


@pytest.fixture(scope="session")
def east(platform: Platform) -> Village:
    """A county that shares its name, code, grids and usernames with `west`."""
    return Village(platform, "e2e-east").settle()


@pytest.fixture(scope="session")
def west(platform: Platform) -> Village:
    """A county that shares its name, code, grids and usernames with `east`."""
    return Village(platform, "e2e-west").settle()
