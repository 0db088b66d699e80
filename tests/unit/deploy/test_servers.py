from dataclasses import replace

import pytest

from deploy.local import apt, containers, servers
from deploy.local.problems import LocalStackError
from deploy.local.state import State


@pytest.fixture
def state(tmp_path):
    return State(tmp_path / "state")


def test_without_any_way_to_a_server_one_message_names_all_ways(state, monkeypatch):
    monkeypatch.setattr(apt, "is_possible", lambda: False)
    monkeypatch.setattr(containers, "are_possible", lambda: False)
    monkeypatch.setattr(servers, "_POSTGRES", replace(servers._POSTGRES, binaries=lambda: None))

    with pytest.raises(LocalStackError) as refused:
        servers.start(state, {})

    for way in ("WANGGE_DATABASE_URL", "postgresql", "Docker"):
        assert way in str(refused.value)


def test_a_named_server_that_does_not_answer_is_refused_by_its_variable(state):
    environ = {"WANGGE_DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/postgres"}

    with pytest.raises(LocalStackError, match="WANGGE_DATABASE_URL"):
        servers.start(state, environ)
